"""The trials of a search, and what to try next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from timetravel.seeds import generator
from timetravel.stats.estimates import Estimate, estimate
from timetravel.studies.space import Space, every_combination

ATTEMPTS = 20  # to propose what was not tried yet


def mistakes(misread: np.ndarray, percent: bool = False) -> Estimate:
    """Return the mistakes of nets, or their percentage, a value a seed, by what they misread: bool (seeds, digits)."""
    digits = misread.shape[1]
    counts = misread.sum(axis=1).tolist()
    return estimate([100 * count / digits for count in counts], 0, 100) if percent else estimate(counts, 0, digits)


@dataclass(frozen=True)
class Trial:
    """Values that were tried, and which training digits were misread when they were left out."""

    number: int  # trial 0 is the recipe as it stands
    values: Mapping[str, Any]
    misread: np.ndarray  # bool (seeds, digits)
    diverged: int = 0  # runs whose loss stopped being a number

    @cached_property
    def mistakes(self) -> Estimate:
        """The mistakes on the folds: one total over all training digits a seed."""
        return mistakes(self.misread)

    @property
    def rank(self) -> tuple[float, int]:
        """What trials are ordered by, best first: the fewest mistakes, the earliest of equals."""
        return self.mistakes.mean, self.number

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "trial": self.number,
            "as_it_is": self.number == 0,
            "values": self.values,
            "mistakes_on_folds": self.mistakes.to_dict(),
            "error_on_folds": mistakes(self.misread, percent=True).to_dict(),
            "diverged": self.diverged,
        }


def proposal(space: Space, trials: Sequence[Trial]) -> dict[str, Any] | None:
    """Return values to try next, by TPE, that were not tried yet; None where nothing is left.

    The sampler is made anew for every trial and seeded by the number of trials before it, so what it proposes depends
    on the finished trials alone: a search that was stopped goes on as if it had not been.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    kinds = {part.name: part.distribution() for part in space}
    study = optuna.create_study()  # in memory
    for trial in trials:  # without the values outside the space, as the recipe's own may be
        inside = {part.name: trial.values[part.name] for part in space if part.holds(trial.values[part.name])}
        of_inside = {name: kinds[name] for name in inside}
        study.add_trial(optuna.create_trial(value=trial.mistakes.mean, params=inside, distributions=of_inside))
    tried = [dict(trial.values) for trial in trials]
    rng = generator(len(trials), "search")
    for _ in range(ATTEMPTS):
        study.sampler = optuna.samplers.TPESampler(seed=int(rng.integers(2**31)))
        drawn = study.ask(kinds).params
        values = {part.name: part.rounded(drawn[part.name]) for part in space}
        if values not in tried:
            return values
    left = [values for values in every_combination(space) if values not in tried]
    return left[int(rng.integers(len(left)))] if left else None
