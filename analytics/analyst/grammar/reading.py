"""A question as signs, and what they say together. Nothing here decides whether the catalogue can answer it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from analytics.analyst.grammar.lexicon import Lexicon
from analytics.analyst.grammar.patterns import CAUSE, FUTURE, WHO, pieces_at
from analytics.analyst.grammar.periods import FutureAsked
from analytics.analyst.grammar.rewriting import text_rewrite
from analytics.analyst.grammar.signs import (
    ChartSign,
    CompareSign,
    DimensionSign,
    GrainSign,
    MetricSign,
    PeriodSign,
    RankSign,
    Sign,
    TopSign,
    UnknownSign,
    ValueSign,
    WeekdaysSign,
    WordSign,
)
from analytics.analyst.grammar.synonyms import FILLERS, NEVER_FILLER, NOUNS
from analytics.analyst.grammar.tokens import MAX_WORDS, words_mend, words_of
from analytics.querying import Grain

_ORDER = (ValueSign, CompareSign, PeriodSign, WeekdaysSign, GrainSign, ChartSign, MetricSign, DimensionSign, RankSign,
          TopSign, WordSign)  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """A value to filter by; which dimension it belongs to the metric decides."""

    options: tuple[tuple[str, str], ...]
    text: str
    negated: bool = False


@dataclass
class Reading:
    """What the pieces of a question say. `problems` are sentences: with any the question is not understood."""

    metrics: list[MetricSign] = field(default_factory=list)
    heads: list[MetricSign] = field(default_factory=list)  # right after "how many"
    dimensions: list[str] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)  # dimensions that nothing says how to use
    grains: list[Grain | None] = field(default_factory=list)
    periods: list[PeriodSign] = field(default_factory=list)
    compares: list[CompareSign] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    weekdays: list[WeekdaysSign] = field(default_factory=list)
    tops: list[TopSign] = field(default_factory=list)
    ranks: list[RankSign] = field(default_factory=list)
    chart: str = ""
    roles: set[str] = field(default_factory=set)
    begins_back: bool = False
    is_versus: bool = False
    unknown: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    mended: dict[str, str] = field(default_factory=dict)

    @property
    def says_nothing(self) -> bool:
        return not (
            self.metrics or self.dimensions or self.loose or self.grains or self.periods or self.compares or self.kept
            or self.weekdays or self.tops or self.ranks or self.chart
            or self.roles & {"drop compare", "drop filters", "drop channel", "drop category", "whole"}
        )  # fmt: skip


def question_read(question: str, lexicon: Lexicon, today: date) -> Reading:
    words = words_of(question)
    if len(words) > MAX_WORDS:
        return Reading(problems=[f"That are too many words for one question: at most {MAX_WORDS}."])
    words, mended = words_mend(words, lexicon.known)
    text = text_rewrite(" ".join(words))
    if problem := _beyond(text):
        return Reading(problems=[problem], mended=mended)
    try:
        signs = _scan(text.split(), lexicon, today)
    except FutureAsked:
        return Reading(problems=[_FUTURE], mended=mended)
    reading = _Builder(signs, lexicon).read()
    reading.mended = mended
    return reading


_FUTURE = "I only know what has happened: there are no forecasts here."


def _beyond(text: str) -> str:
    if FUTURE.search(text):
        return _FUTURE
    if CAUSE.search(text):
        return "Figures tell what happened and not why. I can split them, so that you see where it comes from."
    if WHO.search(text):
        return "I know figures, not persons: nothing here tells who somebody is or what a single person did."
    return ""


def _scan(words: Sequence[str], lexicon: Lexicon, today: date) -> list[Sign]:
    signs: list[Sign] = []
    at = 0
    while at < len(words):
        text = " ".join(words[at:])
        after = signs[-1] if signs else None
        found = [*pieces_at(text, today), *_phrases(words[at : at + lexicon.longest], lexicon, after)]
        if isinstance(after, WordSign) and after.role == "which":  # "which model costs": of models, not of model costs
            found = [sign for sign in found if isinstance(sign, DimensionSign)] or found
        best = max(found, key=lambda sign: (sign.words, -_ORDER.index(type(sign))), default=None)
        word = words[at]
        if best is None and (word in NEVER_FILLER or word not in FILLERS):
            best = UnknownSign(1, word)
        if best is not None:
            signs.append(best)
        at += best.words if best else 1
    return signs


def _phrases(words: Sequence[str], lexicon: Lexicon, after: Sign | None) -> list[Sign]:
    found: list[Sign] = []
    for count in range(len(words), 0, -1):
        phrase = " ".join(words[:count])
        if options := lexicon.values.get(phrase):
            found.append(ValueSign(count, phrase, options))
        if isinstance(after, DimensionSign):
            own = tuple(option for option in lexicon.guarded.get(phrase, ()) if option[0] == after.name)
            found += [ValueSign(count, phrase, own)] if own else []
        if phrase in NOUNS and phrase not in lexicon.dimensions:
            found.append(MetricSign(count, phrase, NOUNS[phrase], is_noun=True))
        elif metric := lexicon.metrics.get(phrase):
            found.append(MetricSign(count, phrase, metric))
        if dimension := lexicon.dimensions.get(phrase):
            found.append(DimensionSign(count, phrase, dimension))
    return found


_SPLITS = (DimensionSign, GrainSign, MetricSign, UnknownSign, ValueSign, WeekdaysSign)


def _is_count(sign: Sign | None) -> bool:
    return isinstance(sign, WordSign) and sign.role == "count"


class _Builder:
    """Goes through the signs once, from left to right."""

    def __init__(self, signs: list[Sign], lexicon: Lexicon) -> None:
        self.signs, self.lexicon = signs, lexicon
        self.reading = Reading()
        self.negating: WordSign | None = None
        self.grouping = False

    def read(self) -> Reading:
        first = self.signs[0] if self.signs else None
        self.reading.begins_back = isinstance(first, WordSign) and first.role in ("back", "and")
        at = 0
        while at < len(self.signs):
            at += self._take(at)
        if self.negating is not None:
            self._not_left(self.negating)
        return self.reading

    def _take(self, at: int) -> int:
        """Read the sign at `at`; how many were used."""
        sign, reading = self.signs[at], self.reading
        before = self.signs[at - 1] if at else None
        if not isinstance(sign, WordSign | DimensionSign | GrainSign):
            self.grouping = False
        match sign:
            case UnknownSign():
                reading.unknown.append(sign.text)
            case WordSign():
                self._role(at, sign)
            case MetricSign():
                self._metric(sign, before)
            case DimensionSign():
                return self._dimension(at, sign, before)
            case ValueSign():
                return self._value(at, sign, before)
            case GrainSign():
                reading.grains.append(sign.grain)
                self.grouping = True
            case PeriodSign():
                self._period(sign, before)
            case CompareSign():
                reading.compares.append(sign)
            case WeekdaysSign():
                self._weekdays(sign)
            case TopSign():
                reading.tops.append(sign)
            case RankSign():
                reading.ranks.append(sign)
            case ChartSign():
                reading.chart = sign.kind
        return 1

    def _role(self, at: int, sign: WordSign) -> None:
        after = self.signs[at + 1] if at + 1 < len(self.signs) else None
        self.reading.roles.add(sign.role)
        if sign.role == "not":
            self.negating = sign
        elif sign.role == "versus":
            self.reading.is_versus = True
        elif sign.role == "by" and not (isinstance(after, _SPLITS) or _is_count(after)):
            self.reading.problems.append(f"I did not understand what '{sign.text}' belongs to.")
        if sign.role == "by":
            self.grouping = False

    def _metric(self, sign: MetricSign, before: Sign | None) -> None:
        role = before.role if isinstance(before, WordSign) else ""
        if role in ("by", "count") and self.reading.loose and not self.reading.dimensions:  # "categories by cost"
            self.reading.dimensions, self.reading.loose = self.reading.loose, []
        elif role == "by" and not self.reading.tops and not self.reading.is_versus:
            self.reading.problems.append(f"I cannot split figures by '{sign.text}'.")
        if self.negating is not None:
            self._not_left(self.negating)
        self.reading.metrics.append(sign)
        if role == "count":
            self.reading.heads.append(sign)

    def _dimension(self, at: int, sign: DimensionSign, before: Sign | None) -> int:
        after = self.signs[at + 1] if at + 1 < len(self.signs) else None
        if isinstance(after, ValueSign) and (own := self._owned(after, sign.name)):
            self._keep(Kept(own, after.text, negated=self._negated()))
            return 2
        role = before.role if isinstance(before, WordSign) else ""
        if role in ("by", "which") or isinstance(before, TopSign) or (role == "and" and self.grouping):
            self.reading.dimensions.append(sign.name)
            self.grouping = True
        elif self.negating is not None:
            self._not_left(self.negating)
        else:
            self.reading.loose.append(sign.name)
        return 1

    def _owned(self, value: ValueSign, dimension: str) -> tuple[tuple[str, str], ...]:
        options = (*value.options, *self.lexicon.guarded.get(value.text, ()))
        return tuple(option for option in options if option[0] == dimension)

    def _value(self, at: int, sign: ValueSign, before: Sign | None) -> int:
        role = before.role if isinstance(before, WordSign) else ""
        if role == "by":
            self.reading.problems.append(f"I cannot split figures by '{sign.text}': it is one of many values.")
        after = self.signs[at + 1] if at + 1 < len(self.signs) else None
        used = 1
        options = sign.options
        if isinstance(after, DimensionSign) and (own := self._owned(sign, after.name)):
            options, used = own, 2
        joins = (
            role in ("and", "versus")
            and self.reading.kept
            and isinstance(self._before_role(at), ValueSign | DimensionSign)
        )
        negated = self._negated() or bool(joins and self.reading.kept[-1].negated)
        self._keep(Kept(options, sign.text, negated=negated))
        return used

    def _before_role(self, at: int) -> Sign | None:
        return self.signs[at - 2] if at >= 2 else None

    def _keep(self, kept: Kept) -> None:
        self.reading.kept.append(kept)

    def _negated(self) -> bool:
        negated, self.negating = self.negating is not None, None
        return negated

    def _weekdays(self, sign: WeekdaysSign) -> None:
        negated = self._negated() or sign.negated
        self.reading.weekdays.append(WeekdaysSign(sign.words, sign.text, sign.values, negated))

    def _period(self, sign: PeriodSign, before: Sign | None) -> None:
        if self.negating is not None:
            self._not_left(self.negating)
        self.reading.periods.append(sign)

    def _not_left(self, sign: WordSign) -> None:
        """'chat not' means the same as 'not chat'; any other 'not' is not understood."""
        last = self.signs[-2] if len(self.signs) > 1 and self.signs[-1] is sign else None
        if isinstance(last, ValueSign) and self.reading.kept:
            kept = self.reading.kept[-1]
            self.reading.kept[-1] = Kept(kept.options, kept.text, negated=True)
        else:
            self.reading.problems.append(f"I did not understand what '{sign.text}' belongs to.")
        self.negating = None
