"""A passage, read as what it is made of: sections with sentences, list items, steps and table rows.

The knowledge base hands texts out in one form: a line that ends with a colon heads what follows, list items begin with
a dash or a number, a table row is a line of ``Column: value; Column: value``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from agents.words import sentences_in, words_in

MAX_LABEL_WORDS = 6
_ITEM = re.compile(r"^\s*(?:[-*+•]|(?P<number>\d{1,2})[.)])\s+(?P<text>\S.*)$")
_LABEL = re.compile(r"^(?P<label>[^:.!?;]{1,60}):\s+(?P<value>\S.*)$")


class UnitKind(StrEnum):
    SENTENCE = "sentence"
    ITEM = "item"
    STEP = "step"
    ROW = "row"


@dataclass(frozen=True)
class Unit:
    """The smallest thing to quote. `label` is what stands before the colon of an item, or names a table row; `columns`
    are those of the row to show, all when there are none."""

    kind: UnitKind
    text: str
    label: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """Units under one heading (empty when the passage has none there); `intro` is the line that leads into a list."""

    heading: str
    units: tuple[Unit, ...]
    intro: str = ""

    @property
    def labelled(self) -> bool:
        """Whether this reads like a record: most of its lines are ``Label: value``."""
        items = [unit for unit in self.units if unit.kind is UnitKind.ITEM]
        return len(items) >= 3 and sum(bool(unit.label) for unit in items) >= 0.6 * len(self.units)

    @property
    def text(self) -> str:
        return " ".join(filter(None, (self.heading, self.intro, *(unit.text for unit in self.units))))


@lru_cache(maxsize=2_000)
def sections_of(text: str) -> tuple[Section, ...]:
    """The sections of a passage's text in reading order; none is empty."""
    return tuple(_sections([line.strip() for line in text.splitlines()]))


def _sections(lines: list[str]) -> Iterator[Section]:
    heading, intro = "", ""
    units: list[Unit] = []
    for line in lines:
        if not line.endswith(":") or _ITEM.match(line):
            units += _units(line)
            continue
        if units:
            yield Section(heading, tuple(units), intro)
            heading, intro, units = "", "", []
        heading, intro = (heading, line) if heading else (line[:-1], "")
    if units:
        yield Section(heading, tuple(units), intro)


def _units(line: str) -> list[Unit]:
    if not words_in(line):
        return []
    if item := _ITEM.match(line):
        kind = UnitKind.STEP if item["number"] else UnitKind.ITEM
        return [Unit(kind, item["text"], _label(item["text"]))]
    if row := _row(line):
        return [row]
    label = _label(line)
    return [Unit(UnitKind.SENTENCE, part.strip(), label) for part in sentences_in(line) if words_in(part)]


def _row(line: str) -> Unit | None:
    """``Delivery: Parcel; Price: $6.90`` is a row named "Parcel"; a first cell without column names it as it is."""
    cells = line.split("; ")
    labelled = [bool(_label(cell)) for cell in cells]
    if len(cells) < 2 or not all(labelled[1:]):
        return None
    first = _LABEL.match(cells[0])
    return Unit(UnitKind.ROW, line, first["value"] if first else cells[0])


def cells_of(row: Unit) -> list[tuple[str, str]]:
    """The (column, value) pairs of a table row that are to be shown, without the cell that names it."""
    matches = (_LABEL.match(cell) for cell in row.text.split("; ")[1:])
    cells = [(match["label"], match["value"]) for match in matches if match]
    return [cell for cell in cells if not row.columns or cell[0] in row.columns]


def _label(text: str) -> str:
    match = _LABEL.match(text)
    if not match or len(words_in(match["label"])) > MAX_LABEL_WORDS:
        return ""
    return match["label"].strip("*_ ")
