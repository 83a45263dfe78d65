import gzip
import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from timetravel.digits import open_source
from timetravel.digits.prepare import to_16x16, to_signed
from timetravel.digits.sources import own
from timetravel.digits.sources.mnist import parse_idx
from timetravel.errors import DataError, UsageError

TRAIN = 60
TEST = 40


def few() -> dict[str, np.ndarray]:
    """The first digits of MNIST under the names of an .npz."""
    training, test = open_source("mnist").load("train"), open_source("mnist").load("test")
    return {
        "train_images": training.pixels[:TRAIN],
        "train_labels": training.labels[:TRAIN],
        "test_images": test.pixels[:TEST],
        "test_labels": test.labels[:TEST],
    }


def saved(path: Path, **arrays: np.ndarray) -> str:
    np.savez(path, **arrays)
    return str(path)


def idx(array: np.ndarray) -> bytes:
    return struct.pack(">4B", 0, 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write_folder(folder: Path, packed: bool) -> str:
    folder.mkdir(exist_ok=True)
    for name, array in zip(own.IDX_NAMES, few().values(), strict=True):
        content = idx(array.astype(np.uint8))
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / name).write_bytes(content)
    return str(folder)


def expected_test_images() -> np.ndarray:
    return to_16x16(to_signed(few()["test_images"], "bytes"))


def same_digits(images: np.ndarray, others: np.ndarray, tolerance: float = 0.0) -> bool:
    def ordered(these: np.ndarray) -> np.ndarray:
        return these[np.lexsort(np.round(these, 3).reshape(len(these), -1).T)]

    return bool(np.abs(ordered(images) - ordered(others)).max() <= tolerance)


def test_a_folder_of_idx_files(tmp_path):
    for packed in (False, True):
        source = open_source(write_folder(tmp_path / f"mine{packed}", packed))
        assert (source.name, source.train_count, source.test_count) == (f"mine{packed}", TRAIN, TEST)
        assert same_digits(source.test_digits().images, expected_test_images())


def test_an_npz(tmp_path):
    source = open_source(saved(tmp_path / "mine.npz", **few()))
    assert source.name == "mine.npz"
    test = source.test_digits()
    assert same_digits(test.images, expected_test_images())
    assert np.bincount(test.labels).tolist() == np.bincount(few()["test_labels"]).tolist()
    assert test.provenance == (
        "own data mine.npz, 28x28 brought to 16x16 in [-1, 1] (bilinear); test: subset 0, 40 of 40"
    )


def test_labels_stay_with_their_images(tmp_path):
    test = open_source(saved(tmp_path / "mine.npz", **few())).test_digits("5")
    stored = expected_test_images()
    for image, label in zip(test.images, test.labels, strict=True):
        row = int(np.abs(stored - image).sum(axis=(1, 2)).argmin())
        assert few()["test_labels"][row] == label


def test_kerass_names(tmp_path):
    arrays = dict(zip(("x_train", "y_train", "x_test", "y_test"), few().values(), strict=True))
    keras = open_source(saved(tmp_path / "mnist.npz", **arrays)).training_digits()
    ours = open_source(saved(tmp_path / "mine.npz", **few())).training_digits()
    assert keras.fingerprint == ours.fingerprint


def test_a_small_source_gives_all_it_has_at_1989s_sizes(tmp_path):
    source = open_source(saved(tmp_path / "mine.npz", **few()))
    assert len(source.training_digits()) == TRAIN
    assert len(source.test_digits()) == len(source.test_digits(size=2007)) == TEST
    with pytest.raises(UsageError, match="61"):
        source.training_digits(size=61)
    with pytest.raises(UsageError, match="41"):
        source.test_digits(size=41)


def test_images_and_labels_only_are_split_once_in_1989s_proportion(tmp_path):
    training = open_source("mnist").load("train")
    path = saved(tmp_path / "mine.npz", images=training.pixels[:9298], labels=training.labels[:9298])
    source = open_source(path)
    assert (source.train_count, source.test_count) == (7291, 2007)
    first, second = source.test_digits("0"), source.test_digits("1")
    assert first.fingerprint != second.fingerprint
    assert same_digits(first.images, second.images)
    pictures = {image.tobytes() for image in first.images}
    assert not any(image.tobytes() in pictures for image in source.training_digits().images)


def test_ranges_are_recognized(tmp_path):
    plain = open_source(saved(tmp_path / "plain.npz", **few())).test_digits().images
    for convert, tolerance in (
        (lambda grey: grey.astype(np.float32), 0),
        (lambda grey: grey.astype(np.float64) / 255, 1e-6),
        (lambda grey: grey.astype(np.float32) / 127.5 - 1, 0),
        (lambda grey: (grey.astype(np.float64) / 127.5 - 1).astype(np.float16), 1e-3),
    ):
        arrays = few()
        arrays |= {name: convert(arrays[name]) for name in ("train_images", "test_images")}
        images = open_source(saved(tmp_path / "mine.npz", **arrays)).test_digits().images
        assert np.abs(images - plain).max() <= tolerance


def test_any_size_is_brought_to_16x16(tmp_path):
    for height, width in ((8, 8), (16, 16), (20, 28), (64, 48), (28, 28)):
        images = np.random.default_rng(0).integers(0, 256, (TRAIN, height, width), dtype=np.uint8)
        training = open_source(saved(tmp_path / "mine.npz", **few() | {"train_images": images})).training_digits()
        assert training.images.shape == (TRAIN, 16, 16)
        assert f"{height}x{width}" in training.provenance


def test_own_data_is_not_taken_for_mnist_and_has_none_of_the_essays_subsets(tmp_path):
    for path, name in (
        (write_folder(tmp_path / "mnist", packed=False), "./mnist"),
        (saved(tmp_path / "a", **few()) + ".npz", "a.npz"),
    ):
        source = open_source(path)
        assert source.name == name
        with pytest.raises(UsageError, match="on mnist only"):
            source.training_digits("karpathy-test-first")


def changed(**arrays: np.ndarray) -> dict[str, np.ndarray]:
    return few() | arrays


GREY = np.full((TRAIN, 28, 28), 0.5)
BAD = {
    "flat images": (changed(train_images=np.zeros((TRAIN, 784))), r"\(60, 784\).*\(digits, height, width\)"),
    "colour images": (changed(train_images=np.zeros((TRAIN, 28, 28, 3))), r"\(60, 28, 28, 3\)"),
    "label columns": (changed(train_labels=np.zeros((TRAIN, 1), int)), r"labels of shape \(60, 1\)"),
    "one label short": (changed(train_labels=np.zeros(59, int)), "60 images but 59 labels"),
    "empty": (changed(train_images=np.zeros((0, 28, 28)), train_labels=np.zeros(0, int)), "no digit"),
    "no pixels": (changed(train_images=np.zeros((TRAIN, 0, 28))), "no digit"),
    "label 10": (changed(test_labels=np.full(TEST, 10)), "labels from 10 to 10; allowed are 0 to 9"),
    "label -1": (changed(test_labels=np.full(TEST, -1)), "labels from -1"),
    "float labels": (changed(test_labels=np.zeros(TEST)), "labels are float64; allowed are whole numbers"),
    "text labels": (changed(test_labels=np.array(["4"] * TEST)), "labels are <U1"),
    "not a number": (changed(train_images=GREY * np.nan, test_images=GREY[:TEST]), "run from nan to nan"),
    "infinite": (changed(train_images=GREY + np.inf, test_images=GREY[:TEST]), "inf"),
    "too bright": (changed(train_images=GREY * 600, test_images=GREY[:TEST]), "to 300"),
    "too dark": (changed(train_images=GREY - 2, test_images=GREY[:TEST]), "from -1.5"),
    "bytes 0 and 1": (
        changed(train_images=np.ones((TRAIN, 28, 28), np.uint8), test_images=np.ones((TEST, 28, 28), np.uint8)),
        r"\(uint8\) run from 1 to 1",
    ),
    "whole numbers": (changed(train_images=np.zeros((TRAIN, 28, 28), int)), "grey levels are int64"),
    "truth values": (changed(train_images=np.zeros((TRAIN, 28, 28), bool)), "grey levels are bool"),
    "mixed kinds": (changed(train_images=GREY), "one split is float64, the other uint8"),
    "other names": ({"digits": GREY}, "holds digits"),
    "one digit": ({"images": GREY[:1], "labels": np.zeros(1, int)}, "holds 1 digit; allowed are 2"),
    "objects": (changed(train_labels=np.array([None] * TRAIN, dtype=object)), "pickle"),
}


def test_bad_arrays_are_refused_naming_value_and_what_is_allowed(tmp_path):
    for arrays, named in BAD.values():
        path = saved(tmp_path / "mine.npz", **arrays)
        with pytest.raises(DataError, match=named) as caught:
            open_source(path)
        assert "mine.npz" in caught.value.message
        assert "llowed" in caught.value.message + caught.value.hint


def test_a_missing_or_damaged_idx_file_is_named(tmp_path):
    for name in own.IDX_NAMES:
        path = write_folder(tmp_path / name, packed=False)
        (tmp_path / name / name).unlink()
        with pytest.raises(DataError, match=f"{name} is missing"):
            open_source(path)
    path = write_folder(tmp_path / "mine", packed=False)
    images = tmp_path / "mine" / own.IDX_NAMES[0]
    images.write_bytes(images.read_bytes()[:-100])
    with pytest.raises(DataError, match="train-images-idx3-ubyte holds 46,940 bytes"):
        open_source(path)
    path = write_folder(tmp_path / "packed", packed=True)
    for content in (b"", b"not gzip", gzip.compress(b"digits")[:-3], gzip.compress(b"digits")):
        (tmp_path / "packed" / f"{own.IDX_NAMES[3]}.gz").write_bytes(content)
        with pytest.raises(DataError, match="t10k-labels-idx1-ubyte"):
            open_source(path)


def test_idx_files_become_arrays_and_anything_else_is_refused_by_name():
    good = b"\0\0\x08\x02" + struct.pack(">2I", 2, 3) + bytes(range(6))
    array = parse_idx(good, "made")
    assert (array.dtype, array.tolist()) == (np.uint8, [[0, 1, 2], [3, 4, 5]])
    for content, named in (
        (b"", "it starts with nothing"),
        (b"\x89PNG\r\n", "it starts with 89504e47"),
        (b"\0\0\x08\0", "not an IDX file"),
        (b"\0\0\x0d\x01" + struct.pack(">I", 0), "0x0d; allowed is 0x08"),
        (good[:9], "ends within its header"),
        (good[:-1], r"holds 5 bytes of data; its header \(2, 3\) asks for 6"),
        (good + b"!", "holds 7 bytes"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "asks for 79,228,162,458,924,105,385,300,197,375"),
    ):
        with pytest.raises(DataError, match=f"made.*{named}"):
            parse_idx(content, "made")


@given(st.binary(max_size=40))
def test_no_bytes_at_all_cause_another_error(content):
    with suppress(DataError):
        parse_idx(content, "made")


def test_other_files_are_refused_by_name(tmp_path):
    for content in (b"", b"label,pixel\n1,2\n", b"\x93NUMPY\x01\x00v\x00", b"PK\x05\x06" + b"\0" * 18):
        (tmp_path / "mine.csv").write_bytes(content)
        with pytest.raises(DataError, match=r"mine\.csv") as caught:
            open_source(str(tmp_path / "mine.csv"))
        assert "train-images-idx3-ubyte" in caught.value.hint
        assert "x_train" in caught.value.hint


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1), flip=st.integers(1, 255), cut=st.booleans())
def test_no_damage_to_an_npz_causes_another_error(tmp_path, at, flip, cut):
    path = tmp_path / "mine.npz"
    if not (tmp_path / "whole.npz").exists():
        np.savez_compressed(tmp_path / "whole.npz", **few())
    content = bytearray((tmp_path / "whole.npz").read_bytes())
    place = int(at * (len(content) - 1))
    if cut:
        del content[place:]
    else:
        content[place] ^= flip
    path.write_bytes(content)
    with suppress(DataError):
        open_source(str(path))
