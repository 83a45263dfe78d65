"""How a study comes along: on a terminal a bar, and its table as far as it is known; a bar in a notebook; else lines.

All of it goes to stderr, but for a notebook's bar.
"""

import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from timetravel import paper
from timetravel.api.consoles import errors
from timetravel.numbers import counted, duration

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live
    from rich.progress import Progress as Bar

    from timetravel.engine.collect import Plan, Workshop
    from timetravel.engine.runs import Job, Point, Run
    from timetravel.studies.base import Study
    from timetravel.studies.trials import Trial
    from timetravel.studies.tune import Tune

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
START_MINUTE = 9 * 60  # training starts on a Monday at 9:00
THREE_DAYS = 3 * 24 * 60  # minutes
CELL_SECONDS = 0.25  # between two pictures of a notebook's bar
MANY = 20  # runs of which it is told how many are done
HEAD = "  epoch  train loss  mistakes   test loss  mistakes   in 1989 it would be"


class Progress:
    """Tells what will be done and how far it has come; `quiet`, nothing; without `notes`, by a bar alone.

    study: whose table is shown meanwhile.
    """

    def __init__(self, quiet: bool = False, study: "Study | None" = None, notes: bool = True) -> None:
        self.quiet, self.study, self.notes = quiet, study, notes
        self.console = errors()
        self.bar: Bar | None = None
        self.live: Live | None = None
        self.cell: Any = None  # of a notebook, with a bar in it
        self.done = self.examples = self.told = 0
        self.waited = False
        self.plan: Plan | None = None
        self.runs: dict[object, Run] = {}  # finished ones, by their identity
        self.left: Counter[object] = Counter()  # runs to come, by the row that they belong to
        self.mistakes: dict[object, list[int]] = {}  # of the runs of each row
        self.table: tuple[int, RenderableType] = 0, ""  # as of so many finished runs
        self.first: Job | None = None  # the net whose epochs are shown, if the study watches them

    def note(self, text: str) -> None:
        """Print a note unless quiet."""
        if self.notes and not self.quiet:
            self.console.print(text, style="dim", markup=False)

    def planned(self, plan: "Plan") -> None:
        """Say what will be done and begin the bar."""
        for line in describe(plan, self.study) if self.notes and not self.quiet else ():
            self.note(line)
        self.plan, self.runs, self.began = plan, dict(plan.kept), time.monotonic()
        self.done = self.examples = self.told = 0
        if not plan.missing:
            return
        self.ended()  # what an earlier round of jobs shows
        self.left = Counter(map(row_of, plan.missing))
        self.first = plan.missing[0]
        if self.console.is_jupyter and not self.quiet:
            from IPython.display import display

            self.cell, self.drawn = display(InCell(self), display_id=True), 0.0  # type: ignore[no-untyped-call]
        if self.quiet or not self.console.is_terminal or self.console.is_dumb_terminal:
            return
        from rich.live import Live
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = "{task.description}", BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeRemainingColumn()
        self.bar = Bar(*columns, console=self.console, auto_refresh=False)
        self.bar.add_task("training", total=plan.examples)
        self.live = Live(get_renderable=self.picture, console=self.console, transient=True, refresh_per_second=2)
        self.live.start()

    def picture(self) -> "RenderableType":
        """Return the bar, and below it the table of what is known so far."""
        from rich.console import Group

        from timetravel.report import render
        from timetravel.report.tables import sections

        if self.study and self.table[0] < self.done and (document := self.study.interim(dict(self.runs))):
            self.table = self.done, render.GridTable(sections(document)[0].grids[0])
        assert self.bar is not None
        return Group(self.bar.get_renderable(), self.table[1])

    def seen(self, count: int) -> None:
        """Move the bar."""
        self.examples += count
        if self.bar:
            self.bar.advance(self.bar.task_ids[0], count)
        if self.cell and time.monotonic() - self.drawn > CELL_SECONDS:
            self.drawn = time.monotonic()
            self.cell.update(InCell(self))

    def epoch_done(self, job: "Job", point: "Point") -> None:
        """Show an epoch of the first net that trains; long trainings show about thirty of theirs."""
        epochs = job.recipe.epochs
        shown = point.epochs in (1, epochs) or point.epochs % -(-epochs // 30) == 0
        if self.first is None or job.training != self.first.training or not shown:
            return
        if point.epochs == 1:
            self.note(f"Epochs of {job.label}, seed {job.seed}:\n{HEAD}")
        figures = (f"{figures.loss:10.2e} {figures.mistakes:>9,}" for figures in (point.train, point.test))
        hour = hour_of_1989(point.epochs * len(job.digits) / paper.EXAMPLES_SEEN)
        self.note(f"  {point.epochs:>4}  {'  '.join(figures)}   {hour}")

    def ended(self) -> None:
        """Take the bar and the table away."""
        if self.live:
            self.live.stop()
        if self.cell:
            self.cell.update(InCell(self))

    def finished(self, job: "Job", run: "Run") -> None:
        """Tell of a finished run, or of a row that is done."""
        assert self.plan is not None
        self.done, row, total = self.done + 1, row_of(job), len(self.plan.missing)
        self.runs[run.identity] = run
        self.left[row] -= 1
        self.mistakes.setdefault(row, []).append(run.test.mistakes)
        if self.bar:
            self.bar.update(self.bar.task_ids[0], description=f"{self.done} of {counted(total, 'run')} done")
        elif total > 1:
            if not self.left[row]:
                self.note(row_done(job, run, self.mistakes[row]))
            self.tell_time(total)

    def waiting(self, count: int) -> None:
        """Say once that runs of other processes are waited for."""
        if not self.waited:
            self.note(f"Waiting for {counted(count, 'run')} that another process trains.")
        self.waited = True

    def tell_time(self, total: int) -> None:
        """Say after each tenth of many runs how long the others take."""
        if self.plan is None or total < MANY or self.done * 10 // total == self.told or self.done == total:
            return
        self.told = self.done * 10 // total
        left = (time.monotonic() - self.began) * (self.plan.examples / max(self.examples, 1) - 1)
        self.note(f"{self.done} of {counted(total, 'run')} done, about {duration(max(left, 0.0))} left")


class TrialProgress(Progress):
    """One bar for the whole search, and one line a trial that is trained."""

    def __init__(self, study: "Tune", workshop: "Workshop", quiet: bool, notes: bool) -> None:
        super().__init__(quiet, study, notes)
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
        elif plan.missing and plan.missing[0].seed not in self.search.seeds:  # the best is measured again
            super().planned(plan)
        self.seen(sum(run.examples_seen for name, run in plan.kept.items() if name not in self.known))

    def finished(self, job: "Job", run: "Run") -> None:
        """Move the bar."""
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


class InCell:
    """The bar in a cell of a notebook, as it stands."""

    def __init__(self, progress: Progress) -> None:
        total = progress.plan.examples if progress.plan else 1
        self.share, self.done = min(progress.examples / max(total, 1), 1.0), progress.done
        self.runs = counted(len(progress.plan.missing) if progress.plan else 0, "run")

    def __repr__(self) -> str:
        return f"{self.share:.0%}, {self.done} of {self.runs} done"

    def _repr_html_(self) -> str:
        return f'<progress value="{self.share:.3f}"></progress> {self!r}'


def progress_of(study: "Study", workshop: "Workshop", quiet: bool, notes: bool = True) -> Progress:
    """Return what tells of a study: of a search trial by trial."""
    from timetravel.studies.tune import Tune

    if isinstance(study, Tune):
        return TrialProgress(study, workshop, quiet, notes)
    return Progress(quiet, study, notes)


def row_of(job: "Job") -> object:
    """Return what the runs of one row of a table have in common."""
    return job.label, job.digits.name, len(job.digits)


def row_done(job: "Job", run: "Run", mistakes: list[int]) -> str:
    """Say what the runs of a row come to."""
    size = f" on {len(job.digits):,} digits" if len(job.digits) != paper.TRAINING_DIGITS else ""
    mean = sum(mistakes) / len(mistakes)
    return f"{job.label}{size}: {mean:,.1f} mistakes of {run.test.size:,} ({counted(len(mistakes), 'run')})"


def hour_of_1989(share: float) -> str:
    """Return the day and hour at which 1989's three days have gone by so many times: 0.5 is 'Tuesday 21:00'."""
    minute = START_MINUTE + round(share * THREE_DAYS)
    week, day = divmod(minute // 1440, 7)
    return f"{DAYS[day]} {minute % 1440 // 60:02}:{minute % 60:02}{f', week {week + 1}' if week else ''}"


def describe(plan: "Plan", study: "Study | None" = None) -> list[str]:
    """Say in lines what a plan holds: runs, examples, time (that to tell of a study's runs, too), backend and why."""
    from timetravel.engine.native_backend import HOW_TO_BUILD
    from timetravel.engine.provenance import available_cores

    lines = []
    if plan.kept:
        again = "nothing is trained" if not plan.missing else f"{counted(len(plan.missing), 'run')} to train"
        lines.append(f"{counted(len(plan.kept), 'run')} kept from before; {again} (--fresh trains all again).")
    if plan.missing:
        what = f"{counted(len(plan.missing), 'net')}, {counted(plan.examples, 'example')}"
        lines.append(f"Training {what}: about {duration(plan.seconds)} here.")
    if study and (after := study.telling * (len(plan.kept) + len(plan.missing))) >= 1:
        lines.append(f"Comparing the nets then takes about {duration(after)}.")
    lines.extend(f"Backend: {choice.name} ({choice.reason})." for choice in plan.choices)
    few = 600_000 * min(len(plan.missing), available_cores())  # trained while a card is still being woken up
    if plan.examples < few and any(choice.name == "cuda" for choice in plan.choices):
        lines.append("So few examples are done sooner on the processor: --device cpu.")
    if any("not built" in choice.reason for choice in plan.choices):
        lines.append(HOW_TO_BUILD)
    return lines
