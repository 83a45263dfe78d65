"""Known answers."""

import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from timetravel.stats.estimates import estimate, holm, percentile_interval, verdict


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


def test_values_that_are_all_equal_have_no_interval() -> None:
    assert estimate([3, 3, 3]).to_dict() == {"mean": 3.0, "low": None, "high": None, "values": [3, 3, 3]}


def test_the_percentile_interval_leaves_out_a_fortieth_at_each_end() -> None:
    assert percentile_interval(np.arange(1001)) == pytest.approx((25.0, 975.0))


def test_a_difference_that_stands_is_better_where_mistakes_are_fewer() -> None:
    told = [verdict(*of) for of in ((True, -3.0), (True, 3.0), (False, -3.0))]
    assert told == ["better", "worse", "not resolved"]


def test_holm_steps_down() -> None:
    assert holm([0.01, 0.04, 0.03]) == [True, False, False]
    assert holm([0.01, 0.02, 0.03]) == [True, True, True]
    assert (holm([0.04]), holm([])) == ([True], [])
