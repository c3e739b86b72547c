"""From a pending query to what the customer sees, with the real agent and a scripted model."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone

from agents.models import Run
from conversations.answering import query_answer
from conversations.answering.finish import MAX_REPLIES_A_DAY
from conversations.models import Conversation, Delivery, Escalation, Message, Query
from conversations.work.claims import queries_sweep, query_claim
from omnicqm.common.backends import backend_get
from omnicqm.common.models import AuditEvent
from tests.conversations.people import channel_get, conversation_make, customer_make, query_make
from tests.conversations.scripted_model import QUESTION_BACK

pytestmark = pytest.mark.django_db(transaction=True)

NOWHERE = "http://127.0.0.1:9/hook"  # a private address: refused without a connection


@pytest.fixture(autouse=True)
def model(settings):
    settings.MODEL_ROUTE = ["scripted"]
    settings.MODEL_PROVIDERS = {"scripted": {"BACKEND": "tests.conversations.scripted_model.ScriptedModel"}}
    return backend_get("MODEL_PROVIDERS", "scripted")


@pytest.fixture
def conversation():
    return conversation_make()


def ended(query):
    query.refresh_from_db()
    return query


def replies(conversation):
    return list(conversation.messages.filter(direction="outbound").order_by("seq"))


def test_a_query_is_answered_with_a_reply_and_its_delivery(conversation):
    query = query_make(conversation, "Thank you!")
    query_answer(query_id=query.pk)
    assert ended(query).status == "answered"
    [reply] = replies(conversation)
    assert query.reply == reply
    assert (reply.author, reply.run_id, reply.channel_id) == ("assistant", query.run_id, "outlook")
    assert reply.text.startswith("Dear Efua Owusu,\n\nYou are welcome.")
    assert reply.html.startswith("<p>Dear Efua Owusu,</p>\n<p>You are welcome.")
    assert query.deliveries.get().kind == "mail"
    assert AuditEvent.objects.get(action="query.answered").object_id == query.pk


def test_answering_again_changes_nothing(conversation):
    query = query_make(conversation, "Thank you!")
    for _ in range(3):
        query_answer(query_id=query.pk)
    assert len(replies(conversation)) == 1
    assert Run.objects.count() == 1


def test_messages_that_wait_together_get_one_reply(conversation):
    first = query_make(conversation, "Thank you!", callback_url=NOWHERE)
    second = query_make(conversation, "And have a nice day.")
    query_answer(query_id=first.pk)
    assert ended(first).reply == ended(second).reply == replies(conversation)[0]
    assert len(replies(conversation)) == 1
    assert first.answered_with == second
    assert second.answered_with is None
    assert set(Delivery.objects.values_list("query", "kind")) == {(first.pk, "callback"), (second.pk, "mail")}


def test_the_agent_reads_all_messages_that_wait(conversation, model):
    query_make(conversation, "My first thought.")
    query_answer(query_id=query_make(conversation, "My second thought.").pk)
    assert "My first thought." in model.asked[0]
    assert "My second thought." in model.asked[0]


def test_a_message_that_arrives_during_the_run_makes_it_start_again_over_both(conversation, model):
    first = query_make(conversation, "Thank you")
    model.meanwhile = lambda: query_make(conversation, "for your help!")
    query_answer(query_id=first.pk)
    second = Query.objects.exclude(pk=first.pk).get()
    assert ended(first).answered_with == second
    assert ended(first).reply == second.reply == replies(conversation)[0]
    assert len(model.asked) == 2
    assert "for your help!" in model.asked[1]
    assert (first.tries, second.tries) == (0, 1)


def test_a_customer_who_goes_on_writing_gets_a_reply_after_two_reruns_and_then_one_to_the_rest(conversation, model):
    def write_on():
        query_make(conversation, "And one more thing.")
        if len(model.asked) < 3:
            model.meanwhile = write_on

    model.meanwhile = write_on
    query_answer(query_id=query_make(conversation, "Thank you").pk)
    assert len(model.asked) == 4
    together, alone = replies(conversation)
    assert together.answers.count() == 3
    assert alone.answers.count() == 1


def test_many_messages_and_workers_at_once_leave_each_query_with_exactly_one_reply(conversation):
    barrier = Barrier(8)

    def write_and_work(number):
        barrier.wait()
        try:
            mine = Conversation.objects.get(pk=conversation.pk)
            query_answer(query_id=query_make(mine, f"Thank you, number {number}!").pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write_and_work, range(8)))
    queries = Query.objects.filter(conversation=conversation)
    assert set(queries.values_list("status", flat=True)) == {"answered"}
    assert {query.reply_id for query in queries} == {reply.pk for reply in replies(conversation)}
    assert queries.filter(answered_with__isnull=True).count() == len(replies(conversation))


def test_one_question_back_is_asked_and_not_a_second_one(conversation, model):
    model.says = "clarify"
    first = query_make(conversation, "My card does not work.")
    query_answer(query_id=first.pk)
    assert ended(first).status == "clarification"
    assert first.reply.text == QUESTION_BACK
    second = query_make(conversation, "The one I have.")
    query_answer(query_id=second.pk)
    assert ended(second).status == "escalated"


def test_a_question_back_may_be_asked_again_after_an_answer(conversation, model):
    for says, status in (("clarify", "clarification"), ("thanks", "answered"), ("clarify", "clarification")):
        model.says = says
        query = query_make(conversation, "Something about my card.")
        query_answer(query_id=query.pk)
        assert ended(query).status == status


def test_a_wish_for_a_person_makes_an_escalation_and_an_honest_notice(conversation, model):
    model.says = "person"
    query = query_make(conversation, "Let me speak with a person.", subject="My loan")
    query_answer(query_id=query.pk)
    assert ended(query).status == "escalated"
    assert query.reply is None
    escalation = query.escalation
    assert (escalation.state, escalation.reasons, escalation.queue) == ("open", ["asked_for_person"], "other")
    assert escalation.packet["question"] == "Let me speak with a person."
    assert escalation.packet["profile"]["name"] == "Efua Owusu"
    [notice] = replies(conversation)
    assert notice.author == "system"
    assert conversation.reference in notice.text
    conversation.refresh_from_db()
    assert (conversation.status, conversation.category) == ("with_consultant", "other")


def test_to_ask_for_a_person_is_no_new_matter(conversation, model):
    Conversation.objects.filter(pk=conversation.pk).update(category="orders")
    model.says = "person"
    query = query_make(conversation, "I want to talk to a human.")
    query_answer(query_id=query.pk)
    conversation.refresh_from_db()
    assert (conversation.category, query.escalation.queue) == ("orders", "orders")


def test_how_soon_a_person_should_answer_depends_on_the_service_level(model):
    model.says = "person"
    for level, hours in (("premium", 2), ("gold", 4), ("standard", 8)):
        conversation = conversation_make(customer_make(f"{level}@example.com", service_level=level))
        query = query_make(conversation, "A person please.")
        query_answer(query_id=query.pk)
        due = ended(query).escalation.due_at - query.escalation.created_at
        assert abs(due - timedelta(hours=hours)) < timedelta(seconds=5)


def test_while_a_person_has_it_no_machine_answers_and_the_message_joins_the_escalation(conversation, model):
    model.says = "person"
    first = query_make(conversation, "A person please.")
    query_answer(query_id=first.pk)
    model.says = "thanks"
    second = query_make(conversation, "Thank you!", callback_url=NOWHERE)
    query_answer(query_id=second.pk)
    assert ended(second).status == "escalated"
    assert second.answered_with == first
    escalation = Escalation.objects.get()
    assert [note["question"] for note in escalation.packet["follow_ups"]] == ["Thank you!"]
    assert [message.author for message in replies(conversation)] == ["system"]
    assert second.deliveries.get().event == "query.escalated"


def test_a_person_who_takes_over_during_the_run_keeps_the_reply_from_going_out(conversation, model):
    user = get_user_model().objects.create_user("consultant")

    def take_over():
        Conversation.objects.filter(pk=conversation.pk).update(taken_over_by=user)

    model.meanwhile = take_over
    query = query_make(conversation, "Thank you!")
    query_answer(query_id=query.pk)
    assert ended(query).status == "escalated"
    assert (query.escalation.state, query.escalation.assignee) == ("assigned", user)
    assert query.escalation.reasons == ["human_took_over"]
    assert replies(conversation) == []


def test_a_machine_that_answers_every_reply_is_stopped_by_a_person(conversation):
    for _ in range(MAX_REPLIES_A_DAY):
        query_answer(query_id=query_make(conversation, "Thank you!").pk)
    query = query_make(conversation, "Thank you!")
    query_answer(query_id=query.pk)
    assert ended(query).status == "escalated"
    assert query.escalation.reasons == ["reply_limit"]
    query_answer(query_id=query_make(conversation, "Thank you!").pk)
    assert [reply.author for reply in replies(conversation)] == ["assistant"] * MAX_REPLIES_A_DAY + ["system"]


def test_a_model_that_is_away_costs_no_query(conversation, model):
    model.says = "nothing"
    query = query_make(conversation, "Hello?")
    query_answer(query_id=query.pk)
    assert ended(query).status == "escalated"
    assert query.escalation.score == 0


def test_a_worker_thought_dead_cannot_answer_a_second_time(conversation, model):
    query = query_make(conversation, "Thank you!")

    def another_worker_takes_it():
        Query.objects.filter(pk=query.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        query_answer(query_id=query.pk)

    model.meanwhile = another_worker_takes_it
    query_answer(query_id=query.pk)
    assert len(replies(conversation)) == 1
    assert Run.objects.count() == 2
    assert ended(query).tries == 2


def make_due(query):
    Query.objects.filter(pk=query.pk).update(due_at=timezone.now())


def test_a_query_that_breaks_the_work_three_times_goes_to_a_person(conversation, settings):
    settings.MODEL_ROUTE = ["one that is not configured"]
    query = query_make(conversation, "Hello?")
    for tries in (1, 2, 3):
        query_answer(query_id=query.pk)
        assert (ended(query).status, query.tries) == ("received", tries)
        assert query.due_at > timezone.now()
        make_due(query)
    query_answer(query_id=query.pk)
    assert ended(query).status == "escalated"
    assert (query.escalation.score, query.escalation.reasons) == (None, ["agent_unavailable"])


def test_only_when_not_even_an_escalation_can_be_stored_has_a_query_failed(conversation, settings):
    settings.MODEL_ROUTE = ["one that is not configured"]
    settings.ESCALATION_DUE_HOURS = {}
    query = query_make(conversation, "Hello?", callback_url=NOWHERE)
    for _ in range(6):
        assert ended(query).status == "received"
        make_due(query)
        query_answer(query_id=query.pk)
    assert ended(query).status == "failed"
    assert query.reason
    assert query.deliveries.get().event == "query.failed"


def test_the_sweep_gets_every_stalled_query_done_and_leaves_the_busy_alone(conversation):
    ago = timezone.now() - timedelta(seconds=20)
    stalled = [query_make(conversation, text, due_at=ago) for text in ("Thank you", "very much!")]
    dead = query_make(conversation_make(conversation.customer), "Thank you!")
    busy = query_make(conversation_make(conversation.customer), "Thank you!")
    fresh = query_make(conversation_make(conversation.customer), "Thank you!")
    query_claim(query_id=dead.pk)
    query_claim(query_id=busy.pk)
    Query.objects.filter(pk=dead.pk).update(lease_until=ago)
    assert queries_sweep() == 2
    assert [ended(query).status for query in (*stalled, dead)] == ["answered"] * 3
    assert (ended(busy).status, ended(fresh).status) == ("working", "received")


def test_an_unverified_sender_is_told_nothing_that_was_said_before(conversation, model):
    query_answer(query_id=query_make(conversation, "My secret is 4711.").pk)
    query_answer(query_id=query_make(conversation, "What did I say?", verified=False).pk)
    assert "4711" not in model.asked[1]
    assert "Efua" not in model.asked[1]
    query_answer(query_id=query_make(conversation, "And now?").pk)
    assert "4711" in model.asked[2]


def test_a_channel_for_drafts_only_sends_nothing_alone(conversation):
    channel = channel_get("careful", autonomy="draft")
    query = query_make(conversation, "Thank you!", channel=channel)
    query_answer(query_id=query.pk)
    assert ended(query).status == "escalated"
    assert "drafts_only" in query.escalation.packet["blockers"]


def test_the_thread_reaches_the_agent_across_channels(conversation, model):
    query_answer(query_id=query_make(conversation, "By mail: the blue one.").pk)
    query_answer(query_id=query_make(conversation, "Thank you!", channel="chat").pk)
    assert "By mail: the blue one." in model.asked[1]
    assert Message.objects.filter(conversation=conversation, channel="chat", author="assistant").exists()


def test_a_name_that_is_none_is_not_repeated_in_the_greeting():
    conversation = conversation_make(customer_make(display_name="Win now http://evil.example"))
    query_answer(query_id=query_make(conversation, "Thank you!").pk)
    assert replies(conversation)[0].text.startswith("Hello,\n\n")
