"""What a model may read of a history, and what may bear a statement out: everything but planted instructions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from agents.cues import cues_find
from agents.screening import injection_find, planted_find
from agents.words import sentences_in
from conversations.interactions.compress import events_compress
from conversations.interactions.types import HistoryEvent

WITHHELD = "[withheld: it tries to instruct whoever reads it]"
AUTHORS = frozenset({"customer", "assistant", "consultant", "other"})  # never a note among ourselves
CUES = Path(__file__).parent / "data" / "planted.txt"
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class _Piece:
    text: str
    kind: str = ""


@dataclass(frozen=True)
class Cleaned:
    """The events that may be read, numbered from 1 by their place, and the numbers of those that held instructions.

    `found` are all there were before the longest histories were made to fit.
    """

    events: tuple[HistoryEvent, ...]
    planted: frozenset[int]
    found: tuple[HistoryEvent, ...]

    @property
    def left_out(self) -> int:
        """How many are not told because there are too many."""
        return len(self.found) - len(self.events)


def events_clean(events: tuple[HistoryEvent, ...]) -> Cleaned:
    """The events without the sentences that speak to the machine; such a sentence takes the rest of its line along."""
    shown = tuple(event for event in events if event.author in AUTHORS)
    texts = [_clean(event.text) for event in shown]
    planted = frozenset(number for number, text in enumerate(texts, start=1) if WITHHELD in text)
    events = tuple(
        event if text == event.text else replace(event, text=text) for event, text in zip(shown, texts, strict=True)
    )
    return Cleaned(events, planted, found=events)


def events_fit(cleaned: Cleaned, *, tokens: int) -> Cleaned:
    """The same in at most `tokens`, and numbered anew: what is open stays longest, with its amounts and dates."""
    planted = {event.id for number, event in enumerate(cleaned.events, start=1) if number in cleaned.planted}
    events = events_compress(cleaned.events, tokens=tokens).events
    numbers = frozenset(number for number, event in enumerate(events, start=1) if event.id in planted)
    return Cleaned(events, numbers, cleaned.found)


@lru_cache(maxsize=2_000)
def _clean(text: str) -> str:
    if not _speaks_to_us(text):
        return text
    return "\n".join(_line_clean(line) for line in text.splitlines())


def _line_clean(line: str) -> str:
    kept = "".join(_until_planted(line))
    return kept if kept == line else f"{kept}{WITHHELD}"


def _until_planted(line: str) -> Iterator[str]:
    for sentence in sentences_in(line):
        if _speaks_to_us(sentence):
            return
        yield sentence


def _speaks_to_us(text: str) -> bool:
    pieces = map(_Piece, dict.fromkeys([*text.splitlines(), _one_line(text)]))
    found = planted_find(text) or cues_find(CUES, pieces)
    return bool(found) or injection_find(text)


def _one_line(text: str) -> str:
    return text if text == " ".join(text.split()) else _SPACES.sub(" ", text)
