"""How the console puts things into words."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agents.factors import DEFAULT_WEIGHTS
from conversations.models import Escalation, Identity
from omnicqm.console.case.score import score_card
from omnicqm.console.people import identity_value
from omnicqm.console.templatetags.console import initials, words
from omnicqm.console.times import ago, due, due_tone


@pytest.mark.parametrize(
    ("minutes", "tone", "said"),
    [(-5, "late", "overdue by 5 minutes"), (20, "soon", "in 19 minutes"), (200, "fine", "in 3 hours")],
)
def test_due_times(minutes, tone, said):
    moment = timezone.now() + timedelta(minutes=minutes)
    assert due_tone(moment) == tone
    assert due(moment).replace("\xa0", " ") == said


@pytest.mark.parametrize(("seconds", "said"), [(5, "just now"), (130, "2 minutes ago"), (90_000, "1 day ago")])
def test_moments_that_have_passed(seconds, said):
    assert ago(timezone.now() - timedelta(seconds=seconds)).replace("\xa0", " ") == said


@pytest.mark.parametrize(
    ("name", "short"), [("Priya Raman", "PR"), ("Ada", "A"), ("Ana Maria de Souza", "AS"), ("", "?"), ("…", "?")]
)
def test_initials(name, short):
    assert initials(name) == short


def test_a_chat_visitor_is_known_by_the_end_of_the_token_only():
    token = "k3" * 20 + "x7q9"
    assert identity_value(Identity(kind="visitor", value=token)) == "Browser …x7q9"
    assert identity_value(Identity(kind="email", value="ada@example.org")) == "ada@example.org"


@pytest.mark.parametrize(
    ("field", "said"),
    [("SpendingProfile", "Spending profile"), ("favourite_store", "Favourite store"), ("Address.City", "Address city")],
)
def test_names_of_profile_fields(field, said):
    assert words(field) == said


def card(score, factors, **packet):
    return score_card(Escalation(score=score, packet={"factors": factors, "threshold": 80, **packet}), DEFAULT_WEIGHTS)


def test_the_sum_shows_every_factor_that_cost_points():
    found = card(60, {"angry_frustrated_tone": finding(1, 30), "multiple_topics": finding(1, 10)})
    assert found.sum == "100 − 30 − 10 = 60"
    assert [line.title for line in found.seen] == ["Angry/frustrated tone", "Multiple topics"]


def test_the_sum_says_that_it_ends_at_zero():
    assert (
        card(0, {"no_knowledge": finding(1, 100), "urgency": finding(1, 15)}).sum == "100 − 100 − 15 = 0, not below 0"
    )


def test_several_topics_count_several_times():
    assert card(80, {"multiple_topics": finding(2, 10)}).sum == "100 − 20 = 80"


def test_without_a_score_there_is_no_sum():
    assert score_card(Escalation(score=None, packet={}), DEFAULT_WEIGHTS).sum == ""


def test_a_blocker_of_a_later_version_is_still_readable():
    assert card(100, {}, blockers=["moon_phase"]).blockers == ["Moon phase"]


def finding(count, weight):
    return {"count": count, "weight": weight, "evidence": []}
