"""Known answers."""

import math

import pytest
from scipy import stats as scipy_stats

from timetravel.stats import estimate, paired_change


def test_the_interval_is_students() -> None:
    values = [82.0, 88.0, 79.0, 91.0, 85.0]
    found = estimate(values)
    low, high = scipy_stats.t.interval(0.95, 4, loc=85.0, scale=scipy_stats.sem(values))
    assert found.mean == 85.0
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


def test_one_value_has_no_interval() -> None:
    assert estimate([7]).to_dict() == {"mean": 7.0, "low": None, "high": None, "values": [7]}


def test_what_is_no_number_is_null_in_json() -> None:
    assert estimate([math.nan, 1.0]).to_dict() == {"mean": None, "low": None, "high": None, "values": [None, 1.0]}


def test_changes_are_paired() -> None:
    change = paired_change([10, 20, 30], [12, 22, 32])
    assert (change.mean, change.low, change.high) == (-2.0, -2.0, -2.0)
    assert estimate([10, 20, 30]).low is not None
