import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timetravel.digits import KARPATHY_SUBSETS, check_subset, open_source
from timetravel.digits.subsets import checked_size, shuffled, stratified
from timetravel.errors import UsageError

KNOWN = {
    "0": (
        "d4ee3fc7a410866286c357d5a3d4860928db1b6cd6b7bf6d99297b9d836e5611",
        "5583c2bcdef157fa7ea2209ec7c73659a826285fc6a17e3336fe398911bc18a2",
    ),
    "karpathy-test-first": (
        "9b29079a47ed84c102b7b103481c74425442cdbf575b7fcbf5678ce20876138c",
        "5462227677be665c7022fa6c2c5744401f12e1903d6d00935ad8ef3600681025",
    ),
    "karpathy-train-first": (
        "2470e8f78a1cdf82ec47c9736b7d49dc2af434a7d2c50490db1a1a8a5f4fa314",
        "0b0edef7052a88d129d6c21b079fccc3ef0c0def900aae2b679a6ec0ef3cf16f",
    ),
}
"""Fingerprints of the training and the test digits of MNIST at 1989's sizes, a subset."""


def test_a_subset_gives_the_same_digits_everywhere():
    source = open_source("mnist")
    for subset, fingerprints in KNOWN.items():
        training, test = source.training_digits(subset), source.test_digits(subset)
        assert (len(training), len(test)) == (7291, 2007)
        assert (training.fingerprint, test.fingerprint) == fingerprints
    for subset, split, first in (
        ("0", "train", [41600, 58279, 16483, 50905, 58578]),
        ("0", "test", [2983, 7242, 364, 423, 9540]),
        ("karpathy-test-first", "test", [9927, 3245, 2303, 7707, 8820]),
        ("karpathy-test-first", "train", [6177, 36861, 23675, 34991, 9241]),
        ("karpathy-train-first", "train", [39385, 28837, 35708, 53829, 27273]),
        ("karpathy-train-first", "test", [6645, 4938, 6348, 2409, 5710]),
    ):
        assert shuffled(subset, split, 60_000, 10_000)[:5].tolist() == first


def test_the_essays_two_draws_are_numpys_legacy_shuffles_in_either_order():
    np.random.seed(1337)
    test, train = np.random.permutation(10_000), np.random.permutation(60_000)
    assert (shuffled("karpathy-test-first", "test", 60_000, 10_000) == test).all()
    assert (shuffled("karpathy-test-first", "train", 60_000, 10_000) == train).all()


@settings(deadline=None, max_examples=30)
@given(
    subset=st.integers(0, 10**18 - 1).map(str),
    train=st.integers(1, 500),
    test=st.integers(1, 500),
    more=st.integers(1, 99),
)
def test_a_draw_shuffles_each_split_whatever_the_other_is(subset, train, test, more):
    rows = shuffled(subset, "train", train, test)
    assert sorted(rows) == list(range(train))
    assert (rows == shuffled(subset, "train", train, test + more)).all()
    assert (shuffled(subset, "test", train, test) == shuffled(subset, "test", train + more, test)).all()


def test_the_two_splits_of_a_draw_are_shuffled_differently():
    assert (shuffled("0", "train", 100, 100) != shuffled("0", "test", 100, 100)).any()


def test_a_smaller_size_is_the_beginning_of_a_larger_one_and_subsets_differ():
    source = open_source("mnist")
    for subset in ("0", "12", "karpathy-test-first"):
        large = source.training_digits(subset, 500)
        assert source.training_digits(subset, 120).fingerprint == large.take(range(120)).fingerprint
        assert source.test_digits(subset, 7).fingerprint == source.test_digits(subset, 50).take(range(7)).fingerprint
    subsets = ("0", "1", *KARPATHY_SUBSETS)
    assert len({source.training_digits(subset, 50).fingerprint for subset in subsets}) == len(subsets)


def test_whole_numbers_are_subsets_of_every_source_and_the_essays_of_mnist_only():
    for subset in ("0", "7", "123456789012345678"):
        for source in ("mnist", "usps", "some/path.npz"):
            check_subset(source, subset)
    for subset in KARPATHY_SUBSETS:
        check_subset("mnist", subset)
        for other in ("usps", "some/path.npz"):
            with pytest.raises(UsageError, match=f"{subset} exists on mnist only, not on {other}"):
                check_subset(other, subset)
    for subset in ("", "-1", "1.5", "+3", " 3", "３", "first", "1" * 19, "0\n"):
        with pytest.raises(UsageError) as caught:
            check_subset("mnist", subset)
        assert repr(subset) in caught.value.message
        assert "whole number from 0 on" in caught.value.hint
    with pytest.raises(UsageError) as caught:
        check_subset("mnist", "karpathy-trainfirst")
    assert caught.value.hint.startswith("Did you mean karpathy-train-first?")


def test_sizes_that_a_source_does_not_have():
    for size in (0, -5, 60_001, "0", "-5", "60001", "all", "", True, 2.5):
        with pytest.raises(UsageError) as caught:
            checked_size(size, 7291, 60_000, "training")
        assert str(size) in caught.value.message
        assert "1 to 60,000" in caught.value.hint


def test_sizes_that_it_has():
    assert checked_size(None, 7291, 60_000, "training") == 7291
    assert checked_size(None, 7291, 300, "training") == 300
    assert checked_size("full", 7291, 60_000, "training") == 60_000
    assert checked_size("50", 7291, 60_000, "training") == 50
    assert checked_size(60_000, 7291, 60_000, "training") == 60_000


def test_a_stratified_draw_holds_every_class_in_its_share_at_every_size() -> None:
    source = open_source("mnist")
    pool = source.load("train")
    rows = stratified(shuffled("0", "train", 60_000, 10_000), pool.labels[shuffled("0", "train", 60_000, 10_000)])
    assert sorted(rows) == list(range(60_000))
    share = np.bincount(pool.labels, minlength=10) / 60_000
    for size in (10, 100, 1000, 7291, 50_000):
        found = np.bincount(pool.labels[rows[:size]], minlength=10)
        assert np.abs(found - share * size).max() <= 1
    small, large = (source.training_digits("3", size, by_class=True) for size in (40, 90))
    assert small.fingerprint == large.take(range(40)).fingerprint
    assert "stratified" in small.provenance


def test_the_essays_draws_are_not_stratified() -> None:
    plain, asked = (open_source("mnist").training_digits(KARPATHY_SUBSETS[0], 100, by_class=b) for b in (False, True))
    assert plain.fingerprint == asked.fingerprint


def test_a_draw_that_can_not_hold_every_class_is_refused_with_the_smallest_that_can() -> None:
    with pytest.raises(UsageError, match="too small to hold every class") as refused:
        open_source("mnist").training_digits("0", 6, by_class=True)
    smallest = int(refused.value.hint.split()[-2])
    labels = open_source("mnist").training_digits("0", smallest, by_class=True).labels
    assert len(np.unique(labels)) == 10
    with pytest.raises(UsageError):
        open_source("mnist").training_digits("0", smallest - 1, by_class=True)
