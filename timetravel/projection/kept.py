"""What this machine has measured: the kept runs of the eras, their times and their mistakes."""

import datetime
import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np

from timetravel.digits import TRAIN_SIZE_1989
from timetravel.engine.provenance import processor
from timetravel.eras import ERAS
from timetravel.errors import TimetravelError
from timetravel.numbers import counted, significant
from timetravel.projection.measured import FEWEST_SEEDS, Share
from timetravel.projection.two_points import FIRST_YEAR, Figure, Line, figure
from timetravel.recipes import Recipe
from timetravel.seeds import generator

TRAINING_TIME: Final = "training time"  # of the 1989 net
ERAS_OF_1989: Final = ("1989-essay", "1989")
READ: Final = (*ERAS_OF_1989, "2022", "today")
REPLICATES: Final = 2_000
UNREADABLE: Final = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, TimetravelError)


@dataclass(frozen=True)
class KeptRun:
    """What a kept run tells of itself."""

    year: int  # when it finished
    backend: str
    device: str
    processor: str
    seed: int
    era: str
    recipe: Recipe
    examples_seen: int
    digits: tuple[str, str]  # fingerprints of training and test digits
    train_size: int
    test_size: int
    mistakes: int  # of the test digits
    seconds: float  # of one net
    wall: float  # its share of the wall seconds of the runs made beside it


def kept_runs(folder: Path) -> tuple[list[KeptRun], list[str]]:
    """Read the kept runs of the eras that ended well, and notes on entries that can't be read, by file."""
    runs, notes = [], []
    for path in sorted(folder.glob("??/*.json")):
        if path.name.startswith("."):
            continue  # being written
        try:
            run = read_kept(path)
        except UNREADABLE as error:
            notes.append(f"Skipped the kept run {path}, which can't be read: {type(error).__name__}: {error}")
            continue
        if run is not None:
            runs.append(run)
    return runs, notes


def read_kept(path: Path) -> KeptRun | None:
    """Return a kept run; None if it is not of an era, or diverged.

    Reads the entry's plain values only. Raises ValueError, KeyError, TypeError, AttributeError, OSError or UsageError
    for an entry that is damaged.
    """
    entry = json.loads(path.read_bytes())
    if entry["key"] != path.stem:
        raise ValueError("it is not the run that its name says")
    about = entry["run"]
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
        year=datetime.datetime.fromisoformat(provenance["finished"]).year,
        backend=str(about["backend"]),
        device=str(provenance["device"]),
        processor=str(provenance["processor"]),
        seed=int(about["seed"]),
        era=era,
        recipe=recipe,
        examples_seen=int(about["examples_seen"]),
        digits=(str(about["digits"]), str(about["test_digits"])),
        train_size=int(about["train"][2]),
        test_size=int(about["test"][2]),
        mistakes=int(about["test"][1]),
        seconds=seconds / beside if batched else seconds,
        wall=seconds / beside,
    )


@dataclass(frozen=True)
class TimeRow:
    """Kept runs of the 1989 net made in the same year, on this processor, by the same backend and device."""

    runs: tuple[KeptRun, ...]

    @property
    def seconds_a_net(self) -> float:
        """The median over the runs of the seconds that one net takes, training and measuring."""
        return statistics.median(run.seconds for run in self.runs)

    @property
    def label(self) -> str:
        """Where the time comes from: '8 runs, native-1 on cpu'."""
        first = self.runs[0]
        return f"{counted(len(self.runs), 'run')}, {first.backend} on {first.device}"

    def line(self) -> Line:
        """Return the line from the paper's three days to this time."""
        first = figure(TRAINING_TIME, FIRST_YEAR)
        here = Figure(
            TRAINING_TIME,
            first.unit,
            self.runs[0].year,
            significant(self.seconds_a_net),
            f"measured here: {self.label}",
            "",
            f"median of kept runs on {self.runs[0].processor}; another machine than the essay's",
        )
        return Line(first, here, "measured")

    def to_dict(self) -> dict[str, Any]:
        """Return the row in the public JSON format; what this command does not look at is null."""
        first = self.runs[0]
        times = [run.seconds for run in self.runs]
        unread = ("test_error", "train_error", "test_mistakes", "train_mistakes", "test_loss", "train_loss")
        return {
            "recipe": first.era,
            "era": first.era,
            "net": first.recipe.net,
            "data": None,
            "subsets": None,
            "train_size": TRAIN_SIZE_1989,
            "test_size": first.test_size if len({run.test_size for run in self.runs}) == 1 else None,
            "epochs": first.recipe.epochs,
            "seeds": [run.seed for run in self.runs],
            "examples_seen": first.examples_seen,
            "seconds": significant(sum(run.wall for run in self.runs)),
            "backend": first.backend,
            "parameters": int(figure("parameters", FIRST_YEAR).value),
            "multiply_adds": int(figure("multiply-adds", FIRST_YEAR).value),
            **dict.fromkeys(unread),
            "diverged": [],
            "settings": first.recipe.to_dict(),
            "year": first.year,
            "device": first.device,
            "processor": first.processor,
            "seconds_a_net": {
                "median": significant(self.seconds_a_net),
                "low": significant(min(times)),
                "high": significant(max(times)),
            },
        }


def times_of(runs: Sequence[KeptRun]) -> tuple[list[TimeRow], list[str]]:
    """Return the times of the 1989 net on 7,291 digits, a row a year, backend and device of this processor; notes."""
    kept: dict[tuple[int, str, str], list[KeptRun]] = {}
    here, elsewhere = processor(), 0
    for run in runs:
        if run.era not in ERAS_OF_1989 or run.train_size != TRAIN_SIZE_1989:
            continue
        if run.processor != here:
            elsewhere += 1
            continue
        kept.setdefault((run.year, run.backend, run.device), []).append(run)
    rows = [TimeRow(tuple(sorted(kept[key], key=lambda run: (run.seed, run.seconds)))) for key in sorted(kept)]
    return rows, [f"Left out {counted(elsewhere, 'kept run')} made on another processor."] if elsewhere else []


def tweaks_of(runs: Sequence[KeptRun]) -> list[Share]:
    """Return the share of 1989's mistakes that later eras remove on the same digits, by the kept runs of equal seeds.

    For each set of digits on which both have six seeds or more. The interval is over seeds, on these test digits: a
    bootstrap of seeds, 2,000 replicates, 95 %.
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
                found.append(share_of([old[s] for s in seeds], [new[s] for s in seeds], era, digits[1]))
    return found


def share_of(old: Sequence[int], new: Sequence[int], era: str, test: str) -> Share:
    """Return the share of `old` mistakes that `new` ones, paired by seed, leave out."""
    before, after = np.array(old), np.array(new)
    picks = generator(0, "bootstrap").integers(len(old), size=(REPLICATES, len(old)))
    replicates = 100 * (1 - after[picks].sum(axis=1) / before[picks].sum(axis=1))
    low, high = (float(value) for value in np.quantile(replicates, (0.025, 0.975)))
    return Share(
        cause="tweaks",
        what=f"{era} against 1989, {counted(len(old), 'seed')}, test digits {test[:8]}",
        mean=significant(100 * float(1 - after.sum() / before.sum())),
        low=significant(low),
        high=significant(high),
        source="measured here",
        command="timetravel modernize --tweaks all",
        interval="95 % interval over seeds, on these digits",
        here=True,
    )


def published_times() -> list[Mapping[str, Any]]:
    """Return the published rows of the 1989 net on 7,291 digits, with their sources: the paper's and the essay's."""
    path = resources.files("timetravel").joinpath("published", "references.json")
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["references"]
    timed = [row for row in rows if row["seconds"] and row["train_size"] == TRAIN_SIZE_1989]
    return [row for row in timed if row["recipe"] in ERAS_OF_1989]
