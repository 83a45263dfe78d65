"""The options that commands share, declared once, and how their texts are read."""

import re
from pathlib import Path
from typing import Annotated, Literal

import typer

from timetravel.errors import UsageError
from timetravel.recipes import RANGES

NUMBER = re.compile("[0-9]{1,18}")
DECIMAL = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})?")
MOST_SEEDS = 10_000
MOST_SUBSETS = 20
DIGITS, RUNS, OUTPUT = "Digits", "Runs", "Output"


def _sources() -> list[str]:
    return ["mnist", "usps"]


def _subsets() -> list[str]:
    return ["0", "karpathy-test-first", "karpathy-train-first"]


Data = Annotated[
    str,
    typer.Option(
        "--data",
        help="Whose digits: mnist (in the package), usps (the originals of 1989), or a path to your own: "
        "a folder of IDX files or an .npz.",
        rich_help_panel=DIGITS,
        autocompletion=_sources,
        envvar="TIMETRAVEL_DIGITS",
    ),
]
DataRoot = Annotated[
    Path | None,
    typer.Option(
        "--data-root",
        help="The folder of downloaded digits.  \\[default: the platform's cache]",
        rich_help_panel=DIGITS,
        envvar="TIMETRAVEL_DATA",
        show_default=False,
    ),
]
Subset = Annotated[
    str,
    typer.Option(
        "--subset",
        help="Which digits are drawn: a seed, or on mnist karpathy-test-first (the essay's) or karpathy-train-first.",
        rich_help_panel=DIGITS,
        autocompletion=_subsets,
    ),
]
Test = Annotated[
    str,
    typer.Option("--test", help="How many test digits measure: 2007, another number, or full.", rich_help_panel=DIGITS),
]
Seeds = Annotated[
    str,
    typer.Option(
        "--seeds",
        help="How many nets: 8 means seeds 0 to 7; or the seeds themselves: 0,3,5 or 10-19.",
        rich_help_panel=RUNS,
    ),
]
Epochs = Annotated[
    int | None,
    typer.Option("--epochs", help="Epochs over the training digits.  \\[default: the recipe's]", rich_help_panel=RUNS),
]
Backend = Annotated[
    Literal["auto", "native", "torch"],
    typer.Option("--backend", help="What trains: the compiled kernel (native) or PyTorch.", rich_help_panel=RUNS),
]
Device = Annotated[
    Literal["cpu", "cuda", "mps"],
    typer.Option("--device", help="Where PyTorch trains; cuda and mps mean the torch backend.", rich_help_panel=RUNS),
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", help="Nets trained at once.  \\[default: one a core]", rich_help_panel=RUNS),
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Train again what is kept already.", rich_help_panel=RUNS)]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="Say what would be trained and how long it takes; do nothing.", rich_help_panel=RUNS
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="A folder for table.csv, results.json, report.md and the figures.",
        rich_help_panel=OUTPUT,
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.", rich_help_panel=OUTPUT)]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no notes.", rich_help_panel=OUTPUT)]


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


def parse_test(text: str) -> int | str:
    """Read the number of test digits, or 'full'; raises UsageError."""
    if text == "full":
        return text
    if not NUMBER.fullmatch(text) or int(text) == 0:
        raise UsageError(f"--test {text} is not a number of test digits.", "Allowed: 1 or more (2007), or full.")
    return int(text)


def parse_sizes(text: str, option: str = "--sizes", example: str = "1000,7291,50000") -> list[int]:
    """Read a comma list of training-set sizes; raises UsageError."""
    sizes = []
    for part in text.split(","):
        if not NUMBER.fullmatch(part.strip()) or int(part) == 0:
            raise UsageError(
                f"{option} {text}: {part.strip() or 'nothing'!r} is not a number of training digits.",
                f"Type whole numbers from 1 on, with commas: {option} {example}"
                f"{'; scale-data also takes max alone' if option == '--sizes' else ''}.",
            )
        sizes.append(int(part))
    return sizes


def parse_errors(text: str) -> list[float]:
    """Read a comma list of errors in percent, above 0 and below 100; raises UsageError."""
    errors = []
    for part in text.split(","):
        try:
            error = float(part)
        except ValueError:
            error = 0.0
        if not 0 < error < 100:
            raise UsageError(
                f"--error {text}: {part.strip() or 'nothing'!r} is not an error in percent.",
                "Type numbers above 0 and below 100, with commas: --error 1,0.5.",
            )
        errors.append(error)
    return errors


def parse_subsets(subset: str, count: int) -> list[str]:
    """Return `count` subsets from `subset` on; raises UsageError where that subset has no successor."""
    at_least_one("--subsets", count)
    if count == 1:
        return [subset]
    if not NUMBER.fullmatch(subset):
        raise UsageError(f"--subsets {count}: {subset} is a single subset.", "Leave --subset out, or --subsets.")
    if count > MOST_SUBSETS:
        raise UsageError(f"--subsets {count}: so many subsets are too many.", f"At most {MOST_SUBSETS} at a time.")
    return [str(int(subset) + i) for i in range(count)]


def parse_widths(text: str) -> list[float]:
    """Read a comma list of widths; raises UsageError."""
    low, high = RANGES["width"]
    widths = []
    for part in text.split(","):
        width = float(part) if DECIMAL.fullmatch(part.strip()) else 0.0
        if not low <= width <= high or width % 0.5:
            raise UsageError(
                f"--widths {text}: {part.strip() or 'nothing'!r} is not a width.",
                f"Type halves from {low:g} to {high:g}, with commas: --widths 0.5,1,2,4.",
            )
        widths.append(width)
    return widths


def parse_depths(text: str) -> list[int]:
    """Read a comma list of depths; raises UsageError."""
    low, high = RANGES["depth"]
    for part in text.split(","):
        if not NUMBER.fullmatch(part.strip()) or not low <= int(part) <= high:
            raise UsageError(
                f"--depths {text}: {part.strip() or 'nothing'!r} is not a depth.",
                f"Type whole numbers of further layers from {low:g} to {high:g}, with commas: --depths 0,4,16.",
            )
    return [int(part) for part in text.split(",")]


def at_least_one(option: str, value: int | None) -> None:
    """Refuse 0 and less; raises UsageError."""
    if value is not None and value < 1:
        raise UsageError(f"{option} {value} is too small.", f"{option} takes 1 or more.")
