"""Asking the database, and making answers of its rows."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from analytics.catalogue.definition import Metric, Unit
from analytics.catalogue.dimensions import DIMENSIONS
from analytics.catalogue.metrics import METRICS
from analytics.errors import SpecInvalid
from analytics.querying.compiling import MOST_ROWS, PER_METRIC, facts_compile, from_sums, sums_compile
from analytics.querying.days import Bucket, buckets
from analytics.querying.noting import definitions_of, notes_of
from analytics.querying.results import Column, Result, Row, Value, change_of, change_unit
from analytics.querying.spec import Period, QuerySpec
from analytics.querying.validation import spec_check
from analytics.reporting.reading import rows_read
from analytics.reporting.schema import sums_are_kept
from analytics.selectors import facts_as_of
from omnicqm.common.threads import side_by_side

_AT_ONCE = 2  # statements of one page: each keeps a processor of the database busy
_Key = tuple[Bucket | None, tuple[str, ...]]


@dataclass(frozen=True)
class _Cell:
    value: Value
    n: int | None
    provisional: int


@dataclass(frozen=True)
class _Found:
    """What one statement found of one metric: the total, the groups over the period, and step by step."""

    total: _Cell
    groups: Mapping[_Key, _Cell]
    steps: Mapping[_Key, _Cell]
    has_demo: bool


_OfMetrics = Mapping[str, _Found]  # by name


def spec_run(spec: QuerySpec) -> Result:
    """The answer to `spec`. Raises `SpecInvalid`, and `ServiceUnavailable` when it takes too long."""
    return specs_run([spec])[0]


def specs_run(specs: Sequence[QuerySpec]) -> list[Result]:
    """The answers in the order of `specs`. What differs in nothing but the metric is read together, so that the panels
    of a dashboard go through their rows once; all statements are read side by side."""
    as_of, is_kept = facts_as_of(), sums_are_kept()
    alike: dict[tuple[Any, ...], list[QuerySpec]] = defaultdict(list)
    for spec in specs:
        spec_check(spec)
        daily = is_kept and from_sums(METRICS[spec.metric], spec)
        view = METRICS[spec.metric].view
        alike[view, daily, spec.period, spec.dimensions, spec.grain, spec.compare, spec.filters].append(spec)
    zone = ZoneInfo(settings.TIME_ZONE)
    reads: dict[tuple[QuerySpec, Period], Callable[[], _OfMetrics]] = {}
    for (_, daily, *_rest), together in sorted(alike.items(), key=lambda item: item[0][1]):  # facts take longest
        for period in _periods(together[0]):
            reads[together[0], period] = partial(_read, together, period, zone, daily=daily)
    found = dict(zip(reads, side_by_side(list(reads.values()), at_once=_AT_ONCE), strict=True))
    results: dict[QuerySpec, Result] = {}
    for together in alike.values():
        results |= _answered(together, [found[together[0], period] for period in _periods(together[0])], as_of, zone)
    return [results[spec] for spec in specs]


def _answered(
    specs: Sequence[QuerySpec], found: Sequence[_OfMetrics], as_of: datetime | None, zone: ZoneInfo
) -> dict[QuerySpec, Result]:
    """`found` of each of the periods."""
    of_period, before = found[0], found[1] if len(found) > 1 else {}
    labels = {name: DIMENSIONS[name].labels() for name in specs[0].dimensions}
    answers = {
        spec: _Answer(spec, METRICS[spec.metric], zone, of_period[spec.metric], before.get(spec.metric), labels)
        for spec in specs
    }
    return {spec: answer.result(as_of) for spec, answer in answers.items()}


def _periods(spec: QuerySpec) -> list[Period]:
    """What is asked about, and what that is compared with."""
    return [spec.period, spec.period.before(spec.compare)] if spec.compare else [spec.period]


def _read(specs: Sequence[QuerySpec], period: Period, zone: ZoneInfo, *, daily: bool) -> _OfMetrics:
    metrics, spec = list({spec.metric: METRICS[spec.metric] for spec in specs}.values()), specs[0]
    statement = (sums_compile if daily else facts_compile)(metrics, spec, period, zone)
    rows = rows_read(statement.sql, statement.values)
    if len(rows) > MOST_ROWS:
        raise SpecInvalid(
            "That are too many rows. Ask for a coarser grain, a shorter period or fewer dimensions.", param="grain"
        )
    keys = bool(spec.grain) + len(spec.dimensions)
    return {
        metric.name: _sorted_out(metric, rows, spec, keys, 1 + keys + place * PER_METRIC)
        for place, metric in enumerate(metrics)
    }


def _sorted_out(metric: Metric, rows: Iterable[tuple[Any, ...]], spec: QuerySpec, keys: int, at: int) -> _Found:
    total, has_demo = _Cell(_value(metric, None), 0, 0), False
    groups: dict[_Key, _Cell] = {}
    steps: dict[_Key, _Cell] = {}
    for row in rows:
        n = None if row[at + 1] is None else int(row[at + 1])
        cell = _Cell(_value(metric, row[at]), n, int(row[at + 2] or 0))
        key = (row[1] if spec.grain else None, tuple(row[1 + bool(spec.grain) : 1 + keys]))
        if row[0] == 2**keys - 1:  # everything is summed over
            total, has_demo = cell, bool(row[-1])
        if row[0] == 0:
            steps[key] = cell
        if spec.dimensions and row[0] == (2 ** (keys - 1) if spec.grain else 0):
            groups[None, key[1]] = cell
    return _Found(total, groups, steps, has_demo)


def _value(metric: Metric, value: Any) -> Value:
    if metric.unit in (Unit.COUNT, Unit.TOKENS):
        return int(value or 0)
    if value is None:
        return Decimal(0) if metric.unit is Unit.USD and metric.is_additive else None
    return Decimal(value) if metric.unit is Unit.USD else float(value)


@dataclass(frozen=True)
class _Answer:
    spec: QuerySpec
    metric: Metric
    zone: ZoneInfo
    found: _Found
    before: _Found | None
    labels: Mapping[str, Mapping[str, str]]

    def result(self, as_of: datetime | None) -> Result:
        total = self._row(None, (), self.found.total, self.before.total if self.before else None)
        groups = self._groups()
        result = Result(
            spec=self.spec,
            metric=self.metric,
            columns=self._columns(),
            rows=tuple(self._steps(groups) if self.spec.grain else groups or [total]),
            groups=tuple(groups),
            total=total,
            compare_period=self.spec.period.before(self.spec.compare) if self.spec.compare else None,
            time_zone=self.zone.key,
            as_of=as_of,
            notes=(),
            definitions=definitions_of(self.metric, self.spec),
        )
        return replace(result, notes=notes_of(result, has_demo=self.found.has_demo))

    def _columns(self) -> tuple[Column, ...]:
        unit = self.metric.unit.value
        columns = [Column("time", self.spec.grain.value.capitalize(), "time")] if self.spec.grain else []
        columns += [Column(name, DIMENSIONS[name].title, "dimension") for name in self.spec.dimensions]
        columns.append(Column("value", self.metric.title, "value", unit))
        if self.spec.compare:
            columns += [
                Column("compare", self.spec.compare.words, "compare", unit),
                Column("change", "Change", "change", change_unit(self.metric.unit).value),
            ]
        if self.metric.sample:
            columns.append(Column("n", "n", "n", "count"))
        return tuple(columns)

    def _groups(self) -> list[Row]:
        """One row per group, the largest first (the smallest, with a `top` below 0), those on too few data last; days
        and hours in their own order."""
        before = self.before.groups if self.before else {}
        rows = [self._row(None, key[1], cell, before.get(key)) for key, cell in self.found.groups.items()]
        sign = -1 if self.spec.top is None or self.spec.top > 0 else 1
        rows.sort(key=lambda row: (not row.enough, row.value is None, sign * (row.value or 0), row.keys))
        rows = rows[: abs(self.spec.top)] if self.spec.top else rows
        if self.spec.dimensions and DIMENSIONS[self.spec.dimensions[0]].is_time:
            rows.sort(key=lambda row: row.keys)
        return rows

    def _steps(self, groups: Sequence[Row]) -> list[Row]:
        """Every step of the period for every group, also those in which nothing happened."""
        assert self.spec.grain
        now = timezone.now()
        steps = buckets(self.spec.period, self.spec.grain, self.zone, until=now)
        earlier: Sequence[Bucket] = ()
        if self.spec.compare:
            period = self.spec.period.before(self.spec.compare)
            earlier = buckets(period, self.spec.grain, self.zone, until=now)
        keys = [group.keys for group in groups] if self.spec.dimensions else [()]
        if len(steps) * len(keys) > MOST_ROWS:
            raise SpecInvalid("That are too many rows. Ask for a coarser grain or fewer groups.", param="grain")
        return [self._step(place, steps, earlier, key) for place in range(len(steps)) for key in keys]

    def _step(self, place: int, steps: Sequence[Bucket], earlier: Sequence[Bucket], key: tuple[str, ...]) -> Row:
        nothing = _Cell(_value(self.metric, None), 0 if self.metric.sample else None, 0)
        before = None
        if self.before and place < len(earlier):
            before = self.before.steps.get((earlier[place], key), nothing)
        return self._row(steps[place], key, self.found.steps.get((steps[place], key), nothing), before)

    def _row(self, bucket: Bucket | None, keys: tuple[str, ...], cell: _Cell, before: _Cell | None) -> Row:
        earlier = before.value if before else None
        return Row(
            bucket=bucket,
            keys=keys,
            labels=tuple(
                DIMENSIONS[name].label(value, self.labels[name])
                for name, value in zip(self.spec.dimensions, keys, strict=False)
            ),
            value=cell.value,
            n=cell.n if self.metric.sample else None,
            provisional=cell.provisional,
            compare=earlier,
            enough=not self.metric.sample or (cell.n or 0) >= self.metric.min_sample,
            change=change_of(cell.value, earlier, self.metric.unit),
        )
