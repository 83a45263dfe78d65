"""Cheating with data: the error of each era against the number of training digits, its law, and what it predicts."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from timetravel import paper
from timetravel.engine.runs import Run
from timetravel.eras import Era
from timetravel.errors import UsageError
from timetravel.numbers import counted, listed
from timetravel.stats.curves import FEWEST_SIZES, Points, Questions, curve_of, exponents
from timetravel.studies.base import Document
from timetravel.studies.budgets import Budget, budgeted
from timetravel.studies.closing import closing_table, reduction_by_data
from timetravel.studies.evidence import VERDICTS, calibration, failures, new_digits, weigh
from timetravel.studies.rows import Row, references
from timetravel.studies.setup import Entry, RowStudy, Setup

SIZES: Final = (1000, 2000, 4000, paper.TRAINING_DIGITS, 15000, 30000, 50000)


def sizes_up_to(available: int) -> list[int]:
    """Return the default sizes as far as a source goes, the whole of a smaller source last."""
    sizes = [size for size in SIZES if size <= available]
    return sizes if available >= SIZES[-1] or available in sizes else [*sizes, available]


class ScaleData(RowStudy):
    """The study: every era at every size."""

    command = "scale-data"

    def __init__(
        self, setup: Setup, eras: Sequence[Era], sizes: Sequence[int], budget: Budget, questions: Questions
    ) -> None:
        """Raise UsageError for questions that so few sizes can't answer, and for a size that can't hold every class."""
        self.setup, self.eras, self.budget, self.questions = setup, eras, budget, questions
        self.sizes = sorted(set(sizes))
        if (questions.predict or questions.errors) and len(self.sizes) < FEWEST_SIZES:
            raise UsageError(
                f"{counted(len(self.sizes), 'size')} can't be fitted by a law, so nothing can be predicted.",
                f"Give at least {FEWEST_SIZES}, as --sizes 1000,7291,50000.",
            )
        setup.digits(self.sizes[0])

    @property
    def remarks(self) -> list[str]:
        """What should be known before hours of training."""
        few = f"{counted(len(self.sizes), 'size')}: no law is fitted, which takes {FEWEST_SIZES}."
        return [few] if len(self.sizes) < FEWEST_SIZES else []

    def entries(self) -> list[Entry]:
        """Return a row for each era and size."""
        return [
            Entry(era.name, era.name, era.name, budgeted(era.recipe, size, self.budget), size, chosen=era.chosen)
            for era in self.eras
            for size in self.sizes
        ]

    def result(self, runs: Sequence[Run]) -> Document:
        """Fit the curves and compare the cells of the closing table."""
        rows = self.setup.rows(self.entries(), runs)
        names = [era.name for era in self.eras]
        base, places = closing_places(rows, names)
        found = weigh(rows, [(place, places[0]) for place in places[1:]])
        curves = {}
        for stream, name in enumerate(names):
            curves[name] = curve_of(points_of([row for row in rows if row.name == name]), stream, self.questions)
        return {
            "rows": [row.to_dict() | new_digits(row) for row in rows],
            "references": references(names, like=rows[0]),
            "finding": finding([rows[place] for place in places]) + failures(rows),
            "budget": self.budget,
            "curves_fitted": [{"era": era, **told} for era, (told, _) in curves.items()],
            "exponents": exponents({era: powers for era, (_, powers) in curves.items()}),
            "label_cost": self.questions.label_cost,
            "reduction": reduction_by_data(rows, base),
            "method": [self.setup.method(self.sizes[0], self.sizes[-1]), VERDICTS],
            "calibration": calibration([rows[place] for place in places]),
            **closing_table(rows, places, found),
        }


def points_of(rows: Sequence[Row]) -> Points:
    """Return an era's rows, in the order of their sizes, as points of a learning curve: of the runs sound in all."""
    sound = np.logical_and.reduce([row.sound for row in rows])
    sound |= not sound.any()
    return Points(
        sizes=np.array([row.train_size for row in rows], dtype=float),
        shares=np.array([row.units([run.test.mistakes / run.test.size for run in row.runs], sound) for row in rows]),
        mistakes=np.array([row.test_mistakes.mean for row in rows]),
        errors=np.array([row.test_error.mean for row in rows]),
        digits=len(rows[0].test),
        failed=tuple(row.train_size for row in rows if row.diverged or len(row.collapsed) == len(row.runs)),
    )


def closing_places(rows: Sequence[Row], eras: Sequence[str]) -> tuple[int, list[int]]:
    """Return 1989's size, or the nearest there is, and the places of {that size, the most digits} x eras."""
    sizes = sorted({row.train_size for row in rows})
    base = min(sizes, key=lambda size: abs(size - paper.TRAINING_DIGITS))
    at = {(row.name, row.train_size): place for place, row in enumerate(rows)}
    return base, [at[era, size] for size in sorted({base, sizes[-1]}) for era in eras]


def finding(rows: Sequence[Row]) -> str:
    """Say in a sentence what more digits did, and what the newer recipe did."""
    first, few, most = rows[0], rows[0].train_size, rows[-1].train_size
    told = {
        size: [f"{row.label} {row.test_mistakes.mean:.4g}" for row in rows if row.train_size == size]
        for size in (few, most)
    }
    finding = f"Mistakes of {len(first.test):,} test digits, trained on {few:,}: {listed(told[few])}"
    finding += f"; on {most:,}: {listed(told[most])}." if most > few else "."
    return finding + (" One seed is an anecdote: use --seeds 3 or more." if len(first.runs) == 1 else "")
