"""Labels from 1 to 10, and digits on their side: what the pictures say of themselves."""

import numpy as np
import pytest

import timetravel as tt
from timetravel.digits import open_source
from timetravel.digits.likeness import on_their_side, zero_is_first
from timetravel.digits.prepare import Pool
from timetravel.errors import DataError


@pytest.fixture(scope="module")
def small(data_root):
    """Return 80 digits of a source, taken at random."""
    pools = {name: open_source(name, data_root).load("train") for name in ("mnist", "usps")}

    def drawn(name: str, seed: int) -> Pool:
        pool = pools[name]
        rows = np.random.default_rng(seed).choice(len(pool), 80, replace=False)
        return Pool(pool.pixels[rows], pool.labels[rows], pool.scale)

    return drawn


@pytest.mark.parametrize("name", ["mnist", "usps"])
def test_digits_on_their_side_are_told_from_all_others(small, name: str) -> None:
    for seed in range(3):
        pool = small(name, seed)
        for turned, lies in (
            (pool.pixels, False),
            (pool.pixels.transpose(0, 2, 1), True),
            (pool.pixels[:, ::-1], False),
            (pool.pixels[:, :, ::-1], False),
            (np.rot90(pool.pixels, 1, (1, 2)), False),
            (np.rot90(pool.pixels, 2, (1, 2)), False),
        ):
            assert on_their_side(Pool(turned, pool.labels, pool.scale)) is lies
        few = slice(20)
        assert not on_their_side(Pool(pool.pixels[few].transpose(0, 2, 1), pool.labels[few], pool.scale))


@pytest.mark.parametrize("name", ["mnist", "usps"])
def test_labels_from_1_to_10_are_read_as_the_pictures_say(small, name: str) -> None:
    for seed in range(3):
        pool = small(name, seed)
        last = np.where(pool.labels == 0, 10, pool.labels)
        assert zero_is_first(Pool(pool.pixels, pool.labels + 1, pool.scale)) is True
        assert zero_is_first(Pool(pool.pixels, last, pool.scale)) is False
        mixed = np.array([4, 9, 1, 7, 10, 2, 8, 3, 6, 5])[pool.labels]
        assert zero_is_first(Pool(pool.pixels, mixed, pool.scale)) is None


def test_own_digits_are_shifted_alike_in_both_splits_and_warned_of_where_they_lie(tmp_path) -> None:
    pool = open_source("mnist").load("train")
    images, labels = pool.pixels[:200], pool.labels[:200]
    plain = tt.digits(images, labels)
    for given, told in (
        (labels + 1, "labels 1 to 10 read as 0 to 9"),
        (np.where(labels == 0, 10, labels), "label 10 read"),
    ):
        source = tt.digits(images, given)
        assert source.training_digits().fingerprint == plain.training_digits().fingerprint
        assert told in source.remark
        assert not source.warnings
    names = ("x_train", "y_train", "x_test", "y_test")
    rows = np.flatnonzero(labels != 9)[:20]  # no 10 among these: they alone look like labels from 0 to 9
    np.savez(
        tmp_path / "mine.npz", **dict(zip(names, (images, labels + 1, images[rows], labels[rows] + 1), strict=True))
    )
    assert (open_source(str(tmp_path / "mine.npz")).load("test").labels == labels[rows]).all()
    keep = labels != 9  # from 1 to 9, though not the digits of these names
    shifted, honest = tt.digits(images[keep], labels[keep] + 1), tt.digits(images[labels > 0], labels[labels > 0])
    assert set(shifted.load("train").labels.tolist()) == set(range(9))
    assert "labels 1 to 9 read as 0 to 8" in shifted.remark
    assert set(honest.load("train").labels.tolist()) == set(range(1, 10))
    sideways = dict(zip(names, (images, labels, images.transpose(0, 2, 1), labels), strict=True))
    np.savez(tmp_path / "one.npz", **sideways)
    assert open_source(str(tmp_path / "one.npz")).warnings  # of the test digits alone
    with pytest.raises(DataError, match="labels from 1 to 10, and the pictures do not say") as caught:
        tt.digits(images[:30], labels[:30] + 1)
    assert "labels - 1" in caught.value.hint
    assert "labels % 10" in caught.value.hint
    (lying,) = tt.digits(images.transpose(0, 2, 1), labels).warnings
    assert lying == "These digits seem to lie on their side, as EMNIST's files have them: --transpose turns them."
    (turned,) = tt.digits(images, labels, transpose=True).warnings
    assert "leave --transpose out" in turned
