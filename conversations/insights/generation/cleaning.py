"""What a model may read of a history, and what may bear a statement out: everything but planted instructions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from agents.cues import cues_find
from agents.screening import message_screen, planted_find
from agents.types import Blocker
from agents.words import sentences_in
from conversations.interactions.types import HistoryEvent

WITHHELD = "[withheld: it tries to instruct whoever reads it]"
AUTHORS = frozenset({"customer", "assistant", "consultant", "other"})  # never a note among ourselves
CUES = Path(__file__).parent / "data" / "planted.txt"


@dataclass(frozen=True)
class _Piece:
    text: str
    kind: str = ""


@dataclass(frozen=True)
class Cleaned:
    """The events that may be read, numbered from 1 by their place, and the numbers of those that held instructions."""

    events: tuple[HistoryEvent, ...]
    planted: frozenset[int]


def events_clean(events: tuple[HistoryEvent, ...]) -> Cleaned:
    """The events without the sentences that speak to the machine; such a sentence takes the rest of its line along."""
    shown = tuple(event for event in events if event.author in AUTHORS)
    texts = [_clean(event.text) for event in shown]
    planted = frozenset(number for number, text in enumerate(texts, start=1) if WITHHELD in text)
    return Cleaned(tuple(replace(event, text=text) for event, text in zip(shown, texts, strict=True)), planted)


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
    pieces = [_Piece(line) for line in text.splitlines()] + [_Piece(re.sub(r"\s+", " ", text))]
    found = planted_find(text) or cues_find(CUES, pieces)
    return bool(found) or Blocker.INJECTION in message_screen("", text).blockers
