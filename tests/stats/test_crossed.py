"""Means over runs and digits: known answers by plain analyses of variance, and rates by simulation (slow)."""

import math
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from scipy.integrate import quad
from scipy.special import expit

from timetravel.stats.crossed import Effect, Variances, crossed, ratio
from timetravel.studies.evidence import NOTHING, Comparison, judged

RNG = np.random.default_rng


def effects(seed: int, runs: int, digits: int, run: float, digit: float, rest: float = 1.0) -> np.ndarray:
    """Return a table of normal effects with these standard deviations."""
    rng = RNG(seed)
    chance = rest * rng.standard_normal((runs, digits))
    return run * rng.standard_normal((runs, 1)) + digit * rng.standard_normal(digits) + chance


def misread(seed: int, runs: int, digits: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which of two recipes' nets misread which digit, 0 or 1, of hard and easy ones."""
    rng = RNG(seed)
    hard, runs_vary = rng.beta(0.3, 1.5, digits), rng.choice([0.0, 0.5])
    odds = np.exp(runs_vary * rng.standard_normal((2, runs, 1)))
    first, second = rng.random((2, runs, digits)) < np.minimum(hard * odds, 1)
    if rng.random() < 0.3:  # nets that read nearly everything alike
        second = np.where(rng.random((runs, digits)) < 0.9, first, second)
    return first.astype(float), second.astype(float)


def mean_squares(table: np.ndarray) -> tuple[float, float, float]:
    """Return the mean squares of a two-way table without repeats, by runs, digits and the rest, as textbooks do."""
    rows, columns = len(table), len(table[0])
    every = sum(sum(row) for row in table) / (rows * columns)
    of_row = [sum(row) / columns for row in table]
    of_column = [sum(table[i][j] for i in range(rows)) / rows for j in range(columns)]
    by_run = columns * sum((mean - every) ** 2 for mean in of_row) / (rows - 1)
    by_digit = rows * sum((mean - every) ** 2 for mean in of_column) / (columns - 1)
    rest = 0.0
    for i in range(rows):
        for j in range(columns):
            rest += (table[i][j] - of_row[i] - of_column[j] + every) ** 2
    return by_run, by_digit, rest / ((rows - 1) * (columns - 1))


@pytest.mark.parametrize(("runs", "digits", "run", "digit"), [(3, 7, 1.0, 1.0), (10, 40, 0.5, 2.0), (20, 5, 3.0, 0.5)])
def test_variances_error_and_freedom_are_those_of_a_plain_analysis_of_variance(runs, digits, run, digit) -> None:
    table = effects(runs, runs, digits, run, digit)
    by_run, by_digit, rest = mean_squares(table)
    found = crossed(table)
    assert found.variances is not None
    variances = (found.variances.run, found.variances.digit, found.variances.rest)
    assert variances == pytest.approx(((by_run - rest) / digits, (by_digit - rest) / runs, rest))
    spread = by_run + by_digit - rest
    squares = by_run**2 / (runs - 1), by_digit**2 / (digits - 1), rest**2 / ((runs - 1) * (digits - 1))
    assert (found.mean, found.runs, found.digits) == (pytest.approx(table.mean()), runs, digits)
    assert found.error == pytest.approx(math.sqrt(spread / (runs * digits)))
    assert found.freedom == pytest.approx(min(spread**2 / sum(squares), 2 * (runs - 1)))
    assert found.interval() == pytest.approx(scipy_stats.t.interval(0.95, found.freedom, found.mean, found.error))
    assert found.p == pytest.approx(2 * scipy_stats.t.sf(abs(found.mean) / found.error, found.freedom))
    assert found.interval(found.mean, found.mean + 1e-9) == (found.mean, found.mean + 1e-9)  # cut


def test_planted_variances_are_found() -> None:
    found = crossed(effects(0, 200, 3000, 0.3, 0.7)).variances
    assert found is not None
    assert [math.sqrt(of) for of in (found.run, found.digit, found.rest)] == pytest.approx([0.3, 0.7, 1.0], rel=0.1)


def test_one_run_is_the_paired_t_test_over_digits_and_so_are_runs_that_do_the_same_but_for_fewer_freedoms() -> None:
    first, second = misread(1, 1, 300)
    expected = scipy_stats.ttest_rel(first[0], second[0])
    for times, freedom in ((1, 299), (5, 2 * 4)):
        found = crossed(np.repeat(first - second, times, axis=0))
        assert found.freedom == pytest.approx(freedom)
        assert found.p == pytest.approx(2 * scipy_stats.t.sf(abs(expected.statistic), freedom))
        assert found.error == pytest.approx(abs(found.mean / expected.statistic))
    assert crossed(first - second).variances is None


def test_where_runs_differ_and_digits_do_not_it_is_nearly_the_paired_t_test_over_runs() -> None:
    first, second = (effects(seed, 8, 2000, 1.0, 0.0) for seed in (1, 2))
    expected, found = scipy_stats.ttest_rel(first.mean(axis=1), second.mean(axis=1)), crossed(first - second)
    assert (found.p, found.freedom) == (pytest.approx(expected.pvalue, rel=0.02), pytest.approx(7, rel=0.02))
    assert found.interval() == pytest.approx(tuple(expected.confidence_interval()), rel=0.02)


def test_an_effect_in_another_unit_is_the_same() -> None:
    found = crossed(effects(3, 6, 50, 0.5, 0.5))
    told = found.times(50).times(10)
    assert (told.p, told.freedom, told.unit) == (pytest.approx(found.p), found.freedom, 500)
    assert told.interval() == pytest.approx(tuple(500 * end for end in found.interval() or ()))
    assert told.detectable(0.01, 9, 80) == pytest.approx(500 * (found.detectable(0.01, 9, 80) or 0))


def test_where_nothing_varies_nothing_is_said() -> None:
    wrong = (RNG(0).random((6, 40)) < 0.3).astype(float)
    for table in (np.zeros((6, 40)), np.ones((1, 40)), wrong - wrong, wrong[:, :1]):
        found = crossed(table)
        assert found.interval() is found.p is found.detectable() is found.runs_to_resolve() is None
        assert found.times(40).error is None
    assert ratio(wrong, wrong) is ratio(2 * wrong, wrong) is ratio(wrong, 0 * wrong) is ratio(0 * wrong, wrong) is None


def test_runs_and_digits_that_seem_to_vary_less_than_chance_leave_a_wide_interval() -> None:
    for cells in product((-1, 0, 1), repeat=9):
        found = crossed(np.reshape(cells, (3, 3)))
        if found.error is None:
            assert len(set(cells)) == 1
            continue
        assert found.variances is not None
        low, high = found.interval() or (0, 0)
        assert (high - low) / 2 >= math.sqrt(found.variances.rest / 9)
        assert found.freedom > 1 - 1e-9


def test_the_ends_of_a_ratio_are_those_of_all_ratios_that_are_not_refused() -> None:
    for seed, runs in ((0, 1), (3, 6), (4, 10), (6, 20)):
        first, second = misread(seed, runs, 200)
        scanned = np.arange(0.0, 4.0, 0.005)
        ends = [crossed(first - value * second).interval() or (1, 1) for value in scanned]
        kept = scanned[[low <= 0 <= high for low, high in ends]]
        assert kept[-1] - kept[0] == pytest.approx(0.005 * (len(kept) - 1))  # with nothing refused in between
        found, low, high = ratio(first, second) or (0, 0, 0)
        assert found == first.mean() / second.mean()
        assert (low, high) == (pytest.approx(kept[0], abs=0.005), pytest.approx(kept[-1], abs=0.005))


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), runs=st.integers(1, 12), digits=st.sampled_from([2, 5, 20, 60, 300]))
def test_a_ratio_may_be_1_exactly_where_the_difference_may_be_0(seed: int, runs: int, digits: int) -> None:
    first, second = misread(seed, runs, digits)
    ends, told = crossed(first - second).interval(), ratio(first, second)
    assert ends is None or ends[0] < ends[1]
    if told is not None:
        found, low, high = told
        assert low <= found <= high
        assert low < high
        if ends is not None:
            assert (low <= 1 <= high) == (ends[0] <= 0 <= ends[1])


def planned(variances: Variances, runs: int, digits: int) -> Effect:
    """Return the effect of an experiment whose mean squares are what these variances make them on average."""
    rest, parts = variances.rest, (digits * variances.run, runs * variances.digit)
    squares = (rest + parts[0], rest + parts[1], rest)
    freedoms = (runs - 1, digits - 1, (runs - 1) * (digits - 1))
    noise = sum(square**2 / own for square, own in zip(squares, freedoms, strict=True))
    spread = rest + sum(parts)
    freedom = min(spread**2 / noise, 2 * (runs - 1))
    return Effect(0.0, math.sqrt(spread / (runs * digits)), freedom, runs, digits, variances)


@pytest.mark.parametrize(("run", "digit"), [(0.5, 0.0), (0.1, 0.5), (0.0, 1.0)])
def test_four_in_five_experiments_resolve_what_is_detectable(run: float, digit: float) -> None:
    variances = Variances(run**2, digit**2, 1.0)
    for level in (0.05, 0.01):
        effect = planned(variances, 10, 100).detectable(level)
        assert effect is not None
        tables = (effect + effects(seed, 10, 100, run, digit) for seed in range(1000))
        resolved = sum((crossed(table).p or 0) < level for table in tables)
        assert 760 <= resolved <= 840  # standard deviation 13
    few, many = planned(variances, 6, 100), planned(variances, 20, 900)
    assert few.detectable(0.05, 20, 900) == pytest.approx(many.detectable(0.05), rel=0.1)


def test_more_runs_resolve_a_change_until_the_digits_set_the_limit() -> None:
    variances = Variances(0.04, 0.04, 1.0)
    found = planned(variances, 6, 100)
    for runs in (10, 20):
        change = replace(found, mean=-(planned(variances, runs, 100).detectable() or 0))
        assert change.runs_to_resolve() == pytest.approx(runs, abs=2)
        assert (change.runs_to_resolve(0.05 / 15) or 0) > runs + 5
        assert change.runs_to_resolve(most=runs - 3) is None
    assert replace(found, mean=0.03).runs_to_resolve() is None  # the digits alone leave a standard error of 0.02
    less = Variances(-0.1, -0.1, 1.0)  # estimated so: nothing is promised of it
    assert replace(found, mean=0.01, variances=less).runs_to_resolve(most=20) is None
    many = replace(found, mean=9.0, runs=50)
    assert many.runs_to_resolve() == 60  # no fewer than there are


# Rates of planted recipes, which read 2,000 digits and misread about 2 % of them: a digit's hardness is shared by the
# rows but for `apart`, and the nets of a run are better or worse on all digits by `runs_vary` (all on the logit scale).
DIGITS, MEAN, HARDNESS = 2000, -6.5, 2.6
PLANTED = [(0.0, "none"), (0.15, "small"), (0.6, "dominating")]


def nets(rng: np.random.Generator, hardness: np.ndarray, runs: int, runs_vary: float) -> np.ndarray:
    """Return which nets misread which digit, bool (runs, digits)."""
    of_run = runs_vary * rng.standard_normal((runs, 1), dtype=np.float32)
    return rng.random((runs, DIGITS), dtype=np.float32) < expit(hardness + of_run)


def rows(rng: np.random.Generator, runs: int, runs_vary: float, apart: float, *shifts: float) -> list[np.ndarray]:
    """Return the nets of a row for each shift of the mean, with the same digits."""
    shared = MEAN + HARDNESS * rng.standard_normal(DIGITS, dtype=np.float32)
    own = (shared + shift + apart * rng.standard_normal(DIGITS, dtype=np.float32) for shift in shifts)
    return [nets(rng, hardness, runs, runs_vary) for hardness in own]


def misread_on_average(shift: float, runs_vary: float, apart: float) -> float:
    """Return the share of new digits that new nets misread."""
    spread = math.sqrt(HARDNESS**2 + apart**2 + runs_vary**2)
    return float(quad(lambda z: expit(MEAN + shift + spread * z) * scipy_stats.norm.pdf(z), -9, 9)[0])


@pytest.mark.slow
@pytest.mark.parametrize("runs_vary", [of for of, _ in PLANTED], ids=[name for _, name in PLANTED])
@pytest.mark.parametrize("runs", [6, 10, 20])
def test_equal_recipes_are_told_apart_as_often_as_5_in_100(runs: int, runs_vary: float) -> None:
    rng, times = RNG(1), 600
    refused = 0
    for _ in range(times):
        first, second = rows(rng, runs, runs_vary, 0.5, 0.0, 0.0)
        refused += (crossed(first.astype(float) - second).p or 1) < 0.05
    assert 0.03 <= refused / times <= 0.07


@pytest.mark.slow
@pytest.mark.parametrize("runs_vary", [of for of, _ in PLANTED], ids=[name for _, name in PLANTED])
@pytest.mark.parametrize("runs", [6, 10, 20])
def test_the_interval_covers_a_planted_difference_95_times_in_100(runs: int, runs_vary: float) -> None:
    rng, times, apart = RNG(2), 1000, 0.5
    shift = -0.5
    truth = misread_on_average(shift, runs_vary, apart) - misread_on_average(0.0, runs_vary, apart)
    covered = 0
    for _ in range(times):
        first, second = rows(rng, runs, runs_vary, apart, shift, 0.0)
        low, high = crossed(first.astype(float) - second).interval() or (0, 0)
        covered += low <= truth <= high
    assert 0.93 <= covered / times <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("runs", [6, 10, 20])
def test_a_ladder_of_fifteen_steps_that_do_nothing_has_a_verdict_in_at_most_7_of_100(runs: int) -> None:
    rng, times = RNG(3), 400
    false = 0
    for _ in range(times):
        ladder = rows(rng, runs, 0.15, 0.84, *[0.0] * 16)  # where p is roughest, as a larger simulation told
        found = (crossed(row.astype(float) - before) for before, row in pairwise(ladder))
        told = judged({step: Comparison(one, (), NOTHING, one.p) for step, one in enumerate(found)})
        false += any(one.verdict != "not resolved" for one in told.values())
    assert false / times <= 0.07
