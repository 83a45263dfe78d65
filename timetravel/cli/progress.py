"""How a study comes along, on stderr: a bar on a terminal, one plain line a finished run elsewhere, and epochs."""

from typing import TYPE_CHECKING

from timetravel import paper
from timetravel.cli.consoles import errors
from timetravel.numbers import counted, duration

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from timetravel.engine.collect import Plan
    from timetravel.engine.runs import Job, Point, Run

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday")
START_MINUTE = 9 * 60  # training starts on a Monday at 9:00
THREE_DAYS = 3 * 24 * 60  # minutes
HEAD = "  epoch  train loss  mistakes   test loss  mistakes   in 1989 it would be"


class Progress:
    """Tells what will be done and how far it has come. `quiet` tells nothing."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.console = errors()
        self.bar: Bar | None = None
        self.done = self.total = 0
        self.first: Job | None = None  # the net whose epochs are shown, if the study watches them

    def note(self, text: str) -> None:
        """Print a note unless quiet."""
        if not self.quiet:
            self.console.print(text, style="dim", markup=False)

    def planned(self, plan: "Plan") -> None:
        """Say what will be done and begin the bar."""
        for line in describe(plan):
            self.note(line)
        self.total = len(plan.missing)
        if not plan.missing:
            return
        self.first = plan.missing[0]
        if self.quiet or not self.console.is_terminal:
            return
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = "{task.description}", BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeRemainingColumn()
        self.bar = Bar(*columns, console=self.console, transient=True)
        self.bar.add_task("training", total=plan.examples)
        self.bar.start()

    def seen(self, count: int) -> None:
        """Move the bar."""
        if self.bar:
            self.bar.advance(self.bar.task_ids[0], count)

    def epoch_done(self, job: "Job", point: "Point") -> None:
        """Show an epoch of the first net that trains; long trainings show about thirty of theirs."""
        epochs = job.recipe.epochs
        shown = point.epochs in (1, epochs) or point.epochs % -(-epochs // 30) == 0
        if self.first is None or job.training != self.first.training or not shown:
            return
        if point.epochs == 1:
            self.note(f"Epochs of {job.label}, seed {job.seed}:\n{HEAD}")
        figures = (f"{figures.loss:10.2e} {figures.mistakes:>9,}" for figures in (point.train, point.test))
        self.note(f"  {point.epochs:>4}  {'  '.join(figures)}   {hour_of_1989(point.epochs / epochs)}")

    def ended(self) -> None:
        """Take the bar away."""
        if self.bar:
            self.bar.stop()

    def finished(self, job: "Job", run: "Run") -> None:
        """Tell of a finished run."""
        self.done += 1
        if self.bar:
            self.bar.update(self.bar.task_ids[0], description=f"{self.done} of {counted(self.total, 'run')} done")
        elif self.total > 1:
            size = f" on {len(job.digits):,} digits" if len(job.digits) != paper.TRAINING_DIGITS else ""
            mistakes = f"{run.test.mistakes} mistakes of {run.test.size:,}"
            what = f"diverged in epoch {run.diverged}" if run.diverged else mistakes
            self.note(f"run {self.done} of {self.total}: {job.label}{size}, seed {run.seed}: {what}")


def hour_of_1989(share: float) -> str:
    """Return the day and hour at which a share of 1989's three days has gone by: 0.5 is 'Tuesday 21:00'."""
    minute = START_MINUTE + round(share * THREE_DAYS)
    return f"{DAYS[minute // 1440]} {minute % 1440 // 60:02}:{minute % 60:02}"


def describe(plan: "Plan") -> list[str]:
    """Say in lines what a plan holds: runs, examples, time, backend and why."""
    from timetravel.engine.native_backend import HOW_TO_BUILD
    from timetravel.engine.provenance import available_cores

    lines = []
    if plan.kept:
        again = "nothing is trained" if not plan.missing else f"{counted(len(plan.missing), 'run')} to train"
        lines.append(f"{counted(len(plan.kept), 'run')} kept from before; {again} (--fresh trains all again).")
    if plan.missing:
        what = f"{counted(len(plan.missing), 'net')}, {counted(plan.examples, 'example')}"
        lines.append(f"Training {what}: about {duration(plan.seconds)} here.")
    lines.extend(f"Backend: {choice.name} ({choice.reason})." for choice in plan.choices)
    few = 600_000 * min(len(plan.missing), available_cores())  # trained while a card is still being woken up
    if plan.examples < few and any(choice.name == "cuda" for choice in plan.choices):
        lines.append("So few examples are done sooner on the processor: --device cpu.")
    if any("not built" in choice.reason for choice in plan.choices):
        lines.append(HOW_TO_BUILD)
    return lines
