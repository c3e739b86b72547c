"""What models are compared on: histories of our own customers, or conversations of a file with references."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import Max
from django.utils.dateparse import parse_datetime

from conversations.interactions.selectors import history_read
from conversations.interactions.types import History, HistoryEvent, HistoryWindow
from conversations.models import Identity
from omnicqm.common.errors import InvalidInput

START = datetime(2026, 5, 4, 9, tzinfo=UTC)  # of conversations that do not say when they were
_AUTHORS = {
    **dict.fromkeys(("customer", "user"), "customer"),
    **dict.fromkeys(("agent", "consultant"), "consultant"),
    "assistant": "assistant",
}


@dataclass(frozen=True)
class Sample:
    """A history, and how people summarised it."""

    id: str
    history: History
    references: tuple[str, ...] = ()


def samples_of_customers(*, count: int, days: int, limit: int) -> list[Sample]:
    """The histories of the `count` customers heard of most recently who have an account number."""
    accounts = Identity.objects.filter(kind=Identity.Kind.ACCOUNT, customer__interactions__isnull=False)
    newest = accounts.annotate(heard=Max("customer__interactions__occurred_at")).order_by("-heard")
    numbers = newest.values_list("value", flat=True)[:count]
    histories = [history_read(account_number=number, days=days, limit=limit) for number in numbers]
    return [Sample(history.customer_id, history) for history in histories if history.events]


def samples_read(file: Path, *, count: int) -> list[Sample]:
    """`count` conversations of a file, evenly spread: a JSON object a line, {id, channel?, turns: [{role, text,
    channel?, at?, day?}], references?: [text]}.

    A role is customer, agent, assistant, or else a record; `day` counts from the first. Raises `InvalidInput` with the
    line and what is wrong with it.
    """
    lines = [line for line in _text(file).splitlines() if line.strip()]
    rows = [_row(line, number) for number, line in enumerate(lines, start=1)]
    count = min(count, len(rows))
    return [rows[number * len(rows) // count] for number in range(count)]


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} cannot be read: {error}.", param="references") from error


def _row(line: str, number: int) -> Sample:
    try:
        row = json.loads(line)
        turns = [_event(turn, place, row.get("channel", "chat")) for place, turn in enumerate(row["turns"])]
        references = tuple(str(text) for text in row.get("references") or row.get("summaries") or ())
        return Sample(str(row.get("id", number)), history_make(turns), references)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"line {number} is not {{id, turns: [{{role, text}}], references?}}: {error}"
        raise InvalidInput(
            f"The file of references is no JSONL of conversations; {reason}.", param="references"
        ) from error


def history_make(events: Sequence[HistoryEvent]) -> History:
    """A history of events that stand in no table."""
    if not events:
        raise ValueError("it has no turns")
    told = sorted(events, key=lambda event: event.at)
    window = HistoryWindow(told[0].at, told[-1].at, len(told), ())
    digest = hashlib.sha256(repr(told).encode()).hexdigest()
    return History("", window, tuple(told), {}, digest)


def _event(turn: Mapping[str, Any], place: int, channel: str) -> HistoryEvent:
    told = parse_datetime(turn["at"]) if "at" in turn else START + timedelta(days=turn.get("day", 0), minutes=place)
    if told is None:
        raise ValueError(f"{turn['at']!r} is no date and time")
    return HistoryEvent(
        id=f"turn-{place + 1}",
        at=told if told.tzinfo else told.replace(tzinfo=UTC),
        channel=str(turn.get("channel", channel)),
        author=_AUTHORS.get(turn["role"], "other"),
        intent=str(turn.get("intent", "")),
        text=str(turn["text"]),
        reference="",
        resolved=None,
        external_id="",
    )
