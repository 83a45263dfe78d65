"""The interpretations of the paper: what each gap in its text could mean, and which interpretation is the likeliest.

Two studies, kept apart. `choose` looks for the interpretation with the least error on five folds of the training digits; it
never meets a test digit. `reconstruct` sets every interpretation's figures beside the paper's; it reads the test split, and
nothing is chosen by it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from timetravel.digits import Digits
from timetravel.digits.folds import folds
from timetravel.engine.collect import Progress, Workshop, collect
from timetravel.engine.runs import Job, Run
from timetravel.recipes import Recipe
from timetravel.stats.estimates import Estimate, estimate
from timetravel.stats.rejection import rejected_for
from timetravel.studies.rows import references
from timetravel.studies.setup import Setup

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

PLAIN, SCALED = {"amplitude": 1.0, "slope": 1.0}, {"amplitude": 1.7159, "slope": 2 / 3}


def _targets(level: float) -> dict[str, Any]:
    return {"target_low": -level, "target_high": level}


# What the paper leaves open, and what each gap could hold. The first option of each is the 2022 essay's.
GAPS: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "activation": {"tanh x": PLAIN, "1.7159 tanh 2x/3": SCALED},
    "initial weights": {"2.4/sqrt(F)": {"initial_power": 0.5}, "2.4/F": {"initial_power": 1.0}},
    "targets": {"+-1": _targets(1.0), "+-0.8": _targets(0.8)},
    "optimizer and rate": {
        **{f"SGD {rate}": {"optimizer": "sgd", "learning_rate": rate} for rate in (0.03, 0.02, 0.05, 0.1)},
        **{
            f"Newton {rate}, mu {mu}": {"optimizer": "diagonal-newton", "learning_rate": rate, "mu": mu}
            for rate, mu in ((0.0002, 0.01), (0.0005, 0.01), (0.001, 0.01), (0.0025, 0.1), (0.005, 0.1), (0.01, 0.1))
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
ANY_NET = ("output biases at first", "loss", "digits for the curvature")


@dataclass(frozen=True)
class Interpretation:
    """One way to read the paper: an option for every gap."""

    options: tuple[tuple[str, str], ...]  # (gap, option)
    recipe: Recipe

    @property
    def name(self) -> str:
        """The options in one line."""
        return "; ".join(option for _, option in self.options)


def grid(base: Recipe) -> list[Interpretation]:
    """Return every combination of the options in GAPS."""
    interpretations = []
    for options in product(*GAPS.values()):
        changes = [GAPS[gap][option] for gap, option in zip(GAPS, options, strict=True)]
        recipe = base.but(**{name: value for change in changes for name, value in change.items()})
        interpretations.append(Interpretation(tuple(zip(GAPS, options, strict=True)), recipe))
    return interpretations


def around(best: Interpretation) -> Iterator[Interpretation]:
    """Yield the interpretations that differ from the best in one of the side gaps."""
    for gap, options in SIDE_GAPS.items():
        if gap == "digits for the curvature" and best.recipe.optimizer != "diagonal-newton":
            continue
        for option, change in options.items():
            recipe = best.recipe.but(**change)
            if recipe != best.recipe:
                yield Interpretation((*best.options, (gap, option)), recipe)


def fold_jobs(
    interpretations: Sequence[Interpretation], pairs: Sequence[tuple[Digits, Digits]], seeds: Sequence[int]
) -> list[Job]:
    """Return a job for every interpretation, seed and fold, in this order."""
    return [Job(r.recipe, fit, judge, seed, r.name) for r in interpretations for seed in seeds for fit, judge in pairs]


def split_jobs(
    interpretations: Sequence[Interpretation], training: Digits, test: Digits, seeds: Sequence[int]
) -> list[Job]:
    """Return a job for every interpretation and seed, in this order."""
    return [Job(r.recipe, training, test, seed, r.name) for r in interpretations for seed in seeds]


@dataclass(frozen=True)
class Chosen:
    """A interpretation and its mistakes on the folds: one total over all training digits a seed."""

    interpretation: Interpretation
    mistakes: Estimate
    train_error: Estimate  # percent, on the digits trained on, one mean over the folds a seed


def choose(
    interpretations: Sequence[Interpretation],
    training: Digits,
    seeds: Sequence[int],
    workshop: Workshop,
    progress: Progress,
) -> list[Chosen]:
    """Measure interpretations on the five folds of the training digits, best first."""
    pairs = folds(training)
    runs = collect(fold_jobs(interpretations, pairs, seeds), workshop, progress)
    results = []
    for place, interpretation in enumerate(interpretations):
        size = len(seeds) * len(pairs)
        mine = np.array(runs[place * size : (place + 1) * size], dtype=object).reshape(len(seeds), len(pairs))
        totals = [sum(run.test.mistakes for run in row) for row in mine]
        errors = [float(np.mean([run.train.error for run in row])) for row in mine]
        results.append(Chosen(interpretation, estimate(totals), estimate(errors)))
    return sorted(results, key=lambda chosen: chosen.mistakes.mean)


@dataclass(frozen=True)
class Six:
    """The paper's six numbers for one interpretation, each over the seeds. Losses are for the interpretation's own targets."""

    interpretation: Interpretation
    figures: dict[str, Estimate]


def reconstruct(
    interpretations: Sequence[Interpretation],
    training: Digits,
    test: Digits,
    seeds: Sequence[int],
    workshop: Workshop,
    progress: Progress,
) -> list[Six]:
    """Measure interpretations on the test split, in the order given. Descriptive: it chooses nothing."""
    runs = collect(split_jobs(interpretations, training, test, seeds), workshop, progress)
    count = len(seeds)
    return [Six(r, six_numbers(runs[i * count : (i + 1) * count], test)) for i, r in enumerate(interpretations)]


def six_numbers(runs: Sequence[Run], test: Digits) -> dict[str, Estimate]:
    """Return MSE and error on both splits, mistakes on test, and the share rejected for 1 % error."""
    return {
        "train_loss": estimate([run.train.loss for run in runs]),
        "test_loss": estimate([run.test.loss for run in runs]),
        "train_error": estimate([run.train.error for run in runs]),
        "test_error": estimate([run.test.error for run in runs]),
        "test_mistakes": estimate([run.test.mistakes for run in runs]),
        "rejected_for_1pct": estimate([rejected_for(run.outputs, test.labels) for run in runs]),
    }


@dataclass(frozen=True)
class InterpretationsResult:
    """Interpretations of the paper, with their figures: by the folds, or beside the paper's."""

    command: str
    study: str  # "choice" or "reconstruction"
    rows: tuple[Mapping[str, Any], ...]
    references: tuple[Mapping[str, Any], ...]
    finding: str

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document."""
        return {
            "schema": 1,
            "command": self.command,
            "study": self.study,
            "rows": [dict(row) for row in self.rows],
            "references": [dict(row) for row in self.references],
            "finding": self.finding,
        }

    def table(self) -> "pd.DataFrame":
        """Return a line a interpretation, its options and the means of its figures in columns."""
        import pandas as pd

        return pd.DataFrame(
            [
                dict(row["options"])
                | {name: value["mean"] for name, value in row.items() if isinstance(value, dict) and "mean" in value}
                for row in self.rows
            ]
        )

    def plots(self, *, dark: bool = False) -> "dict[str, Figure]":
        """Draw what each option of each gap does."""
        from timetravel.show import figures

        return {"figure": figures.interpretations(self, dark=dark)}


def choice_result(found: Sequence[Chosen], digits: int) -> InterpretationsResult:
    """Return the choice as a result, best first."""
    best = found[0]
    rows = [
        {
            "options": dict(chosen.interpretation.options),
            "mistakes_on_folds": chosen.mistakes.to_dict(),
            "train_error": chosen.train_error.to_dict(),
            "settings": chosen.interpretation.recipe.to_dict(),
        }
        for chosen in found
    ]
    share = 100 * best.mistakes.mean / digits
    finding = (
        f"Of {len(found)} interpretations the one with the least error on five folds of the {digits:,} training digits is: "
        f"{best.interpretation.name} ({best.mistakes.mean:.1f} mistakes, {share:.2f} %). The test split was not touched."
    )
    return InterpretationsResult("interpretations", "choice", tuple(rows), (), finding)


def reconstruction_result(found: Sequence[Six], paper: Mapping[str, Any]) -> InterpretationsResult:
    """Return the reconstruction as a result, nearest to the paper first.

    The distance is the root mean square of log(ours / the paper's) over both errors and the share rejected; losses
    depend on the targets, which the paper does not give.
    """
    names = [name for name in ("train_error", "test_error", "rejected_for_1pct") if paper[name] is not None]

    def distance(six: Six) -> float:
        ratios = [max(six.figures[name].mean, 1e-3) / paper[name]["mean"] for name in names]
        return float(np.sqrt(np.mean(np.square(np.log(ratios)))))

    ordered = sorted(found, key=distance)
    rows = [
        {"options": dict(six.interpretation.options), "distance": distance(six)}
        | {name: value.to_dict() for name, value in six.figures.items()}
        | {"settings": six.interpretation.recipe.to_dict()}
        for six in ordered
    ]
    finding = (
        f"Of {len(found)} interpretations the nearest to the paper's figures is: {ordered[0].interpretation.name}. "
        "Descriptive: read off the test split, so nothing is chosen by it."
    )
    return InterpretationsResult("interpretations", "reconstruction", tuple(rows), (paper,), finding)


class Interpretations:
    """Both studies for one net: a grid over the main gaps, then the side gaps one at a time around its best interpretation."""

    def __init__(self, setup: Setup, study: str, net: str) -> None:
        self.setup, self.study, self.net = setup, study, net

    def grid(self) -> list[Interpretation]:
        """Return the interpretations of the grid."""
        return grid(Recipe(net=self.net))  # type: ignore[arg-type]

    def jobs(self) -> list[Job]:
        """Return the jobs known beforehand: the grid's. The side gaps, some more, depend on what the folds say."""
        digits, seeds = self.setup.digits(), self.setup.seeds
        jobs = fold_jobs(self.grid(), folds(digits), seeds)
        if self.study == "reconstruction":
            jobs += split_jobs(self.grid(), digits, self.setup.test, seeds)
        return jobs

    def choose(self) -> list[Chosen]:
        """Measure the grid on the folds, then the side gaps around its best; returns all, best first."""
        setup = self.setup
        found = choose(self.grid(), setup.digits(), setup.seeds, setup.workshop, setup.progress)
        sides = self.sides(found[0].interpretation)
        if sides:
            found += choose(sides, setup.digits(), setup.seeds, setup.workshop, setup.progress)
        return sorted(found, key=lambda chosen: chosen.mistakes.mean)

    def sides(self, best: Interpretation) -> list[Interpretation]:
        """Return the interpretations around the best one; most side gaps are the convolutional net's alone."""
        return [r for r in around(best) if self.net == "lecun1989" or r.options[-1][0] in ANY_NET]

    def run(self) -> InterpretationsResult:
        """Carry out the study."""
        setup = self.setup
        if self.study == "choice":
            return choice_result(self.choose(), len(setup.digits()))
        best = choose(self.grid(), setup.digits(), setup.seeds, setup.workshop, setup.progress)[0].interpretation
        everything = [*self.grid(), *self.sides(best)]
        found = reconstruct(everything, setup.digits(), setup.test, setup.seeds, setup.workshop, setup.progress)
        (paper,) = [row for row in references(("1989",)) if row["net"] == self.net]
        return reconstruction_result(found, paper)
