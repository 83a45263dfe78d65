"""Which law a learning curve gets, what it predicts, and when it is refused."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from timetravel.stats.laws import FLOOR, LOGARITHM, POWER
from timetravel.studies.curves import choose, curve_of, exponents, held_out, refusal, shares_of, teller_of
from timetravel.stats.predictions import summary
from timetravel.studies.rows import Row

SIZES = (1000, 2000, 4000, 7291, 15000, 30000, 50000)
DIGITS = 2007


def rows_of(shares: Any, seeds: int = 6, seed: int = 0, sizes: tuple[int, ...] = SIZES, subsets: int = 1) -> list[Row]:
    """Rows whose runs' mistakes are binomial around planted shares: what a study's rows show to a curve."""
    rng = np.random.default_rng(seed)
    rows = []
    for size, share in zip(sizes, shares, strict=True):
        runs = [
            SimpleNamespace(test=SimpleNamespace(mistakes=int(count), size=DIGITS), diverged=None)
            for count in rng.binomial(DIGITS, share, subsets * seeds)
        ]
        row = SimpleNamespace(
            runs=runs,
            train_size=size,
            test_size=DIGITS,
            diverged=[],
            test_mistakes=SimpleNamespace(mean=float(np.mean([run.test.mistakes for run in runs]))),
            test_error=SimpleNamespace(mean=100 * float(np.mean([run.test.mistakes for run in runs])) / DIGITS),
            units=lambda values: (
                [float(np.mean(part)) for part in np.reshape(values, (subsets, -1))] if subsets > 1 else list(values)
            ),
        )
        rows.append(cast(Row, row))
    return rows


def power(scale: float, exponent: float, constant: float = 0.0) -> np.ndarray:
    return scale * np.array(SIZES, dtype=float) ** -exponent + constant


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [1, 3, 6])
def test_intervals_hold_a_planted_exponent_and_equal_ones_are_not_told_apart(seeds: int) -> None:
    inside = differ = 0
    for trial in range(100):
        one, other = (
            teller_of(POWER, rows_of(power(scale, 0.35), seeds=seeds, seed=2 * trial + place), place).fitted[:, 1]
            for place, scale in enumerate((0.9, 0.5))
        )
        found, apart = summary(one), summary(one - other)
        inside += found["low"] <= 0.35 <= found["high"]
        differ += apart["low"] > 0 or apart["high"] < 0
    assert inside >= 88  # of 100, at 95 %
    assert differ <= 12


def test_the_law_is_the_one_that_predicts_the_largest_sizes() -> None:
    sizes = np.array(SIZES, dtype=float)
    assert choose(sizes, power(0.9, 0.35))[0] == POWER
    assert choose(sizes, power(3.0, 0.6, 0.01))[0] == FLOOR
    law, misses = choose(sizes, 0.2 - 0.015 * np.log(sizes))
    assert law == LOGARITHM
    assert misses[LOGARITHM.name] == pytest.approx(1)
    assert set(misses) == {"power law", "power law with a floor", "logarithm"}


def test_too_few_sizes_leave_the_floor_unjudged() -> None:
    sizes = np.array(SIZES[:3], dtype=float)
    assert set(choose(sizes, power(0.9, 0.35)[:3])[1]) == {"power law", "logarithm"}
    assert choose(sizes[:2], power(0.9, 0.35)[:2]) == (None, {})
    assert [held_out(k) for k in (3, 5, 6, 9)] == [1, 1, 2, 2]


def test_what_is_predicted_mostly_comes() -> None:
    inside = of = 0
    for seed in range(12):
        curve = curve_of("era", rows_of(power(0.9, 0.35), seed=seed))
        assert [check.size for check in curve.checks] == [30000, 50000]
        inside += sum(bool(check.inside) for check in curve.checks)
        of += len(curve.checks)
    assert inside / of >= 0.85


def test_a_prediction_says_when_it_is_a_scenario_and_the_inverse_agrees_with_the_curve() -> None:
    curve = curve_of("era", rows_of(power(0.9, 0.35)), predict=(60_000, 500_000, 1_000_000), errors=(1.0, 0.001))
    assert [found.scenario for found in curve.predictions] == [False, False, True]
    assert curve.law is not None
    (first, second) = curve.needed
    if curve.law == POWER:
        at = 100 * curve.law.curve(curve.fitted[:1], np.array([first.digits["mean"]]))
        assert at == pytest.approx(1.0, rel=1e-6)
    assert second.scenario
    for found in curve.predictions:
        assert found.error is not None
        assert found.error["low"] <= found.error["mean"] <= found.error["high"]


def test_a_floor_is_identified_only_where_it_is_seen() -> None:
    seen = curve_of("era", rows_of(power(30.0, 0.8, 0.03), seeds=10))
    assert seen.law == FLOOR
    assert seen.floor_identified
    assert seen.needed == ()
    asked = curve_of("era", rows_of(power(30.0, 0.8, 0.03), seeds=10), errors=(1.0,))
    assert asked.needed[0].digits["mean"] is None  # below the floor: never


def test_fits_that_the_data_do_not_support_are_refused_with_the_reason() -> None:
    rows = rows_of(power(0.9, 0.35))
    assert "2 sizes are too few" in curve_of("era", rows[:2]).refused
    assert "does not fall" in curve_of("era", rows_of(np.full(7, 0.03))).refused
    assert "does not fall" in curve_of("era", rows_of(np.linspace(0.030, 0.029, 7), seeds=1)).refused
    none = rows_of(np.append(power(0.9, 0.35)[:-1], 0.0))
    assert "no mistake is left" in curve_of("era", none).refused
    cast(Any, rows[2]).diverged = [1]
    assert "runs diverged at 4,000 digits" in refusal(rows)
    wild = rows_of([0.4, 0.39, 0.38, 0.37, 0.36, 0.02, 0.003])
    refused = curve_of("era", wild)
    assert "misses the sizes held out by a factor" in refused.refused
    assert refused.law is None
    assert refused.to_dict()["refused"]


def test_eras_of_one_exponent_are_not_told_apart_and_others_are() -> None:
    one, same, other = (
        curve_of(name, rows_of(shares, seeds=8, seed=place), stream=place)
        for place, (name, shares) in enumerate(
            {"a": power(0.9, 0.35), "b": power(0.5, 0.35), "c": power(8.0, 0.6)}.items()
        )
    )
    first, second = exponents([one, same, other])
    assert first.verdict == "not resolved"
    assert second.verdict == "differ"
    assert exponents([one]) == []
    bent = curve_of("d", rows_of(power(30.0, 0.8, 0.03), seeds=8))
    assert bent.powers is None
    assert [pair.eras for pair in exponents([one, bent, other])] == [("a", "c")]


def test_one_run_a_size_is_taken_for_a_binomial_count() -> None:
    inside = of = 0
    for seed in range(40):
        curve = curve_of("era", rows_of(power(0.9, 0.35), seeds=1, seed=seed), predict=(60_000,))
        if curve.law == POWER:
            (found,) = curve.predictions
            assert found.error is not None
            inside += found.error["low"] <= 100 * 0.9 * 60_000**-0.35 <= found.error["high"]
            of += 1
    assert inside >= 0.85 * of > 0


def test_nothing_is_predicted_where_a_law_leaves_what_an_error_can_be() -> None:
    shares = 0.2 - 0.0175 * np.log(np.array(SIZES))
    curve = curve_of("era", rows_of(shares, seeds=8), predict=(60_000, 1_000_000))
    assert curve.law == LOGARITHM
    near, far = curve.predictions
    assert near.error is not None
    assert far.error is None
    assert far.to_dict()["error"] is None


def test_subsets_are_the_units_where_there_are_several() -> None:
    rows = rows_of(power(0.9, 0.35), seeds=3, subsets=4)
    assert shares_of(rows).shape == (7, 4)
    assert curve_of("era", rows).law is not None


def test_a_curve_is_the_same_every_time() -> None:
    one, other = (curve_of("era", rows_of(power(0.9, 0.35)), (100_000,), (0.5,)).to_dict() for _ in range(2))
    assert one == other
