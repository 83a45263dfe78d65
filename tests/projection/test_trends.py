"""Records, forecasts and straight lines, against known answers."""

import math

import numpy as np
import pytest

from timetravel.errors import UsageError
from timetravel.projection.inputs import dated
from timetravel.projection.series import BY_NAME
from timetravel.projection.trends import Record, fit, fits, record, spread

COMPUTE, VISION = BY_NAME["compute"], BY_NAME["compute-vision"]


def figure(date, value, domain="language", quantity="training compute"):
    row = {"quantity": quantity, "domain": domain, "date": date, "name": f"{date} {value}", "value": value}
    return dated(row | {"unit": "FLOP", "estimated": "no", "note": "", "source": "s", "link": "", "checked": "read"})


def steady(growth=0.5, years=21):
    """A record that grows by `growth` OOM each year from 2000."""
    return Record(COMPUTE, 2000, tuple(growth * year for year in range(years)))


def test_the_record_is_the_largest_so_far_and_ends_with_the_newest_figure():
    made = record(COMPUTE, [figure("2010", 1e3), figure("2012-05", 1e2), figure("2013", 1e5), figure("2016", 1e4)])
    assert (made.first, made.last) == (2010, 2016)
    assert made.values == pytest.approx((3, 3, 3, 5, 5, 5, 5))
    assert made.until(2012).values == pytest.approx((3, 3, 3))
    assert made.until(2012).holders[-1]["value"] == 1e3
    assert made.credit(2012).startswith("2010 1000.0 (2010)")


def test_a_series_takes_only_its_domains():
    figures = [figure(str(year), 10.0**year_place, "vision" if year_place % 2 else "language")
               for year_place, year in enumerate(range(2008, 2020))]  # fmt: skip
    assert record(VISION, figures).first == 2009
    assert record(COMPUTE, figures).first == 2008


def test_too_few_figures_are_refused_with_what_is_needed():
    for figures in (
        [],
        [figure("2010", 1), figure("2020", 2)],
        [figure("2015", 1), figure("2016", 2), figure("2017", 3)],
        [figure("2020", 1), figure("2022", 2), figure("2026", 3)],
    ):
        with pytest.raises(UsageError) as caught:
            record(COMPUTE, figures)
        assert "compute" in caught.value.message
        assert "3 or more, over 4 or more years" in caught.value.hint


def test_a_steady_record_is_carried_on_without_error():
    made = steady()
    assert made.drift(35) == pytest.approx(0.5)
    assert made.unit_spread == pytest.approx(0, abs=1e-12)
    forecast = made.forecast(2055)
    assert forecast.middle == pytest.approx(0.5 * 55)
    assert forecast.quantile(0.9) == pytest.approx(forecast.middle)
    assert [made.look(ahead) for ahead in (1, 10, 15, 40)] == [10, 10, 15, 20]  # as far as ahead, ten at least
    assert [spread(1, 10), spread(30, 30)] == pytest.approx([math.sqrt(1.12), math.sqrt(66)])
    assert Record(COMPUTE, 2015, (0, 1, 2, 3, 4)).forecast(2025).quantile(0.5) is None  # too few years


def test_the_way_to_a_target_is_straight():
    made = Record(COMPUTE, 2000, (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))
    way = [made.forecast(year, 2040).middle for year in (2021, 2030, 2040)]
    assert way == pytest.approx([15 + made.drift(20), 15 + 10 * made.drift(20), 15 + 20 * made.drift(20)])


def test_the_forecast_does_not_jump_when_the_target_moves_by_a_year(records):
    for name, made in records.items():
        steps = np.diff([made.forecast(year).middle for year in range(2027, 2101)])
        assert steps.min() > -0.15, name
        assert steps.max() < 1.5, name  # the first method jumped by up to three


def test_hindcasts_find_the_spread_of_a_random_walk():
    rng = np.random.default_rng(1)
    found = []
    for _ in range(40):
        walk = np.cumsum(np.concatenate([[0.0], 1.0 + 0.3 * rng.standard_normal(60)]))
        unit = Record(COMPUTE, 1960, tuple(walk)).unit_spread
        assert unit is not None
        found.append(unit)
    assert np.median(found) == pytest.approx(0.3, rel=0.25)


def test_intervals_cover_what_they_promise_when_the_model_is_true():
    rng = np.random.default_rng(2)
    inside = 0
    for _ in range(150):
        walk = np.cumsum(np.concatenate([[0.0], 0.5 + 0.2 * rng.standard_normal(50)]))
        past = Record(COMPUTE, 1970, tuple(walk[:41]))
        forecast = past.forecast(2020)
        low, high = forecast.quantile(0.1), forecast.quantile(0.9)
        assert low is not None
        assert high is not None
        inside += low <= walk[50] <= high
    assert 0.65 < inside / 150 < 0.95


def test_a_trend_that_leaves_all_numbers_is_refused():
    wild = Record(COMPUTE, 2015, (0, 0, 0, 0, 45))
    with pytest.raises(UsageError, match="compute grow so fast"):
        wild.standing(2055)
    assert steady().standing(2200) == steady()


def test_a_planted_slope_is_recovered():
    rng = np.random.default_rng(3)
    figures = [
        figure(f"{1990 + n // 4}-{n % 12 + 1:02d}", 10 ** (0.2 * n / 4 + 0.5 * rng.standard_normal()))
        for n in range(120)
    ]
    line = fit(figures)
    assert line["low"] < 10**0.2 < line["high"]
    slope, _ = np.polyfit([one["time"] for one in figures], [math.log10(one["value"]) for one in figures], 1)
    assert line["growth_per_year"] == pytest.approx(10**slope, rel=1e-3)
    assert line["months_to_double"] == pytest.approx(12 * math.log10(2) / slope, rel=1e-3)


def test_lines_are_made_by_domain_and_period_where_there_are_enough():
    figures = [figure(str(year), 10.0 ** (year - 1990), "vision") for year in range(1990, 2021)]
    lines = fits([*figures, figure("2015", 3.0)])
    found = {(line["domain"], round(line["from"] - 0.5), round(line["to"] - 0.5)) for line in lines}
    assert {("vision", 1990, 2009), ("vision", 2010, 2020), ("all", 1990, 2009)} <= found
    assert "language" not in {line["domain"] for line in lines}
    assert fit(figures[:4]) is None
    falling = [figure(str(year), 10.0 ** (2000 - year)) for year in range(1990, 2000)]
    assert fit(falling)["months_to_double"] is None
