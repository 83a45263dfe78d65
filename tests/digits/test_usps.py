import bz2
from pathlib import Path

import numpy as np
import pytest

from timetravel.digits import Source, inventory, open_source, usps
from timetravel.errors import DataError, UsageError

TRAIN_CLASS_COUNTS = [1194, 1005, 731, 658, 652, 556, 664, 645, 542, 644]
TEST_CLASS_COUNTS = [359, 264, 198, 166, 200, 160, 170, 147, 166, 177]


@pytest.fixture(scope="module")
def folder(data_root: Path) -> Path:
    found = usps.holding(data_root)
    if found is None:
        pytest.skip(f"{data_root} does not hold the USPS files")
    return found


@pytest.fixture(scope="module")
def published_text(folder: Path) -> bytes:
    return bz2.decompress((folder / "usps.t.bz2").read_bytes())


@pytest.fixture(scope="module")
def source(folder: Path, data_root: Path) -> Source:
    return open_source("usps", data_root)


def test_these_are_the_digits_of_1989(source):
    training, test = source.training_digits(), source.test_digits()
    assert np.bincount(training.labels).tolist() == TRAIN_CLASS_COUNTS
    assert np.bincount(test.labels).tolist() == TEST_CLASS_COUNTS
    assert (source.train_count, source.test_count) == (7291, 2007)
    assert (source.published_train_count, source.published_test_count) == (7291, 2007)
    assert source.warnings == ()
    assert training.fingerprint == "b169874fa30ab9ea8a272ee14dc19c890d393d0a169a2d4399b22e8b0e9c48d2"
    assert test.fingerprint == "8fd8efbe8154d50ec2ac4e7369361b758153932573cf3b604a67a32c41ed3816"


def test_grey_levels_are_kept_as_published(source):
    training = source.training_digits()
    assert training.labels[:5].tolist() == [6, 5, 4, 7, 3]
    assert training.images[0, 0, 7:10].tolist() == np.array([-0.631, 0.862, -0.167], np.float32).tolist()
    assert (training.images.min(), training.images.max()) == (-1, 1)


def test_at_its_published_sizes_no_draw_changes_the_order(source):
    assert source.training_digits("0").fingerprint == source.training_digits("9").fingerprint
    assert source.test_digits("0").fingerprint == source.test_digits("9", "full").fingerprint
    assert "published order" in source.training_digits("9").provenance


def test_a_smaller_size_is_a_draw(source):
    drawn = source.training_digits("1", 100)
    assert drawn.fingerprint != source.training_digits("2", 100).fingerprint
    assert drawn.fingerprint == source.training_digits("1", 200).take(range(100)).fingerprint
    assert drawn.provenance.endswith("train: subset 1, 100 of 7,291")


def test_the_essays_draws_and_larger_sizes_are_refused(source):
    with pytest.raises(UsageError, match="on mnist only"):
        source.training_digits("karpathy-test-first")
    with pytest.raises(UsageError, match="2008"):
        source.test_digits(size=2008)


def test_both_layouts_are_found(folder, tmp_path):
    for name in ("usps.bz2", "usps.t.bz2"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    assert usps.find(tmp_path) == tmp_path
    (tmp_path / "USPS").mkdir()
    assert usps.find(tmp_path) == tmp_path
    for name in ("usps.bz2", "usps.t.bz2"):
        (tmp_path / name).rename(tmp_path / "USPS" / name)
    assert usps.find(tmp_path) == tmp_path / "USPS"
    assert len(usps.load("test", usps.find(tmp_path)).pool) == 2007


def test_where_they_are_missing_it_says_how_to_get_them(tmp_path, monkeypatch):
    monkeypatch.setenv("TIMETRAVEL_DATA", str(tmp_path))
    for root in (tmp_path, None):
        with pytest.raises(DataError, match=f"not in {tmp_path}") as caught:
            open_source("usps", root)
        for way in ("timetravel data fetch usps", "TIMETRAVEL_DATA", "--data-root"):
            assert way in caught.value.hint
        assert "\n" not in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_one_of_the_two_files_is_not_enough(tmp_path):
    (tmp_path / "usps.bz2").write_bytes(b"")
    with pytest.raises(DataError, match=r"usps\.t\.bz2 is missing"):
        open_source("usps", tmp_path)


def refused(folder: Path, text: bytes) -> str:
    path = folder / "usps.t.bz2"
    path.write_bytes(bz2.compress(text, 1))
    with pytest.raises(DataError) as caught:
        usps.load("test", folder)
    assert str(path) in caught.value.message
    assert "timetravel data fetch usps" in caught.value.hint
    return caught.value.message


def test_a_file_cut_short_is_never_used(folder, tmp_path):
    whole = (folder / "usps.t.bz2").read_bytes()
    for length in (0, 3, 1000, len(whole) - 1):
        (tmp_path / "usps.t.bz2").write_bytes(whole[:length])
        with pytest.raises(DataError, match=r"usps\.t\.bz2 is damaged"):
            usps.load("test", tmp_path)


def test_a_changed_byte_is_noticed(folder, tmp_path):
    content = bytearray((folder / "usps.t.bz2").read_bytes())
    content[len(content) // 2] ^= 255
    (tmp_path / "usps.t.bz2").write_bytes(content)
    with pytest.raises(DataError, match="is damaged"):
        usps.load("test", tmp_path)


def test_missing_lines_are_noticed(published_text, tmp_path):
    lines = published_text.splitlines(keepends=True)
    assert "holds 2,006 digits" in refused(tmp_path, b"".join(lines[:-1]))
    assert "not every line" in refused(tmp_path, published_text[: len(published_text) // 2])


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
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
    ],
)
def test_a_text_of_another_form_is_refused(published_text, tmp_path, old, new, named):
    short = b"".join(published_text.splitlines(keepends=True)[:20])
    assert old in short
    assert named in refused(tmp_path, short.replace(old, new, 1))


def test_another_edition_is_used_with_a_warning_that_prints_its_fingerprint(folder, published_text, tmp_path):
    other = published_text.replace(b" 6:-0.948", b" 6:-0.949", 1)
    (tmp_path / "usps.bz2").write_bytes((folder / "usps.bz2").read_bytes())
    (tmp_path / "usps.t.bz2").write_bytes(bz2.compress(other, 1))
    source = open_source("usps", tmp_path)
    fingerprint = source.test_digits().fingerprint
    assert len(source.warnings) == 1
    assert fingerprint in source.warnings[0]
    assert "usps.t.bz2" in source.warnings[0]
    (tmp_path / "usps.bz2").unlink()
    check = next(check for check in inventory.verify(tmp_path) if check.what == "usps test digits")
    assert check.ok
    assert fingerprint in check.found
    assert "another edition" in check.note


def test_repacked_files_with_the_same_content_are_the_known_edition(published_text, tmp_path):
    (tmp_path / "usps.t.bz2").write_bytes(bz2.compress(published_text, 1))
    assert usps.load("test", tmp_path).warning == ""
