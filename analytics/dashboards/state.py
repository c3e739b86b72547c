"""What the bar is set to. All of it is in the address, so that a link shows others the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone

from analytics.catalogue.definition import Metric
from analytics.catalogue.dimensions import DIMENSIONS
from analytics.catalogue.metrics import metric_dimensions
from analytics.catalogue.values import dimension_values
from analytics.dashboards.figures import period_figure
from analytics.dashboards.periods import CUSTOM, DEFAULT, PRESETS, grain_of
from analytics.querying import Compare, Filter, Grain, Period
from analytics.querying.validation import FIRST_DAY, MOST_DAYS, MOST_VALUES
from omnicqm.common.text import line_clean

BAR = ("channel", "category", "model", "prompt_version")  # those with a control of their own
FILTERS = tuple(name for name, dimension in DIMENSIONS.items() if not dimension.is_time)
UNKNOWN = "-"  # how the address writes the value "not known"
COMPARES = {"": "Nothing", **{one.value: one.words for one in (Compare.PREVIOUS, Compare.YEAR)}}  # what the bar offers


@dataclass(frozen=True)
class State:
    """`preset` is `CUSTOM` for days chosen freely; `filters` has the values kept, by dimension."""

    preset: str
    period: Period
    compare: Compare | None = None
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def grain(self) -> Grain:
        return grain_of(self.period)

    @property
    def query(self) -> str:
        """The part of the address behind the question mark; empty for how a dashboard opens."""
        pairs = [] if self.preset == DEFAULT else [("period", self.preset)]
        if self.preset == CUSTOM:
            pairs += [("from", self.period.first.isoformat()), ("to", self.period.last.isoformat())]
        if self.compare:
            pairs.append(("compare", self.compare.value))
        for name in FILTERS:
            pairs += [(name, value or UNKNOWN) for value in self.filters.get(name, ())]
        return urlencode(pairs)

    def filters_for(self, metric: Metric) -> tuple[Filter, ...]:
        """Those that `metric` knows: a summary has no channel."""
        known = metric_dimensions(metric)
        return tuple(Filter(name, values) for name, values in self.filters.items() if name in known)

    def ignored_by(self, metric: Metric) -> tuple[str, ...]:
        """The dimensions filtered by that say nothing about `metric`."""
        return tuple(name for name in self.filters if name not in metric_dimensions(metric))

    def in_period(self, preset: str) -> "State":
        return replace(self, preset=preset, period=PRESETS[preset].period(timezone.localdate()))

    def in_days(self, period: Period) -> "State":
        return replace(self, preset=CUSTOM, period=period)

    def toggled(self, dimension: str, value: str) -> "State":
        """Keeps this value of `dimension` alone; all again where it was kept alone already."""
        if self.filters.get(dimension) == (value,):
            return self.without(dimension)
        return replace(self, filters={**self.filters, dimension: (value,)})

    def without(self, dimension: str, value: str | None = None) -> "State":
        """Without one kept value, or without any of `dimension`."""
        left = tuple(kept for kept in self.filters.get(dimension, ()) if value is not None and kept != value)
        filters = {name: values for name, values in self.filters.items() if name != dimension}
        return replace(self, filters={**filters, dimension: left} if left else filters)

    def cleared(self) -> "State":
        return replace(self, filters={})


@dataclass(frozen=True)
class Reading:
    """The state an address stands for; what in it could not be meant, in `problems`; the values of each dimension that
    were looked up for it."""

    state: State
    problems: tuple[str, ...]
    values: Mapping[str, Mapping[str, str]]


def state_read(params: QueryDict) -> Reading:
    """The nearest valid state to `params`, and a sentence for everything that was not as it must be."""
    problems: list[str] = []
    preset, period = _period(params, problems)
    compare = _compare(params.get("compare", ""), problems)
    wanted = {name: list(dict.fromkeys(filter(None, params.getlist(name)))) for name in FILTERS}
    values = {name: dimension_values(DIMENSIONS[name]) for name in FILTERS if name in BAR or wanted[name]}
    filters = {name: _values(name, wanted[name], values[name], problems) for name in FILTERS if wanted[name]}
    kept = {name: chosen for name, chosen in filters.items() if chosen}
    return Reading(State(preset, period, compare, kept), tuple(problems), values)


def _period(params: QueryDict, problems: list[str]) -> tuple[str, Period]:
    today = timezone.localdate()
    preset = params.get("period", "") or (CUSTOM if params.get("from") or params.get("to") else DEFAULT)
    if preset in PRESETS:
        return preset, PRESETS[preset].period(today)
    if preset != CUSTOM:
        known = ", ".join([*PRESETS, CUSTOM])
        problems.append(f"There is no period {_shown(preset)}: the last 30 days are shown. Known: {known}.")
        return DEFAULT, PRESETS[DEFAULT].period(today)
    first, last = _day(params.get("from", ""), "from", problems), _day(params.get("to", ""), "to", problems)
    if not first and not last:
        problems.append("A custom period needs a first and a last day: the last 30 days are shown.")
        return DEFAULT, PRESETS[DEFAULT].period(today)
    return CUSTOM, _days(first or last or today, last or today, today, problems)


def _days(first: date, last: date, today: date, problems: list[str]) -> Period:
    if first > last:
        problems.append("The period ended before it began: the two days were swapped.")
        first, last = last, first
    if last > today:
        problems.append("Nothing has happened after today yet: the period ends today.")
        first, last = min(first, today), today
    if last < FIRST_DAY:
        first = last = FIRST_DAY
        problems.append(f"A period begins on {FIRST_DAY} or later.")
    if (last - first).days + 1 > MOST_DAYS:
        first = date.fromordinal(last.toordinal() - MOST_DAYS + 1)
        problems.append(
            f"A period has at most {MOST_DAYS:,} days: it was shortened to {period_figure(Period(first, last))}."
        )
    return Period(first, last)


def _day(text: str, name: str, problems: list[str]) -> date | None:
    try:
        if len(text) == 10 and text.isascii():
            return date.fromisoformat(text)
    except ValueError:
        pass
    if text:
        problems.append(f"{_shown(text)} is no day for '{name}'. Write it as 2026-11-30.")
    return None


def _compare(text: str, problems: list[str]) -> Compare | None:
    if text in COMPARES:
        return Compare(text) if text else None
    known = ", ".join(filter(None, COMPARES))
    problems.append(f"There is no comparison {_shown(text)}: nothing is compared. Known: {known}.")
    return None


def _values(name: str, wanted: list[str], known: Mapping[str, str], problems: list[str]) -> tuple[str, ...]:
    title = DIMENSIONS[name].title.lower()
    found = []
    for text in wanted:
        value = "" if text == UNKNOWN else text
        if value in known:
            found.append(value)
            continue
        near = ", ".join(get_close_matches(text, [one for one in known if one], n=3))
        problems.append(f"No {title} is called {_shown(text)}: it was left out." + (f" Near: {near}." if near else ""))
    if len(found) > MOST_VALUES:
        problems.append(f"At most {MOST_VALUES} values of {title} can be chosen: the first {MOST_VALUES} are.")
    return tuple(found[:MOST_VALUES])


def _shown(text: str) -> str:
    return f"“{line_clean(text)[:60]}”"
