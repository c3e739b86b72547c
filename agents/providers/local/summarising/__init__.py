"""The engine's *summarise*: a customer's interactions in picked sentences, each quoted from the event it stands in.

Extractive, so that nothing can be invented: what the customer came for, what was answered or done, what is left open.
Rules and word lists only, no vectors, for this is what answers when many wait and no model does.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from agents.providers.base import ModelRequest
from agents.providers.local.summarising.events import Event, events_read
from agents.providers.local.summarising.matters import matters_of
from agents.providers.local.summarising.mood import mood_of
from agents.providers.local.summarising.opens import open_of
from agents.providers.local.summarising.outcomes import outcomes_of
from agents.providers.local.summarising.problems import problem_of
from agents.providers.local.summarising.quoting import Told
from agents.providers.local.summarising.turns import turns_of

MAX_MATTERS = 3


def summary_make(request: ModelRequest) -> Mapping[str, Any]:
    """The summary of the events in `request`, shaped like `agents.summary.SUMMARY_SCHEMA`."""
    events, reason = events_read(request)
    drafted = [_matter(events) for events in matters_of(events)]
    drafted.sort(key=lambda matter: _rank(matter, reason), reverse=True)
    return {"matters": drafted[:MAX_MATTERS], "mood": mood_of(events)}


def _matter(events: Sequence[Event]) -> dict[str, Any]:
    turns = turns_of(events)
    problem = problem_of(events, turns)
    outcomes = outcomes_of(turns, problem)
    left = open_of(events, turns, problem)
    quoted = [said for one in left for said in one.quotes]  # told once: what is to come is not done
    told = [problem, *(one for one in outcomes if not set(one.quotes) & set(quoted)), *left]
    subject = next((event.intent for event in reversed(events) if event.intent), "")
    return {"subject": subject[:80], "statements": [_statement(one) for one in told]}


def _statement(told: Told) -> dict[str, Any]:
    return {"kind": told.kind, "text": told.text, "events": list(told.events)}


def _rank(matter: Mapping[str, Any], reason: str) -> tuple[bool, bool, int]:
    """What the customer calls about first, then what is open, then what is newest."""
    statements = matter["statements"]
    newest = max(number for statement in statements for number in statement["events"])
    is_open = any(statement["kind"] == "open" for statement in statements)
    return bool(reason) and reason == matter["subject"].lower(), is_open, newest
