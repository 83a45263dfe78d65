"""`timetravel tune`: a search for a recipe's numbers that never meets a test digit."""

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from timetravel.cli import options as o
from timetravel.cli.output import emit, make_provenance
from timetravel.cli.progress import Progress
from timetravel.cli.study import Options, set_up
from timetravel.eras import ERAS
from timetravel.eras import era as find_era
from timetravel.numbers import counted

if TYPE_CHECKING:
    from timetravel.engine.collect import Plan
    from timetravel.engine.runs import Job, Run
    from timetravel.studies.book import Trial

EXAMPLES = (
    "[dim]timetravel tune --era 2022 --trials 40 --data usps[/dim]\n\n"
    "[dim]timetravel tune --era 1989-essay --search learning_rate=0.003:0.3:log --search batch_size=1,2,4[/dim]\n\n"
    "[dim]timetravel tune --era 2022 --set rotation=5 --search rotation=0:15 --seeds 2 --out tuned/[/dim]"
)
MOST_TRIALS = 10_000


def _eras() -> list[str]:
    return list(ERAS)


class TrialProgress(Progress):
    """One bar for the whole search, and one line a trial."""

    def __init__(self, quiet: bool, trials: int) -> None:
        super().__init__(quiet)
        self.trials = trials
        self.known: set[object] | None = None  # runs that the plan for the whole search found kept

    def planned(self, plan: "Plan") -> None:
        """Tell of the whole search once; of a single trial only move the bar past what is kept."""
        if self.known is None:
            super().planned(plan)
            self.known = set(plan.kept)
        else:
            self.seen(sum(run.examples_seen for name, run in plan.kept.items() if name not in self.known))

    def finished(self, job: "Job", run: "Run") -> None:
        """Count a finished run; trials are told instead."""
        if self.bar is not None:
            super().finished(job, run)

    def tried(self, trial: "Trial", best: "Trial") -> None:
        """Tell of a finished trial."""
        from timetravel.studies.space import in_words

        fallen = f", {counted(trial.diverged, 'run')} diverged" if trial.diverged else ""
        place = f"trial {trial.number} ({trial.number + 1} of {self.trials})"
        self.note(
            f"{place}: {trial.mistakes.mean:.1f} mistakes{fallen} with {in_words(trial.values)}; "
            f"best: {best.mistakes.mean:.1f} (trial {best.number})"
        )


def tune(
    era: Annotated[str, typer.Option("--era", help=f"Whose recipe: {', '.join(ERAS)}.", autocompletion=_eras)] = "2022",
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="Change a number of the recipe before the search. Repeatable."
        ),
    ] = None,
    search: Annotated[
        list[str] | None,
        typer.Option(
            "--search",
            metavar="NAME=RANGE",
            help="A value to search: learning_rate=0.01:0.1, with :log behind it on a logarithmic scale, or choices: "
            "batch_size=1,2,4. Repeatable.  \\[default: the recipe's obvious numbers, a third to three times each]",
        ),
    ] = None,
    trials: Annotated[
        int, typer.Option("--trials", help="How many trials in all, those kept from before included.")
    ] = 30,
    confirm: Annotated[
        int,
        typer.Option("--confirm", help="Fresh seeds that measure the best and the recipe as it is again; 0 for none."),
    ] = 3,
    storage: Annotated[
        Path | None,
        typer.Option(
            "--storage",
            help="The file that keeps the trials.  \\[default: one a search, beside the run store]",
            show_default=False,
        ),
    ] = None,
    data: o.Data = "mnist",
    data_root: o.DataRoot = None,
    subset: o.Subset = "0",
    seeds: o.Seeds = "1",
    backend: o.Backend = "auto",
    workers: o.Workers = None,
    fresh: o.Fresh = False,
    dry_run: o.DryRun = False,
    out: o.Out = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Search for a recipe's numbers on five folds of the training digits; the test digits are never read."""
    from timetravel.recipes import changed
    from timetravel.studies.book import check_optuna
    from timetravel.studies.space import corners, default_space, parse_space, settings

    chosen = find_era(era)
    check_trials(trials, confirm)
    check_optuna()
    recipe = changed(chosen.recipe, change or [])
    space = parse_space(search) if search else default_space(recipe)
    for _ in corners(recipe, space):  # before anything is loaded
        pass
    options = Options(
        data, data_root, subset, "2007", seeds, backend, "cpu", workers, fresh, dry_run, out, as_json, quiet
    )
    progress = TrialProgress(quiet, trials)
    setup = set_up(options, progress=progress)

    from timetravel.cli.consoles import results
    from timetravel.cli.progress import describe
    from timetravel.show import tune as show
    from timetravel.studies.tune import Tune

    told = (
        ("--data", data, "mnist"),
        ("--data-root", data_root and str(data_root), os.environ.get("TIMETRAVEL_DATA")),
        ("--subset", subset, "0"),
    )
    where = [word for option, value, default in told if value and value != default for word in (option, value)]
    work = Tune(
        era,
        recipe,
        space,
        setup.digits(),
        setup.seeds,
        setup.workshop,
        progress,
        trials=trials,
        confirm=confirm,
        storage=storage,
        measure=lambda best: shlex.join(["timetravel", "train", "--era", era, *where, *settings(best, chosen.recipe)]),
    )
    found = len(work.kept)
    kept = f"{counted(found, 'trial')} kept from before; {counted(trials - found, 'trial')} to go."
    if dry_run:
        for line in ["Dry run: nothing is trained or written.", kept, *describe(work.plan())]:
            results().print(line, markup=False)
        return
    progress.note(kept)
    try:
        result = work.run(progress.tried)
    finally:
        progress.ended()
    if len(result.trials) < trials:
        progress.note("The search ends early: there is nothing left that was not tried.")
    facts = make_provenance(
        workers=setup.workshop.workers,
        store=str(setup.workshop.store.folder),
        storage=str(work.book.file),
        optuna=work.book.version,
        digits=[{"data": setup.source.name, "train": setup.digits().fingerprint}],
    )
    emit(result, lambda: show.table(result), as_json=as_json, quiet=quiet, out=out, provenance=facts)


def check_trials(trials: int, confirm: int) -> None:
    """Refuse numbers of trials and of fresh seeds that make no search; raises UsageError."""
    from timetravel.errors import UsageError

    o.at_least_one("--trials", trials)
    if trials > MOST_TRIALS:
        raise UsageError(f"--trials {trials}: that is too many.", f"At most {MOST_TRIALS:,}.")
    if not 0 <= confirm <= o.MOST_SEEDS:
        raise UsageError(f"--confirm {confirm} is no number of seeds.", f"Allowed: 0 to {o.MOST_SEEDS:,}.")
