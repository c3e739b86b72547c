"""From specs to one SELECT. Every piece of SQL is the catalogue's or stands here; what a spec brings along is bound.

A statement reads daily sums where all of its figures can be put together from them, and facts otherwise. Both give the
same figures.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from analytics.catalogue.definition import Metric
from analytics.catalogue.dimensions import DIMENSIONS, Dimension
from analytics.catalogue.summing import metric_summed, summed
from analytics.querying.days import bounds, buckets, day_start
from analytics.querying.spec import Filter, Grain, Period, QuerySpec
from analytics.reporting.sums import KEPT_BY, daily_view, sums_columns
from analytics.reporting.views import SCHEMA

MOST_ROWS = 20_000
PER_METRIC = 3  # value, sample, provisional
_BY_DAY = frozenset({"weekday"})  # of the dimensions in time
_LOCAL = "(part.at AT TIME ZONE %(zone)s::text)"


@dataclass(frozen=True)
class Statement:
    """A SELECT and the values to bind. Its rows: which columns are summed over, the bucket (with a grain), the
    dimensions, value, sample and provisional count of each metric, and whether the demo's history is in it."""

    sql: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Source:
    """What is read: a view, its column of time, the local moment of a row, and how an aggregate is computed."""

    view: str
    at: str
    local: str
    aggregate: Callable[[str], str]


def from_sums(metric: Metric, spec: QuerySpec) -> bool:
    """Whether daily sums tell all that `spec` asks of `metric`."""
    named = {*spec.dimensions, *(kept.dimension for kept in spec.filters)}
    return spec.grain is not Grain.HOUR and named <= _BY_DAY.union(KEPT_BY[metric.view]) and bool(metric_summed(metric))


def facts_compile(metrics: Sequence[Metric], spec: QuerySpec, period: Period, zone: ZoneInfo) -> Statement:
    """For `metrics` of one view, what `spec` asks of its own, over `period`; from the facts."""
    since, until = bounds(period, zone)
    values: dict[str, Any] = {"since": since, "until": until}
    if spec.grain:
        steps = buckets(period, spec.grain, zone, until=until)
        is_hour = spec.grain is Grain.HOUR
        values |= {"steps": steps, "starts": steps if is_hour else [day_start(step, zone) for step in steps]}
    source = _Source(metrics[0].view, "part.at", _LOCAL, lambda sql: sql)
    kind = "timestamptz[]" if spec.grain is Grain.HOUR else "date[]"
    where = ["part.at >= %(since)s::timestamptz", "part.at < %(until)s::timestamptz"]
    statement = _compile(metrics, spec, source, where, ("timestamptz[]", kind), values)
    return Statement(statement.sql, {**values, "zone": zone.key} if "%(zone)s" in statement.sql else values)


def sums_compile(metrics: Sequence[Metric], spec: QuerySpec, period: Period, zone: ZoneInfo) -> Statement:
    """The same, from daily sums."""
    values: dict[str, Any] = {"first": period.first, "last": period.last}
    if spec.grain:
        steps = buckets(period, spec.grain, zone, until=bounds(period, zone)[1])
        values |= {"steps": steps, "starts": steps}
    view = metrics[0].view
    columns = sums_columns(view)

    def aggregate(sql: str) -> str:
        found = summed(sql)
        assert found, sql
        return found.over([columns[kept] for kept in found.kept])

    where = ["part.day >= %(first)s::date", "part.day <= %(last)s::date"]
    source = _Source(daily_view(view), "part.day", "part.day", aggregate)
    return _compile(metrics, spec, source, where, ("date[]", "date[]"), values)


def _compile(
    metrics: Sequence[Metric], spec: QuerySpec, source: _Source, where: list[str], kinds: tuple[str, str],
    values: dict[str, Any],
) -> Statement:  # fmt: skip
    keys = [f"width_bucket({source.at}, %(starts)s::{kinds[0]}) AS bucket_"] if spec.grain else []
    keys += [f"{_expression(DIMENSIONS[name], source)} AS d{place}_" for place, name in enumerate(spec.dimensions)]
    names = [key.rpartition(" AS ")[2] for key in keys]
    shown = [f"(%(steps)s::{kinds[1]})[bucket_]" if name == "bucket_" else name for name in names]
    kept = [_condition(one, place, source, values) for place, one in enumerate(spec.filters)]
    inner = f"SELECT {', '.join(['part.*', *keys])} FROM {SCHEMA}.{source.view} part WHERE {' AND '.join(where + kept)}"
    level = f"GROUPING({', '.join(names)})" if names else "0"
    figures = [column for metric in metrics for column in _columns(metric, source.aggregate)]
    return Statement(
        f"SELECT {', '.join([level, *shown, *figures, 'bool_or(is_demo)'])} FROM ({inner}) asked"
        f" GROUP BY GROUPING SETS ({_sets(spec)}) LIMIT {MOST_ROWS + 1}",
        values,
    )


def _sets(spec: QuerySpec) -> str:
    """The total, the groups over the whole period, and the groups step by step."""
    groups = ", ".join(f"d{place}_" for place in range(len(spec.dimensions)))
    sets = ["()"]
    if groups:
        sets.append(f"({groups})")
    if spec.grain:
        sets.append(f"({', '.join(filter(None, ['bucket_', groups]))})")
    return ", ".join(sets)


def _columns(metric: Metric, aggregate: Callable[[str], str]) -> tuple[str, ...]:
    value = aggregate(metric.numerator)
    if metric.denominator:
        value = f"({value})::numeric / nullif({aggregate(metric.denominator)}, 0)"
    sample = aggregate(metric.sample) if metric.sample else "NULL::bigint"
    return value, sample, aggregate(metric.provisional) if metric.provisional else "0"


def _expression(dimension: Dimension, source: _Source) -> str:
    return dimension.column.format(at=source.local) if dimension.is_time else f"part.{dimension.column}"


def _condition(kept: Filter, place: int, source: _Source, values: dict[str, Any]) -> str:
    name = f"filter_{place}"
    values[name] = list(kept.values)
    compared = f"{_expression(DIMENSIONS[kept.dimension], source)} = ANY(%({name})s::text[])"
    return f"NOT {compared}" if kept.negated else compared
