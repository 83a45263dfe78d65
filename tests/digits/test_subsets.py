"""Which digits a subset holds: the same everywhere, at every size, and of every class where that is asked for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timetravel.digits import KARPATHY_SUBSETS, check_subset, open_source
from timetravel.digits.subsets import checked_size, shuffled, stratified
from timetravel.errors import UsageError


def test_a_subset_gives_the_same_digits_everywhere():
    source = open_source("mnist")
    for digits, size, fingerprint in (
        (source.training_digits, 7291, "d4ee3fc7a410866286c357d5a3d4860928db1b6cd6b7bf6d99297b9d836e5611"),
        (source.test_digits, 2007, "5583c2bcdef157fa7ea2209ec7c73659a826285fc6a17e3336fe398911bc18a2"),
    ):
        assert (len(digits()), digits("0").fingerprint) == (size, fingerprint)


def test_the_essays_two_subsets_are_numpys_legacy_shuffles_in_either_order():
    for splits in (("test", "train"), ("train", "test")):
        np.random.seed(1337)
        for split in splits:
            expected = np.random.permutation({"train": 60_000, "test": 10_000}[split])
            assert (shuffled(f"karpathy-{splits[0]}-first", split, 60_000, 10_000) == expected).all()


@settings(deadline=None, max_examples=30)
@given(
    subset=st.integers(0, 10**18 - 1).map(str),
    train=st.integers(1, 500),
    test=st.integers(1, 500),
    more=st.integers(1, 99),
)
def test_a_subset_shuffles_each_split_whatever_the_other_is(subset, train, test, more):
    rows = shuffled(subset, "train", train, test)
    assert sorted(rows) == list(range(train))
    assert (rows == shuffled(subset, "train", train, test + more)).all()
    assert (shuffled(subset, "test", train, test) == shuffled(subset, "test", train + more, test)).all()
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
    for subset in ("", "-1", "1.5", "+3", " 3", "３", "first", "1" * 19, "0\n", "karpathy-trainfirst"):
        with pytest.raises(UsageError) as caught:
            check_subset("mnist", subset)
        assert repr(subset) in caught.value.message
        assert "a number from 0 on" in caught.value.hint
    assert caught.value.hint.startswith("Did you mean karpathy-train-first?")


def test_sizes_are_those_that_a_source_has():
    for size, count, found in ((None, 60_000, 7291), (None, 300, 300), ("full", 60_000, 60_000), ("50", 60_000, 50)):
        assert checked_size(size, 7291, count, "training") == found
    assert checked_size(60_000, 7291, 60_000, "training") == 60_000
    for size in (0, -5, 60_001, "0", "-5", "60001", "all", "", True, 2.5):
        with pytest.raises(UsageError) as caught:
            checked_size(size, 7291, 60_000, "training")
        assert str(size) in caught.value.message
        assert "1 to 60,000" in caught.value.hint


def test_a_stratified_subset_holds_every_class_in_its_share_at_every_size():
    source = open_source("mnist")
    labels = source.load("train").labels[shuffled("0", "train", 60_000, 10_000)]
    rows = stratified(shuffled("0", "train", 60_000, 10_000), labels)
    assert sorted(rows) == list(range(60_000))
    counts = np.bincount(labels)
    for size in (10, 100, 1000, 7291, 50_000):
        found = np.bincount(source.load("train").labels[rows[:size]], minlength=10)
        assert np.abs(found - counts / 60_000 * size).max() <= 1
    small, large = (source.training_digits("3", size, by_class=True) for size in (40, 90))
    assert small.fingerprint == large.take(range(40)).fingerprint
    assert "stratified" in small.provenance
    plain, asked = (source.training_digits(KARPATHY_SUBSETS[0], 100, by_class=by_class) for by_class in (False, True))
    assert plain.fingerprint == asked.fingerprint  # the essay's are not stratified
    with pytest.raises(UsageError, match="too small to hold every class") as refused:
        source.training_digits("0", 6, by_class=True)
    smallest = int(refused.value.hint.split()[-2])
    assert len(np.unique(source.training_digits("0", smallest, by_class=True).labels)) == 10
    with pytest.raises(UsageError):
        source.training_digits("0", smallest - 1, by_class=True)
