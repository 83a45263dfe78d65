"""What a study of rows is given: digits by size and subset, and seeds; and how its jobs and rows are made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

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
        self.digits = cache(self._digits)
        self.other = cache(self._other)

    @cached_property
    def test(self) -> Digits:
        """The test digits, loaded when a study asks for them: one that makes choices never does."""
        return self.source.test_digits(self.subsets[0], self._test_size)

    def _digits(self, size: int | None = None, data: str | None = None, subset: str | None = None) -> Digits:
        """Return the training digits of one size and subset (the first, unless said otherwise)."""
        source = self.source if data is None else self.other(data)[0]
        return source.training_digits(subset or self.subsets[0], size, by_class=self._by_class)

    def test_digits(self, data: str | None = None) -> Digits:
        """Return the test digits."""
        return self.test if data is None else self.other(data)[1]

    def _other(self, data: str) -> tuple[Source, Digits]:
        """Return another source of the package and its test digits."""
        source = open_source(data)
        return source, source.test_digits(self.subsets[0], self._test_size)

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
        return [self.row(entry, runs[i * count : (i + 1) * count]) for i, entry in enumerate(entries)]

    def row(self, entry: Entry, runs: Sequence[Run]) -> Row:
        """Make the row of one entry."""
        return Row(
            name=entry.name,
            label=entry.label,
            era=entry.era,
            recipe=entry.recipe,
            chosen=entry.chosen,
            data=entry.data or self.source.name,
            subsets=self.subsets,
            runs=tuple(runs),
            train_size=len(self.digits(entry.size, entry.data)),
            test=self.test_digits(entry.data),
        )
