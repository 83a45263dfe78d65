"""What this machine has measured: the kept runs of the eras, their times and their mistakes."""

import datetime
import math
import statistics
from collections.abc import Mapping, Sequence
from itertools import groupby, product
from operator import itemgetter
from typing import Any, Final

import numpy as np

from timetravel import published
from timetravel.digits import TRAIN_SIZE_1989
from timetravel.engine.provenance import processor
from timetravel.engine.store import Store
from timetravel.eras import ERAS
from timetravel.errors import TimetravelError
from timetravel.numbers import counted, significant
from timetravel.projection.measured import FEWEST_SEEDS, LADDERS, share
from timetravel.projection.packaged import Row, plain
from timetravel.projection.series import FIRST_YEAR, TRAINING_TIME, figure, line
from timetravel.recipes import Recipe
from timetravel.seeds import generator

ERAS_OF_1989: Final = ("1989-essay", "1989")
READ: Final = (*ERAS_OF_1989, "2022", "today")
REPLICATES: Final = 2_000
UNREADABLE: Final = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, TimetravelError)


def kept_runs(store: Store) -> tuple[list[Row], list[str]]:
    """Return the kept runs of the eras that ended well, and notes on entries that can't be read, by file."""
    runs, notes = [], []
    for path, about in store.listing():
        try:
            if isinstance(about, Exception):
                raise about
            run = _kept_run(path.name.partition(".")[0], about)
        except UNREADABLE as error:
            notes.append(f"Skipped the kept run {path}, which can't be read: {type(error).__name__}: {error}")
        else:
            runs += [run] if run else []
    return runs, notes


def _kept_run(net: str, about: Mapping[str, Any]) -> Row | None:
    """Return what a kept net, named by its training, tells of itself and of its answers to one set of test digits.

    `year` is when it finished, `digits` the fingerprints of training and test digits; `seconds` are those of one net,
    `wall` its share of the wall seconds of the runs made beside it. None for a run that is not of an era, or
    diverged. Raises one of UNREADABLE.
    """
    recipe = Recipe.from_dict(about["recipe"])
    era = next((name for name in READ if ERAS[name].recipe == recipe), None)
    if era is None or about["diverged"] is not None:
        return None
    provenance = about["provenance"]
    seconds, beside = float(about["seconds"]), int(about["beside"])
    if not (math.isfinite(seconds) and seconds > 0 and beside > 0):
        raise ValueError(f"it took {seconds} s beside {beside} runs")
    batched = str(about["backend"]).startswith("torch")  # one batched net for all; natively a net has its own thread
    return {
        "net": net,
        "year": datetime.datetime.fromisoformat(provenance["finished"]).year,
        "backend": str(about["backend"]),
        "device": str(provenance["device"]),
        "processor": str(provenance["processor"]),
        "seed": int(about["seed"]),
        "era": era,
        "examples_seen": int(about["examples_seen"]),
        "digits": (str(about["digits"]), str(about["test_digits"])),
        "train_size": int(about["train"][2]),
        "test_size": int(about["test"][2]),
        "mistakes": int(about["test"][1]),
        "seconds": seconds / beside if batched else seconds,
        "wall": seconds / beside,
    }


def times_of(runs: Sequence[Row]) -> tuple[list[Row], list[str]]:
    """Return the times of the 1989 net on 7,291 digits, a row a year, backend and device of this processor; notes."""
    nets = {run["net"]: run for run in runs}.values()  # a training counts once, whatever it was measured on
    timed = [run for run in nets if run["era"] in ERAS_OF_1989 and run["train_size"] == TRAIN_SIZE_1989]
    here = [run for run in timed if run["processor"] == processor()]
    elsewhere = len(timed) - len(here)
    machine = itemgetter("year", "backend", "device")
    here.sort(key=lambda run: (machine(run), run["seed"], run["seconds"]))
    rows = [_time_row(list(found)) for _, found in groupby(here, machine)]
    return rows, [f"Left out {counted(elsewhere, 'kept run')} made on another processor."] if elsewhere else []


def _time_row(runs: Sequence[Row]) -> Row:
    """Return runs of one year, processor, backend and device as a row of the public JSON format.

    The seconds a net are the median over the runs, training and measuring. What this command does not look at is null.
    """
    first, recipe = runs[0], ERAS[runs[0]["era"]].recipe
    times = [run["seconds"] for run in runs]
    middle = statistics.median(times)
    unread = ("test_error", "train_error", "test_mistakes", "train_mistakes", "test_loss", "train_loss")
    return {
        "recipe": first["era"],
        "label": f"{counted(len(runs), 'run')}, {first['backend']} on {first['device']}",
        "net": recipe.net,
        "data": None,
        "subsets": None,
        "train_size": TRAIN_SIZE_1989,
        "test_size": first["test_size"] if len({run["test_size"] for run in runs}) == 1 else None,
        "epochs": recipe.epochs,
        "seeds": [run["seed"] for run in runs],
        "seconds": significant(sum(run["wall"] for run in runs)),
        "parameters": int(figure("parameters", FIRST_YEAR)),
        "multiply_adds": int(figure("multiply-adds", FIRST_YEAR)),
        **dict.fromkeys(unread),
        "diverged": [],
        "settings": recipe.to_dict(),
        **{name: first[name] for name in ("era", "examples_seen", "backend", "year", "device", "processor")},
        "seconds_a_net": plain({"median": middle, "low": min(times), "high": max(times)}),
        "times_3_days": significant(figure(TRAINING_TIME, FIRST_YEAR) / middle),
    }


def time_line(row: Row, to: int) -> Row:
    """Return the line from the paper's three days to a time measured here, carried on to a year."""
    here = {"year": row["year"], "value": row["seconds_a_net"]["median"], "link": None}
    note = f"median of kept runs on {row['processor']}; another machine than the essay's"
    return line(TRAINING_TIME, to, here | {"source": f"measured here: {row['label']}", "note": note})


def tweaks_of(runs: Sequence[Row]) -> list[Row]:
    """Return the share of 1989's mistakes that later eras remove on the same digits, by the kept runs of equal seeds.

    For each set of digits on which both have six seeds or more. The interval is over seeds, on these test digits: a
    bootstrap of seeds, 2,000 replicates, 95 %.
    """
    mistakes: dict[tuple[tuple[str, str], str], dict[int, int]] = {}
    for run in runs:
        if run["train_size"] == TRAIN_SIZE_1989:
            mistakes.setdefault((run["digits"], run["era"]), {})[run["seed"]] = run["mistakes"]
    found = []
    for digits, era in product(sorted({digits for digits, _ in mistakes}), ("2022", "today")):
        old, new = mistakes.get((digits, "1989"), {}), mistakes.get((digits, era), {})
        seeds = sorted(old.keys() & new.keys())
        if len(seeds) < FEWEST_SEEDS or not all(old[seed] for seed in seeds):
            continue
        before, after = (np.array([of[seed] for seed in seeds]) for of in (old, new))
        picks = generator(0, "bootstrap").integers(len(seeds), size=(REPLICATES, len(seeds)))
        replicates = 100 * (1 - after[picks].sum(axis=1) / before[picks].sum(axis=1))
        ends = [100 * (1 - after.sum() / before.sum()), *np.quantile(replicates, (0.025, 0.975))]
        what = f"{era} against 1989, {counted(len(seeds), 'seed')}, test digits {digits[1][:8]}"
        over = "95 % interval over seeds, on these digits"
        reduction = [significant(float(end)) for end in ends]
        found.append(share("tweaks", what, reduction, "measured here", over, command=LADDERS["mnist"], here=True))
    return found


def published_times() -> list[Row]:
    """Return the published rows of the 1989 net on 7,291 digits, with their sources: the paper's and the essay's."""
    timed = [row for row in published.references() if row["seconds"] and row["train_size"] == TRAIN_SIZE_1989]
    return [row for row in timed if row["recipe"] in ERAS_OF_1989]
