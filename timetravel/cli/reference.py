"""`python -m timetravel.cli.reference` prints docs/commands.md: every command with every option.

It is written from the declarations and not from what `--help` draws, so it is the same on every terminal and does not
change with Typer's taste.
"""

import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import typer
from rich.text import Text
from typer.models import ArgumentInfo

from timetravel.cli.app import app

WIDTH = 100
WORDS = {int: "NUMBER", Path: "PATH"}  # how the value of an option is called; TEXT otherwise
HEAD = """# Every command and option

Made from the program's own help by `python -m timetravel.cli.reference > docs/commands.md`; a test fails when it is
out of date. What the training commands do and how their tables are read is told in [train](train.md),
[modernize](modernize.md), [scale-data](scale-data.md) and [scale-model](scale-model.md); see also
[extrapolate](extrapolate.md), [data](data.md) and [the engine](engine.md).

Every command shows its help with `--help` or `-h`. `timetravel --install-completion` teaches your shell to complete
commands, eras, tweaks and sources; `timetravel --show-completion` prints what it would install. An option wins over its
environment variable, and that over the default. `TIMETRAVEL_STORE` names the folder of kept runs and has no option.

| exit code | means |
| --- | --- |
| 0 | done |
| 1 | the work failed: every run diverged, or a file can't be written |
| 2 | the command line asks for something that does not exist or is not allowed |
| 3 | digits or kept runs are missing or damaged |
| 130 | stopped with Ctrl-C; finished runs are kept |
"""


@dataclass(frozen=True)
class Parameter:
    """An option or an argument, as it is typed and explained."""

    names: tuple[str, ...]  # none for an argument
    value: str  # what is typed after the name; nothing for a switch
    help: str
    panel: str

    @property
    def label(self) -> str:
        """'--seeds TEXT', '--quiet, -q', 'NAME'."""
        return " ".join(part for part in (", ".join(self.names), self.value) if part)


@dataclass(frozen=True)
class Command:
    """A command or a group of commands."""

    path: str  # the words that call it
    help: str
    parameters: tuple[Parameter, ...]
    inner: tuple["Command", ...]
    examples: tuple[str, ...]

    def all(self) -> Iterator["Command"]:
        """Yield this command and all that it holds."""
        yield self
        for command in self.inner:
            yield from command.all()


def tree(group: typer.Typer = app, path: str = "timetravel") -> Command:
    """Return a group with all its commands, as they are declared."""
    inner = []
    for info in group.registered_commands:
        assert info.callback is not None
        name = info.name or info.callback.__name__.replace("_", "-")
        inner.append(
            Command(f"{path} {name}", about(info.callback), parameters(info.callback), (), examples(info.epilog))
        )
    for held in group.registered_groups:
        assert held.typer_instance is not None
        inner.append(tree(held.typer_instance, f"{path} {held.name}"))
    root = group.registered_callback.callback if group.registered_callback else None
    text = about(root) if root else plain(group.info.help)
    return Command(path, text, parameters(root) if root else (), tuple(inner), examples(group.info.epilog))


def parameters(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """Return what a command's function declares."""
    hints = get_type_hints(function, include_extras=True)
    return tuple(
        parameter(name, hints[name], declared.default)
        for name, declared in inspect.signature(function).parameters.items()
    )


def parameter(name: str, annotated: Any, default: Any) -> Parameter:
    """Read one declaration: Annotated[its type, typer.Option(...) or typer.Argument(...)]."""
    kind, info = get_args(annotated)
    text = [plain(info.help)]
    if info.envvar:
        text.append(f"[env var: {info.envvar}]")
    if isinstance(info, ArgumentInfo):
        return Parameter((), info.metavar or name.upper(), " ".join(text), "Arguments")
    if not isinstance(default, NoneType | bool) and info.show_default:
        text.append(f"[default: {default}]")
    value = "" if kind is bool else info.metavar or value_name(kind)
    # Typer takes the first name of an annotated option for its default and moves it later.
    names = tuple(word for word in (info.default, *info.param_decls) if isinstance(word, str))
    return Parameter(names, value, " ".join(text), info.rich_help_panel or "Options")


def value_name(kind: Any) -> str:
    """Return how help calls a value of a type: its choices, or a word."""
    if get_origin(kind) is Literal:
        return "|".join(map(str, get_args(kind)))
    (kind,) = [part for part in get_args(kind) if part is not NoneType] or [kind]
    return WORDS.get(kind, "TEXT")


def about(function: Callable[..., Any]) -> str:
    """Return a command's help, its docstring."""
    return plain(inspect.getdoc(function))


def examples(epilog: object) -> tuple[str, ...]:
    """Return the lines of an epilog."""
    return tuple(plain(epilog).split("\n\n")) if isinstance(epilog, str) else ()


def plain(text: object) -> str:
    """Return a help text without its markup, as `--help` shows it."""
    return Text.from_markup(text.strip()).plain if isinstance(text, str) else ""


def describe(command: Command) -> str:
    """Return a command's help as plain text."""
    arguments = [p.value for p in command.parameters if not p.names]
    usage = [command.path, *(["[OPTIONS]"] if any(p.names for p in command.parameters) else []), *arguments]
    lines = ["Usage: " + " ".join([*usage, *(["COMMAND"] if command.inner else [])])]
    lines += [line for paragraph in command.help.split("\n\n") for line in ["", *wrapped(paragraph)]]

    panels: dict[str, list[tuple[str, str]]] = {}
    for p in command.parameters:
        panels.setdefault(p.panel, []).append((p.label, p.help))
    if command.inner:
        panels["Commands"] = [(i.path.removeprefix(f"{command.path} "), i.help.split("\n\n")[0]) for i in command.inner]
    column = 4 + max((len(left) for rows in panels.values() for left, _ in rows), default=0)
    for name, rows in panels.items():
        lines += ["", name]
        for left, right in rows:
            first, *others = wrapped(right, WIDTH - column)
            lines += [f"  {left}".ljust(column) + first, *(" " * column + other for other in others)]
    if command.examples:
        lines += ["", "Examples", *(f"  {example.removeprefix('Start with: ')}" for example in command.examples)]
    return "".join(f"{line}\n" for line in lines)


def wrapped(text: str, width: int = WIDTH) -> list[str]:
    """Return a paragraph in lines."""
    return textwrap.wrap(" ".join(text.split()), width, break_long_words=False, break_on_hyphens=False) or [""]


def page() -> str:
    """Return docs/commands.md."""
    sections = [f"## {command.path}\n\n```text\n{describe(command)}```\n" for command in tree().all()]
    return "\n".join([HEAD, *sections])


if __name__ == "__main__":
    sys.stdout.write(page())
