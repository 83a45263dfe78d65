"""The pages say what the program does: options, links, examples, numbers."""

import json
import os
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from PIL import Image
from typer.main import get_command

from timetravel import published
from timetravel.cli.app import app
from timetravel.engine import native_backend
from timetravel.eras import ERAS
from timetravel.recipes import Recipe

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / "docs" / "reference" / "results.schema.json"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def tool(name: str, wanted: str) -> Any:
    """What a tool of the docs has under a name."""
    return runpy.run_path(str(ROOT / "docs" / "tools" / f"{name}.py"))[wanted]


def fenced(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


def slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def test_generated_parts_of_the_pages_are_current(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("COLUMNS", "40"), ("TERMINAL_WIDTH", "200"), ("FORCE_COLOR", "1"), ("LANG", "C")):
        monkeypatch.setenv(name, value)  # the same on every terminal
    for page, text in tool("pages", "pages")(ROOT).items():
        assert page.read_text() == text, f"{page.name}: run python docs/tools/pages.py"


def test_every_block_is_closed() -> None:
    for page in PAGES:
        names = re.findall(r"<!-- (/?)((?:screen|picture|table):[^>]+) -->", page.read_text())
        assert names[::2] == [("", name) for _, name in names[1::2]], page.name


def test_every_published_result_is_what_its_command_prints() -> None:
    schema, commands = json.loads(SCHEMA.read_text()), tool("pages", "COMMANDS")
    assert published.names() == sorted(commands)
    for name in published.names():
        document = published.read(name)
        jsonschema.validate(document, schema)
        assert document["provenance"]["command_line"] == f"timetravel {commands[name]} --json"
        assert "store" not in document["provenance"]
        failed = [row["label"] for row in document.get("rows", []) if row.get("diverged")]
        assert name.startswith("scale-model") or all(label in document["finding"] for label in failed), name


@pytest.mark.parametrize("name", ["tune", "compare"])
def test_what_the_pages_of_tune_and_compare_show_is_a_result(name: str) -> None:
    example = json.loads((ROOT / "docs" / "results" / f"{name}.json").read_text())
    jsonschema.validate(example, json.loads(SCHEMA.read_text()))
    assert example["command"] == name


@pytest.mark.parametrize("typed", ["predict docs/screens/page.png", "look today"])
def test_what_predict_and_look_find_is_as_the_schema_says(typed: str) -> None:
    asked = [sys.executable, "-m", "timetravel", *typed.split(), "--json"]
    found = json.loads(subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    jsonschema.validate(found, json.loads(SCHEMA.read_text()))
    assert found["command"] == typed.split(maxsplit=1)[0]


def test_every_published_row_of_an_era_has_that_eras_recipe() -> None:
    of_the_budget = {"epochs", "teacher_epochs", "averaging_epochs", "warm_up"}
    for name in published.names():
        for row in published.read(name).get("rows", []):
            if row.get("era") and row["net"] == "lecun1989":
                made, recipe = Recipe.from_dict(row["settings"]), ERAS[row["era"]].recipe
                differing = {name for name in vars(recipe) if getattr(made, name) != getattr(recipe, name)}
                assert differing - {"digest"} <= of_the_budget, (name, row["label"], differing)


def test_every_command_and_option_is_explained_and_told_of() -> None:
    by_hand = "\n".join(page.read_text() for page in PAGES if page.name != "commands.md")

    def check(command: Any, path: str) -> None:
        inner = getattr(command, "commands", {})
        assert command.help, path
        assert inner or path in by_hand, f"no page tells of {path}"
        for parameter in command.params:
            assert parameter.help or parameter.name in ("help", "install_completion", "show_completion"), path
        for name, one in inner.items():
            check(one, f"{path} {name}")

    check(get_command(app), "timetravel")


def test_nothing_tells_to_install_the_other_project_that_is_called_timetravel() -> None:
    texts = [*PAGES, ROOT / "pyproject.toml", *(ROOT / "timetravel").rglob("*.py")]
    for path in texts:
        assert not re.search(r"timetravel\[|pip install '?timetravel(?!-1989)", path.read_text()), path


def test_every_link_inside_the_project_resolves() -> None:
    for page in PAGES:
        prose = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", prose):
            if "://" in target or target.startswith("mailto:"):
                continue
            file, _, anchor = target.partition("#")
            path = page.parent / file if file else page
            assert path.exists(), f"{page.name} links to {target}"
            headings = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE) if anchor else []
            assert not anchor or anchor in map(slug, headings), f"{page.name} links to {target}"


def test_the_first_two_commands_of_the_readme_are_one_line_each() -> None:
    blocks = fenced(ROOT / "README.md", "bash")
    assert len(blocks) >= 2
    for block in blocks[:2]:
        assert len(block.strip().splitlines()) == 1
        assert shlex.split(block)


def test_the_readme_begins_with_what_its_command_prints() -> None:
    first = fenced(ROOT / "README.md", "text")[0]
    typed, _, shown = first.partition("\n\n")
    file = "timetravel/published/modernize-mnist.json"
    asked = [sys.executable, "-m", "timetravel", "show", file]
    settings = os.environ | {"COLUMNS": "100"}
    printed = subprocess.run(asked, cwd=ROOT, env=settings, capture_output=True, text=True, check=True).stdout
    assert typed == "$ timetravel modernize --tweaks all"
    assert [line.rstrip() for line in printed.strip().splitlines()] == shown.strip().splitlines()


def test_the_pages_are_short() -> None:
    generated = tool("pages", "BLOCK")
    by_hand = {
        page.relative_to(ROOT).as_posix(): generated.sub("", page.read_text())
        for page in PAGES
        if page.parent.name != "reference"
    }
    assert len((ROOT / "README.md").read_text().splitlines()) <= 100
    for name in get_command(app).commands:  # type: ignore[attr-defined]
        assert by_hand.get(f"docs/{name}.md", "").count("\n") <= 120, name
    assert sum(len(text.split()) for text in by_hand.values()) <= 15_000


@pytest.mark.slow
@pytest.mark.skipif(native_backend.missing() is not None, reason="takes an hour without the kernel")
def test_the_tutorial_runs_as_typed(tmp_path: Path) -> None:
    settings = os.environ | {"TIMETRAVEL_STORE": str(tmp_path / "runs")}
    (tmp_path / "timetravel").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m timetravel "$@"\n')
    (tmp_path / "timetravel").chmod(0o755)
    settings["PATH"] = f"{tmp_path}{os.pathsep}{settings['PATH']}"
    blocks = fenced(ROOT / "docs" / "tutorial.md", "sh")
    assert len(blocks) >= 6
    for block in blocks:
        made = subprocess.run(
            ["sh", "-e"], input=block, cwd=tmp_path, env=settings, capture_output=True, text=True, check=False
        )
        assert made.returncode == 0, block + made.stderr
        assert made.stdout.strip(), block


def test_the_picture_of_the_page_is_not_stale() -> None:
    with Image.open(ROOT / "docs" / "screens" / "page.png") as picture:
        made_of = picture.info["made of"]
    assert made_of == tool("page_picture", "digest")(ROOT), "run python docs/tools/page_picture.py"
