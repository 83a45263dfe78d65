"""What a study of rows is given: digits by size and subset, and seeds; and how its jobs and rows are made of them."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import Self

from timetravel.digits import TEST_SIZE_1989, TRAIN_SIZE_1989, Digits, Source, open_source
from timetravel.engine.runs import Job, Run
from timetravel.errors import UsageError
from timetravel.numbers import counted, listed, percent
from timetravel.recipes import Recipe
from timetravel.studies.base import Study
from timetravel.studies.budgets import longer
from timetravel.studies.rows import Row

OVERLAP = 0.25  # of the digits that two subsets share: from here on it is told


@dataclass(frozen=True)
class Entry:
    """A row to be measured: a recipe with its names, on a number of training digits (None: 1989's)."""

    name: str
    label: str
    era: str | None
    recipe: Recipe
    size: int | None = None
    data: str | None = None  # a source in the package, in place of the study's
    chosen: str = ""  # how the recipe's numbers were


class Setup:
    """The digits of a study and its runs, the same for every row.

    subsets: every seed trains on each of them. Where there are none, seed s trains on subset s of a source that has
    more digits than 1989's 7,291, or than are used, and on all digits of another. All runs are measured on the same
    test digits: the first named subset's, or 0's. `by_class`: a numbered subset holds each class in its share of the
    source. size, epochs: of every net, where they are not 1989's and the recipe's.
    """

    def __init__(
        self,
        source: Source,
        subsets: Sequence[str],
        test: int | str,
        seeds: Sequence[int],
        *,
        by_class: bool = False,
        size: int | None = None,
        epochs: int | None = None,
    ) -> None:
        self.source, self.subsets, self.size, self.epochs = source, tuple(subsets), size, epochs
        self._seed(seeds)
        self._test_size, self._by_class = test, by_class
        self._drawn, self.test_digits = cache(self._training), cache(self._test)  # loaded when they are asked for
        self._opened = cache(lambda data: self.source if data is None else open_source(data))

    def _seed(self, seeds: Sequence[int]) -> None:
        self.seeds = tuple(seeds)
        self.runs = [(subset, seed) for subset in (self.subsets or (None,)) for seed in self.seeds]

    def seeded(self, seeds: Sequence[int]) -> "Setup":
        """Return the same with other seeds."""
        other = copy(self)
        other._seed(seeds)
        return other

    def only(self, places: Sequence[int]) -> "Setup":
        """Return the same with some of its runs alone."""
        fewer = copy(self)
        fewer.runs = [self.runs[place] for place in places]
        return fewer

    @property
    def test(self) -> Digits:
        """The test digits: a study that makes choices never asks for them."""
        return self.test_digits()

    def digits(self, size: int | None = None, data: str | None = None, subset: str | None = None) -> Digits:
        """Return the training digits of one size and subset (the first, unless said otherwise)."""
        return self._drawn(size or self.size, data, subset or self.subset(size, data, *self.runs[0]))

    def subset(self, size: int | None, data: str | None, named: str | None, seed: int) -> str:
        """Return the subset of training digits that a run of a row has."""
        return named or (str(seed) if self.varied(size, data) else "0")

    def varied(self, size: int | None = None, data: str | None = None) -> bool:
        """Whether every seed has training digits of its own."""
        source: Source = self._opened(data)
        return not self.subsets and source.train_count > min(size or self.size or TRAIN_SIZE_1989, TRAIN_SIZE_1989)

    def _training(self, size: int | None, data: str | None, subset: str) -> Digits:
        source: Source = self._opened(data)
        return source.training_digits(subset, size, by_class=self._by_class)

    def _test(self, data: str | None = None) -> Digits:
        source: Source = self._opened(data)
        return source.test_digits(self.subsets[0] if self.subsets else "0", self._test_size)

    @property
    def changed(self) -> str:
        """Say what every net is trained on, or for how long, in place of what its recipe and 1989 had."""
        given = {"training digit": self.size, "epoch": self.epochs}
        told = [counted(count, what) for what, count in given.items() if count]
        return f"Every net has {listed(told)} here, whatever 1989 or its recipe had." if told else ""

    def trained(self, recipe: Recipe) -> Recipe:
        """Return the recipe with the epochs that every net has here."""
        return longer(recipe, self.epochs or recipe.epochs)

    def few(self, data: str | None = None) -> Digits | None:
        """Return 1989's number of test digits where more measure: all of a source that has more."""
        source: Source = self._opened(data)
        if len(self.test_digits(data)) != source.test_count or source.test_count <= TEST_SIZE_1989:
            return None
        return source.test_digits(self.subsets[0] if self.subsets else "0")

    def jobs(self, entries: Sequence[Entry]) -> list[Job]:
        """Return a job for every run and entry: seed by seed over all rows, so that a table of all stands early.

        Raises UsageError for several subsets that are the same: each of all the digits that there are.
        """
        for e in entries if len(self.subsets) > 1 else ():
            if (used := len(self.digits(e.size, e.data))) == self._opened(e.data).train_count:
                raise UsageError(
                    f"{len(self.subsets)} subsets of all {used:,} training digits are the same, and tell no more.",
                    "Leave --subset out, and use more seeds; or use fewer digits.",
                )
        return [
            Job(e.recipe, self.digits(e.size, e.data, subset), self.test_digits(e.data), seed, e.label)
            for named, seed in self.runs
            for e in entries
            for subset in [self.subset(e.size, e.data, named, seed)]
        ]

    def rows(self, entries: Sequence[Entry], runs: Sequence[Run]) -> list[Row]:
        """Return a row for each entry, given the runs of its jobs."""
        return [
            Row(
                **{name: getattr(e, name) for name in ("name", "label", "era", "recipe", "chosen")},
                data=e.data or self.source.name,
                subsets=tuple(self.subset(e.size, e.data, *run) for run in self.runs),
                runs=tuple(runs[i :: len(entries)]),
                train_size=len(self.digits(e.size, e.data)),
                test=self.test_digits(e.data),
                few=self.few(e.data),
                digits=tuple(
                    self.digits(e.size, e.data, self.subset(e.size, e.data, *run)).fingerprint for run in self.runs
                ),
            )
            for i, e in enumerate(entries)
        ]

    def complete(self, entries: Sequence[Entry], runs: Mapping[object, Run]) -> list[int]:
        """Return the places of the runs that every row has, given finished ones by their identity."""
        jobs = [job.framed().identity for job in self.jobs(entries)]
        return [
            i for i in range(len(self.runs)) if all(job in runs for job in jobs[i * len(entries) :][: len(entries)])
        ]

    def method(self, size: int | None = None, largest: int | None = None) -> str:
        """Say what the intervals of this study's rows speak of, of one size or from one to the largest."""
        seeds, used, most = counted(len(self.runs), "run"), len(self.digits(size)), len(self.digits(largest or size))
        if len(self.runs) == 1:
            return "One run a row: intervals speak of new test digits, and of these very nets."
        if self.varied(size) or len(self.subsets) > 1:
            share, sizes = most / self.source.train_count, f"{used:,}{f' to {most:,}' if most > used else ''}"
            own = len(self.subsets) > 1 and len(self.seeds) > 1
            each = f"every seed on each of {len(self.subsets)} subsets" if own else "each run has its own subset"
            near = f"; two of {most:,} share {percent(share)} of theirs, so that these intervals are too narrow"
            return (
                f"Intervals (95 %) are for new runs and new test digits: {seeds} a row, {each} of {sizes} training "
                f"digits{near if share > OVERLAP else ''}."
            )
        which = f"subset {self.subsets[0]}" if self.subsets else f"all {used:,} of {self.source.name}"
        return (
            f"Intervals (95 %) are for new seeds and new test digits: {seeds} a row, all on the same training digits "
            f"({which}); they say nothing of others."
        )


class RowStudy(Study):
    """A study of rows: every entry with every run of its setup."""

    setup: Setup

    @abstractmethod
    def entries(self) -> list[Entry]:
        """Return the rows to be measured."""

    def jobs(self) -> list[Job]:
        """Return the runs of all rows."""
        return self.setup.jobs(self.entries())

    def shortened(self, runs: Mapping[object, Run]) -> tuple[Self, list[Run]] | None:
        """Return the same study with those of its runs that every row has."""
        places = self.setup.complete(self.entries(), runs)
        if not places:
            return None
        fewer = copy(self)
        fewer.setup = self.setup.only(places)
        return fewer, [runs[job.framed().identity] for job in fewer.jobs()]
