"""A consultant takes a conversation over while the agent still answers in it."""

import pytest
from django.contrib.auth import get_user_model
from django.core import mail

from conversations.answering import query_answer
from conversations.errors import NothingToTakeOver
from conversations.escalations.drafts import NO_DRAFT, draft_offered
from conversations.escalations.services import escalation_close, escalation_reply
from conversations.escalations.taking_over import conversation_take_over
from conversations.models import Conversation, Escalation
from omnicqm.common.backends import backend_get
from omnicqm.common.models import AuditEvent
from tests.conversations.people import conversation_make, query_make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def model(settings):
    settings.MODEL_ROUTE = ["scripted"]
    settings.MODEL_PROVIDERS = {"scripted": {"BACKEND": "tests.conversations.scripted_model.ScriptedModel"}}
    model = backend_get("MODEL_PROVIDERS", "scripted")
    model.says = "clarify"
    return model


@pytest.fixture
def conversation():
    return conversation_make()


@pytest.fixture
def answered(conversation):
    """A question that the agent has answered."""
    return ask(conversation, "My card.")


@pytest.fixture
def ama():
    return get_user_model().objects.create_user("ama", first_name="Ama", last_name="Owusu")


def ask(conversation, text):
    query = query_make(conversation, text, channel="chat")
    query_answer(query_id=query.pk)
    query.refresh_from_db()
    return query


def reply(escalation, user, text):
    known = Conversation.objects.get(pk=escalation.conversation_id).last_seq
    return escalation_reply(escalation=escalation, user=user, text=text, known_seq=known)


def test_it_opens_an_escalation_that_is_the_consultants_own(conversation, answered, ama):
    escalation = conversation_take_over(conversation=conversation, user=ama)
    conversation.refresh_from_db()
    assert (escalation.query, escalation.state, escalation.assignee) == (answered, "assigned", ama)
    assert (escalation.reasons, escalation.explanation) == (
        ["taken_over"],
        "Ama Owusu has taken the conversation over.",
    )
    assert (conversation.status, conversation.taken_over_by) == ("with_consultant", ama)
    event = AuditEvent.objects.get(action="escalation.taken_over")
    assert (event.actor, event.details) == (f"user:{ama.pk}", {"query_id": answered.pk})


def test_the_customer_gets_no_notice_and_no_mail_about_it(conversation, answered, ama):
    before = Conversation.objects.get(pk=conversation.pk).last_seq
    mail.outbox.clear()
    conversation_take_over(conversation=conversation, user=ama)
    assert Conversation.objects.get(pk=conversation.pk).last_seq == before
    assert mail.outbox == []


def test_the_agent_is_silent_until_the_consultant_has_replied(conversation, answered, ama):
    escalation = conversation_take_over(conversation=conversation, user=ama)
    while_taken = ask(conversation, "Hello?")
    assert while_taken.status == "escalated"
    assert not conversation.messages.filter(author="assistant", seq__gt=while_taken.message.seq).exists()

    sent = reply(escalation, ama, "I am here.")
    while_taken.refresh_from_db()
    assert (while_taken.status, while_taken.reply) == ("answered", sent)
    assert ask(conversation, "And now?").reply.author == "assistant"


def test_what_the_agent_was_about_to_say_becomes_a_suggestion(conversation, model, ama):
    model.before_reply = lambda: conversation_take_over(conversation=conversation, user=ama)
    query = ask(conversation, "My card.")
    assert query.status == "escalated"
    assert not conversation.messages.filter(author="assistant").exists()
    escalation = Escalation.objects.get(query=query)
    [note] = escalation.packet["follow_ups"]
    assert note["draft"]
    assert draft_offered(escalation).text == note["draft"]


def test_closed_without_a_reply_the_agent_answers_what_is_pending(conversation, model, ama):
    query = query_make(conversation, "My card.", channel="chat")
    escalation = conversation_take_over(conversation=conversation, user=ama)
    escalation_close(escalation=escalation, user=ama, reason="A wrong click.")
    query_answer(query_id=query.pk)
    query.refresh_from_db()
    assert query.reply.author == "assistant"


def test_taken_over_again_after_a_reply_the_same_escalation_is_opened_again(conversation, answered, ama):
    first = conversation_take_over(conversation=conversation, user=ama)
    reply(first, ama, "First.")
    again = conversation_take_over(conversation=conversation, user=ama)
    assert (again.pk, again.state, again.closed_at) == (first.pk, "assigned", None)
    reply(again, ama, "Second.")
    assert [message.text for message in conversation.messages.filter(author="consultant")] == ["First.", "Second."]


def test_drafts_that_had_their_use_are_not_offered_again(conversation, model, ama):
    model.before_reply = lambda: conversation_take_over(conversation=conversation, user=ama)
    escalation = Escalation.objects.get(query=ask(conversation, "My card."))
    escalation_close(escalation=escalation, user=ama, reason="It was answered by telephone.")
    conversation_take_over(conversation=conversation, user=ama)
    escalation.refresh_from_db()
    assert draft_offered(escalation) == NO_DRAFT


def test_one_that_is_escalated_already_goes_to_whoever_takes_it_over(conversation, answered, ama):
    kofi = get_user_model().objects.create_user("kofi")
    escalation = conversation_take_over(conversation=conversation, user=kofi)
    assert conversation_take_over(conversation=conversation, user=ama) == escalation
    escalation.refresh_from_db()
    assert escalation.assignee == ama


def test_without_a_question_there_is_nothing_to_take_over(conversation, ama):
    with pytest.raises(NothingToTakeOver):
        conversation_take_over(conversation=conversation, user=ama)
