"""Words and files that nobody would type or hand in on purpose: each ends with a result or with one clear message."""

import copy
import io
import json
import os
import random
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner

from timetravel.api.results import load
from timetravel.cli.app import app
from timetravel.commands.saved import intact, saved
from timetravel.digits import pictures
from timetravel.errors import DataError, TimetravelError, UsageError
from timetravel.projection.inputs import read_assumptions
from timetravel.recipes import Recipe
from timetravel.report import render
from timetravel.report.page.chapters import kind
from timetravel.report.tables import sections

GROUP: Any = typer.main.get_command(app)
WORDS = (
    "0", "1", "-1", "2,3", "0,1", "0.5", "1e9", "1e400", "nan", "inf", "9" * 400, "1_0", "٣", "²", " 1", "", " ", "x",
    "ü数字", "\x1b[31m", "[red]", "[/]", "a" * 300, "../x", "/", "/dev/zero", "'", '"', "--", "-", "learning_rate=0,1",
    "learning_rate=0.01:0.1:log", "epochs=nan", "=", "width=1e400", "own.npz", "1989", "today", "usps", "max", "full",
    "results.json", "results.json:9/9", "pipe", "a\nb", "%s", "{0}", "~nobody", "10-19", "9-1", "0-999999999", "all",
)  # fmt: skip
SKIPPED = {"--open", "--help", "--install-completion", "--show-completion", "--version", "--device", "--minutes"}
TRAINS = {"train", "modernize", "scale-data", "scale-model", "interpretations", "tune", "foundation", "bench"}
FAST = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
LONG = settings(FAST, max_examples=12)


def commands(of: Any = GROUP, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in getattr(of, "commands", {}).items():
        yield from commands(command, (*path, name)) if hasattr(command, "commands") else [((*path, name), command)]


COMMANDS = {path: command for path, command in commands() if path != ("data", "fetch")}  # which asks the network


@st.composite
def lines(draw: Any) -> list[str]:
    """A command with a few of its own options, each with an odd value, and an odd number of arguments."""
    path = draw(st.sampled_from(sorted(COMMANDS)))
    word = st.sampled_from(WORDS) | st.text(max_size=8).filter(lambda text: "\x00" not in text)
    known = [option for option in COMMANDS[path].params if option.opts[0].startswith("--")]
    known = [option for option in known if option.opts[0] not in SKIPPED]
    typed = list(path)
    for option in draw(st.lists(st.sampled_from(known), max_size=3)) if known else ():
        flag = getattr(option, "is_flag", False)
        typed += [option.opts[0]] if flag else [f"{option.opts[0]}={draw(word)}"]
    argued = any(each.param_type_name == "argument" for each in COMMANDS[path].params)
    typed += draw(st.lists(word, max_size=2)) if argued else []
    return [*typed, *(["--dry-run"] if path[0] in TRAINS else [])]


@pytest.fixture
def folder(tmp_path: Path, own: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to stand in, with a few files of the names that are typed, and nothing else that can be reached."""
    inside = tmp_path / "inside"
    inside.mkdir()
    own.rename(inside / "own.npz")
    document = json.loads((Path(render.__file__).parents[1] / "published" / "train-usps.json").read_bytes())
    (inside / "results.json").write_text(json.dumps(document))
    os.mkfifo(inside / "pipe")
    monkeypatch.chdir(inside)
    monkeypatch.setenv("TIMETRAVEL_DIGITS", "own.npz")
    monkeypatch.setenv("TIMETRAVEL_DATA", str(inside))
    monkeypatch.setenv("HOME", str(tmp_path))
    return inside


@FAST
@given(lines())
def test_odd_words_are_read_or_refused(folder: Path, typed: list[str]) -> None:
    """As far as options are read: by what reads them, without the work."""
    path = next(path for path in COMMANDS if tuple(typed[: len(path)]) == path)
    try:
        COMMANDS[path].make_context(" ".join(path), typed[len(path) :])
    except (typer.Exit, TimetravelError) as refused:
        assert getattr(refused, "exit_code", 2) in (0, 2)  # noqa: PT017
    except Exception as refused:
        assert type(refused).__module__.endswith("click.exceptions"), repr(refused)  # noqa: PT017


@pytest.mark.slow
@LONG
@given(lines())
def test_odd_words_end_with_a_result_or_a_message(folder: Path, typed: list[str]) -> None:
    result = CliRunner().invoke(app, typed)
    assert result.exit_code in (0, 1, 2, 3), (typed, result.output, repr(result.exception))
    assert result.exception is None or isinstance(result.exception, SystemExit), (typed, repr(result.exception))
    assert {each.name for each in folder.parent.iterdir()} <= {"inside", "store"}, typed


def mutated(value: Any, luck: random.Random) -> Any:
    """Return a document with a few of its values gone, doubled or of another kind."""
    odd = (None, -1, 0, 10**30, float("nan"), "", "x\x1b[31m", "../../x", "\udcff", [], {}, [[]], True, "9" * 50)
    value = copy.deepcopy(value)
    for _ in range(luck.randint(1, 3)):
        place, last = value, None
        while isinstance(place, dict | list) and place and (last is None or luck.random() < 0.8):
            last = place, luck.choice(list(place) if isinstance(place, dict) else range(len(place)))
            place = place[last[1]]
        assert last is not None
        if luck.random() < 0.3:
            del last[0][last[1]]
        else:
            last[0][last[1]] = luck.choice(odd)
    return value


def shown(file: Path) -> None:
    """Read a document as show and page do, and write it in every way."""
    try:
        document = load(file).document
        with intact(str(file)):
            told = sections(document)
            render.plain(told), render.markdown(told), render.html("x", told, {}, "x"), kind(saved(file))
    except DataError as error:
        assert file.name in error.message  # noqa: PT017


@pytest.mark.parametrize("tries", [8, pytest.param(150, marks=pytest.mark.slow)])
def test_a_spoiled_result_is_shown_or_named(tmp_path: Path, tries: int) -> None:
    published = sorted((Path(render.__file__).parents[1] / "published").glob("*-*.json"))
    file = tmp_path / "spoiled.json"
    for seed in range(tries):
        luck = random.Random(seed)
        whole = json.loads(luck.choice(published if tries > 8 else published[-1:]).read_bytes())
        file.write_text(json.dumps(mutated(whole, luck)))
        shown(file)


@FAST
@given(st.binary(max_size=60) | st.text(alphabet="[]{}=,.:\"'\\\n #truefalsnd0123epochs", max_size=60).map(str.encode))
def test_a_recipe_of_any_bytes_is_read_or_named(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(content)
    for read in (Recipe.read, read_assumptions):
        try:
            read(file)
        except UsageError as error:
            assert error.hint  # noqa: PT017


@FAST
@given(st.sampled_from(pictures.FORMATS), st.integers(0, 2**32), st.integers(1, 12))
def test_a_spoiled_picture_is_read_or_named(form: str, seed: int, spoiled: int) -> None:
    luck, made = random.Random(seed), io.BytesIO()
    Image.effect_noise((12, 9), 80).save(made, form)
    content = bytearray(made.getvalue())
    for _ in range(spoiled):
        content[luck.randrange(len(content))] = luck.randrange(256)
    try:
        assert pictures.decode(bytes(content[: luck.randint(1, len(content))]), "spoiled").grey.ndim == 2
    except DataError as error:
        assert "spoiled" in error.message  # noqa: PT017


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0))
    with pytest.raises(DataError, match="too many pixels"):
        pictures.decode(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", b"") + chunk(b"IEND", b""), "bomb.png")
