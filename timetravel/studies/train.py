"""One recipe, many seeds, beside the paper and the essay: how `timetravel train` travels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from timetravel import paper
from timetravel.digits import Digits
from timetravel.engine.runs import Point
from timetravel.eras import Era
from timetravel.numbers import counted, duration
from timetravel.recipes import Recipe
from timetravel.rejection import bootstrap_rejected
from timetravel.studies.evidence import weigh
from timetravel.studies.result import StudyResult
from timetravel.studies.rows import Row, references
from timetravel.studies.setup import Entry, Setup

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REJECTION_REPLICATES = 200  # each chooses the thresholds of every net afresh


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
    """What training one recipe showed; its rivals and the substitute digits follow in further rows."""

    mistakes: tuple[Mistake, ...]
    rejected_new_digits: tuple[tuple[float, float] | None, ...]  # bootstrap intervals of the share rejected, a row each

    @property
    def row(self) -> Row:
        """The row that the study is about."""
        return self.rows[0]

    def reference(self, recipe: str, net: str = "lecun1989") -> Mapping[str, Any] | None:
        """Return a published row."""
        return next((r for r in self.references if (r["recipe"], r["net"]) == (recipe, net)), None)

    def to_dict(self) -> dict[str, Any]:
        """Return the public JSON document."""
        document = super().to_dict()
        for row, interval in zip(document["rows"], self.rejected_new_digits, strict=True):
            row["rejected_new_digits"] = interval and dict(zip(("low", "high"), interval, strict=True))
        return document

    def extra(self) -> dict[str, Any]:
        """Return the curves of the first row, the mistakes and the speed-up for JSON."""
        return {
            "speed_up": speed_up(self.row),
            "curves": {str(run.seed): [flat(point) for point in run.curve] for run in self.row.runs},
            "mistakes": [
                {"digit": m.index, "true": m.true, "read_as": m.read, "wrong": m.wrong, "nets": m.nets}
                for m in self.mistakes
            ],
        }

    def plots(self, *, dark: bool = False) -> "dict[str, Figure]":
        """Draw the error after every epoch, the error against the share rejected, and the mistakes."""
        from timetravel.show import figures

        drawn = {"figure": self.plot(dark=dark), "rejection": figures.rejection(self, dark=dark)}
        return drawn | ({"mistakes": figures.mistakes(self, dark=dark)} if self.mistakes else {})

    def plot(self, *, dark: bool = False) -> "Figure":
        """Draw the error after every epoch, with the spread of the seeds."""
        from timetravel.show import figures

        return figures.learning_curve(self, dark=dark)


class Train:
    """The study: one recipe on 1989's number of digits (or another), all seeds watched epoch by epoch.

    An era's rivals are trained beside it; and on the original digits the same recipe on the essay's substitute, MNIST,
    so that one sees what the substitution did.
    """

    watched = True  # whether its runs are measured after every epoch

    def __init__(self, setup: Setup, era: Era, recipe: Recipe, size: int | None = None) -> None:
        self.setup, self.era, self.recipe, self.size = setup, era, recipe, size

    def entries(self) -> list[Entry]:
        """Return the row of the recipe, then those to compare it with."""
        chosen = self.era.chosen
        name, label, era = self.era.name, self.era.name, self.era.name if self.recipe == self.era.recipe else None
        if era is None:
            return [
                Entry(
                    f"{name}*", f"{label}, changed", None, self.recipe, self.size, chosen=f"changed by hand from {name}"
                )
            ]
        entries = [Entry(name, label, era, self.recipe, self.size, chosen=chosen)]
        entries += [
            Entry(name, f"{label}, {rival.net}", era, rival, self.size, chosen=chosen) for rival in self.era.rivals
        ]
        if self.setup.source.name == "usps" and self.era.rivals:
            entries.append(Entry(name, f"{label}, MNIST", era, self.recipe, self.size, data="mnist", chosen=chosen))
        return entries

    def run(self) -> TrainResult:
        """Train, measure, and find the worst mistakes."""
        rows = self.setup.rows(self.entries(), watched=self.watched)
        return TrainResult(
            command="train",
            rows=tuple(rows),
            references=tuple(references(("1989", self.era.essay), train_size=paper.TRAINING_DIGITS)),
            finding=finding(rows[0]),
            evidence=weigh(rows),
            mistakes=tuple(worst_mistakes(rows[0], self.setup.test)),
            rejected_new_digits=tuple(rejected_interval(row) for row in rows),
        )


def rejected_interval(row: Row) -> tuple[float, float] | None:
    """Return the bootstrap interval of the share rejected; the paper has a figure to meet on its own digits only."""
    if row.data != "usps":
        return None
    outputs = [run.outputs for run in row.runs]
    return bootstrap_rejected(outputs, row.test.labels, replicates=REJECTION_REPLICATES)


def flat(point: Point) -> dict[str, float]:
    """Write a point of a curve for JSON."""
    return {
        "epoch": point.epochs,
        "train_mistakes": point.train.mistakes,
        "test_mistakes": point.test.mistakes,
        "train_loss": point.train.loss,
        "test_loss": point.test.loss,
    }


def speed_up(row: Row) -> float:
    """How many times faster a net was trained here than 1989's machine would have made as many examples."""
    return paper.SECONDS * row.runs[0].examples_seen / paper.EXAMPLES_SEEN / row.seconds_a_run


def finding(row: Row) -> str:
    """Say in a sentence what was found."""
    if row.diverged:
        seeds = ", ".join(map(str, row.diverged))
        return f"{row.label} diverged on {row.data} (seeds {seeds}): the loss stopped being a number."
    error, mistakes = row.test_error, row.test_mistakes
    interval = f" [{error.low:.2f}, {error.high:.2f}]" if error.low is not None else ""
    return (
        f"{row.label} on {row.data}: {mistakes.mean:.4g} of {row.test_size:,} test digits read wrongly, "
        f"{error.mean:.2f} %{interval}, over {counted(len(row.runs), 'seed')}; a net took "
        f"{duration(row.seconds_a_run)} here, and 1989's machine would have needed "
        f"{duration(speed_up(row) * row.seconds_a_run)}: {speed_up(row):,.0f} times as long."
    )


def worst_mistakes(row: Row, test: Digits, count: int = 24) -> Sequence[Mistake]:
    """Return the digits that most nets read wrongly, the clearest misreadings first."""
    readings = np.stack([run.predictions for run in row.runs if not run.diverged] or [test.labels])
    wrong = (readings != test.labels).sum(axis=0)
    outputs = [run.outputs for run in row.runs if not run.diverged] or [np.zeros((len(test), 10))]
    top = np.stack([out.max(axis=1) for out in outputs])
    right = np.stack([out[np.arange(len(test)), test.labels] for out in outputs])
    doubt = (top - right).mean(axis=0)
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
                nets=len(readings),
            )
        )
    return mistakes
