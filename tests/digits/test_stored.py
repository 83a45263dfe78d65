"""Files of one's own digits: every form is read label for label and pixel for pixel, others are refused by name."""

import bz2
import gzip
import lzma
import os
import socket
import struct
import subprocess
import sys
import zipfile
from itertools import starmap
from pathlib import Path

import numpy as np
import pytest
from stored_files import check, csv, idx, mnist, png, put, refused

from timetravel.digits import open_source, stored, unpack
from timetravel.errors import DataError, UsageError


def test_idx_files_are_found_by_what_their_names_say(tmp_path, digits):
    for at, files in enumerate(
        (
            mnist(digits, "qmnist-{}-{}-idx{}-ubyte"),
            mnist(digits, "emnist-digits-{}-{}-idx{}-ubyte.gz", gzip.compress),
            mnist(digits, "{}-{}.idx{}-ubyte"),
            mnist(digits, "{0}-{1}-idx{2}-ubyte/{0}-{1}-idx{2}-ubyte"),
            mnist(digits, "{0}-{1}.idx{2}-ubyte/{0}-{1}.idx{2}-ubyte"),
            mnist(digits, "MNIST/raw/{}-{}-idx{}-ubyte"),
            mnist(digits, "MNIST/raw/{}-{}-idx{}-ubyte") | {"MNIST/processed/training.pt": b"x"},
            mnist(digits, "{}_{}", gzip.compress),  # packed, and no name that says otherwise
            mnist(digits, "{}_{}.bz2", bz2.compress),
            mnist(digits, "xnist-{}-{}-idx{}-ubyte.xz", lzma.compress),
            {name.replace("t10k", "Test"): content for name, content in mnist(digits).items()},
            mnist(digits) | {f"{name}.gz": gzip.compress(content) for name, content in mnist(digits).items()},
            mnist(digits) | {"._train-images-idx3-ubyte": b"x", ".DS_Store": b"x", "README.md": b"# x"},
        )
    ):
        check(put(tmp_path / str(at), files), digits)


def test_the_first_column_of_qmnists_tables_of_labels_is_the_class(tmp_path, digits):
    names = [name for name in mnist(digits, "qmnist-{}-{}-idx{}-ubyte") if "labels" in name]
    files = mnist(digits, "qmnist-{}-{}-idx{}-ubyte")
    tables = [np.column_stack([labels, *(np.arange(7) + np.zeros((len(labels), 1))).T]) for labels in digits[1::2]]
    for name in names:
        del files[name]
    packed = {
        name.replace("idx1-ubyte", "idx2-int.gz"): gzip.compress(idx(table.astype(">i4")))
        for name, table in zip(names, tables, strict=True)
    }
    texts = {
        name.replace("-idx1-ubyte", ".tsv.gz"): gzip.compress(csv(table[:, 1:], table[:, 0], "\t"))
        for name, table in zip(names, tables, strict=True)
    }
    for at, labels in enumerate((packed, texts, packed | texts)):
        check(put(tmp_path / str(at), files | labels), digits)
    under = {name: idx(table.astype(">i4")) for name, table in zip(names, tables, strict=True)}
    refused(put(tmp_path / "named", files | under), "0x0c", "labels-idx1-ubyte", "idx2-int")


def test_other_idx_elements_are_read_as_they_are(tmp_path, digits):
    for kind in (">i4", ">i2", ">f4", ">f8"):
        folder = put(tmp_path / kind[1:], mnist([array.astype(kind) for array in digits], "{}-{}"))
        check(folder, digits)
        assert {array.dtype for array in stored.read(folder)} == {np.dtype(kind).newbyteorder("=")}


def test_two_files_for_one_part_and_a_missing_one_are_named(tmp_path, digits):
    two = mnist(digits, "emnist-digits-{}-{}-idx{}-ubyte") | mnist(digits, "emnist-mnist-{}-{}-idx{}-ubyte")
    refused(put(tmp_path / "two", two), "emnist-digits-train-images-idx3-ubyte", "emnist-mnist-train-images-idx3-ubyte")
    files = mnist(digits, "qmnist-{}-{}-idx{}-ubyte")
    del files["qmnist-t10k-labels-idx1-ubyte"]
    refused(put(tmp_path / "three", files), "t10k-labels-idx1-ubyte is missing", "test and label")
    refused(put(tmp_path / "csv", {"mnist_train.csv": b"1,2", "mnist_train_100.csv": b"1,2", "test.csv": b"1,2"}),
            "mnist_train.csv", "mnist_train_100.csv")  # fmt: skip


def test_pictures_by_class_are_read_to_the_bit(tmp_path, digits):
    def files(images, labels, folder=""):
        return {
            f"{folder}{label}/{at:03}.png": png(image)
            for at, (image, label) in enumerate(zip(images, labels, strict=True))
        }

    def by_class(images, labels):
        order = np.argsort(labels, kind="stable")
        return [images[order], labels[order]]

    train, test = digits[:2], digits[2:]
    litter = {"Thumbs.db": b"x", "3/.DS_Store": b"x", "3/._a.png": b"x", "3/notes.txt": b"x", "__MACOSX/3/a.png": b"x"}
    check(put(tmp_path / "one", files(*train) | litter), by_class(*train))
    for first, second in (("train/", "test/"), ("training/", "testing/"), ("mnist_png/Train/", "mnist_png/Test/")):
        folder = put(tmp_path / first.strip("/").replace("/", "-"), files(*train, first) | files(*test, second))
        check(folder, by_class(*train) + by_class(*test))
    for name, content, named in (
        ("3/odd.png", b"\x89PNG\r\n\x1a\n", "odd.png"),
        ("3/odd.png", png(digits[0][0])[:-30], "odd.png is cut off"),
        ("3/odd.png", png(digits[0][0][:9]), "odd.png has 9x28, the first 28x28"),
        ("ten/a.png", png(digits[0][0]), "folders that are no digits: ten"),
    ):
        folder = put(tmp_path / f"{len(list(tmp_path.iterdir()))}", files(*train) | {name: content})
        refused(folder, named)
    refused(put(tmp_path / "none", {"3/a.txt": b"x", "4/a.txt": b"x"}), "none")
    refused(put(tmp_path / "empty", {"a.txt": b"x"}), "empty holds a.txt")


def test_an_npz_says_how_large_its_arrays_are_before_they_are_read(tmp_path, digits):
    def member(shape, kind="|u1", size=0):
        about = repr({"descr": kind, "fortran_order": False, "shape": shape}).encode().ljust(117) + b"\n"
        return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(about)) + about + bytes(size)

    def write(images, labels=None):
        with zipfile.ZipFile(tmp_path / "mine.npz", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("images.npy", images)
            archive.writestr("labels.npy", labels or member((9,), size=9))

    write(member((9, 28, 28), size=9 * 784))
    assert [array.shape for array in stored.read(tmp_path / "mine.npz")] == [(9, 28, 28), (9,)]
    for images, named in (
        (member((2**40, 28, 28), size=5), "the array images asks for 862,017,116,176,384 bytes"),
        (member((9, 28, 28), size=5), "the array images asks for 7,056 bytes; 5 are there"),
        (member((2**40, 28, 28), "|S0"), "the array images asks for 862,017,116,176,384 bytes; 0 are there"),
        (member((2**40, 28, 28), "<U0"), "the array images asks for 862,017,116,176,384 bytes; 0 are there"),
        (member((9, 28, 28), "|O", size=9 * 784 * 8), "the array images holds Python objects"),
        (b"text", "can't be read"),
        (b"", "can't be read"),
    ):
        write(images)
        refused(tmp_path / "mine.npz", "mine.npz", named)
    np.savez(tmp_path / "mine.npz", **dict(zip(("X_train", "Y_train", "X_test", "Y_test"), digits, strict=True)))
    check(tmp_path / "mine.npz", digits)
    put(tmp_path, {"mine.npz.gz": gzip.compress((tmp_path / "mine.npz").read_bytes())})
    refused(tmp_path / "mine.npz.gz", "packed twice")


def test_a_total_beyond_the_limit_is_refused_whatever_the_file(tmp_path, digits, monkeypatch):
    """As the limit that there is would take, with one that fits into a test."""
    np.savez_compressed(tmp_path / "mine.npz", images=digits[0], labels=digits[1])
    put(tmp_path / "idx", mnist(digits))
    put(tmp_path, {"mine.csv": csv(*digits[:2])})
    put(tmp_path / "png", {f"{at}/a.png": png(image) for at, image in enumerate(digits[0][:10])})
    monkeypatch.setattr(unpack, "LIMIT", 7000)
    for name in ("mine.npz", "idx", "mine.csv", "png"):
        refused(tmp_path / name, name, "bytes of digits", "7,000")


BOMBS = """
import resource, sys
from pathlib import Path
from timetravel.digits import stored
from timetravel.digits.pictures import decode
from timetravel.errors import DataError
import pandas
resource.setrlimit(resource.RLIMIT_AS, (6 * 2**30, 6 * 2**30))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for name in sys.argv[1:]:
    try:
        stored.read(Path(name))
    except DataError as error:
        print(error.message)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 2**10)
"""


@pytest.mark.slow
def test_bombs_take_little_memory(tmp_path, digits):
    """A gzip of 800 MB behind the images, and as the lines of a CSV; a header of 2 GB; files of 1 TB."""
    zeros = b"".join(starmap(gzip.compress, [(bytes(2**26),)] * 12))
    files = mnist(digits)
    less = dict(files)
    images = less.pop("train-images-idx3-ubyte")
    folder = put(tmp_path / "more", less | {"train-images-idx3-ubyte.gz": gzip.compress(images) + zeros})
    head = struct.pack(">4B3I", 0, 0, 8, 3, 2_500_000, 28, 28)
    huge = put(tmp_path / "huge", files | {"train-images-idx3-ubyte": head + bytes(99)})
    line = put(tmp_path, {"line.csv": gzip.compress(b"1,2\n") + gzip.compress(b"1," * 2**25) * 12}) / "line.csv"
    sparse = put(tmp_path, {"sparse.csv": b"label,a\n"}) / "sparse.csv"
    os.truncate(sparse, 2**40)
    picture = put(tmp_path / "png", {"0/a.png": b"\x89PNG", "1/a.png": png(digits[0][0])})
    os.truncate(picture / "0" / "a.png", 2**40)
    paths = [folder, huge, line, sparse, picture]
    found = subprocess.run([sys.executable, "-c", BOMBS, *map(str, paths)], capture_output=True, text=True, check=True)
    *told, grown = found.stdout.splitlines()
    assert len(told) == len(paths), found.stdout
    for named in (
        "holds 23,521 bytes or more",
        "asks for 1,960,000,000",
        "line.csv: line 2",
        "sparse.csv: line 2",
        "a.png",
    ):
        assert any(named in each for each in told), found.stdout
    assert int(grown) < 400


def test_what_is_no_file_is_never_opened(tmp_path, digits, monkeypatch):
    pipe = tmp_path / "pipe.npz"
    os.mkfifo(pipe)
    refused(pipe, "is no file")
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket.csv")
        refused(tmp_path / "socket.csv", "is no file")
    refused(Path("/dev/zero"), "/dev/zero is no file")
    if os.access("/proc/kmsg", os.R_OK):  # says that it is a file, and waits for more
        refused(Path("/proc/kmsg"), "/proc/kmsg")
    folder = put(tmp_path / "idx", mnist(digits))
    (folder / "train-labels-idx1-ubyte").unlink()
    os.mkfifo(folder / "train-labels-idx1-ubyte")
    refused(folder, "train-labels-idx1-ubyte is no file")
    put(tmp_path / "png", {"0/a.png": png(digits[0][0]), "1/b.png": png(digits[0][0])})
    os.mkfifo(tmp_path / "png" / "1" / "c.png")
    refused(tmp_path / "png", "c.png is a pipe")
    put(tmp_path / "csv", {"train.csv": csv(*digits[:2])})
    os.mkfifo(tmp_path / "csv" / "test.csv")
    refused(tmp_path / "csv", "test.csv is no file")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(UsageError):
        open_source(str(tmp_path / "loop"))
    (folder / "train-labels-idx1-ubyte").unlink()
    (folder / "train-labels-idx1-ubyte").symlink_to(folder / "train-labels-idx1-ubyte")
    refused(folder, "train-labels-idx1-ubyte")
    (tmp_path / "deep" / "a").mkdir(parents=True)
    (tmp_path / "deep" / "a" / "b").symlink_to(tmp_path / "deep")
    refused(tmp_path / "deep", "no digits")


def test_a_file_that_may_not_be_read_is_told_as_such(tmp_path, digits, monkeypatch):
    def denied(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    np.savez(tmp_path / "mine.npz", images=digits[0], labels=digits[1])
    folder = put(tmp_path / "idx", mnist(digits))
    monkeypatch.setattr("timetravel.digits.unpack.regular", denied)
    refused(tmp_path / "mine.npz", "mine.npz can't be read: Permission denied.")
    refused(folder, "train-images-idx3-ubyte can't be read: Permission denied.")
    monkeypatch.setattr(Path, "iterdir", denied)
    refused(folder, "idx can't be read: Permission denied.")
    monkeypatch.setattr(Path, "exists", denied)  # as in a folder that may not be entered
    with pytest.raises(DataError, match="Permission denied"):
        open_source(str(folder))


def test_downloads_that_are_not_what_their_names_say_are_refused_by_name(tmp_path, digits):
    name = "train-images-idx3-ubyte"
    whole = mnist(digits)[name]
    for at, (suffix, content, named) in enumerate(
        (
            (".gz", whole, f"Name it {name}."),
            ("", gzip.compress(whole), f"Name it {name}.gz."),
            (".gz", b"<!DOCTYPE html>", "not an IDX file"),
            (".gz", gzip.compress(whole)[:-9], "can't be read"),
            (".gz", gzip.compress(whole)[:-8] + b"damaged!", "can't be read"),
            (".xz", lzma.compress(whole)[:-9], "can't be read"),
            (".bz2", bz2.compress(whole)[:-9], "can't be read"),
            ("", whole[:-1], f"holds {len(whole) - 17:,} bytes of data"),
            ("", whole + b"\n", f"holds {len(whole) - 15:,} bytes or more of data"),
            ("", whole[:4] + whole[4:16][::-1] + whole[16:], "its header"),
            ("", whole[:9], "ends within its header"),
            ("", b"", "starts with nothing"),
        )
    ):
        files = mnist(digits)
        del files[name]
        refused(put(tmp_path / str(at), files | {name + suffix: content}), name, named)
    refused(put(tmp_path, {"one": whole}) / "one", "one is one IDX file of four", str(tmp_path))


def test_names_that_no_text_has_can_be_told(tmp_path, digits):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    put(folder, mnist(digits))
    check(folder, digits)
    (folder / "train-labels-idx1-ubyte").write_bytes(b"?")
    refused(folder, "/?/train-labels-idx1-ubyte is not an IDX file")
