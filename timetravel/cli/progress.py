"""How a study comes along, on stderr: a bar on a terminal, one plain line a finished run elsewhere."""

from typing import TYPE_CHECKING

from timetravel import paper
from timetravel.cli.consoles import errors
from timetravel.numbers import counted, duration

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from timetravel.engine.collect import Plan
    from timetravel.engine.runs import Job, Point, Run


class Progress:
    """Tells what will be done and how far it has come. `quiet` tells nothing."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.console = errors()
        self.bar: Bar | None = None
        self.task: TaskID | None = None
        self.done = self.total = 0

    def note(self, text: str) -> None:
        """Print a note unless quiet."""
        if not self.quiet:
            self.console.print(text, style="dim", markup=False)

    def planned(self, plan: "Plan") -> None:
        """Say what will be done and begin the bar."""
        for line in describe(plan):
            self.note(line)
        self.total = len(plan.missing)
        if self.quiet or not plan.missing or not self.console.is_terminal:
            return
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self.bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
        )
        self.task = self.bar.add_task("training", total=plan.examples)
        self.bar.start()

    def seen(self, count: int) -> None:
        """Move the bar."""
        if self.bar is not None and self.task is not None:
            self.bar.advance(self.task, count)

    def epoch_done(self, job: "Job", point: "Point") -> None:
        """Do nothing; the train command shows its epochs."""

    def ended(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.stop()

    def finished(self, job: "Job", run: "Run") -> None:
        """Tell of a finished run."""
        self.done += 1
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, description=f"{self.done} of {counted(self.total, 'run')} done")
        elif self.total > 1:
            size = f" on {len(job.digits):,} digits" if len(job.digits) != paper.TRAINING_DIGITS else ""
            mistakes = f"{run.test.mistakes} mistakes of {run.test.size:,}"
            what = f"diverged in epoch {run.diverged}" if run.diverged else mistakes
            where = f"{job.label}{size}, seed {run.seed}"
            self.note(f"run {self.done} of {self.total}: {where}: {what}")


def describe(plan: "Plan") -> list[str]:
    """Say in lines what a plan holds: runs, examples, time, backend and why."""
    from timetravel.engine.native_backend import HOW_TO_BUILD
    from timetravel.engine.provenance import available_cores

    lines = []
    if plan.kept:
        again = "nothing is trained" if not plan.missing else f"{counted(len(plan.missing), 'run')} to train"
        lines.append(f"{counted(len(plan.kept), 'run')} kept from before; {again} (--fresh trains all again).")
    if plan.missing:
        lines.append(
            f"Training {counted(len(plan.missing), 'net')}, {counted(plan.examples, 'example')}: "
            f"about {duration(plan.seconds)} here."
        )
    lines.extend(f"Backend: {choice.name} ({choice.reason})." for choice in plan.choices)
    few = 600_000 * min(len(plan.missing), available_cores())  # trained while a card is still being woken up
    if plan.examples < few and any(choice.name == "cuda" for choice in plan.choices):
        lines.append("So few examples are done sooner on the processor: --device cpu.")
    if any("not built" in choice.reason for choice in plan.choices):
        lines.append(HOW_TO_BUILD)
    return lines
