"""The registry of sources: MNIST in the package, USPS in the data folder; opened, listed, checked and fetched."""

import bz2
import gc
import hashlib
import lzma
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from platformdirs import user_cache_path
from torchvision.datasets import USPS

from timetravel.digits import SOURCES, data_root, inventory, open_source
from timetravel.digits.sources import mnist, usps
from timetravel.errors import DataError, UsageError

NAMES = ("usps.bz2", "usps.t.bz2")


@pytest.fixture(scope="module")
def folder(data_root):
    """Where the USPS files are."""
    found = usps.Usps.where(data_root)
    if not (found / NAMES[0]).is_file():
        pytest.skip(f"{data_root} does not hold the USPS files")
    return found


@pytest.fixture(scope="module")
def source(folder, data_root):
    return open_source("usps", data_root)


def test_what_is_neither_a_name_nor_a_path_is_a_usage_error_with_the_nearest_name():
    for name in ("mnits", "USPS", "", "no/such/path", "a" * 5000, "nul\0byte", "~nobody-here/x"):
        with pytest.raises(UsageError) as caught:
            open_source(name)
        assert repr(name) in caught.value.message
        assert all(source in caught.value.hint for source in SOURCES)
    for typed, meant in {"mnits": "mnist", "USPS": "usps", "usp": "usps"}.items():
        for use in (open_source, inventory.fetch):
            with pytest.raises(UsageError) as caught:
                use(typed)
            assert caught.value.hint.startswith(f"Did you mean {meant}?")


def test_the_data_folder_is_the_argument_the_environment_or_the_cache(monkeypatch, tmp_path):
    cache = user_cache_path("timetravel") / "data"
    for value, found in ((tmp_path, tmp_path), ("~/digits", Path.home() / "digits"), ("", cache)):
        monkeypatch.setenv("TIMETRAVEL_DATA", str(value))
        assert data_root() == data_root(None) == found
        assert data_root(tmp_path / "told") == tmp_path / "told"
    monkeypatch.delenv("TIMETRAVEL_DATA")
    assert data_root() == cache


def test_the_whole_of_mnist_is_the_published_one():
    source = open_source("mnist")
    for split, labels in (("train", [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]), ("test", [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])):
        pool = source.load(split)
        assert pool.pixels.shape == (source.counts[split], 28, 28)
        assert pool.labels[:10].tolist() == labels
    counts = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]  # as published
    assert np.bincount(source.test_digits(size="full").labels).tolist() == counts
    assert source.warnings == ()
    assert repr(source) == "Source(mnist, 60,000 training and 10,000 test digits)"
    provenance = source.test_digits("3", 100).provenance
    assert provenance.startswith("MNIST (LeCun, Cortes, Burges")
    assert provenance.endswith("; test: subset 3, 100 of 10,000")
    notice = mnist.PACKED.with_name("NOTICE").read_text(encoding="utf-8")
    for fact in ("LeCun", "Cortes", "Burges", "CC BY-SA 3.0", "repacked only", "mnist.xz"):
        assert fact in notice
    assert mnist.PACKED.stat().st_size < 9_200_000
    for digits, size, most in ((source.training_digits, 60_001, "60,000"), (source.test_digits, 10_001, "10,000")):
        with pytest.raises(UsageError, match=str(size)) as caught:
            digits(size=size)
        assert most in caught.value.hint
        with pytest.raises(UsageError, match="is not a subset"):
            digits("x")


def test_a_damaged_package_is_refused_by_name_and_listed_so(tmp_path, monkeypatch):
    whole, (images, labels) = mnist.PACKED.read_bytes(), mnist.read_parts(2)
    damaged, altered = tmp_path / "mnist.xz", lzma.compress(images[:-1] + b"\x01" + labels, preset=0)
    for content, named in (
        (whole[:500_000], "is damaged"),
        (whole[:100_000] + bytes([whole[100_000] ^ 1]) + whole[100_001:], "is damaged"),
        (b"not digits", "damaged or missing"),
        (altered, "t10k-images-idx3-ubyte has md5 [0-9a-f]{32}, not"),
        (None, "damaged or missing"),
    ):
        damaged.unlink(missing_ok=True)
        if content is not None:
            damaged.write_bytes(content)
        with pytest.raises(DataError, match=named) as caught:
            mnist.load("test", damaged)
        assert str(damaged) in caught.value.message
        assert "Install timetravel again" in caught.value.hint
    monkeypatch.setattr(mnist, "PACKED", damaged)
    assert inventory.inventory(tmp_path)[0].state.startswith("damaged: ")
    assert [check.ok for check in inventory.verify(tmp_path)] == [False]


def test_the_digits_of_1989_are_the_published_ones_and_a_smaller_size_is_a_subset(source, data_root):
    for split, digits, counts in (  # as published
        ("train", source.training_digits(), [1194, 1005, 731, 658, 652, 556, 664, 645, 542, 644]),
        ("test", source.test_digits(), [359, 264, 198, 166, 200, 160, 170, 147, 166, 177]),
    ):
        assert np.bincount(digits.labels).tolist() == counts
        assert digits.fingerprint == usps.FINGERPRINTS[split]
    assert source.warnings == ()
    training = source.training_digits("9")
    assert training.labels[:5].tolist() == [6, 5, 4, 7, 3]
    assert training.images[0, 0, 7:10].tolist() == np.array([-0.631, 0.862, -0.167], np.float32).tolist()
    assert source.training_digits("0").fingerprint == training.fingerprint  # at its size no subset changes the order
    assert source.test_digits("0").fingerprint == source.test_digits("9", "full").fingerprint
    assert "published order" in training.provenance
    fewer = source.training_digits("1", 100)
    assert fewer.fingerprint != source.training_digits("2", 100).fingerprint
    assert fewer.fingerprint == source.training_digits("1", 200).take(range(100)).fingerprint
    assert fewer.provenance.endswith("train: subset 1, 100 of 7,291")
    with pytest.raises(UsageError, match="on mnist only"):
        source.training_digits("karpathy-test-first")
    with pytest.raises(UsageError, match="2008"):
        source.test_digits(size=2008)
    status = inventory.inventory(data_root)[1]
    assert (status.ready, status.train_count, status.test_count) == (True, 7291, 2007)
    checks = inventory.verify(data_root)
    assert all(check.ok for check in checks), [check for check in checks if not check.ok]
    assert {"usps train digits", "usps test digits"} <= {check.what for check in checks}
    if (data_root / "MNIST" / "raw").is_dir():
        assert {part.file for part in mnist.PARTS} <= {check.what for check in checks}


def test_usps_is_found_in_both_layouts_and_where_it_is_missing_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("TIMETRAVEL_DATA", str(tmp_path))
    for root in (tmp_path, None):
        with pytest.raises(DataError, match=f"not in {tmp_path}") as caught:
            open_source("usps", root)
        for way in ("timetravel data fetch usps", "TIMETRAVEL_DATA", "--data-root"):
            assert way in caught.value.hint
        assert "\n" not in caught.value.hint
    assert list(tmp_path.iterdir()) == []
    (tmp_path / NAMES[0]).write_bytes(b"")
    with pytest.raises(DataError, match=r"usps\.t\.bz2 is missing"):
        open_source("usps", tmp_path)
    (tmp_path / NAMES[1]).write_bytes(b"")
    assert usps.find(tmp_path) == tmp_path
    (tmp_path / "USPS").mkdir()
    for name in NAMES:
        (tmp_path / name).rename(tmp_path / "USPS" / name)
    assert usps.find(tmp_path) == tmp_path / "USPS"


def test_damaged_files_of_usps_are_never_used_and_another_edition_with_a_warning(folder, tmp_path):
    path, whole = tmp_path / NAMES[1], (folder / NAMES[1]).read_bytes()
    text, middle = bz2.decompress(whole), len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :]
    lines = text.splitlines(keepends=True)
    cases = dict.fromkeys((*(whole[:n] for n in (0, 3, 1000, len(whole) - 1)), flipped), "is damaged")
    cases |= {bz2.compress(b"".join(lines[:-1]), 1): "holds 2,006 digits"}
    short = b"".join(lines[:20])
    cases |= {bz2.compress(short[:-100], 1): "not every line"}
    for old, new, named in (
        (b"10 1:", b"9 1:", "of the ten classes"),
        (b"10 1:", b"11 1:", "label is not a whole number from 1 to 10"),
        (b"10 1:", b"0 1:", "label is not"),
        (b"10 1:", b"1.5 1:", "label is not"),
        (b" 6:-0.948", b" 6:-1.948", "not within -1 to 1"),
        (b" 6:-0.948", b" 6:nan", "not within -1 to 1"),
        (b" 6:-0.948", b" 6:?", "could not convert"),
        (b" 6:-0.948", b" 7:-0.948", "not numbered 1 to 256"),
        (b" 6:-0.948", b"", "not every line"),
        (b" 6:-0.948", b" -0.948 6", "not numbered 1 to 256"),
    ):
        assert old in short
        cases[bz2.compress(short.replace(old, new, 1), 1)] = named
    for content, named in cases.items():
        path.write_bytes(content)
        with pytest.raises(DataError, match=named) as caught:
            usps.load("test", tmp_path)
        assert str(path) in caught.value.message
        assert "timetravel data fetch usps" in caught.value.hint
    path.write_bytes(bz2.compress(text.replace(b" 6:-0.948", b" 6:-0.949", 1), 1))
    (tmp_path / NAMES[0]).write_bytes((folder / NAMES[0]).read_bytes())
    (warning,) = open_source("usps", tmp_path).warnings
    (tmp_path / NAMES[0]).unlink()
    (check,) = (check for check in inventory.verify(tmp_path) if check.what == "usps test digits")
    assert check.ok
    assert check.found.removeprefix("sha256 ") in warning
    assert "usps.t.bz2" in warning
    assert "another edition" in check.note


def test_the_inventory_and_verify_tell_ready_missing_and_damaged_apart(tmp_path):
    ready, missing = inventory.inventory(tmp_path)
    assert ready.ready
    assert (ready.train_count, ready.test_count, ready.where) == (60_000, 10_000, str(mnist.PACKED))
    assert missing.state == "missing"
    assert "timetravel data fetch usps" in missing.how
    checks = inventory.verify(tmp_path)
    assert [check.what for check in checks] == [f"packaged {part.file}" for part in mnist.PARTS]
    assert all(check.ok and check.found == check.expected for check in checks)
    assert list(tmp_path.iterdir()) == []
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / "t10k-labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01")
    (tmp_path / NAMES[1]).write_bytes(b"BZh9")
    assert "usps.bz2 is missing" in inventory.inventory(tmp_path)[1].state
    bad = {check.what: check for check in inventory.verify(tmp_path) if not check.ok}
    assert set(bad) == {"t10k-labels-idx1-ubyte", "usps train digits", "usps test digits"}
    assert bad["t10k-labels-idx1-ubyte"].expected == "md5 27ae3e4e09519cfbb04c329615203637"
    assert "usps.t.bz2" in bad["usps test digits"].found
    assert bad["usps test digits"].note
    (tmp_path / NAMES[0]).write_bytes(b"BZh9")
    damaged = inventory.inventory(tmp_path)[1]
    assert damaged.state.startswith("damaged: ")
    assert "usps.bz2" in damaged.state
    assert not damaged.ready


@pytest.mark.slow
def test_fetch_replaces_what_is_damaged_and_leaves_nothing_behind_where_it_fails(folder, tmp_path, monkeypatch):
    originals = {name: (folder / name).read_bytes() for name in NAMES}
    few = bz2.compress(b"".join(b"1 " + b" ".join(b"%d:-1" % at for at in range(1, 257)) + b"\n" for _ in range(50)))
    whole, root, served = dict.fromkeys(NAMES, few), tmp_path / "data", tmp_path / "site"
    served.mkdir()
    monkeypatch.setenv("no_proxy", "*")
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(served)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        address = f"http://127.0.0.1:{server.stdout.readline().split(' port ')[1].split()[0]}"

        def publish(contents, expected):
            """Serve these contents and have torchvision expect those."""
            entries = []
            for name in NAMES:
                (served / name).unlink(missing_ok=True)
                if name in contents:
                    (served / name).write_bytes(contents[name])
                md5 = hashlib.md5(expected[name], usedforsecurity=False).hexdigest()
                entries.append([f"{address}/{name}", name, md5])
            monkeypatch.setattr(USPS, "split_list", dict(zip(("train", "test"), entries, strict=True)))

        for contents, named in (
            ({}, "could not be downloaded.*404"),
            (whole | {NAMES[1]: few[:-9]}, "could not be downloaded"),
            (whole, "holds 50 digits"),
        ):
            publish(contents, whole)
            with pytest.raises(DataError, match=named) as caught:
                inventory.fetch("usps", root)
            assert "by hand" in caught.value.hint
            assert [path for path in root.rglob("*") if path.is_file()] == []
        (root / "USPS" / NAMES[1]).write_bytes(b"half")
        publish(originals, originals)
        assert inventory.fetch("usps", root) == root / "USPS"
        assert {path.name: path.read_bytes() for path in (root / "USPS").iterdir()} == originals
        publish({}, originals)
        assert inventory.fetch("usps", root) == root / "USPS"  # which is there
        server.terminate()
    assert inventory.fetch("mnist", tmp_path / "other") == mnist.PACKED
    assert not (tmp_path / "other").exists()
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match="could not be downloaded"):
        inventory.fetch("usps", tmp_path / "file")
    with warnings.catch_warnings():  # urllib's HTTPError keeps its socket open until it is collected
        warnings.simplefilter("ignore", ResourceWarning)
        del caught
        gc.collect()
