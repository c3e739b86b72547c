"""Who is to be answered by when: first response, next response, resolution."""

from datetime import UTC, datetime, timedelta

import pytest

from conversations.escalations.services import escalation_reply
from conversations.models import BusinessHours, Conversation, Escalation, ServiceTarget
from tests.conversations.desk.people import case_make, customer_writes, newest, staff_make

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = timedelta(hours=1)


def monday(hour: int, minute: int = 0, *, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def office():
    """Nine to five, in UTC, without weekends."""
    return BusinessHours.objects.create(name="Office")


def target(first: int, next_: int, resolution: int | None = None, **fields) -> ServiceTarget:
    return ServiceTarget.objects.create(
        first_minutes=first, next_minutes=next_, resolution_minutes=resolution, **fields
    )


@pytest.mark.parametrize(("level", "hours"), [("premium", 2), ("gold", 4), ("standard", 8)])
def test_without_targets_the_settings_say_it_by_service_level(clock, level, hours):
    escalation = case_make(level=level)
    assert escalation.due_at == escalation.response_due_at == clock() + hours * HOUR
    assert escalation.resolution_due_at is None


def test_default_hours_count_where_no_target_is(clock):
    BusinessHours.objects.create(name="Default", is_default=True)
    assert case_make().due_at == monday(10, day=3)  # seven hours on Monday, one on Tuesday


def test_the_most_specific_target_counts(clock):
    target(100, 1)
    target(60, 1, service_level="premium")
    target(30, 1, category="billing")
    target(10, 1, category="billing", service_level="premium")
    minutes = {
        ("billing", "premium"): 10,
        ("billing", "gold"): 30,
        ("orders", "premium"): 60,
        ("orders", "standard"): 100,
    }
    for number, ((category, level), expected) in enumerate(minutes.items()):
        escalation = case_make(number, category=category, level=level)
        assert escalation.response_due_at == clock() + timedelta(minutes=expected), (category, level)


def test_due_is_the_clock_that_ends_first(clock):
    target(120, 60, 90)
    escalation = case_make()
    assert (escalation.response_due_at, escalation.resolution_due_at) == (monday(12), monday(11, 30))
    assert escalation.due_at == monday(11, 30)


def test_clocks_count_business_hours(clock, office):
    target(120, 60, 16 * 60, business_hours=office)
    clock.moment = monday(16, 30)
    escalation = case_make()
    assert escalation.response_due_at == monday(10, 30, day=3)
    assert escalation.resolution_due_at == monday(16, 30, day=4)


def test_while_we_wait_for_the_customer_nothing_runs(clock, office):
    target(120, 60, 600, business_hours=office)
    ama = staff_make("ama")
    escalation = case_make()
    clock.forward(hours=1)
    escalation_reply(escalation=escalation, user=ama, text="Which card?", known_seq=newest(escalation), then="waiting")
    escalation.refresh_from_db()
    assert (escalation.state, escalation.assignee, escalation.response_due_at) == ("waiting", ama, None)
    assert (escalation.first_reply_at, escalation.waiting_since) == (clock(), clock())
    assert escalation.closed_at is None


def test_the_customers_answer_starts_the_next_response_and_gives_back_the_time_that_was_left(clock, office):
    """Ten hours to resolve, one used when we ask; answered on Tuesday evening, nine are left from Wednesday on."""
    target(120, 60, 600, business_hours=office)
    ama = staff_make("ama")
    escalation = case_make()
    clock.forward(hours=1)
    escalation_reply(escalation=escalation, user=ama, text="Which card?", known_seq=newest(escalation), then="waiting")
    clock.moment = monday(20, day=3)
    customer_writes(escalation, "The blue one.")
    escalation.refresh_from_db()
    assert (escalation.state, escalation.assignee, escalation.waiting_since) == ("assigned", ama, None)
    assert escalation.response_due_at == escalation.due_at == monday(10, day=4)
    assert escalation.resolution_due_at == monday(10, day=5)
    assert escalation.waited_s == 33 * 3600


def test_a_night_spent_waiting_moves_nothing(clock, office):
    target(120, 60, 600, business_hours=office)
    ama = staff_make("ama")
    escalation = case_make()
    before = escalation.resolution_due_at
    clock.moment = monday(17)
    escalation_reply(escalation=escalation, user=ama, text="Which?", known_seq=newest(escalation), then="waiting")
    clock.moment = monday(9, day=3)
    customer_writes(escalation)
    escalation.refresh_from_db()
    assert escalation.resolution_due_at == before


def test_what_was_too_late_before_stays_too_late(clock):
    target(60, 60, 60)
    ama = staff_make("ama")
    escalation = case_make()
    clock.forward(hours=3)
    escalation_reply(escalation=escalation, user=ama, text="Sorry!", known_seq=newest(escalation), then="waiting")
    clock.forward(hours=5)
    customer_writes(escalation)
    escalation.refresh_from_db()
    assert escalation.resolution_due_at == escalation.due_at == monday(11)


def test_who_writes_twice_is_not_put_off(clock):
    target(120, 60)
    ama = staff_make("ama")
    escalation = case_make()
    escalation_reply(escalation=escalation, user=ama, text="Which?", known_seq=newest(escalation), then="waiting")
    first = clock.forward(hours=1)
    customer_writes(escalation, "The blue one.")
    clock.forward(minutes=50)
    customer_writes(escalation, "Hello?")
    escalation.refresh_from_db()
    assert escalation.response_due_at == first + HOUR


def test_a_waiting_case_comes_back_to_its_consultant_and_never_to_the_agent(clock, model):
    ama = staff_make("ama")
    escalation = case_make()
    escalation_reply(escalation=escalation, user=ama, text="Which?", known_seq=newest(escalation), then="waiting")
    assert Conversation.objects.get().status == "with_consultant"
    model.says = "thanks"
    accepted = customer_writes(escalation, "Thanks! The blue one.")
    accepted.query.refresh_from_db()
    escalation.refresh_from_db()
    assert (accepted.query.status, accepted.query.answered_with) == ("escalated", escalation.query)
    assert not Conversation.objects.get().messages.filter(author="assistant").exists()
    assert escalation.packet["follow_ups"], "the agent's view of it joined the case"
    second = escalation_reply(escalation=escalation, user=ama, text="Done.", known_seq=newest(escalation))
    accepted.query.refresh_from_db()
    escalation.query.refresh_from_db()
    assert (accepted.query.status, accepted.query.reply) == ("answered", second)
    assert escalation.query.reply.text == "Which?", "the first question keeps its own answer"


def test_a_consultant_may_write_again_while_they_wait(clock):
    ama = staff_make("ama")
    escalation = case_make()
    for text in ("Which?", "I mean the card."):
        escalation_reply(escalation=escalation, user=ama, text=text, known_seq=newest(escalation), then="waiting")
    escalation.refresh_from_db()
    assert (escalation.state, escalation.reply.text) == ("waiting", "I mean the card.")
    assert Conversation.objects.get().messages.filter(author="consultant").count() == 2


def test_an_automatic_reply_of_their_mailbox_brings_nothing_back(clock):
    ama = staff_make("ama")
    escalation = case_make()
    escalation_reply(escalation=escalation, user=ama, text="Which?", known_seq=newest(escalation), then="waiting")
    customer_writes(escalation, "I am out of office.", headers={"auto-submitted": "auto-replied"})
    escalation.refresh_from_db()
    assert escalation.state == "waiting"


def test_when_it_is_over_the_due_time_stays_as_its_measure(clock):
    ama = staff_make("ama")
    escalation = case_make()
    due = escalation.due_at
    escalation_reply(escalation=escalation, user=ama, text="Done.", known_seq=newest(escalation))
    escalation = Escalation.objects.get()
    assert (escalation.state, escalation.due_at, escalation.response_due_at) == ("answered", due, None)
    assert escalation.first_reply_at == escalation.closed_at == clock()


def test_hours_that_nobody_can_read_keep_no_customer_from_people(clock, caplog):
    office = BusinessHours.objects.create(name="Broken", time_zone="Europe/Atlantis")
    target(60, 60, business_hours=office)
    assert case_make().due_at == clock() + HOUR
    assert "business_hours_unreadable" in caplog.text
