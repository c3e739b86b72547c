"""Which figures of a period can be put together from what was kept of its days: counts, sums and means of rows.

Percentiles and numbers of different customers cannot, nor can what depends on the moment it is asked at.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.catalogue.definition import Metric

_AGGREGATE = re.compile(r"(count|sum|avg)\(([^()]+)\)( FILTER \(WHERE .+\))?")
_OR_NOTHING = re.compile(r"coalesce\((.+), 0\)")


@dataclass(frozen=True)
class Summed:
    """`kept` are the aggregates to keep of every day, `sql` puts them together again: ``{0}`` is the first of them."""

    kept: tuple[str, ...]
    sql: str

    def over(self, columns: Sequence[str]) -> str:
        """The figure, where the aggregates are kept in `columns`."""
        return self.sql.format(*columns)


def summed(sql: str) -> Summed | None:
    """How the aggregate `sql` of the catalogue is put together from days; None when it is not."""
    inner = _OR_NOTHING.fullmatch(sql)
    found = _AGGREGATE.fullmatch(inner[1] if inner else sql)
    if not found or "DISTINCT" in sql or "now()" in sql:
        return None
    function, of, where = found[1], found[2], found[3] or ""
    if function == "avg":
        return Summed((f"sum({of}){where}", f"count({of}){where}"), "sum({0})::float8 / nullif(sum({1}), 0)::float8")
    added = "coalesce(sum({0}), 0)" if inner or function == "count" else "sum({0})"
    return Summed((f"{function}({of}){where}",), added)


def metric_summed(metric: Metric) -> tuple[Summed, ...]:
    """One per aggregate that `metric` has; empty when one of them cannot be put together."""
    found = [summed(sql) for sql in metric.aggregates]
    return tuple(one for one in found if one) if all(found) else ()
