"""The engine's *shorten*: of a draft only what answers the customer stays, word for word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agents.blocks import blocks_parse
from agents.courtesies import is_courtesy
from agents.providers.base import ModelRequest
from agents.words import content_words, numbers_in, sentences_in

KEPT = 0.55  # of the length of what the draft states
_FRAME = re.compile(
    r"(?:hello|hi|dear|good (?:day|morning|afternoon|evening))\b[^.!?\n]{0,80}[,!]?|"
    r"(?:(?:best|kind|warm) )?(?:regards|wishes)[,.]?|yours\b[^.!?\n]{0,30}|sincerely[,.]?",
    re.IGNORECASE,
)
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,2}[.)])\s")
_BLANKS = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class _Unit:
    """A sentence or an item of a list, with what follows it. What belongs to the `frame` of a letter always stays."""

    text: str
    frame: bool = False

    def worth(self, asked: set[str]) -> float:
        figures = 1.5 if numbers_in(self.text) else 0.0
        link = 1.5 if "://" in self.text or "](" in self.text else 0.0
        courtesy = 4.0 if is_courtesy(self.text.strip(), "") else 0.0
        return len(content_words(self.text) & asked) + figures + link - courtesy


def shorter_write(request: ModelRequest) -> str:
    """The draft of `request` without what tells the customer least. As it is when there is nothing to leave out."""
    texts = {block.kind: block.text for message in request.messages for block in blocks_parse(message.text)}
    units = list(_units(texts.get("draft", "")))
    kept = _chosen(units, content_words(texts.get("customer_message", "")))
    text = "".join(_line_ended(unit, at in kept) for at, unit in enumerate(units))
    return _BLANKS.sub("\n\n", text).strip()


def _units(draft: str) -> Iterator[_Unit]:
    lines = draft.strip().splitlines(keepends=True)
    last = len([line for line in lines if line.strip()]) - 1
    told = -1
    for line in lines:
        told += bool(line.strip())
        if not line.strip() or _FRAME.fullmatch(line.strip()) or (told == last > 0 and len(line.split()) <= 4):
            yield _Unit(line, frame=True)
        elif _ITEM.match(line):
            yield _Unit(line)
        else:
            yield from (_Unit(sentence) for sentence in sentences_in(line))


def _chosen(units: list[_Unit], asked: set[str]) -> set[int]:
    """The best of what is stated, up to the length that may stay; one of them at least."""
    stated = [at for at, unit in enumerate(units) if not unit.frame]
    room = KEPT * sum(len(units[at].text) for at in stated)
    kept: set[int] = {at for at, unit in enumerate(units) if unit.frame}
    for at in sorted(stated, key=lambda at: -units[at].worth(asked)):
        if len(units[at].text) <= room or not kept & set(stated):
            kept.add(at)
            room -= len(units[at].text)
    return kept


def _line_ended(unit: _Unit, kept: bool) -> str:
    """What is left out leaves the end of its line behind, where it had one."""
    return unit.text if kept else "\n" * unit.text.endswith("\n")
