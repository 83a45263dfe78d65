"""What every training study is given: digits, seeds, and where runs are made."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from timetravel.digits import Digits, Source, open_source
from timetravel.engine.collect import Progress, Workshop, collect
from timetravel.engine.runs import Job, Run
from timetravel.recipes import Recipe
from timetravel.studies.rows import Row

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


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
    """The digits of a study by size and subset, its seeds, and the workshop that makes its runs.

    All subsets are measured on the first one's test digits, so that everything is paired. `by_class`: a numbered subset
    holds each class in the share that the source has of it.
    """

    def __init__(
        self,
        source: Source,
        subsets: Sequence[str],
        test: int | str,
        seeds: Sequence[int],
        workshop: Workshop,
        progress: Progress,
        *,
        by_class: bool = False,
    ) -> None:
        self.source, self.subsets, self.seeds = source, tuple(subsets), tuple(seeds)
        self.workshop, self.progress = workshop, progress
        self._test_size, self._by_class = test, by_class
        self._drawn: dict[tuple[str | None, int | None, str], Digits] = {}
        self._others: dict[str, tuple[Source, Digits]] = {}

    @cached_property
    def test(self) -> Digits:
        """The test digits, the first subset's, drawn when a study asks for them: one that makes choices never does."""
        return self.source.test_digits(self.subsets[0], self._test_size)

    def digits(self, size: int | None = None, data: str | None = None, subset: str | None = None) -> Digits:
        """Return the training digits of one size and subset (the first, unless said otherwise), drawn once."""
        key = data, size, subset or self.subsets[0]
        if key not in self._drawn:
            source = self.source if data is None else self.other(data)[0]
            self._drawn[key] = source.training_digits(key[2], size, by_class=self._by_class)
        return self._drawn[key]

    def test_digits(self, data: str | None = None) -> Digits:
        """Return the test digits."""
        return self.test if data is None else self.other(data)[1]

    def other(self, data: str) -> tuple[Source, Digits]:
        """Return another source and its test digits, opened once."""
        if data not in self._others:
            source = open_source(data)
            self._others[data] = source, source.test_digits(self.subsets[0], self._test_size)
        return self._others[data]

    def jobs(self, entries: Sequence[Entry]) -> list[Job]:
        """Return a job for every entry, subset and seed."""
        return [
            Job(e.recipe, self.digits(e.size, e.data, subset), self.test_digits(e.data), seed, e.label)
            for e in entries
            for subset in self.subsets
            for seed in self.seeds
        ]

    def rows(self, entries: Sequence[Entry], *, watched: bool = False) -> list[Row]:
        """Collect the runs of all entries and return a row for each."""
        runs = collect(self.jobs(entries), self.workshop, self.progress, watched=watched)
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


class Result(Protocol):
    """What a study returns: plain data with three views."""

    @property
    def command(self) -> str:
        """The command that it belongs to."""

    @property
    def finding(self) -> str:
        """One sentence that says what was found."""

    def to_dict(self) -> dict[str, Any]:
        """Return the public JSON document."""

    def table(self) -> "pd.DataFrame":
        """Return the rows as a table."""

    def plots(self, *, dark: bool = False) -> "dict[str, Figure]":
        """Draw the result's figures, by file name."""


Finished_co = TypeVar("Finished_co", bound=Result, covariant=True)


class Study(Protocol[Finished_co]):
    """Something the command line can plan and run."""

    @property
    def watched(self) -> bool:
        """Whether its runs are measured after every epoch."""

    def entries(self) -> list[Entry]:
        """Return the rows it would measure."""

    def run(self) -> Finished_co:
        """Make the runs and return what they show."""
