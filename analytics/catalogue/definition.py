"""What a metric is."""

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """How a value is written."""

    COUNT = "count"  # whole
    NUMBER = "number"
    SHARE = "share"  # 0 to 1, shown in percent
    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    USD = "usd"
    TOKENS = "tokens"
    SCORE = "score"  # 0 to 1
    POINTS = "points"  # hundredths: what two shares or scores differ by; of no metric


class Direction(StrEnum):
    """Which way is good."""

    UP = "up"
    DOWN = "down"
    NONE = "none"


@dataclass(frozen=True)
class Target:
    """What a value should be; of a share 0.15 is 15 %."""

    least: float | None = None
    most: float | None = None

    def met(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


@dataclass(frozen=True)
class Metric:
    """One figure. `numerator` and `denominator` are aggregates over a view of `reporting`; without a denominator the
    numerator is the value.

    `description` says in words how it is computed. `sample` counts what a share, mean or percentile rests on: with
    fewer than `min_sample` a row says so. `provisional` counts what may still change the value. `is_additive`: rows
    of a split may be added up or stacked. `synonyms` are further names that people use. `freshness_seconds`: so old its
    figures are at most, while the facts are being refreshed.
    """

    name: str
    title: str
    description: str
    unit: Unit
    view: str
    numerator: str
    denominator: str = ""
    sample: str = ""
    provisional: str = ""
    direction: Direction = Direction.NONE
    target: Target | None = None
    min_sample: int = 20
    synonyms: tuple[str, ...] = ()
    freshness_seconds: int = 60

    @property
    def formula(self) -> str:
        """What is computed over the rows of the view, in SQL."""
        return f"{self.numerator} / {self.denominator}" if self.denominator else self.numerator

    @property
    def aggregates(self) -> tuple[str, ...]:
        """All that it is computed from."""
        return tuple(filter(None, (self.numerator, self.denominator, self.sample, self.provisional)))

    @property
    def is_additive(self) -> bool:
        return not self.denominator and not self.sample and "DISTINCT" not in self.numerator
