"""What the grey levels of own digits mean: never misread in silence."""

import warnings
from contextlib import suppress

import numpy as np
import pytest

import timetravel as tt
from timetravel.digits import Told, open_source
from timetravel.digits.levels import scale_of
from timetravel.digits.sources.own import pool_of
from timetravel.errors import DataError, TimetravelError, UsageError


@pytest.fixture(scope="module")
def bytes_of():
    """The first digits of MNIST's two splits, with what a change makes of them."""
    splits = {split: open_source("mnist").load(split).pixels[:count] for split, count in (("train", 60), ("test", 40))}
    return lambda change=lambda grey: grey, test=None: {
        split: (test if test and split == "test" else change)(grey) for split, grey in splits.items()
    }


def counts(grey):
    """Ink counted in 4x4 blocks, as in UCI's digits and scikit-learn's load_digits."""
    return (np.pad(grey, ((0, 0), (2, 2), (2, 2))) > 127).reshape(-1, 8, 4, 8, 4).sum((2, 4))


def hot(grey):
    """Shares of ink, but for one pixel."""
    return np.where(np.arange(grey.size).reshape(grey.shape) == 350, 16, grey / 255)


def some(grey):
    """Which pictures: every third."""
    return (np.arange(len(grey)) % 3 == 0)[:, None, None]


def paper(grey):
    """A background that is grey but for the first column."""
    return np.where(np.arange(28) > 0, np.maximum(grey, 90), grey)


@pytest.mark.parametrize(
    ("change", "scale"),
    [
        (lambda grey: counts(grey).astype(float), (0, 16)),
        (lambda grey: counts(grey).astype(np.uint8), (0, 16)),
        (lambda grey: np.minimum(counts(grey), 15), (0, 15)),
        (lambda grey: grey.astype(float), (0, 255)),
        (lambda grey: grey // 128, (0, 1)),
        (lambda grey: np.rint(grey / 2.55), (0, 100)),
        (lambda grey: grey.astype(np.uint16) * 257, (0, 65535)),
        (lambda grey: grey / np.float32(127.5) - np.float32(1), (-1, 1)),
        (lambda grey: grey / np.float32(255) - np.float32(0.5), (-0.5, 0.5)),
        (lambda grey: np.where(grey == 255, 1.0000001, grey / 255), (0, 1)),
        (lambda grey: np.where(grey == 0, -1e-9, grey / 255), (0, 1)),
    ],
)
def test_the_usual_ranges_are_read_off_what_they_fill(bytes_of, change, scale) -> None:
    assert scale_of(bytes_of(change)) == scale
    with pytest.raises(DataError, match="dark ink on a bright background") as caught:
        scale_of(bytes_of(lambda grey: sum(scale) - change(grey).astype(float)))
    assert "--inverted." in caught.value.hint
    turned = bytes_of(lambda grey: sum(scale) - change(grey).astype(float))
    assert scale_of(turned, Told(inverted=True)) == scale[::-1]


def test_a_split_that_lacks_the_brightest_level_is_read_as_the_other(bytes_of) -> None:
    assert scale_of(bytes_of(test=lambda grey: grey // 3 * 2)) == (0, 255)
    assert scale_of(bytes_of(counts, lambda grey: np.minimum(counts(grey), 11))) == (0, 16)


@pytest.mark.parametrize(
    ("change", "test", "seen", "hint"),
    [
        (lambda grey: (grey / 255 - 0.1307) / 0.3081, None, "from -0.424213 to 2.82149", "--levels -0.4242:2.8215."),
        (lambda grey: grey // 32, None, "from 0 to 7, which fills no usual range", "--levels 0:7."),
        (lambda grey: 7 - grey // 32, None, "from 0 to 7, which", "0 full ink: --levels 0:7 --inverted."),
        (lambda grey: grey.astype(np.uint16) * 16, None, "from 0 to 4080", "--levels 0:4080."),
        (lambda grey: grey.astype(np.int8), None, "from -128 to 127", "images.view('uint8')"),
        (lambda grey: grey / 255, lambda grey: grey, "those of the other split from 0 to 255", "(images - 0) / 255."),
        (lambda grey: grey, lambda grey: grey // 8, "^test: .* from 0 to 31, which fills no usual", "--levels 0:255."),
        (hot, None, r"within 0 to 1 \(if that is the range: np\.clip", ""),
        (paper, None, "background is near 90, no end", ""),
        (lambda grey: np.where(some(grey), 255 - grey, grey), None, "33 % of the pictures have ink and background", ""),
        (lambda grey: grey * some(grey), None, "67 % of the pictures are blank", ""),
    ],
)  # fmt: skip
def test_what_stays_doubtful_is_refused_with_what_was_seen_how_to_say_it_and_three_digits(
    bytes_of, change, test, seen, hint
) -> None:
    with pytest.raises(DataError, match=seen) as caught:
        scale_of(bytes_of(change, test))
    assert hint in caught.value.hint
    pictures, captions = caught.value.pictures
    assert pictures.shape == (3, 16, 16)
    assert pictures.dtype == np.float32
    assert len(captions) == 3
    assert str(caught.value) == caught.value.message


def test_what_is_told_is_used_and_what_lies_beyond_it_is_refused(bytes_of) -> None:
    standard = bytes_of(lambda grey: (grey / 255 - 0.1307) / 0.3081)
    assert scale_of(standard, Told("-0.4242:2.8215")) == (-0.4242, 2.8215)
    with pytest.raises(DataError, match=r"beyond --levels 0:2\.8215") as caught:
        scale_of(standard, Told((0, 2.8215)))
    assert "--levels -0.4242:2.8215." in caught.value.hint
    with pytest.raises(DataError, match="stay within 0 to 1"):
        scale_of(bytes_of(lambda grey: grey / 255), Told((0, 255)))
    with pytest.raises(DataError, match="dark ink on a bright") as caught:
        scale_of(bytes_of(lambda grey: 7 - grey // 32), Told((0, 7)))
    assert caught.value.hint.endswith("7 is the background and 0 full ink: --levels 0:7 --inverted.")
    with pytest.raises(DataError, match="bright ink on a dark") as caught:
        scale_of(bytes_of(), Told(inverted=True))
    assert caught.value.hint.endswith("leave --inverted out.")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("0,5:16", "Type --levels 0.5:16."),
        ("0,255", "Type --levels 0:255."),
        ("255:0", "--levels 0:255 --inverted."),
        *(
            (text, "--levels 0:16.")
            for text in ("", "0", "1:1", "0:nan", "-inf:1", "0:1:2", "0-16", "low:high", 5, None)
        ),
    ],
)
def test_a_range_that_is_none_is_refused_with_what_to_type(text, hint) -> None:
    with pytest.raises(UsageError) as caught:
        Told(text) if text is not None else Told(("a", "b"))
    assert hint in caught.value.hint


def test_ranges_are_read_from_texts_and_numbers() -> None:
    assert Told("-0.5:+.5") == Told((-0.5, 0.5)) == Told([np.float32(-0.5), 0.5])
    assert Told("0:4095", inverted=True, transpose=True).options == "--levels 0:4095 --inverted --transpose"


def test_arrays_say_how_they_are_read_and_are_turned_as_told(bytes_of) -> None:
    """Told levels, dark ink and transposed pictures give the very digits that plain ones give."""
    grey, labels = bytes_of()["train"], open_source("mnist").load("train").labels[:60]
    plain = tt.digits(grey, labels)
    turned = tt.digits((7 * (255 - grey.astype(float)) / 255).transpose(0, 2, 1), labels, levels=(0, 7), inverted=True,
                       transpose=True)  # fmt: skip
    assert np.abs(turned.test_digits().images - plain.test_digits().images).max() < 1e-5
    assert tt.digits(255 - grey, labels, inverted=True).test_digits().fingerprint == plain.test_digits().fingerprint
    few = np.bincount(plain.load("train").labels, minlength=10)
    sizes = "47 to train on and 13 to test on, 28x28 pixels"
    assert plain.remark.startswith(f"Own digits own: {sizes}, grey levels 0 to 255, bright ink on dark, classes 0 to 9")
    assert f"({few.min()} to {few.max()} of each to train on" in plain.remark
    assert f"{sizes}, grey levels 0 to 7, dark ink on bright, turned over, transposed, classes" in turned.remark
    some = np.flatnonzero(~np.isin(labels, (3, 5)))
    assert "classes 0 to 9 without 3 and 5 (" in tt.digits(grey[some], labels[some]).remark
    with pytest.raises(UsageError, match="--inverted: the levels of mnist are known"):
        tt.digits("mnist", inverted=True)
    with pytest.raises(UsageError, match="--levels 0:255 comes too late"):
        tt.train(data=plain, levels=(0, 255), progress=False)
    with pytest.raises(DataError, match="the images make no array"):
        tt.digits([grey[0], grey[1, :14]], [1, 2])


def test_pictures_to_be_read_are_brought_to_the_levels_that_they_fill_or_that_are_told(bytes_of) -> None:
    grey = bytes_of()["train"]
    plain = pool_of(grey, "images").prepared(np.arange(60))
    for images, told in (
        (grey[:, None], Told()),
        (grey / 255, Told()),
        ((7 - grey / 255 * 7).transpose(0, 2, 1), Told((0, 7), inverted=True, transpose=True)),
    ):
        assert np.abs(pool_of(images, "images", told).prepared(np.arange(60)) - plain).max() < 1e-5
    assert pool_of(grey // 128, "images").scale == (0, 1)  # bytes that are 0 and 1 are no blank pictures
    assert pool_of(grey * 0, "images").scale == (0, 255)
    with pytest.raises(DataError, match=r"images of shape \(28, 28\)"):
        pool_of(grey[0], "images")


SHAPES = (
    (),
    (0,),
    (5,),
    (5, 0),
    (5, 4),
    (16, 16),
    (5, 3, 3),
    (5, 9, 9, 1),
    (5, 1, 9, 9),
    (5, 3, 8, 8),
    (5, 8, 8, 4),
    (5, 0, 3),
)
KINDS = "u1", "i1", "u8", "f2", "f4", "f8", "g", "?", "c8", "U2", "S2", "M8[s]", "m8[s]", "V3", "O"


def test_no_array_causes_another_error_or_a_warning() -> None:
    """Any shape, any type, any size of numbers, for images and labels: read, or refused in words."""
    random = np.random.default_rng(0)

    def drawn(shapes, sizes):
        values = np.asarray(random.random(shapes[random.integers(len(shapes))]) * random.choice(sizes))
        if values.size and random.random() < 0.2:
            values.flat[0] = random.choice([np.nan, np.inf, 5e-324, 1e300])
        with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
            return values.astype(KINDS[random.integers(len(KINDS))])

    for _ in range(400):
        images, labels = (
            drawn(SHAPES, [1e-320, 1, 16, 255, 1e30, 1e300]),
            drawn([(), (0,), (5,), (5, 10), (1, 5)], [1, 11]),
        )
        if random.random() < 0.7 and images.ndim:
            labels = random.integers(0, 10, len(images))
        with suppress(TimetravelError):
            source = tt.digits(images, labels, levels=[None, (0, 1), (-1, 255)][random.integers(3)])
            assert np.isfinite(source.training_digits().images).all()
