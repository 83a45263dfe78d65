"""What a search found: its trials, and how much of the best one's lead is left with fresh seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from timetravel.digits import Digits
from timetravel.digits.folds import FOLDS
from timetravel.numbers import counted
from timetravel.recipes import Recipe
from timetravel.stats.estimates import LEVEL, Estimate, bootstrap, estimate, p_value, paired_change, verdict
from timetravel.studies.book import Trial, best
from timetravel.studies.space import Space

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Comparison:
    """Two recipes that read the same digits with the same seeds: is the second one better than the first?"""

    change: Estimate  # in mistakes, paired by seed
    p: float  # by the two-way bootstrap over seeds and digits
    verdict: str
    seed: int  # of the plain test, exact McNemar: the first
    only_first: int  # digits that the first alone misread
    only_second: int
    mcnemar_p: float

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison for JSON."""
        return {
            "change": self.change.to_dict(),
            "p": self.p,
            "verdict": self.verdict,
            "mcnemar": {
                "seed": self.seed,
                "only_as_it_is": self.only_first,
                "only_best": self.only_second,
                "p": self.mcnemar_p,
            },
        }


def compare(wrong: np.ndarray, seeds: Sequence[int], picked_from: int = 1) -> Comparison:
    """Compare two recipes by which net misread which digit, bool (2, seeds, digits).

    Where the second was picked from several by these very readings, the verdict is corrected for all of them
    (Bonferroni); the p are not.
    """
    from scipy.stats import binomtest

    totals = wrong.sum(axis=2)
    change = paired_change([int(n) for n in totals[1]], [int(n) for n in totals[0]])
    means = bootstrap(wrong)
    p = p_value(means[:, 1] - means[:, 0])
    one, other = (int((wrong[i, 0] & ~wrong[1 - i, 0]).sum()) for i in (0, 1))
    mcnemar = float(binomtest(other, one + other).pvalue) if one + other else 1.0
    return Comparison(
        change, p, verdict(p * picked_from <= 1 - LEVEL, change.mean, len(seeds)), seeds[0], one, other, mcnemar
    )


@dataclass(frozen=True)
class Confirmation:
    """The recipe as it is and the best one, measured again with seeds that the search did not use."""

    seeds: tuple[int, ...]
    as_it_is: Estimate
    best: Estimate
    comparison: Comparison


@dataclass(frozen=True)
class TuneResult:
    """The trials of a search, and how much of the best one's lead is left with fresh seeds."""

    command: str
    era: str
    digits: Digits  # training digits
    seeds: tuple[int, ...]
    space: Space
    recipe: Recipe  # as it is
    trials: tuple[Trial, ...]  # in the order in which they were made
    comparison: Comparison | None  # with the search's own seeds; None where nothing is better
    confirmation: Confirmation | None
    measure: str  # the command that measures the best on test digits

    @property
    def best(self) -> Trial:
        """The best trial."""
        return best(self.trials)

    def error(self, mistakes: Estimate) -> Estimate:
        """Return mistakes on the folds in percent."""
        return estimate([100 * count / len(self.digits) for count in mistakes.values])

    @property
    def finding(self) -> str:
        """What was found, in a sentence or two."""
        own, least, others = self.trials[0].mistakes.mean, self.best, len(self.trials) - 1
        where = f"on {FOLDS} folds of the {len(self.digits):,} training digits"
        if not others:
            text = f"Nothing but the recipe as it is was tried: {own:.1f} mistakes {where}"
        elif least.number == 0:
            tried = counted(others, "other trial")
            text = f"Of {tried} none errs less {where} than the recipe as it is, which makes {own:.1f} mistakes"
        else:
            text = (
                f"The best of {counted(len(self.trials), 'trial')} makes {least.mistakes.mean:.1f} mistakes {where} "
                f"({self.error(least.mistakes).mean:.2f} %), the recipe as it is {own:.1f}"
            )
        if again := self.confirmation:
            text += (
                f"; with {counted(len(again.seeds), 'fresh seed')} {again.best.mean:.1f} against "
                f"{again.as_it_is.mean:.1f} ({again.comparison.verdict})"
            )
        return f"{text}. The test split was not touched."

    def rows(self) -> list[dict[str, Any]]:
        """Return the trials for JSON, best first."""
        return [
            {
                "trial": trial.number,
                "as_it_is": trial.number == 0,
                "values": dict(trial.values),
                "mistakes_on_folds": trial.mistakes.to_dict(),
                "error_on_folds": self.error(trial.mistakes).to_dict(),
                "diverged": trial.diverged,
            }
            for trial in sorted(self.trials, key=lambda trial: trial.rank)
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document."""
        again = self.confirmation
        return {
            "schema": 1,
            "command": self.command,
            "era": self.era,
            "data": self.digits.name,
            "train_size": len(self.digits),
            "folds": FOLDS,
            "seeds": list(self.seeds),
            "space": [part.to_dict() for part in self.space],
            "rows": self.rows(),
            "references": [],
            "as_it_is": self.recipe.to_dict(),
            "best": self.recipe.but(**self.best.values).to_dict(),
            "comparison": self.comparison and self.comparison.to_dict(),
            "confirmation": again
            and {
                "seeds": list(again.seeds),
                "as_it_is": again.as_it_is.to_dict(),
                "best": again.best.to_dict(),
                "comparison": again.comparison.to_dict(),
            },
            "measure_on_test": self.measure,
            "finding": self.finding,
        }

    def table(self) -> "pd.DataFrame":
        """Return a line a trial, best first."""
        import pandas as pd

        records = []
        for row in self.rows():
            record = {"trial": row["trial"], "as_it_is": row["as_it_is"]}
            for name in ("mistakes_on_folds", "error_on_folds"):
                record |= {f"{name}_{part}": row[name][part] for part in ("mean", "low", "high")}
            records.append(record | {"diverged": row["diverged"]} | row["values"])
        return pd.DataFrame(records)

    def plots(self, *, dark: bool = False) -> "dict[str, Figure]":
        """Draw the search as it went, and each value against the mistakes."""
        from timetravel.show import tune

        return {"figure": tune.search_figure(self, dark=dark), "values": tune.values_figure(self, dark=dark)}
