"""Figures against values worked out by hand or by other programs."""

import math

import numpy as np
import pytest

from analytics.evaluation import statistics


def array(*values):
    return np.array(values, dtype=float)


def test_wilson_stays_within_0_and_1():
    found = statistics.share(8, 10)
    assert (found.value, found.n) == (0.8, 10)
    assert (round(found.low, 3), round(found.high, 3)) == (0.490, 0.943)
    assert statistics.share(0, 10).low == 0.0
    assert statistics.share(10, 10).high == pytest.approx(1.0)
    assert math.isnan(statistics.share(0, 0).value)


def test_correlations():
    assert statistics.pearson(array(1, 2, 3), array(2, 4, 6)) == pytest.approx(1)
    assert statistics.spearman(array(1, 2, 3, 4), array(1, 4, 9, 16)) == pytest.approx(1)
    assert statistics.spearman(array(1, 2, 2, 3), array(1, 2, 3, 4)) == pytest.approx(0.9**0.5)
    assert math.isnan(statistics.pearson(array(1, 1), array(1, 2)))


def test_auroc_counts_pairs():
    assert statistics.auroc(array(3, 2), array(1, 2)) == 0.875
    assert math.isnan(statistics.auroc(array(), array(1)))
    assert statistics.auroc_at(0.5)(array(0.9, 0.1), array(1, 0)) == 1.0


def test_weighted_kappa():
    kappa = statistics.kappa_at((0.5, 0.75))
    assert kappa(array(0, 0.6, 1), array(0.1, 0.7, 0.8)) == 1
    # Grades 0 0 1 2 2 against 0 1 1 2 1: two steps apart in all, six are expected by chance.
    judged, said = array(0, 0, 0.6, 0.9, 0.9), array(0, 0.6, 0.6, 0.9, 0.6)
    assert kappa(judged, said) == pytest.approx(1 - 2 / 6)


def test_intervals_hold_the_figure_and_narrow_with_more_cases():
    few, many = (statistics.mean(list(range(10)) * times) for times in (1, 20))
    assert few.low < few.value < few.high
    assert many.high - many.low < few.high - few.low
    assert statistics.mean([0.5] * 5).rounded() == [0.5, 0.5, 0.5]
    assert statistics.mean([]).rounded() == [None, None, None]


def test_a_paired_difference_is_that_of_the_same_cases():
    found = statistics.paired([0, 0, 1, 1], [1, 0, 1, 1])
    assert (found.value, found.n) == (0.25, 4)
    with pytest.raises(ValueError, match="shorter"):
        statistics.paired([1], [])


def test_agreement_is_the_same_on_every_run():
    judged, said = [0.1, 0.4, 0.5, 0.9, 0.8], [0.2, 0.3, 0.6, 0.8, 0.9]
    one, other = (statistics.agreement(statistics.spearman, judged, said) for _ in range(2))
    assert one == other
    assert one.value == pytest.approx(0.9)
    assert one.low <= 0.9 <= one.high
