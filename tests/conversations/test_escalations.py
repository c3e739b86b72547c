"""From the agent to a consultant and back to the customer."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import connection

from conversations.answering import query_answer
from conversations.errors import CustomerWroteAgain, EscalationOver, EscalationTaken
from conversations.escalations.selectors import escalation_of, escalation_packet, escalations_active
from conversations.escalations.services import escalation_claim, escalation_close, escalation_reply
from conversations.models import Conversation, Escalation, Message
from omnicqm.common.backends import backend_get
from omnicqm.common.errors import InvalidInput
from omnicqm.common.models import AuditEvent
from tests.conversations.people import EFUA, conversation_make, query_make

pytestmark = pytest.mark.django_db(transaction=True)

NOWHERE = "http://127.0.0.1:9/hook"  # a private address: refused without a connection


@pytest.fixture(autouse=True)
def model(settings):
    settings.MODEL_ROUTE = ["scripted"]
    settings.MODEL_PROVIDERS = {"scripted": {"BACKEND": "tests.conversations.scripted_model.ScriptedModel"}}
    model = backend_get("MODEL_PROVIDERS", "scripted")
    model.says = "person"
    return model


@pytest.fixture
def conversation():
    return conversation_make()


@pytest.fixture
def query(conversation):
    """A customer's mail that waits for a person."""
    query = query_make(conversation, "Please let me speak with a person.", subject="My loan")
    query_answer(query_id=query.pk)
    mail.outbox.clear()
    return query


@pytest.fixture
def escalation(query):
    return Escalation.objects.get(query=query)


@pytest.fixture
def ama():
    return get_user_model().objects.create_user("ama")


@pytest.fixture
def kofi():
    return get_user_model().objects.create_user("kofi")


def newest_seq(conversation):
    return Conversation.objects.get(pk=conversation.pk).last_seq


def test_the_consultants_reply_reaches_the_customer_on_their_channel(query, escalation, conversation, ama):
    reply = escalation_reply(
        escalation=escalation, user=ama, text="I have **waived** it.", known_seq=newest_seq(conversation)
    )
    query.refresh_from_db()
    escalation.refresh_from_db()
    conversation.refresh_from_db()
    assert (query.status, query.reply) == ("answered", reply)
    assert (escalation.state, escalation.reply, escalation.assignee) == ("answered", reply, ama)
    assert (conversation.status, conversation.taken_over_by) == ("open", None)
    assert (reply.author, reply.consultant, reply.channel_id) == ("consultant", ama, "outlook")
    [sent] = mail.outbox
    assert sent.to == [EFUA]
    assert "waived" in sent.body
    event = AuditEvent.objects.get(action="escalation.answered")
    assert (event.actor, event.details) == (f"user:{ama.pk}", {"message_id": reply.pk})


def test_the_caller_is_told_of_the_escalation_first_and_of_the_answer_later(conversation, ama):
    query = query_make(conversation, "A person please.", callback_url=NOWHERE)
    query_answer(query_id=query.pk)
    known = newest_seq(conversation)
    escalation_reply(escalation=query.escalation, user=ama, text="Done.", known_seq=known)
    events = query.deliveries.order_by("created_at").values_list("event", flat=True)
    assert list(events) == ["query.escalated", "query.answered"]


def test_a_second_reply_is_refused(escalation, conversation, ama):
    escalation_reply(escalation=escalation, user=ama, text="Once.", known_seq=newest_seq(conversation))
    with pytest.raises(EscalationOver):
        escalation_reply(escalation=escalation, user=ama, text="Twice.", known_seq=newest_seq(conversation))
    assert conversation.messages.filter(author="consultant").count() == 1


def test_of_two_replies_at_the_same_moment_one_goes_out(escalation, conversation, ama):
    barrier, known = Barrier(4), newest_seq(conversation)

    def reply(number):
        barrier.wait()
        try:
            return escalation_reply(escalation=escalation, user=ama, text=f"Reply {number}.", known_seq=known)
        except EscalationOver:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(reply, range(4)))
    assert len([message for message in results if message]) == 1
    assert conversation.messages.filter(author="consultant").count() == 1


def test_a_reply_to_what_the_customer_has_overtaken_is_refused(escalation, conversation, ama):
    known = newest_seq(conversation)
    query_make(conversation, "It has solved itself.")
    with pytest.raises(CustomerWroteAgain):
        escalation_reply(escalation=escalation, user=ama, text="Hello.", known_seq=known)
    escalation_reply(escalation=escalation, user=ama, text="Good.", known_seq=newest_seq(conversation))


def test_the_reply_answers_what_joined_meanwhile_and_goes_out_on_the_channel_used_last(
    query, escalation, conversation, ama
):
    later = query_make(conversation, "By the way, it is urgent.", channel="chat")
    query_answer(query_id=later.pk)
    reply = escalation_reply(escalation=escalation, user=ama, text="Done.", known_seq=newest_seq(conversation))
    query.refresh_from_db()
    later.refresh_from_db()
    assert query.reply == later.reply == reply
    assert reply.channel_id == "chat"
    assert later.deliveries.get(event="query.answered").state == "delivered"
    assert mail.outbox == []


def test_a_run_that_is_still_going_on_when_the_consultant_replies_comes_too_late(escalation, conversation, ama, model):
    later = query_make(conversation, "Thank you!")

    def reply():
        escalation_reply(escalation=escalation, user=ama, text="Done.", known_seq=newest_seq(conversation))

    model.says, model.meanwhile = "thanks", reply
    query_answer(query_id=later.pk)
    later.refresh_from_db()
    assert (later.status, later.reply.author) == ("answered", "consultant")
    assert not conversation.messages.filter(author="assistant").exists()


def test_a_claimed_escalation_is_anothers_until_taken_over(escalation, conversation, ama, kofi):
    escalation_claim(escalation=escalation, user=ama)
    conversation.refresh_from_db()
    assert conversation.taken_over_by == ama
    with pytest.raises(EscalationTaken):
        escalation_claim(escalation=escalation, user=kofi)
    with pytest.raises(EscalationTaken):
        escalation_reply(escalation=escalation, user=kofi, text="Hello.", known_seq=newest_seq(conversation))
    escalation_claim(escalation=escalation, user=kofi, take_over=True)
    escalation_reply(escalation=escalation, user=kofi, text="Hello.", known_seq=newest_seq(conversation))


def test_claiming_ones_own_again_changes_nothing(escalation, ama):
    escalation_claim(escalation=escalation, user=ama)
    escalation_claim(escalation=escalation, user=ama)
    assert AuditEvent.objects.filter(action="escalation.claimed").count() == 1


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b"])
def test_an_empty_reply_is_refused(escalation, conversation, ama, text):
    with pytest.raises(InvalidInput) as caught:
        escalation_reply(escalation=escalation, user=ama, text=text, known_seq=newest_seq(conversation))
    assert caught.value.param == "text"


def test_closing_without_a_reply_leaves_a_note_that_the_customer_never_sees(escalation, conversation, ama):
    escalation_close(escalation=escalation, user=ama, reason="Answered by phone.")
    escalation.refresh_from_db()
    conversation.refresh_from_db()
    assert (escalation.state, conversation.status) == ("closed", "open")
    note = conversation.messages.get(text="Answered by phone.")
    assert (note.direction, note.consultant) == (Message.Direction.NOTE, ama)
    assert mail.outbox == []
    with pytest.raises(EscalationOver):
        escalation_claim(escalation=escalation, user=ama)


def test_after_the_consultants_reply_the_agent_answers_again(escalation, conversation, ama, model):
    escalation_reply(escalation=escalation, user=ama, text="Done.", known_seq=newest_seq(conversation))
    model.says = "thanks"
    query = query_make(conversation, "Thank you!")
    query_answer(query_id=query.pk)
    query.refresh_from_db()
    assert (query.status, query.reply.author) == ("answered", "assistant")


def test_the_console_sees_what_waits_the_most_urgent_first(escalation, conversation):
    other = query_make(conversation_make(conversation.customer), "Another matter for a person.")
    query_answer(query_id=other.pk)
    Escalation.objects.filter(query=other).update(due_at=escalation.created_at)
    assert [row.query for row in escalations_active()] == [other, escalation.query]
    assert list(escalations_active(queue="nobody's")) == []


def test_the_packet_holds_the_thread_as_it_is_now(escalation, conversation):
    query_make(conversation, "One more thing.")
    packet = escalation_packet(escalation)
    assert packet["summary"] == "A short summary."
    assert [message.seq for message in packet["messages"]] == [1, 2, 3]
    assert packet["known_seq"] == 3


def test_a_query_that_joined_an_escalation_leads_to_it(query, escalation, conversation):
    later = query_make(conversation, "Hello?")
    query_answer(query_id=later.pk)
    later.refresh_from_db()
    assert escalation_of(query) == escalation_of(later) == escalation
