"""α is honest: what counts as resolved without a person, and for how long that is provisional."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from analytics.facts.services import facts_rebuild, facts_refresh
from analytics.models import CaseFact
from analytics.querying import Period, QuerySpec, spec_run
from conversations.identity.merging import customer_merge, customer_split
from conversations.models import Conversation, Identity, Interaction, Message, Query
from conversations.services.messages import message_append
from tests.analytics.seeding import answered, asked, escalated, person, replied, run_of, solved
from tests.conversations.people import channel_get, conversation_make

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 10, 5, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def fact_of(query: Query) -> CaseFact:
    facts_rebuild()
    return CaseFact.objects.get(pk=query.conversation_id)


def test_answered_by_the_agent_and_never_heard_of_again() -> None:
    fact = fact_of(answered(asked(MONDAY)))
    assert (fact.resolved, fact.involved, fact.is_provisional) == (True, True, False)
    assert fact.window_until == fact.answered_at + 7 * DAY
    assert fact.first_answer_seconds == fact.resolution_seconds == 2.0


def test_several_questions_in_one_talk_are_one_case() -> None:
    query = answered(asked(MONDAY))
    last = answered(asked(MONDAY + HOUR, query.conversation))
    fact = fact_of(last)
    assert (fact.resolved, fact.queries, fact.reopened) == (True, 2, False)
    assert fact.resolution_seconds == 3602.0


@pytest.mark.parametrize("status", ["clarification", "failed", "received", "working", "ignored"])
def test_the_last_query_decides(status: str) -> None:
    query = answered(asked(MONDAY))
    last = asked(MONDAY + HOUR, query.conversation)
    if status == "clarification":
        answered(last, decision="clarify")
    else:
        run_of(last)  # stopped by the customer, where it is ignored
        held = {"lease_token": "x", "lease_until": timezone.now()} if status == "working" else {}
        ended = {} if status in ("received", "working") else {"finished_at": MONDAY}
        Query.objects.filter(pk=last.pk).update(status=status, **held, **ended)
    assert not fact_of(last).resolved


def test_automatic_mail_after_the_answer_changes_nothing() -> None:
    query = answered(asked(MONDAY))
    note = asked(MONDAY + HOUR, query.conversation)
    Query.objects.filter(pk=note.pk).update(status="ignored", finished_at=MONDAY)
    assert fact_of(query).resolved


def test_automatic_mail_alone_is_no_case() -> None:
    note = asked(MONDAY)
    Query.objects.filter(pk=note.pk).update(status="ignored", finished_at=MONDAY)
    facts_rebuild()
    assert not CaseFact.objects.exists()


def test_an_escalation_counts_for_ever() -> None:
    query = asked(MONDAY)
    replied(escalated(query), "Thirty days.", after=HOUR)
    answered(asked(MONDAY + 2 * HOUR, query.conversation))
    fact = fact_of(query)
    assert (fact.resolved, fact.escalated, fact.person_spoke, fact.answered_by_agent) == (False, True, True, True)


@pytest.mark.parametrize("direction", ["outbound", "note"])
def test_a_consultant_who_says_anything_counts(direction: str) -> None:
    query = answered(asked(MONDAY))
    conversation = Conversation.objects.get(pk=query.conversation_id)
    message_append(
        conversation=conversation, direction=direction, author="consultant", channel=channel_get("outlook"), text="Hm."
    )
    assert not fact_of(query).resolved


@pytest.mark.parametrize(
    ("after", "reopened"), [(23 * HOUR, False), (25 * HOUR, True), (7 * DAY, True), (7 * DAY + HOUR, False)]
)
def test_writing_again_after_a_pause_reopens(after: timedelta, reopened: bool) -> None:
    query = answered(asked(MONDAY))
    answered(asked(MONDAY + after, query.conversation))
    fact = fact_of(query)
    assert (fact.reopened, fact.resolved) == (reopened, not reopened)


@pytest.mark.parametrize(("after", "reopened"), [(timedelta(minutes=9), False), (timedelta(minutes=11), True)])
def test_writing_again_after_calling_it_solved_reopens(after: timedelta, reopened: bool) -> None:
    query = answered(asked(MONDAY))
    solved(query.conversation, MONDAY + timedelta(minutes=10))
    answered(asked(MONDAY + after, query.conversation))
    assert fact_of(query).reopened is reopened


@pytest.mark.parametrize(
    ("after", "category", "channel", "came_back"),
    [
        (DAY, "returns", "outlook", True),
        (DAY, "returns", "chat", True),
        (7 * DAY, "returns", "chat", True),
        (7 * DAY + HOUR, "returns", "chat", False),
        (DAY, "orders", "chat", False),
        (-DAY, "returns", "chat", False),
    ],
)
def test_coming_back_about_it_on_any_channel(after: timedelta, category: str, channel: str, came_back: bool) -> None:
    customer = person()
    query = answered(asked(MONDAY, customer=customer))
    answered(asked(MONDAY + after, customer=customer, category=category, channel=channel))
    fact = fact_of(query)
    assert (fact.came_back, fact.resolved) == (came_back, not came_back)


def test_somebody_else_coming_about_it_is_no_coming_back() -> None:
    query = answered(asked(MONDAY))
    answered(asked(MONDAY + DAY))
    assert fact_of(query).resolved


@pytest.mark.parametrize(
    ("intent", "came_back"), [("returns", True), ("Returns & refunds", True), ("billing", False), ("", False)]
)
def test_a_call_that_another_system_tells_of_is_coming_back(intent: str, came_back: bool) -> None:
    customer = person()
    query = answered(asked(MONDAY, customer=customer))
    facts_rebuild()
    Interaction.objects.create(
        customer=customer, source="api", channel="phone", occurred_at=MONDAY + DAY, intent=intent, detail="Asked again."
    )
    facts_refresh()
    assert CaseFact.objects.get(pk=query.conversation_id).came_back is came_back


def test_merged_customers_are_one_and_split_ones_are_two_again() -> None:
    one, other = person(), person()
    query = answered(asked(MONDAY, customer=one))
    answered(asked(MONDAY + DAY, customer=other, channel="chat"))
    assert fact_of(query).resolved

    theirs = [identity.pk for identity in other.identities.all()]
    customer_merge(customer=one, absorbed=other, actor="user:1")
    facts_refresh()
    assert not CaseFact.objects.get(pk=query.conversation_id).resolved
    assert set(CaseFact.objects.values_list("customer_id", flat=True)) == {one.pk}

    customer_split(customer=one, identity_ids=theirs, actor="user:1")
    facts_refresh()
    assert CaseFact.objects.get(pk=query.conversation_id).resolved
    assert Identity.objects.get(pk=theirs[0]).customer_id in set(CaseFact.objects.values_list("customer_id", flat=True))


def test_a_case_that_the_agent_never_saw_counts_over_all_inbound_only() -> None:
    answered(asked(MONDAY))
    answered(asked(MONDAY), by="consultant")
    facts_rebuild()
    october = Period(MONDAY.date(), MONDAY.date())
    involved, inbound = (spec_run(QuerySpec(name, october)).total for name in ("alpha", "alpha_inbound"))
    assert (involved.value, involved.n, inbound.value, inbound.n) == (1.0, 1, 0.5, 2)
    assert spec_run(QuerySpec("workload", october)).total.value == 1  # Q·(1−α) = 2·(1−½)


def test_alpha_is_provisional_until_the_seven_days_are_over() -> None:
    now = timezone.now()
    answered(asked(now - 6 * DAY))
    answered(asked(now - 8 * DAY))
    escalated(asked(now - DAY))
    asked(now - DAY)  # nobody has answered it yet: it may be resolved still
    facts_rebuild()
    period = Period((now - 20 * DAY).date(), now.date())
    alpha = spec_run(QuerySpec("alpha_inbound", period))
    assert (alpha.total.value, alpha.total.n, alpha.total.provisional) == (0.5, 4, 2)
    assert "Provisional: the 7 days of 2 cases are not over yet." in alpha.notes
    settled = spec_run(QuerySpec("alpha_settled", period)).total
    assert (settled.value, settled.n) == (1.0, 1)


def test_days_pass_and_what_was_provisional_is_settled() -> None:
    query = answered(asked(timezone.now() - 7 * DAY + HOUR))
    assert fact_of(query).is_provisional
    # As it will be two hours later.
    Query.objects.filter(pk=query.pk).update(created_at=query.created_at - 2 * HOUR)
    Message.objects.filter(conversation=query.conversation_id).update(created_at=query.created_at - 2 * HOUR)
    CaseFact.objects.update(window_until=timezone.now() - timedelta(seconds=1))
    facts_refresh()
    fact = CaseFact.objects.get(pk=query.conversation_id)
    assert (fact.resolved, fact.is_provisional) == (True, False)


def test_what_a_superseded_run_has_cost_belongs_to_its_query() -> None:
    query = asked(MONDAY)
    run_of(query, state="failed", error_code="abandoned")
    answered(query)
    assert float(fact_of(query).cost_usd) == 0.002


def test_without_a_category_a_case_is_about_what_its_run_found() -> None:
    conversation = conversation_make(person())
    query = asked(MONDAY, conversation, category="")
    answered(query, category="billing")
    assert fact_of(query).category == "billing"
