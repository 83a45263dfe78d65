"""Files, folders, streams, terminals and clocks as people and machines have them. Whole processes are slow."""

import datetime
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from timetravel import files
from timetravel.api import consoles
from timetravel.commands.reading import number
from timetravel.errors import DataError, TimetravelError, UsageError
from timetravel.projection.inputs import read_assumptions
from timetravel.recipes import Recipe, changed
from timetravel.report.files import check_file, check_folder, write

TRAIN = ("train", "--seeds", "1", "--epochs", "1")
PUBLISHED = Path(files.__file__).parent / "published"


def called(*words: str, **how: Any) -> "subprocess.CompletedProcess[bytes]":
    """Run the program as a process; what it writes is bytes."""
    env = os.environ | how.pop("env", {})
    told = subprocess.run([sys.executable, "-m", "timetravel", *words], check=False, env=env, **how)
    assert b"Traceback" not in (told.stderr or b""), told.stderr
    return told


# Files of a user


def test_a_pipe_a_device_or_a_large_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), Path("/dev/full")):
        with pytest.raises(DataError, match="is a pipe or a device"):
            files.contents(path, str(path), "")
    if os.access("/proc/kmsg", os.R_OK):  # says that it is a file, and waits for more
        assert isinstance(files.contents(Path("/proc/kmsg"), "kmsg", ""), bytes)
    (tmp_path / "large").write_bytes(b"")
    os.truncate(tmp_path / "large", files.LARGEST + 1)
    with pytest.raises(DataError, match="too large"):
        files.contents(tmp_path / "large", "large", "")
    for path, told in ((tmp_path, "Is a directory"), (tmp_path / "none", "No such file"), (Path("a\0b"), "null ")):
        with pytest.raises(UsageError, match=f"mine can't be read: .*{told}"):
            files.contents(path, "mine", "", UsageError)


@pytest.mark.parametrize(
    "words",
    [("show",), ("page", "--from"), ("train", "--recipe"), ("extrapolate", "--assume"), ("extrapolate", "--ledger"),
     ("extrapolate", "--score"), ("extrapolate", "--milestones"), ("predict",), ("look", "x.json:1"), ("page", "--out"),
     ("export", "1989", "--out")],
    ids=" ".join,
)  # fmt: skip
def test_every_option_refuses_a_pipe(run, tmp_path: Path, words: tuple[str, ...], monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("pipe", "x.json"):
        os.mkfifo(name)
    code = 2 if words[0] in ("train", "extrapolate", "export") or "--out" in words else 3
    given = words if "x.json:1" in words else (*words, "pipe")
    assert "pipe or a device" in " ".join(run(*given, code=code).output.replace("│", " ").split())
    assert Path("pipe").is_fifo()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_a_file(run, tmp_path: Path, encoding: str) -> None:
    recipe, assumed, saved = (tmp_path / name for name in ("mine.toml", "assume.toml", "results.json"))
    recipe.write_text("epochs = 3\n", encoding=encoding)
    assert Recipe.read(recipe).epochs == 3
    assumed.write_text("[algorithm_growth]\nvalue = 1.4\n", encoding=encoding)
    assert read_assumptions(assumed)["algorithm_growth"].low == 1.4
    saved.write_text((PUBLISHED / "train-usps.json").read_text(encoding="utf-8"), encoding=encoding)
    assert "1989" in run("show", saved).output


def test_a_decimal_comma_is_refused_with_the_number_written_with_a_point(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"Did you mean 0\.5\?"):
        number("--minutes", float, 0.01)("0,5")
    with pytest.raises(UsageError, match=r"Did you mean 0\.1\?"):
        changed(Recipe(), ["learning_rate=0,1"])
    (tmp_path / "mine.toml").write_text("epochs = 3\nlearning_rate = 0,1\n")
    with pytest.raises(UsageError) as refused:
        Recipe.read(tmp_path / "mine.toml")
    assert "Write numbers with a point: 0.1." in refused.value.hint


@pytest.mark.parametrize("text", ["a=" + "[" * 100_000, "a = 1" + "0" * 5000, "a." * 5000 + "b = 1"])
def test_toml_without_measure_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "bomb.toml").write_text(text)
    with pytest.raises(UsageError, match=r"bomb\.toml"):
        Recipe.read(tmp_path / "bomb.toml")


@pytest.mark.parametrize("depth", [400, 900, 100_000])
def test_a_document_too_deep_is_named(run, tmp_path: Path, depth: int, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    document = json.loads((PUBLISHED / "train-usps.json").read_text(encoding="utf-8")) | {"rows": "deep"}
    text = json.dumps(document).replace('"deep"', "[" * depth + "]" * depth)
    (tmp_path / "deep.json").write_text(text)
    assert "deep.json" in run("show", "deep.json", code=3).output


def test_what_cannot_be_printed_is_no_part_of_a_document() -> None:
    name = os.fsdecode(b"b\xff\x1b[31m.npz")
    assert files.clean({name: [name, 1.5]}) == {"b??[31m.npz": ["b??[31m.npz", 1.5]}
    assert files.clean("数字 ü\n") == "数字 ü\n"


# Folders


def test_nothing_is_written_elsewhere_than_asked(run, tmp_path: Path, monkeypatch) -> None:
    inside = tmp_path / "inside"
    for name in ("../out.svg", str(tmp_path / "out.svg"), "a/b.svg"):
        with pytest.raises(TimetravelError, match="no name of a file"):
            write({name: b"x"}, inside)
    inside.mkdir(exist_ok=True)
    monkeypatch.chdir(inside)
    run("export", "1989", "--to", "json", "--out", "net.json")
    net = json.loads(Path("net.json").read_text(encoding="utf-8")) | {"label": "../../évil\n/net, seed 0"}
    Path("net.json").write_text(json.dumps(net))
    run("export", "net.json", "--to", "json")
    assert sorted(each.name for each in inside.iterdir()) == ["net.json", "évil-net-seed-0.json"]


def test_what_out_names_is_checked_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "results.json").mkdir()
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere" / "at-all")
    for folder in (tmp_path, tmp_path / "file", tmp_path / "file" / "in", tmp_path / "link", tmp_path / ("a" * 300)):
        with pytest.raises(TimetravelError, match=r"--out .* can't be written"):
            check_folder(folder)
    for path in (Path("/dev/null"), Path("/dev/zero"), tmp_path):
        with pytest.raises(UsageError, match=r"is a (pipe or a device|folder)"):
            check_file(path, "page.html")


def test_a_current_folder_that_is_gone_is_met_before_the_work(run, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert "current folder is gone" in run("train", "--seeds", "1", code=1).output


def test_a_folder_that_may_not_be_searched_is_named(run, monkeypatch) -> None:
    def denied(path: object, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("timetravel.engine.store.Store.results", lambda _: denied("mine/results"))
    assert "mine/results can't be used: Permission denied." in run("page", "--no-training", code=1).output


def test_a_full_disk_is_met_before_the_work(tmp_path: Path, monkeypatch) -> None:
    class Full:
        def __enter__(self) -> "Full":
            return self

        def __exit__(self, *_: object) -> None: ...

        def write(self, content: bytes) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.tempfile, "TemporaryFile", lambda **_: Full())
    with pytest.raises(TimetravelError, match="No space left"):
        check_folder(tmp_path / "out")


@pytest.mark.slow
def test_a_disk_that_is_full_in_the_middle_leaves_nothing_half_written(tmp_path: Path, own: Path) -> None:
    """Files may have 30,000 bytes: less than the report's page, more than a table."""
    words = (*TRAIN, "--data", str(own), "--out", "out")
    assert called(*words, cwd=tmp_path, capture_output=True).returncode == 0
    whole = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    shutil.rmtree(tmp_path / "out")
    told = called(
        *words, cwd=tmp_path, capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000)),
    )  # fmt: skip
    assert told.returncode == 1
    assert b"File too large" in told.stderr
    assert b"mistakes" in told.stdout  # the result is printed nevertheless
    left = {path.name: len(path.read_bytes()) for path in (tmp_path / "out").iterdir()}
    assert left.keys() < whole.keys()
    assert all(not name.startswith(".") for name in left)
    assert max(left.values()) <= 30_000


# Streams and terminals


@pytest.mark.parametrize("size", ["0", "00", "-5", "x", "²", "99999999", "", "9" * 5000])
def test_a_size_that_no_terminal_has_is_none(monkeypatch, size: str) -> None:
    for name in consoles.SIZES:
        monkeypatch.setenv(name, size)
    assert (consoles.results().width, consoles.errors().width) == (80, 80)


@pytest.mark.slow
@pytest.mark.parametrize("words", [TRAIN, ("--version",), ("modernize", "--list")])
def test_streams_that_are_closed_or_full_cost_no_result(tmp_path: Path, own: Path, words: tuple[str, ...]) -> None:
    words = (*words, "--data", str(own)) if "train" in words else words
    line = f"{sys.executable} -m timetravel {' '.join(words)}"

    def shell(redirected: str) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            ["bash", "-c", f"{line} {redirected}"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stderr
        assert "Exception" not in done.stderr
        return done

    whole = shell("2>/dev/null").stdout
    assert whole
    for redirected in ("2>&- <&-", "2>/dev/full", "2> >(true)"):
        done = shell(redirected)
        assert (done.returncode, done.stdout) == (0, whole), redirected
    for redirected in (">&-", ">&- 2>&- <&-"):
        assert shell(redirected).returncode == 0, redirected
    full = shell("--out out >/dev/full" if "train" in words else ">/dev/full")
    assert (full.returncode, "nothing can be written: No space" in full.stderr) == (1, True)
    assert (tmp_path / "out" / "results.json").exists() == ("train" in words)
    assert shell("| true").stderr.count("rror") == 0


@pytest.mark.slow
def test_names_that_are_no_text_are_found_and_told(tmp_path: Path, own: Path) -> None:
    name = os.fsdecode(b"b\xff[red]d")
    folder = tmp_path / name
    folder.mkdir()
    data = folder / f"{name}\n.npz"
    own.rename(data)
    here = {"cwd": tmp_path, "capture_output": True, "env": {"TIMETRAVEL_STORE": str(folder / "store")}}
    assert called(*TRAIN, "--data", str(data), "--out", str(folder / "out"), **here).returncode == 0
    saved = folder / "out" / "results.json"
    assert "\\ud" not in saved.read_text(encoding="utf-8")
    (folder / f"{name}.toml").write_text("epochs = 1\n")
    for words in (
        ("show", str(saved), "--out", "again"),
        ("compare", str(saved), str(saved), "--json"),
        (*TRAIN, "--data", str(data), "--recipe", str(folder / f"{name}.toml"), "--json"),
        ("look", str(saved), "--data", str(data)),
    ):
        told = called(*words, **here)
        assert told.returncode == 0, (words, told.stderr)
        (told.stdout + told.stderr).decode()
    for written in (*tmp_path.glob("*/*.md"), *tmp_path.glob("*/*.json"), *tmp_path.glob("*.html")):
        written.read_text(encoding="utf-8").encode()


# Clocks


@pytest.mark.parametrize("start", [-86_400.0, 0.0, 4_102_444_800.0])
def test_no_clock_is_trusted(run, own: Path, tmp_path: Path, monkeypatch, start: float) -> None:
    """Before 1970, in it and in 2100, an hour earlier at every look: what is told of time is not taken from it."""
    looks = iter(range(10**9))

    def behind() -> float:
        return start - 3600 * next(looks)

    class Behind(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(seconds=behind())

    monkeypatch.setattr(time, "time", behind)
    monkeypatch.setattr(datetime, "datetime", Behind)
    document = json.loads(run(*TRAIN, "--data", own, "--json", "--quiet", "--fresh").stdout)
    assert 0 < document["rows"][0]["seconds_a_net"] < 600
