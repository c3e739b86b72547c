"""From specs to one SELECT. Every piece of SQL is the catalogue's or stands here; what a spec brings along is bound."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from analytics.catalogue.definition import Metric
from analytics.catalogue.dimensions import DIMENSIONS, Dimension
from analytics.querying.days import bounds
from analytics.querying.spec import Filter, Grain, Period, QuerySpec
from analytics.reporting.views import SCHEMA

MOST_ROWS = 20_000
PER_METRIC = 3  # value, sample, provisional
_LOCAL = "(part.at AT TIME ZONE %(zone)s::text)"
_BUCKETS = {
    Grain.HOUR: "date_trunc('hour', part.at, %(zone)s::text)",
    Grain.DAY: f"{_LOCAL}::date",
    Grain.WEEK: f"date_trunc('week', {_LOCAL})::date",
    Grain.MONTH: f"date_trunc('month', {_LOCAL})::date",
}


@dataclass(frozen=True)
class Statement:
    """A SELECT and the values to bind. Its rows: which columns are summed over, the bucket (with a grain), the
    dimensions, value, sample and provisional count of each metric, and whether the demo's history is in it."""

    sql: str
    values: dict[str, Any] = field(default_factory=dict)


def statement_compile(metrics: Sequence[Metric], spec: QuerySpec, period: Period, zone: ZoneInfo) -> Statement:
    """For `metrics` of one view, what `spec` asks of its own, over `period`."""
    since, until = bounds(period, zone)
    values: dict[str, Any] = {"zone": zone.key, "since": since, "until": until}
    keys = ([f"{_BUCKETS[spec.grain]} AS bucket_"] if spec.grain else []) + [
        f"{_expression(DIMENSIONS[name])} AS d{place}_" for place, name in enumerate(spec.dimensions)
    ]
    names = [key.rpartition(" AS ")[2] for key in keys]
    where = ["part.at >= %(since)s::timestamptz", "part.at < %(until)s::timestamptz"]
    where += [_condition(kept, place, values) for place, kept in enumerate(spec.filters)]
    inner = f"SELECT {', '.join(['part.*', *keys])} FROM {SCHEMA}.{metrics[0].view} part WHERE {' AND '.join(where)}"
    level = f"GROUPING({', '.join(names)})" if names else "0"
    columns = [level, *names, *(column for metric in metrics for column in _columns(metric)), "bool_or(is_demo)"]
    sql = (
        f"SELECT {', '.join(columns)} FROM ({inner}) asked GROUP BY GROUPING SETS ({_sets(spec)}) LIMIT {MOST_ROWS + 1}"
    )
    return Statement(sql, values)


def _sets(spec: QuerySpec) -> str:
    """The total, the groups over the whole period, and the groups step by step."""
    groups = ", ".join(f"d{place}_" for place in range(len(spec.dimensions)))
    sets = ["()"]
    if groups:
        sets.append(f"({groups})")
    if spec.grain:
        sets.append(f"({', '.join(filter(None, ['bucket_', groups]))})")
    return ", ".join(sets)


def _columns(metric: Metric) -> tuple[str, ...]:
    return metric.sql, metric.sample or "NULL::bigint", metric.provisional or "0"


def _expression(dimension: Dimension) -> str:
    return dimension.column.format(at=_LOCAL) if dimension.is_time else f"part.{dimension.column}"


def _condition(kept: Filter, place: int, values: dict[str, Any]) -> str:
    name = f"filter_{place}"
    values[name] = list(kept.values)
    compared = f"{_expression(DIMENSIONS[kept.dimension])} = ANY(%({name})s::text[])"
    return f"NOT {compared}" if kept.negated else compared
