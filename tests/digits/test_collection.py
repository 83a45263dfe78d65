"""Digits: unchangeable, known by their content; folds of them; and what a process that only reads them loads."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from timetravel.digits import Digits, collection, open_source
from timetravel.digits.collection import content_fingerprint
from timetravel.digits.folds import folds
from timetravel.digits.pixels import decoded, encoded
from timetravel.errors import DataError


def made(images=None, labels=(1, 2, 3)) -> Digits:
    images = np.full((3, 16, 16), -1, np.float32) if images is None else images
    return Digits(images, labels, "made", "test", provenance="made up")


def test_arrays_are_of_the_promised_form_and_cannot_be_changed(few_mnist):
    for digits in few_mnist:
        assert (digits.images.dtype, digits.labels.dtype) == (np.float32, np.int64)
        assert digits.images.shape == (len(digits), 16, 16)
        assert digits.images.flags.c_contiguous
        assert digits.images.min() == -1
        assert 0.9 < digits.images.max() <= 1
        for array in (digits.images, digits.labels):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0
    images = np.full((3, 16, 16), -1, dtype=np.float32)
    digits = made(images)
    images[:] = 1
    assert digits.images.max() == -1
    assert repr(few_mnist[0]) == f"Digits(mnist train, 300 digits, {few_mnist[0].fingerprint[:4]}…)"


def test_the_fingerprint_is_the_sha256_of_shape_images_and_labels_and_sees_all_of_them():
    content = np.array([3, 16, 16], "<i8").tobytes() + np.full(768, -1, "<f4").tobytes() + bytes([1, 2, 3])
    assert made().fingerprint == hashlib.sha256(content).hexdigest()
    images = np.full((3, 16, 16), -1.0)
    images[2, 15, 15] = -0.999
    assert len({made().fingerprint, made(images).fingerprint, made(labels=[1, 2, 4]).fingerprint}) == 3


def test_take_gives_a_subset_with_its_own_fingerprint(few_mnist):
    training = few_mnist[0]
    subset = training.take([5, 3])
    assert (subset.images[1] == training.images[3]).all()
    assert subset.labels.tolist() == training.labels[[5, 3]].tolist()
    assert (subset.name, subset.split) == ("mnist", "train")
    assert subset.provenance.endswith("; 2 of these 300")
    assert subset.fingerprint != training.take([3, 5]).fingerprint
    assert training.take(range(300)).fingerprint == training.fingerprint
    assert training.take(slice(0, 2)).fingerprint == training.take([0, 1]).fingerprint
    assert len(training.take(training.labels == 4)) == int((training.labels == 4).sum())
    with pytest.raises(IndexError):
        training.take([300])
    with pytest.raises(DataError, match="there is no digit"):
        training.take([])


def test_anything_else_is_refused():
    grey = np.zeros((3, 16, 16))
    for images, labels, named in (
        (np.zeros((3, 28, 28)), [1, 2, 3], r"\(3, 28, 28\)"),
        (np.zeros((3, 256)), [1, 2, 3], r"\(3, 256\)"),
        (grey, [1, 2], "3 images but 2 labels"),
        (grey, [[1], [2], [3]], r"\(3, 1\)"),
        (grey[:0], [], "no digit"),
        (grey + 1.5, [1, 2, 3], "1.5"),
        (grey * np.nan, [1, 2, 3], "nan"),
        (grey, [1, 2, 10], "1 to 10"),
        (grey, [-1, 2, 3], "-1 to 3"),
    ):
        with pytest.raises(DataError, match=named):
            made(images, labels)


def test_importing_the_digits_leaves_the_heavy_libraries_out():
    code = (
        "import sys, timetravel.digits, timetravel.digits.inventory\n"
        "print([n for n in ('torch', 'torchvision', 'pandas', 'scipy', 'altair') if n in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_pictures_survive_a_document(few_mnist):
    image = few_mnist[0].images[0]
    assert len(encoded(image)) == 344
    assert np.abs(decoded(encoded(image)) - image).max() <= 1 / 255
    with pytest.raises(ValueError, match="reshape"):
        decoded("AAAA")


def test_the_folds_cover_every_training_digit_once_and_are_the_same_every_time(few_mnist):
    training = open_source("mnist").training_digits(size=1001)
    pairs, again = folds(training), folds(training)
    assert len(pairs) == 5
    assert [judge.fingerprint for _, judge in pairs] == [judge.fingerprint for _, judge in again]
    assert {len(judge) for _, judge in pairs} == {200, 201}
    assert all(len(fit) + len(judge) == len(training) for fit, judge in pairs)
    images = np.concatenate([judge.images for _, judge in pairs])
    assert np.array_equal(np.sort(images.sum(axis=(1, 2))), np.sort(training.images.sum(axis=(1, 2))))
    with pytest.raises(ValueError, match="training digits"):
        folds(few_mnist[1])


def test_prepared_images_are_let_go_of_and_come_back_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "HELD_AT_ONCE", 500)
    source = open_source("mnist")
    subsets = [source.training_digits(str(number), 200) for number in range(6)]
    held = [digits for digits in subsets if "images" in vars(digits)]
    assert held == subsets[-2:]
    for digits in subsets:
        again = digits.images
        assert content_fingerprint(again, digits.labels) == digits.fingerprint
        assert not again.flags.writeable
    framed = subsets[0].framed(0.8, 1.0)
    assert content_fingerprint(framed.images, framed.labels) == framed.fingerprint != subsets[0].fingerprint
    given = Digits(np.zeros((3, 16, 16), dtype=np.float32), np.zeros(3, dtype=np.int64), "made-up", "test")
    assert "images" in vars(given)  # there is nothing to prepare it from again
