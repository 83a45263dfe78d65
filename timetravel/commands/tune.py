"""`timetravel tune`: a search for a recipe's numbers that never meets a test digit."""

import os
import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from timetravel.commands import options as o
from timetravel.commands.reading import MOST_SEEDS, number
from timetravel.commands.setup import said, set_up, with_changes

EXAMPLES = (
    "timetravel tune --era 2022 --trials 40 --data usps\n\n"
    "timetravel tune --era 1989-essay --search learning_rate=0.003:0.3:log --search batch_size=1,2,4\n\n"
    "timetravel tune --era 2022 --set rotation=5 --search rotation=0:15 --seeds 2 --out tuned/"
)
SEARCH = (
    "A value to search: learning_rate=0.01:0.1, with :log behind it on a logarithmic scale, or choices: "
    "batch_size=1,2,4. Repeatable.  \\[default: the recipe's obvious numbers, a third to three times each]"
)
TRIALS = "How many trials in all, those kept from before included."
CONFIRM = "Fresh seeds that measure the best and the recipe as it is again; 0 for none."


@o.command(*o.ON_FOLDS)
def tune(
    call: o.Call,
    era: o.Era = "2022",
    *,
    recipe: o.RecipeFile = None,
    set: o.Set = None,
    search: Annotated[list[str] | None, typer.Option(metavar="NAME=RANGE", help=SEARCH)] = None,
    trials: Annotated[Any, o.read_by(number("--trials", int, 1, 10_000), TRIALS, metavar="N")] = 30,
    confirm: Annotated[Any, o.read_by(number("--confirm", int, 0, MOST_SEEDS), CONFIRM, metavar="N")] = 3,
) -> "o.Made":
    """Search for a recipe's numbers on five folds of the training digits; the test digits are never read.
    \f
    search: texts as NAME=LOW:HIGH. Raises TimetravelError where Optuna is missing: pip install optuna.
    Bergstra et al. (2011), Algorithms for Hyper-Parameter Optimization.

    >>> found = tt.tune("1989-essay", set={"epochs": 1}, trials=2, confirm=0, data=few, progress=False)
    >>> len(found.document["rows"])
    2
    """
    from timetravel.eras import ERAS, era_of
    from timetravel.studies.space import check_optuna, corners, default_space, parse_space, settings

    chosen = era_of(era, recipe)
    check_optuna()
    start = with_changes(call, chosen.recipe, set)
    space = parse_space(search) if search else default_space(start)
    corners(start, space)  # before anything is loaded
    setup = set_up(call, folds=True)
    from timetravel.studies.tune import Tune

    def measure(best: Any) -> str:
        known = chosen.name if chosen.name in ERAS else "1989-essay"
        if not isinstance(call.data, str | Path):
            return f"tt.train({known!r}, set={best.changes_from(ERAS[known].recipe)!r}, data=..., seeds=8)"
        what = ["--recipe", str(recipe)] if recipe else ["--era", known]
        where = ["--data", str(call.data)] if call.data != "mnist" else []
        if call.data_root and str(call.data_root) != os.environ.get("TIMETRAVEL_DATA"):
            where += ["--data-root", str(call.data_root)]
        where += said(call).options.split()
        where += ["--size", str(call.size)] if call.size else []
        where += ["--subset", str(call.subset or "0")]
        start = chosen.recipe if recipe else ERAS[known].recipe
        return shlex.join(["timetravel", "train", *what, *where, *settings(best, start)])

    study = Tune(
        chosen.name, start, space, setup.digits(), setup.seeds, trials=trials, confirm=confirm, measure=measure
    )
    study.setup = setup
    return study
