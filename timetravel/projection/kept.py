"""What this machine has measured: the mistakes of the kept runs of the eras."""

from collections.abc import Mapping, Sequence
from itertools import groupby, product
from operator import itemgetter
from typing import Any, Final

import numpy as np

from timetravel import published
from timetravel.digits import TRAIN_SIZE_1989
from timetravel.engine.entries import Damaged
from timetravel.engine.store import Store
from timetravel.eras import ERAS
from timetravel.errors import TimetravelError
from timetravel.numbers import counted
from timetravel.projection.packaged import Row
from timetravel.projection.shares import LADDERS, LATER, share
from timetravel.recipes import Recipe
from timetravel.stats.crossed import ratio
from timetravel.stats.estimates import FEWEST_RUNS

ERAS_OF_1989: Final = ("1989-essay", "1989")
READ: Final = (*ERAS_OF_1989, *LATER)


def kept_runs(store: Store) -> tuple[list[Row], list[str]]:
    """Return the kept runs of the eras that ended well, and notes on entries that can't be read, by file."""
    runs, notes, others = [], [], 0
    for path, about in store.listing():
        if not isinstance(about, Damaged):
            run = _kept_run(path.name.partition(".")[0], about)
            runs += [run] if run else []
        elif about.version:
            others += 1
        else:
            notes.append(f"Skipped the kept run {path}: {about.why}.")
    if others:
        notes.append(f"Skipped {counted(others, 'kept run')} of another version of timetravel.")
    return runs, notes


def _kept_run(net: str, about: Mapping[str, Any]) -> Row | None:
    """Return what a kept net, named by its training, tells of itself and of its answers to one set of test digits.

    `digits`: the fingerprints of training and test digits. None for a run that is not of an era, or diverged.
    """
    recipe = Recipe.from_dict(about["recipe"])
    era = next((name for name in READ if ERAS[name].recipe == recipe), None)
    if era is None or about["diverged"] is not None:
        return None
    return {
        "net": net,
        "era": era,
        "seed": int(about["seed"]),
        "digits": (str(about["digits"]), str(about["test_digits"])),
        "train_size": int(about["train"][2]),
    }


def tweaks_of(runs: Sequence[Row], store: Store) -> tuple[list[Row], list[str]]:
    """Return the share of 1989's mistakes that later eras remove, by kept runs of equal seeds and digits; and notes.

    The interval is that of `modernize`, for new nets and new digits: from every net's answer to every test digit. There
    is a share for each set of training digits with six seeds or more, and one for sets of fewer, where there are six.
    """
    nets: dict[tuple[str, str], dict[tuple[str, int], str]] = {}  # by era and test digits, then training and seed
    for run in runs:
        if run["train_size"] == TRAIN_SIZE_1989:
            train, test = run["digits"]
            nets.setdefault((run["era"], test), {})[train, run["seed"]] = run["net"]
    found, notes = [], []
    for test, base, era in product(sorted({test for _, test in nets}), reversed(ERAS_OF_1989), LATER):
        old, new = nets.get((base, test), {}), nets.get((era, test), {})
        for pairs in _alike(sorted(old.keys() & new.keys())):
            data = data_names().get(test, "")
            many = f"{counted(len(pairs), 'run')} a recipe, {data or f'test digits {test[:8]}'}"
            try:
                wrong, before = (_units(store, test, pairs, of) for of in (new, old))
                ends = wrong is not None and before is not None and ratio(wrong, before)
            except TimetravelError as error:
                notes.append(f"Left out {era} against {base}, {many}: {error}")
                continue
            if ends:
                removed = [100 * (1 - ends[place]) for place in (0, 2, 1)]
                about: Row = {"era": era, "against": base, "data": data, "here": True}
                found.append(share("tweaks", f"{era} against {base}, {many}", removed, "measured here", **about))
    return found, notes


def _alike(pairs: Sequence[tuple[str, int]]) -> list[list[tuple[str, int]]]:
    """Group runs, training digits and seed: those on one set of digits, and those of sets that have few seeds."""
    sets = [list(own) for _, own in groupby(pairs, itemgetter(0))]
    few = [own for own in sets if len(own) < FEWEST_RUNS]
    varied = [[run for own in few for run in own]] if len(few) >= FEWEST_RUNS else []
    return [*(own for own in sets if len(own) >= FEWEST_RUNS), *varied]


def _units(
    store: Store, test: str, pairs: Sequence[tuple[str, int]], nets: Mapping[tuple[str, int], str]
) -> np.ndarray | None:
    """Return which digit each run misread, (runs, digits), or the mean of each set of training digits of several.

    None where a net collapsed, or its answers are gone: then there is nothing to compare.
    """
    kept = [store.run(nets[pair], test) for pair in pairs]
    wrong = np.array([run.misread for run in kept if run and run.sound], dtype=float)
    if len(wrong) < len(pairs):
        return None
    sets = np.array([train for train, _ in pairs])
    if len(set(sets)) in (1, len(pairs)):
        return wrong
    return np.array([wrong[sets == train].mean(axis=0) for train in dict.fromkeys(sets)])


def data_names() -> dict[str, str]:
    """Return the names of sources by the fingerprint of all their test digits."""
    return {row["test_digits"]: row["data"] for name in LADDERS for row in published.read(name)["rows"]}
