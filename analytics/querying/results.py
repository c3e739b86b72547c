"""Answers: typed columns and rows, and what must be known to read them rightly."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from analytics.catalogue.definition import Metric, Unit
from analytics.querying.days import Bucket
from analytics.querying.spec import Period, QuerySpec, spec_dump

Value = int | float | Decimal | None


@dataclass(frozen=True)
class Column:
    """`kind`: time, dimension, value, compare, change or n. `unit`, of values and changes, is a
    `catalogue.definition.Unit`."""

    key: str
    title: str
    kind: str
    unit: str = ""


@dataclass(frozen=True)
class Row:
    """One group in one step. `value` is exact: whole numbers, Decimal for money, float for the rest, None when there is
    nothing it could be computed from. `n` is the size of the sample where there is one; with `enough` False it is
    smaller than the metric wants. `provisional` counts what may still change it. `change` is the `change_of` it."""

    bucket: Bucket | None
    keys: tuple[str, ...]
    labels: tuple[str, ...]
    value: Value
    n: int | None = None
    provisional: int = 0
    compare: Value = None
    enough: bool = True
    change: float | None = None


@dataclass(frozen=True)
class Result:
    """`rows` in the order to show; `groups` has one row per group over the whole period where there is a grain as well;
    `total` is over everything that was filtered, also what `top` left out."""

    spec: QuerySpec
    metric: Metric
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    groups: tuple[Row, ...]
    total: Row
    compare_period: Period | None
    time_zone: str
    as_of: datetime | None
    notes: tuple[str, ...]
    definitions: tuple[Mapping[str, str], ...]

    @property
    def table(self) -> dict[str, Any]:
        """``{columns: [{key, title, kind, unit}], rows: [[…]]}`` as JSON data."""
        return {
            "columns": [vars(column) for column in self.columns],
            "rows": [self.cells(row) for row in self.rows],
        }

    def cells(self, row: Row) -> list[Any]:
        """The cells of `row`, one per column, as JSON data; dimensions by their labels."""
        labels = dict(zip(self.spec.dimensions, row.labels, strict=True)) if row.labels else {}
        found = {"value": row.value, "compare": row.compare, "change": row.change, "n": row.n, "time": row.bucket}
        return [plain(labels.get(c.key) if c.kind == "dimension" else found[c.kind]) for c in self.columns]

    def dump(self) -> dict[str, Any]:
        """Everything as JSON data."""
        return {
            "query": spec_dump(self.spec),
            "table": self.table,
            "total": {"value": plain(self.total.value), "n": self.total.n, "compare": plain(self.total.compare)},
            "unit": self.metric.unit.value,
            "definitions": [dict(definition) for definition in self.definitions],
            "notes": list(self.notes),
            "time_zone": self.time_zone,
            "as_of": plain(self.as_of),
        }


def change_unit(unit: Unit) -> Unit:
    """What changes of a metric in `unit` are told in."""
    return Unit.POINTS if unit in (Unit.SHARE, Unit.SCORE) else Unit.SHARE


def change_of(value: Value, before: Value, unit: Unit) -> float | None:
    """How much more than `before`: of shares and scores in points, of everything else as a share of it. None when that
    means nothing."""
    if value is None or before is None:
        return None
    if change_unit(unit) is Unit.POINTS:
        return round(100 * (float(value) - float(before)), 9)
    return float(value) / float(before) - 1 if before else None


def plain(value: Any) -> Any:
    """A value as JSON has it. Money keeps its eight decimals in a number of double precision."""
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
