"""Figures with their uncertainty. Intervals are 95 %: Wilson's for shares, percentile bootstrap for the rest.

Sources: Wilson (1927) for shares; Efron & Tibshirani (1993), ch. 13, for the bootstrap; Cohen (1968) for weighted
kappa; the rank-sum form of the area under the ROC curve is that of Hanley & McNeil (1982).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROUNDS = 2_000
SEED = 7  # the same intervals on every run
Z = 1.959964  # of the normal distribution, for 95 %

Array = NDArray[np.float64]
Measure = Callable[[Array, Array], float]


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval and the number of cases; NaN where too few tell anything."""

    value: float
    low: float
    high: float
    n: int

    def rounded(self) -> list[float | None]:
        """``[value, low, high]`` for JSON; None where there is no figure."""
        return [None if math.isnan(number) else round(number, 4) for number in (self.value, self.low, self.high)]


def share(hits: int, n: int) -> Estimate:
    """A share with Wilson's interval."""
    if not n:
        return Estimate(math.nan, math.nan, math.nan, 0)
    part, z = hits / n, Z * Z / n
    middle = (part + z / 2) / (1 + z)
    half = Z * math.sqrt(part * (1 - part) / n + z / (4 * n)) / (1 + z)
    return Estimate(part, max(0.0, middle - half), min(1.0, middle + half), n)


def mean(values: Sequence[float]) -> Estimate:
    """A mean with its bootstrap interval."""
    found = np.asarray(values, dtype=float)
    if not found.size:
        return Estimate(math.nan, math.nan, math.nan, 0)
    drawn = found[_draws(found.size)].mean(axis=1)
    return Estimate(float(found.mean()), *_middle(drawn), found.size)


def paired(before: Sequence[float], after: Sequence[float]) -> Estimate:
    """The mean difference of the same cases, `after` minus `before`."""
    return mean([new - old for old, new in zip(before, after, strict=True)])


def agreement(measure: Measure, judged: Sequence[float], said: Sequence[float]) -> Estimate:
    """`measure` of two scores of the same cases, with its bootstrap interval over cases."""
    a, b = np.asarray(judged, dtype=float), np.asarray(said, dtype=float)
    if a.size < 3:
        return Estimate(math.nan, math.nan, math.nan, a.size)
    drawn = np.array([measure(a[rows], b[rows]) for rows in _draws(a.size)])
    drawn = drawn[~np.isnan(drawn)]
    low, high = _middle(drawn) if drawn.size else (math.nan, math.nan)
    return Estimate(measure(a, b), low, high, a.size)


def pearson(a: Array, b: Array) -> float:
    """The linear correlation; NaN when one of them never changes."""
    if a.std() == 0 or b.std() == 0:
        return math.nan
    return float(np.corrcoef(a, b)[0, 1])


def spearman(a: Array, b: Array) -> float:
    """The correlation of ranks, equals sharing theirs."""
    return pearson(_ranks(a), _ranks(b))


def auroc(good: Array, bad: Array) -> float:
    """How often one of `good` is above one of `bad`; half for equals. NaN without both."""
    if not good.size or not bad.size:
        return math.nan
    return float(np.mean((good[:, None] > bad[None]) + 0.5 * (good[:, None] == bad[None])))


def auroc_at(bound: float) -> Measure:
    """The area for telling those whose second score is at least `bound` from the others by the first."""
    return lambda judged, said: auroc(judged[said >= bound], judged[said < bound])


def kappa_at(bounds: Sequence[float]) -> Measure:
    """Quadratically weighted kappa of both scores cut into grades at `bounds` (rising)."""

    def kappa(judged: Array, said: Array) -> float:
        one, other = np.digitize(judged, bounds), np.digitize(said, bounds)
        grades = len(bounds) + 1
        seen = np.zeros((grades, grades))
        np.add.at(seen, (one, other), 1)
        chance = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / seen.sum()
        weights = np.subtract.outer(np.arange(grades), np.arange(grades)) ** 2
        expected = float((weights * chance).sum())
        return 1 - float((weights * seen).sum()) / expected if expected else math.nan

    return kappa


def _ranks(values: Array) -> Array:
    order = values.argsort(kind="stable")
    ranks = np.empty(values.size)
    ranks[order] = np.arange(values.size)
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    sums = np.bincount(inverse, weights=ranks)
    return np.asarray(sums[inverse] / counts[inverse])


def _draws(n: int) -> NDArray[np.int64]:
    return np.random.default_rng(SEED).integers(0, n, size=(ROUNDS, n))


def _middle(drawn: Array) -> tuple[float, float]:
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)
