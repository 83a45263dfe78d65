"""Cheating with data: the error of each era against the number of training digits, its law, and what it predicts."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from timetravel import paper
from timetravel.engine.runs import Run
from timetravel.eras import Era
from timetravel.errors import UsageError
from timetravel.numbers import counted, interval, listed
from timetravel.stats.curves import FEWEST_SIZES, Points, Questions, curve_of, exponents
from timetravel.studies import evidence
from timetravel.studies.base import Document
from timetravel.studies.budgets import FEWER, Budget, budgeted
from timetravel.studies.rows import Row, references
from timetravel.studies.setup import Entry, RowStudy, Setup

SIMILAR: Final = 0.2  # examples seen, as a share
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
    def changed(self) -> str:
        """Say what every net has in place of what 1989 or its recipe had."""
        told = super().changed
        return told + FEWER if told and self.budget == "examples" else told

    @property
    def remarks(self) -> list[str]:
        """What should be known before hours of training."""
        few = f"{counted(len(self.sizes), 'size')}: no law is fitted, which takes {FEWEST_SIZES}."
        return [few] if len(self.sizes) < FEWEST_SIZES else []

    def entries(self) -> list[Entry]:
        """Return a row for each era and size."""
        return [
            Entry(era.name, era.name, era.name, budgeted(recipe, size, self.budget), size, chosen=era.chosen)
            for era in self.eras
            for recipe in [self.setup.trained(era.recipe)]
            for size in self.sizes
        ]

    def result(self, runs: Sequence[Run]) -> Document:
        """Fit the curves, and compare every row with the first era's on 1989's size, or the nearest."""
        rows = self.setup.rows(self.entries(), runs)
        names = [era.name for era in self.eras]
        few = min(self.sizes, key=lambda size: abs(size - paper.TRAINING_DIGITS))
        base = self.sizes.index(few)
        found = evidence.weigh(rows, [(place, base) for place in range(len(rows)) if place != base])
        reduction = reduction_by_data(rows, few if few < self.sizes[-1] else self.sizes[0])
        curves = {}
        for stream, name in enumerate(names):
            curves[name] = curve_of(points_of([row for row in rows if row.name == name]), stream, self.questions)
        return {
            "rows": [
                row.to_dict() | evidence.new_digits(row) | evidence.compared("base", found.get((place, base)))
                for place, row in enumerate(rows)
            ],
            "references": references(names, like=rows[0]),
            "finding": finding(rows, reduction) + evidence.failures(rows),
            "budget": self.budget,
            "curves_fitted": [{"era": era, **told} for era, (told, _) in curves.items()],
            "exponents": exponents({era: powers for era, (_, powers) in curves.items()}),
            "label_cost": self.questions.label_cost,
            "reduction": reduction,
            "method": [self.setup.method(self.sizes[0], self.sizes[-1]), evidence.VERDICTS],
            "calibration": evidence.calibration(rows),
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


def reduction_by_data(rows: Sequence[Row], few: int) -> list[dict[str, Any]]:
    """Return, for each recipe, the share of its mistakes with `few` digits that the most digits remove, in percent."""
    removed = []
    for name in dict.fromkeys(row.name for row in rows):
        by_size = {row.train_size: row for row in rows if row.name == name}
        if (most := max(by_size)) > few:
            share = evidence.removal(by_size[most], by_size[few])
            removed.append({"cause": "data", "era": name, "train_size": most, "against": few, **share})
    return removed


def finding(rows: Sequence[Row], reduction: Sequence[Mapping[str, Any]]) -> str:
    """Say in two sentences what more digits did, and which row errs least."""
    best = min(rows, key=lambda row: np.nan_to_num(row.test_mistakes.mean, nan=np.inf))
    made = f"{best.test_mistakes.mean:,.1f} of {len(best.test):,} test digits"
    told = f"The fewest: {best.label} on {best.train_size:,} digits, with {made}."
    if reduction:
        of, most, few = (reduction[0][part] for part in ("era", "train_size", "against"))
        many, less = (next(row for row in rows if (row.name, row.train_size) == (of, size)) for size in (most, few))
        how = f"for {many.recipe.epochs} epochs"
        if abs(many.recipe.epochs * most / (less.recipe.epochs * few) - 1) < SIMILAR:
            how = "on about as many examples"
        elif many.recipe.epochs == less.recipe.epochs:
            how = "for as many epochs"
        falls = listed([f"by {fall(part)} for {part['era']}" for part in reduction])
        told = f"With {most:,} training digits instead of {few:,}, {how}, mistakes fall {falls}. {told}"
    return told + (" One seed is an anecdote: use --seeds 3 or more." if len(best.runs) == 1 else "")


def fall(share: Mapping[str, Any]) -> str:
    """Write the share of the mistakes that is removed, with its interval."""
    if share["mean"] is None:
        return "an unknown share"
    told = interval(share["mean"], share["low"], share["high"], ".0f", gap=" % ")
    return f"{told} (or not at all)" if share["low"] is None or share["low"] <= 0 else told
