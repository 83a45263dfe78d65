"""Fetching the USPS digits: torchvision downloads from a web server on this machine."""

import bz2
import gc
import hashlib
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from timetravel.digits import inventory, usps
from timetravel.errors import DataError

NAMES = ("usps.bz2", "usps.t.bz2")
FEW = b"".join(b"1 " + b" ".join(b"%d:-1" % at for at in range(1, 257)) + b"\n" for _ in range(50))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a web server and the folder that it serves."""
    served = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(served)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        port = server.stdout.readline().split(" port ")[1].split()[0]
        yield f"http://127.0.0.1:{port}", served
        server.terminate()


@pytest.fixture
def publish(site, monkeypatch) -> Iterator[Callable[..., None]]:
    """Serve these contents and have torchvision expect `expected`, by default the same."""
    from torchvision.datasets import USPS

    address, served = site
    monkeypatch.setenv("no_proxy", "*")

    def now(contents: dict[str, bytes], expected: dict[str, bytes] | None = None) -> None:
        for name in NAMES:
            (served / name).unlink(missing_ok=True)
        for name, content in contents.items():
            (served / name).write_bytes(content)
        files = {"train": NAMES[0], "test": NAMES[1]}
        known = contents if expected is None else expected
        entries = {split: [f"{address}/{name}", name, md5(known.get(name, b""))] for split, name in files.items()}
        monkeypatch.setattr(USPS, "split_list", entries)

    yield now
    with warnings.catch_warnings():  # urllib's HTTPError keeps its socket open until it is collected
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def originals(data_root) -> dict[str, bytes]:
    folder = usps.holding(data_root)
    if folder is None:
        pytest.skip(f"{data_root} does not hold the USPS files")
    return {name: (folder / name).read_bytes() for name in NAMES}


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def left_in(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_fetch_replaces_what_is_damaged_and_downloads_only_once(publish, originals, tmp_path):
    root = tmp_path / "data"
    (root / "USPS").mkdir(parents=True)
    (root / "USPS" / "usps.t.bz2").write_bytes(b"half")
    publish(originals)
    assert inventory.fetch("usps", root) == root / "USPS"
    assert left_in(root) == ["USPS/usps.bz2", "USPS/usps.t.bz2"]
    assert list((root / "USPS").glob(".*")) == []
    assert {name: (root / "USPS" / name).read_bytes() for name in NAMES} == originals
    publish({})
    assert inventory.fetch("usps", root) == root / "USPS"


def test_a_download_that_fails_leaves_nothing_behind(publish, tmp_path):
    publish({})
    root = tmp_path / "data"
    with pytest.raises(DataError, match=r"could not be downloaded.*404") as caught:
        inventory.fetch("usps", root)
    assert "by hand" in caught.value.hint
    assert left_in(root) == []


def test_a_download_that_arrives_incomplete_leaves_nothing_behind(publish, tmp_path):
    whole = dict.fromkeys(NAMES, bz2.compress(FEW))
    publish(whole | {"usps.t.bz2": whole["usps.t.bz2"][:-9]}, expected=whole)
    root = tmp_path / "data"
    with pytest.raises(DataError, match="could not be downloaded"):
        inventory.fetch("usps", root)
    assert left_in(root) == []


def test_where_one_file_is_not_as_published_neither_is_kept(publish, originals, tmp_path):
    publish(originals | {"usps.t.bz2": bz2.compress(FEW)})
    root = tmp_path / "data"
    with pytest.raises(DataError, match="holds 50 digits"):
        inventory.fetch("usps", root)
    assert left_in(root) == []


def test_a_data_folder_that_cannot_be_made_is_an_error_not_a_traceback(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match="could not be downloaded"):
        inventory.fetch("usps", tmp_path / "file")
