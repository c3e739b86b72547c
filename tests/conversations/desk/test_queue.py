"""What the lists of the console show, and in which order."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.escalations.selectors import escalations_count, escalations_overdue, escalations_queue
from conversations.escalations.services import (
    escalation_claim,
    escalation_reply,
    escalation_resolve,
    escalation_snooze,
)
from conversations.models import Escalation
from omnicqm.common.errors import InvalidInput
from tests.conversations.desk.people import case_make, newest, staff_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def ama():
    return staff_make("ama")


@pytest.fixture
def desk(ama):
    """One of each: by name, the cases of an ordinary morning."""
    kofi = staff_make("kofi")
    names = ("late", "soon", "mine", "colleagues", "asleep", "waiting", "answered", "closed")
    cases = {name: case_make(number) for number, name in enumerate(names)}
    for name, minutes in (("late", -30), ("soon", 30), ("mine", 90), ("colleagues", 100)):
        due_at = timezone.now() + timedelta(minutes=minutes)
        Escalation.objects.filter(pk=cases[name].pk).update(due_at=due_at)
    escalation_claim(escalation=cases["mine"], user=ama)
    escalation_claim(escalation=cases["colleagues"], user=kofi)
    escalation_snooze(escalation=cases["asleep"], user=ama, until=timezone.now() + timedelta(hours=1))
    for name, then in (("waiting", "waiting"), ("answered", "answered")):
        escalation_reply(escalation=cases[name], user=ama, text="Hello.", known_seq=newest(cases[name]), then=then)
    escalation_resolve(escalation=cases["closed"], user=ama, resolution="spam")
    return cases


def shown(desk, user, tab, **filters):
    names = {case.pk: name for name, case in desk.items()}
    return [names[row.pk] for row in escalations_queue(user, tab, filters)]


def test_every_case_is_under_its_tab(desk, ama):
    assert shown(desk, ama, "mine") == ["mine"]
    assert shown(desk, ama, "unassigned") == ["late", "soon"]
    assert shown(desk, ama, "all") == ["late", "soon", "mine", "colleagues"]
    assert shown(desk, ama, "snoozed") == ["asleep"]
    assert shown(desk, ama, "waiting") == ["waiting"]
    assert shown(desk, ama, "resolved") == ["closed", "answered"]


def test_the_counts_are_those_of_the_lists(desk, ama, django_assert_num_queries):
    with django_assert_num_queries(1):
        counts = escalations_count(ama)
    assert counts == {"overdue": 1, "due_soon": 1, "unassigned": 2, "mine": 1, "waiting": 1}
    assert shown(desk, ama, "all", due="overdue") == ["late"]
    assert shown(desk, ama, "all", due="soon") == ["soon"]


def test_what_has_slept_long_enough_is_shown_before_the_sweep_comes(desk, ama):
    Escalation.objects.filter(pk=desk["asleep"].pk).update(snoozed_until=timezone.now())
    assert "asleep" in shown(desk, ama, "unassigned")
    assert shown(desk, ama, "snoozed") == []


def test_who_waits_for_the_customer_is_never_late(desk, ama):
    Escalation.objects.filter(pk=desk["waiting"].pk).update(due_at=timezone.now() - timedelta(days=1))
    assert escalations_count(ama)["overdue"] == 1
    assert escalations_overdue()[0] == 1


def test_due_then_priority_then_age(desk, ama):
    same = timezone.now() + timedelta(minutes=5)
    for name, priority in (("late", 3), ("soon", 1), ("mine", 3)):
        Escalation.objects.filter(pk=desk[name].pk).update(due_at=same, priority=priority)
    assert shown(desk, ama, "all") == ["soon", "late", "mine", "colleagues"]


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("channel", "outlook", 4),
        ("channel", "chat", 0),
        ("category", "billing", 4),
        ("category", "orders", 0),
        ("language", "en", 4),
        ("reason", "score_below_threshold", 4),
        ("reason", "asked_for_person", 0),
        ("priority", "3", 4),
        ("score_max", "5", 4),
        ("score_min", 6, 0),
        ("queue", "billing", 4),
        ("service_level", "premium", 0),
        ("state", "open", 2),
        ("channel", "", 4),
        ("page", "7", 4),
    ],
)
def test_lists_can_be_narrowed_down(desk, ama, name, value, found):
    assert len(shown(desk, ama, "all", **{name: value})) == found


def test_they_are_narrowed_down_to_a_colleague(desk, ama):
    kofi = desk["colleagues"].conversation
    kofi.refresh_from_db()
    assert shown(desk, ama, "all", assignee=kofi.taken_over_by_id) == ["colleagues"]


@pytest.mark.parametrize(("name", "value"), [("priority", "urgent"), ("score_min", "101"), ("due", "never")])
def test_a_filter_that_cannot_be_read_is_refused_by_name(ama, name, value):
    with pytest.raises(InvalidInput) as caught:
        list(escalations_queue(ama, "all", {name: value}))
    assert caught.value.param == name


def test_an_unknown_tab_is_refused(ama):
    with pytest.raises(InvalidInput) as caught:
        escalations_queue(ama, "nobody's")
    assert caught.value.param == "tab"


def test_a_row_is_read_with_what_it_shows_and_without_its_packet(desk, ama, django_assert_num_queries):
    with django_assert_num_queries(1):
        [row] = escalations_queue(ama, "mine")
        assert (row.summary, row.conversation.customer.display_name) != ("", "")
        assert (row.query.channel.title, row.assignee.first_name) == ("Outlook e-mail", "Ama")
    assert "packet" in row.get_deferred_fields()
