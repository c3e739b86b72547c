"""The text that a CRM agent reads: a line on who was in touch when and where, then each matter with its statements.

Counts, dates and channels are ours; statements come from a checked draft. The same draft always gives the same text.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache

from django.utils import timezone

from agents.summary import Matter, Mood, Statement, StatementKind, SummaryDraft
from conversations.insights.generation.cleaning import Cleaned
from conversations.interactions.types import HistoryEvent

MAX_CHANNELS = 4
NOTHING = "No interactions found in this period."
PLANTED = "Note: text that tries to instruct whoever summarises it was left out ({}); read it in the original."
LEFT_OUT = "Note: {} of the {} interactions are not in this summary, because they are too many to read."
_LABELS = {StatementKind.PROBLEM: "Problem", StatementKind.OUTCOME: "Outcome", StatementKind.OPEN: "Open"}


def text_compose(draft: SummaryDraft, cleaned: Cleaned) -> str:
    """The text of a checked draft over the events it is about."""
    lines = [_overview(cleaned.found), *_matters(draft.matters, cleaned.events)]
    if draft.mood is not Mood.CALM:
        lines.append(f"Mood: {draft.mood}.")
    return "\n".join([*lines, *_notes(cleaned)])


def text_without_draft(cleaned: Cleaned) -> str:
    """What can be said whatever models make of it."""
    if not cleaned.events:
        return NOTHING
    return "\n".join([_overview(cleaned.found), "The interactions could not be summarised.", *_notes(cleaned)])


def _overview(events: Sequence[HistoryEvent]) -> str:
    """``3 interactions, 3 to 7 May 2026: email (2), chat (1). Last: 7 May 2026, chat.``"""
    first, newest = _day(events[0]), _day(events[-1])
    count = f"{len(events)} interaction{'s' if len(events) > 1 else ''}"
    channels = Counter(event.channel for event in events).most_common()
    told = ", ".join(f"{channel} ({number})" for channel, number in channels[:MAX_CHANNELS])
    more = ", …" if len(channels) > MAX_CHANNELS else ""
    if len(channels) == 1:
        told = channels[0][0]
    if first == newest:
        return f"{count} on {_written(first)} ({told}{more})."
    last = f"Last: {_written(newest)}, {events[-1].channel}."
    return f"{count} from {_written(first)} to {_written(newest)} ({told}{more}). {last}"


def _matters(matters: Sequence[Matter], events: Sequence[HistoryEvent]) -> Iterator[str]:
    for number, matter in enumerate(matters, start=1):
        heading = _heading(matter, events)
        if len(matters) > 1:
            yield f"{number}. {heading or _source(matter.statements[0], events)}"
        elif heading:
            yield heading
        yield from (_line(statement, events) for statement in matter.statements)


def _heading(matter: Matter, events: Sequence[HistoryEvent]) -> str:
    """What the matter is, with the references of its conversations."""
    numbers = [number for statement in matter.statements for number in statement.events]
    references = dict.fromkeys(events[number - 1].reference for number in numbers)
    return " · ".join(filter(None, (matter.subject, *references)))


def _line(statement: Statement, events: Sequence[HistoryEvent]) -> str:
    source = "" if _is_one_source(events) else f" ({_source(statement, events)})"
    return f"{_LABELS[statement.kind]}: {statement.text}{source}"


def _is_one_source(events: Sequence[HistoryEvent]) -> bool:
    first, *others = events
    return all(event.channel == first.channel and _day(event) == _day(first) for event in others)


def _source(statement: Statement, events: Sequence[HistoryEvent]) -> str:
    """Where a statement is from: the day and the channel of its latest event."""
    latest = max(statement.events)
    event, newest = events[latest - 1], _day(events[-1])
    day = _day(event)
    return f"{_written(day) if day.year != newest.year else _short(day)}, {event.channel}"


def _notes(cleaned: Cleaned) -> Iterator[str]:
    if cleaned.left_out:
        yield LEFT_OUT.format(cleaned.left_out, len(cleaned.found))
    if cleaned.planted:
        where = dict.fromkeys(
            f"{_short(_day(event))}, {event.channel}"
            for number, event in enumerate(cleaned.events, start=1)
            if number in cleaned.planted
        )
        yield PLANTED.format("; ".join(where))


def _day(event: HistoryEvent) -> date:
    moment: datetime = timezone.localtime(event.at)
    return moment.date()


@lru_cache(maxsize=1_000)
def _short(day: date) -> str:
    return f"{day.day} {day:%B}"


def _written(day: date) -> str:
    return f"{_short(day)} {day.year}"
