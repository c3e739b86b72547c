"""A question as data: what `POST /api/v1/analytics/ask` shows as `query`, and dashboards keep in their addresses."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any


class Grain(StrEnum):
    """The steps of a series in time, in local days."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"  # from Monday
    MONTH = "month"


class Compare(StrEnum):
    """What a period is held against."""

    PREVIOUS = "previous_period"  # the days before, as many
    WEEK = "previous_week"  # the same weekdays a week before
    MONTH = "previous_month"  # the same dates a month before
    YEAR = "previous_year"  # the same dates a year before

    @property
    def words(self) -> str:
        return {"previous_period": "Period before"}.get(self.value) or f"{self.name.capitalize()} before"


@dataclass(frozen=True)
class Period:
    """Local days, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def before(self, compare: Compare) -> "Period":
        """The period that `compare` means."""
        match compare:
            case Compare.YEAR:
                return Period(_year_before(self.first), _year_before(self.last))
            case Compare.MONTH:
                return Period(_month_before(self.first), _month_before(self.last, ends=True))
            case Compare.WEEK:
                return Period(self.first - timedelta(days=7), self.last - timedelta(days=7))
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))


def _month_before(day: date, *, ends: bool = False) -> date:
    """The same date, or the last of the month where there is no such date; `ends`: the last stays the last."""
    last = day.replace(day=1) - timedelta(days=1)
    is_last = ends and (day + timedelta(days=1)).day == 1
    return last if is_last or day.day > last.day else last.replace(day=day.day)


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


@dataclass(frozen=True)
class Filter:
    """Keep rows whose `dimension` is one of `values`; none of them when `negated`. The empty text is "not known"."""

    dimension: str
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True)
class QuerySpec:
    """One metric over a period: split by `dimensions`, in steps of `grain`, held against `compare`, of the `top` groups
    only: the largest, or, when it is below 0, as many of the smallest, those first. `text` is the question in words; it
    is shown and never run."""

    metric: str
    period: Period
    dimensions: tuple[str, ...] = ()
    grain: Grain | None = None
    compare: Compare | None = None
    filters: tuple[Filter, ...] = ()
    top: int | None = None
    text: str = ""


def spec_dump(spec: QuerySpec) -> dict[str, Any]:
    """The spec as JSON data; `validation.spec_read` reads it back."""
    return {
        "metric": spec.metric,
        "dimensions": list(spec.dimensions),
        "grain": spec.grain.value if spec.grain else None,
        "period": {"from": spec.period.first.isoformat(), "to": spec.period.last.isoformat()},
        "compare": spec.compare.value if spec.compare else None,
        "filters": [
            {"dimension": kept.dimension, "op": "not_in" if kept.negated else "in", "values": list(kept.values)}
            for kept in spec.filters
        ],
        "top": spec.top,
        "text": spec.text,
    }
