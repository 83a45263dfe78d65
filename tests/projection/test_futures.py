"""The limited futures: quantiles, limits and the same draws every time."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import stdtrit

from timetravel.projection.futures import band, draw, shares, student
from timetravel.projection.inputs import defaults
from timetravel.projection.series import BY_NAME


def test_assumptions_are_drawn_between_their_quantiles(futures):
    made = futures()
    for name, one in defaults().items():
        low, middle, high = np.quantile(made.drawn[name], (0.1, 0.5, 0.9))
        assert (low, middle, high) == pytest.approx((one.low, one.middle, one.high), rel=0.12)
        assert made.drawn[name].min() >= one.least
        assert made.drawn[name].max() <= one.most


def test_the_same_draws_every_time(futures):
    before = {name: futures().limited(name, 2055) for name in BY_NAME}
    for kept in (draw, shares, student):
        kept.cache_clear()
    for name, draws in before.items():
        assert np.array_equal(draws, futures().limited(name, 2055)), name


def test_the_limited_figure_is_never_above_trend_or_limits_nor_below_the_record(futures):
    made = futures()
    for name in BY_NAME:
        limited, trend, last = made.limited(name, 2055), made.trend(name, 2055), futures().records[name].so_far
        assert np.all(trend >= last), name
        assert np.all(limited <= trend + 1e-12), name
        for draws in made.limits(name, 2055).values():
            assert np.all(limited <= np.maximum(np.log10(draws), last) + 1e-12), name
        assert np.all(limited >= last), name


def test_the_trends_draws_have_the_forecasts_quantiles(futures):
    for name in ("parameters", "compute", "price"):
        forecast = futures().records[name].forecast(2055)
        drawn = np.quantile(futures().trend(name, 2055), (0.1, 0.5, 0.9))
        told = [forecast.quantile(share) for share in (0.1, 0.5, 0.9)]
        assert drawn == pytest.approx(np.maximum(told, futures().records[name].so_far), rel=0.03)


def test_one_assumption_held_leaves_all_other_draws(futures):
    made = futures()
    moved = replace(made, held={"sparsity": 500})
    assert set(moved.drawn["sparsity"]) == {500}
    assert np.array_equal(moved.drawn["budget_share"], made.drawn["budget_share"])
    assert np.array_equal(moved.trend("parameters", 2055), made.trend("parameters", 2055))
    assert np.median(moved.limited("parameters", 2055)) > np.median(made.limited("parameters", 2055))


def test_known_answers_of_the_limits(futures):
    made = futures(
        budget_share=1e-2, world_product=1e14, world_growth=1.0, flop_per_dollar=1e18, price_growth=1.3,
        shrinking_ends=2200, latency_wall=1e32, token_stock=3e14, synthetic=1, stock_growth=1.0,
        tokens_per_parameter=20, sparsity=1,
    )  # fmt: skip
    money = band(made.limits("compute", 2055)["money"])["value"]
    assert money == pytest.approx(1e-2 * 1e14 * 1e18 * 1.3**30, rel=1e-6)
    assert band(made.limits("tokens", 2055)["data"])["value"] == pytest.approx(3e14, rel=1e-6)
    assert band(made.limits("parameters", 2055)["signals"])["value"] == pytest.approx((1e32 / 120) ** 0.5, rel=1e-6)


def test_a_minute_on_a_device_by_arithmetic(futures):
    made = futures(
        device_speed=1e14, price_growth=1.3, shrinking_ends=2200, utilisation=0.5, device_watts=500, cmos_limit=1e22,
        algorithm_growth=1.2, algorithm_most=1e30,
    )  # fmt: skip
    alone = band(made.seconds(7.3e22, 2055))["value"]
    assert alone == pytest.approx(7.3e22 / (0.5e14 * 1.3**33), rel=1e-6)
    assert band(made.seconds(7.3e22, 2055, since=2022))["value"] == pytest.approx(alone / 1.2**33, rel=1e-6)
    assert futures(algorithm_growth=3.0, algorithm_most=1e3).algorithms(2022, 2055).max() == pytest.approx(1e3)
    slower = futures(shrinking_ends=2030, price_growth=1.3, price_growth_after=1.1).price_gain(2025, 2040)
    assert band(slower)["value"] == pytest.approx(1.3**5 * 1.1**10, rel=1e-6)


def test_a_net_fits_into_the_memory_of_a_device_by_arithmetic(futures):
    """PaLM's training state, 16 bytes a parameter, is 8.6 TB; 24 GB grown 1.19 times a year are 7.5 TB in 2055."""
    given = {"state_bytes": 16, "memory_growth": 1.19, "device_memory": 2.4e10, "algorithm_most": 1}
    assert pytest.approx(7.5e12, rel=0.01) == 2.4e10 * 1.19**33
    assert not futures(**given).fits(5.4e11, 2055, 2022).any()
    assert futures(**given).fits(4.6e11, 2055, 2022).all()
    smaller = given | {"algorithm_most": 100, "algorithm_growth": 2}
    assert futures(**smaller).fits(4.6e12, 2055, 2022).all()  # 100 times less compute is a net of a tenth


def test_binding_names_what_bends_most_futures(futures):
    tight = futures(budget_share=1e-6).binding("compute", 2055)
    assert max(tight, key=lambda cause: tight[cause]) == "money"
    assert sum(tight.values()) <= 1


def test_students_quantiles_are_scipys():
    drawn = student("compute", 6.4)
    assert np.abs(drawn - stdtrit(6.4, shares()["compute"])).max() < 2e-3
