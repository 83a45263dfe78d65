"""Cheating with data: the error of each era against the number of training digits, its law, and what it predicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from timetravel import paper
from timetravel.eras import Era
from timetravel.errors import UsageError
from timetravel.numbers import counted, listed
from timetravel.studies.budgets import Budget, budgeted
from timetravel.studies.closing import Closing, closing_table, reduction_by_data
from timetravel.studies.curves import FEWEST_SIZES, Curve, SameExponent, curve_of, exponents
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
class Questions:
    """What is asked of the laws: errors at numbers of digits, digits for errors in percent, dollars a label."""

    predict: tuple[int, ...] = ()
    errors: tuple[float, ...] = ()
    label_cost: float | None = None

    def check(self, sizes: Sequence[int]) -> None:
        """Raise UsageError where there are too few sizes for a law to answer."""
        if (self.predict or self.errors) and len(sizes) < FEWEST_SIZES:
            raise UsageError(
                f"{counted(len(sizes), 'size')} can't be fitted by a law, so nothing can be predicted.",
                f"Give at least {FEWEST_SIZES}, as --sizes 1000,7291,50000.",
            )


@dataclass(frozen=True)
class ScaleDataResult(StudyResult):
    """Learning curves over the number of training digits."""

    budget: str
    curves: tuple[Curve, ...]
    exponents: tuple[SameExponent, ...]
    closing: Closing
    removed: tuple[dict[str, Any], ...]
    label_cost: float | None  # dollars

    def extra(self) -> dict[str, Any]:
        """Return the laws, what they predict, and the closing table for JSON."""
        return {
            "budget": self.budget,
            "curves_fitted": [curve.to_dict() for curve in self.curves],
            "exponents": [pair.to_dict() for pair in self.exponents],
            "label_cost": self.label_cost,
            "reduction": list(self.removed),
            "calibration": self.evidence.calibration_dict(),
        } | self.closing.to_dict()

    def plot(self, *, dark: bool = False) -> "Figure":
        """Draw error against training digits on logarithmic axes, with the laws that were fitted."""
        from timetravel.show import curve_figures

        return curve_figures.learning_curves(self, dark=dark)


class ScaleData:
    """The study: every era at every size."""

    watched = False  # whether its runs are measured after every epoch

    def __init__(
        self,
        setup: Setup,
        eras: Sequence[Era],
        sizes: Sequence[int],
        budget: Budget = "examples",
        questions: Questions = Questions(),
    ) -> None:
        """Raise UsageError for questions that so few sizes can't answer, and for a size that can't hold every class."""
        self.setup, self.eras, self.budget, self.questions = setup, eras, budget, questions
        self.sizes = sorted(set(sizes))
        questions.check(self.sizes)
        setup.digits(self.sizes[0])

    def note(self) -> str:
        """Return what should be known before hours of training; empty if nothing."""
        if len(self.sizes) < FEWEST_SIZES:
            return f"{counted(len(self.sizes), 'size')}: no law is fitted, which takes {FEWEST_SIZES}."
        return ""

    def entries(self) -> list[Entry]:
        """Return a row for each era and size."""
        return [
            Entry(era.name, era.name, era.name, budgeted(era.recipe, size, self.budget), size, chosen=era.chosen)
            for era in self.eras
            for size in self.sizes
        ]

    def run(self) -> ScaleDataResult:
        """Train every cell of the grid, fit the curves and compare the cells of the closing table."""
        rows = self.setup.rows(self.entries())
        names = [era.name for era in self.eras]
        base, places = closing_places(rows, names)
        evidence = weigh(rows, [(place, places[0]) for place in places[1:]])
        asked = self.questions
        curves = [
            curve_of(name, [row for row in rows if row.name == name], asked.predict, asked.errors, stream)
            for stream, name in enumerate(names)
        ]
        closing = closing_table(rows, places, evidence)
        return ScaleDataResult(
            command="scale-data",
            rows=tuple(rows),
            references=tuple(references(names, like=rows[0])),
            finding=finding([cell.row for cell in closing.cells]),
            evidence=evidence,
            budget=self.budget,
            curves=tuple(curves),
            exponents=tuple(exponents(curves)),
            closing=closing,
            removed=tuple(reduction_by_data(rows, base)),
            label_cost=asked.label_cost,
        )


def closing_places(rows: Sequence[Row], eras: Sequence[str]) -> tuple[int, list[int]]:
    """Return 1989's size, or the nearest there is, and the places of {that size, the most digits} x eras."""
    sizes = sorted({row.train_size for row in rows})
    base = min(sizes, key=lambda size: abs(size - paper.TRAINING_DIGITS))
    at = {(row.name, row.train_size): place for place, row in enumerate(rows)}
    return base, [at[era, size] for size in sorted({base, sizes[-1]}) for era in eras]


def finding(rows: Sequence[Row]) -> str:
    """Say in a sentence what more digits did, and what the newer recipe did."""
    if diverged := sorted({f"{row.label} at {row.train_size:,}" for row in rows if row.diverged}):
        return f"These rows diverged, so nothing can be said of them: {listed(diverged)}."
    first = rows[0]
    parts = []
    for row in rows[1:]:
        before, after = first.test_mistakes, row.test_mistakes
        share = 100 * (1 - after.mean / before.mean) if before.mean else 0.0
        what = f"{row.label} with {row.train_size:,} digits"
        parts.append(f"{what} makes {after.mean:.4g} ({abs(share):.0f} % {'fewer' if share >= 0 else 'more'})")
    caution = " One seed is an anecdote: use --seeds 3 or more." if len(first.runs) == 1 else ""
    start = f"{first.label} with {first.train_size:,} digits makes {first.test_mistakes.mean:.4g} mistakes"
    return f"{start} of {first.test_size:,}; {'; '.join(parts) or 'no other cell was asked for'}.{caution}"
