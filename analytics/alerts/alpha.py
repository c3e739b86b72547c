"""α as the alert for its drop sees it: as the catalogue defines it, over whole local days."""

from dataclasses import dataclass
from datetime import date

from analytics.querying import Period, QuerySpec, spec_run


@dataclass(frozen=True)
class Alpha:
    """α in percent, and of how many cases. Without one it is 0 of 0."""

    percent: float
    sample: int


def alpha_of(first: date, last: date) -> Alpha:
    """α of the cases from `first` to `last`, both included. Those whose seven days are not over count as resolved
    provisionally. Raises `ServiceUnavailable` when it takes too long to read."""
    total = spec_run(QuerySpec("alpha", Period(first, last))).total
    return Alpha(100 * float(total.value or 0), total.n or 0)
