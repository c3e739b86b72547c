"""What a chat page sees while its reply is being written."""

from itertools import groupby

import pytest
from django.contrib.auth import get_user_model

from conversations.answering import query_answer
from conversations.chat.stops import stop_request
from conversations.models import Conversation, Identity
from omnicqm.common.backends import backend_get
from tests.conversations.listener import Listener
from tests.conversations.people import conversation_make, query_make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def model(settings):
    settings.MODEL_ROUTE = ["scripted"]
    settings.MODEL_PROVIDERS = {"scripted": {"BACKEND": "tests.conversations.scripted_model.ScriptedModel"}}
    return backend_get("MODEL_PROVIDERS", "scripted")


@pytest.fixture
def conversation():
    return conversation_make()


def heard(conversation, query):
    listener = Listener(conversation.pk)
    query_answer(query_id=query.pk)
    return listener.frames()


def kinds(frames):
    """The kinds of frames in order; a reply's pieces count once."""
    return [kind for kind, _ in groupby(frame["type"] for frame in frames)]


def test_the_page_sees_that_somebody_is_at_it_then_the_reply_then_the_message(conversation):
    query = query_make(conversation, "Thank you!", channel="chat")
    frames = heard(conversation, query)
    assert kinds(frames) == ["status", "delta", "message", "status"]
    assert frames[1]["run"] == query.pk
    assert frames[1]["text"] == frames[2]["text"]
    assert frames[3]["text"] == ""


def test_a_mail_has_no_page_so_only_its_messages_are_told(conversation):
    query = query_make(conversation, "Thank you!")
    assert kinds(heard(conversation, query)) == ["message"]


def test_what_was_shown_is_taken_back_when_a_person_takes_over_at_the_last_moment(conversation, model):
    user = get_user_model().objects.create_user("ama")
    model.says = "clarify"
    model.before_reply = lambda: Conversation.objects.filter(pk=conversation.pk).update(taken_over_by=user)
    query = query_make(conversation, "My card.", channel="chat")
    assert kinds(heard(conversation, query)) == ["status", "delta", "conversation", "retract", "status"]


def test_a_reply_that_the_customer_stops_is_taken_back_and_not_sent(conversation, model):
    query = query_make(conversation, "My card.", channel="chat")
    model.says = "clarify"
    model.after_reply = lambda: stop_request(conversation_id=conversation.pk, run=query.pk)
    assert kinds(heard(conversation, query)) == ["status", "delta", "retract", "status"]
    query.refresh_from_db()
    assert (query.status, query.reason) == ("ignored", "The customer stopped the reply.")


def test_a_visitor_alone_in_the_thread_is_understood_from_what_they_said_before(model):
    conversation = conversation_make()
    visitor = Identity.objects.create(customer=conversation.customer, kind="visitor", value="v_1")
    for text in ("I mean the blue lamp.", "Thank you!"):
        query = query_make(conversation, text, channel="chat", verified=False, sender=visitor)
        query_answer(query_id=query.pk)
    assert "the blue lamp" in model.asked[1]
