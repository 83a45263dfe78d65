"""`timetravel tune`: a search for a recipe's numbers that never meets a test digit."""

import shlex
from typing import Annotated

import typer

from timetravel.cli import options as o
from timetravel.cli.run import perform, set_up

EXAMPLES = (
    "timetravel tune --era 2022 --trials 40 --data usps\n\n"
    "timetravel tune --era 1989-essay --search learning_rate=0.003:0.3:log --search batch_size=1,2,4\n\n"
    "timetravel tune --era 2022 --set rotation=5 --search rotation=0:15 --seeds 2 --out tuned/"
)
MOST_TRIALS = 10_000


@o.with_options(
    "data", "data_root", "subset", "seeds", "backend", "workers", "fresh", "dry_run", *o.OUTPUTS, seeds=o.SEEDS["tune"]
)
def tune(
    era: o.Era = "2022",
    change: o.Set = None,
    search: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=RANGE",
            help="A value to search: learning_rate=0.01:0.1, with :log behind it on a logarithmic scale, or choices: "
            "batch_size=1,2,4. Repeatable.  \\[default: the recipe's obvious numbers, a third to three times each]",
        ),
    ] = None,
    trials: Annotated[
        int,
        typer.Option(min=1, max=MOST_TRIALS, help="How many trials in all, those kept from before included."),
    ] = 30,
    confirm: Annotated[
        int,
        typer.Option(
            min=0,
            max=o.MOST_SEEDS,
            help="Fresh seeds that measure the best and the recipe as it is again; 0 for none.",
        ),
    ] = 3,
    *,
    options: o.Options,
) -> None:
    """Search for a recipe's numbers on five folds of the training digits; the test digits are never read."""
    from timetravel.eras import era as find_era
    from timetravel.recipes import changed
    from timetravel.studies.space import check_optuna, corners, default_space, parse_space, settings

    chosen = find_era(era)
    check_optuna()
    recipe = changed(chosen.recipe, change or [])
    space = parse_space(search) if search else default_space(recipe)
    for _ in corners(recipe, space):  # before anything is loaded
        pass
    setup = set_up(options)
    from timetravel.studies.tune import Tune

    given = (("--data", options.data, "mnist"), ("--subset", options.subset, "0"))
    where = [word for option, value, default in given if value != default for word in (option, value)]
    measure = lambda best: shlex.join(["timetravel", "train", "--era", era, *where, *settings(best, chosen.recipe)])  # noqa: E731
    study = Tune(era, recipe, space, setup.digits(), setup.seeds, trials=trials, confirm=confirm, measure=measure)
    perform(study, options)
