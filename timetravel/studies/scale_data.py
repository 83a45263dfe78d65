"""Cheating with data: the error of each era against the number of training digits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from timetravel import paper
from timetravel.eras import Era
from timetravel.stats import Estimate, paired_change
from timetravel.studies.evidence import weigh
from timetravel.studies.result import StudyResult
from timetravel.studies.rows import Row, references
from timetravel.studies.setup import Entry, Setup

if TYPE_CHECKING:
    from matplotlib.figure import Figure


SIZES: Final = (1000, 2000, 4000, paper.TRAINING_DIGITS, 15000, 30000, 50000)


def sizes_up_to(available: int) -> list[int]:
    """Return the default sizes as far as a source goes, the whole of a smaller source last."""
    sizes = [size for size in SIZES if size <= available]
    return sizes if available >= SIZES[-1] or available in sizes else [*sizes, available]


@dataclass(frozen=True)
class Cell:
    """One cell of the closing table: an era at a number of digits."""

    row: Row
    change: Estimate | None  # in mistakes, against the first cell, seed by seed


@dataclass(frozen=True)
class ScaleDataResult(StudyResult):
    """Learning curves over the number of training digits."""

    cells: tuple[Cell, ...]

    def extra(self) -> dict[str, Any]:
        """Return the closing table for JSON."""
        return {
            "cells": [
                {
                    "recipe": cell.row.name,
                    "train_size": cell.row.train_size,
                    "change": cell.change and cell.change.to_dict(),
                }
                for cell in self.cells
            ]
        }

    def plot(self, *, dark: bool = False) -> "Figure":
        """Draw error against training digits on logarithmic axes."""
        from timetravel.show import figures

        return figures.data_curve(self, dark=dark)


class ScaleData:
    """The study: every era at every size."""

    watched = False  # whether its runs are measured after every pass

    def __init__(self, setup: Setup, eras: Sequence[Era], sizes: Sequence[int], passes: int | None = None) -> None:
        self.setup, self.eras, self.passes = setup, eras, passes
        self.sizes = sorted(set(sizes))

    def entries(self) -> list[Entry]:
        """Return a row for each era and size.

        Above 1989's size a recipe makes as many presentations as it does at 1989's size, unless the passes are given:
        what changes is then the data and not the length of the training.
        """
        entries = []
        for era in self.eras:
            for size in self.sizes:
                passes = self.passes or era.recipe.passes
                if not self.passes and size > paper.TRAINING_DIGITS:
                    passes = max(1, round(era.recipe.passes * paper.TRAINING_DIGITS / size))
                recipe = era.recipe.but(passes=passes)
                entries.append(Entry(era.name, era.name, era.name, recipe, size, chosen=era.chosen))
        return entries

    def run(self) -> ScaleDataResult:
        """Train every cell of the grid."""
        rows = self.setup.rows(self.entries())
        cells = closing_cells(rows, [era.name for era in self.eras])
        published = references([era.name for era in self.eras], like=rows[0])
        return ScaleDataResult(
            command="scale-data",
            rows=tuple(rows),
            references=tuple(published),
            finding=finding(cells),
            evidence=weigh(rows, [(rows.index(cell.row), rows.index(cells[0].row)) for cell in cells[1:]]),
            cells=tuple(cells),
        )


def closing_cells(rows: Sequence[Row], eras: Sequence[str]) -> list[Cell]:
    """Pick {eras} x {1989's size, or the nearest, and the most digits} and compare each with the first."""
    sizes = sorted({row.train_size for row in rows})
    base = min(sizes, key=lambda size: abs(size - paper.TRAINING_DIGITS))
    picked = [
        row
        for size in sorted({base, sizes[-1]})
        for era in eras
        for row in rows
        if (row.name, row.train_size) == (era, size)
    ]
    first = picked[0]
    return [
        Cell(row, None if row is first else paired_change(row.test_mistakes.values, first.test_mistakes.values))
        for row in picked
    ]


def finding(cells: Sequence[Cell]) -> str:
    """Say in a sentence what more digits did, and what the newer recipe did."""
    rows = [cell.row for cell in cells]
    if diverged := sorted({f"{row.label} at {row.train_size:,}" for row in rows if row.diverged}):
        return f"These rows diverged, so nothing can be said of them: {', '.join(diverged)}."
    first = rows[0]
    parts = []
    for row in rows[1:]:
        before, after = first.test_mistakes, row.test_mistakes
        share = 100 * (1 - after.mean / before.mean) if before.mean else 0.0
        what = f"{row.label} with {row.train_size:,} digits"
        parts.append(f"{what} makes {after.mean:.4g} ({abs(share):.0f} % {'fewer' if share >= 0 else 'more'})")
    seeds = len(first.runs)
    caution = " One seed is an anecdote: use --seeds 3 or more." if seeds == 1 else ""
    start = f"{first.label} with {first.train_size:,} digits makes {first.test_mistakes.mean:.4g} mistakes"
    return f"{start} of {first.test_size:,}; {'; '.join(parts) or 'no other cell was asked for'}.{caution}"
