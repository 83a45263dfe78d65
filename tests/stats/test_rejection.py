"""Rejection: exact, against every combination of thresholds tried one by one."""

import itertools

import numpy as np
import pytest

from timetravel.stats.rejection import Doubts, bootstrap_rejected, rejected_for


def by_hand(outputs: np.ndarray, labels: np.ndarray, error: float, rule: str) -> float:
    """Try every threshold on every axis; returns the least share rejected, in percent."""
    second, first = np.sort(outputs.astype(float), axis=1)[:, -2:].T
    wrong = outputs.argmax(axis=1) != labels
    axes = [first - second] if rule == "margin" else [first, -second, first - second]
    best = 0
    for levels in itertools.product(*[[-np.inf, *np.unique(axis)] for axis in axes]):
        keep = np.logical_and.reduce([axis > level for axis, level in zip(axes, levels, strict=True)])
        if 100 * (wrong & keep).sum() <= error * keep.sum():
            best = max(best, int(keep.sum()))
    return 100 * (1 - best / len(labels))


def net(seed: int, count: int, skill: float = 1.5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, count)
    outputs = rng.normal(0, 0.6, (count, 10))
    outputs[np.arange(count), labels] += skill
    return np.tanh(outputs).astype(np.float32), labels


def test_it_finds_the_best_thresholds_there_are() -> None:
    for seed, error, rule in itertools.product(range(4), (5.0, 20.0), ("thresholds", "margin")):
        outputs, labels = net(seed, 16)
        expected = pytest.approx(by_hand(outputs, labels, error, rule))
        assert rejected_for(outputs, labels, error, rule) == expected, (seed, error, rule)  # type: ignore[arg-type]


def test_what_the_margin_rule_keeps_of_many_digits_is_good_enough_and_no_larger_share_is() -> None:
    outputs, labels = net(1, 2007)
    second, first = np.sort(outputs.astype(float), axis=1)[:, -2:].T
    surest_first = np.argsort(second - first)
    mistakes = (outputs.argmax(axis=1) != labels)[surest_first].cumsum()
    kept = np.flatnonzero(mistakes <= 0.01 * np.arange(1, 2008)).max() + 1
    assert rejected_for(outputs, labels, 1.0, "margin") == pytest.approx(100 * (1 - kept / 2007))


def test_a_weight_counts_a_digit_that_often() -> None:
    outputs, labels = net(2, 300)
    weights = np.random.default_rng(0).integers(0, 4, 300)
    repeated = np.repeat(np.arange(300), weights)
    weighted = Doubts(outputs, labels).reject_for(2.0, weights)
    assert weighted == pytest.approx(rejected_for(outputs[repeated], labels[repeated], 2.0))


def test_nothing_all_or_first_of_all_what_is_no_number_is_rejected() -> None:
    outputs, labels = net(5, 100, skill=9.0)
    assert rejected_for(outputs, labels) == 0
    outputs[:10] = np.nan
    assert rejected_for(outputs, labels) == pytest.approx(10.0)
    outputs, labels = net(4, 50)
    outputs[1:] *= 0.5
    outputs[0], labels[0] = [1.0, *[-1.0] * 9], 5  # the surest digit is wrong
    assert rejected_for(outputs, labels, 0.5, "margin") == 100
    assert rejected_for(np.zeros((3, 10)), np.array([1, 2, 3])) == 100


def test_the_curve_falls_from_the_whole_error_to_none() -> None:
    outputs, labels = net(7, 400)
    rejected, error = Doubts(outputs, labels).curve()
    assert rejected[0] == 0
    assert error[0] == pytest.approx(100 * (outputs.argmax(axis=1) != labels).mean())
    assert (np.diff(rejected) > 0).all()
    assert (np.diff(error) < 0).all()
    at_one = rejected[np.flatnonzero(error <= 1.0)[0]]
    assert at_one == pytest.approx(rejected_for(outputs, labels))


def test_the_bootstrap_is_seeded_and_holds_the_mean() -> None:
    labels = net(0, 250)[1]
    nets = [net(seed, 250)[0] + 1.5 * (np.arange(10) == labels[:, None]) for seed in range(3)]
    low, high = bootstrap_rejected(nets, labels, 30)
    assert (low, high) == bootstrap_rejected(nets, labels, 30)
    assert low <= np.mean([rejected_for(out, labels) for out in nets]) <= high


def refused(outputs: np.ndarray, thresholds: tuple[float, float, float]) -> np.ndarray:
    t1, t2, td = thresholds
    second, first = np.sort(outputs.astype(float), axis=1)[:, -2:].T
    return (first < t1) | (second > t2) | (first - second < td)


def test_the_thresholds_refuse_what_the_rule_says_and_stand_clear_of_every_digit() -> None:
    for seed, error in itertools.product(range(6), (1.0, 5.0)):
        outputs, labels = net(seed, 400)
        thresholds = Doubts(outputs, labels).thresholds(error)
        assert 100 * refused(outputs, thresholds).mean() == pytest.approx(rejected_for(outputs, labels, error))
        nudged = outputs + np.float32(1e-7)
        assert (refused(nudged, thresholds) == refused(outputs, thresholds)).all()


def test_a_net_with_few_mistakes_has_thresholds_that_leave_half_of_them_at_most() -> None:
    outputs, labels = net(3, 3000, skill=2.6)
    wrong = outputs.argmax(axis=1) != labels
    assert 4 <= wrong.sum() < 30
    thresholds = Doubts(outputs, labels).thresholds()
    keep = ~refused(outputs, thresholds)
    assert 0 < 2 * (wrong & keep).sum() <= wrong.sum()
    assert keep.mean() > 0.9


def test_a_net_without_a_mistake_reads_all_and_one_without_a_right_answer_nothing() -> None:
    outputs, labels = net(5, 100, skill=9.0)
    assert not refused(outputs, Doubts(outputs, labels).thresholds()).any()
    thresholds = Doubts(outputs, (labels + 1) % 10).thresholds()
    assert refused(outputs, thresholds).all()
    assert np.isfinite(thresholds).all()
