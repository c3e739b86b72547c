"""Histories and drafts for tests."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from conversations.interactions.types import History, HistoryEvent, HistoryWindow

START = datetime(2026, 5, 3, 9, 0, tzinfo=UTC)


def event(text: str, author: str = "customer", *, days: int = 0, number: int = 1, **told: Any) -> HistoryEvent:
    fields = {"channel": "email", "intent": "", "reference": "", "resolved": None, "external_id": ""} | told
    at = START + timedelta(days=days, minutes=number)
    return HistoryEvent(id=f"itr_{number}", at=at, author=author, text=text, **fields)


def history(*events: HistoryEvent | tuple[str, ...] | str, customer_id: str = "") -> History:
    """A history of events, texts of the customer, or (text, author) pairs; each on the day after the one before."""
    made = [_event(one, number) for number, one in enumerate(events, start=1)]
    window = HistoryWindow(START, START + timedelta(days=90), 10, ())
    return History(customer_id=customer_id, window=window, events=tuple(made), query={}, digest="d" * 64)


def _event(one: HistoryEvent | tuple[str, ...] | str, number: int) -> HistoryEvent:
    if isinstance(one, HistoryEvent):
        return one
    text, author = one if isinstance(one, tuple) else (one, "customer")
    return event(text, author, days=number - 1, number=number)


def statement(kind: str, text: str, *events: int) -> dict[str, Any]:
    return {"kind": kind, "text": text, "events": list(events or (1,))}


def draft(*statements: dict[str, Any] | str, subject: str = "", mood: str = "calm") -> str:
    """A model's output with one matter; a text alone is its problem."""
    told = [statement("problem", one) if isinstance(one, str) else one for one in statements]
    return json.dumps({"matters": [{"subject": subject, "statements": told}], "mood": mood})


FEE: Sequence[tuple[str, str]] = (
    ("I was charged a late payment fee of $1,200.50 on 28 April for order A-44719. Please refund it.", "customer"),
    ("We have looked into it and cannot refund the fee. We have changed your due date to 2026-06-15.", "consultant"),
)
FEE_PROBLEM = "The customer was charged a late fee of $1,200.50 on 28 April and asked for a refund."
FEE_OUTCOME = statement("outcome", "A refund of the fee was refused; the due date was changed to 15 June.", 2)
