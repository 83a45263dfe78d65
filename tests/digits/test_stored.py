"""Files of one's own digits: every form is read label for label and pixel for pixel, others are refused by name."""

import bz2
import gzip
import io
import lzma
import os
import re
import socket
import struct
import subprocess
import sys
import zipfile
from itertools import starmap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from timetravel.digits import open_source, stored, unpack
from timetravel.errors import DataError, UsageError

TRAIN, TEST = 30, 20
PARTS = [("train", "images"), ("train", "labels"), ("t10k", "images"), ("t10k", "labels")]
CODES = {np.dtype("u1"): 8, np.dtype(">i4"): 12, np.dtype(">i2"): 11, np.dtype(">f4"): 13, np.dtype(">f8"): 14}


@pytest.fixture(scope="module")
def digits():
    """Training images and labels, test images and labels: the first of MNIST."""
    pools = (open_source("mnist").load("train"), TRAIN), (open_source("mnist").load("test"), TEST)
    return [array for pool, count in pools for array in (pool.pixels[:count], pool.labels[:count].astype(np.uint8))]


def idx(array) -> bytes:
    array = np.asarray(array)
    head = struct.pack(f">4B{array.ndim}I", 0, 0, CODES[array.dtype], array.ndim, *array.shape)
    return head + array.tobytes()


def png(image, kind="PNG") -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, kind)
    return file.getvalue()


def put(folder, files) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def mnist(digits, name="{}-{}-idx{}-ubyte", pack=lambda content: content):
    """MNIST's four files under names of this form."""
    return {name.format(*part, array.ndim): pack(idx(array)) for part, array in zip(PARTS, digits, strict=True)}


def csv(images, labels, separator=",", header="", last=False) -> bytes:
    columns = [labels[:, None], images.reshape(len(images), -1)]
    rows = np.column_stack(columns[::-1] if last else columns)
    lines = [separator.join(f"{value:.9g}" for value in row) for row in rows.tolist()]
    return "".join(f"{line}\n" for line in ([header] if header else []) + lines).encode()


def kaggle(width=784):
    return ",".join(["label", *(f"pixel{at}" for at in range(width))])


def check(path, expected):
    """The arrays of a path are these, whatever their type and whether rows are flat."""
    found = stored.read(path)
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(np.asarray(one).reshape(np.shape(other)), other)


def refused(path, *named) -> str:
    """A path is refused with these words and by a message of a line or two; returns all that is said."""
    with pytest.raises(DataError) as caught:
        stored.read(path)
    told = f"{caught.value.message} {caught.value.hint}"
    for name in named:
        assert name in told
    assert len(caught.value.message) < 600
    told.encode()
    return told


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


def test_a_csv_is_read_with_and_without_a_header(tmp_path, digits):
    images, labels = digits[0][:9, ::2, ::2], digits[1][:9]
    plain, named = csv(images, labels), csv(images, labels, header=kaggle(196))
    sides = ",".join(["label", *(f"{row}x{column}" for row in range(1, 15) for column in range(1, 15))])
    for name, content in {
        "kaggle.csv": named,
        "sides.csv": csv(images, labels, header=sides),
        "plain.csv": plain,
        "packed.csv.gz": gzip.compress(named),
        "packed-unsaid.csv": gzip.compress(named),
        "no-suffix": named,
        "mark.csv": b"\xef\xbb\xbf" + named,
        "mark-plain.csv": b"\xef\xbb\xbf" + plain,
        "wide.csv": named.decode().encode("utf-16"),
        "windows.csv": named.replace(b"\n", b"\r\n"),
        "mac.csv": named.replace(b"\n", b"\r"),
        "blank-lines.csv": named.replace(b"\n", b"\n\n"),
        "no-end.csv": named.rstrip(),
        "quoted.csv": re.sub(rb"([^,\n]+)", rb'"\1"', named),
        "spaced.csv": plain.replace(b",", b", "),
        "spaces.txt": plain.replace(b",", b" "),
        "semicolons.csv": named.replace(b",", b";"),
        "tabs.tsv": named.replace(b",", b"\t"),
        "last.csv": csv(images, labels, header=kaggle(196).removeprefix("label,") + ",Class", last=True),
        "kaggles.csv": pd.DataFrame(images.reshape(9, -1)).assign(label=labels).to_csv(index_label="ImageId").encode(),
        "numbered.csv": pd.DataFrame(images.reshape(9, -1)).assign(label=labels).to_csv().encode(),
    }.items():
        check(put(tmp_path, {name: content}) / name, [images, labels])
    assert stored.read(tmp_path / "kaggle.csv")[0].dtype == np.uint8


def test_fractions_with_decimal_commas_are_read_like_those_with_points(tmp_path, digits):
    images, labels = np.round(digits[0][:, 6:22, 6:22] / 127.5 - 1, 4), digits[1]
    points, commas = csv(images, labels), csv(images, labels, ";").replace(b".", b",")
    for name, content in {
        "points.csv": points,
        "commas.csv": commas,
        "tabs.tsv": commas.replace(b";", b"\t"),
        "zip.train": points.replace(b",", b" ").replace(b"\n", b" \n"),
    }.items():
        check(put(tmp_path, {name: content}) / name, [images, labels])


def test_labels_that_stand_last_in_rows_without_names_are_found(tmp_path, digits):
    """As UCI has its digits: ink counted in 4x4 blocks, whose first is ever empty."""
    images, labels = digits[:2]
    ink = (np.pad(images, ((0, 0), (2, 2), (2, 2))) > 127).reshape(-1, 8, 4, 8, 4).sum((2, 4))
    check(put(tmp_path, {"optdigits.tra": csv(ink, labels, last=True)}) / "optdigits.tra", [ink, labels])


@pytest.mark.slow
def test_usps_as_text_is_read_number_for_number(tmp_path, data_root):
    pool = open_source("usps", data_root).load("test")
    images, labels = np.round(pool.pixels.astype(float), 6), pool.labels
    for name, content in (
        ("zip.test.gz", csv(images, labels, " ")),
        ("zip.csv.gz", csv(images, labels, ";", last=True)),
    ):
        put(tmp_path, {name: gzip.compress(content.replace(b".", b",") if b";" in content else content)})
        check(tmp_path / name, [images, labels])


def test_two_tables_of_a_folder_train_and_test(tmp_path, digits):
    train, test = csv(*digits[:2]), csv(*digits[2:])
    check(put(tmp_path / "a", {"mnist_train.csv": train, "mnist_test.csv": test}), digits)
    check(put(tmp_path / "b", {"train.csv.gz": gzip.compress(train), "t10k.csv": test, "notes.csv": b"x"}), digits)
    check(put(tmp_path / "c", {"digits.csv": train}), digits[:2])
    check(put(tmp_path / "d", {"train.csv/train.csv": train, "test.csv/test.csv": test}), digits)


def test_kaggles_test_digits_have_no_labels_and_the_file_that_has_them_is_named(tmp_path, digits):
    bare = csv(digits[2].reshape(TEST, -1)[:, 1:], digits[2].reshape(TEST, -1)[:, 0], header=kaggle()[6:])
    folder = put(
        tmp_path, {"train.csv": csv(*digits[:2], header=kaggle()), "test.csv": bare, "sample.csv": b"Id,Label"}
    )
    for path in (folder, folder / "test.csv"):
        refused(path, "test.csv has no labels", str(folder / "train.csv"))
    put(tmp_path, {"rows.csv": bare.split(b"\n", 1)[1]})
    refused(tmp_path / "rows.csv", "rows.csv has no labels")


def test_what_is_wrong_in_a_csv_is_named_with_line_and_value(tmp_path, digits):
    good = csv(*digits[:2], header=kaggle()).decode().splitlines()
    for change, named in (
        (lambda row: row.replace(",0,", ",o,", 1), ("line 5", "pixel0", "'o' is no number")),
        (lambda row: row.replace(",0,", ",,", 1), ("line 5", "pixel0", "''")),
        (lambda row: row.replace(",0,", ",nan,", 1), ("line 5", "'nan'")),
        (lambda row: row + ",7", ("line 5 has 786 values", "785")),
        (lambda row: row[:-4], ("line 5 has 783 values",)),
        (lambda row: "seven" + row[1:], ("line 5, label", "'seven'")),
        (lambda row: row + "0" * 200_000, ("line 5",)),
        (lambda row: '"' + row, ("line 5",)),
        (lambda row: "\0" + row, ("line 5",)),
    ):
        lines = [*good[:4], change(good[4]), *good[5:]]
        put(tmp_path, {"mine.csv": "\n".join(lines).encode()})
        refused(tmp_path / "mine.csv", "mine.csv", *named)
    for name, content in {
        "page.csv": b"<!DOCTYPE html><title>503, no</title>",
        "empty.csv": b"",
        "blank.csv": b"\n\n",
        "header.csv": f"{kaggle()}\n".encode(),
        "pickle.pkl": b"\x80\x04\x95,a,b",
        "pickle.pkl.gz": gzip.compress(b"\x80\x02}q\x00,"),
        "array.npy": b"\x93NUMPY\x01\x00v\x00{'descr': '|u1', 'x'",
        "picture.png": png(digits[0][0]),
        "net.h5": b"\x89HDF\r\n\x1a\n",
        "paper.pdf": b"%PDF-1.4, a",
        "notes.txt": b"digits\n",
        "data.json": b'{"label": 5, "x": 3}',
    }.items():
        put(tmp_path, {name: content})
        refused(tmp_path / name, name, "train-images-idx3-ubyte", ".parquet")
    numbered = ",".join(map(str, range(785)))  # columns that nobody named: not a digit
    put(tmp_path, {"numbered.csv": csv(*digits[:2], header=numbered)})
    refused(tmp_path / "numbered.csv", "numbered.csv has no labels")
    refused(put(tmp_path / "flat", {"labels.csv": b"id,label\n0,5\n"}), "labels.csv has labels and no grey levels")
    both = np.arange(65)[None] % 7 + np.arange(4)[:, None]
    put(tmp_path, {"both.csv": csv(both[:, 1:], both[:, 0])})
    refused(tmp_path / "both.csv", "columns 1 and 65")


def test_parquet_as_the_hub_has_it_is_read_in_the_order_of_its_parts(tmp_path, digits):
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")

    def table(images, labels, **options):
        file, rows = io.BytesIO(), [{"bytes": png(image), "path": None} for image in images]
        pq.write_table(pa.table({"image": rows, "label": labels.astype(np.int64)}), file, **options)
        return file.getvalue()

    images, labels, *test = digits
    whole, name = table(*test, row_group_size=7), "{}-0000{}-of-0000{}.parquet"
    put(tmp_path, {"mine.parquet": whole, "unsaid": whole})
    check(tmp_path / "mine.parquet", test)
    check(tmp_path / "unsaid", test)
    files = {name.format("train", at, 3): table(images[at * 10 :][:10], labels[at * 10 :][:10]) for at in range(3)}
    files[name.format("test", 0, 1)] = whole
    check(put(tmp_path / "parts", files), digits)
    check(
        put(tmp_path / "hub", {f"mnist/{key}": content for key, content in files.items()} | {"README.md": b"#"}), digits
    )
    del files[name.format("train", 1, 3)]
    refused(put(tmp_path / "fewer", files), "train-00000-of-00003.parquet", "missing")
    refused(put(tmp_path / "many", {"train-0-of-99999999999.parquet": whole}), "train-0-of-99999999999.parquet")
    twice = {"train.parquet": whole, name.format("train", 0, 1): whole}
    refused(put(tmp_path / "twice", twice), "train-00000-of-00001.parquet", "others")
    for columns, named in (
        ({"pixels": [b"x"], "label": [1]}, "row 1 is no picture"),
        ({"image": [{"bytes": png(images[0])}, {"bytes": None}], "label": [1, 2]}, "row 2 has no picture"),
        ({"image": [{"bytes": png(images[0]), "path": None}], "label": [None]}, "row 1 has no label"),
        ({"image": [png(images[0]), png(images[0][:9])], "label": [1, 2]}, "row 2 has 9x28, the first 28x28"),
        ({"image": ["a"], "label": [1]}, "holds the columns image, label"),
        ({"image": [png(images[0])]}, "holds the columns image"),
        (
            {"pixel0": [1], "label": [1]},
            f"pandas.read_parquet('{tmp_path / 'odd.parquet'}').to_csv('digits.csv', index",
        ),
    ):
        pq.write_table(pa.table(columns), tmp_path / "odd.parquet")
        refused(tmp_path / "odd.parquet", "odd.parquet", named)
    for content in (whole[:-20], whole[:100], b"PAR1", b"not"):
        put(tmp_path, {"odd.parquet": content})
        refused(tmp_path / "odd.parquet", "odd.parquet")


def test_without_pyarrow_the_extra_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    put(tmp_path, {"mine.parquet": b"PAR1"})
    refused(tmp_path / "mine.parquet", "mine.parquet", "pip install 'timetravel-1989[parquet]'")


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
