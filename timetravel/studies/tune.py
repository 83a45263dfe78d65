"""An honest search for a recipe's numbers: on five folds of the training digits, which is all that it is given."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from timetravel.digits import Digits
from timetravel.digits.folds import FOLDS, folds
from timetravel.engine.collect import Plan, Progress, Workshop, collect, estimate_seconds
from timetravel.engine.runs import Job, Run
from timetravel.engine.torch_backend import TorchBackend
from timetravel.errors import DataError, UsageError
from timetravel.files import digest
from timetravel.numbers import counted
from timetravel.recipes import Recipe
from timetravel.stats.estimates import Estimate, estimate
from timetravel.studies.book import Book, Trial, best, own_values
from timetravel.studies.space import Choices, Space, corners
from timetravel.studies.tune_result import Confirmation, TuneResult, compare


class Tune:
    """The search: trial 0 is the recipe as it stands, the others are proposed by Optuna."""

    def __init__(
        self,
        era: str,
        recipe: Recipe,
        space: Space,
        training: Digits,
        seeds: Sequence[int],
        workshop: Workshop,
        progress: Progress,
        *,
        trials: int,
        confirm: int,
        storage: Path | None = None,
        measure: Callable[[Recipe], str] = str,
    ) -> None:
        if len(training) < FOLDS:
            raise UsageError(
                f"{counted(len(training), 'training digit')} can't be split into {FOLDS} folds.", "Bring more digits."
            )
        self.era, self.recipe, self.space, self.training = era, recipe, space, training
        self.seeds, self.workshop, self.progress = tuple(seeds), workshop, progress
        self.count, self.measure = trials, measure
        self.fresh_seeds = tuple(range(max(seeds) + 1, max(seeds) + 1 + confirm))
        self.pairs = folds(training)
        self.check()
        search = {
            "recipe": recipe.to_dict(),
            "values": [part.to_dict() for part in space],
            "digits": training.fingerprint,
            "seeds": list(self.seeds),
            "backend": workshop.choice(recipe).version,
        }
        file = storage or workshop.store.folder.parent / "tune" / f"{digest(search)}.journal"
        self.book = Book(file, search, space, len(self.seeds), fresh=workshop.fresh)

    def check(self) -> None:
        """Make sure that whatever the search may propose can be trained; raises UsageError."""
        for _ in corners(self.recipe, self.space):
            pass
        for recipe in corners(self.recipe, tuple(part for part in self.space if isinstance(part, Choices))):
            self.workshop.choice(recipe)
            TorchBackend(recipe, [0])

    @property
    def kept(self) -> list[Trial]:
        """The finished trials that count."""
        return self.book.trials[: self.count]

    def jobs(self, recipe: Recipe, seeds: Sequence[int], label: str = "") -> list[Job]:
        """Return a job for every seed and fold, in this order."""
        return [Job(recipe, fit, judge, seed, label) for seed in seeds for fit, judge in self.pairs]

    def best_recipe(self) -> Recipe:
        """Return the best recipe so far."""
        return self.recipe.but(**best(self.kept).values)

    def plan(self) -> Plan:
        """Say what is left to do, as if every trial took as long as the recipe as it stands."""
        left = self.count - len(self.kept)
        known = [] if self.kept else self.jobs(self.recipe, self.seeds)
        guessed = self.jobs(self.recipe, self.seeds) * (left - (not self.kept))
        if left or self.best_recipe() != self.recipe:
            known += self.jobs(self.recipe, self.fresh_seeds)
        if left:
            guessed += self.jobs(self.recipe, self.fresh_seeds)
        elif self.best_recipe() != self.recipe:
            known += self.jobs(self.best_recipe(), self.fresh_seeds)
        kept: dict[object, Run] = {job.identity: run for job in known if (run := self.workshop.kept(job))}
        missing = [job for job in known if job.identity not in kept] + guessed
        at_once = len(self.seeds) * FOLDS
        lanes = min(self.workshop.workers, at_once)
        idle = math.ceil(at_once / lanes) * lanes / at_once  # a trial waits for its last run
        seconds = idle * estimate_seconds(missing, replace(self.workshop, workers=lanes)) if missing else 0.0
        return Plan(kept, tuple(missing), (self.workshop.choice(self.recipe),), seconds)

    def run(self, tried: Callable[[Trial, Trial], None] = lambda *_: None) -> TuneResult:
        """Search on; `tried` hears of every new trial, and of the best so far."""
        if self.workshop.fresh:
            self.book.forget()
        if len(self.kept) < self.count:
            self.book.check()
        self.progress.planned(self.plan())
        while len(self.kept) < self.count:
            number = len(self.kept)
            values = self.book.proposal() if number else own_values(self.recipe, self.space)
            if values is None:
                break
            jobs = self.jobs(self.recipe.but(**values), self.seeds, f"trial {number}")
            runs = collect(jobs, self.workshop, self.progress)
            self.book.keep(Trial(number, values, self.totals(runs), sum(run.diverged is not None for run in runs)))
            tried(self.kept[-1], best(self.kept))
        return self.result()

    def totals(self, runs: Sequence[Run]) -> Estimate:
        """Return the mistakes over all folds, one total a seed."""
        counts = [run.test.mistakes for run in runs]
        return estimate([sum(counts[i : i + FOLDS]) for i in range(0, len(counts), FOLDS)])

    def misread(self, recipe: Recipe, seeds: Sequence[int], workshop: Workshop) -> np.ndarray:
        """Return which net misread which training digit when it was left out, bool (seeds, digits)."""
        jobs = self.jobs(recipe, seeds, "again")
        kept = [run for job in jobs if (run := workshop.kept(job))]
        runs = iter(kept if len(kept) == len(jobs) else collect(jobs, workshop, self.progress))
        return np.array(
            [np.concatenate([next(runs).predictions != judge.labels for _, judge in self.pairs]) for _ in seeds]
        )

    def result(self) -> TuneResult:
        """Compare the best with the recipe as it is, by the search's seeds and by fresh ones."""
        trials, least, comparison, confirmation = self.kept, best(self.kept), None, None
        if least.number:
            both = self.recipe, self.best_recipe()
            known = replace(self.workshop, fresh=False)  # these runs were made by the trials
            wrong = np.stack([self.misread(recipe, self.seeds, known) for recipe in both])
            told = [[int(n) for n in trial.mistakes.values] for trial in (trials[0], least)]
            if wrong.sum(axis=2).tolist() != told:
                raise DataError(f"The search {self.book.file} does not agree with its runs.", self.book.remedy)
            comparison = compare(wrong, self.seeds, len(trials) - 1)
            if self.fresh_seeds:
                again = np.stack([self.misread(recipe, self.fresh_seeds, self.workshop) for recipe in both])
                own, other = (estimate([int(n) for n in row]) for row in again.sum(axis=2))
                confirmation = Confirmation(self.fresh_seeds, own, other, compare(again, self.fresh_seeds))
        return TuneResult(
            "tune",
            self.era,
            self.training,
            self.seeds,
            self.space,
            self.recipe,
            tuple(trials),
            comparison,
            confirmation,
            self.measure(self.best_recipe()),
        )
