"""What to quote: of the passages found, the sections that fit each ask, and in them the lines that answer it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from agents.providers.local.asks import Ask, leans_back
from agents.providers.local.dossier import Dossier, Found
from agents.providers.local.passages import Section, Unit, UnitKind, sections_of
from agents.providers.local.support import kinds_told
from agents.providers.local.vectors import Matrix, memory
from agents.words import content_words

MIN_RELEVANCE = 0.3
NEAR_BEST = 0.5  # share of the best relevance a passage needs
MAX_PASSAGES = 8
MAX_SECTIONS = 8  # compared by their vectors
READ_CHARS = 600  # of a section
MAX_PICKS = 4
MAX_ITEMS = 8
MAX_SENTENCES = 3
WHOLE_CHARS = 320  # a section of prose this short is quoted whole
SIBLING_SHARE = 0.75  # of the best section's fit that a like section beside it needs
LABEL_LIKENESS = 0.38
LIKENESS_BESIDE_NAMED = 0.55
SPOKEN_OF = 0.3  # added to the relevance of a passage whose name stood in our last answer, when the customer goes on
TITLE_SHARE = 0.5  # of a word of the section itself
MENTIONED = 0.15  # the same for the fit of a section
RIGHT_KIND = 0.15  # added for a section that holds prices or times when the ask wants one,
ENOUGH_KINDS = 3  # in full when it holds so many
_EVERYTHING = content_words(
    "recommend recommendation detail information overview compare comparison difference options everything"
)


@dataclass(frozen=True)
class Pick:
    """A section of a passage and the units of it to quote."""

    found: Found
    section: Section
    units: tuple[Unit, ...]
    fit: float

    @property
    def name(self) -> str:
        return self.section.heading or self.found.name


@dataclass(frozen=True)
class _Place:
    found: Found
    section: Section

    @property
    def name(self) -> str:
        return self.section.heading or self.found.name

    @property
    def text(self) -> str:
        return f"{self.found.title} {self.found.heading} {self.section.text}"[:READ_CHARS]

    def shared(self, words: set[str]) -> float:
        """The share of `words` that stand here; those of the title, which all its sections have, count half on top."""
        if not words:
            return 0.0
        own = len(words & content_words(self.section.text))
        return (own + TITLE_SHARE * len(words & content_words(f"{self.found.title} {self.found.heading}"))) / len(words)

    def right_kind(self, ask: str) -> float:
        """How well this holds the prices or times that the ask wants, 0 to 2: many of them count 1, and so does their
        being a table in the article about the very matter."""
        told = min(1.0, kinds_told(ask, self.section.text) / ENOUGH_KINDS)
        is_table = any(unit.kind is UnitKind.ROW for unit in self.section.units)
        return 2 * told if is_table and content_words(ask) & content_words(self.found.title) else told

    def promise(self, ask: str, words: set[str]) -> float:
        """A first guess, cheap to make, at how well this fits."""
        return self.shared(words) + self.found.relevance + self.right_kind(ask)


def picks_make(
    dossier: Dossier, asks: Sequence[Ask], context: Sequence[str], passages: Sequence[Sequence[Found]]
) -> list[Pick]:
    """The picks for all asks, best first within an ask, no section twice. `passages` are those found for each ask."""
    picks: list[Pick] = []
    for ask, found in zip(asks, passages, strict=True):
        matter = " ".join([*context[-1:], *(other.text for other in asks if other.topic == ask.topic)])
        for pick in _picks(ask.text, matter, found, dossier.last_answer if context else ""):
            _merge(picks, pick)
    return _same_labels(picks)[:MAX_PICKS]


def _picks(ask: str, matter: str, passages: Sequence[Found], said: str) -> list[Pick]:
    places = _places(passages, said)
    if not places:
        return []
    asked, words = _aim(ask, matter), content_words(f"{ask} {matter}" if leans_back(ask) else ask)
    places = sorted(places, key=lambda place: -place.promise(ask, words))[:MAX_SECTIONS]
    fits = _fits(asked, words, places, said) + RIGHT_KIND * np.array([place.right_kind(ask) for place in places])
    best = int(np.argmax(fits))
    chosen = [i for i in np.argsort(-fits) if i == best or _is_sibling(places[best], places[i], fits[i] / fits[best])]
    picked = [Pick(places[i].found, places[i].section, (), float(fits[i])) for i in chosen[:MAX_PICKS]]
    return [replace(pick, units=_units(pick.section, ask, matter, asked)) for pick in picked]


def _places(passages: Sequence[Found], said: str) -> list[_Place]:
    """The sections worth reading: those of the most relevant passages, and of those we spoke about before."""
    standing = {found.number: found.relevance + (SPOKEN_OF if found.name in said else 0) for found in passages}
    ranked = sorted(passages, key=lambda found: -standing[found.number])[:MAX_PASSAGES]
    floor = max([MIN_RELEVANCE, *(NEAR_BEST * found.relevance for found in ranked[:1])])
    near = [found for found in ranked if standing[found.number] >= floor] or ranked[:1]
    return [_Place(found, section) for found in near for section in sections_of(found.text)]


def _aim(ask: str, matter: str) -> Matrix:
    """Where the ask points: its own vector, and that of the whole matter the more it leans on it."""
    alone, whole = memory.embed([ask, matter])
    share = 0.35 if leans_back(ask) else 0.7
    mixed = share * alone + (1 - share) * whole
    return mixed / np.linalg.norm(mixed)


def _fits(asked: Matrix, words: set[str], places: Sequence[_Place], said: str) -> Matrix:
    likeness = memory.embed([place.text for place in places]) @ asked
    shared = [place.shared(words) for place in places]
    relevance = [place.found.relevance for place in places]
    mentioned = [MENTIONED if place.name in said else 0 for place in places]
    headed = [len(words & content_words(place.section.heading)) / max(1, len(words)) for place in places]
    return np.array([0.6, 0.15, 0.1, 0.15, 1]) @ np.array([likeness, shared, headed, relevance, mentioned])


def _is_sibling(best: _Place, other: _Place, share: float) -> bool:
    """Records beside each other under one heading answer together: two cards, two tariffs."""
    if not (best.section.labelled and other.section.labelled) or share < SIBLING_SHARE:
        return False
    parents = [place.found.heading.rpartition(" › ")[0] for place in (best, other)]
    return best.found.document == other.found.document and parents[0] == parents[1]


# --- Units within a section ------------------------------------------------------------------------------------------
def _units(section: Section, ask: str, matter: str, asked: Matrix) -> tuple[Unit, ...]:
    kinds = {unit.kind for unit in section.units}
    if section.labelled:
        return _labelled(section, ask, matter)
    if UnitKind.STEP in kinds:
        return _listed(section, UnitKind.STEP)
    if UnitKind.ROW in kinds:
        return _rows(section, ask)
    if UnitKind.ITEM in kinds:
        return _listed(section, UnitKind.ITEM)
    return _prose(section, ask, asked)


def _labelled(section: Section, ask: str, matter: str) -> tuple[Unit, ...]:
    """The labels the ask names or means; all of them when it wants an overview."""
    units = [unit for unit in section.units if unit.label]
    words = content_words(ask)
    if words & _EVERYTHING or not words:
        return tuple(units)
    likeness = memory.embed([unit.text for unit in units]) @ memory.embed([ask])[0]
    named = [bool(words & content_words(unit.label)) for unit in units]
    enough = LIKENESS_BESIDE_NAMED if any(named) else LABEL_LIKENESS
    kept = [unit for unit, is_named, like in zip(units, named, likeness, strict=True) if is_named or like >= enough]
    return tuple(kept or [units[int(np.argmax(likeness))]])


def _listed(section: Section, kind: UnitKind) -> tuple[Unit, ...]:
    return tuple(unit for unit in section.units if unit.kind is kind)[:MAX_ITEMS]


def _rows(section: Section, ask: str) -> tuple[Unit, ...]:
    """The rows the ask names; the whole table when it names none. A sentence that belongs to them stays."""
    rows = [unit for unit in section.units if unit.kind is UnitKind.ROW]
    words = content_words(ask)
    every_row = content_words(section.heading) | content_words(rows[0].text.partition(":")[0])
    overlap = [len((words - every_row) & content_words(row.label)) for row in rows]
    named = [row for row, shared in zip(rows, overlap, strict=True) if shared == max(overlap) and shared]
    notes = [u for u in section.units if u.kind is UnitKind.SENTENCE and len(words & content_words(u.text)) >= 2]
    return (*(named or rows)[:MAX_ITEMS], *notes[:1])


def _prose(section: Section, ask: str, asked: Matrix) -> tuple[Unit, ...]:
    units = section.units
    if len(" ".join(unit.text for unit in units)) <= WHOLE_CHARS:
        return units
    words = content_words(ask)
    shared = np.array([len(words & content_words(unit.text)) / max(1, len(words)) for unit in units])
    scores = 0.7 * (memory.embed([unit.text for unit in units]) @ asked) + 0.3 * shared
    best = int(np.argmax(scores))
    near = [i for i in np.argsort(-scores) if scores[i] >= 0.7 * scores[best]][:MAX_SENTENCES]
    return tuple(units[i] for i in sorted(near))


# --- All picks together ----------------------------------------------------------------------------------------------
def _merge(picks: list[Pick], pick: Pick) -> None:
    for number, known in enumerate(picks):
        if (known.found.number, known.section) == (pick.found.number, pick.section):
            both = tuple(unit for unit in pick.section.units if unit in {*known.units, *pick.units})
            picks[number] = replace(known, units=both)
            return
    picks.append(pick)


def _same_labels(picks: list[Pick]) -> list[Pick]:
    """Records quoted beside each other show the same labels, so that they can be compared."""
    records = [pick for pick in picks if pick.section.labelled]
    if len(records) < 2:
        return picks
    labels = {unit.label for pick in records for unit in pick.units}
    return [
        replace(pick, units=tuple(u for u in pick.section.units if u.label in labels))
        if pick.section.labelled
        else pick
        for pick in picks
    ]
