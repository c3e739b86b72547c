"""Shares as alerts see them: as the catalogue defines them, over whole local days."""

from dataclasses import dataclass
from datetime import date

from analytics.querying import Period, QuerySpec, spec_run


@dataclass(frozen=True)
class Share:
    """A share in percent, and of how many it is one. Without any it is 0 of 0."""

    percent: float
    sample: int


def share_of(metric: str, first: date, last: date) -> Share:
    """The share `metric` of the days from `first` to `last`, both included. Raises `ServiceUnavailable` when it takes
    too long to read."""
    total = spec_run(QuerySpec(metric, Period(first, last))).total
    return Share(100 * float(total.value or 0), total.n or 0)
