"""The epochs of the first net as they come, with the hour that it would be in 1989."""

from typing import TYPE_CHECKING

from timetravel.cli.progress import Progress

if TYPE_CHECKING:
    from timetravel.engine.collect import Plan
    from timetravel.engine.runs import Job, Point

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday")
START_MINUTE = 9 * 60  # training starts on a Monday at 9:00
THREE_DAYS = 3 * 24 * 60  # minutes


def hour_of_1989(share: float) -> str:
    """Return the day and hour at which a share of 1989's three days has gone by: 0.5 is 'Tuesday 21:00'."""
    minute = START_MINUTE + round(share * THREE_DAYS)
    return f"{DAYS[minute // 1440]} {minute % 1440 // 60:02}:{minute % 60:02}"


class EpochClock(Progress):
    """Progress that shows each epoch of the first net that trains."""

    def __init__(self, quiet: bool, epochs: int) -> None:
        super().__init__(quiet)
        self.epochs = epochs
        self.first: Job | None = None

    def planned(self, plan: "Plan") -> None:
        """Say what will be done and head the column of epochs."""
        super().planned(plan)
        if plan.missing:
            self.first = plan.missing[0]
            self.note(f"Epochs of {self.first.label}, seed {self.first.seed}:")
            self.note("  epoch  train loss  mistakes   test loss  mistakes   in 1989 it would be")

    def epoch_done(self, job: "Job", point: "Point") -> None:
        """Show an epoch of the first net; long trainings show about thirty of theirs."""
        every = -(-self.epochs // 30)
        if (
            self.first is not None
            and job.training == self.first.training
            and (point.epochs % every == 0 or point.epochs in (1, self.epochs))
        ):
            then = hour_of_1989(point.epochs / self.epochs)
            self.note(
                f"  {point.epochs:>4}  {point.train.loss:10.2e} {point.train.mistakes:>9,}"
                f"  {point.test.loss:10.2e} {point.test.mistakes:>9,}   {then}"
            )
