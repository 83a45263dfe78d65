"""The rows of every training study: what was trained, what came out, at what cost."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from timetravel import nets
from timetravel.digits import Digits
from timetravel.engine.runs import Run
from timetravel.published import references as all_references
from timetravel.recipes import Recipe
from timetravel.stats.estimates import Estimate, estimate, paired_change
from timetravel.stats.rejection import Rule, rejected_for
from timetravel.studies.base import Document

FIGURES: Final = ("test_error", "train_error", "test_mistakes", "train_mistakes", "test_loss", "train_loss")


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

    def estimate(self, values: Sequence[float], most: float = math.inf) -> Estimate:
        """Return the mean of one value a run, 0 to `most`, with its interval over seeds, or over several subsets."""
        return replace(estimate(self.units(values), 0.0, most), values=tuple(values))

    def figure(self, name: str) -> Estimate:
        """Return one of FIGURES over the runs: an error in percent, a number of mistakes, or a loss."""
        split, what = name.split("_")
        digits = self.train_size if split == "train" else len(self.test)
        most = {"error": 100.0, "mistakes": float(digits)}.get(what, math.inf)
        return self.estimate([getattr(getattr(run, split), what) for run in self.runs], most)

    @cached_property
    def test_mistakes(self) -> Estimate:
        """Mistakes on the test digits."""
        return self.figure("test_mistakes")

    @cached_property
    def test_error(self) -> Estimate:
        """Mistakes on the test digits in percent."""
        return self.figure("test_error")

    def change(self, base: "Row") -> Estimate:
        """Return the paired change in test mistakes from another row of the same subsets and seeds."""
        return paired_change(*(row.units([run.test.mistakes for run in row.runs]) for row in (self, base)))

    def rejected(self, rule: Rule) -> Estimate:
        """Return the share of the test digits, in percent, to reject for 1 % error on the rest (see stats.rejection).

        rule: "thresholds", the paper's three; "margin", the difference of the two largest outputs, for nets with any
        outputs.
        """
        return self.estimate([rejected_for(run.outputs, self.test.labels, rule=rule) for run in self.runs], 100.0)

    @property
    def seconds(self) -> float:
        """Wall seconds of the row: what its runs took, side by side as they were made."""
        return sum(run.seconds / run.beside for run in self.runs)

    @property
    def seconds_a_net(self) -> float:
        """Seconds that one net took on the share of the machine that it had."""
        batched = any(run.backend.startswith("torch") for run in self.runs)
        return (self.seconds if batched else sum(run.seconds for run in self.runs)) / len(self.runs)

    @property
    def diverged(self) -> list[int]:
        """The seeds whose loss stopped being a number."""
        return [run.seed for run in self.runs if run.diverged]

    @property
    def collapsed(self) -> list[int]:
        """The seeds whose nets read no better than one that always answers the commonest digit."""
        guess = len(self.test) - int(np.bincount(self.test.labels).max())
        return [run.seed for run in self.runs if run.test.mistakes >= guess]

    def to_dict(self) -> Document:
        """Return the row in the public JSON format."""
        return {
            "recipe": self.name,
            **{name: getattr(self, name) for name in ("label", "era", "chosen")},
            "net": self.recipe.net,
            "data": self.data,
            "subsets": [int(subset) if subset.isdecimal() else subset for subset in self.subsets],
            "train_size": self.train_size,
            "test_size": len(self.test),
            "epochs": self.recipe.epochs,
            "seeds": list(dict.fromkeys(run.seed for run in self.runs)),
            "examples_seen": self.runs[0].examples_seen,
            "seconds": round(self.seconds, 4),
            "seconds_a_net": round(self.seconds_a_net, 4),
            "backend": ", ".join(sorted({run.backend for run in self.runs})),
            "parameters": self.size.parameters,
            "multiply_adds": self.size.multiply_adds,
            **{name: self.figure(name).to_dict() for name in FIGURES},
            "rejected_for_1pct": self.rejected("thresholds").to_dict(),
            "rejected_by_margin": self.rejected("margin").to_dict(),
            **{name: getattr(self, name) for name in ("diverged", "collapsed")},
            "settings": self.recipe.to_dict(),
        }


def references(names: Sequence[str], *, train_size: int | None = None, like: Row | None = None) -> list[dict[str, Any]]:
    """Return published rows by recipe name, in the shape of measured rows, with their sources.

    `like` leaves only those on the digits of a measured row's source, and on as many test digits.
    """
    return [
        row
        for row in all_references()
        if row["recipe"] in names
        and train_size in (None, row["train_size"])
        and (like is None or (row["data"], row["test_size"]) == (like.data, len(like.test)))
    ]
