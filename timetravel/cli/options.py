"""The options that commands share, declared once; a decorator adds them to a command and hands them over as one object.

What takes long to import is imported when needed.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_type_hints

import typer

from timetravel.api import calls
from timetravel.api.consoles import errors
from timetravel.api.reading import parse_seeds, parse_test

DIGITS, RUNS, OUTPUT = "Digits", "Runs", "Output"


def option(panel: str | None, text: str, *names: str, **more: Any) -> Any:
    """Return an option with its help text, which stands in a panel of the help. Further names and settings: Typer's."""
    return typer.Option(*names, help=text, rich_help_panel=panel, **more)


def read_by(parser: Callable[..., Any], text: str, panel: str | None = None) -> Any:
    """Return an option with its help text whose values a parser reads."""
    return option(panel, text, metavar="TEXT", parser=parser)


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
class Options(calls.Call):
    """The shared options of one call, as they were read. What a command does not take keeps its default."""

    data: Annotated[str, option(DIGITS, _DATA, autocompletion=lambda: _SOURCES, envvar="TIMETRAVEL_DIGITS")]
    data_root: Annotated[Path | None, option(DIGITS, _ROOT, envvar="TIMETRAVEL_DATA")]
    subset: Annotated[str | None, option(DIGITS, _SUBSET, autocompletion=lambda: _SUBSETS)]
    test: Annotated[Any, read_by(parse_test, _TEST, DIGITS)]
    seeds: Annotated[Any, read_by(parse_seeds, _SEEDS, RUNS)]
    backend: Annotated[Literal["auto", "native", "torch"], option(RUNS, _BACKEND)]
    device: Annotated[Literal["cpu", "cuda", "mps", "auto"], option(RUNS, _DEVICE)]
    workers: Annotated[int | None, option(RUNS, _WORKERS, min=1)]
    minutes: Annotated[float | None, option(RUNS, _MINUTES, min=0.01)]
    fresh: Annotated[bool, option(RUNS, _FRESH, "--fresh")]
    dry_run: Annotated[bool, option(RUNS, _DRY_RUN, "--dry-run")] = False
    long: Annotated[bool, option(OUTPUT, _LONG, "--long")] = False
    out: Annotated[Path | None, option(OUTPUT, _OUT)] = None
    as_json: Annotated[bool, option(OUTPUT, _JSON, "--json")] = False
    quiet: Annotated[bool, option(OUTPUT, "No progress and no notes.", "--quiet", "-q")] = False

    def ready(self) -> None:
        """Check that --out can be written; raises UsageError."""
        from timetravel.report.files import check_folder

        if not self.dry_run:
            check_folder(self.out)

    def warn(self, text: str) -> None:
        """Tell of something that should be known of the digits, on stderr."""
        if not self.quiet:
            errors().print(f"Warning: {text}", style="yellow", markup=False)


def _eras() -> list[str]:
    from timetravel.eras import ERAS

    return list(ERAS)


Era = Annotated[str, typer.Option("--era", help="Whose recipe: 1989, 1989-essay, 2022 or today.", autocompletion=_eras)]
_CHANGE = "Change a number of the recipe, as learning_rate=0.1. Repeatable."
Set = Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help=_CHANGE)]
OUTPUTS: Final = ("long", "out", "as_json", "quiet")
# Of the commands that choose on folds of the training digits.
ON_FOLDS: Final = (*calls.ON_FOLDS, "dry_run", *OUTPUTS)


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

        own_defaults = {"seeds": calls.SEEDS.get(command.__name__)} | defaults
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
