"""What may be said of a table's rows: pairing, verdicts, intervals, calibration, and the digits that eras misread."""

import base64
from typing import Any

import numpy as np
import pytest
from oracles import honest
from scipy import stats as scipy_stats

from timetravel.digits import Digits
from timetravel.engine.runs import Figures, Run
from timetravel.recipes import Recipe
from timetravel.stats.crossed import crossed
from timetravel.studies.evidence import (
    Comparison,
    against,
    calibration,
    compared,
    failures,
    judged,
    new_digits,
    paired,
    power,
    reduction_in_words,
    removal,
    seen_by_eras,
    to_settle,
    variances,
    weigh,
)
from timetravel.studies.rows import Row

DIGITS = 400


def digits(seed: int, count: int = DIGITS) -> Digits:
    rng = np.random.default_rng(seed)
    images = np.full((count, 16, 16), -1.0, dtype=np.float32)
    images[:, 0, 0] = rng.random(count)
    return Digits(images, rng.integers(0, 10, count), "made-up", "test")


TEST = digits(0)


def row(
    wrong: np.ndarray,
    test: Digits = TEST,
    name: str = "a",
    subsets: tuple[str, ...] = (),
    diverged: tuple[int, ...] = (),
) -> Row:
    """Return a row whose nets misread what `wrong`, bool (runs, digits), says; each mistake is the next digit."""
    runs = []
    for seed, mistaken in enumerate(wrong):
        outputs = np.zeros((len(test), 10), dtype=np.float32)
        outputs[np.arange(len(test)), (test.labels + mistaken) % 10] = 1
        figures = Figures(0.1, int(mistaken.sum()), len(test))
        run = Run(
            recipe=Recipe(), seed=seed, digits="x", test_digits=test.fingerprint, labels=test.labels, train=figures,
            test=figures, outputs=outputs, weights={}, examples_seen=1, seconds=1.0, beside=1, backend="native-1",
            diverged=3 if seed in diverged else None, curve=(),
        )  # fmt: skip
        runs.append(run)
    subsets = subsets or ("0",) * len(runs)
    return Row(name, name, None, Recipe(), "by hand", "made-up", subsets, tuple(runs), len(test), test, digits=subsets)


def nets(share: float, runs: int = 10, seed: int = 0, count: int = DIGITS) -> np.ndarray:
    return np.random.default_rng(seed).random((runs, count)) < share


def with_failed(wrong: np.ndarray, *places: int) -> np.ndarray:
    """Let some of the nets misread everything."""
    failed = wrong.copy()
    failed[list(places)] = True
    return failed


def weighed(new: Row, base: Row) -> dict[str, Any]:
    """Return what is said of a row against another, checked to be honest, as are both rows' own figures."""
    told = compared("step", weigh([base, new], [(1, 0)])[1, 0])
    for one in (new, base):
        honest({**one.to_dict(), **new_digits(one)})
    honest(told)
    honest(removal(new, base))
    return told


def test_a_row_is_not_resolved_from_itself_a_much_better_one_is_better_and_few_runs_tell_nothing() -> None:
    rows = [row(nets(0.3)), row(nets(0.3, seed=1)), row(nets(0.05, seed=2))]
    comparisons = weigh(rows, [(1, 0), (2, 0), (2, 1), (0, 2)])
    assert [each.verdict for each in comparisons.values()] == ["not resolved", "better", "better", "worse"]
    assert (comparisons[2, 0].p or 1) < 0.001
    assert comparisons[2, 0].detectable is None
    few = [row(nets(0.3, 3)), row(nets(0.01, 3))]
    assert weigh(few, [(1, 0)])[1, 0].verdict == "too few runs"
    assert calibration(few) is None


def test_pairing_sees_a_small_difference_on_the_same_digits() -> None:
    hard = np.random.default_rng(3).random(DIGITS) < 0.3
    base = np.repeat(hard[None], 10, axis=0)
    better = base.copy()
    better[:, np.flatnonzero(hard)[:12]] = False  # 12 of some 120 hard digits are always read rightly
    assert weigh([row(base), row(better)], [(1, 0)])[1, 0].verdict == "better"
    told = new_digits(row(base))["new_digits"]
    assert told["low"] < 100 * better.mean() < told["high"]  # though it lies well inside the other's own interval


def test_the_interval_of_a_verdict_is_that_of_its_test_in_mistakes() -> None:
    first, second = nets(0.3), nets(0.27, seed=1)
    told = weighed(row(second), row(first))
    expected = crossed(second.astype(float) - first).times(DIGITS)
    low, high = expected.interval() or (0, 0)
    assert told["change_step"]["mean"] == pytest.approx(second.sum(axis=1).mean() - first.sum(axis=1).mean())
    assert (told["change_step"]["low"], told["change_step"]["high"]) == (pytest.approx(low), pytest.approx(high))
    assert told["change_step"]["values"] == (second.sum(axis=1) - first.sum(axis=1)).tolist()
    assert told["p_step"] == pytest.approx(expected.p)


def test_holm_counts_every_verdict_of_the_table_and_what_is_detectable_is_so_at_its_level() -> None:
    rows = [row(nets(share, seed=seed)) for share, seed in ((0.3, 0), (0.3, 1), (0.3, 2), (0.28, 8), (0.1, 4))]
    among = weigh(rows, [(i, 0) for i in range(1, 5)])
    alone = weigh(rows, [(3, 0)])[3, 0]
    assert among[3, 0].p == alone.p
    assert 0.05 / 3 < (alone.p or 1) < 0.05  # enough for a single test; among three that are left it is too much
    assert (alone.verdict, among[3, 0].verdict, among[4, 0].verdict) == ("better", "not resolved", "better")
    level = 0.05 / 3
    for place in (1, 2, 3):
        found = among[place, 0]
        assert found.detectable == found.effect.detectable(level)
        assert (found.detectable or 0) > abs(found.effect.mean)
    assert among[3, 0].runs_to_resolve == among[3, 0].effect.runs_to_resolve(level)
    assert (among[3, 0].runs_to_resolve or 0) > 10  # as many as there are don't resolve it


def test_more_runs_are_told_for_what_they_may_settle() -> None:
    rows = [row(nets(share, 4, seed=i)) for i, share in enumerate((0.3, 0.27, 0.3, 0.3))]
    found = {str(place): one for (place, _), one in weigh(rows, [(1, 0), (2, 0), (3, 0)]).items()}
    assert {one.verdict for one in found.values()} == {"too few runs"}
    assert found["1"].level == 0.05 / 3  # that of the three tests that more runs would make of them
    assert found["1"].runs_to_resolve == max(6, found["1"].effect.runs_to_resolve(0.05 / 3) or 0)
    assert f"{found['1'].runs_to_resolve} runs a row" in to_settle(found)
    assert to_settle({"1": against(row(nets(0.1, 1)), row(nets(0.2, 1)))}) == "A verdict takes 6 runs a row."
    points = power(list(found.values()))
    assert [(each["runs"], each["digits"]) for each in points[:4]] == [(6, 2007), (6, 10_000), (6, 60_000), (10, 2007)]
    for few, more in ((0, 1), (1, 2), (0, 3)):  # with more digits, or more runs, less is resolved
        assert points[few]["detectable"] > points[more]["detectable"] > 0
    honest(points)


def test_rows_on_other_test_digits_have_intervals_of_their_own() -> None:
    rows = [row(nets(0.3)), row(nets(0.1), digits(1))]
    first, second = (new_digits(each)["new_digits"] for each in rows)
    assert first["low"] < 30 < first["high"]
    assert second["low"] < 10 < second["high"]


def test_the_same_recipe_on_halves_of_its_runs_reads_not_resolved() -> None:
    hardness = np.random.default_rng(5).beta(0.1, 1.0, DIGITS)
    rows = [row(np.random.default_rng(i).random((10, DIGITS)) < hardness) for i in range(3)]
    found = calibration(rows)
    assert found is not None
    assert 54 <= found["not_resolved"] <= found["of"] == 60


def test_the_share_removed_is_told_with_its_interval() -> None:
    base, better = row(nets(0.3)), row(nets(0.1, seed=2))
    share = weigh([base, better], [(1, 0)])[1, 0].reduction
    expected = 100 * (1 - better.test_mistakes.mean / base.test_mistakes.mean)
    assert share["mean"] == pytest.approx(expected)
    assert 55 < (share["low"] or 0) < expected < (share["high"] or 0) < 80
    assert removal(better, base) == share
    perfect = row(np.zeros((10, DIGITS), dtype=bool))
    assert removal(better, perfect) == {"mean": None, "low": None, "high": None}


def test_subsets_with_several_seeds_each_are_the_units_and_told_apart() -> None:
    subsets, of_subset = tuple("000111222333444555"), np.repeat(np.random.default_rng(1).uniform(0.2, 0.4, 6), 3)
    wrong = np.random.default_rng(2).random((18, DIGITS)) < of_subset[:, None]
    better = wrong & (np.random.default_rng(3).random((18, DIGITS)) < 0.8)
    base, new = row(wrong, subsets=subsets), row(better, subsets=subsets)
    found = weigh([base, new], [(1, 0)])[1, 0]
    means = better.sum(axis=1).reshape(6, 3).mean(axis=1) - wrong.sum(axis=1).reshape(6, 3).mean(axis=1)
    assert (found.effect.runs, found.verdict) == (6, "better")
    assert found.values == pytest.approx(tuple(means))
    told = variances(base)
    assert told is not None
    assert told["seeds"] == pytest.approx(0, abs=6)  # a seed's own part: these have none
    spread = np.std(DIGITS * of_subset[::3], ddof=1)
    assert told["subsets"] == pytest.approx(spread, rel=0.25)
    assert told["runs"] == pytest.approx(spread, rel=0.25)
    for one in (row(wrong), row(wrong[:14], subsets=subsets[:14]), row(with_failed(wrong, 3), subsets=subsets)):
        apart = variances(one)  # of a single subset; stopped in the midst of one; with a net that failed
        assert apart is not None
        assert apart["subsets"] is apart["seeds"] is None


# What can't be said, and why.


def test_one_run_a_row_has_wilsons_interval_mcnemars_p_and_no_verdict() -> None:
    base = row(np.arange(148)[None] < 15, digits(0, 148))
    told = new_digits(base)
    assert told["variances"] is None
    # Newcombe (1998), Two-sided confidence intervals for the single proportion, table I: 15 of 148.
    published = {"low": pytest.approx(6.24, abs=0.005), "high": pytest.approx(16.05, abs=0.005)}
    assert told["new_digits"] == published
    none = new_digits(row(np.zeros((1, 20), dtype=bool), digits(0, 20)))["new_digits"]
    assert none == {"low": 0, "high": pytest.approx(16.11, abs=0.005)}  # the same table: 0 of 20
    new = row(np.arange(148)[None] % 37 == 0, digits(0, 148))  # 4 mistakes, one of them among the 15
    told = weighed(new, base)
    assert told["verdict_step"] == "too few runs"
    assert told["p_step"] == pytest.approx(2 * scipy_stats.binom(17, 0.5).cdf(3))  # McNemar: 3 against 14
    assert told["detectable_step"] is None
    assert base.test_mistakes.low is None


def test_a_family_of_one_is_not_corrected_and_one_of_none_says_nothing() -> None:
    found = paired(nets(0.3).astype(float), nets(0.32, seed=1).astype(float))
    assert judged({"only": found})["only"].level == 0.05
    assert judged({}) == {}
    assert power([]) == []
    assert to_settle({}) == "A verdict takes 6 runs a row."
    assert calibration([]) is None


def test_nets_that_answer_alike_have_no_p_no_interval_and_no_verdict() -> None:
    for wrong in (nets(0.3), np.repeat(nets(0.3, 1), 10, axis=0), np.zeros((10, DIGITS), dtype=bool)):
        told = weighed(row(wrong), row(wrong))
        assert told["verdict_step"] == "same answers"
        assert told["change_step"] == {"mean": 0, "low": None, "high": None, "values": [0] * 10}
        assert told["p_step"] is told["detectable_step"] is told["runs_to_resolve_step"] is None
        assert told["reduction_step"] == {"mean": None, "low": None, "high": None}


def test_rows_that_read_fewer_than_six_digits_differently_have_no_verdict() -> None:
    hard = np.repeat(nets(0.3, 1), 10, axis=0)
    for differ, verdict in ((1, "too few digits differ"), (5, "too few digits differ"), (6, "better")):
        better = hard.copy()
        better[:, np.flatnonzero(hard[0])[:differ]] = False
        assert weighed(row(better), row(hard))["verdict_step"] == verdict
    every = row(nets(0.3, count=20), digits(0, 20)), row(nets(0.3, seed=1, count=20), digits(0, 20))
    assert weighed(*every)["verdict_step"] == "not resolved"  # on 20 test digits


def test_no_mistakes_and_nothing_but_mistakes_are_told_with_wide_intervals() -> None:
    for wrong, low, high in ((False, 0, 0.951), (True, 99.049, 100)):  # Wilson, 0 of 400
        found = new_digits(row(np.full((10, DIGITS), wrong)))
        assert found["new_digits"] == {"low": pytest.approx(low, abs=0.001), "high": pytest.approx(high, abs=0.001)}
        assert found["variances"] is None


def test_nets_that_failed_are_counted_left_out_and_leave_no_verdict() -> None:
    base, fine = nets(0.3), nets(0.1, seed=1)
    for new, said in (
        (row(with_failed(fine, 2, 5)), "2 of 10 nets collapsed"),
        (row(fine, diverged=(2, 5)), "2 of 10 nets diverged"),
        (row(with_failed(fine, 2), diverged=(5,)), "1 of 10 nets collapsed and 1 of 10 nets diverged"),
    ):
        left = np.delete(fine.sum(axis=1), (2, 5))
        assert (new.failure, new.test_mistakes.mean) == (said, pytest.approx(left.mean()))
        assert len(new.test_mistakes.values) == 10
        assert failures([row(base), new]) == f" Without a verdict, for nets that failed: a ({said})."
        for told, verdict, sign in (
            (weighed(new, row(base)), said, 1),
            (weighed(row(base), new), f"base: {said}", -1),
        ):
            assert told["verdict_step"] == verdict
            change = sign * (left - np.delete(base.sum(axis=1), (2, 5)))
            assert told["change_step"]["mean"] == pytest.approx(change.mean())
            assert told["change_step"]["values"] == change.tolist()
            assert told["change_step"]["low"] is told["p_step"] is told["detectable_step"] is None
            assert told["reduction_step"] == {"mean": None, "low": None, "high": None}
        assert removal(new, row(base)) == {"mean": None, "low": None, "high": None}
    assert failures([row(base)]) == ""


def test_rows_of_which_every_net_failed_say_so() -> None:
    base, failed = row(nets(0.3)), row(np.ones((10, DIGITS), dtype=bool))
    apart = row(nets(0.3), diverged=tuple(range(10)))
    for new, said in ((failed, "10 of 10 nets collapsed"), (apart, "10 of 10 nets diverged")):
        assert weighed(new, base)["verdict_step"] == said
        assert weighed(base, new)["verdict_step"] == f"base: {said}"
        assert weighed(new, new)["verdict_step"] == said
    mixed = row(with_failed(nets(0.3, 2), 0)), row(with_failed(nets(0.3, 2), 1))  # in no run are both sound
    assert weighed(*mixed)["verdict_step"] == "1 of 2 nets collapsed"
    assert variances(mixed[0]) is None


def test_a_failed_row_is_no_part_of_the_family() -> None:
    rows = [row(nets(0.3)), row(nets(0.265, seed=3)), row(np.ones((10, DIGITS), dtype=bool))]
    alone, among = weigh(rows, [(1, 0)])[1, 0], weigh(rows, [(1, 0), (2, 0)])[1, 0]
    assert isinstance(among, Comparison)
    assert (among.level, among.verdict) == (alone.level, alone.verdict) == (0.05, "better")


def test_a_collapsed_net_reads_no_better_than_the_commonest_digit_would() -> None:
    commonest = int(np.bincount(TEST.labels).max())
    for right, collapsed in ((commonest, [0]), (commonest + 1, [])):
        assert row(np.arange(DIGITS)[None] >= right).collapsed == collapsed


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
        ((59.2, 48.3, 68.8), "removes 59 % [48, 69]"),
        ((-8.7, -20.4, 3.2), "adds 9 % [-3, 20]"),
        ((-8.7, -20.4, 0.2), "adds 9 % [0, 20]"),
        ((None, None, None), "removes a share that can't be told"),
    ):
        assert reduction_in_words(dict(zip(("mean", "low", "high"), share, strict=True))) == words
