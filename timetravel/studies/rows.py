"""The rows of every training study: what was trained, what came out, at what cost."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib import resources
from typing import Any

import numpy as np

from timetravel import nets
from timetravel.digits import Digits
from timetravel.engine.runs import Run
from timetravel.recipes import Recipe
from timetravel.rejection import rejected_for
from timetravel.stats import Estimate, estimate, paired_change


@dataclass(frozen=True)
class Row:
    """Runs that differ in nothing but their subset and their seed, subset by subset."""

    name: str  # of the recipe
    label: str  # how tables call it
    era: str | None
    recipe: Recipe
    chosen: str  # how its numbers were
    data: str
    subsets: tuple[str, ...]
    runs: tuple[Run, ...]
    train_size: int
    test: Digits

    @property
    def title(self) -> str:
        """The label, with the era that a step has reached."""
        return f"{self.label} ({self.era})" if self.era and self.era not in self.label else self.label

    @cached_property
    def size(self) -> nets.Counts:
        """The size of one net."""
        return nets.count(nets.build(self.recipe))

    @property
    def independent(self) -> int:
        """How many independent values a mean of this row is made of: seeds, or subsets where there are several."""
        return len(self.runs) if len(self.subsets) == 1 else len(self.subsets)

    def units(self, values: Sequence[float]) -> list[float]:
        """Return what varies independently, given a value a run: the runs of one subset, or the means of several."""
        if len(self.subsets) == 1:
            return list(values)
        seeds = len(values) // len(self.subsets)
        return [sum(values[i : i + seeds]) / seeds for i in range(0, len(values), seeds)]

    def estimate(self, values: Sequence[float]) -> Estimate:
        """Return the mean of one value a run, with its interval over seeds, or over subsets where there are several."""
        return replace(estimate(self.units(values)), values=tuple(values))

    def change(self, base: "Row") -> Estimate:
        """Return the paired change in test mistakes from another row of the same subsets and seeds."""
        pair = (self.units([run.test.mistakes for run in row.runs]) for row in (self, base))
        return paired_change(*pair)

    @property
    def test_mistakes(self) -> Estimate:
        """Mistakes on the test digits."""
        return self.estimate([run.test.mistakes for run in self.runs])

    @property
    def train_mistakes(self) -> Estimate:
        """Mistakes on the training digits."""
        return self.estimate([run.train.mistakes for run in self.runs])

    @property
    def test_error(self) -> Estimate:
        """Mistakes on the test digits in percent."""
        return self.estimate([run.test.error for run in self.runs])

    @property
    def train_error(self) -> Estimate:
        """Mistakes on the training digits in percent."""
        return self.estimate([run.train.error for run in self.runs])

    @property
    def test_loss(self) -> Estimate:
        """Loss on the test digits."""
        return self.estimate([run.test.loss for run in self.runs])

    @property
    def train_loss(self) -> Estimate:
        """Loss on the training digits."""
        return self.estimate([run.train.loss for run in self.runs])

    @cached_property
    def rejected_for_1pct(self) -> Estimate:
        """Share of the test digits, in percent, to reject for 1 % error on the rest, by the paper's thresholds."""
        return self.estimate([rejected_for(run.outputs, self.test.labels) for run in self.runs])

    @cached_property
    def rejected_by_margin(self) -> Estimate:
        """The same by the difference of the two largest outputs alone: one rule for nets with any outputs."""
        return self.estimate([rejected_for(run.outputs, self.test.labels, rule="margin") for run in self.runs])

    @property
    def test_size(self) -> int:
        """Test digits."""
        return len(self.test)

    @property
    def seconds(self) -> float:
        """Wall seconds of the row: what its runs took, side by side as they were made."""
        return sum(run.seconds / run.beside for run in self.runs)

    @property
    def seconds_a_run(self) -> float:
        """Seconds that one net took on the share of the machine that it had."""
        batched = any(run.backend.startswith("torch") for run in self.runs)
        return self.seconds / len(self.runs) if batched else sum(r.seconds for r in self.runs) / len(self.runs)

    @property
    def diverged(self) -> list[int]:
        """The seeds whose loss stopped being a number."""
        return [run.seed for run in self.runs if run.diverged]

    @property
    def collapsed(self) -> list[int]:
        """The seeds whose nets read no better than one that always answers the commonest digit."""
        guess = self.test_size - int(np.bincount(self.test.labels).max())
        return [run.seed for run in self.runs if run.test.mistakes >= guess]

    def to_dict(self) -> dict[str, Any]:
        """Return the row in the public JSON format."""
        return {
            "recipe": self.name,
            "label": self.label,
            "era": self.era,
            "chosen": self.chosen,
            "net": self.recipe.net,
            "data": self.data,
            "subsets": [int(subset) if subset.isdecimal() else subset for subset in self.subsets],
            "train_size": self.train_size,
            "test_size": self.test_size,
            "epochs": self.recipe.epochs,
            "seeds": list(dict.fromkeys(run.seed for run in self.runs)),
            "examples_seen": self.runs[0].examples_seen,
            "seconds": round(self.seconds, 4),
            "seconds_a_net": round(self.seconds_a_run, 4),
            "backend": ", ".join(sorted({run.backend for run in self.runs})),
            "parameters": self.size.parameters,
            "multiply_adds": self.size.multiply_adds,
            "test_error": self.test_error.to_dict(),
            "train_error": self.train_error.to_dict(),
            "test_mistakes": self.test_mistakes.to_dict(),
            "train_mistakes": self.train_mistakes.to_dict(),
            "test_loss": self.test_loss.to_dict(),
            "train_loss": self.train_loss.to_dict(),
            "rejected_for_1pct": self.rejected_for_1pct.to_dict(),
            "rejected_by_margin": self.rejected_by_margin.to_dict(),
            "diverged": self.diverged,
            "collapsed": self.collapsed,
            "settings": self.recipe.to_dict(),
        }


@cache
def _published() -> tuple[dict[str, Any], ...]:
    text = resources.files("timetravel").joinpath("published", "references.json").read_text(encoding="utf-8")
    return tuple(json.loads(text)["references"])


def references(names: Sequence[str], *, train_size: int | None = None, like: Row | None = None) -> list[dict[str, Any]]:
    """Return published rows by recipe name, in the shape of measured rows, with their sources.

    `like` leaves only those on the digits of a measured row's source, and on as many test digits.
    """
    return [
        row
        for row in _published()
        if row["recipe"] in names
        and train_size in (None, row["train_size"])
        and (like is None or (row["data"], row["test_size"]) == (like.data, like.test_size))
    ]
