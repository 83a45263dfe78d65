"""What both ways in have in common: from what was asked for to a study, and where its runs are made.

Each function takes a `Call`, what all studies are told, and what its command alone is told; it checks everything that
can be checked, then loads the digits, and only then PyTorch. Names and defaults are those of the command's options.
"""

import os
import shlex
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from timetravel import paper
from timetravel.api.reading import (
    at_least,
    one_of,
    parse_depths,
    parse_errors,
    parse_seeds,
    parse_sizes,
    parse_test,
    parse_widths,
    typed,
)
from timetravel.errors import UsageError
from timetravel.files import clean

if TYPE_CHECKING:
    from timetravel.api.results import Result
    from timetravel.digits import Source
    from timetravel.engine.collect import Workshop
    from timetravel.recipes import Recipe
    from timetravel.studies.base import Document, Study
    from timetravel.studies.setup import Setup
    from timetravel.tweaks import Tweak

# How many nets a recipe is trained by default, by the name of the command's function.
SEEDS: Final = {"train": 8, "modernize": 10, "scale_data": 3, "scale_model": 3, "interpretations": 2, "tune": 1}
# What is told to the commands that choose on folds of the training digits.
ON_FOLDS: Final = ("data", "data_root", "subset", "seeds", "backend", "workers", "fresh")
Mode = Literal["ladder", "alone", "without", "shares", "decompose"]


@dataclass(frozen=True)
class Call:
    """What every study is told: which digits, how many nets, and where they are trained."""

    data: Any = "mnist"  # a name, a path, or a source
    data_root: Path | None = None
    subset: Any = None
    test: Any = "full"
    seeds: Any = None  # the command's own number, where none are given
    backend: Any = "auto"
    device: Any = "cpu"
    workers: int | None = None
    minutes: float | None = None
    fresh: bool = False

    def __post_init__(self) -> None:
        """Read what was given; raises UsageError with what is allowed."""
        one_of("--backend", self.backend, ("auto", "native", "torch"))
        one_of("--device", self.device, ("cpu", "cuda", "mps", "auto"))
        at_least("--workers", self.workers, 1)
        at_least("--minutes", self.minutes, 0.01)
        seeds = None if self.seeds is None else parse_seeds(self.seeds)
        subset = None if self.subset is None else typed(self.subset)
        data_root = None if self.data_root is None else Path(self.data_root)
        vars(self).update(seeds=seeds, subset=subset, test=parse_test(self.test), data_root=data_root)

    def warn(self, text: str) -> None:
        """Tell of something that should be known of the digits."""
        warnings.warn(text, stacklevel=2)

    def ready(self) -> None:
        """Check what else can be, before anything slow is loaded."""

    def source(self) -> "Source":
        """Open the digits. Raises UsageError where there are none of that name, DataError where they are damaged."""
        from timetravel.digits import Source, open_source

        if isinstance(self.data, Source):
            return self.data
        if not isinstance(self.data, str | Path):
            told = f"--data: a {type(self.data).__name__} is no source of digits."
            raise UsageError(told, "Give a name, a path, or timetravel.digits(images, labels).")
        return open_source(str(self.data), self.data_root)


TOLD: Final = tuple(each.name for each in fields(Call))


def set_up(
    call: Call, command: str, sizes: Sequence[int] = (), *, by_class: bool = False, folds: bool = False
) -> "Setup":
    """Check everything that can be checked, then load the digits, and only then PyTorch.

    folds: choices are made on folds of the training digits, so that there is one subset.
    """
    from timetravel.digits import TEST_SIZE_1989, TRAIN_SIZE_1989
    from timetravel.digits.subsets import checked_size, named_subsets

    named = call.subset or ("0" if folds else "")
    source = call.source() if not isinstance(call.data, str) else None
    names = named_subsets(source.name if source else call.data, named) if named else []
    if folds and len(names) > 1:
        raise UsageError(f"--subset {named}: folds are made of a single subset.", "Name one.")
    source = source or call.source()
    checked_size(None if call.test == TEST_SIZE_1989 else call.test, TEST_SIZE_1989, source.test_count, "test")
    for size in sizes:
        checked_size(size, TRAIN_SIZE_1989, source.train_count, "training")
    call.ready()
    for warning in source.warnings:
        call.warn(warning)
    from timetravel.studies.setup import Setup

    return Setup(source, names, call.test, call.seeds or range(SEEDS[command]), by_class=by_class)


def open_workshop(call: Call) -> "Workshop":
    """Return where runs are made and kept."""
    from timetravel.engine.collect import Workshop
    from timetravel.engine.provenance import available_cores
    from timetravel.engine.store import Store

    return Workshop(Store(), call.backend, call.device, call.workers or available_cores(), call.fresh)


def train(
    call: Call,
    era: str = "1989",
    *,
    set: Sequence[str] | Mapping[str, Any] | None = None,
    size: int | None = None,
    epochs: int | None = None,
) -> "Study":
    """Train the net of an era on its digits, and set it beside the paper, the essay and three days of 1989."""
    from timetravel.eras import era as find_era
    from timetravel.recipes import changed

    chosen = find_era(era)
    at_least("--epochs", epochs, 1)
    recipe = changed(chosen.recipe, [*settings(set), *([f"epochs={epochs}"] if epochs else [])])
    setup = set_up(call, "train", [] if size is None else [size])
    from timetravel.studies.train import Train

    return Train(setup, chosen, recipe, size)


def modernize(call: Call, tweaks: "str | Sequence[str | Tweak]" = "all", *, mode: Mode = "ladder") -> "Study":
    """Climb from 1989 to 2022 and to today one tweak at a time: same digits, same net size, and each step's worth."""
    from timetravel import ladders

    one_of("--mode", mode, get_args(Mode))
    if mode == "decompose" and tweaks != "all":
        raise UsageError("--mode decompose has rows of its own.", "Leave --tweaks out, or choose another mode.")
    chosen = ladders.parse_tweaks(tweaks, alone=mode == "alone")
    setup = set_up(call, "modernize")
    from timetravel.studies.decompose import Decompose
    from timetravel.studies.modernize import Modernize
    from timetravel.studies.setup import Setup
    from timetravel.studies.shares import ORDERS, Shares

    if mode == "shares":
        shares = Shares(setup, chosen)
        if shares.sampled and call.seeds is None:
            shares = Shares(Setup(setup.source, setup.subsets, call.test, range(ORDERS)), chosen)
        return shares
    return Decompose(setup) if mode == "decompose" else Modernize(setup, chosen, mode)


def scale_data(
    call: Call,
    sizes: str | Sequence[int] | None = None,
    *,
    eras: str | Sequence[str] = "1989-essay,2022,today",
    budget: Literal["epochs", "examples", "essay"] = "epochs",
    predict: Any = None,
    error: Any = None,
    label_cost: float | None = None,
) -> "Study":
    """Cheat with data: how the error of each era falls as the training digits grow in number, and by which law.

    The law is chosen by how well it predicts the largest sizes from the smaller ones.
    """
    from timetravel.eras import parse_eras

    chosen = parse_eras(typed(eras))
    one_of("--budget", budget, ("epochs", "examples", "essay"))
    asked = parse_sizes("--sizes", "max")(sizes) if sizes is not None else None
    predicted = parse_sizes("--predict")(predict) if predict is not None else ()
    errors = parse_errors(error) if error is not None else ()
    if label_cost is not None and not (errors and 0 < label_cost < float("inf")):
        raise UsageError(f"--label-cost {label_cost:g} prices no digits.", "Give --error 0.5 --label-cost 0.05.")
    wanted = [] if asked in (None, ("max",)) else list(asked or ())
    setup = set_up(call, "scale_data", wanted, by_class=True)

    from timetravel.stats.curves import Questions
    from timetravel.studies.scale_data import ScaleData, sizes_up_to

    count = setup.source.train_count
    wanted = wanted or sizes_up_to(count) + ([count] if asked else [])
    return ScaleData(setup, chosen, wanted, budget, Questions(predicted, errors, label_cost))


def scale_model(
    call: Call,
    widths: Any = "0.5,1,2,4",
    *,
    depths: Any = "0,4,16",
    sizes: Any = None,
    era: str = "2022",
    epochs: int = paper.EPOCHS,
) -> "Study":
    """Cheat with size: the same net wider and deeper, what that costs, and what 1989's computer could have reached.

    With more digits a net sees about as many examples as with 7,291, so that data and length are not confused.
    PyTorch trains all rows by default, so that times and gradients compare; the compiled kernel knows width 1 only.
    """
    from timetravel.eras import era as find_era

    chosen = find_era(era)
    at_least("--epochs", epochs, 1)
    wanted = list(parse_sizes("--sizes")(sizes)) if sizes is not None else []
    wide, deep = list(parse_widths(widths)), list(parse_depths(depths))
    setup = set_up(call, "scale_model", wanted)
    from timetravel.studies.scale_model import ScaleModel

    return ScaleModel(setup, chosen, wide, deep, wanted, epochs)


def interpretations(call: Call, study: str = "choice", *, net: str = "lecun1989") -> "Study":
    """Interpret the paper in every way its gaps allow: what errs least, and what comes nearest to its figures."""
    one_of("--study", study, ("choice", "reconstruction"))
    one_of("--net", net, ("lecun1989", "fully-connected"))
    setup = set_up(call, "interpretations", folds=True)
    from timetravel.studies.interpretations import Interpretations

    return Interpretations(setup, study, net)


def tune(
    call: Call,
    era: str = "2022",
    *,
    set: Sequence[str] | Mapping[str, Any] | None = None,
    search: Sequence[str] | None = None,
    trials: int = 30,
    confirm: int = 3,
) -> "Study":
    """Search for a recipe's numbers on five folds of the training digits; the test digits are never read."""
    from timetravel.eras import era as find_era
    from timetravel.recipes import changed
    from timetravel.studies.space import check_optuna, corners, default_space, parse_space
    from timetravel.studies.space import settings as of_recipe

    chosen = find_era(era)
    at_least("--trials", trials, 1)
    at_least("--confirm", confirm, 0)
    check_optuna()
    recipe = changed(chosen.recipe, settings(set))
    space = parse_space(search) if search else default_space(recipe)
    corners(recipe, space)  # before anything is loaded
    setup = set_up(call, "tune", folds=True)
    from timetravel.studies.tune import Tune

    def measure(best: "Recipe") -> str:
        data = call.data if isinstance(call.data, str) else setup.source.name
        where = ["--data", data] if data != "mnist" else []
        if call.data_root and str(call.data_root) != os.environ.get("TIMETRAVEL_DATA"):
            where += ["--data-root", str(call.data_root)]
        where += ["--subset", call.subset or "0"]
        return shlex.join(["timetravel", "train", "--era", era, *where, *of_recipe(best, chosen.recipe)])

    return Tune(era, recipe, space, setup.digits(), setup.seeds, trials=trials, confirm=confirm, measure=measure)


def extrapolate(
    to: int = 2055,
    *,
    from_: str = "2022",
    scenario: str | None = None,
    quantity: str | None = None,
    milestones: str | Path | None = None,
    assume: str | Path | None = None,
) -> "Document":
    """Judge the essay's seven claims about 2055 against trends, limits and what was measured. Trains nothing."""
    from timetravel.projection.inputs import read_assumptions, read_milestones
    from timetravel.projection.series import checked_year, chosen

    checked_year(to)
    one_of("--from", from_, ("1989", "2022", "today"))
    one_of("--scenario", scenario or "naive", ("naive", "trend", "limited"))
    series = chosen(quantity)
    own = read_milestones(Path(milestones)) if milestones else None
    assumed = read_assumptions(Path(assume)) if assume else None

    from timetravel.studies.base import SCHEMA
    from timetravel.studies.extrapolate import Extrapolate

    given: dict[str, object] = {"--to": to, "--from": None if from_ == "2022" else from_, "--scenario": scenario}
    given |= {"--quantity": quantity, "--milestones": milestones, "--assume": assume}
    words = [str(word) for option in given.items() if option[1] is not None for word in option]
    line = shlex.join(["timetravel", "extrapolate", *words])
    found = Extrapolate(to, from_, scenario, series, own, assumed, typed=line).result()
    document: Document = clean({"schema": SCHEMA, "command": "extrapolate", **found})
    return document


def compare(a: "Result | str | Path", b: "Result | str | Path") -> "Document":
    """Compare two results row by row, run by run and digit by digit. Trains nothing: their runs must be kept."""
    from timetravel.api.results import Result, intact, saved

    documents = [each.document if isinstance(each, Result) else saved(Path(each)) for each in (a, b)]
    names = [name if isinstance(each, Result) else str(each) for name, each in (("a", a), ("b", b))]
    from timetravel.engine.store import Store
    from timetravel.studies.base import SCHEMA
    from timetravel.studies.compare import Result as Saved
    from timetravel.studies.compare import compare as of_results

    with intact(" or ".join(names)):
        found = of_results(Saved(names[0], documents[0]), Saved(names[1], documents[1]), Store())
    document: Document = clean({"schema": SCHEMA, "command": "compare", **found})
    return document


def settings(given: Sequence[str] | Mapping[str, Any] | None) -> list[str]:
    """Return changes of a recipe as `--set` takes them, NAME=VALUE, from such texts or from values by name."""
    from timetravel.studies.space import written

    return [written(*change) for change in given.items()] if isinstance(given, Mapping) else list(given or ())
