"""The switch "people only": from then on the agent sends nothing, not even what it is writing."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from conversations.answering import query_answer
from conversations.models import Escalation, PeopleOnly
from conversations.services.people_only import (
    people_only_end,
    people_only_holds,
    people_only_holds_for_sending,
    people_only_start,
)
from omnicqm.common.backends import backend_get
from omnicqm.common.models import AuditEvent
from tests.conversations.listener import Listener
from tests.conversations.people import channel_get, conversation_make, customer_make, query_make
from tests.conversations.scripted_model import QUESTION_BACK

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def model(settings):
    settings.MODEL_ROUTE = ["scripted"]
    settings.MODEL_PROVIDERS = {"scripted": {"BACKEND": "tests.conversations.scripted_model.ScriptedModel"}}
    return backend_get("MODEL_PROVIDERS", "scripted")


@pytest.fixture
def boss():
    return User.objects.create_user("boss")


def answered(text="Thank you!", channel="outlook"):
    conversation = conversation_make(customer_make(f"{channel}@example.com"))
    query = query_make(conversation, text, channel=channel)
    query_answer(query_id=query.pk)
    query.refresh_from_db()
    return query


def assistant_said(query):
    return query.conversation.messages.filter(author="assistant").exists()


def test_everything_goes_to_people_and_the_reason_says_so(boss):
    people_only_start(channel=None, user=boss, reason="A wrong price in the articles")
    query = answered()
    assert query.status == "escalated"
    assert not assistant_said(query)
    assert "people_only" in query.escalation.packet["blockers"]


def test_the_agent_speaks_again_when_it_ends(boss):
    people_only_start(channel=None, user=boss)
    people_only_end(channel=None, user=boss)
    assert answered().status == "answered"


def test_one_channel_is_silenced_and_others_are_not(boss):
    people_only_start(channel=channel_get("outlook"), user=boss)
    assert answered(channel="outlook").status == "escalated"
    assert answered(channel="api").status == "answered"


def test_a_run_under_way_does_not_send_either_and_leaves_its_draft(model, boss):
    model.after_reply = lambda: people_only_start(channel=None, user=boss)
    model.says = "clarify"
    query = answered("Is my card valid?")
    assert query.status == "escalated"
    assert query.escalation.reasons == ["people_only"]
    assert QUESTION_BACK in query.escalation.draft
    assert not assistant_said(query)


def test_what_was_decided_before_the_switch_is_held_back(model, boss):
    """Thanks are answered without a model's words, so the switch comes while the agent thinks."""
    model.meanwhile = lambda: people_only_start(channel=None, user=boss)
    query = answered()
    assert query.escalation.reasons == ["people_only"]
    assert query.escalation.draft.startswith("Dear Efua Owusu,\n\nYou are welcome.")
    assert not assistant_said(query)


def test_a_chat_page_is_shown_no_more_of_a_reply(model, boss):
    conversation = conversation_make()
    query = query_make(conversation, "Thank you!", channel="chat")
    page = Listener(conversation.pk)
    model.meanwhile = lambda: people_only_start(channel=None, user=boss)
    query_answer(query_id=query.pk)
    assert [frame for frame in page.frames() if frame["type"] == "delta"] == []


def test_the_switch_waits_for_a_reply_that_is_being_stored(boss):
    stored, may_end = Event(), Event()

    def store():
        with transaction.atomic():
            assert not people_only_holds_for_sending("outlook")
            stored.set()
            may_end.wait(10)
        connection.close()

    def switch():
        people_only_start(channel=None, user=boss)
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        storing = pool.submit(store)
        assert stored.wait(10)
        switching = pool.submit(switch)
        with pytest.raises(TimeoutError):
            switching.result(0.5)
        may_end.set()
        storing.result(10)
        switching.result(10)
    assert people_only_holds("outlook")


def test_switching_twice_changes_nothing_and_both_turns_are_in_the_trail(boss):
    for _ in range(2):
        people_only_start(channel=None, user=boss)
    assert PeopleOnly.objects.count() == 1
    for _ in range(2):
        people_only_end(channel=None, user=boss)
    actions = list(AuditEvent.objects.order_by("id").values_list("actor", "action"))
    assert actions == [(f"user:{boss.pk}", "peopleonly.started"), (f"user:{boss.pk}", "peopleonly.ended")]


def test_customers_are_told_that_a_person_follows(boss):
    people_only_start(channel=None, user=boss)
    query = answered(channel="chat")
    assert query.conversation.messages.filter(author="system").exists()
    assert Escalation.objects.get(query=query).state == "open"
