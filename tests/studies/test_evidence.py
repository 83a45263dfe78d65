"""What may be said of a table's rows: pairing, verdicts, intervals, calibration."""

import numpy as np
import pytest

from timetravel.digits import Digits
from timetravel.engine.runs import Figures, Run
from timetravel.recipes import Recipe
from timetravel.studies.evidence import calibrate, misread, weigh
from timetravel.studies.rows import Row

DIGITS = 400


def digits(seed: int) -> Digits:
    rng = np.random.default_rng(seed)
    images = np.full((DIGITS, 16, 16), -1.0, dtype=np.float32)
    images[:, 0, 0] = rng.random(DIGITS)
    return Digits(images, rng.integers(0, 10, DIGITS), "made-up", "test")


TEST, OTHER = digits(0), digits(1)


def row(wrong: np.ndarray, test: Digits = TEST) -> Row:
    """Return a row whose nets misread what `wrong`, bool (seeds, digits), says."""
    runs = []
    for seed, mistaken in enumerate(wrong):
        outputs = np.zeros((DIGITS, 10), dtype=np.float32)
        outputs[np.arange(DIGITS), (test.labels + mistaken) % 10] = 1
        figures = Figures(0.1, int(mistaken.sum()), DIGITS)
        run = Run(
            recipe=Recipe(), seed=seed, digits="x", test_digits=test.fingerprint, train=figures, test=figures,
            outputs=outputs, weights={}, presentations=1, seconds=1.0, beside=1, backend="native-1",
            diverged=None, curve=(),
        )  # fmt: skip
        runs.append(run)
    return Row("a", "a", None, Recipe(), "made-up", "0", tuple(runs), 100, test)


def nets(share: float, seeds: int = 10, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((seeds, DIGITS)) < share


def test_it_reads_which_net_misread_which_digit() -> None:
    wrong = nets(0.1)
    np.testing.assert_array_equal(misread(row(wrong)), wrong)


def test_a_row_is_not_resolved_from_itself_and_a_much_better_one_is_better() -> None:
    base, same, better = nets(0.3), nets(0.3, seed=1), nets(0.05, seed=2)
    evidence = weigh([row(base), row(same), row(better)], [(1, 0), (2, 0), (2, 1)])
    assert evidence.comparisons[1, 0].verdict == "not resolved"
    assert evidence.comparisons[2, 0].verdict == evidence.comparisons[2, 1].verdict == "better"
    assert evidence.comparisons[2, 0].p < 0.001
    worse = weigh([row(better), row(base)], [(1, 0)])
    assert worse.comparisons[1, 0].verdict == "worse"


def test_pairing_sees_a_small_difference_on_the_same_digits() -> None:
    hard = np.random.default_rng(3).random(DIGITS) < 0.3
    base = np.repeat(hard[None], 10, axis=0)
    better = base.copy()
    better[:, np.flatnonzero(hard)[:12]] = False  # 12 of some 120 hard digits are always read rightly
    evidence = weigh([row(base), row(better)], [(1, 0)])
    assert evidence.comparisons[1, 0].verdict == "better"
    low, high = evidence.new_digits[0]
    assert low < 100 * better.mean() < high  # though it lies well inside the other's own interval


def test_holm_counts_every_verdict_of_the_table() -> None:
    shares = np.linspace(0.30, 0.27, 6)
    rows = [row(nets(share, seed=i)) for i, share in enumerate(shares)]
    alone = weigh([rows[0], rows[5]], [(1, 0)]).comparisons[1, 0]
    among = weigh(rows, [(i, 0) for i in range(1, 6)]).comparisons
    assert among[5, 0].p == pytest.approx(alone.p, abs=0.02)
    p_values = sorted(comparison.p for comparison in among.values())
    stands = [comparison.verdict != "not resolved" for comparison in among.values()]
    assert any(stands) == (p_values[0] <= 0.05 / 5)


def test_few_seeds_get_no_verdict_and_one_seed_no_calibration() -> None:
    evidence = weigh([row(nets(0.3, 3)), row(nets(0.01, 3))], [(1, 0)])
    assert evidence.comparisons[1, 0].verdict == "too few seeds"
    assert evidence.calibration is None
    assert weigh([row(nets(0.3, 1))]).calibration is None


def test_rows_on_other_test_digits_have_intervals_of_their_own() -> None:
    rows = [row(nets(0.3)), row(nets(0.1), OTHER)]
    evidence = weigh(rows)
    for found, expected in zip(evidence.new_digits, (30, 10), strict=True):
        assert found[0] < expected < found[1]
    assert evidence.new_digits[0] == weigh(rows[:1]).new_digits[0]


def test_the_same_recipe_on_halves_of_its_seeds_reads_not_resolved() -> None:
    hardness = np.random.default_rng(5).beta(0.1, 1.0, DIGITS)
    wrongs = [np.random.default_rng(i).random((10, DIGITS)) < hardness for i in range(3)]
    calibration = calibrate(wrongs)
    assert calibration is not None
    unresolved, splits = calibration
    assert splits == 60
    assert unresolved >= 0.95 * splits
