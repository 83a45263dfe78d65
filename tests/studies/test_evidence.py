"""What may be said of a table's rows: pairing, verdicts, intervals, calibration, and the digits that eras misread."""

import base64

import numpy as np
import pytest

from timetravel.digits import Digits
from timetravel.engine.runs import Figures, Run
from timetravel.recipes import Recipe
from timetravel.studies.evidence import reduction_in_words, removal, seen_by_eras, weigh
from timetravel.studies.rows import Row

DIGITS = 400


def digits(seed: int) -> Digits:
    rng = np.random.default_rng(seed)
    images = np.full((DIGITS, 16, 16), -1.0, dtype=np.float32)
    images[:, 0, 0] = rng.random(DIGITS)
    return Digits(images, rng.integers(0, 10, DIGITS), "made-up", "test")


TEST = digits(0)


def row(wrong: np.ndarray, test: Digits = TEST, name: str = "a") -> Row:
    """Return a row whose nets misread what `wrong`, bool (seeds, digits), says."""
    runs = []
    for seed, mistaken in enumerate(wrong):
        outputs = np.zeros((DIGITS, 10), dtype=np.float32)
        outputs[np.arange(DIGITS), (test.labels + mistaken) % 10] = 1
        figures = Figures(0.1, int(mistaken.sum()), DIGITS)
        run = Run(
            recipe=Recipe(), seed=seed, digits="x", test_digits=test.fingerprint, train=figures, test=figures,
            outputs=outputs, weights={}, examples_seen=1, seconds=1.0, beside=1, backend="native-1",
            diverged=None, curve=(),
        )  # fmt: skip
        runs.append(run)
    return Row(name, name, None, Recipe(), "by hand", "made-up", ("0",), tuple(runs), 100, test)


def nets(share: float, seeds: int = 10, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((seeds, DIGITS)) < share


def test_a_row_is_not_resolved_from_itself_a_much_better_one_is_better_and_few_seeds_tell_nothing() -> None:
    rows = [row(nets(0.3)), row(nets(0.3, seed=1)), row(nets(0.05, seed=2))]
    comparisons = weigh(rows, [(1, 0), (2, 0), (2, 1), (0, 2)]).comparisons
    assert [each.verdict for each in comparisons.values()] == ["not resolved", "better", "better", "worse"]
    assert comparisons[2, 0].p < 0.001
    few = weigh([row(nets(0.3, 3)), row(nets(0.01, 3))], [(1, 0)])
    assert few.comparisons[1, 0].verdict == "too few seeds"
    assert few.calibration_dict() is None


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
    rows = [row(nets(share, seed=i)) for i, share in enumerate(np.linspace(0.30, 0.27, 6))]
    among = weigh(rows, [(i, 0) for i in range(1, 6)]).comparisons
    assert among[5, 0].p == pytest.approx(weigh([rows[0], rows[5]], [(1, 0)]).comparisons[1, 0].p, abs=0.02)
    stands = [comparison.verdict != "not resolved" for comparison in among.values()]
    assert any(stands) == (min(comparison.p for comparison in among.values()) <= 0.05 / 5)


def test_rows_on_other_test_digits_have_intervals_of_their_own() -> None:
    rows = [row(nets(0.3)), row(nets(0.1), digits(1))]
    first, second = weigh(rows).new_digits
    assert first[0] < 30 < first[1]
    assert second[0] < 10 < second[1]
    assert [first] == [*weigh(rows[:1]).new_digits]


def test_the_same_recipe_on_halves_of_its_seeds_reads_not_resolved() -> None:
    hardness = np.random.default_rng(5).beta(0.1, 1.0, DIGITS)
    rows = [row(np.random.default_rng(i).random((10, DIGITS)) < hardness) for i in range(3)]
    calibration = weigh(rows, [(1, 0)]).calibration_dict()
    assert calibration is not None
    assert 57 <= calibration["not_resolved"] <= calibration["of"] == 60


def test_the_share_removed_is_told_with_its_interval() -> None:
    base, better = row(nets(0.3)), row(nets(0.1, seed=2))
    share = weigh([base, better], [(1, 0)]).comparisons[1, 0].removed
    expected = 100 * (1 - better.test_mistakes.mean / base.test_mistakes.mean)
    assert share["mean"] == pytest.approx(expected)
    assert share["low"] < expected < share["high"]
    assert 55 < share["low"] < share["high"] < 80
    assert removal(better, base)["mean"] == pytest.approx(expected)
    perfect = row(np.zeros((10, DIGITS), dtype=bool))
    assert removal(better, perfect) == {"mean": None, "low": None, "high": None}


def some(*places: int) -> np.ndarray:
    return np.repeat([np.isin(np.arange(DIGITS), places)], 5, axis=0)


def test_shared_are_misread_by_every_net_repaired_and_broken_go_by_the_majority_of_each_era() -> None:
    before, after = some(3, 7), some(7, 5)
    before[:4, 9] = True  # four of five
    before[:2, 8] = after[:2, 3] = True  # two of five: not most
    first, second = seen_by_eras([row(before), row(after, name="b")]).values()
    assert first["nets"] == 5
    for era, places in ((first, ([3, 7], [], [])), (second, ([5, 7], [3, 9], [5]))):
        for kind, expected in zip(("shared", "repaired", "broken"), places, strict=True):
            assert [digit["digit"] for digit in era[kind]] == expected, kind


def test_a_misread_digit_says_what_it_is_and_was_taken_for_and_the_first_are_pictured() -> None:
    shared = seen_by_eras([row(some(*range(40)))])["a"]["shared"]
    true = int(TEST.labels[3])
    assert (shared[3]["digit"], shared[3]["true"], shared[3]["read_as"]) == (3, true, (true + 1) % 10)
    levels = np.frombuffer(base64.b64decode(shared[3]["pixels"]), dtype=np.uint8).reshape(16, 16)
    np.testing.assert_allclose(levels / 127.5 - 1, TEST.images[3], atol=1 / 255)
    assert ["pixels" in digit for digit in shared] == [True] * 24 + [False] * 16


def test_a_reduction_is_said_with_its_interval_in_words() -> None:
    for share, words in (
        ((59.2, 48.3, 68.8), "removes 59 % (48 to 69 for new digits)"),
        ((-8.7, -20.4, 3.2), "adds 9 % (-3 to 20 for new digits)"),
        ((None, None, None), "removes a share that too few mistakes can't tell"),
    ):
        assert reduction_in_words(dict(zip(("mean", "low", "high"), share, strict=True))) == words
