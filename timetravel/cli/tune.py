"""`timetravel tune`: a search for a recipe's numbers that never meets a test digit."""

import os
import shlex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from timetravel.cli import options as o
from timetravel.cli.progress import Progress
from timetravel.cli.run import open_workshop, perform, set_up, set_values
from timetravel.numbers import counted

if TYPE_CHECKING:
    from timetravel.engine.collect import Plan, Workshop
    from timetravel.engine.runs import Job, Run
    from timetravel.recipes import Recipe
    from timetravel.studies.trials import Trial
    from timetravel.studies.tune import Tune

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


class _TrialProgress(Progress):
    """One bar for the whole search, and one line a trial that is trained."""

    def __init__(self, quiet: bool, study: "Tune", workshop: "Workshop") -> None:
        super().__init__(quiet)
        self.search, self.workshop = study, workshop
        self.known: set[object] | None = None  # runs that the plan of the whole search found kept
        self.training = False
        study.tried = self.tell

    def planned(self, plan: "Plan") -> None:
        """Tell of the whole search once; of a single trial only move the bar past what others have kept meanwhile."""
        self.training = bool(plan.missing)
        if self.known is None:
            whole = self.search.plan(self.workshop)
            super().planned(whole)
            self.known = set(whole.kept)
        self.seen(sum(run.examples_seen for name, run in plan.kept.items() if name not in self.known))

    def finished(self, job: "Job", run: "Run") -> None:
        if self.bar is not None:  # trials are told in place of runs
            super().finished(job, run)

    def tell(self, trial: "Trial", best: "Trial") -> None:
        """Tell of a trial, unless all of it was kept."""
        from timetravel.studies.space import in_words

        if self.training:
            fallen = f", {counted(trial.diverged, 'run')} diverged" if trial.diverged else ""
            self.note(
                f"trial {trial.number} ({trial.number + 1} of {self.search.count}): {trial.mistakes.mean:.1f} mistakes"
                f"{fallen} with {in_words(trial.values)}; best: {best.mistakes.mean:.1f} (trial {best.number})"
            )


@o.with_options(*o.ON_FOLDS)
def tune(
    era: o.Era = "2022",
    change: o.Set = None,
    search: Annotated[list[str] | None, typer.Option(metavar="NAME=RANGE", help=SEARCH)] = None,
    trials: Annotated[Any, o.read_by(o.number("--trials", int, 1, 10_000), TRIALS, metavar="N")] = "30",
    confirm: Annotated[Any, o.read_by(o.number("--confirm", int, 0, o.MOST_SEEDS), CONFIRM, metavar="N")] = "3",
    *,
    options: o.Options,
) -> None:
    """Search for a recipe's numbers on five folds of the training digits; the test digits are never read."""
    from timetravel.eras import era as find_era
    from timetravel.studies.space import check_optuna, corners, default_space, parse_space, settings

    chosen = find_era(era)
    check_optuna()
    recipe = set_values(chosen.recipe, change or [], options)
    space = parse_space(search) if search else default_space(recipe)
    corners(recipe, space)  # before anything is loaded
    setup = set_up(options, folds=True)
    from timetravel.studies.tune import Tune

    def measure(best: "Recipe") -> str:
        where = ["--data", options.data] if options.data != "mnist" else []
        if options.data_root and str(options.data_root) != os.environ.get("TIMETRAVEL_DATA"):
            where += ["--data-root", str(options.data_root)]
        where += ["--subset", options.subset or "0"]
        return shlex.join(["timetravel", "train", "--era", era, *where, *settings(best, chosen.recipe)])

    study = Tune(era, recipe, space, setup.digits(), setup.seeds, trials=trials, confirm=confirm, measure=measure)
    perform(study, options, _TrialProgress(options.quiet, study, open_workshop(options)))
