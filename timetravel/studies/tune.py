"""An honest search for a recipe's numbers: on five folds of the training digits, which is all that it is given."""

import math
from collections.abc import Callable, Generator, Sequence
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np

from timetravel.digits import Digits
from timetravel.digits.folds import FOLDS, folds
from timetravel.engine.collect import Plan, Workshop, estimate_seconds
from timetravel.engine.runs import Job, Run
from timetravel.engine.torch_backend import TorchBackend
from timetravel.errors import UsageError
from timetravel.numbers import counted
from timetravel.recipes import Recipe
from timetravel.stats.estimates import LEVEL, verdict
from timetravel.studies.base import Document, Study
from timetravel.studies.evidence import paired
from timetravel.studies.space import Space, corners
from timetravel.studies.trials import Trial, mistakes, proposal


class Tune(Study):
    """The search: trial 0 is the recipe as it stands, the others are proposed by Optuna, one round of jobs a trial.

    A search that was stopped, or one that is asked for more trials, goes on by itself: kept runs make the same trials
    again, and these the same proposals. `tried` hears of every trial and of the best so far. Raises UsageError, before
    anything is trained, where the digits are too few for folds or values that may be proposed can't be trained.
    """

    command = "tune"

    def __init__(
        self,
        era: str,
        recipe: Recipe,
        space: Space,
        training: Digits,
        seeds: Sequence[int],
        *,
        trials: int,
        confirm: int,
        measure: Callable[[Recipe], str] = str,
    ) -> None:
        if len(training) < FOLDS:
            few = counted(len(training), "training digit")
            raise UsageError(f"{few} can't be split into {FOLDS} folds.", "Bring more digits.")
        self.era, self.recipe, self.space, self.training = era, recipe, space, training
        self.seeds, self.count, self.measure = tuple(seeds), trials, measure
        self.fresh_seeds = tuple(range(max(seeds) + 1, max(seeds) + 1 + confirm))
        self.pairs = folds(training)
        self.trials: list[Trial] = []
        self.tried: Callable[[Trial, Trial], None] | None = None
        more = f"If a trial beats the recipe as it is, {2 * FOLDS * confirm} more nets measure both again."
        self.remarks = [more] if confirm else []
        self.choices = corners(recipe, [part for part in space if part.scale == "choices"])  # decide what trains
        for chosen in self.choices:
            TorchBackend(chosen, [0])

    def on_folds(self, recipe: Recipe, seeds: Sequence[int], label: str = "") -> list[Job]:
        """Return a job for every seed and fold, in this order."""
        return [Job(recipe, fit, judge, seed, label) for seed in seeds for fit, judge in self.pairs]

    @property
    def best(self) -> Trial:
        """The trial with the fewest mistakes so far, the earliest of equals."""
        return min(self.trials, key=lambda trial: trial.rank)

    def rounds(self) -> Generator[Sequence[Job], Sequence[Run], Document]:
        """Yield the jobs of each trial, last those with fresh seeds (none where nothing beats trial 0)."""
        self.trials = []
        for number in range(self.count):
            own = {part.name: getattr(self.recipe, part.name) for part in self.space}
            values = proposal(self.space, self.trials) if number else own
            if values is None:
                break
            runs = yield self.on_folds(self.recipe.but(**values), self.seeds, f"trial {number}")
            diverged = sum(run.diverged is not None for run in runs)
            self.trials.append(Trial(number, values, self.misread(runs), diverged))
            if self.tried:
                self.tried(self.trials[-1], self.best)
        both = (self.recipe, self.recipe.but(**self.best.values)) if self.best.number else ()
        runs = yield [job for recipe in both for job in self.on_folds(recipe, self.fresh_seeds, "again")]
        return self.result(runs)

    def misread(self, runs: Sequence[Run]) -> np.ndarray:
        """Return which net misread which training digit when it was left out, bool (seeds, digits)."""
        wrong = [run.predictions != self.pairs[place % FOLDS][1].labels for place, run in enumerate(runs)]
        return np.array([np.concatenate(wrong[start : start + FOLDS]) for start in range(0, len(wrong), FOLDS)])

    def plan(self, workshop: Workshop) -> Plan:
        """Say what is left of the search, as if every trial took as long as the recipe as it stands, and without
        what is measured again if one of them is better.

        What is kept is replayed to know it. Raises UsageError where a choice can't be trained on the backend asked for.
        """
        used = {workshop.choice(chosen) for chosen in self.choices}
        kept: dict[object, Run] = {}
        replayed = copy(self)
        replayed.tried = None
        rounds = replayed.rounds()
        jobs = next(rounds)
        while True:
            runs = [run for job in jobs if (run := workshop.kept(job))]
            kept |= {run.identity: run for run in runs}
            in_a_trial = bool(jobs) and jobs[0].seed in self.seeds
            if len(runs) < len(jobs) or not in_a_trial:
                break
            jobs = rounds.send(runs)
        missing = [job for job in jobs if job.identity not in kept]
        if in_a_trial:
            missing += self.on_folds(self.recipe, self.seeds) * (self.count - len(replayed.trials) - 1)
        at_once = len(self.seeds) * FOLDS
        lanes = min(workshop.workers, at_once)
        idle = math.ceil(at_once / lanes) * lanes / at_once  # a trial waits for its last run

        def seconds() -> float:
            return idle * estimate_seconds(missing, replace(workshop, workers=lanes)) if missing else 0.0

        return Plan(kept, tuple(missing), tuple(sorted(used, key=lambda choice: choice.name)), seconds)

    def result(self, runs: Sequence[Run]) -> Document:
        """Return the trials, best first, and the best one beside the recipe as it is: by its seeds and fresh ones."""
        import optuna

        trials = sorted(self.trials, key=lambda trial: trial.rank)
        first, least = self.trials[0], trials[0]
        best = self.recipe.but(**least.values)
        comparison = confirmation = None
        if least.number:
            comparison = compare(first.misread, least.misread, len(trials) - 1)
        if runs:
            own, other = np.split(self.misread(runs), 2)
            confirmation = {"seeds": self.fresh_seeds, "comparison": compare(own, other)}
            for name, misread in (("as_it_is", own), ("best", other)):
                confirmation |= {
                    name: mistakes(misread).to_dict(),
                    f"{name}_error": mistakes(misread, percent=True).to_dict(),
                }
        early = f"The search ends early, after {counted(len(trials), 'trial')}: there is nothing left to try."
        return {
            "era": self.era,
            "data": self.training.name,
            "train_size": len(self.training),
            "folds": FOLDS,
            "seeds": self.seeds,
            "space": [part.to_dict() for part in self.space],
            "rows": [trial.to_dict() for trial in trials],
            "references": [],
            "as_it_is": self.recipe.to_dict(),
            "best": best.to_dict(),
            "comparison": comparison,
            "confirmation": confirmation,
            "measure_on_test": self.measure(best),
            "optuna": optuna.__version__,
            "remarks": [early] if len(trials) < self.count else [],
            "finding": self.finding(first, least, confirmation),
        }

    def finding(self, first: Trial, least: Trial, again: dict[str, Any] | None) -> str:
        """Say what was found, in a sentence or two."""
        own, others = first.mistakes.mean, len(self.trials) - 1
        where = f"on {FOLDS} folds of the {len(self.training):,} training digits"
        if not others:
            text = f"Nothing but the recipe as it is was tried: {own:.1f} mistakes {where}"
        elif least is first:
            tried = counted(others, "other trial")
            text = f"Of {tried} none errs less {where} than the recipe as it is, which makes {own:.1f} mistakes"
        else:
            text = (
                f"The best of {others + 1} trials makes {least.mistakes.mean:.1f} mistakes {where} "
                f"({mistakes(least.misread, percent=True).mean:.2f} %), the recipe as it is {own:.1f}"
            )
        if again:
            means = f"{again['best']['mean']:.1f} against {again['as_it_is']['mean']:.1f}"
            text += f"; with {counted(len(again['seeds']), 'fresh seed')} {means} ({again['comparison']['verdict']})"
        return f"{text}. The test split was not touched."


def compare(own: np.ndarray, other: np.ndarray, picked_from: int = 1) -> dict[str, Any]:
    """Compare the recipe as it is with the best by which net misread which digit, bool (seeds, digits) each.

    Where the best was picked from several by these very mistakes, the verdict is corrected for all of them
    (Bonferroni); the p is not.
    """
    found = paired(other.astype(np.float32), own.astype(np.float32))
    stands = found.p is not None and found.p * picked_from <= 1 - LEVEL
    return {
        **{name.removesuffix("_"): told for name, told in found.to_dict("").items()},
        "verdict": found.open or verdict(stands, found.effect.mean),
    }
