"""Reasons and clocks in the few words that a line has room for."""

from datetime import UTC, datetime, timedelta

import pytest

from agents.types import Blocker, Factor
from conversations.models import Escalation
from omnicqm.console.queue.reasons import FACTORS, REASONS, reason_words
from omnicqm.console.queue.rows import sla_of, span

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WAITING = "Answered; the clock stands still until the customer writes"


def test_every_factor_and_every_blocker_has_words():
    assert set(FACTORS) == set(Factor)
    assert set(Blocker) <= set(REASONS)


@pytest.mark.parametrize(
    ("reasons", "factors", "words"),
    [
        (["asked_for_person"], ["urgency"], "Asked for a person"),
        (["score_below_threshold"], ["urgency", "premium_complaints"], "Premium complaint, urgent"),
        (["score_below_threshold"], [], "Low score"),
        (["safety", "injection", "tool_failed"], [], "Needs a person's care, tries to instruct the assistant"),
        (["something_new"], [], "Something new"),
        ([], [], "Handed over"),
        (["score_below_threshold"], ["something_new"], "Low score"),
    ],
)
def test_a_reason_in_words(reasons, factors, words):
    assert reason_words(reasons, factors) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0 min"), (59, "59 min"), (60, "1 h 00"), (125, "2 h 05"), (600, "10 h"), (2879, "47 h"), (2880, "2 d")],
)
def test_a_length_of_time(minutes, words):
    assert span(timedelta(minutes=minutes)) == words


@pytest.mark.parametrize(
    ("fields", "tone", "words"),
    [
        ({"due_at": NOW - timedelta(minutes=7)}, "late", "7 min late"),
        ({"due_at": NOW + timedelta(minutes=60)}, "soon", "in 1 h 00"),
        ({"due_at": NOW + timedelta(minutes=61)}, "fine", "in 1 h 01"),
        ({"due_at": NOW, "state": "waiting"}, "still", "Waiting"),
        ({"due_at": NOW, "snoozed_until": NOW + timedelta(hours=2)}, "still", "Until 14:00"),
        ({"due_at": NOW, "snoozed_until": NOW + timedelta(days=2)}, "still", "Until 2 Dec"),
        ({"due_at": NOW, "state": "closed", "closed_at": NOW - timedelta(hours=1)}, "done", "1 h 00 ago"),
    ],
)
def test_the_clock_of_a_case(fields, tone, words):
    sla = sla_of(Escalation(**fields), now=NOW)
    assert (sla.tone, sla.words) == (tone, words)


@pytest.mark.parametrize(
    ("fields", "name", "title"),
    [
        (
            {"response_due_at": NOW + HOUR, "resolution_due_at": NOW + 2 * HOUR},
            "First response",
            "First response due 30 Nov 2026, 13:00; resolution due 30 Nov 2026, 14:00",
        ),
        (
            {"response_due_at": NOW + HOUR, "first_reply_at": NOW - HOUR},
            "Next response",
            "Next response due 30 Nov 2026, 13:00",
        ),
        (
            {"response_due_at": NOW + 2 * HOUR, "resolution_due_at": NOW - HOUR},
            "Resolution",
            "Resolution overdue since 30 Nov 2026, 11:00; first response due 30 Nov 2026, 14:00",
        ),
        ({"state": "waiting", "resolution_due_at": NOW + HOUR}, "", WAITING),
    ],
)
def test_the_clock_that_ends_first_is_named_and_the_other_one_told(fields, name, title):
    moments = [fields[at] for at in ("response_due_at", "resolution_due_at") if at in fields]
    sla = sla_of(Escalation(**fields, due_at=min(moments)), now=NOW)
    assert (sla.clock, sla.title) == (name, title)
