"""What a conversation's pages are told live, and what happens when the broker is not there to tell it."""

import pytest
from django.db import transaction
from redis.exceptions import ConnectionError as BrokenConnection

from conversations.chat import events
from conversations.models import Message
from conversations.services.messages import message_append
from conversations.services.status import conversation_hand_back, conversation_hand_to_people
from tests.conversations.listener import Listener
from tests.conversations.people import channel_get, conversation_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation():
    return conversation_make()


@pytest.fixture
def listener(conversation):
    return Listener(conversation.pk)


def say(conversation, text, **fields):
    fields = {"direction": Message.Direction.OUTBOUND, "author": Message.Author.ASSISTANT, **fields}
    return message_append(conversation=conversation, channel=channel_get("chat"), text=text, **fields)


@pytest.mark.django_db(transaction=True)
def test_a_message_is_told_when_it_is_committed_and_not_before():
    conversation = conversation_make()
    listener = Listener(conversation.pk)
    with transaction.atomic():
        message = say(conversation, "Hello", html="<p>Hello</p>", sources=[{"title": "Hours", "quote": "9 to 5"}])
        assert listener.frames() == []
    [frame] = listener.frames()
    assert frame["seq"] == message.seq
    assert frame["author"] == "assistant"
    assert (frame["text"], frame["html"]) == ("Hello", "<p>Hello</p>")
    assert frame["sources"] == [{"title": "Hours", "quote": "9 to 5"}]


@pytest.mark.django_db(transaction=True)
def test_a_message_that_was_rolled_back_is_not_told():
    conversation = conversation_make()
    listener = Listener(conversation.pk)
    with transaction.atomic():
        say(conversation, "Hello")
        transaction.set_rollback(True)
    assert listener.frames() == []


def test_a_note_between_consultants_is_never_told_and_leaves_no_gap(
    conversation, listener, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        say(conversation, "First")
        say(conversation, "Call her back?", direction=Message.Direction.NOTE, author=Message.Author.CONSULTANT)
        say(conversation, "Second")
    assert [(frame["text"], frame["previous_seq"], frame["seq"]) for frame in listener.frames()] == [
        ("First", 0, 1),
        ("Second", 1, 3),
    ]


def test_what_a_customer_wrote_is_told_as_clean_text_without_its_html(
    conversation, listener, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        say(
            conversation,
            "Where is it?",
            html="<p>Where is it?</p><blockquote>your mail</blockquote>",
            direction=Message.Direction.INBOUND,
            author=Message.Author.CUSTOMER,
        )
    [frame] = listener.frames()
    assert (frame["text"], frame["html"]) == ("Where is it?", "")


def test_pages_are_told_when_people_have_the_conversation_and_when_the_agent_has_it_again(
    conversation, listener, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        conversation_hand_to_people(conversation=conversation)
        conversation_hand_back(conversation=conversation)
    waiting, again = listener.frames()
    assert (waiting["status"], waiting["status_text"]) == ("with_consultant", "With a consultant")
    assert (waiting["joined"], waiting["due_at"]) == (False, None), "nobody has promised an hour"
    assert (again["status"], again["status_text"], again["joined"]) == ("open", "Open", False)


def test_pieces_of_a_reply_reach_only_the_pages_of_their_conversation(conversation, listener):
    events.status_announce(conversation.pk, "Looking that up…")
    events.delta_announce(conversation.pk, "qry_1", "We open")
    events.retract_announce(conversation.pk, "qry_1")
    events.delta_announce("cnv_another", "qry_2", "not for you")
    assert listener.frames() == [
        {"type": "status", "text": "Looking that up…"},
        {"type": "delta", "run": "qry_1", "text": "We open"},
        {"type": "retract", "run": "qry_1"},
    ]


@pytest.mark.parametrize("failure", [BrokenConnection("gone"), OSError("gone")])
def test_a_broker_that_is_gone_fails_nobody(failure, monkeypatch, caplog):
    class Layer:
        def group_publish(self, group, event):
            raise failure

    monkeypatch.setattr(events, "get_channel_layer", Layer)
    events.status_announce("cnv_1", "Looking that up…")
    assert "chat_event_not_sent" in caplog.text
