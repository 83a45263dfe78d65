"""Choices are made on folds of training digits; test digits can't get in."""

import numpy as np
import pytest

from timetravel.digits import Digits, open_source
from timetravel.digits.folds import folds


def test_the_folds_cover_every_training_digit_once() -> None:
    training = open_source("mnist").training_digits()
    pairs = folds(training)
    assert len(pairs) == 5
    assert sum(len(judge) for _, judge in pairs) == len(training)
    assert {len(judge) for _, judge in pairs} == {1458, 1459}
    for fit, judge in pairs:
        assert len(fit) + len(judge) == len(training)
    images = np.concatenate([judge.images for _, judge in pairs])
    assert np.array_equal(np.sort(images.sum(axis=(1, 2))), np.sort(training.images.sum(axis=(1, 2))))


def test_they_are_the_same_every_time() -> None:
    training = open_source("mnist").training_digits(size=100)
    first, again = ([judge.fingerprint for _, judge in folds(training)] for _ in range(2))
    assert first == again


def test_test_digits_are_refused(few_mnist: tuple[Digits, Digits]) -> None:
    with pytest.raises(ValueError, match="training digits"):
        folds(few_mnist[1])
