"""What a suite measured: figures, each with the cases it is made of, so that two configurations can be paired."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analytics.evaluation import statistics
from analytics.evaluation.statistics import Estimate


@dataclass(frozen=True)
class Figure:
    """One measure; more is better. `values` are those of its cases by id, empty for one that has none of its own."""

    name: str
    estimate: Estimate
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """A suite under one configuration. `notes` say what was left out, and why."""

    suite: str
    configuration: str
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()

    def find(self, name: str) -> Figure | None:
        return next((figure for figure in self.figures if figure.name == name), None)


@dataclass(frozen=True)
class Difference:
    """A figure under two configurations. `estimate` is of the same cases, the second minus the first."""

    suite: str
    name: str
    before: float
    after: float
    estimate: Estimate

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves nothing out on one side only."""
        return self.estimate.low > 0 or self.estimate.high < 0


def figure_make(name: str, values: Mapping[str, float]) -> Figure:
    """The mean of `values`; a share, with its own interval, where they are all 0 or 1."""
    of_cases = list(values.values())
    if set(of_cases) <= {0.0, 1.0}:
        return Figure(name, statistics.share(round(sum(of_cases)), len(of_cases)), values)
    return Figure(name, statistics.mean(of_cases), values)


def figure_told_apart(name: str, high: Mapping[str, float], low: Mapping[str, float]) -> Figure:
    """AUROC: how well the values of `high` stand above those of `low`."""
    judged = [*high.values(), *low.values()]
    truth = [1.0] * len(high) + [0.0] * len(low)
    return Figure(name, statistics.agreement(statistics.auroc_at(0.5), judged, truth))


def differences(before: Sequence[Result], after: Sequence[Result]) -> list[Difference]:
    """What changed, for every figure whose cases both have."""
    found = []
    for one, other in zip(before, after, strict=True):
        for figure in one.figures:
            again = other.find(figure.name)
            if again is None or not figure.values or figure.values.keys() != again.values.keys():
                continue
            pairs = [again.values[case] for case in figure.values]
            estimate = statistics.paired(list(figure.values.values()), pairs)
            found.append(Difference(one.suite, figure.name, figure.estimate.value, again.estimate.value, estimate))
    return found
