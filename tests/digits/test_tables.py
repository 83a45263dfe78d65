"""Tables of one's own digits, CSV and parquet: read to the last label and pixel, or refused by line and value."""

import gzip
import io
import re
import sys

import numpy as np
import pandas as pd
import pytest
from stored_files import TEST, check, csv, kaggle, png, put, refused

from timetravel.digits import open_source, stored


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
