"""Where an answer may stand: the sections of the passages found, and how well each fits what is asked."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from agents.providers.local.dossier import Found
from agents.providers.local.leaning import ALONE, ASPECTS, reliance
from agents.providers.local.passages import Section, Unit, UnitKind, sections_of
from agents.providers.local.vectors import Matrix, memory
from agents.providers.local.wanted import Kind, instructs, kinds_asked, kinds_count, wants_course, wants_procedure
from agents.words import content_words, numbers_in

MIN_RELEVANCE = 0.3
NEAR_BEST = 0.5  # share of the best relevance a passage needs
MAX_PASSAGES = 8
MAX_SECTIONS = 8  # compared by their vectors
READ_CHARS = 600  # of a section
SPOKEN_OF = 0.3  # added to the relevance of a passage whose name stood in our last answer, when the customer goes on
TITLE_SHARE = 0.5  # of a word of the section itself
ENOUGH_KINDS = 3  # prices or times in a section that holds all one may want
ASPECT_COUNTS = 0.4  # of another word, a word that only says what one wants to know
WHOLE_MATTER = 0.3  # weight of the other asks of the same matter beside an ask that stands alone
LINES_OF = 4  # places whose lines are compared one by one
# What counts for the fit of a section: likeness of its text, words shared with the text and with the heading, relevance
# of the passage, having been named in our last answer, holding the kind of thing that is asked; and its best line.
WEIGHTS, LINE_WEIGHT = np.array([0.4, 0.15, 0.2, 0.12, 0.15, 0.2]), 0.3

_HOW_TO = re.compile(r"how (?:to|you|we)\b|how .* works?$|what to do", re.IGNORECASE)


@dataclass(frozen=True)
class Aim:
    """What is looked for: `ask` is the customer's wording, `matter` what it stands in, earlier turns and other asks.

    `rarity` says of words how much it tells that they are met; other words count fully.
    """

    ask: str
    matter: str
    rarity: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def own(self) -> float:
        """The weight of the ask's own words."""
        return min(reliance(self.ask), 1 - WHOLE_MATTER) if self.matter != self.ask else 1.0

    @cached_property
    def vector(self) -> Matrix:
        alone, whole = memory.embed([self.ask, self.matter])
        mixed = self.own * alone + (1 - self.own) * whole
        return mixed / np.linalg.norm(mixed)

    @cached_property
    def words(self) -> Mapping[str, float]:
        """The words and numbers to meet and how much each counts."""
        own = _words(self.ask)
        beside = _words(self.matter) - own if reliance(self.ask) < ALONE else set()
        counts = dict.fromkeys(own, 1.0) | dict.fromkeys(beside, 1 - self.own)
        return {
            word: count * self.rarity.get(word, 1.0) * (ASPECT_COUNTS if word in ASPECTS else 1)
            for word, count in counts.items()
        }

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        return kinds_asked(self.ask)

    @cached_property
    def needs_kind(self) -> bool:
        return any(kind.needed for kind in self.kinds)

    @cached_property
    def wants_procedure(self) -> bool:
        return wants_procedure(self.ask)

    @cached_property
    def wants_fact(self) -> bool:
        """One thing is asked; else something to do is, or a problem told, which takes more to answer."""
        return ("?" in self.ask or bool(self.kinds)) and not (self.wants_procedure or wants_course(self.ask))

    def shared(self, text: str) -> float:
        """The share of the words to meet that stand in `text`, by what they count."""
        total = sum(self.words.values())
        held = _words(text)
        return sum(count for word, count in self.words.items() if word in held) / total if total else 0.0

    def among(self, texts: Sequence[str]) -> "Aim":
        """The same aim, where a word that stands in many of `texts` counts little."""
        held = [_words(text) for text in texts]
        often = {word: sum(word in words for words in held) for word in self.words}
        highest = math.log(1 + len(texts))
        rarity = {word: math.log((1 + len(texts)) / max(1, count)) / highest for word, count in often.items()}
        return Aim(self.ask, self.matter, rarity)


def _words(text: str) -> set[str]:
    return content_words(text) | numbers_in(text)


@dataclass(frozen=True)
class Place:
    """A section of a passage."""

    found: Found
    section: Section

    @property
    def name(self) -> str:
        return self.section.heading or self.found.name

    @property
    def text(self) -> str:
        return f"{self.found.title} {self.found.heading} {self.section.text}"[:READ_CHARS]

    @property
    def lines(self) -> list[str]:
        """Its units, each with the name of the place: alone they would say too little."""
        return [line_of(self.name, unit) for unit in self.section.units]

    def shared(self, aim: Aim) -> float:
        """Words met; those of the title, which all its sections have, count half on top."""
        return aim.shared(self.section.text) + TITLE_SHARE * aim.shared(f"{self.found.title} {self.found.heading}")

    def right_kind(self, aim: Aim) -> float:
        """How well this holds the kind of thing that is wanted: of what is needed -1 (nothing) to 2 (much of it, in a
        table of the article about the very matter); of anything else at most 1."""
        told = min(1.0, kinds_count(aim.kinds, self.section.text) / ENOUGH_KINDS)
        if aim.needs_kind:
            is_table = any(unit.kind is UnitKind.ROW for unit in self.section.units)
            return 2 * told if is_table and aim.shared(self.found.title) else told or -1
        return max(told / 2, self._procedure() if aim.wants_procedure else 0)

    def _procedure(self) -> float:
        """Whether this tells how something is done."""
        has_steps = any(unit.kind is UnitKind.STEP for unit in self.section.units)
        if has_steps or _HOW_TO.match(self.name):
            return 1
        return 0.5 if any(instructs(unit.text) for unit in self.section.units) else 0

    def spoken_of(self, said: str, aim: Aim) -> float:
        """Whether our last answer named this; what lacks the kind of thing now wanted was enough spoken of."""
        share = max(0.0, min(1.0, self.right_kind(aim))) if aim.needs_kind else 1.0
        return share if self.name in said else 0.0

    def promise(self, aim: Aim) -> float:
        """A first guess, cheap to make, at how well this fits."""
        return self.shared(aim) + self.found.relevance + self.right_kind(aim)


def line_of(name: str, unit: Unit) -> str:
    return f"{name}: {unit.text}"


def places_find(passages: Sequence[Found], aim: Aim, said: str) -> list[Place]:
    """The sections worth comparing, the most promising first: those of the most relevant passages, and of those that
    `said`, our last answer, spoke about."""
    standing = {found.number: found.relevance + (SPOKEN_OF if found.name in said else 0) for found in passages}
    ranked = sorted(passages, key=lambda found: -standing[found.number])[:MAX_PASSAGES]
    floor = max([MIN_RELEVANCE, *(NEAR_BEST * found.relevance for found in ranked[:1])])
    near = [found for found in ranked if standing[found.number] >= floor] or ranked[:1]
    places = [Place(found, section) for found in near for section in sections_of(found.text)]
    return sorted(places, key=lambda place: -place.promise(aim))[:MAX_SECTIONS]


def fits_of(places: Sequence[Place], aim: Aim, said: str) -> Matrix:
    """How well each place fits: higher is better, comparable within one call."""
    aim = aim.among([place.text for place in places])
    likeness = memory.embed([place.text for place in places]) @ aim.vector
    evidence = [
        likeness,
        [place.shared(aim) for place in places],
        [aim.shared(place.name) for place in places],
        [place.found.relevance for place in places],
        [place.spoken_of(said, aim) for place in places],
        [place.right_kind(aim) for place in places],
    ]
    fits = WEIGHTS @ np.array(evidence)
    # Lines take long to compare: the best places are enough, the others get their whole text's likeness.
    best_line = likeness.copy()
    for index in np.argsort(-fits)[:LINES_OF]:
        best_line[index] = (memory.embed(places[index].lines) @ aim.vector).max()
    return fits + LINE_WEIGHT * best_line
