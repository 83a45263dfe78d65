"""The options of commands, declared once for both ways in: typed, and called from Python.

What takes long to import is imported when needed.
"""

import inspect
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias

import typer

from timetravel.commands.reading import number, parse_seeds, parse_test

if TYPE_CHECKING:
    from timetravel.studies.base import Document, Study

    Made: TypeAlias = Study | Document | str | Path  # what a command makes: a study, what is told as it is, or a file

DIGITS, RUNS = "Digits", "Runs"


def option(panel: str | None, text: str, *names: str, **more: Any) -> Any:
    """Return an option with its help text, which stands in a panel of the help. Further names and settings: Typer's."""
    return typer.Option(*names, help=text, rich_help_panel=panel, **more)


def read_by(parser: Callable[..., Any], text: str, panel: str | None = None, metavar: str = "TEXT") -> Any:
    """Return an option with its help text whose values a parser reads."""
    return option(panel, text, metavar=metavar, parser=parser)


_DATA = (
    "Whose digits: mnist (in the package), usps (the originals of 1989), or a path to your own: .npz, .csv, "
    ".parquet, or a folder of IDX files or pictures."
)
_ROOT = "The folder of downloaded digits.  \\[default: the platform's cache]"
_LEVELS = "Own digits: the lowest and the highest grey level that there can be, as 0:16.  \\[default: read off them]"
_INVERTED = "Own digits: dark ink on a bright background."
_TRANSPOSE = "Own digits: their rows are columns, as in EMNIST's files."
_SUBSET = (
    "Train every seed on this subset of the digits: a number, or several (0-4); on mnist karpathy-test-first (the "
    "essay's), karpathy-train-first.  \\[default: subset s for seed s]"
)
_TEST = "How many test digits measure: full, or a number, as 1989's 2007."
_SIZE = "Training digits of every net.  \\[default: 1989's 7,291]"
_EPOCHS = "Epochs of every net.  \\[default: as many as its recipe has]"
_SEEDS = "How many nets: 8 means seeds 0 to 7; or the seeds themselves: 0,3,5 or 10-19."
_BACKEND = "What trains: the compiled kernel (native) or PyTorch."
_DEVICE = "Where nets train: cuda has a kernel of its own, mps means PyTorch; auto: a card, if there is one."
_WORKERS = "Nets trained at once.  \\[default: one a core]"
_CLUSTER = "Train on a Ray cluster: auto, ray://HOST:10001 or HOST:6379.  \\[default: here]"
_MINUTES = "Stop after so long with what is known then.  \\[default: when all is done]"
_FRESH = "Train again what is kept already."
_SOURCES, _SUBSETS = ["mnist", "usps"], ["0", "karpathy-test-first", "karpathy-train-first"]


@dataclass(frozen=True)
class Call:
    """What every study is told, as it was read. What a command does not take keeps its default."""

    data: Annotated[str, option(DIGITS, _DATA, autocompletion=lambda: _SOURCES, envvar="TIMETRAVEL_DIGITS")] = "mnist"
    data_root: Annotated[Path | None, option(DIGITS, _ROOT, envvar="TIMETRAVEL_DATA")] = None
    levels: Annotated[str | None, option(DIGITS, _LEVELS, metavar="LOW:HIGH")] = None
    inverted: Annotated[bool, option(DIGITS, _INVERTED, "--inverted")] = False
    transpose: Annotated[bool, option(DIGITS, _TRANSPOSE, "--transpose")] = False
    subset: Annotated[str | None, option(DIGITS, _SUBSET, autocompletion=lambda: _SUBSETS)] = None
    test: Annotated[Any, read_by(parse_test, _TEST, DIGITS)] = "full"
    size: Annotated[Any, read_by(number("--size", int, 1), _SIZE, DIGITS, "N")] = None
    seeds: Annotated[Any, read_by(parse_seeds, _SEEDS, RUNS)] = 1
    epochs: Annotated[Any, read_by(number("--epochs", int, 1), _EPOCHS, RUNS, "N")] = None
    backend: Annotated[Literal["auto", "native", "torch"], option(RUNS, _BACKEND)] = "auto"
    device: Annotated[Literal["cpu", "cuda", "mps", "auto"], option(RUNS, _DEVICE)] = "cpu"
    workers: Annotated[Any, read_by(number("--workers", int, 1), _WORKERS, RUNS, "N")] = None
    cluster: Annotated[str | None, option(RUNS, _CLUSTER, metavar="ADDRESS")] = None
    minutes: Annotated[Any, read_by(number("--minutes", float, 0.01), _MINUTES, RUNS, "N")] = None
    fresh: Annotated[bool, option(RUNS, _FRESH, "--fresh")] = False
    usual_seeds: bool = False  # whether their number is the command's own; no option

    def ready(self) -> None:
        """Check what else can be, before anything slow is loaded."""

    def note(self, text: str) -> None:
        """Tell how far the work has come, where anybody looks on."""

    def warn(self, text: str) -> None:
        """Tell of something that should be known before anything is trained."""
        warnings.warn(text, stacklevel=2)


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


_ERA = "Whose recipe: 1989, 1989-essay, 2022, today; or distilled, of usps alone: no human label."
Era = Annotated[str, typer.Option("--era", help=_ERA, autocompletion=eras)]
_RECIPE = "A recipe of your own in place of an era's: a TOML file, as modernize --show prints it."
TWO_RECIPES: Final = "An era and a recipe's file are two recipes.", "Give --era or --recipe."
RecipeFile = Annotated[Path | None, option(None, _RECIPE, metavar="FILE")]
_CHANGE = "Change a number of the recipe, as learning_rate=0.1. Repeatable."
Set = Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help=_CHANGE)]
# Of the commands that choose on folds of the training digits.
WHOSE: Final = ("data", "data_root", "levels", "inverted", "transpose")
ON_FOLDS: Final = (*WHOSE, "subset", "size", "seeds", "epochs", "backend", "workers", "cluster", "fresh")
EVERY: Final = (*ON_FOLDS, "test", "device", "minutes")
SIZED: Final = tuple(name for name in EVERY if name != "size")  # of the commands that vary it
# How many nets a recipe is trained by default, by the name of the command's function.
SEEDS: Final = {"train": 8, "modernize": 10, "scale_data": 3, "scale_model": 3, "interpretations": 2, "foundation": 3}


@dataclass(frozen=True)
class Command:
    """A command: what makes its study, or a document, of a `Call` and of its own options, which its parameters are.

    shared: the fields of Call that it takes, none where it trains nothing; usual: their defaults.
    """

    make: Callable[..., Any]
    shared: tuple[str, ...]
    usual: Mapping[str, Any]

    def begin(self, call: Call, given: Mapping[str, Any]) -> Any:
        """Make what it makes of its own options."""
        return self.make(call, **given) if "call" in inspect.signature(self.make).parameters else self.make(**given)

    @property
    def trains(self) -> bool:
        """Whether there is anything to plan, and progress to show."""
        return "workers" in self.shared

    @property
    def parameters(self) -> dict[str, inspect.Parameter]:
        """Its own options, then the shared ones, by name, with their types and what is said of them."""
        own = inspect.signature(self.make).parameters
        return {name: each for name, each in own.items() if name != "call"} | parameters(Call, self.shared, self.usual)


def command(*shared: str, **usual: Any) -> Callable[[Callable[..., Any]], Command]:
    """Make a command of a function. shared: see Command; all, where none is given and the function takes a call.

    "": none, even so: the call only hears warnings.
    """

    def declared(make: Callable[..., Any]) -> Command:
        told = shared or (EVERY if "call" in inspect.signature(make).parameters else ())
        return Command(make, tuple(filter(None, told)), {"seeds": SEEDS.get(make.__name__, 1)} | usual)

    return declared


def parameters(of: type[Call], names: Sequence[str], usual: Mapping[str, Any]) -> dict[str, inspect.Parameter]:
    """Return fields of a call as parameters by name. usual: defaults in place of theirs."""
    kind = inspect.Parameter.KEYWORD_ONLY
    return {
        each.name: inspect.Parameter(each.name, kind, default=usual.get(each.name, each.default), annotation=each.type)
        for each in fields(of)
        if each.name in names
    }
