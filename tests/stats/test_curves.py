"""Which law a learning curve gets, what it predicts, and when it is refused."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from timetravel.stats.curves import Fit, Points, Questions, choose, curve_of, exponents, held_out, summary
from timetravel.stats.laws import FLOOR, LOGARITHM, POWER

SIZES = np.array((1000, 2000, 4000, 7291, 15000, 30000, 50000), dtype=float)
DIGITS = 2007


def planted(shares: Any, seeds: int = 6, seed: int = 0) -> Points:
    """A learning curve whose mistakes are binomial around planted shares."""
    rng = np.random.default_rng(seed)
    counts = np.array([rng.binomial(DIGITS, share, seeds) for share in shares])
    mistakes = counts.mean(axis=1)
    return Points(SIZES[: len(counts)], counts / DIGITS, mistakes, 100 * mistakes / DIGITS, DIGITS)


FALLING = 0.9 * SIZES**-0.35
BENT = 30.0 * SIZES**-0.8 + 0.03  # towards a floor of 3 %
POINTS = planted(FALLING)


def answers(points: Points, *asked: Any) -> Any:
    return curve_of(points, 0, Questions(*asked))[0]


@pytest.mark.slow
def test_intervals_hold_a_planted_exponent_and_equal_ones_are_not_told_apart() -> None:
    for seeds in (1, 3, 6):
        inside = differ = 0
        for trial in range(100):
            one, other = (
                Fit(POWER, planted(scale * SIZES**-0.35, seeds, 2 * trial + place), place).numbers[:, 1]
                for place, scale in enumerate((0.9, 0.5))
            )
            found, apart = summary(one), summary(one - other)
            inside += found["low"] <= 0.35 <= found["high"]
            differ += apart["low"] > 0 or apart["high"] < 0
        assert inside >= 88, seeds  # of 100, at 95 %
        assert differ <= 12, seeds


def test_the_law_is_the_one_that_predicts_the_largest_sizes_if_there_are_enough_to_judge_it() -> None:
    assert choose(SIZES, FALLING)[0] == POWER
    assert choose(SIZES, 3.0 * SIZES**-0.6 + 0.01)[0] == FLOOR
    law, misses = choose(SIZES, 0.2 - 0.015 * np.log(SIZES))
    assert law == LOGARITHM
    assert misses[LOGARITHM.name] == pytest.approx(1)
    assert set(misses) == {"power law", "power law with a floor", "logarithm"}
    assert set(choose(SIZES[:3], FALLING[:3])[1]) == {"power law", "logarithm"}
    assert choose(SIZES[:2], FALLING[:2]) == (None, {})
    assert [held_out(k) for k in (3, 5, 6, 9)] == [1, 1, 2, 2]


@pytest.mark.slow
def test_what_is_predicted_mostly_comes() -> None:
    checks: list[Any] = []
    for points in (planted(FALLING, seed=seed) for seed in range(12)):
        checks += answers(points)["checks"]
        assert [check["train_size"] for check in checks[-2:]] == [30000, 50000]
        assert [check["truth"] for check in checks[-2:]] == list(points.errors[-2:])
    for check in checks:
        assert check["inside"] == (check["error"]["low"] <= check["truth"] <= check["error"]["high"])
    assert sum(check["inside"] for check in checks) >= 0.85 * len(checks)
    # One run a size is taken for a binomial count.
    single = [answers(planted(FALLING, 1, seed), (60_000,)) for seed in range(40)]
    errors = [found["predictions"][0]["error"] for found in single if found.get("law") == "power law"]
    inside = [error["low"] <= 90 * 60_000**-0.35 <= error["high"] for error in errors]
    assert sum(inside) >= 0.85 * len(inside) > 0


def test_the_checks_do_not_know_the_sizes_that_they_predict() -> None:
    spoiled = replace(POINTS, shares=np.concatenate([POINTS.shares[:-2], POINTS.shares[-2:] * 0.9]))
    assert [c["error"] for c in answers(POINTS)["checks"]] == [c["error"] for c in answers(spoiled)["checks"]]


def test_a_prediction_says_when_it_is_a_scenario_and_the_inverse_and_the_line_agree_with_the_curve() -> None:
    found = answers(POINTS, (60_000, 500_000, 1_000_000), (1.0, 0.001))
    assert [told["scenario"] for told in found["predictions"]] == [False, False, True]
    (first, second) = found["digits_needed"]
    assert (found["law"], second["scenario"], "cost" in first) == ("power law", True, False)
    scale, exponent = found["scale"]["mean"], found["exponent"]["mean"]
    assert scale * first["digits"]["mean"] ** -exponent == pytest.approx(1.0, rel=1e-6)
    line = found["line"]
    assert (len(line), line[0]["train_size"], line[-1]["train_size"]) == (60, 1000, 1_000_000)
    for point in line:
        assert point["mean"] == pytest.approx(scale * point["train_size"] ** -exponent, rel=1e-5)
    for point in [*line, *(told["error"] for told in found["predictions"])]:
        assert point["low"] <= point["mean"] <= point["high"]
    assert answers(POINTS)["line"][-1]["train_size"] == 50_000


def test_labels_have_their_price_and_a_floor_is_identified_only_where_it_is_seen() -> None:
    found = answers(POINTS, (), (1.0,), 0.05)
    (need,) = found["digits_needed"]
    assert need["cost"] == {part: pytest.approx(0.05 * size) for part, size in need["digits"].items()}
    assert found["floor_identified"] is None
    seen = answers(planted(BENT, 10), (), (1.0,), 1.0)
    assert (seen["law"], seen["floor_identified"]) == ("power law with a floor", True)
    assert seen["constant"]["low"] < 3.0 < seen["constant"]["high"]
    (never,) = seen["digits_needed"]
    assert never["digits"]["mean"] is never["cost"]["mean"] is None


def test_fits_that_the_data_do_not_support_are_refused_with_the_reason() -> None:
    for points, reason in (
        (planted(FALLING[:2]), "2 sizes are too few"),
        (planted(np.full(7, 0.03)), "does not fall"),
        (planted(np.linspace(0.030, 0.029, 7), 1), "does not fall"),
        (planted([*FALLING[:-1], 0.0]), "no mistake is left to count at 50,000 digits"),
        (replace(POINTS, failed=(4000,)), "nets diverged or collapsed at 4,000 digits"),
        (planted([0.4, 0.39, 0.38, 0.37, 0.36, 0.02, 0.003]), "misses the sizes held out by a factor"),
    ):
        told, powers = curve_of(points)
        assert reason in told["refused"]
        assert set(told) == {"refused", "held_out_factor"}
        assert powers is None


def test_eras_of_one_exponent_are_not_told_apart_and_others_are() -> None:
    shares = {"a": FALLING, "b": 0.5 * SIZES**-0.35, "c": 8.0 * SIZES**-0.6}
    curves = {name: curve_of(planted(shares[name], 8, place), place) for place, name in enumerate(shares)}
    curves["bent"] = curve_of(planted(BENT, 8))
    assert [told["power_law_holds"] for told, _ in curves.values()] == [True, True, True, False]
    first, second = exponents({name: powers for name, (_, powers) in curves.items()})
    assert (first["eras"], first["verdict"]) == (["a", "b"], "not resolved")
    assert (second["eras"], second["verdict"]) == (["a", "c"], "differ")
    assert second["difference"]["mean"] == pytest.approx(0.25, abs=0.1)
    assert exponents({"a": curves["a"][1]}) == exponents({"bent": None, "a": curves["a"][1]}) == []


def test_nothing_is_predicted_where_a_law_leaves_what_an_error_can_be() -> None:
    found = answers(planted(0.2 - 0.0175 * np.log(SIZES), 8), (60_000, 1_000_000), (1.0,))
    assert (found["law"], found["exponent"]) == ("logarithm", None)
    near, far = found["predictions"]
    assert near["error"] is not None
    assert far["error"] is None
    size = found["digits_needed"][0]["digits"]["mean"]
    assert found["constant"]["mean"] - found["scale"]["mean"] * np.log(size) == pytest.approx(1.0)


def test_a_curve_is_the_same_every_time_and_another_stream_is_not() -> None:
    assert answers(POINTS, (100_000,), (0.5,)) == answers(POINTS, (100_000,), (0.5,))
    assert curve_of(POINTS, 1)[0]["exponent"] != curve_of(POINTS, 0)[0]["exponent"]
