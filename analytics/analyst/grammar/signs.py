"""What single pieces of a question mean."""

from dataclasses import dataclass

from analytics.querying import Compare, Grain, Period


@dataclass(frozen=True)
class Sign:
    """A piece of the question, `words` long, and what it was written as."""

    words: int
    text: str


@dataclass(frozen=True)
class MetricSign(Sign):
    name: str  # of a metric, or of a family of percentiles
    is_noun: bool = False


@dataclass(frozen=True)
class DimensionSign(Sign):
    name: str


@dataclass(frozen=True)
class ValueSign(Sign):
    options: tuple[tuple[str, str], ...]  # (dimension, value)


@dataclass(frozen=True)
class WeekdaysSign(Sign):
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True)
class PeriodSign(Sign):
    period: Period
    note: str = ""


@dataclass(frozen=True)
class CompareSign(Sign):
    compare: Compare
    unit: str = ""  # week, month, day, year: what is compared with the one before


@dataclass(frozen=True)
class GrainSign(Sign):
    grain: Grain | None  # None: over time, in steps that suit the period
    needs_by: bool = False


@dataclass(frozen=True)
class TopSign(Sign):
    sense: str  # large, small, best, worst
    count: int | None = None


@dataclass(frozen=True)
class ChartSign(Sign):
    kind: str


@dataclass(frozen=True)
class RankSign(Sign):
    rank: int
    is_mean: bool = False  # it was said as an average


@dataclass(frozen=True)
class WordSign(Sign):
    """A word with a role: by, which, not, and, share, count, back, also, remove."""

    role: str


@dataclass(frozen=True)
class UnknownSign(Sign):
    pass
