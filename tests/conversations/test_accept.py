"""Which conversation a message joins, and what the channel's word for its sender is worth."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.channels import adapter_for
from conversations.channels.base import InboundAttachment, InboundMessage, Sender
from conversations.errors import ChannelInactive, ConversationNotFound, NothingToAnswer
from conversations.mail.authentication import is_authenticated
from conversations.models import Channel, Conversation, Identity, Message
from conversations.services.accept import message_accept
from conversations.services.messages import message_append
from omnicqm.common.models import AuditEvent
from tests.conversations.people import EFUA, channel_get

pytestmark = pytest.mark.django_db

OTHER = "other@example.com"
SERVER = "mx.company.example"


def inbound(
    text: str = "Where is my sofa?", *, user: str = EFUA, channel: str = "outlook", **fields: Any
) -> InboundMessage:
    row = channel_get(channel)
    sender = fields.pop("sender", None) or adapter_for(row).sender(row, user)
    return InboundMessage(channel=row, sender=sender, text=text, **fields)


def accept(text: str = "Where is my sofa?", **fields: Any) -> Message:
    return message_accept(inbound=inbound(text, **fields)).message


def reply_from_us(conversation: Conversation, external_id: str) -> Message:
    return message_append(
        conversation=conversation,
        direction=Message.Direction.OUTBOUND,
        author=Message.Author.ASSISTANT,
        channel=channel_get("outlook"),
        text="On its way.",
        external_id=external_id,
    )


class TestThread:
    def test_without_a_sign_it_is_a_new_conversation(self) -> None:
        assert accept(subject="Sofa").conversation_id != accept(subject="Sofa").conversation_id

    def test_a_reply_to_our_mail_joins_it(self) -> None:
        first = accept()
        reply_from_us(first.conversation, "<msg_1@company.example>")
        again = accept(in_reply_to="<msg_1@company.example>")
        assert (again.conversation_id, again.seq) == (first.conversation_id, 3)

    def test_a_reference_to_their_own_earlier_mail_joins_it_as_well(self) -> None:
        first = accept(external_id="<1@mail.example>")
        assert accept(references=("<0@x>", "<1@mail.example>", "<2@x>")).conversation_id == first.conversation_id

    def test_another_person_with_the_same_reference_gets_a_conversation_of_their_own(self) -> None:
        first = accept(external_id="<1@mail.example>")
        other = accept(user=OTHER, in_reply_to="<1@mail.example>", subject=f"Re: [{first.conversation.reference}]")
        assert other.conversation_id != first.conversation_id
        assert other.conversation.customer_id != first.conversation.customer_id

    def test_the_reference_number_in_the_subject_joins_for_a_participant(self) -> None:
        first = accept()
        assert accept(subject=f"Re: sofa [{first.conversation.reference}]").conversation_id == first.conversation_id

    def test_an_unverified_sender_does_not_get_in_by_the_number_alone(self) -> None:
        first = accept()
        Channel.objects.filter(pk="outlook").update(sender_trust=Channel.SenderTrust.NONE)
        second = accept(subject=f"Re: sofa [{first.conversation.reference}]")
        assert second.conversation_id != first.conversation_id
        assert not second.sender_verified

    def test_a_named_conversation_is_theirs_or_does_not_exist(self) -> None:
        first = accept()
        assert accept(conversation_id=first.conversation_id).conversation_id == first.conversation_id
        with pytest.raises(ConversationNotFound) as refused:
            accept(user=OTHER, conversation_id=first.conversation_id)
        assert refused.value.param == "conversation_id"

    def test_a_mail_and_a_chat_message_of_one_verified_customer_share_a_conversation(self) -> None:
        mail = accept()
        signed_in = Sender(Identity.Kind.EMAIL, EFUA, verified=True)
        typed = accept(channel="chat", sender=signed_in, conversation_id=mail.conversation_id)
        assert typed.conversation_id == mail.conversation_id
        assert typed.conversation.customer_id == mail.conversation.customer_id
        assert [message.seq for message in mail.conversation.messages.order_by("seq")] == [1, 2]


class TestWhatIsKept:
    def test_the_thread_and_the_signature_stay_off_the_text_but_are_kept_raw(self) -> None:
        quoted = "On Mon, Jan 5, 2026 at 9:00 AM Support <s@c.example> wrote:\n> It is on its way."
        raw = f"It is late!\n\n-- \nEfua\n\n{quoted}"
        message = accept(raw)
        assert message.text == "It is late!"
        assert message.raw_text == raw

    def test_a_long_thread_below_the_words_is_no_reason_to_cut_them(self) -> None:
        quoted = "<blockquote type=cite>" + "<p>It is on its way.</p>" * 30_000 + "</blockquote>"
        message = accept("", html=f"<p>It is late!</p><p>On Mon, Jan 5 Support wrote:</p>{quoted}")
        assert message.text == "It is late!"

    @pytest.mark.parametrize("channel", ["outlook", "api"])
    def test_a_message_without_end_is_cut_and_says_so(self, channel: str) -> None:
        raw = "It is late! " * 20_000
        for message in (accept(raw, channel=channel), accept("See below.", html=f"<p>{raw}</p>", channel="outlook")):
            told, _, notice = message.text.rpartition("\n\n")
            assert raw.startswith(told)
            assert len(told) > 99_000
            assert notice.startswith("[Cut here: 13")
            assert raw in (message.raw_text, message.raw_html.removeprefix("<p>").removesuffix("</p>"))

    def test_a_message_without_anything_to_read_is_refused(self) -> None:
        for empty in ("", " \n", "\x00\u200b"):
            with pytest.raises(NothingToAnswer) as refused:
                accept(empty)
            assert refused.value.param == "message"
        assert not Conversation.objects.exists()

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("invoice.pdf", "invoice.pdf"),
            ("../../x.txt", "x.txt"),
            ("C:\\Users\\Efua\\bill.docx", "bill.docx"),
            ("/etc/passwd", "passwd"),
            ("folder/", "attachment"),
            ("..", "attachment"),
        ],
    )
    def test_a_file_keeps_its_name_and_never_a_path(self, given: str, kept: str) -> None:
        message = accept(attachments=(InboundAttachment(given, "text/plain", b"hello"),))
        assert message.attachments.get().name == kept

    def test_a_channel_that_is_switched_off_takes_nothing(self) -> None:
        with pytest.raises(ChannelInactive):
            message_accept(inbound=inbound(channel=channel_get("outlook", is_active=False).pk))

    def test_taking_in_leaves_a_trail_without_content(self) -> None:
        accept("My card is 4111 1111 1111 1111", client="abc")
        event = AuditEvent.objects.get(action="query.received")
        assert event.actor == "client:abc"
        assert "4111" not in str(event.details)

    @given(st.text(st.characters(), min_size=1, max_size=300))
    def test_any_text_is_stored_or_refused_as_empty(self, text: str) -> None:
        for channel in ("outlook", "api"):
            try:
                message = accept(text, channel=channel, subject=text, metadata={})
            except NothingToAnswer:
                continue
            message.refresh_from_db()
            assert message.text.strip()


class TestMachines:
    @pytest.mark.parametrize(
        "fields",
        [
            {"headers": {"auto-submitted": "auto-replied"}},
            {"headers": {"auto-submitted": "auto-generated; x=y"}},
            {"headers": {"precedence": "Bulk"}},
            {"headers": {"list-id": "<news.example>"}},
            {"headers": {"x-auto-response-suppress": "All"}},
            {"headers": {"return-path": "<>"}},
            {"headers": {"x-omnicqm-message": "msg_1"}},
            {"user": "MAILER-DAEMON@mail.example"},
            {"user": "no-reply@shop.example"},
            {"user": "support@omnicqm.example"},
            {"subject": "Automatic reply: Your sofa"},
            {"subject": "Out of Office: back on Monday"},
            {"subject": "Automatische Antwort: Sofa"},
            {"subject": "Undeliverable: Re: Sofa"},
        ],
    )
    def test_what_a_machine_wrote_is_stored_and_ignored(self, fields: dict[str, Any]) -> None:
        accepted = message_accept(inbound=inbound("Thank you for your message.", **fields))
        assert (accepted.query.status, bool(accepted.query.reason)) == ("ignored", True)
        assert accepted.query.finished_at is not None

    @pytest.mark.parametrize(
        "fields",
        [
            {"headers": {"auto-submitted": "no"}},
            {"headers": {"auto-submitted": ""}},
            {"headers": {"precedence": "normal", "return-path": "<efua.owusu@example.com>"}},
            {"subject": "About your automatic reply"},
            {"subject": "Out of office chairs?"},
            {"subject": "Re: Delivery failed to arrive"},
            {"subject": "Autoreply settings do not work"},
            {"user": "noreplyson@example.com"},
        ],
    )
    def test_what_a_person_wrote_is_not(self, fields: dict[str, Any]) -> None:
        assert message_accept(inbound=inbound(**fields)).query.status == "received"


class TestTrust:
    def trusting(self, results: str, user: str = EFUA) -> bool:
        channel_get("outlook", sender_trust="authentication_results", trusted_server=SERVER)
        return accept(user=user, headers={"authentication-results": results}).sender_verified

    def test_the_gateway_vouches_where_it_is_trusted(self) -> None:
        assert accept().sender_verified
        assert Identity.objects.get(value=EFUA).verified_at is not None

    def test_the_named_server_vouches_by_dmarc_or_dkim_of_that_domain(self) -> None:
        assert self.trusting(
            f"{SERVER}; spf=pass smtp.mailfrom=example.com; dmarc=pass (p=none) header.from=example.com"
        )
        assert self.trusting(f"{SERVER}; dkim=pass header.i=@example.com header.s=s1")

    @pytest.mark.parametrize(
        "results",
        [
            "",
            "mx.other.example; dmarc=pass header.from=example.com",
            f"({SERVER}) mx.other.example; dmarc=pass header.from=example.com",
            f"{SERVER}; dmarc=fail header.from=example.com",
            f"{SERVER}; dmarc=pass header.from=evil.example",
            f"{SERVER}; dmarc=fail (dmarc=pass header.from=example.com)",
            f"{SERVER}; spf=pass smtp.mailfrom=example.com",
            f"{SERVER}; dkim=pass header.d=evil.example header.b=example.com",
            f"{SERVER}; none",
        ],
    )
    def test_nothing_else_vouches(self, results: str) -> None:
        assert not self.trusting(results)

    @given(st.text())
    def test_no_header_breaks_the_reading(self, results: str) -> None:
        is_authenticated(f"{SERVER};{results}", server=SERVER, address=EFUA)
