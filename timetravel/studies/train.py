"""One recipe, many seeds, beside the paper and the essay: how `timetravel train` travels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from timetravel.digits import Digits
from timetravel.eras import Era
from timetravel.recipes import Recipe
from timetravel.studies.result import StudyResult
from timetravel.studies.rows import Row, references
from timetravel.studies.setup import Entry, Setup
from timetravel.words import counted, duration

if TYPE_CHECKING:
    from matplotlib.figure import Figure

THREE_DAYS = 3 * 86400.0  # seconds; the time that the paper's training took


@dataclass(frozen=True)
class Mistake:
    """A test digit that most nets read wrongly."""

    index: int  # in the test digits
    image: np.ndarray  # float32 (16, 16)
    true: int
    read: int  # what it was read as most often
    wrong: int  # nets that read it wrongly
    nets: int


@dataclass(frozen=True)
class TrainResult(StudyResult):
    """What training one recipe showed."""

    mistakes: tuple[Mistake, ...]

    @property
    def row(self) -> Row:
        """The one row of the study."""
        return self.rows[0]

    @property
    def speed_up(self) -> float:
        """How many times faster a net was trained than in 1989."""
        return THREE_DAYS / self.row.seconds_a_run

    def extra(self) -> dict[str, Any]:
        """Return the curves, the mistakes and the speed-up for JSON."""
        return {
            "speed_up": self.speed_up,
            "curves": {
                str(run.seed): [
                    {
                        "pass": point.passes,
                        "train_mistakes": point.train.mistakes,
                        "test_mistakes": point.test.mistakes,
                        "train_loss": point.train.loss,
                        "test_loss": point.test.loss,
                    }
                    for point in run.curve
                ]
                for run in self.row.runs
            },
            "mistakes": [
                {"digit": m.index, "true": m.true, "read_as": m.read, "wrong": m.wrong, "nets": m.nets}
                for m in self.mistakes
            ],
        }

    def plot(self, *, dark: bool = False) -> "Figure":
        """Draw the error after every pass, with the spread of the seeds."""
        from timetravel.show import figures

        return figures.learning_curve(self, dark=dark)


class Train:
    """The study: one recipe on 1989's number of digits (or another), all seeds watched pass by pass."""

    watched = True  # whether its runs are measured after every pass

    def __init__(self, setup: Setup, era: Era, recipe: Recipe, size: int | None = None) -> None:
        self.setup = setup
        changed = recipe != era.recipe
        self.entry = Entry(
            name=f"{era.name}*" if changed else era.name,
            label=f"{era.name}, changed" if changed else era.name,
            era=None if changed else era.name,
            recipe=recipe,
            size=size,
        )

    def entries(self) -> list[Entry]:
        """Return the one row."""
        return [self.entry]

    def run(self) -> TrainResult:
        """Train, measure, and find the worst mistakes."""
        rows = self.setup.rows(self.entries(), watched=self.watched)
        return TrainResult(
            command="train",
            rows=tuple(rows),
            references=tuple(references(("1989", "1989-essay", "2022"), train_size=7291)),
            finding=finding(rows[0]),
            mistakes=tuple(worst_mistakes(rows[0], self.setup.test)),
        )


def finding(row: Row) -> str:
    """Say in a sentence what was found."""
    if row.diverged:
        seeds = ", ".join(map(str, row.diverged))
        return f"{row.label} diverged on {row.data} (seeds {seeds}): the loss stopped being a number."
    error, mistakes = row.test_error, row.test_mistakes
    interval = f" [{error.low:.2f}, {error.high:.2f}]" if error.low is not None else ""
    return (
        f"{row.label} on {row.data}: {mistakes.mean:.4g} of {row.test_size:,} test digits read wrongly, "
        f"{error.mean:.2f} %{interval}, over {counted(len(row.runs), 'seed')}; "
        f"a net took {duration(row.seconds_a_run)} here, {THREE_DAYS / row.seconds_a_run:,.0f} times less than the "
        f"three days of 1989."
    )


def worst_mistakes(row: Row, test: Digits, count: int = 8) -> Sequence[Mistake]:
    """Return the digits that most nets read wrongly, the clearest misreadings first."""
    readings = np.stack([run.predictions for run in row.runs])
    wrong = (readings != test.labels).sum(axis=0)
    top = np.stack([run.outputs.max(axis=1) for run in row.runs])
    right = np.stack([run.outputs[np.arange(len(test)), test.labels] for run in row.runs])
    doubt = np.nan_to_num(top - right).mean(axis=0)
    order = np.lexsort((-doubt, -wrong))[:count]
    mistakes = []
    for index in order[wrong[order] > 0]:
        false = readings[:, index][readings[:, index] != test.labels[index]]
        values, times = np.unique(false, return_counts=True)
        mistakes.append(
            Mistake(
                index=int(index),
                image=test.images[index],
                true=int(test.labels[index]),
                read=int(values[times.argmax()]),
                wrong=int(wrong[index]),
                nets=len(row.runs),
            )
        )
    return mistakes
