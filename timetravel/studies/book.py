"""The trials of a search, kept in one file of Optuna's journal format, and what to try next."""

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from timetravel.errors import DataError, TimetravelError, UsageError
from timetravel.recipes import Recipe
from timetravel.seeds import generator
from timetravel.stats.estimates import Estimate, estimate
from timetravel.studies.space import Range, Space, every_combination

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

STUDY = "timetravel"  # the name of the one study in the file
ATTEMPTS = 20  # to propose what was not tried yet


@dataclass(frozen=True)
class Trial:
    """Values that were tried, and their mistakes on the folds: one total over all training digits a seed."""

    number: int  # trial 0 is the recipe as it stands
    values: Mapping[str, Any]
    mistakes: Estimate
    diverged: int = 0  # runs whose loss stopped being a number

    @property
    def rank(self) -> tuple[float, int]:
        """What trials are ordered by, best first."""
        return self.mistakes.mean, self.number


def check_optuna() -> None:
    """Make sure that Optuna is here; raises UsageError."""
    from importlib.util import find_spec

    if find_spec("optuna") is None:
        raise UsageError("The search needs the package optuna.", "Type: pip install 'timetravel[tune]'.")


class Book:
    """The trials of one search in their file. Reading them never makes or changes it."""

    def __init__(self, file: Path, search: Mapping[str, Any], space: Space, seeds: int, *, fresh: bool = False) -> None:
        check_optuna()
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.version = str(optuna.__version__)
        self.file, self.search, self.space, self.seeds = file, dict(search), space, seeds
        self._study = self._opened()
        self.trials = [] if fresh else self._read()

    def _storage(self) -> Any:
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend

        return JournalStorage(JournalFileBackend(str(self.file)))

    def _opened(self) -> "Study | None":
        """Open the search that the file holds, if it is there."""
        import optuna

        try:
            if self.file.is_dir():
                raise UsageError(f"--storage {self.file} is a folder.", "Name a file.")
            if not self.file.exists() or not (content := self.file.read_bytes()):
                return None
            whole = content.splitlines(keepends=True)
            if not whole[-1].endswith(b"\n"):  # a power cut's half line; Optuna skips it too
                whole.pop()
            if not whole or not all(isinstance(json.loads(line), dict) for line in whole):
                raise ValueError("it is no journal")
            storage = self._storage()
            names = [study.study_name for study in storage.get_all_studies()]
            if not names:  # deleted by --fresh, and none begun since
                return None
            if names != [STUDY]:
                raise UsageError(f"--storage {self.file} holds another program's search.", "Choose another file.")
            study = optuna.load_study(study_name=STUDY, storage=storage)
            found = study.user_attrs.get("search")
            damaged = found is None and bool(study.trials)
        except TimetravelError:
            raise
        except OSError as error:
            raise DataError(f"The search {self.file} can't be read: {error.strerror}.", self.remedy) from error
        except Exception as error:  # whatever Optuna meets in a file that is none of its own
            raise DataError(f"The search {self.file} is damaged: {error}.", self.remedy) from error
        if damaged:
            raise DataError(f"The search {self.file} is damaged: it does not say what it searches.", self.remedy)
        if found is not None and found != self.search:
            raise UsageError(
                f"--storage {self.file} holds another search{differences(found, self.search)}.",
                "Choose another file, or leave --storage out: every search then has its own.",
            )
        return study

    @property
    def remedy(self) -> str:
        """What to do about a damaged file."""
        return "Delete the file and repeat the command: kept runs are not trained again."

    def _read(self) -> list[Trial]:
        """Return the finished trials; of two equal ones, written by two commands at once, the first."""
        trials: dict[str, Trial] = {}
        try:
            for kept in self._study.trials if self._study else []:
                if not kept.state.is_finished():
                    continue
                values, mistakes = kept.user_attrs["values"], kept.user_attrs["mistakes"]
                if set(values) != {part.name for part in self.space} or len(mistakes) != self.seeds:
                    raise ValueError(f"trial {kept.number} is not of this search")
                trial = Trial(len(trials), values, estimate(mistakes), kept.user_attrs["diverged"])
                if trial.mistakes.mean != kept.value:
                    raise ValueError(f"the mistakes of trial {kept.number} do not agree")
                trials.setdefault(canonical(values), trial)
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"The search {self.file} is damaged: {error}.", self.remedy) from error
        return list(trials.values())

    def forget(self) -> None:
        """Take the trials kept so far out of the file (`--fresh`)."""
        import optuna

        if self._study is not None:
            optuna.delete_study(study_name=STUDY, storage=self._storage())
        self._study, self.trials = None, []

    def check(self) -> None:
        """Make sure that trials can be kept, before any is made; raises TimetravelError."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.open("ab").close()
        except OSError as error:
            raise self.unwritable(error) from error

    def unwritable(self, error: OSError) -> TimetravelError:
        """Return the error for a file that can't be written."""
        return TimetravelError(
            f"The search can't be kept in {self.file}: {error.strerror}.", "Name another file with --storage."
        )

    def keep(self, trial: Trial) -> None:
        """Write a finished trial down; raises TimetravelError if that can't be done."""
        import optuna

        try:
            mend(self.file)
            if self._study is None:
                self._study = optuna.create_study(study_name=STUDY, storage=self._storage(), load_if_exists=True)
            if "search" not in self._study.user_attrs:
                self._study.set_user_attr("search", self.search)
            self._study.add_trial(self._frozen(trial))
        except OSError as error:
            raise self.unwritable(error) from error
        self.trials.append(trial)

    def _frozen(self, trial: Trial) -> "FrozenTrial":
        """Return a trial as Optuna keeps it. What lies outside the space, as the recipe's own may, is a note only."""
        import optuna

        inside = {part.name for part in self.space if part.holds(trial.values[part.name])}
        return optuna.create_trial(
            value=trial.mistakes.mean,
            params={name: trial.values[name] for name in inside},
            distributions={name: kind for name, kind in self._distributions().items() if name in inside},
            user_attrs={
                "values": dict(trial.values),
                "mistakes": list(trial.mistakes.values),
                "diverged": trial.diverged,
            },
        )

    def _distributions(self) -> "dict[str, BaseDistribution]":
        """Return the space in Optuna's words."""
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        found: dict[str, BaseDistribution] = {}
        for part in self.space:
            if not isinstance(part, Range):
                found[part.name] = CategoricalDistribution(part.options)
            elif part.whole:
                found[part.name] = IntDistribution(int(part.low), int(part.high), log=part.log)
            else:
                found[part.name] = FloatDistribution(part.low, part.high, log=part.log)
        return found

    def proposal(self) -> dict[str, Any] | None:
        """Return values to try next, by TPE, that were not tried yet; None where nothing is left.

        The sampler is made anew for every trial and seeded by the number of trials before it, so what it proposes
        depends on the finished trials alone: a search that was stopped goes on as if it had not been.
        """
        import optuna

        number = len(self.trials)
        tried = {canonical(trial.values) for trial in self.trials}
        study = optuna.create_study()  # in memory: what is proposed but never finished leaves no trace
        study.add_trials([self._frozen(trial) for trial in self.trials])
        rng, distributions = generator(number, "search"), self._distributions()
        for _ in range(ATTEMPTS):
            study.sampler = optuna.samplers.TPESampler(seed=int(rng.integers(2**31)))
            drawn = study.ask(distributions).params
            values = {part.name: part.rounded(drawn[part.name]) for part in self.space}
            if canonical(values) not in tried:
                return values
        left = [dict(values) for values in every_combination(self.space) or () if canonical(values) not in tried]
        return left[int(rng.integers(len(left)))] if left else None


def canonical(values: Mapping[str, Any]) -> str:
    """Return values as one text, to compare them by."""
    return json.dumps(dict(values), sort_keys=True)


def differences(found: Any, wanted: Mapping[str, Any]) -> str:
    """Say in what two searches differ."""
    names = [name for name in wanted if not isinstance(found, dict) or found.get(name) != wanted[name]]
    return f": it differs in {', '.join(names)}" if names else ""


def mend(file: Path) -> None:
    """Take off a last line that was never finished, as a power cut leaves one, so that the next begins on its own."""
    with contextlib.suppress(FileNotFoundError), file.open("r+b") as opened:
        content = opened.read()
        if not content.endswith(b"\n"):
            opened.truncate(content.rfind(b"\n") + 1)


def own_values(recipe: Recipe, space: Space) -> dict[str, Any]:
    """Return a recipe's own values of what is searched."""
    return {part.name: getattr(recipe, part.name) for part in space}


def best(trials: Sequence[Trial]) -> Trial:
    """Return the trial with the fewest mistakes, the earliest of equals."""
    return min(trials, key=lambda trial: trial.rank)
