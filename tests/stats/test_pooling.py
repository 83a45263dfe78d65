"""Pooled estimates against a published example, worked values, and plain Student's t."""

import math

import numpy as np
import pytest

from timetravel.stats.pooling import pooled

# Thirteen trials of a vaccine (Colditz et al. 1994): log relative risks and their variances. tau^2 by Paule and Mandel
# and the mean as the R package metafor prints them for its data set dat.bcg (method EB: the same equation).
RISKS = (
    (-0.8893, 0.3256), (-1.5854, 0.1946), (-1.3481, 0.4154), (-1.4416, 0.0200), (-0.2175, 0.0512), (-0.7861, 0.0069),
    (-1.6209, 0.2230), (0.0120, 0.0040), (-0.4694, 0.0564), (-1.3713, 0.0730), (-0.3394, 0.0124), (0.4459, 0.5325),
    (-0.0173, 0.0714),
)  # fmt: skip
Z = 1.959964


def with_interval(mean, error):
    return mean, mean - Z * error, mean + Z * error


def test_a_published_meta_analysis():
    found = pooled([with_interval(mean, math.sqrt(variance)) for mean, variance in RISKS])
    assert found.tau**2 == pytest.approx(0.3181, abs=5e-4)
    assert found.mean == pytest.approx(-0.7150, abs=5e-4)


def test_settings_that_are_equally_sure_are_pooled_as_by_students_t():
    values = np.array([10.0, 30.0, 50.0, 70.0])
    found = pooled([with_interval(value, 2.0) for value in values])
    error = values.std(ddof=1) / 2  # of the mean of four
    assert found.tau**2 == pytest.approx(values.var(ddof=1) - 4)
    assert found.mean == pytest.approx(40)
    assert found.interval == pytest.approx((40 - 3.182446 * error, 40 + 3.182446 * error), rel=1e-4)  # t with 3
    spread = math.sqrt(found.tau**2 + error**2)
    assert found.new == pytest.approx((40 - 4.302653 * spread, 40 + 4.302653 * spread), rel=1e-4)  # t with 2


def test_settings_that_agree_too_well_keep_the_width_of_their_own_intervals():
    found = pooled([with_interval(33.0, 3.0), with_interval(34.0, 3.0), with_interval(35.0, 3.0)])
    assert found.tau == 0
    assert found.interval == pytest.approx((34 - 4.302653 * math.sqrt(3), 34 + 4.302653 * math.sqrt(3)))


def test_the_chance_of_a_range_for_a_new_setting():
    found = pooled([with_interval(40.0, 1.0), with_interval(60.0, 1.0)])
    spread = math.sqrt((200 - 1) + 100)  # tau^2 + error^2, worked by hand; t with 1 is a Cauchy distribution
    assert found.chance(60) == pytest.approx(0.5 - math.atan(10 / spread) / math.pi)
    assert found.chance(-math.inf, 50) == pytest.approx(0.5)
    assert found.chance(40, 60) == pytest.approx(1 - 2 * found.chance(60))


def test_one_estimate_or_one_without_width_is_not_pooled():
    for wrong in ([(1.0, 0.0, 2.0)], [(1.0, 0.0, 2.0), (1.0, 1.0, 1.0)], []):
        with pytest.raises(ValueError, match="two estimates or more"):
            pooled(wrong)
