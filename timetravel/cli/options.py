"""The options that commands share, declared once; a decorator adds them to a command and hands them over as one object.

How their texts are read stands here too: Typer calls the parsers. What takes long to import is imported when needed.
"""

import inspect
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_type_hints

import typer

from timetravel.errors import UsageError

MOST_SEEDS: Final = 10_000  # that anybody waits for
MOST_DIGITS: Final = 10**18
DIGITS, RUNS, OUTPUT = "Digits", "Runs", "Output"
# How many nets a recipe is trained by default, by the name of the command's function.
SEEDS: Final = {"train": "8", "modernize": "10", "scale_data": "3", "scale_model": "3", "interpretations": "2"}


def parse_seeds(text: str) -> tuple[int, ...]:
    """Read '8' as seeds 0 to 7, '0,3,5' and '10-19' as themselves; raises UsageError."""
    allowed = "Type how many (--seeds 8), a list (--seeds 0,3,5) or a range (--seeds 10-19)."
    seeds: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,9})(?:-([0-9]{1,9}))?\s*", part)
        if not match:
            raise UsageError(f"--seeds {text}: {part.strip() or 'nothing'!r} is not a seed.", allowed)
        first, last = int(match[1]), int(match[2] or match[1])
        if match[0] == text and match[2] is None:
            if first == 0:
                raise UsageError("--seeds 0: at least one seed is needed.", allowed)
            first, last = 0, first - 1
        if last < first:
            raise UsageError(f"--seeds {text}: the range {part.strip()} runs backwards.", allowed)
        if last - first >= MOST_SEEDS:
            few = f"At most {MOST_SEEDS:,} at a time."
            raise UsageError(f"--seeds {text}: {last - first + 1:,} seeds are too many.", few)
        seeds.extend(range(first, last + 1))
    if len(set(seeds)) < len(seeds):
        raise UsageError(f"--seeds {text}: a seed is named twice.", allowed)
    return tuple(seeds)


def parse_test(text: str | int) -> int | str:
    """Read the number of test digits, or 'full'; raises UsageError."""
    if text == "full" or isinstance(text, int):
        return text
    if not re.fullmatch("[0-9]{1,18}", text) or int(text) == 0:
        raise UsageError(f"--test {text} is not a number of test digits.", "Allowed: 1 or more (2007), or full.")
    return int(text)


def number(option: str, kind: type[int] | type[float], least: float, most: float = math.inf) -> Callable[[Any], Any]:
    """Return a parser of a whole number (int) or any number (float) from `least` to `most`."""
    ends = f"from {least:g} on" if most == math.inf else f"from {least:g} to {most:g}"

    def parse(text: Any) -> int | float:
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most or value == math.inf:
            whole = "whole " if kind is int else ""
            raise UsageError(f"{option} {text} is not allowed.", f"Allowed: {whole}numbers {ends}.")
        return value

    return parse


def parse_folder(text: Any) -> Path:
    """Read the path of a folder; raises UsageError for none."""
    if not str(text).strip():
        raise UsageError("--out '' names no folder.", "Type --out DIR; . is the folder that you are in.")
    return Path(text)


def comma_list(
    option: str, what: str, allowed: str, read: Callable[[str], Any], fits: Callable[[Any], bool], word: str = ""
) -> Callable[[str], tuple[Any, ...]]:
    """Return a parser of a comma list: `read` makes a number of each part, or raises ValueError, and `fits` allows it.

    what: the parts, as an error calls them; allowed: what to type; word: one that may stand alone in place of a list.
    """

    def parse(text: str) -> tuple[Any, ...]:
        if word and text == word:
            return (word,)
        values = []
        for part in map(str.strip, text.split(",")):
            try:
                value = read(part)
            except ValueError:
                value = None
            if value is None or not fits(value):
                raise UsageError(f"{option} {text}: {part or 'nothing'!r} is not {what}.", f"Type {allowed}.")
            values.append(value)
        return tuple(values)

    return parse


def parse_sizes(option: str, word: str = "") -> Callable[[str], tuple[Any, ...]]:
    """Return a parser of a comma list of numbers of training digits; `word` may stand alone in place of it."""
    allowed = f"whole numbers from 1 on, with commas: {option} 1000,7291,50000{f'; or {word}' if word else ''}"
    return comma_list(option, "a number of training digits", allowed, int, lambda size: 0 < size < MOST_DIGITS, word)


def option(panel: str | None, text: str, *names: str, **more: Any) -> Any:
    """Return an option with its help text, which stands in a panel of the help. Further names and settings: Typer's."""
    return typer.Option(*names, help=text, rich_help_panel=panel, **more)


def read_by(parser: Callable[..., Any], text: str, panel: str | None = None, metavar: str = "TEXT") -> Any:
    """Return an option with its help text whose values a parser reads."""
    return option(panel, text, metavar=metavar, parser=parser)


_DATA = (
    "Whose digits: mnist (in the package), usps (the originals of 1989), or a path to your own: a folder of IDX files "
    "or an .npz."
)
_ROOT = "The folder of downloaded digits.  \\[default: the platform's cache]"
_SUBSET = (
    "Train every seed on this subset of the digits: a number, or several (0-4); on mnist karpathy-test-first (the "
    "essay's), karpathy-train-first.  \\[default: subset s for seed s]"
)
_TEST = "How many test digits measure: full, or a number, as 1989's 2007."
_SEEDS = "How many nets: 8 means seeds 0 to 7; or the seeds themselves: 0,3,5 or 10-19."
_BACKEND = "What trains: the compiled kernel (native) or PyTorch."
_DEVICE = "Where nets train: cuda has a kernel of its own, mps means PyTorch; auto: a card, if there is one."
_WORKERS = "Nets trained at once.  \\[default: one a core]"
_MINUTES = "Stop after so long with what is known then.  \\[default: when all is done]"
_FRESH = "Train again what is kept already."
_DRY_RUN = "Say what would be trained and how long it takes; do nothing."
_LONG = "Every table, not the first screen alone."
_OUT = "A folder for results.json, report.md, report.html, table.csv and the charts."
_JSON = "Print one JSON document and nothing else."
_SOURCES, _SUBSETS = ["mnist", "usps"], ["0", "karpathy-test-first", "karpathy-train-first"]


@dataclass(frozen=True)
class Options:
    """The shared options of one call, as they were read. What a command does not take keeps its default here."""

    data: Annotated[str, option(DIGITS, _DATA, autocompletion=lambda: _SOURCES, envvar="TIMETRAVEL_DIGITS")] = "mnist"
    data_root: Annotated[Path | None, option(DIGITS, _ROOT, envvar="TIMETRAVEL_DATA")] = None
    subset: Annotated[str | None, option(DIGITS, _SUBSET, autocompletion=lambda: _SUBSETS)] = None
    test: Annotated[Any, read_by(parse_test, _TEST, DIGITS)] = "full"
    seeds: Annotated[Any, read_by(parse_seeds, _SEEDS, RUNS)] = "1"
    backend: Annotated[Literal["auto", "native", "torch"], option(RUNS, _BACKEND)] = "auto"
    device: Annotated[Literal["cpu", "cuda", "mps", "auto"], option(RUNS, _DEVICE)] = "cpu"
    workers: Annotated[Any, read_by(number("--workers", int, 1), _WORKERS, RUNS, "N")] = None
    minutes: Annotated[Any, read_by(number("--minutes", float, 0.01), _MINUTES, RUNS, "N")] = None
    fresh: Annotated[bool, option(RUNS, _FRESH, "--fresh")] = False
    dry_run: Annotated[bool, option(RUNS, _DRY_RUN, "--dry-run")] = False
    long: Annotated[bool, option(OUTPUT, _LONG, "--long")] = False
    out: Annotated[Any, read_by(parse_folder, _OUT, OUTPUT, "DIR")] = None
    as_json: Annotated[bool, option(OUTPUT, _JSON, "--json")] = False
    quiet: Annotated[bool, option(OUTPUT, "No progress and no notes.", "--quiet", "-q")] = False


def after_comma(names: Callable[[], list[str]]) -> Callable[[str], list[str]]:
    """Return what completes the last name of a comma list."""

    def complete(incomplete: str) -> list[str]:
        before = incomplete[: incomplete.rfind(",") + 1]
        return [before + name for name in names() if (before + name).startswith(incomplete)]

    return complete


def eras() -> list[str]:
    """Return the names of the eras."""
    from timetravel.eras import ERAS

    return list(ERAS)


Era = Annotated[str, typer.Option("--era", help="Whose recipe: 1989, 1989-essay, 2022 or today.", autocompletion=eras)]
_CHANGE = "Change a number of the recipe, as learning_rate=0.1. Repeatable."
Set = Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help=_CHANGE)]
OUTPUTS: Final = ("long", "out", "as_json", "quiet")
# Of the commands that choose on folds of the training digits.
ON_FOLDS: Final = ("data", "data_root", "subset", "seeds", "backend", "workers", "fresh", "dry_run", *OUTPUTS)


_HINTS: Final = get_type_hints(Options, include_extras=True)


def with_options(*names: str, **defaults: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add the options of those names (all, where none is given) to a command that takes `options: Options`.

    defaults: of this command, in place of the shared ones.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        shared = [each for each in fields(Options) if not names or each.name in names]

        @wraps(command)
        def wrapped(**given: Any) -> None:
            chosen = Options(**{each.name: given.pop(each.name) for each in shared})
            command(**given, options=chosen)

        own_defaults = {"seeds": SEEDS.get(command.__name__, "1")} | defaults
        parameters = [each for each in inspect.signature(command).parameters.values() if each.name != "options"]
        parameters += [
            inspect.Parameter(
                each.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=own_defaults.get(each.name, each.default),
                annotation=_HINTS[each.name],
            )
            for each in shared
        ]
        every = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
        wrapped.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
        return wrapped

    return decorate
