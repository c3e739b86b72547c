"""Which events are told in how many words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from conversations.interactions.compress.shortening import Level, text_shorten
from conversations.interactions.compress.tokens import event_tokens
from conversations.interactions.types import History, HistoryEvent

# What gives way first: talk everywhere before any event. What nobody called settled may be open: it keeps its amounts
# and dates like what is.
_SETTLED, _UNKNOWN, _OPEN = True, None, False
_STEPS: tuple[tuple[bool | None, Level], ...] = (
    (_SETTLED, Level.SENTENCES),
    (_SETTLED, Level.GIST),
    (_UNKNOWN, Level.SENTENCES),
    (_OPEN, Level.SENTENCES),
    (_SETTLED, Level.NOTHING),
    (_UNKNOWN, Level.GIST),
    (_OPEN, Level.GIST),
    (_UNKNOWN, Level.FACTS),
    (_OPEN, Level.FACTS),
    (_UNKNOWN, Level.NOTHING),
    (_OPEN, Level.NOTHING),
)


@dataclass(frozen=True)
class Compressed:
    """What is left of a history, in its order.

    `tokens` is what the events take, `shortened` how many have fewer words than before, `left_out` how many are not
    there. `is_complete` is False when not even the amounts and dates of all events that are not settled fitted: then
    the oldest of these are among those left out.
    """

    events: tuple[HistoryEvent, ...]
    tokens: int
    shortened: int = 0
    left_out: int = 0
    is_complete: bool = True


def history_compress(history: History, *, tokens: int) -> Compressed:
    """The events of `history` in at most `tokens`, by our own, careful count."""
    return events_compress(history.events, tokens=tokens)


def events_compress(events: Sequence[HistoryEvent], *, tokens: int) -> Compressed:
    """`events` (oldest first) in at most `tokens`.

    What is settled gives way first, what is open last, and of these the oldest first; nothing more once it fits.
    Every event that is not known to be settled stays, with all of its amounts and dates, as long as these fit.
    """
    told: list[HistoryEvent | None] = list(events)
    total = sum(map(_cost, told))
    for place, level in _giving_way(events):
        if total <= tokens:
            break
        shorter = _shorten(events[place], level)
        if _cost(shorter) < _cost(told[place]):
            total += _cost(shorter) - _cost(told[place])
            told[place] = shorter
    return _compressed(events, told, total)


def _giving_way(events: Sequence[HistoryEvent]) -> Iterator[tuple[int, Level]]:
    for resolved, level in _STEPS:
        yield from ((place, level) for place, event in enumerate(events) if event.resolved is resolved)


def _shorten(event: HistoryEvent, level: Level) -> HistoryEvent | None:
    return None if level is Level.NOTHING else replace(event, text=text_shorten(event.text, level))


def _cost(event: HistoryEvent | None) -> int:
    return event_tokens(event) if event else 0


def _compressed(events: Sequence[HistoryEvent], told: Sequence[HistoryEvent | None], tokens: int) -> Compressed:
    kept = tuple(event for event in told if event)
    pairs = list(zip(events, told, strict=True))
    return Compressed(
        events=kept,
        tokens=tokens,
        shortened=sum(after is not None and after.text != before.text for before, after in pairs),
        left_out=len(events) - len(kept),
        is_complete=all(after is not None or before.resolved for before, after in pairs),
    )
