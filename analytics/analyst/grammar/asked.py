"""What came of a question: a spec, or why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.querying import QuerySpec


@dataclass(frozen=True)
class Asked:
    """A question that was understood: what is asked, the chart that was wished for, and what has to be said of it."""

    spec: QuerySpec
    chart: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Missed:
    """A question that was not. `near` is as far as it was understood, for suggestions: a metric, dimensions, a period."""

    reason: str
    metric: str = ""
    near: Sequence[str] = ()


@dataclass(eq=False)
class Unclear(Exception):
    """It is not clear what is asked; `reason` says to the asker why."""

    reason: str
    near: Sequence[str] = ()
