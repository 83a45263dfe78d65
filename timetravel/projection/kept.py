"""What this machine has measured: the kept runs of the eras, their times and their mistakes."""

import datetime
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from timetravel import published
from timetravel.digits import TRAIN_SIZE_1989
from timetravel.engine.provenance import processor
from timetravel.engine.store import Store
from timetravel.eras import ERAS
from timetravel.errors import TimetravelError
from timetravel.numbers import counted, significant
from timetravel.projection.measured import FEWEST_SEEDS, LADDERS, Share
from timetravel.projection.packaged import plain
from timetravel.projection.two_points import FIRST_YEAR, TRAINING_TIME, Figure, figure, line
from timetravel.recipes import Recipe
from timetravel.seeds import generator

ERAS_OF_1989: Final = ("1989-essay", "1989")
READ: Final = (*ERAS_OF_1989, "2022", "today")
REPLICATES: Final = 2_000
UNREADABLE: Final = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, TimetravelError)


@dataclass(frozen=True)
class KeptRun:
    """What a kept net tells of itself and of its answers to one set of test digits."""

    net: str  # what names the training
    year: int  # when it finished
    backend: str
    device: str
    processor: str
    seed: int
    era: str
    examples_seen: int
    digits: tuple[str, str]  # fingerprints of training and test digits
    train_size: int
    test_size: int
    mistakes: int  # of the test digits
    seconds: float  # of one net
    wall: float  # its share of the wall seconds of the runs made beside it


def kept_runs(store: Store) -> tuple[list[KeptRun], list[str]]:
    """Return the kept runs of the eras that ended well, and notes on entries that can't be read, by file."""
    runs, notes = [], []
    for path, about in store.listing():
        try:
            if isinstance(about, Exception):
                raise about
            run = kept_run(path.name.partition(".")[0], about)
        except UNREADABLE as error:
            notes.append(f"Skipped the kept run {path}, which can't be read: {type(error).__name__}: {error}")
            continue
        if run is not None:
            runs.append(run)
    return runs, notes


def kept_run(net: str, about: Mapping[str, Any]) -> KeptRun | None:
    """Make a kept run of its plain values; None if it is not of an era, or diverged. Raises one of UNREADABLE."""
    recipe = Recipe.from_dict(about["recipe"])
    era = next((name for name in READ if ERAS[name].recipe == recipe), None)
    if era is None or about["diverged"] is not None:
        return None
    provenance = about["provenance"]
    seconds, beside = float(about["seconds"]), int(about["beside"])
    if not (math.isfinite(seconds) and seconds > 0 and beside > 0):
        raise ValueError(f"it took {seconds} s beside {beside} runs")
    batched = str(about["backend"]).startswith("torch")  # one batched net for all; natively a net has its own thread
    return KeptRun(
        net=net,
        year=datetime.datetime.fromisoformat(provenance["finished"]).year,
        backend=str(about["backend"]),
        device=str(provenance["device"]),
        processor=str(provenance["processor"]),
        seed=int(about["seed"]),
        era=era,
        examples_seen=int(about["examples_seen"]),
        digits=(str(about["digits"]), str(about["test_digits"])),
        train_size=int(about["train"][2]),
        test_size=int(about["test"][2]),
        mistakes=int(about["test"][1]),
        seconds=seconds / beside if batched else seconds,
        wall=seconds / beside,
    )


def times_of(runs: Sequence[KeptRun]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the times of the 1989 net on 7,291 digits, a row a year, backend and device of this processor; notes."""
    kept: dict[tuple[int, str, str], list[KeptRun]] = {}
    here, elsewhere = processor(), 0
    for run in {run.net: run for run in runs}.values():  # a training counts once, whatever it was measured on
        if run.era in ERAS_OF_1989 and run.train_size == TRAIN_SIZE_1989:
            elsewhere += run.processor != here
            if run.processor == here:
                kept.setdefault((run.year, run.backend, run.device), []).append(run)
    rows = [time_row(sorted(kept[key], key=lambda run: (run.seed, run.seconds))) for key in sorted(kept)]
    return rows, [f"Left out {counted(elsewhere, 'kept run')} made on another processor."] if elsewhere else []


def time_row(runs: Sequence[KeptRun]) -> dict[str, Any]:
    """Return runs of one year, processor, backend and device as a row of the public JSON format.

    The seconds a net are the median over the runs, training and measuring. What this command does not look at is null.
    """
    first, recipe = runs[0], ERAS[runs[0].era].recipe
    times = [run.seconds for run in runs]
    middle = statistics.median(times)
    unread = ("test_error", "train_error", "test_mistakes", "train_mistakes", "test_loss", "train_loss")
    return {
        "recipe": first.era,
        "era": first.era,
        "label": f"{counted(len(runs), 'run')}, {first.backend} on {first.device}",
        "net": recipe.net,
        "data": None,
        "subsets": None,
        "train_size": TRAIN_SIZE_1989,
        "test_size": first.test_size if len({run.test_size for run in runs}) == 1 else None,
        "epochs": recipe.epochs,
        "seeds": [run.seed for run in runs],
        "examples_seen": first.examples_seen,
        "seconds": significant(sum(run.wall for run in runs)),
        "backend": first.backend,
        "parameters": int(figure("parameters", FIRST_YEAR)),
        "multiply_adds": int(figure("multiply-adds", FIRST_YEAR)),
        **dict.fromkeys(unread),
        "diverged": [],
        "settings": recipe.to_dict(),
        "year": first.year,
        "device": first.device,
        "processor": first.processor,
        "seconds_a_net": plain({"median": middle, "low": min(times), "high": max(times)}),
        "times_3_days": significant(figure(TRAINING_TIME, FIRST_YEAR) / middle),
    }


def time_line(row: Mapping[str, Any], to: int) -> dict[str, Any]:
    """Return the line from the paper's three days to a time measured here, carried on to a year."""
    source = f"measured here: {row['label']}"
    note = f"median of kept runs on {row['processor']}; another machine than the essay's"
    return line(TRAINING_TIME, to, Figure(row["year"], row["seconds_a_net"]["median"], source, None, note))


def tweaks_of(runs: Sequence[KeptRun]) -> list[Share]:
    """Return the share of 1989's mistakes that later eras remove on the same digits, by the kept runs of equal seeds.

    For each set of digits on which both have six seeds or more.
    """
    mistakes: dict[tuple[tuple[str, str], str], dict[int, int]] = {}
    for run in runs:
        if run.train_size == TRAIN_SIZE_1989:
            mistakes.setdefault((run.digits, run.era), {})[run.seed] = run.mistakes
    found = []
    for digits in sorted({digits for digits, _ in mistakes}):
        for era in ("2022", "today"):
            old, new = mistakes.get((digits, "1989"), {}), mistakes.get((digits, era), {})
            seeds = sorted(old.keys() & new.keys())
            if len(seeds) >= FEWEST_SEEDS and all(old[seed] for seed in seeds):
                what = f"{era} against 1989, {counted(len(seeds), 'seed')}, test digits {digits[1][:8]}"
                found.append(share_of([old[seed] for seed in seeds], [new[seed] for seed in seeds], what))
    return found


def share_of(old: Sequence[int], new: Sequence[int], what: str) -> Share:
    """Return the share of `old` mistakes that `new` ones, paired by seed, leave out.

    The interval is over seeds, on these test digits: a bootstrap of seeds, 2,000 replicates, 95 %.
    """
    before, after = np.array(old), np.array(new)
    picks = generator(0, "bootstrap").integers(len(old), size=(REPLICATES, len(old)))
    replicates = 100 * (1 - after[picks].sum(axis=1) / before[picks].sum(axis=1))
    low, high = (significant(float(end)) for end in np.quantile(replicates, (0.025, 0.975)))
    mean = significant(100 * float(1 - after.sum() / before.sum()))
    return Share(
        "tweaks", what, mean, low, high, "measured here", LADDERS["mnist"],
        interval="95 % interval over seeds, on these digits", here=True,
    )  # fmt: skip


def published_times() -> list[dict[str, Any]]:
    """Return the published rows of the 1989 net on 7,291 digits, with their sources: the paper's and the essay's."""
    timed = [row for row in published.references() if row["seconds"] and row["train_size"] == TRAIN_SIZE_1989]
    return [row for row in timed if row["recipe"] in ERAS_OF_1989]
