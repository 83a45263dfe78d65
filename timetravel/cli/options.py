"""The options that commands share, declared once; a decorator adds them to a command and hands them over as one object.

How their texts are read stands here too: Typer calls the parsers. What takes long to import is imported when needed.
"""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_type_hints

import typer

from timetravel.errors import UsageError

NUMBER = re.compile("[0-9]{1,18}")
DECIMAL = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})?")
MOST_SEEDS = 10_000
DIGITS, RUNS, OUTPUT = "Digits", "Runs", "Output"
# How many nets a recipe is trained by default.
SEEDS: Final = {
    "train": "8",
    "modernize": "10",
    "scale-data": "3",
    "scale-model": "3",
    "interpretations": "2",
    "tune": "1",
}


def parse_seeds(text: str) -> tuple[int, ...]:
    """Read '8' as seeds 0 to 7, '0,3,5' and '10-19' as themselves; raises UsageError."""
    allowed = "Type how many (--seeds 8), a list (--seeds 0,3,5) or a range (--seeds 10-19)."
    seeds: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,9})(?:-([0-9]{1,9}))?\s*", part)
        if not match:
            raise UsageError(f"--seeds {text}: {part.strip() or 'nothing'!r} is not a seed.", allowed)
        first, last = int(match[1]), match[2]
        if last is None and "," not in text:
            if first == 0:
                raise UsageError("--seeds 0: at least one seed is needed.", allowed)
            seeds = list(few(text, range(first)))
            break
        stop = first if last is None else int(last)
        if stop < first:
            raise UsageError(f"--seeds {text}: the range {part.strip()} runs backwards.", allowed)
        seeds.extend(few(text, range(first, stop + 1)))
    if len(set(seeds)) < len(seeds):
        raise UsageError(f"--seeds {text}: a seed is named twice.", allowed)
    return tuple(seeds)


def few(text: str, seeds: range) -> range:
    """Refuse more seeds than anybody waits for; raises UsageError."""
    if len(seeds) > MOST_SEEDS:
        raise UsageError(f"--seeds {text}: {len(seeds):,} seeds are too many.", f"At most {MOST_SEEDS:,} at a time.")
    return seeds


def parse_test(text: str | int) -> int | str:
    """Read the number of test digits, or 'full'; raises UsageError. A number, as the default is one, stays one."""
    if text == "full" or isinstance(text, int):
        return text
    if not NUMBER.fullmatch(text) or int(text) == 0:
        raise UsageError(f"--test {text} is not a number of test digits.", "Allowed: 1 or more (2007), or full.")
    return int(text)


def comma_list(
    option: str, what: str, allowed: str, read: Callable[[str], Any], *, word: str = ""
) -> Callable[[str], tuple[Any, ...]]:
    """Return a parser of a comma list: `read` makes a value of each part and raises ValueError for one that is none.

    what: the parts, as an error calls them; allowed: what to type; word: one that may stand alone in place of a list.
    """

    def parse(text: str) -> tuple[Any, ...]:
        if word and text == word:
            return (word,)
        values = []
        for part in text.split(","):
            try:
                values.append(read(part.strip()))
            except ValueError as error:
                raise UsageError(
                    f"{option} {text}: {part.strip() or 'nothing'!r} is not {what}.", f"Type {allowed}."
                ) from error
        return tuple(values)

    return parse


def size(text: str) -> int:
    """Read a number of digits from 1 on; raises ValueError."""
    if not NUMBER.fullmatch(text) or int(text) == 0:
        raise ValueError(text)
    return int(text)


def error_in_percent(text: str) -> float:
    """Read an error above 0 and below 100; raises ValueError."""
    value = float(text)
    if not 0 < value < 100:
        raise ValueError(text)
    return value


def width(text: str) -> float:
    """Read a width in halves; raises ValueError."""
    from timetravel.recipes import RANGES

    low, high = RANGES["width"]
    value = float(text) if DECIMAL.fullmatch(text) else 0.0
    if not low <= value <= high or value % 0.5:
        raise ValueError(text)
    return value


def depth(text: str) -> int:
    """Read a number of further layers; raises ValueError."""
    from timetravel.recipes import RANGES

    low, high = RANGES["depth"]
    if not NUMBER.fullmatch(text) or not low <= int(text) <= high:
        raise ValueError(text)
    return int(text)


def parse_sizes(option: str, word: str = "") -> Callable[[str], tuple[Any, ...]]:
    """Return a parser of a comma list of numbers of training digits; `word` may stand alone in place of it."""
    allowed = f"whole numbers from 1 on, with commas: {option} 1000,7291,50000{f'; or {word}' if word else ''}"
    return comma_list(option, "a number of training digits", allowed, size, word=word)


@dataclass(frozen=True)
class Options:
    """The shared options of one call, as they were read. What a command does not take keeps its default here."""

    data: Annotated[
        str,
        typer.Option(
            help="Whose digits: mnist (in the package), usps (the originals of 1989), or a path to your own: "
            "a folder of IDX files or an .npz.",
            rich_help_panel=DIGITS,
            autocompletion=lambda: ["mnist", "usps"],
            envvar="TIMETRAVEL_DIGITS",
        ),
    ] = "mnist"
    data_root: Annotated[
        Path | None,
        typer.Option(
            help="The folder of downloaded digits.  \\[default: the platform's cache]",
            rich_help_panel=DIGITS,
            envvar="TIMETRAVEL_DATA",
            show_default=False,
        ),
    ] = None
    subset: Annotated[
        str,
        typer.Option(
            help="Which digits are used: a seed, or on mnist karpathy-test-first (the essay's), karpathy-train-first.",
            rich_help_panel=DIGITS,
            autocompletion=lambda: ["0", "karpathy-test-first", "karpathy-train-first"],
        ),
    ] = "0"
    test: Annotated[
        Any,
        typer.Option(
            help="How many test digits measure: 2007, another number, or full.",
            rich_help_panel=DIGITS,
            metavar="TEXT",
            parser=parse_test,
        ),
    ] = 2007
    seeds: Annotated[
        Any,
        typer.Option(
            help="How many nets: 8 means seeds 0 to 7; or the seeds themselves: 0,3,5 or 10-19.",
            rich_help_panel=RUNS,
            metavar="TEXT",
            parser=parse_seeds,
        ),
    ] = "1"
    backend: Annotated[
        Literal["auto", "native", "torch"],
        typer.Option(help="What trains: the compiled kernel (native) or PyTorch.", rich_help_panel=RUNS),
    ] = "auto"
    device: Annotated[
        Literal["cpu", "cuda", "mps", "auto"],
        typer.Option(
            help="Where nets train: cuda has a kernel of its own, mps means PyTorch; auto: a card, if there is one.",
            rich_help_panel=RUNS,
        ),
    ] = "cpu"
    workers: Annotated[
        int | None, typer.Option(min=1, help="Nets trained at once.  \\[default: one a core]", rich_help_panel=RUNS)
    ] = None
    fresh: Annotated[bool, typer.Option("--fresh", help="Train again what is kept already.", rich_help_panel=RUNS)] = (
        False
    )
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Say what would be trained and how long it takes; do nothing.", rich_help_panel=RUNS
        ),
    ] = False
    long: Annotated[
        bool, typer.Option("--long", help="Every table, not the first screen alone.", rich_help_panel=OUTPUT)
    ] = False
    out: Annotated[
        Path | None,
        typer.Option(
            help="A folder for results.json, report.md, report.html, table.csv and the charts.",
            rich_help_panel=OUTPUT,
            show_default=False,
        ),
    ] = None
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document and nothing else.", rich_help_panel=OUTPUT)
    ] = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no notes.", rich_help_panel=OUTPUT)] = (
        False
    )


def _eras() -> list[str]:
    from timetravel.eras import ERAS

    return list(ERAS)


Era = Annotated[str, typer.Option("--era", help="Whose recipe: 1989, 1989-essay, 2022 or today.", autocompletion=_eras)]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=VALUE", help="Change a number of the recipe, as learning_rate=0.1. Repeatable."
    ),
]
Epochs = Annotated[
    int | None,
    typer.Option(
        "--epochs", min=1, help="Epochs over the training digits.  \\[default: the recipe's]", rich_help_panel=RUNS
    ),
]
OUTPUTS: Final = ("long", "out", "as_json", "quiet")


def with_options(*names: str, **defaults: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add the options of those names (all, where none is given) to a command that takes `options: Options`.

    defaults: of this command, in place of the shared ones.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        hints = get_type_hints(Options, include_extras=True)
        shared = [field for field in fields(Options) if not names or field.name in names]

        def wrapped(**given: Any) -> None:
            chosen = {field.name: given.pop(field.name) for field in shared}
            command(**given, options=Options(**chosen))

        own = [each for each in inspect.signature(command).parameters.values() if each.name != "options"]
        added = [
            inspect.Parameter(
                field.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=defaults.get(field.name, field.default),
                annotation=hints[field.name],
            )
            for field in shared
        ]
        every = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own] + added
        wrapped.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
        own_hints = get_type_hints(command, include_extras=True)
        wrapped.__annotations__ = {each.name: own_hints.get(each.name, each.annotation) for each in every}
        wrapped.__name__, wrapped.__doc__, wrapped.__module__ = command.__name__, command.__doc__, command.__module__
        return wrapped

    return decorate
