"""The pages say what the program does: options, links, examples."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from timetravel.cli import reference
from timetravel.cli.app import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = list(reference.tree().all())


def fenced(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


def slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def test_the_page_of_options_is_current() -> None:
    page = (ROOT / "docs" / "commands.md").read_text()
    assert page == reference.page(), "run: python -m timetravel.cli.reference > docs/commands.md"
    assert max(len(line) for text in fenced(ROOT / "docs" / "commands.md", "text") for line in text.splitlines()) <= 100


@pytest.mark.parametrize("width", ["40", "200"])
def test_the_page_of_options_is_the_same_on_every_terminal(width: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = reference.page()
    for name, value in (("COLUMNS", width), ("TERMINAL_WIDTH", width), ("FORCE_COLOR", "1"), ("LANG", "C")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR")
    assert reference.page() == page
    assert "\x1b" not in page


def test_every_command_and_option_is_explained_and_named_in_the_docs() -> None:
    by_hand = "\n".join(page.read_text() for page in PAGES if page.name != "commands.md")
    by_program = (ROOT / "docs" / "commands.md").read_text()
    for command in COMMANDS:
        assert command.help, command.path
        assert command.path in by_hand or command.inner, f"no page tells of {command.path}"
        for parameter in command.parameters:
            assert parameter.help, (command.path, parameter)
            for name in parameter.names or (parameter.value,):
                assert name in by_program, (command.path, name)


def test_the_page_of_options_leaves_none_out() -> None:
    def check(command: Any, path: str) -> None:
        (described,) = [c for c in COMMANDS if c.path == path]
        listed = {name for parameter in described.parameters for name in parameter.names}
        declared = {name for p in command.params if p.param_type_name == "option" for name in p.opts}
        assert declared - listed <= {"--help", "-h", "--install-completion", "--show-completion"}
        assert listed <= declared
        for name, inner in getattr(command, "commands", {}).items():
            check(inner, f"{path} {name}")

    check(get_command(app), "timetravel")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.path)
def test_help_shows_what_the_page_says(command: reference.Command) -> None:
    result = CliRunner().invoke(app, [*command.path.split()[1:], "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    for parameter in command.parameters:
        for name in parameter.names:
            assert name in result.output


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_inside_the_project_resolves(page: Path) -> None:
    prose = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", prose):
        if "://" in target or target.startswith("mailto:"):
            continue
        file, _, anchor = target.partition("#")
        path = page.parent / file if file else page
        assert path.exists(), f"{page.name} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
            assert anchor in map(slug, headings), f"{page.name} links to {target}"


def test_the_first_two_commands_of_the_readme_are_one_line_each() -> None:
    for block in fenced(ROOT / "README.md", "bash")[:2]:
        assert len(block.strip().splitlines()) == 1
        assert shlex.split(block)
    assert len(fenced(ROOT / "README.md", "bash")) >= 2


def test_the_python_of_the_engines_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    for code in fenced(ROOT / "docs" / "engine.md", "python"):
        exec(compile(code, "docs/engine.md", "exec"), names)
    printed = capsys.readouterr().out
    assert [run.seed for run in names["runs"]] == [0, 1]
    assert all(0 < run.test.mistakes < 100 for run in names["runs"])
    assert re.search(r"^seed 0: \d+ of 200, \d+\.\d\d %$", printed, re.MULTILINE)
    assert "parameters=9760" in printed
    assert (names["step"].optimizer, names["step"].momentum) == ("momentum", 0.95)
