"""What to quote of a section: the line that answers, the rows and columns that are named, or all of it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from agents.providers.local.leaning import ALONE, reliance
from agents.providers.local.passages import Section, Unit, UnitKind, cells_of
from agents.providers.local.picking.places import Aim, line_of
from agents.providers.local.vectors import Matrix, memory
from agents.providers.local.wanted import instructs, kinds_count
from agents.words import content_words, numbers_in

MAX_ITEMS = 8
MAX_SENTENCES = 3
WHOLE_CHARS = 420  # of a section quoted whole when more than one fact is wanted,
BRIEF_CHARS = 200  # and when one is
CONTINUES_CHARS = 160  # of a sentence that makes sense only after the one before it
LABEL_LIKENESS = 0.38
LIKENESS_BESIDE_NAMED = 0.55
SHARED, RIGHT_KIND = (
    0.5,
    0.15,
)  # what counts for a line beside its likeness: words met, holding a price or time asked for
STANDS_OUT = 1.15  # times the score of the next best: this line alone answers
NEAR_BEST = 0.85  # share of the best score a further sentence needs
ROW_LIKENESS, ROW_AHEAD = 0.42, 0.06  # of the one row that is meant though none is named

_CONTINUES = re.compile(
    r"(?:after that|then|otherwise|but|however|it|they|this|these|those|if it|if they|so|in that case|you may also)\b",
    re.IGNORECASE,
)


def lines_choose(section: Section, name: str, aim: Aim) -> tuple[Unit, ...]:
    """The units of `section` to quote for `aim`, in reading order; never none."""
    if section.labelled:
        return _labelled(section, aim)
    scores = _scores(section.units, name, aim)
    best = section.units[int(np.argmax(scores))]
    listed = [unit for unit in section.units if unit.kind is not UnitKind.SENTENCE]
    if not listed or (best.kind is UnitKind.SENTENCE and aim.wants_fact):
        return _sentences(section, scores, aim)
    kind = best.kind if best.kind is not UnitKind.SENTENCE else listed[0].kind
    return _CHOOSERS[kind](section, scores, aim)


def _scores(units: Sequence[Unit], name: str, aim: Aim) -> Matrix:
    likeness = memory.embed([line_of(name, unit) for unit in units]) @ aim.vector
    shared = [aim.shared(unit.text) for unit in units]
    kinds = [min(1, kinds_count(aim.kinds, unit.text)) for unit in units]
    return likeness + np.array([SHARED, RIGHT_KIND], np.float32) @ np.array([shared, kinds], np.float32)


# --- Records ---------------------------------------------------------------------------------------------------------
def _labelled(section: Section, aim: Aim) -> tuple[Unit, ...]:
    """The labels the ask names or means; all of them when it wants an overview."""
    units = [unit for unit in section.units if unit.label]
    words = content_words(aim.ask) | numbers_in(aim.ask)
    if words & _EVERYTHING or not words:
        return tuple(units)
    labels = [content_words(unit.label) | numbers_in(unit.label) for unit in units]
    telling = {word for word in words if not all(word in label for label in labels)}
    named = [bool(telling & label) for label in labels]
    likeness = memory.embed([unit.text for unit in units]) @ memory.embed([aim.ask])[0]
    enough = LIKENESS_BESIDE_NAMED if any(named) else LABEL_LIKENESS
    kept = [unit for unit, is_named, like in zip(units, named, likeness, strict=True) if is_named or like >= enough]
    chosen = tuple(kept or [units[int(np.argmax(likeness))]])
    return (*chosen, *_instructions(section)) if aim.wants_procedure else chosen


def _instructions(section: Section) -> tuple[Unit, ...]:
    """The sentence beside a list that tells what to do."""
    told = [unit for unit in section.units if unit.kind is UnitKind.SENTENCE and instructs(unit.text)]
    return tuple(told[:1])


_EVERYTHING = content_words(
    "recommend recommendation detail information overview compare comparison difference options everything"
)


# --- Lists -----------------------------------------------------------------------------------------------------------
def _steps(section: Section, scores: Matrix, aim: Aim) -> tuple[Unit, ...]:
    """All steps: one of them says little alone."""
    return tuple(unit for unit in section.units if unit.kind is UnitKind.STEP)[:MAX_ITEMS]


def _items(section: Section, scores: Matrix, aim: Aim) -> tuple[Unit, ...]:
    """The items with the number that is asked about, or the one that stands out for one fact; else the list."""
    ranked = sorted((i for i, unit in enumerate(section.units) if unit.kind is UnitKind.ITEM), key=lambda i: -scores[i])
    numbers = numbers_in(aim.ask)
    numbered = tuple(section.units[i] for i in sorted(ranked) if numbers & numbers_in(section.units[i].text))
    if aim.wants_fact and numbered:
        return numbered[:MAX_ITEMS]
    if aim.kinds and len(ranked) > 1 and scores[ranked[0]] >= STANDS_OUT * scores[ranked[1]]:
        return (section.units[ranked[0]],)
    items = tuple(section.units[i] for i in sorted(ranked))[:MAX_ITEMS]
    return (*items, *_instructions(section)) if aim.wants_procedure else items


# --- Tables ----------------------------------------------------------------------------------------------------------
def _rows(section: Section, scores: Matrix, aim: Aim) -> tuple[Unit, ...]:
    """The rows and columns the ask names or means, and a sentence beside them that answers as well."""
    rows = [unit for unit in section.units if unit.kind is UnitKind.ROW]
    chosen = _rows_named(section, rows, aim) or _row_meant(rows, aim) or rows
    columns = _columns(rows, chosen, aim)
    top = max(scores[i] for i, unit in enumerate(section.units) if unit in chosen)
    notes = [u for u, score in zip(section.units, scores, strict=True) if u.kind is UnitKind.SENTENCE and score >= top]
    return (*(replace(row, columns=columns) for row in chosen[:MAX_ITEMS]), *notes[:1])


def _rows_named(section: Section, rows: Sequence[Unit], aim: Aim) -> list[Unit]:
    """Rows whose name, or else whose cells, hold words of the ask that not every row has."""
    everywhere = content_words(section.heading) | set.intersection(*(content_words(row.text) for row in rows))
    asked = {word: weight for word, weight in aim.words.items() if word not in everywhere}
    columns = {word for row in rows for column, _ in cells_of(row) for word in content_words(column)}
    named = _most(rows, lambda row: sum(w for word, w in asked.items() if word in content_words(row.label)))
    return named or _most(
        rows,
        lambda row: sum(w for word, w in asked.items() if word in _values(row) and word not in columns),
        at_most=len(rows) // 3,
    )


def _values(row: Unit) -> set[str]:
    return {word for _, value in cells_of(row) for word in content_words(value)}


def _most(rows: Sequence[Unit], count: Callable[[Unit], float], at_most: int = MAX_ITEMS) -> list[Unit]:
    """The rows that count most, if any counts and not too many do."""
    counts = [count(row) for row in rows]
    best = [row for row, number in zip(rows, counts, strict=True) if number and number == max(counts)]
    return best if len(best) <= max(1, at_most) else []


def _row_meant(rows: Sequence[Unit], aim: Aim) -> list[Unit]:
    """The one row whose name is clearly nearest to what is asked: a dresser is a chest of drawers."""
    likeness = memory.embed([row.label for row in rows]) @ aim.vector
    ranked = np.argsort(-likeness)
    is_one = len(rows) > 1 and likeness[ranked[0]] >= max(ROW_LIKENESS, likeness[ranked[1]] + ROW_AHEAD)
    return [rows[int(ranked[0])]] if is_one else []


def _columns(rows: Sequence[Unit], chosen: Sequence[Unit], aim: Aim) -> tuple[str, ...]:
    """The columns the ask names, else those that hold the kind of thing it wants; all (an empty tuple) without one."""
    names = list(dict.fromkeys(column for row in rows for column, _ in cells_of(row)))
    asked = content_words(aim.ask)
    named = [name for name in names if asked & content_words(name)]
    told = [name for name in names if _tells(name, chosen, aim)]
    both = [name for name in named if name in told]
    return tuple(both or named or told)


def _tells(column: str, rows: Sequence[Unit], aim: Aim) -> bool:
    texts = [f"{name}: {value}" for row in rows for name, value in cells_of(row) if name == column]
    return bool(texts) and sum(kinds_count(aim.kinds, text) > 0 for text in texts) > len(texts) / 2


# --- Prose -----------------------------------------------------------------------------------------------------------
def _sentences(section: Section, scores: Matrix, aim: Aim) -> tuple[Unit, ...]:
    """One fact: the sentence that tells it and what continues it. Something to do, or a problem: the whole section."""
    places = [i for i, unit in enumerate(section.units) if unit.kind is UnitKind.SENTENCE]
    sure = aim.wants_fact and reliance(aim.ask) == ALONE
    if len(" ".join(section.units[i].text for i in places)) <= (BRIEF_CHARS if sure else WHOLE_CHARS):
        return tuple(section.units[i] for i in places)
    best = max(scores[i] for i in places)
    near = sorted((i for i in places if scores[i] >= NEAR_BEST * best), key=lambda i: -scores[i])[:MAX_SENTENCES]
    kept = {i for found in near for i in _with_neighbours(section.units, found)}
    return tuple(section.units[i] for i in sorted(kept))


def _with_neighbours(units: Sequence[Unit], index: int) -> set[int]:
    """A sentence, the one it continues, and a short one that continues it."""
    kept = {index}
    if index and _CONTINUES.match(units[index].text) and units[index - 1].kind is UnitKind.SENTENCE:
        kept.add(index - 1)
    following = units[index + 1] if index + 1 < len(units) else None
    if following and following.kind is UnitKind.SENTENCE and len(following.text) <= CONTINUES_CHARS:
        kept |= {index + 1} if _CONTINUES.match(following.text) else set()
    return kept


_CHOOSERS = {UnitKind.STEP: _steps, UnitKind.ITEM: _items, UnitKind.ROW: _rows}
