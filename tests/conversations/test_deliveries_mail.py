"""Replies by e-mail: what the customer's mail program sees, and what becomes of every way to fail."""

from email import message_from_bytes, policy

import pytest
from django.core import mail

from conversations.deliveries import services
from conversations.models import Delivery, Identity, Message
from conversations.services.messages import message_append
from tests.conversations.people import EFUA, conversation_make, query_make
from tests.conversations.receivers import mail_server_running

pytestmark = pytest.mark.django_db(transaction=True)

ASKED = "<first@customer.example>"


@pytest.fixture
def query():
    conversation = conversation_make()
    return query_make(conversation, "Where is my card?", subject="RE: Re: My card", external_id=ASKED)


@pytest.fixture
def mail_server(settings):
    with mail_server_running() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", server.port, False
        yield server


def reply_to(query, author=Message.Author.ASSISTANT, text="It is **on its way**.", **fields):
    """Carry a reply to `query` out, as far as it gets at once."""
    message = message_append(
        conversation=query.conversation,
        direction=Message.Direction.OUTBOUND,
        author=author,
        channel=query.channel,
        text=text,
        html="<p>It is <strong>on its way</strong>.</p>",
        **fields,
    )
    services.reply_carry(query=query, event="query.answered", message=message)
    return Delivery.objects.get(message=message)


def test_the_reply_goes_to_the_sender_in_the_customers_thread(query):
    delivery = reply_to(query, sources=[{"title": "Cards & you"}])
    assert delivery.state == "delivered"
    [sent] = mail.outbox
    assert sent.to == [EFUA]
    assert sent.cc == sent.bcc == []
    assert sent.subject == f"Re: My card [{query.conversation.reference}]"
    assert sent.extra_headers["In-Reply-To"] == sent.extra_headers["References"] == ASKED
    assert sent.extra_headers["Message-ID"] == Message.objects.get(pk=delivery.message_id).external_id


def test_the_mail_has_text_and_html_with_sources_reference_and_a_way_into_the_chat(query):
    reply_to(query, sources=[{"title": "Cards & you"}, {"title": "Cards & you"}])
    [sent] = mail.outbox
    html, kind = sent.alternatives[0]
    assert kind == "text/html"
    assert "<strong>on its way</strong>" in html
    assert html.count("Cards &amp; you") == sent.body.count("Cards & you") == 1
    for part in (sent.body, html):
        assert query.conversation.reference in part
        assert "/chat/" in part


def test_the_text_part_reads_without_markup_and_every_number_in_it_has_its_source(query):
    titles = ["Delivery", "Returns", "Delivery"]
    reply_to(
        query, text="**Costs** [1]\n\n- Large: $59 [2]\n- Small: *free* [3]", sources=[{"title": t} for t in titles]
    )
    [sent] = mail.outbox
    told = sent.body.partition("\n\nGo on")[0]
    assert told == "Costs [1]\n\n- Large: $59 [2]\n- Small: free [3]\n\nSources:\n[1, 3] Delivery\n[2] Returns"


def test_a_machines_reply_says_so_and_a_consultants_does_not(query):
    reply_to(query)
    reply_to(query, author=Message.Author.CONSULTANT)
    machine, person = mail.outbox
    assert machine.extra_headers["Auto-Submitted"] == "auto-replied"
    assert "written automatically" in machine.body
    assert "Auto-Submitted" not in person.extra_headers
    assert "written automatically" not in person.body


def test_an_id_that_is_no_message_id_never_becomes_a_header(query):
    query.message.external_id = "AAMkAGI2TG93AAA="
    query.message.references = ["<a@b>", "not one\r\nBcc: x@y"]
    query.message.save()
    reply_to(query)
    [sent] = mail.outbox
    assert sent.extra_headers["References"] == "<a@b>"
    assert "In-Reply-To" not in sent.extra_headers


def test_a_subject_with_line_ends_stays_one_line(query):
    query.message.subject = "Hello\r\nBcc: other@example.com"
    query.message.save()
    reply_to(query)
    assert mail.outbox[0].message()["Bcc"] is None
    assert "\n" not in mail.outbox[0].subject


def test_a_customer_without_an_address_gets_no_mail_and_the_delivery_says_why(query):
    Identity.objects.filter(kind="email").update(kind="external", value="crm-7")
    query.message.sender.refresh_from_db()
    delivery = reply_to(query)
    assert (delivery.state, mail.outbox) == ("failed", [])
    assert "no address" in delivery.last_error


def test_over_smtp_the_mail_arrives_complete(query, mail_server):
    assert reply_to(query, text="Grüße: it is on its way.").state == "delivered"
    parsed = message_from_bytes(mail_server.mails[0], policy=policy.default)
    assert parsed["To"] == EFUA
    assert "Grüße" in parsed.get_body(("plain",)).get_content()
    assert "on its way" in parsed.get_body(("html",)).get_content()


@pytest.mark.parametrize(
    ("at", "answer", "state"),
    [
        ("greeting", "421 busy", "pending"),
        ("greeting", "", "pending"),
        ("rcpt", "450 mailbox busy", "pending"),
        ("rcpt", "550 no such mailbox", "failed"),
        ("mail", "452 no room", "pending"),
        ("data", "554 no", "failed"),
        ("text", "451 try later", "pending"),
        ("text", "552 too big", "failed"),
        ("text", "", "unknown"),
        ("quit", "", "delivered"),
    ],
)
def test_a_refusal_is_final_or_not_as_the_server_says_and_a_broken_line_leaves_it_open(
    query, mail_server, at, answer, state
):
    mail_server.replies[at] = answer
    delivery = reply_to(query)
    assert delivery.state == state
    assert (delivery.lease_until, delivery.tries) == (None, 1)
    assert bool(delivery.last_error) == (state != "delivered")


def test_a_mail_whose_outcome_is_unknown_is_never_sent_again_by_itself(query, mail_server):
    mail_server.replies["text"] = ""
    delivery = reply_to(query)
    services.deliveries_sweep()
    services.delivery_attempt(delivery_id=delivery.pk)
    assert mail_server.dialogues == 1


def test_a_mail_that_a_dead_worker_was_sending_goes_to_a_person(query, mail_server):
    mail_server.replies["greeting"] = "421 busy"
    delivery = reply_to(query)
    Delivery.objects.filter(pk=delivery.pk).update(state="sending", lease_until=delivery.created_at)
    services.deliveries_sweep()
    delivery.refresh_from_db()
    assert delivery.state == "unknown"


def test_a_person_may_have_it_sent_again(query, mail_server):
    mail_server.replies["text"] = ""
    delivery = reply_to(query)
    mail_server.replies.clear()
    services.delivery_retry(delivery=delivery, actor="user:1")
    delivery.refresh_from_db()
    assert delivery.state == "delivered"
    assert len(mail_server.mails) == 1
