"""How urgent an escalation is, and what it is about in one line."""

import pytest

from agents.types import Factor, FactorFinding
from conversations.models import ServiceTarget
from tests.conversations.desk.people import case_make

pytestmark = pytest.mark.django_db

SEEN = FactorFinding(1, 15, ("now",))
ANGRY, URGENT, UPSET = Factor.ANGRY_FRUSTRATED_TONE, Factor.URGENCY, Factor.PREMIUM_COMPLAINTS


@pytest.mark.parametrize(
    ("level", "category", "factors", "priority"),
    [
        ("standard", "product", (), 4),
        ("gold", "product", (), 3),
        ("standard", "billing", (), 3),
        ("standard", "product", (URGENT,), 2),
        ("standard", "billing", (ANGRY,), 2),
        ("standard", "billing", (ANGRY, URGENT), 1),
        ("premium", "billing", (), 2),
        ("premium", "complaint", (UPSET,), 1),
        ("premium", "complaint", (UPSET, ANGRY, URGENT), 1),
    ],
)
def test_it_is_told_by_service_level_and_tone(level, category, factors, priority):
    escalation = case_make(level=level, category=category, factors=dict.fromkeys(factors, SEEN))
    assert escalation.priority == priority


def test_a_factor_that_was_looked_for_and_not_seen_does_not_count():
    assert case_make(factors={URGENT: FactorFinding(0, 15)}).priority == 3


def test_a_tight_target_is_a_step_up():
    ServiceTarget.objects.create(category="billing", first_minutes=30, next_minutes=30)
    assert case_make().priority == 2


def test_what_concerns_safety_is_urgent():
    assert case_make(blockers=("safety",)).priority == 1


def test_a_case_tells_its_language_and_its_matter_in_a_line():
    escalation = case_make(language="de", summary="Two charges\n for one  table.")
    assert (escalation.language, escalation.summary) == ("de", "Two charges for one table.")


def test_without_a_summary_it_is_the_subject():
    assert case_make(summary="").summary == "My matter"


def test_an_endless_summary_is_cut():
    summary = case_make(summary="word " * 200).summary
    assert len(summary) <= 200
    assert summary.endswith(" …")
