"""Digits of one's own: read in every form that is allowed, and refused by name in every other."""

import gzip
import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from timetravel.digits import open_source, stored
from timetravel.digits.prepare import to_16x16
from timetravel.digits.unpack import parse_idx
from timetravel.errors import DataError, UsageError

TRAIN, TEST = 60, 40
GREY = np.full((TRAIN, 28, 28), 0.5)


def few(**changes):
    """The first digits of MNIST under the names of an .npz, and these changes of them."""
    found = {}
    for split, count in (("train", TRAIN), ("test", TEST)):
        pool = open_source("mnist").load(split)
        found |= {f"{split}_images": pool.pixels[:count], f"{split}_labels": pool.labels[:count]}
    return found | changes


def saved(path, **arrays) -> str:
    np.savez(path, **arrays)
    return str(path)


def write_folder(folder, packed) -> str:
    folder.mkdir()
    for name, array in zip(stored.IDX_NAMES, few().values(), strict=True):
        head = struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
        content = head + array.astype(np.uint8).tobytes()
        (folder / (f"{name}.gz" if packed else name)).write_bytes(gzip.compress(content) if packed else content)
    return str(folder)


def ordered(images, labels) -> list:
    return sorted((image.tobytes(), label) for image, label in zip(images, labels, strict=True))


def test_a_folder_of_idx_files_and_an_npz_hold_the_same_digits_with_their_labels(tmp_path):
    arrays = few()
    prepared = to_16x16(arrays["test_images"].astype(np.float32) / 127.5 - 1)
    keras = dict(zip(("x_train", "y_train", "x_test", "y_test"), arrays.values(), strict=True))
    for path, name in (
        (write_folder(tmp_path / "plain", packed=False), "plain"),
        (write_folder(tmp_path / "packed", packed=True), "packed"),
        (write_folder(tmp_path / "mnist", packed=False), "./mnist"),  # which is not taken for MNIST
        (saved(tmp_path / "mine.npz", **arrays), "mine.npz"),
        (saved(tmp_path / "keras.npz", **keras), "keras.npz"),
    ):
        source = open_source(path)
        assert (source.name, source.train_count, source.test_count) == (name, TRAIN, TEST)
        test = source.test_digits("5")
        assert ordered(test.images, test.labels) == ordered(prepared, arrays["test_labels"])
        with pytest.raises(UsageError, match="on mnist only"):
            source.training_digits("karpathy-test-first")
    how = f"own data {name}, grey levels 0 to 255, 28x28 brought to 16x16 in [-1, 1] (bilinear)"
    how += "; test: all 40 in their published order"
    assert test.provenance == how
    assert len(source.training_digits()) == TRAIN  # a small source gives all it has at 1989's sizes
    assert len(source.test_digits()) == len(source.test_digits(size=2007)) == TEST
    for digits, size in ((source.training_digits, 61), (source.test_digits, 41)):
        with pytest.raises(UsageError, match=str(size)):
            digits(size=size)


def test_images_and_labels_only_are_split_once_in_1989s_proportion(tmp_path):
    pool = open_source("mnist").load("train")
    source = open_source(saved(tmp_path / "mine.npz", images=pool.pixels[:9298], labels=pool.labels[:9298]))
    assert (source.train_count, source.test_count) == (7291, 2007)
    first, second = source.test_digits("0"), source.test_digits("1")
    assert first.fingerprint == second.fingerprint  # all of them measure, in their own order
    one, other = source.training_digits("0"), source.training_digits("1")
    assert one.fingerprint != other.fingerprint
    assert ordered(one.images, one.labels) == ordered(other.images, other.labels)
    pictures = {image.tobytes() for image in first.images}
    assert not any(image.tobytes() in pictures for image in source.training_digits().images)


def test_ranges_are_recognized_and_any_size_is_brought_to_16x16(tmp_path):
    plain = open_source(saved(tmp_path / "mine.npz", **few())).test_digits().images
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
    for height, width in ((8, 8), (16, 16), (20, 28), (64, 48), (28, 28)):
        images = np.random.default_rng(0).integers(0, 256, (TRAIN, height, width), dtype=np.uint8)
        changed = few(train_images=images, test_images=images[:TEST])
        training = open_source(saved(tmp_path / "mine.npz", **changed)).training_digits()
        assert training.images.shape == (TRAIN, 16, 16)
        assert f"{height}x{width}" in training.provenance


def test_bad_arrays_and_other_files_are_refused_naming_value_and_what_is_allowed(tmp_path):
    whole = few()["train_images"]
    blank = {"train_images": np.ones((TRAIN, 28, 28), np.uint8)}
    for arrays, named in (
        (few(train_images=np.zeros((TRAIN, 785))), r"\(60, 785\).*\(digits, height, width\)"),
        (few(train_images=np.zeros((TRAIN, 28, 28, 4))), r"\(60, 28, 28, 4\) with parts that are transparent"),
        (few(train_images=whole[..., None, None]), r"\(60, 28, 28, 1, 1\)"),
        *(
            (few(train_images=np.moveaxis(images, 0, -1)), rf"{shape}, 60 labels.*")
            for images, shape in (
                (whole, r"\(28, 28, 60\)"),
                (whole.reshape(TRAIN, -1), r"\(784, 60\)"),  # which no reshape turns
                (whole[..., None], r"\(28, 28, 1, 60\)"),
            )
        ),
        (few(train_images=whole[:, :14, :14]), "pictures of 14x14 and 28x28, one size a split"),
        (few(train_labels=np.zeros((TRAIN, 2), int)), r"labels of shape \(60, 2\)"),
        (few(train_labels=np.ones((TRAIN, 10), int)), r"labels of shape \(60, 10\) that are not one-hot"),
        (few(train_labels=np.zeros(59, int)), "60 images but 59 labels"),
        (few(train_images=np.zeros((0, 28, 28)), train_labels=np.zeros(0, int)), "no digit"),
        (few(train_images=np.zeros((TRAIN, 0, 28))), "no digit"),
        (few(test_labels=np.full(TEST, 10)), "labels from 10 to 10; allowed are 0 to 9"),
        (few(test_labels=np.arange(TEST) % 10 + 1), "labels from 1 to 10; allowed are 0 to 9"),
        (few(test_labels=np.where(np.arange(TEST) == 7, np.nan, 1)), "label nan .digit 8. is no digit"),
        (few(test_labels=np.arange(TEST)[None]), r"labels of shape \(1, 40\)"),
        (few(test_labels=np.full(TEST, -1)), "labels from -1"),
        (few(test_labels=np.full(TEST, 0.5)), "label 0.5 .digit 1. is no digit; allowed are whole numbers"),
        (few(test_labels=np.array(["4", "x"] * (TEST // 2))), "label 'x' is no digit"),
        (few(train_images=GREY * np.nan), "run from nan to nan"),
        (few(train_images=whole + np.inf), "inf"),
        (few(train_images=whole * 2.5), "to 637.5, which fills no usual range"),
        (few(train_images=whole / 255 - 2), "from -2 to -1"),
        (few(train_images=whole / 255 * 0.5), "from 0 to 0.5, which fills no usual range"),
        (few(train_images=255 - whole), "dark ink on a bright background"),
        (few(**blank), r"\(uint8\) run from 1 to 1: the pictures are blank"),
        (few(train_images=whole / 255), "run from 0 to 1, those of the other split from 0 to 255"),
        (few(train_images=whole.astype(complex)), "grey levels are complex128"),
        (few(train_labels=np.array([None] * TRAIN, dtype=object)), "the array train_labels holds Python objects"),
        ({"digits": GREY}, "holds digits"),
        ({"images": whole[:1], "labels": np.zeros(1, int)}, "holds 1 digit; allowed are 2"),
    ):
        path = saved(tmp_path / "mine.npz", **arrays)
        with pytest.raises(DataError, match=named) as caught:
            open_source(path)
        assert "mine.npz" in caught.value.message
        assert "llowed" in caught.value.message + caught.value.hint
    for content in (b"", b"label,pixel\n", b"\x93NUMPY\x01\x00v\x00", b"PK\x05\x06" + b"\0" * 18):
        (tmp_path / "mine.csv").write_bytes(content)
        with pytest.raises(DataError, match=r"mine\.csv") as caught:
            open_source(str(tmp_path / "mine.csv"))
        assert "train-images-idx3-ubyte" in caught.value.hint
        assert "x_train" in caught.value.hint


def test_digits_are_read_in_the_forms_that_people_have_them(tmp_path):
    """Flat rows, channels last or first, colours, booleans; texts, floats, a column, one-hot: all as plain arrays."""
    plain = open_source(saved(tmp_path / "plain.npz", **few())).test_digits()

    def changed(images=lambda a: a, labels=lambda a: a):
        return {name: (images if "images" in name else labels)(array) for name, array in few().items()}

    for arrays in (
        changed(images=lambda a: a.reshape(len(a), -1)),
        changed(images=lambda a: a.reshape(len(a), 1, -1)),  # a row each, and no picture of one line
        changed(images=lambda a: a.reshape(len(a), -1, 1)),
        changed(images=lambda a: a[..., None]),
        changed(images=lambda a: a[:, None]),
        changed(images=lambda a: np.repeat(a[..., None], 3, axis=3)),
        changed(images=lambda a: np.repeat(a[:, None], 3, axis=1)),
        changed(
            images=lambda a: np.dstack([a.reshape(len(a), -1)] * 3 + [np.full((len(a), 784), 255)]).reshape(
                -1, 28, 28, 4
            )
        ),
        changed(labels=lambda a: a.astype(str)),
        changed(labels=lambda a: a.astype("S1")),
        changed(labels=lambda a: a.astype(float).astype(str)),
        changed(labels=lambda a: a.astype(float)),
        changed(labels=lambda a: a[:, None]),
        changed(labels=lambda a: np.eye(10)[a]),
    ):
        assert open_source(saved(tmp_path / "mine.npz", **arrays)).test_digits().fingerprint == plain.fingerprint
    yes = open_source(saved(tmp_path / "mine.npz", **changed(images=lambda a: a > 127))).test_digits()
    no = open_source(saved(tmp_path / "mine.npz", **changed(images=lambda a: (a > 127) * 1.0))).test_digits()
    assert yes.fingerprint == no.fingerprint


def test_arrays_of_one_set_are_found_by_the_names_that_python_gives_them(tmp_path):
    images, labels = list(few().values())[:2]
    plain = open_source(saved(tmp_path / "plain.npz", images=images, labels=labels)).test_digits()
    for one, other in (("data", "target"), ("X", "y")):
        source = open_source(saved(tmp_path / "mine.npz", **{one: images, other: labels}))
        assert source.test_digits().fingerprint == plain.fingerprint
    objects = images.astype(object)
    with pytest.raises(DataError, match="holds Python objects") as caught:
        open_source(saved(tmp_path / "mine.npz", images=objects, labels=labels))
    assert (eval(caught.value.hint.split(": ")[1].rstrip("."), {"np": np, "images": objects}) == images).all()


def test_files_with_a_dot_or_in_folders_of_their_own_name_are_read(tmp_path):
    """As Windows' unpackers and Kaggle's folders have them; one that is packed and does not say so is told."""
    plain = open_source(write_folder(tmp_path / "plain", packed=False)).test_digits().fingerprint
    for place in (
        lambda folder, name: folder / name.replace("-idx", ".idx"),
        lambda folder, name: folder / name / name,
    ):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        for name in stored.IDX_NAMES:
            path = place(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes((tmp_path / "plain" / name).read_bytes())
        assert open_source(str(folder)).test_digits().fingerprint == plain
    packed = tmp_path / "plain" / stored.IDX_NAMES[0]
    packed.write_bytes(gzip.compress(packed.read_bytes()))
    with pytest.raises(DataError, match="is packed with gzip") as caught:
        open_source(str(tmp_path / "plain"))
    assert caught.value.hint == f"Name it {packed.name}.gz."


def test_a_missing_or_damaged_idx_file_is_named(tmp_path):
    for name in stored.IDX_NAMES:
        path = write_folder(tmp_path / name, packed=False)
        (tmp_path / name / name).unlink()
        with pytest.raises(DataError, match=f"{name} is missing"):
            open_source(path)
    path, (images, *_, labels) = write_folder(tmp_path / "mine", packed=True), stored.IDX_NAMES
    for content in (b"", b"not gzip", gzip.compress(b"digits")[:-3], gzip.compress(b"digits")):
        (tmp_path / "mine" / f"{labels}.gz").write_bytes(content)
        with pytest.raises(DataError, match=labels):
            open_source(path)
    (tmp_path / "mine" / images).write_bytes((tmp_path / labels / images).read_bytes()[:-100])
    with pytest.raises(DataError, match=f"{images} holds 46,940 bytes"):
        open_source(path)


def test_idx_files_become_arrays_and_anything_else_is_refused_by_name():
    good = b"\0\0\x08\x02" + struct.pack(">2I", 2, 3) + bytes(range(6))
    array = parse_idx(good, "made")
    assert (array.dtype, array.tolist()) == (np.uint8, [[0, 1, 2], [3, 4, 5]])
    for content, named in (
        (b"", "it starts with nothing"),
        (b"\x89PNG\r\n", "it starts with 89504e47"),
        (b"\0\0\x08\0", "not an IDX file"),
        (b"\0\0\x0f\x01" + struct.pack(">I", 0), "0x0f; allowed are 0x08, 0x09"),
        (good[:9], "ends within its header"),
        (good[:-1], r"holds 5 bytes of data; its header \(2, 3\) asks for 6"),
        (good + b"!", "holds 7 bytes"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "asks for 79,228,162,458,924,105,385,300,197,375"),
    ):
        with pytest.raises(DataError, match=f"made.*{named}"):
            parse_idx(content, "made")


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(idx=st.binary(max_size=40), at=st.floats(0, 1), flip=st.integers(1, 255), cut=st.booleans())
def test_no_damage_causes_another_error(tmp_path, idx, at, flip, cut):
    with suppress(DataError):
        parse_idx(idx, "made")
    whole, path = tmp_path / "whole.npz", tmp_path / "mine.npz"
    if not whole.exists():
        np.savez_compressed(whole, **few())
    content = whole.read_bytes()
    place = int(at * (len(content) - 1))
    path.write_bytes(content[:place] + (b"" if cut else bytes([content[place] ^ flip]) + content[place + 1 :]))
    with suppress(DataError):
        open_source(str(path))
