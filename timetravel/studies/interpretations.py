"""The interpretations of the paper: what each gap in its text could mean, and which interpretation is the likeliest.

Two studies, kept apart. The choice looks for the interpretation with the least error on five folds of the training
digits; it never meets a test digit. The reconstruction sets every interpretation's figures beside the paper's; it reads
the test split, and nothing is chosen by it.
"""

from collections.abc import Generator, Iterator, Sequence
from itertools import product
from typing import Any, Final

import numpy as np

from timetravel.digits import Digits
from timetravel.digits.folds import FOLDS, folds
from timetravel.engine.runs import Job, Run
from timetravel.recipes import Recipe
from timetravel.stats.estimates import estimate
from timetravel.studies.base import Document, Study
from timetravel.studies.rows import references
from timetravel.studies.setup import Entry, Setup

PLAIN, SCALED = {"amplitude": 1.0, "slope": 1.0}, {"amplitude": 1.7159, "slope": 2 / 3}
NEWTON: Final = ((0.0002, 0.01), (0.0005, 0.01), (0.001, 0.01), (0.0025, 0.1), (0.005, 0.1), (0.01, 0.1))  # rate, mu

# What the paper leaves open, and what each gap could hold. The first option of each is the 2022 essay's.
GAPS: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "activation": {"tanh x": PLAIN, "1.7159 tanh 2x/3": SCALED},
    "initial weights": {"2.4/sqrt(F)": {"initial_power": 0.5}, "2.4/F": {"initial_power": 1.0}},
    "targets": {f"+-{level:g}": {"target_low": -level, "target_high": level} for level in (1.0, 0.8)},
    "optimizer and rate": {
        f"SGD {rate}": {"optimizer": "sgd", "learning_rate": rate} for rate in (0.03, 0.02, 0.05, 0.1)
    }
    | {
        f"Newton {rate}, mu {mu}": {"optimizer": "diagonal-newton", "learning_rate": rate, "mu": mu}
        for rate, mu in NEWTON
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
FIGURES: Final = ("train_loss", "test_loss", "train_error", "test_error", "test_mistakes")  # and what is rejected


Options = dict[str, str]  # an interpretation: an option by gap


def recipe_of(net: str, options: Options) -> Recipe:
    """Return the recipe that options make of the essay's, for one of the paper's nets."""
    recipe = {"net": net}
    for gap, option in options.items():
        recipe |= (GAPS | SIDE_GAPS)[gap][option]
    return Recipe.from_dict(recipe)


def grid() -> list[Options]:
    """Return every combination of the options in GAPS."""
    return [dict(zip(GAPS, options, strict=True)) for options in product(*GAPS.values())]


def around(net: str, best: Options) -> Iterator[Options]:
    """Yield the interpretations that differ from the best in one of the side gaps of its net and optimizer."""
    recipe = recipe_of(net, best)
    for gap, options in SIDE_GAPS.items():
        of_the_net = net == "lecun1989" or gap in ANY_NET
        of_the_optimizer = recipe.optimizer == "diagonal-newton" or gap != "digits for the curvature"
        tried = [best | {gap: option} for option in options if of_the_net and of_the_optimizer]
        yield from (each for each in tried if recipe_of(net, each) != recipe)


def named(options: Options) -> str:
    """Write options in one line, each with its gap's name: a value alone could fill several gaps."""
    return "; ".join(f"{gap}: {option}" for gap, option in options.items())


class Interpretations(Study):
    """Both studies for one net: a grid over the main gaps, then the side gaps one at a time around its best."""

    command = "interpretations"
    setup: Setup
    telling = 0.01

    def __init__(self, setup: Setup, study: str, net: str) -> None:
        """`study`: "choice" or "reconstruction"."""
        self.setup, self.study, self.net = setup, study, net
        self.tried, self.folds = grid(), folds(setup.digits())
        (self.paper,) = [row for row in references(("1989",)) if row["net"] == net]

    def jobs(self) -> list[Job]:
        """Return the jobs known beforehand: the grid's. The side gaps, some more, depend on what the folds say."""
        jobs = self.on(self.folds, self.tried)
        if self.study == "reconstruction":
            jobs += self.on([(self.setup.digits(), self.setup.test)], self.tried)
        return jobs

    def recipe(self, options: Options) -> Recipe:
        """Return the recipe of an interpretation."""
        return self.setup.trained(recipe_of(self.net, options))

    def on(self, pairs: Sequence[tuple[Digits, Digits]], tried: Sequence[Options]) -> list[Job]:
        """Return a job for every interpretation, seed and pair of training and test digits, in this order."""
        return [
            Job(self.recipe(options), *pair, seed, named(options))
            for options in tried
            for seed in self.setup.seeds
            for pair in pairs
        ]

    def rounds(self) -> Generator[Sequence[Job], Sequence[Run], Document]:
        """Yield the grid on the folds, then the side gaps around its best: on the folds, or all on the test digits.

        A choice asks for no test digit.
        """
        runs = yield self.on(self.folds, self.tried)
        sides = list(around(self.net, self.tried[int(self.mistakes(runs).mean(axis=1).argmin())]))
        self.tried += sides
        if self.study == "choice":
            return self.result([*runs, *(yield self.on(self.folds, sides))])
        return self.result((yield self.on([(self.setup.digits(), self.setup.test)], self.tried)))

    def result(self, runs: Sequence[Run]) -> Document:
        """Return all that was tried: by mistakes on the folds, or by distance from the paper's figures."""
        chosen, digits = self.study == "choice", len(self.setup.digits())
        figures = self.of_folds(runs) if chosen else self.of_test(runs)
        rows = [
            {"options": options, **found, "settings": self.recipe(options).to_dict()}
            for options, found in zip(self.tried, figures, strict=True)
        ]
        rows.sort(key=lambda row: row["mistakes_on_folds"]["mean"] if chosen else row["distance"])
        told = f"nearest to the paper's errors and share rejected is: {named(rows[0]['options'])}"
        caution = "Descriptive: read off the test split, so nothing is chosen by it."
        if chosen:
            least, caution = rows[0]["mistakes_on_folds"]["mean"], "The test split was not touched."
            told = f"one with the least error on five folds of the {digits:,} training digits is: "
            told += f"{named(rows[0]['options'])} ({least:.1f} mistakes, {100 * least / digits:.2f} %)"
            close = sum(r["mistakes_on_folds"]["mean"] <= max(rows[0]["mistakes_on_folds"]["values"]) for r in rows[1:])
            told += f". {close} others lie within the spread of its seeds" if close else ""
        finding = f"Of {len(rows)} ways to read what the paper leaves open, the {told}. {caution}"
        return {"study": self.study, "rows": rows, "references": [] if chosen else [self.paper], "finding": finding}

    def mistakes(self, runs: Sequence[Run]) -> np.ndarray:
        """Return the mistakes on all five folds together, int (interpretations, seeds)."""
        counts = np.array([run.test.mistakes for run in runs])
        return np.asarray(counts.reshape(-1, len(self.setup.seeds), FOLDS).sum(axis=2))

    def of_folds(self, runs: Sequence[Run]) -> Iterator[dict[str, Any]]:
        """Yield each interpretation's mistakes over all training digits and its mean training error over the folds."""
        mistakes, most = self.mistakes(runs), len(self.setup.digits())
        errors = np.array([run.train.error for run in runs]).reshape(*mistakes.shape, FOLDS).mean(axis=2)
        for wrong, error in zip(mistakes.tolist(), errors.tolist(), strict=True):
            found = {"mistakes_on_folds": estimate(wrong, 0.0, most), "train_error": estimate(error, 0.0, 100.0)}
            yield {name: figure.to_dict() for name, figure in found.items()}

    def of_test(self, runs: Sequence[Run]) -> Iterator[dict[str, Any]]:
        """Yield each interpretation's distance from the paper and its six figures, losses for its own targets.

        The distance is the root mean square of log(ours / the paper's) over both errors and the share rejected; losses
        depend on the targets, which the paper does not give.
        """
        compared = [name for name in ("train_error", "test_error", "rejected_for_1pct") if self.paper[name]]
        entries = [Entry("", named(options), None, self.recipe(options)) for options in self.tried]
        for row in self.setup.rows(entries, runs):
            figures = {name: row.figure(name).to_dict() for name in FIGURES}
            figures["rejected_for_1pct"] = row.rejected("thresholds").to_dict()
            ratios = [max(figures[name]["mean"], 1e-3) / self.paper[name]["mean"] for name in compared]
            yield {"distance": float(np.sqrt(np.mean(np.square(np.log(ratios))))), **figures}
