"""The pages of the chat: who sees which conversation, signing in and out, the link of a mail."""

import re
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.urls import reverse

from conversations.channels.base import Sender
from conversations.chat.links import continue_link_make
from conversations.chat.session import VISITOR_KEY
from conversations.identity import identity_resolve
from conversations.models import Conversation, Identity, Message
from conversations.services.messages import message_append
from omnicqm.common.ids import new_id
from tests.conversations.people import EFUA, channel_get, conversation_make, customer_make, query_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def efua():
    return customer_make()


@pytest.fixture
def mailed(efua):
    """A conversation that began with a mail of Efua's."""
    conversation = conversation_make(efua, subject="My order")
    query_make(conversation, "Where is my order?", subject="My order")
    return conversation


def sign_in(client, email=EFUA):
    client.post(reverse("chat:sign_in"), {"email": email})
    code = re.search(r"\b\d{6}\b", mail.outbox[-1].body)[0]
    return client.post(reverse("chat:sign_in_code"), {"code": code})


def reply(conversation, text, **fields):
    fields = {"direction": Message.Direction.OUTBOUND, "author": Message.Author.ASSISTANT, **fields}
    return message_append(conversation=conversation, channel=channel_get("outlook"), text=text, **fields)


@pytest.mark.parametrize("path", ["/", "/chat/"])
def test_anybody_may_open_the_chat_and_is_told_first_that_an_ai_answers(client, path):
    page = client.get(path)
    assert page.status_code == 200
    text = page.content.decode()
    assert text.index("I am an AI assistant") < text.index('id="thread"')
    assert "Talk to a person" in text
    assert client.session[VISITOR_KEY]


def test_the_page_has_no_inline_script_no_styles_but_its_own_and_loads_nothing_from_elsewhere(client):
    page = client.get("/chat/")
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    text = page.content.decode()
    assert text.count("<style") == 1
    assert "'sha256-" in policy
    assert not re.search(r"<script(?![^>]*(?:\bsrc=|application/json))|\sstyle=|\son\w+=", text)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", text)


def test_a_signed_in_customer_sees_the_thread_with_the_mail_in_it(client, mailed):
    reply(mailed, "It is on its way.", html="<p>It is <strong>on its way</strong>.</p>")
    assert sign_in(client).url == reverse("chat:chat")
    text = client.get("/chat/").content.decode()
    assert mailed.reference in text
    assert "Where is my order?" in text
    assert "<p>It is <strong>on its way</strong>.</p>" in text
    assert len(re.findall(r'<li class="[^"]*\bis-mail"', text)) == 2
    assert '<p class="subject" dir="auto">My order</p>' in text


def test_what_a_customer_wrote_is_never_taken_for_markup(client, mailed):
    reply(
        mailed,
        "<script>alert(1)</script>",
        html="<b>raw</b>",
        direction=Message.Direction.INBOUND,
        author=Message.Author.CUSTOMER,
    )
    reply(mailed, "x", sources=[{"title": '"><b>', "quote": '" onclick="x'}])
    sign_in(client)
    text = client.get("/chat/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<b>" not in text
    assert 'onclick="x' not in text


def test_notes_between_consultants_are_not_in_the_page(client, mailed):
    reply(mailed, "Difficult customer", direction=Message.Direction.NOTE, author=Message.Author.CONSULTANT)
    sign_in(client)
    assert "Difficult customer" not in client.get("/chat/").content.decode()


def test_the_sources_of_a_reply_are_there_after_a_reload(client, mailed):
    reply(mailed, "We open at nine.", sources=[{"title": "Opening hours", "quote": "Open from nine.", "version": 2}])
    sign_in(client)
    text = client.get("/chat/").content.decode()
    assert 'data-title="Opening hours"' in text
    assert 'data-quote="Open from nine."' in text


def test_the_open_conversation_that_something_was_last_said_in_is_shown_and_the_others_are_listed(client, efua, mailed):
    newer = conversation_make(efua, subject="An invoice")
    resolved = conversation_make(efua, subject="Long done", status=Conversation.Status.RESOLVED)
    sign_in(client)
    page = client.get("/chat/")
    assert page.context["conversation"] == newer
    assert [item.subject for item in page.context["conversations"]] == ["Long done", "An invoice", "My order"]
    assert client.get(reverse("chat:conversation", args=[resolved.pk])).context["conversation"] == resolved
    assert client.get(reverse("chat:new")).context["conversation"] is None


def test_the_list_says_over_which_channels_a_conversation_went(client, mailed):
    query_make(mailed, "And now in the chat", channel="chat")
    sign_in(client)
    [item] = client.get("/chat/").context["conversations"]
    assert sorted(item.channel_kinds) == ["chat", "email"]


@pytest.mark.parametrize("signed_in", [False, True])
def test_somebody_elses_conversation_is_as_unknown_as_one_that_is_not_there(client, mailed, signed_in):
    if signed_in:
        sign_in(client, "somebody@example.com")
    theirs = client.get(reverse("chat:conversation", args=[mailed.pk]))
    nobodys = client.get(reverse("chat:conversation", args=[new_id("cnv")]))
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.content == nobodys.content


def test_a_visitor_finds_their_own_conversation_again(client):
    client.get("/chat/")
    visitor = identity_resolve(sender=Sender(kind="visitor", value=client.session[VISITOR_KEY]), source="chat")
    mine = conversation_make(visitor.customer)
    assert client.get("/chat/").context["conversation"] == mine


def test_the_answer_is_the_same_for_an_address_we_know_and_one_we_do_not(client, efua):
    known = client.post(reverse("chat:sign_in"), {"email": EFUA})
    unknown = client.post(reverse("chat:sign_in"), {"email": "nobody@example.com"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert len(mail.outbox) == 2


def test_a_wrong_address_or_code_is_named_on_the_page(client):
    assert client.post(reverse("chat:sign_in"), {"email": "nobody"}).status_code == 400
    client.post(reverse("chat:sign_in"), {"email": EFUA})
    page = client.post(reverse("chat:sign_in_code"), {"code": "abc"})
    assert page.status_code == 400
    assert "does not fit" in page.content.decode()


def test_without_having_asked_for_a_code_there_is_none_to_enter(client):
    assert client.get(reverse("chat:sign_in_code")).url == reverse("chat:sign_in")


def test_signing_out_shows_nothing_of_the_customer_any_more(client, mailed):
    sign_in(client)
    assert client.get(reverse("chat:sign_out")).status_code == 405
    client.post(reverse("chat:sign_out"))
    assert mailed.reference not in client.get("/chat/").content.decode()
    assert client.get(reverse("chat:conversation", args=[mailed.pk])).status_code == 404


def test_a_signed_in_customer_is_not_let_into_the_console(client, efua):
    sign_in(client)
    assert client.get("/admin/").status_code == 302


# --- The link of a mail ---


@pytest.fixture
def link(mailed):
    return urlsplit(continue_link_make(mailed)).path


def test_opening_the_link_asks_first_and_signs_nobody_in(client, mailed, link):
    page = client.get(link)
    assert page.status_code == 200
    assert mailed.reference in page.content.decode()
    assert EFUA not in page.content.decode(), "who opens it may not be who it was sent to"
    assert client.head(link).status_code == 200
    assert client.get(reverse("chat:conversation", args=[mailed.pk])).status_code == 404


def test_the_button_signs_in_and_opens_the_conversation(client, mailed, link):
    Identity.objects.update(verified_at=None)
    answer = client.post(link)
    assert answer.url == reverse("chat:conversation", args=[mailed.pk])
    assert client.get(answer.url).context["browser"].identity.value == EFUA
    assert Identity.objects.get(value=EFUA).verified_at is not None, "who reads the mailbox has shown it is theirs"


def test_the_button_needs_the_page_it_is_on(client, link):
    client.handler.enforce_csrf_checks = True
    assert client.post(link).status_code == 403


def test_who_is_signed_in_already_goes_straight_to_the_conversation(client, mailed, link):
    sign_in(client)
    assert client.get(link).url == reverse("chat:conversation", args=[mailed.pk])


def test_what_a_visitor_said_before_comes_along_with_the_link(client, efua, link):
    client.get("/chat/")
    visitor = identity_resolve(sender=Sender(kind="visitor", value=client.session[VISITOR_KEY]), source="chat")
    said = conversation_make(visitor.customer)
    client.post(link)
    said.refresh_from_db()
    assert said.customer == efua


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_forged_link_gets_a_page_that_says_what_to_do(client, method):
    answer = getattr(client, method)(reverse("chat:continue", args=["forged:token"]))
    assert answer.status_code == 404
    assert reverse("chat:sign_in") in answer.content.decode()
