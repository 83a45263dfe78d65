"""What a study of rows is given: digits by size and subset, and seeds; and how its jobs and rows are made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from timetravel.digits import Digits, Source, open_source
from timetravel.engine.runs import Job, Run
from timetravel.recipes import Recipe
from timetravel.studies.rows import Row


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
    """The digits of a study and its seeds.

    All subsets are measured on the first one's test digits, so that everything is paired. `by_class`: a numbered subset
    holds each class in the share that the source has of it.
    """

    def __init__(
        self, source: Source, subsets: Sequence[str], test: int | str, seeds: Sequence[int], *, by_class: bool = False
    ) -> None:
        self.source, self.subsets, self.seeds = source, tuple(subsets), tuple(seeds)
        self._test_size, self._by_class = test, by_class
        self.digits, self.test_digits = cache(self._digits), cache(self._test_digits)  # loaded when they are asked for
        self._opened = cache(lambda data: self.source if data is None else open_source(data))

    @property
    def test(self) -> Digits:
        """The test digits: a study that makes choices never asks for them."""
        return self.test_digits()

    def _digits(self, size: int | None = None, data: str | None = None, subset: str | None = None) -> Digits:
        """Return the training digits of one size and subset (the first, unless said otherwise)."""
        source: Source = self._opened(data)
        return source.training_digits(subset or self.subsets[0], size, by_class=self._by_class)

    def _test_digits(self, data: str | None = None) -> Digits:
        source: Source = self._opened(data)
        return source.test_digits(self.subsets[0], self._test_size)

    def jobs(self, entries: Sequence[Entry]) -> list[Job]:
        """Return a job for every entry, subset and seed."""
        return [
            Job(e.recipe, self.digits(e.size, e.data, subset), self.test_digits(e.data), seed, e.label)
            for e in entries
            for subset in self.subsets
            for seed in self.seeds
        ]

    def rows(self, entries: Sequence[Entry], runs: Sequence[Run]) -> list[Row]:
        """Return a row for each entry, given the runs of its jobs."""
        count = len(self.subsets) * len(self.seeds)
        return [
            Row(
                **{name: getattr(e, name) for name in ("name", "label", "era", "recipe", "chosen")},
                data=e.data or self.source.name,
                subsets=self.subsets,
                runs=tuple(runs[i * count : (i + 1) * count]),
                train_size=len(self.digits(e.size, e.data)),
                test=self.test_digits(e.data),
            )
            for i, e in enumerate(entries)
        ]
