"""What customers may do with what is theirs: read it on, take it along, call it solved, have it deleted."""

import pytest
from django.test import Client
from django.urls import reverse

from conversations.answering.request import request_build
from conversations.channels.base import Sender
from conversations.chat.services import chat_message_send
from conversations.chat.session import IDENTITY_KEY, VISITOR_KEY, browser_get
from conversations.identity import identity_resolve, visitor_claim
from conversations.models import Conversation, Customer, Erasure, FollowUp, Message, Query
from conversations.services.messages import message_append
from conversations.services.status import conversation_hand_to_people
from conversations.words import words_of
from feedback.services import rating_give
from feedback.targets import Target
from tests.conversations.chat.test_pages import sign_in
from tests.conversations.people import channel_get, conversation_make, customer_make, query_make
from tests.feedback.people import answered_query_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailed():
    conversation = conversation_make(customer_make(), subject="My order")
    query_make(conversation, "Where is my order?", subject="My order")
    return conversation


def said(conversation, text, **fields):
    fields = {"direction": Message.Direction.OUTBOUND, "author": Message.Author.ASSISTANT, **fields}
    return message_append(conversation=conversation, channel=channel_get("chat"), text=text, **fields)


def visitor_of(client):
    client.get("/chat/")
    sender = Sender(kind="visitor", value=client.session[VISITOR_KEY])
    return identity_resolve(sender=sender, source="chat")


OF_OTHERS = [("get", "messages"), ("get", "transcript"), ("post", "resolve")]


@pytest.mark.parametrize(("method", "name"), OF_OTHERS)
def test_somebody_elses_conversation_is_not_there(client, mailed, method, name):
    sign_in(client, "somebody@example.com")
    answer = getattr(client, method)(reverse(f"chat:{name}", args=[mailed.pk]), query_params={"before": 9})
    assert answer.status_code == 404
    assert "order" not in answer.content.decode()


def test_somebody_elses_ratings_are_not_there(client, mailed):
    sign_in(client, "somebody@example.com")
    assert client.get(reverse("chat_ratings", args=[mailed.pk])).status_code == 404


# --- Earlier messages ---


def test_a_long_thread_is_read_in_parts(client, mailed):
    for number in range(2, 121):
        said(mailed, f"Message {number}")
    said(mailed, "Difficult customer", direction="note", author="consultant")
    sign_in(client)
    page = client.get("/chat/")
    assert [message.seq for message in page.context["messages"]] == list(range(71, 121))
    assert page.context["is_shortened"]
    url = reverse("chat:messages", args=[mailed.pk])
    middle, first = client.get(url, {"before": 71}).json(), client.get(url, {"before": 21}).json()
    assert [frame["seq"] for frame in middle["messages"]] == list(range(21, 71))
    assert (middle["is_beginning"], middle["messages"][0]["previous_seq"]) == (False, 20)
    assert [frame["seq"] for frame in first["messages"]] == list(range(1, 21))
    assert first["is_beginning"]


@pytest.mark.parametrize("before", ["", "x", "0", "-1", "9" * 30, "1".zfill(12) + "9" * 9, "٣"])
def test_what_is_no_number_of_a_message_is_named(client, mailed, before):
    sign_in(client)
    answer = client.get(reverse("chat:messages", args=[mailed.pk]), {"before": before})
    assert answer.status_code == 400
    assert answer.json()["param"] == "before"


# --- Ratings ---


def test_what_was_rated_is_shown_again(client):
    customer = customer_make()
    query = answered_query_make(customer=customer)
    rating_give(
        target=Target(query_id=query.pk), rater=f"customer:{customer.pk}", feedback="not_helpful", reason="wrong"
    )
    rating_give(target=Target(query_id=query.pk), rater="client:crm", feedback="helpful")
    sign_in(client)
    answer = client.get(reverse("chat_ratings", args=[query.conversation_id]))
    assert answer.json() == {"ratings": {query.pk: {"feedback": "not_helpful", "reason": "wrong"}}}
    assert f'data-request="{query.pk}"' in client.get("/chat/").content.decode()


# --- The transcript ---


def test_the_transcript_has_all_that_was_said_and_nothing_that_was_not_meant_for_the_customer(client, mailed):
    said(mailed, "It is on its way [1]", sources=[{"title": "Shipping", "heading": "Times", "quote": "…"}])
    said(mailed, "Difficult customer", direction="note", author="consultant")
    sign_in(client)
    answer = client.get(reverse("chat:transcript", args=[mailed.pk]))
    text = answer.getvalue().decode("utf-8-sig")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{mailed.reference}.txt"'
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert text.index("Where is my order?") < text.index("It is on its way [1]") < text.index("[1] Shipping · Times")
    assert "Subject: My order" in text
    assert "(by e-mail)" in text
    assert "Difficult" not in text


def test_the_transcript_speaks_the_readers_language(client, mailed):
    sign_in(client)
    url = reverse("chat:transcript", args=[mailed.pk])
    text = client.get(url, headers={"Accept-Language": "de"}).getvalue().decode()
    assert f"Verlauf der Unterhaltung {mailed.reference}" in text


# --- Solved ---


def test_a_solved_conversation_is_shown_as_solved_and_opens_again_with_the_next_message(client, mailed):
    Query.objects.update(status="ignored", finished_at="2026-01-01T00:00Z")
    sign_in(client)
    answer = client.post(reverse("chat:resolve", args=[mailed.pk]))
    assert answer.url == reverse("chat:conversation", args=[mailed.pk])
    page = client.get(answer.url)
    assert page.context["state"]["status"] == "resolved"
    assert "Solved" in page.content.decode()
    client.post(reverse("chat:resolve", args=[mailed.pk]))  # again changes nothing


def test_what_somebody_still_works_on_is_not_solved(client, mailed):
    sign_in(client)
    waiting = client.post(reverse("chat:resolve", args=[mailed.pk]))
    assert waiting.status_code == 409, "the agent owes an answer"
    Query.objects.update(status="ignored", finished_at="2026-01-01T00:00Z")
    conversation_hand_to_people(conversation=mailed)
    answer = client.post(reverse("chat:resolve", args=[mailed.pk]))
    assert answer.status_code == 409
    assert "Somebody still works on this" in answer.content.decode()
    mailed.refresh_from_db()
    assert mailed.status == Conversation.Status.WITH_CONSULTANT


# --- Delete my data ---

ERASE = "/chat/delete-my-data/"


def test_looking_at_the_page_or_pressing_without_the_tick_deletes_nothing(client, mailed):
    sign_in(client)
    assert client.get(ERASE).status_code == 200
    refused = client.post(ERASE)
    assert refused.status_code == 400
    assert "Tick the box first" in refused.content.decode()
    assert not Erasure.objects.exists()


def test_the_page_says_what_is_still_open(client, mailed):
    FollowUp.objects.create(conversation=mailed, what="Ring back on Monday", due_on="2030-01-01", key="k")
    sign_in(client)
    text = client.get(ERASE).content.decode()
    assert mailed.reference in text
    assert "Ring back on Monday" in text


def test_after_the_tick_all_is_gone_and_the_browser_is_signed_out(client, mailed):
    sign_in(client)
    answer = client.post(ERASE, {"sure": "yes"})
    assert "Your data is deleted" in answer.content.decode()
    assert IDENTITY_KEY not in client.session
    assert VISITOR_KEY not in client.session
    assert mailed.reference not in client.get("/chat/").content.decode()
    assert Erasure.objects.get().customer == mailed.customer
    assert not mailed.customer.identities.exists()


def test_another_device_of_hers_finds_nothing(client, mailed):
    other = Client()
    sign_in(other)
    sign_in(client)
    client.post(ERASE, {"sure": "yes"})
    assert other.get("/chat/").context["browser"].customer is None
    assert other.get(reverse("chat:conversation", args=[mailed.pk])).status_code == 404


def test_a_visitor_deletes_what_this_browser_said_and_nothing_else(client, mailed):
    visitor = visitor_of(client)
    query_make(conversation_make(visitor.customer), "Anonymous question", channel="chat", sender=visitor)
    client.post(ERASE, {"sure": "yes"})
    assert Erasure.objects.get().customer == visitor.customer
    assert not Message.objects.filter(text="Anonymous question").exists()
    assert Message.objects.filter(text="Where is my order?").exists()


def test_who_is_known_by_an_address_must_show_that_it_is_theirs(client, mailed):
    visitor = visitor_of(client)
    visitor_claim(visitor=visitor, email=mailed.customer.identities.get().value)
    assert client.get(ERASE).context["open_matters"] == []
    answer = client.post(ERASE, {"sure": "yes"})
    assert answer.status_code == 400
    assert "Sign in first" in answer.content.decode()
    assert not Erasure.objects.exists()


def test_who_has_said_nothing_has_nothing_to_delete(client):
    assert "nothing of you to delete" in client.post(ERASE, {"sure": "yes"}).content.decode()
    assert not Customer.objects.exists()


def test_no_other_site_can_have_it_deleted(client, mailed):
    client.handler.enforce_csrf_checks = True
    assert client.post(ERASE, {"sure": "yes"}).status_code == 403


# --- Language ---


@pytest.mark.parametrize(
    ("header", "language", "direction"), [("de-AT", "de", "ltr"), ("ar", "ar", "rtl"), ("fr", "en", "ltr")]
)
@pytest.mark.parametrize("path", ["/chat/", "/chat/sign-in/", ERASE])
def test_pages_speak_the_browsers_language(client, path, header, language, direction):
    page = client.get(path, headers={"Accept-Language": header})
    text = page.content.decode()
    assert f'<html lang="{language}" dir="{direction}">' in text
    assert page.headers["Content-Language"] == language
    assert words_of(language)["page"]["brand"] in text


def test_the_readers_own_choice_goes_before_the_browsers(client):
    client.post(reverse("chat:language"), {"language": "ar"})
    assert 'lang="ar"' in client.get("/chat/", headers={"Accept-Language": "de"}).content.decode()
    client.post(reverse("chat:language"), {"language": "xx"})
    assert 'lang="ar"' in client.get("/chat/").content.decode(), "one that we do not speak changes nothing"


def test_errors_of_forms_are_in_the_readers_language(client):
    german = {"headers": {"Accept-Language": "de"}}
    missing = client.post("/chat/sign-in/", {"email": ""}, **german).content.decode()
    assert "Dieses Feld ist zwingend erforderlich." in missing
    wrong = client.post("/chat/sign-in/", {"email": "nobody"}, **german).content.decode()
    assert words_of("de")["error"]["invalid_email"] in wrong


def test_the_customers_language_is_known_to_who_answers(client):
    channel_get("chat")
    client.get("/chat/", headers={"Accept-Language": "ar"})
    browser = browser_get(client.session)
    accepted = chat_message_send(browser=browser, network="n", conversation_id="", client_id="c", text="مرحبا")
    assert accepted.message.conversation.customer.pk
    request = request_build(queries=[accepted.query], cancelled=lambda: False, on_sentence=None)
    assert request.language == "ar"
