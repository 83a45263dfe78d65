"""The rows of every training study: what was trained, what came out, at what cost."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np

from timetravel import nets
from timetravel.digits import Digits
from timetravel.engine.runs import Run
from timetravel.engine.store import key
from timetravel.numbers import counted
from timetravel.published import references as all_references
from timetravel.recipes import Recipe
from timetravel.stats.estimates import Estimate, estimate
from timetravel.stats.rejection import Rule, rejected_for
from timetravel.studies.base import Document

FIGURES: Final = ("test_error", "train_error", "test_mistakes", "train_mistakes", "test_loss", "train_loss")


@dataclass(frozen=True)
class Row:
    """Runs that differ in nothing but their subset and their seed."""

    name: str  # of the recipe
    label: str  # how tables call it
    era: str | None
    recipe: Recipe
    chosen: str  # how its numbers were
    data: str
    subsets: tuple[str, ...]  # one a run
    runs: tuple[Run, ...]
    train_size: int
    test: Digits
    few: Digits | None = None  # 1989's number of the test digits, where more measure
    digits: tuple[str, ...] = ()  # fingerprints of each run's training digits, before its recipe frames them

    @cached_property
    def size(self) -> nets.Counts:
        """The size of one net."""
        return nets.count(nets.build(self.recipe))

    @cached_property
    def sound(self) -> np.ndarray:
        """Which runs' nets did neither diverge nor collapse, bool (runs,); all of them where none is left."""
        fine = np.array([run.sound for run in self.runs])
        return fine if fine.any() else ~fine

    def units(self, values: Sequence[float] | np.ndarray, chosen: np.ndarray | None = None) -> np.ndarray:
        """Return what varies independently, given a value a run, (runs, ...): runs, or the means of several subsets.

        chosen: which runs count, bool (runs,); without it the sound ones.
        """
        told, chosen = np.asarray(values, dtype=float), self.sound if chosen is None else chosen
        if len(set(self.subsets)) in (1, len(self.runs)):
            return np.asarray(told[chosen])
        return means(told[chosen], np.array(self.subsets)[chosen].tolist())

    def estimate(self, values: Sequence[float], most: float = math.inf) -> Estimate:
        """Return the mean of one value a run, 0 to `most`, with its interval over seeds, or over several subsets."""
        return replace(estimate(self.units(values).tolist(), 0.0, most), values=tuple(values))

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

    @cached_property
    def misread(self) -> np.ndarray:
        """Which net misread which test digit, bool (runs, digits)."""
        return np.stack([run.misread for run in self.runs])

    @property
    def mistakes_of_few(self) -> Estimate | None:
        """Mistakes on 1989's number of the test digits, where more measure."""
        if self.few is None or self.few.rows is None or self.test.rows is None:
            return None
        chosen = np.isin(self.test.rows, self.few.rows)
        return self.estimate(self.misread[:, chosen].sum(axis=1).tolist(), len(self.few))

    def rejected(self, rule: Rule) -> Estimate:
        """Return the share of the test digits, in percent, to reject for 1 % error on the rest (see stats.rejection).

        rule: "thresholds", the paper's three; "margin", the difference of the two largest outputs, for nets with any
        outputs.
        """
        return self.estimate([rejected_by(run, rule) for run in self.runs], 100.0)

    @property
    def seconds(self) -> float:
        """Wall seconds of the row: what its runs took, side by side as they were made."""
        return sum(run.seconds / run.beside for run in self.runs)

    @property
    def seconds_a_net(self) -> float:
        """Seconds that one net took on the share of the machine that it had."""
        return sum(map(seconds_of, self.runs)) / len(self.runs)

    @property
    def diverged(self) -> list[int]:
        """The seeds whose loss stopped being a number."""
        return [run.seed for run in self.runs if run.diverged]

    @property
    def collapsed(self) -> list[int]:
        """The seeds whose nets read no better than one that always answers the commonest digit."""
        return [run.seed for run in self.runs if run.collapsed]

    @property
    def failure(self) -> str:
        """Say how many nets diverged or else collapsed; nothing where none did."""
        failed = Counter("diverged" if run.diverged else "collapsed" for run in self.runs if not run.sound)
        return " and ".join(f"{count} of {counted(len(self.runs), 'net')} {word}" for word, count in failed.items())

    def to_dict(self) -> Document:
        """Return the row in the public JSON format."""
        return {
            "recipe": self.name,
            **{name: getattr(self, name) for name in ("label", "era", "chosen")},
            "net": self.recipe.net,
            "data": self.data,
            "subsets": [int(subset) if subset.isdecimal() else subset for subset in dict.fromkeys(self.subsets)],
            "train_size": self.train_size,
            "test_size": len(self.test),
            "epochs": self.recipe.epochs,
            "seeds": list(dict.fromkeys(run.seed for run in self.runs)),
            "runs": [told_of(run, digits) for run, digits in zip(self.runs, self.digits, strict=True)],
            "test_digits": self.test.fingerprint,
            "examples_seen": self.runs[0].examples_seen,
            "seconds": round(self.seconds, 4),
            "seconds_a_net": round(self.seconds_a_net, 4),
            "backend": ", ".join(sorted({run.backend for run in self.runs})),
            "parameters": self.size.parameters,
            "multiply_adds": self.size.multiply_adds,
            **{name: self.figure(name).to_dict() for name in FIGURES},
            "mistakes_of_2007": (found := self.mistakes_of_few) and found.to_dict(),
            "rejected_by_margin": self.rejected("margin").to_dict(),
            **{name: getattr(self, name) for name in ("diverged", "collapsed", "failure")},
            "settings": self.recipe.to_dict(),
        }


def told_of(run: Run, digits: str) -> Document:
    """Return what a row's JSON says of a run; digits: the fingerprint of its training digits before they are framed."""
    told = {name: getattr(run, name) for name in ("seed", "sound", "test_digits")}
    return told | {"digits": digits, "key": key(run, run.backend)}


def seconds_of(run: Run) -> float:
    """Return the seconds that a run took on its share of the machine: on PyTorch its lot trained side by side."""
    return run.seconds / run.beside if run.backend.startswith("torch") else run.seconds


@lru_cache(4096)  # a table that is shown while it grows asks again
def rejected_by(run: Run, rule: Rule) -> float:
    """Return the share of its test digits that a net has to reject, in percent."""
    return rejected_for(run.outputs, run.labels, rule=rule)


def means(values: np.ndarray, subsets: Sequence[str]) -> np.ndarray:
    """Return the mean of each subset's runs, (subsets, ...), given a value a run, (runs, ...), and its subset."""
    return np.array([values[np.array(subsets) == subset].mean(axis=0) for subset in dict.fromkeys(subsets)])


def references(names: Sequence[str], *, train_size: int | None = None, like: Row | None = None) -> list[dict[str, Any]]:
    """Return published rows by recipe name, in the shape of measured rows, with their sources.

    `like` leaves only those on the digits of a measured row's source, and on as many test digits as it or 1989 had.
    """
    return [
        row
        for row in all_references()
        if row["recipe"] in names
        and train_size in (None, row["train_size"])
        and (like is None or (row["data"] == like.data and row["test_size"] in (len(like.test), len(like.few or ()))))
    ]
