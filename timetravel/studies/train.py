"""One recipe, many seeds, beside the paper and the essay: how `timetravel train` travels."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from timetravel import paper
from timetravel.digits.pixels import encoded
from timetravel.engine.runs import Point, Run
from timetravel.eras import ERAS, Era
from timetravel.numbers import counted, duration, interval, listed
from timetravel.recipes import Recipe, plain
from timetravel.stats.rejection import Doubts, bootstrap_rejected
from timetravel.studies.base import Document
from timetravel.studies.evidence import new_digits
from timetravel.studies.rows import Row, references
from timetravel.studies.setup import Entry, RowStudy, Setup

REJECTION_REPLICATES: Final = 200  # each chooses the thresholds of every net afresh
WORST: Final = 24


class Train(RowStudy):
    """The study: one recipe on 1989's number of digits (or another), all seeds watched epoch by epoch.

    On the original digits an era's rivals are trained beside it, and the same recipe on the essay's substitute, MNIST,
    so that one sees what the substitution did.
    """

    command = "train"
    watched = True
    telling = 0.2  # thresholds for doubtful digits are sought for every net

    def __init__(self, setup: Setup, era: Era, recipe: Recipe) -> None:
        self.setup, self.era, self.recipe = setup, era, recipe

    def entries(self) -> list[Entry]:
        """Return the row of the recipe, then those to compare it with."""
        name, chosen = self.era.name, self.era.chosen
        if self.recipe != self.era.recipe:
            by_hand = f"changed by hand from {name}"
            told = [
                f"{field.replace('_', ' ')} {plain(value)} for {plain(getattr(self.era.recipe, field))}"
                for field, value in self.recipe.changes_from(self.era.recipe).items()
            ]
            return [Entry(f"{name}*", f"{name}, {listed(told)}", None, self.recipe, chosen=by_hand)]
        first = Entry(name, name, name if name in ERAS else None, self.recipe, chosen=chosen)
        if self.setup.source.name != "usps" or not self.era.rivals:
            return [first]
        rivals = [replace(first, label=f"{name}, {rival.net}", recipe=rival) for rival in self.era.rivals]
        return [first, *rivals, replace(first, label=f"{name}, MNIST", data="mnist")]

    def result(self, runs: Sequence[Run]) -> Document:
        """Measure the rows, and find the worst mistakes of the first."""
        rows = self.setup.rows(self.entries(), runs)
        first = rows[0]
        return {
            "rows": [row.to_dict() | new_digits(row) | rejected(row) for row in rows],
            "references": references(("1989", self.era.essay), train_size=paper.TRAINING_DIGITS),
            "finding": finding(first),
            "method": [self.setup.method()],
            "speed_up": speed_up(first),
            "curves": dict(curves(first)),
            "rejection_curves": [rejection_curves(row) for row in rows],
            "mistakes": worst_mistakes(first),
        }


def rejected(row: Row) -> dict[str, Any]:
    """Return the share rejected by the paper's thresholds, and on its own digits its bootstrap interval."""
    told = {"rejected_for_1pct": row.rejected("thresholds").to_dict(), "rejected_new_digits": None}
    if row.data == "usps":
        found = bootstrap_rejected([run.outputs for run in row.runs], row.test.labels, replicates=REJECTION_REPLICATES)
        told["rejected_new_digits"] = dict(zip(("low", "high"), found, strict=True))
    return told


def rejection_curves(row: Row) -> list[dict[str, list[float]]]:
    """Return, for each net, the error left on the other digits against the share rejected, both in percent."""
    curves = []
    for run in row.runs:
        rejected, error = map(np.asarray, Doubts(run.outputs, row.test.labels).curve())
        kept = rejected <= 40  # percent: as far as anybody looks
        curves.append({"rejected": rejected[kept].tolist(), "error": error[kept].tolist()})
    return curves


def curves(row: Row) -> Iterator[tuple[str, list[dict[str, float]]]]:
    """Yield the curve of each run by its seed, and its subset where the seeds train on several."""
    several = len({run.seed for run in row.runs}) < len(row.runs)
    for run, subset in zip(row.runs, row.subsets, strict=True):
        yield f"{run.seed}, subset {subset}" if several else str(run.seed), [flat(point) for point in run.curve]


def flat(point: Point) -> dict[str, float]:
    """Write a point of a curve for JSON: 'train_mistakes', 'test_mistakes', 'train_error' and so on."""
    splits = (("train", point.train), ("test", point.test))
    names = ("mistakes", "error", "loss")
    figures = {f"{split}_{name}": getattr(found, name) for name in names for split, found in splits}
    return {"epoch": point.epochs, **figures}


def speed_up(row: Row) -> float:
    """How many times faster a net was trained here than 1989's machine would have seen as many examples."""
    return paper.SECONDS * row.runs[0].examples_seen / paper.EXAMPLES_SEEN / row.seconds_a_net


def finding(row: Row) -> str:
    """Say in a sentence what was found."""
    if len(row.diverged) == len(row.runs):
        seeds = ", ".join(map(str, row.diverged))
        return f"{row.label} diverged on {row.data} (seeds {seeds}): the loss stopped being a number."
    seconds, found = row.seconds_a_net, new_digits(row)["new_digits"]
    others = ": means are over the others" if any(run.sound for run in row.runs) else ""
    return (
        f"{row.label} on {row.data}: {row.test_mistakes.mean:,.4g} of {len(row.test):,} test digits read wrongly, "
        f"{interval(row.test_error.mean, found['low'], found['high'], '.2f', gap=' % ')}, over "
        f"{counted(len(row.runs), 'run')}; a net took {duration(seconds)} here, and 1989's machine would have needed "
        f"{duration(speed_up(row) * seconds)}: {speed_up(row):,.0f} times as long."
        f"{f' {row.failure}{others}.' if row.failure else ''}"
    )


def worst_mistakes(row: Row, count: int = WORST) -> list[dict[str, Any]]:
    """Return the test digits that most nets read wrongly, the clearest misreadings first, with their pictures."""
    labels, finished = row.test.labels, [run for run in row.runs if not run.diverged]
    if not finished:
        return []
    predictions = np.stack([run.predictions for run in finished])
    wrong = (predictions != labels).sum(axis=0)
    doubt = np.mean([run.outputs.max(axis=1) - run.outputs[np.arange(len(labels)), labels] for run in finished], axis=0)
    mistakes = []
    for index in map(int, np.lexsort((-doubt, -wrong))[:count]):
        if not wrong[index]:
            break
        values, times = np.unique(predictions[:, index][predictions[:, index] != labels[index]], return_counts=True)
        told = {"digit": index, "true": int(labels[index]), "read_as": int(values[times.argmax()])}
        told |= {"wrong": int(wrong[index]), "nets": len(finished)}
        mistakes.append({**told, "pixels": encoded(row.test.images[index])})
    return mistakes
