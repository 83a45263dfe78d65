"""The interpretations of the paper: what each gap in its text could mean, and which interpretation is the likeliest.

Two studies, kept apart. The choice looks for the interpretation with the least error on five folds of the training
digits; it never meets a test digit. The reconstruction sets every interpretation's figures beside the paper's; it reads
the test split, and nothing is chosen by it.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import inf
from typing import Any, Final

import numpy as np

from timetravel.digits import Digits
from timetravel.digits.folds import FOLDS, folds
from timetravel.engine.runs import Job, Run
from timetravel.recipes import Recipe
from timetravel.stats.estimates import estimate
from timetravel.stats.rejection import rejected_for
from timetravel.studies.base import Document, Study
from timetravel.studies.rows import references
from timetravel.studies.setup import Setup

PLAIN, SCALED = {"amplitude": 1.0, "slope": 1.0}, {"amplitude": 1.7159, "slope": 2 / 3}
NEWTON: Final = ((0.0002, 0.01), (0.0005, 0.01), (0.001, 0.01), (0.0025, 0.1), (0.005, 0.1), (0.01, 0.1))  # rate, mu

# What the paper leaves open, and what each gap could hold. The first option of each is the 2022 essay's.
GAPS: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "activation": {"tanh x": PLAIN, "1.7159 tanh 2x/3": SCALED},
    "initial weights": {"2.4/sqrt(F)": {"initial_power": 0.5}, "2.4/F": {"initial_power": 1.0}},
    "targets": {f"+-{level:g}": {"target_low": -level, "target_high": level} for level in (1.0, 0.8)},
    "optimizer and rate": {
        **{f"SGD {rate}": {"optimizer": "sgd", "learning_rate": rate} for rate in (0.03, 0.02, 0.05, 0.1)},
        **{
            f"Newton {rate}, mu {mu}": {"optimizer": "diagonal-newton", "learning_rate": rate, "mu": mu}
            for rate, mu in NEWTON
        },
    },
}
# Gaps that are varied one at a time around the best of the grid above.
SIDE_GAPS: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "table": {name: {"table": name} for name in ("blocks", "ring", "random-0", "random-1", "random-2")},
    "outside H1's maps": {"-1": {"map_border": -1.0}, "0": {"map_border": 0.0}},
    "output biases at first": {"-1": {"initial_output_bias": -1.0}, "0": {"initial_output_bias": 0.0}},
    "loss": {"mean over outputs": {"loss_scale": 1.0}, "half the sum": {"loss_scale": 5.0}},
    "digits for the curvature": {str(n): {"curvature_digits": n} for n in (500, 100, 7291)},
}
# The other side gaps are the convolutional net's.
ANY_NET: Final = ("output biases at first", "loss", "digits for the curvature")


@dataclass(frozen=True)
class Interpretation:
    """One way to read the paper: an option for every gap."""

    options: Mapping[str, str]  # by gap
    recipe: Recipe


def grid(base: Recipe) -> list[Interpretation]:
    """Return every combination of the options in GAPS."""
    interpretations = []
    for options in product(*GAPS.values()):
        named = dict(zip(GAPS, options, strict=True))
        changes = [GAPS[gap][option] for gap, option in named.items()]
        recipe = base.but(**{name: value for change in changes for name, value in change.items()})
        interpretations.append(Interpretation(named, recipe))
    return interpretations


def around(best: Interpretation) -> Iterator[Interpretation]:
    """Yield the interpretations that differ from the best in one of the side gaps of its net and optimizer."""
    for gap, options in SIDE_GAPS.items():
        if best.recipe.net != "lecun1989" and gap not in ANY_NET:
            continue
        if gap == "digits for the curvature" and best.recipe.optimizer != "diagonal-newton":
            continue
        for option, change in options.items():
            recipe = best.recipe.but(**change)
            if recipe != best.recipe:
                yield Interpretation({**best.options, gap: option}, recipe)


class Interpretations(Study):
    """Both studies for one net: a grid over the main gaps, then the side gaps one at a time around its best."""

    command = "interpretations"

    def __init__(self, setup: Setup, study: str, net: str) -> None:
        """`study`: "choice" or "reconstruction"."""
        self.setup, self.study = setup, study
        self.grid = self.tried = grid(Recipe(net=net))  # type: ignore[arg-type]
        (self.paper,) = [row for row in references(("1989",)) if row["net"] == net]

    def jobs(self) -> list[Job]:
        """Return the jobs known beforehand: the grid's. The side gaps, some more, depend on what the folds say."""
        return self.on_folds(self.grid) + (self.on_test(self.grid) if self.study == "reconstruction" else [])

    def on_folds(self, tried: Sequence[Interpretation]) -> list[Job]:
        """Return a job for every interpretation, seed and fold, in this order. No test digit is asked for."""
        pairs, seeds = folds(self.setup.digits()), self.setup.seeds
        return [
            Job(each.recipe, *pair, seed, named(each.options)) for each in tried for seed in seeds for pair in pairs
        ]

    def on_test(self, tried: Sequence[Interpretation]) -> list[Job]:
        """Return a job for every interpretation and seed, in this order, measured on the test digits."""
        digits, test, seeds = self.setup.digits(), self.setup.test, self.setup.seeds
        return [Job(each.recipe, digits, test, seed, named(each.options)) for each in tried for seed in seeds]

    def rounds(self) -> Generator[Sequence[Job], Sequence[Run], Document]:
        """Yield the grid on the folds, then the side gaps around its best: on the folds, or all on the test digits."""
        runs = yield self.on_folds(self.grid)
        sides = list(around(self.grid[int(self.mistakes(runs).mean(axis=1).argmin())]))
        self.tried = [*self.grid, *sides]
        if self.study == "reconstruction":
            return self.result((yield self.on_test(self.tried)))
        return self.result([*runs, *(yield self.on_folds(sides))])

    def result(self, runs: Sequence[Run]) -> Document:
        """Return what the runs of all that was tried show: on the folds, or on the test digits."""
        chosen = self.study == "choice"
        rows, finding = self.choice(runs) if chosen else self.reconstruction(runs)
        return {"study": self.study, "rows": rows, "references": [] if chosen else [self.paper], "finding": finding}

    def mistakes(self, runs: Sequence[Run]) -> np.ndarray:
        """Return the mistakes on all five folds together, int (interpretations, seeds)."""
        counts = np.array([run.test.mistakes for run in runs])
        return np.asarray(counts.reshape(-1, len(self.setup.seeds), FOLDS).sum(axis=2))

    def choice(self, runs: Sequence[Run]) -> tuple[list[dict[str, Any]], str]:
        """Return rows with mistakes over all training digits and mean training errors over the folds, best first."""
        digits, mistakes = len(self.setup.digits()), self.mistakes(runs)
        errors = np.array([run.train.error for run in runs]).reshape(*mistakes.shape, FOLDS).mean(axis=2)
        rows = [
            {
                "options": dict(self.tried[place].options),
                "mistakes_on_folds": estimate(mistakes[place].tolist(), 0.0, digits).to_dict(),
                "train_error": estimate(errors[place].tolist(), 0.0, 100.0).to_dict(),
                "settings": self.tried[place].recipe.to_dict(),
            }
            for place in map(int, mistakes.mean(axis=1).argsort(kind="stable"))
        ]
        best = float(mistakes.mean(axis=1).min())
        return rows, (
            f"Of {len(rows)} interpretations the one with the least error on five folds of the {digits:,} training "
            f"digits is: {named(rows[0]['options'])} ({best:.1f} mistakes, {100 * best / digits:.2f} %). "
            "The test split was not touched."
        )

    def reconstruction(self, runs: Sequence[Run]) -> tuple[list[dict[str, Any]], str]:
        """Return rows with every interpretation's figures, those nearest to the paper first.

        The distance is the root mean square of log(ours / the paper's) over both errors and the share rejected; losses
        depend on the targets, which the paper does not give.
        """
        seeds = len(self.setup.seeds)
        compared = ("train_error", "test_error", "rejected_for_1pct")
        told = {name: self.paper[name]["mean"] for name in compared if self.paper[name] is not None}
        rows: list[dict[str, Any]] = []
        for place, each in enumerate(self.tried):
            figures = figures_of(runs[place * seeds : (place + 1) * seeds], self.setup.test)
            ratios = [max(figures[name]["mean"], 1e-3) / value for name, value in told.items()]
            distance = float(np.sqrt(np.mean(np.square(np.log(ratios)))))
            row = {"options": dict(each.options), "distance": distance, **figures, "settings": each.recipe.to_dict()}
            rows.append(row)
        rows.sort(key=lambda row: float(row["distance"]))
        return rows, (
            f"Of {len(rows)} interpretations the nearest to the paper's figures is: {named(rows[0]['options'])}. "
            "Descriptive: read off the test split, so nothing is chosen by it."
        )


def named(options: Mapping[str, str]) -> str:
    """Write options in one line, each with its gap's name: a value alone could fill several gaps."""
    return "; ".join(f"{gap}: {option}" for gap, option in options.items())


def figures_of(runs: Sequence[Run], test: Digits) -> dict[str, dict[str, Any]]:
    """Return the paper's six figures over seeds, losses for the interpretation's own targets."""
    found: dict[str, tuple[list[float], float]] = {  # values, and the most that they can be
        "train_loss": ([run.train.loss for run in runs], inf),
        "test_loss": ([run.test.loss for run in runs], inf),
        "train_error": ([run.train.error for run in runs], 100.0),
        "test_error": ([run.test.error for run in runs], 100.0),
        "test_mistakes": ([run.test.mistakes for run in runs], len(test)),
        "rejected_for_1pct": ([rejected_for(run.outputs, test.labels) for run in runs], 100.0),
    }
    return {name: estimate(values, 0.0, most).to_dict() for name, (values, most) in found.items()}
