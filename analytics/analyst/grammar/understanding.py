"""From what a question says to a spec, given what was asked before. What is not clear is not guessed."""

from collections.abc import Sequence
from datetime import date

from analytics.analyst.grammar.asked import Asked, Missed, Unclear
from analytics.analyst.grammar.lexicon import Lexicon, families, family_of
from analytics.analyst.grammar.quoting import words_asked
from analytics.analyst.grammar.reading import Reading
from analytics.analyst.grammar.synonyms import COUNT_OF, HEADS, NOUNS_OF_VIEW, SHARE_OF
from analytics.analyst.grammar.timing import when_read
from analytics.catalogue.definition import Direction, Unit
from analytics.catalogue.dimensions import DIMENSIONS
from analytics.catalogue.metrics import METRICS, metric_dimensions
from analytics.errors import SpecInvalid
from analytics.querying import Filter, Grain, QuerySpec, spec_check

DEFAULT_TOP = 5
_IMPLIED = {"most expensive": "cost", "cheapest": "cost", "costliest": "cost", "dearest": "cost",
            "least expensive": "cost", "busiest": "queries", "quietest": "queries"}  # fmt: skip
_CHANNEL_NOUNS = frozenset({"email", "emails", "mail", "mails", "chats"})


def understand(reading: Reading, previous: Asked | None, *, today: date, lexicon: Lexicon, text: str) -> Asked | Missed:
    maker = _Maker(reading, previous, today, lexicon, text)
    try:
        return maker.make()
    except Unclear as unclear:
        reason = words_asked(unclear.reason, reading.mended, text)
        return Missed(reason, maker.metric_near, tuple(unclear.near))
    except SpecInvalid as error:
        return Missed(error.message)


class _Maker:
    def __init__(self, reading: Reading, previous: Asked | None, today: date, lexicon: Lexicon, text: str) -> None:
        self.reading, self.today, self.lexicon, self.text = reading, today, lexicon, text
        self.remarks = [f"I read '{wrong}' as '{right}'." for wrong, right in reading.mended.items()]
        self.metric_hint = next((_default_rank(sign.name) for sign in reading.metrics if not sign.is_noun), "")
        goes_on = previous is not None and (not self._has_metric() or reading.begins_back)
        self.previous = previous if goes_on else None

    def make(self) -> Asked:
        reading = self.reading
        if reading.problems:
            raise Unclear(reading.problems[0])
        if reading.unknown:
            raise Unclear(_unknown_said(reading.unknown), near=reading.unknown)
        if reading.says_nothing:
            raise Unclear("I did not find a figure in that which I know.")
        metric = self._metric()
        self.metric_hint = metric
        dimensions, grain, fits = self._grouping(metric)
        filters = self._filters(metric)
        when = when_read(reading, self.previous.spec if self.previous else None, self.today)
        self.remarks += when.remarks
        if fits:
            grain = when.steps
        top = self._top(metric, dimensions)
        spec = QuerySpec(metric, when.period, dimensions, grain, when.compare, filters, top, self.text)
        chart = reading.chart or (self.previous.chart if self.previous and self._same_shape(spec) else "")
        return Asked(spec_check(spec), chart, tuple(self.remarks))

    @property
    def metric_near(self) -> str:
        """The metric it is likely to be about; empty when there is no telling."""
        return self.metric_hint or (self.previous.spec.metric if self.previous else "")

    def _same_shape(self, spec: QuerySpec) -> bool:
        assert self.previous
        return (spec.dimensions, spec.grain) == (self.previous.spec.dimensions, self.previous.spec.grain)

    # --- which figure

    def _has_metric(self) -> bool:
        return bool(self.reading.metrics)

    def _metric(self) -> str:
        name = self._named()
        name = self._modified(self._ranked(name))
        self._heads_check(name)
        return name

    def _named(self) -> str:
        """A metric, or a family of percentiles."""
        strong = list(dict.fromkeys(sign.name for sign in self.reading.metrics if not sign.is_noun))
        nouns = list(dict.fromkeys(sign.name for sign in self.reading.metrics if sign.is_noun))
        if len(strong) > 1:
            titles = " and ".join(f"'{METRICS[_default_rank(name)].title}'" for name in strong[:3])
            raise Unclear(f"I can show one figure at a time, and found {titles}.")
        if strong:
            known = NOUNS_OF_VIEW[METRICS[_default_rank(strong[0])].view]
            strange = [sign.text for sign in self.reading.metrics if sign.is_noun and sign.name not in known]
            if strange:
                title = METRICS[_default_rank(strong[0])].title
                raise Unclear(f"I did not understand what '{strange[0]}' has to do with '{title}'.")
            return strong[0]
        if len(nouns) > 1:
            nouns = [sign.name for sign in self.reading.heads] or nouns
            if len(set(nouns)) > 1:
                raise Unclear("I can show one figure at a time: which one is meant?")
        if nouns:
            return nouns[0]
        if self.previous:
            before = self.previous.spec.metric
            return family_of(before) or before
        return self._implied()

    def _implied(self) -> str:
        for top in self.reading.tops:
            for said, name in _IMPLIED.items():
                if said in top.text:
                    return name
        if any(kept.text in _CHANNEL_NOUNS for kept in self.reading.kept):
            return "queries"
        raise Unclear("Which figure do you mean?")

    def _ranked(self, name: str) -> str:
        ranks = families().get(name)
        if ranks is None:
            return self._averaged(name)
        wanted = self.reading.ranks[0] if self.reading.ranks else None
        if wanted is None and self.previous and family_of(self.previous.spec.metric) == name and not self._has_metric():
            return self.previous.spec.metric
        rank = wanted.rank if wanted else ranks[0]
        if wanted and wanted.is_mean and 50 in ranks:
            self.remarks.append("Of durations the median is kept and no mean: that is what this shows.")
        if rank not in ranks:
            known = " and ".join("the median" if known == 50 else f"p{known}" for known in ranks)
            title = METRICS[f"{name}_p{ranks[0]}"].title.partition(",")[0]
            raise Unclear(f"Of '{title}' I know {known}, not p{rank}.")
        return f"{name}_p{rank}"

    def _averaged(self, name: str) -> str:
        for wanted in self.reading.ranks:
            unit = METRICS[name].unit
            is_mean = unit in (Unit.NUMBER, Unit.SCORE, Unit.SHARE) or name.startswith("cost_per")
            if not wanted.is_mean or not is_mean:
                raise Unclear(f"'{METRICS[name].title}' has no {'average' if wanted.is_mean else 'percentiles'}.")
        return name

    def _modified(self, name: str) -> str:
        """A share where a share is wanted, a number where a number is."""
        unit = METRICS[name].unit
        if "share" in self.reading.roles and unit is not Unit.SHARE:
            if name not in SHARE_OF:
                raise Unclear(f"I know '{METRICS[name].title}' as a number, not as a share of something.")
            return SHARE_OF[name]
        if self.reading.heads and unit is Unit.SHARE:
            if name not in COUNT_OF:
                raise Unclear(f"I know '{METRICS[name].title}' as a share, not as a number.")
            return COUNT_OF[name]
        return name

    def _heads_check(self, name: str) -> None:
        """'How many customers were escalated' is not how many escalations there were."""
        for head in self.reading.heads:
            if head.is_noun and head.name not in (name, family_of(name)) and head.name not in HEADS.get(name, ()):
                raise Unclear(f"I know '{METRICS[name].title}', but not how many {head.text} that are.")

    # --- how it is split

    def _grouping(self, metric: str) -> tuple[tuple[str, ...], Grain | None, bool]:
        """Dimensions, steps, and whether the steps are to fit the period."""
        reading, before = self.reading, self.previous.spec if self.previous else None
        dimensions = list(dict.fromkeys(reading.dimensions))
        if reading.loose:
            dimensions += self._loose(dimensions)
        if reading.is_versus and not reading.compares:
            dimensions += [name for name in self._versus(metric) if name not in dimensions]
        grains = list(dict.fromkeys(grain for grain in reading.grains if grain))
        if len(grains) > 1:
            raise Unclear("I can go by one kind of step at a time: by hour, day, week or month.")
        grain = grains[0] if grains else None
        fits = bool(reading.grains) and not grain
        if "whole" in reading.roles and not (dimensions or reading.grains):
            return (), None, False
        if before and not (dimensions or reading.grains):
            dimensions, grain = list(before.dimensions), before.grain
        elif before and "also" in reading.roles:
            dimensions = list(dict.fromkeys([*before.dimensions, *dimensions]))
            grain = grain or (None if fits else before.grain)
        return self._known(metric, dimensions), grain, fits

    def _loose(self, dimensions: Sequence[str]) -> list[str]:
        reading = self.reading
        goes_on = self.previous is not None and not (reading.metrics or reading.kept or dimensions)
        if goes_on or reading.tops:
            return list(dict.fromkeys(reading.loose))
        title = DIMENSIONS[reading.loose[0]].title.lower()
        raise Unclear(f"I did not understand what to do with '{title}'. To split by it, say 'by {title}'.")

    def _versus(self, metric: str) -> list[str]:
        """'Compare chat and e-mail' splits by what both are."""
        names = [self._belongs(kept.options, metric, kept.text)[0] for kept in self.reading.kept if not kept.negated]
        if len(names) >= 2 and len(set(names)) == 1:
            return names[:1]
        if len(self.reading.periods) > 1 or self.reading.dimensions or self.reading.grains:
            return []
        raise Unclear("I did not understand what is to be compared with what.")

    def _known(self, metric: str, dimensions: Sequence[str]) -> tuple[str, ...]:
        known = metric_dimensions(METRICS[metric])
        kept = []
        for name in dimensions:
            if name in known:
                kept.append(name)
            elif self.previous and name in self.previous.spec.dimensions and name not in self.reading.dimensions:
                self.remarks.append(f"Not split by {DIMENSIONS[name].title.lower()}: this figure is not known by it.")
            else:
                titles = ", ".join(DIMENSIONS[other].title.lower() for other in known)
                raise Unclear(
                    f"'{METRICS[metric].title}' is not known by {DIMENSIONS[name].title.lower()}. It is by: {titles}."
                )
        return tuple(kept)

    # --- of what

    def _filters(self, metric: str) -> tuple[Filter, ...]:
        found: dict[tuple[str, bool], list[str]] = {}
        for kept in self.reading.kept:
            dimension, value = self._belongs(kept.options, metric, kept.text)
            found.setdefault((dimension, kept.negated), []).append(value)
        for sign in self.reading.weekdays:
            found.setdefault(("weekday", sign.negated), []).extend(sign.values)
        new = [Filter(name, tuple(dict.fromkeys(values)), negated) for (name, negated), values in found.items()]
        return tuple(self._before(metric, new) + new)

    def _before(self, metric: str, new: Sequence[Filter]) -> list[Filter]:
        """Filters of the question before that go on."""
        if self.previous is None or "drop filters" in self.reading.roles:
            return []
        dropped = {role.removeprefix("drop ") for role in self.reading.roles} | {kept.dimension for kept in new}
        known = metric_dimensions(METRICS[metric])
        stay = []
        for kept in self.previous.spec.filters:
            if kept.dimension in dropped:
                continue
            if kept.dimension in known:
                stay.append(kept)
            else:
                title = DIMENSIONS[kept.dimension].title.lower()
                self.remarks.append(f"The filter on {title} is left out: this figure is not known by it.")
        return stay

    def _belongs(self, options: Sequence[tuple[str, str]], metric: str, text: str) -> tuple[str, str]:
        known = metric_dimensions(METRICS[metric])
        for dimension, value in sorted(
            options, key=lambda option: known.index(option[0]) if option[0] in known else 99
        ):
            if dimension in known:
                return dimension, value
        named = DIMENSIONS[options[0][0]].title.lower()
        raise Unclear(f"'{METRICS[metric].title}' is not known by {named}, so it cannot be shown for '{text}'.")

    # --- how many

    def _top(self, metric: str, dimensions: Sequence[str]) -> int | None:
        tops = self.reading.tops
        if not tops:
            before = self.previous.spec if self.previous else None
            return before.top if before and tuple(dimensions) == before.dimensions else None
        if len({(top.sense, top.count) for top in tops}) > 1 and len({top.count for top in tops if top.count}) != 1:
            raise Unclear("I can show one end of a list at a time.")
        if not dimensions:
            if self.reading.grains or (self.previous and self.previous.spec.grain):
                return None  # a series tells its highest and lowest
            raise Unclear("The highest or lowest of what? Say, for example, which channel or which category.")
        top = tops[-1] if tops[-1].sense in ("best", "worst") else tops[0]
        count = next((top.count for top in tops if top.count), DEFAULT_TOP)
        return count if _is_large(top.sense, METRICS[metric].direction) else -count


def _is_large(sense: str, direction: Direction) -> bool:
    if sense in ("large", "small"):
        return sense == "large"
    good_is_large = direction is not Direction.DOWN
    if direction is Direction.NONE:
        return True
    return good_is_large if sense == "best" else not good_is_large


def _unknown_said(words: Sequence[str]) -> str:
    shown = ", ".join(f"'{word}'" for word in dict.fromkeys(words))
    return f"I do not know what {shown} {'means' if len(set(words)) == 1 else 'mean'} here, so I do not guess."


def _default_rank(name: str) -> str:
    ranks = families().get(name)
    return f"{name}_p{ranks[0]}" if ranks else name
