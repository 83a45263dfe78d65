"""Known answers."""

import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from timetravel.stats.estimates import bootstrap, estimate, holm, p_value, paired_change, percentile_interval, verdict


def test_the_interval_is_students_cut_to_what_the_quantity_can_be() -> None:
    values = [82.0, 88.0, 79.0, 91.0, 85.0]
    low, high = scipy_stats.t.interval(0.95, 4, loc=85.0, scale=scipy_stats.sem(values))
    for found in (estimate(values), estimate(values, 0.0)):
        assert (found.mean, found.low, found.high) == (85.0, pytest.approx(low), pytest.approx(high))
    cut = estimate([0.0, 1.0, 99.0, 100.0], 0.0, 100.0)
    assert (cut.mean, cut.low, cut.high) == (50.0, 0.0, 100.0)


def test_one_value_has_no_interval_nor_has_what_is_no_number() -> None:
    assert estimate([7]).to_dict() == {"mean": 7.0, "low": None, "high": None, "values": [7]}
    found = estimate([math.nan, 1.0])
    assert math.isnan(found.mean)
    assert found.low is found.high is None


def test_changes_are_paired() -> None:
    change = paired_change([10, 20, 30], [12, 22, 32])
    assert (change.mean, change.low, change.high) == (-2.0, -2.0, -2.0)


def test_the_bootstrap_of_one_net_is_the_binomial_of_its_digits() -> None:
    wrong = np.zeros((1, 1, 2007), dtype=bool)
    wrong[0, 0, :82] = True
    expected = scipy_stats.binom(2007, 82 / 2007).ppf([0.025, 0.975]) / 20.07
    assert percentile_interval(bootstrap(wrong)[:, 0]) == pytest.approx(expected, abs=0.06)


def test_the_bootstrap_is_seeded_paired_and_flat_in_memory() -> None:
    rng = np.random.default_rng(0)
    wrong = np.repeat(rng.random((1, 8, 500)) < 0.1, 2, axis=0)
    means = bootstrap(wrong, replicates=300)
    np.testing.assert_array_equal(means, bootstrap(wrong, replicates=300))
    np.testing.assert_array_equal(means[:, 0], means[:, 1])
    assert means.mean() == pytest.approx(100 * wrong.mean(), abs=0.2)


def test_p_values_and_verdicts() -> None:
    assert p_value(np.full(9999, -1.0)) == pytest.approx(2 / 10_000)
    assert p_value(np.array([-1.0, 1.0] * 50)) == 1.0
    told = [verdict(*of) for of in ((True, -3.0, 10), (True, 3.0, 10), (False, -3.0, 10), (True, -3.0, 5))]
    assert told == ["better", "worse", "not resolved", "too few seeds"]


def test_holm_steps_down() -> None:
    assert holm([0.01, 0.04, 0.03]) == [True, False, False]
    assert holm([0.01, 0.02, 0.03]) == [True, True, True]
    assert (holm([0.04]), holm([])) == ([True], [])


@pytest.mark.slow
def test_the_interval_for_new_digits_covers_the_truth_at_least_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(200):
        hardness = rng.beta(0.1, 2.0, 400)  # of each digit: most easy, a few hard
        wrong = rng.random((1, 8, 400)) < hardness
        low, high = percentile_interval(bootstrap(wrong, replicates=500)[:, 0])
        inside += low <= 100 * 0.1 / 2.1 <= high
    assert inside >= 184
