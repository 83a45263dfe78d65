"""Records, forecasts and straight lines, against known answers."""

import math

import numpy as np
import pytest

from timetravel.errors import UsageError
from timetravel.projection.inputs import dated
from timetravel.projection.series import BY_NAME
from timetravel.projection.trends import Record, Spread, checked_reach, fit, learnt, multiples, record

COMPUTE, VISION = BY_NAME["compute"], BY_NAME["compute-vision"]


def figure(date, value, domain="language", quantity="training compute"):
    row = {"quantity": quantity, "domain": domain, "date": date, "name": f"{date} {value}", "value": value}
    return dated(row | {"unit": "FLOP", "estimated": "no", "note": "", "source": "s", "link": "", "checked": "read"})


def made_of(values, first=2000, spread=None):
    """A record of these values, log10, a year each."""
    return Record(COMPUTE, first, tuple(values), (), values[-1], spread)


def steady(growth=0.5, years=21):
    """A record that grows by `growth` OOM each year from 2000."""
    return made_of([growth * year for year in range(years)])


def test_the_record_is_the_largest_so_far_and_stands_at_the_end_of_the_last_whole_year():
    given = [figure("2010", 1e3), figure("2012-05", 1e2), figure("2013", 1e5), figure("2016-02", 1e9)]
    made = record(COMPUTE, given, until=2015)
    assert (made.first, made.last) == (2010, 2015)  # a year of two months does not count as whole
    assert made.values == pytest.approx((3, 3, 3, 5, 5, 5))
    assert (made.so_far, made.holders[-1]["value"]) == (9, 1e9)
    assert made.until(2012).values == pytest.approx((3, 3, 3))
    assert made.until(2012).so_far == 3
    assert made.credit(2012).startswith("2010 1000.0 (2010)")
    assert record(COMPUTE, given, until=2020).last == 2016  # what was not collected is not known to stand still


def test_a_series_takes_only_its_domains():
    figures = [figure(str(year), 10.0**year_place, "vision" if year_place % 2 else "language")
               for year_place, year in enumerate(range(2008, 2020))]  # fmt: skip
    assert record(VISION, figures, 2025).first == 2009
    assert record(COMPUTE, figures, 2025).first == 2008


def test_too_few_figures_are_refused_with_what_is_needed():
    for figures in (
        [],
        [figure("2010", 1), figure("2020", 2)],
        [figure("2015", 1), figure("2016", 2), figure("2017", 3)],
        [figure("2020", 1), figure("2022", 2), figure("2026", 3)],
    ):
        with pytest.raises(UsageError) as caught:
            record(COMPUTE, figures, 2025)
        assert "compute" in caught.value.message
        assert "3 or more, over 4 or more years" in caught.value.hint


def test_a_steady_record_is_carried_on_without_error():
    made = steady()
    assert made.line(35) == pytest.approx((0.5, 10))
    assert made.own_variance is None  # no error at all: nothing to learn a spread from
    assert [made.look(ahead) for ahead in (1, 10, 15, 40)] == [10, 10, 15, 20]  # as far as ahead, ten at least
    told = made_of(made.values, spread=Spread(0.2, 5.0)).forecast(2055)
    assert told.middle == pytest.approx(0.5 * 55)
    assert told.quantile(0.9) == pytest.approx(told.middle + 1.47588 * 0.2 * multiples(20)[35], rel=1e-4)  # t, 5 d.f.
    with pytest.raises(ValueError, match="not learnt"):
        made.forecast(2030)


def test_a_near_year_follows_the_present_era_and_a_far_one_several():
    """Of 30 years at 0.1 OOM and ten at 0.6: five years ahead at 0.6, forty years ahead at far less."""
    values = [0.1 * year for year in range(31)] + [3 + 0.6 * year for year in range(1, 11)]
    made = made_of(values, spread=Spread(0.2, 5.0))
    assert made.forecast(2045).middle - values[-1] == pytest.approx(5 * 0.6)
    far = made.forecast(2080).middle - values[-1]
    paces = [np.polyfit(range(look + 1), values[40 - look :], 1)[0] for look in range(10, 41)]
    assert far == pytest.approx(10 * paces[0] + sum(paces[1:]))  # a year each; the first ten look back on ten


def test_2030s_compute_follows_the_era_since_2010(records):
    """Not the one drift of 33 years, which read 3.9e28 where 4.4 times a year gives 4e29."""
    middle = 10 ** records["compute"].forecast(2030).middle
    assert 1e29 < middle < 2e30


def test_hindcasts_are_what_forecasts_inside_the_series_missed_by():
    rng = np.random.default_rng(1)
    values = np.cumsum(rng.standard_normal(14))
    by_horizon = {}
    for origin in range(4, 14):
        for target in range(origin + 1, 14):
            ahead = target - origin
            looks = [min(max(step, 10), origin) for step in range(1, ahead + 1)]
            paces = [np.polyfit(range(look + 1), values[origin - look : origin + 1], 1)[0] for look in looks]
            error = (values[origin] + sum(paces) - values[target]) / multiples(origin)[ahead]
            by_horizon.setdefault(ahead, []).append(error**2)
    expected = np.mean([np.mean(errors) for errors in by_horizon.values()])
    assert made_of(values.tolist()).own_variance == pytest.approx(expected)


def test_errors_of_a_random_walk_grow_as_is_said():
    """Against 4,000 walks: their forecasts' errors, ten and thirty years ahead, with twenty and forty years behind."""
    rng = np.random.default_rng(5)
    for behind, ahead in ((20, 10), (20, 30), (40, 30)):
        walks = np.cumsum(rng.standard_normal((4000, behind + ahead + 1)), axis=1)
        years = [min(max(step, 10), behind) for step in range(1, ahead + 1)]
        paces = {look: np.polyfit(range(look + 1), walks[:, behind - look : behind + 1].T, 1)[0] for look in {*years}}
        errors = walks[:, behind] + sum(paces[look] for look in years) - walks[:, behind + ahead]
        assert multiples(behind)[ahead] == pytest.approx(errors.std(), rel=0.05)


def test_spreads_are_learnt_from_all_series_together(records):
    """A quiet series' spread grows, a wild one's falls, and one without hindcasts has the common one."""
    own = {name: math.sqrt(one.own_variance) for name, one in records.items() if one.own_variance}
    quiet, wild = min(own, key=own.get), max(own, key=own.get)
    assert own[quiet] < records[quiet].spread.scale < records[wild].spread.scale < own[wild]
    young = learnt({**records, "young": made_of([0.0, 1.0, 2.0], 2023)})["young"].spread
    assert records[quiet].spread.scale < young.scale < records[wild].spread.scale
    assert young.freedom == pytest.approx(records[quiet].spread.freedom - 3.5)
    alone = learnt({"one": made_of(records[wild].values)})["one"].spread
    assert alone.scale == pytest.approx(own[wild], rel=0.5)


def test_series_that_differ_by_chance_alone_have_one_spread():
    rng = np.random.default_rng(3)
    walks = {str(n): made_of(np.cumsum(0.5 + 0.3 * rng.standard_normal(60)).tolist(), 1960) for n in range(40)}
    scales = [one.spread.scale for one in learnt(walks).values()]
    own = [math.sqrt(one.own_variance) for one in walks.values()]
    assert np.ptp(np.log(scales)) < 0.4 * np.ptp(np.log(own))
    assert np.median(scales) == pytest.approx(0.3, rel=0.15)


def test_a_series_own_variance_has_as_few_degrees_of_freedom_as_is_said():
    rng = np.random.default_rng(4)
    for years in (18, 40):
        found = [made_of(np.cumsum(rng.standard_normal(years)).tolist()).own_variance for _ in range(300)]
        assert 2.5 < 2 * np.mean(found) ** 2 / np.var(found) < 5.5  # chi-squared: 2 mean^2 / variance


def test_intervals_cover_what_they_promise_when_the_model_is_true():
    rng = np.random.default_rng(2)
    inside, told = 0, 0
    for _ in range(30):
        walks = [np.cumsum(0.5 + 0.2 * rng.standard_normal(51)).tolist() for _ in range(8)]
        past = learnt({str(place): made_of(walk[:41], 1970) for place, walk in enumerate(walks)})
        for one, walk in zip(past.values(), walks, strict=True):
            forecast = one.forecast(2020)
            inside, told = inside + (forecast.quantile(0.1) <= walk[50] <= forecast.quantile(0.9)), told + 1
    assert 0.7 < inside / told < 0.9


def test_a_trend_that_leaves_all_numbers_is_refused():
    wild = {"compute": made_of([0, 0, 0, 0, 45], 2015, Spread(1.0, 5.0))}
    with pytest.raises(UsageError, match="compute grow so fast"):
        checked_reach(wild, 2055)
    checked_reach({"compute": made_of(steady().values, spread=Spread(0.3, 5.0))}, 2200)


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


def test_a_line_needs_five_figures_and_what_falls_does_not_double():
    figures = [figure(str(year), 10.0 ** (2000 - year)) for year in range(1990, 2000)]
    assert fit(figures[:4]) is None
    assert fit(figures)["months_to_double"] is None
