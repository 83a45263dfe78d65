"""From 1989 through 2022 and on: what the essay's figures give if each is carried on at its own rate."""

import datetime
import importlib.resources
import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from timetravel.digits import TRAIN_SIZE_1989
from timetravel.engine.provenance import processor
from timetravel.engine.store import default_folder
from timetravel.eras import ERAS
from timetravel.errors import TimetravelError
from timetravel.projection.milestones import Milestone, milestone
from timetravel.projection.numbers import short
from timetravel.projection.two_points import (
    CLAIM,
    FIRST_YEAR,
    LAST_YEAR,
    RULE,
    Line,
    checked_year,
    doubling_months,
    published_lines,
    yearly_factor,
)
from timetravel.recipes import Recipe
from timetravel.words import counted, listed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

SCHEMA = 1  # of the public JSON documents
TRAINING_TIME = "training time"  # of the 1989 net
ERAS_OF_1989 = ("1989-essay", "1989")


@dataclass(frozen=True)
class KeptRun:
    """What a kept run tells of its time."""

    year: int  # when it finished
    backend: str
    device: str
    processor: str
    seed: int
    era: str
    recipe: Recipe
    presentations: int
    test_size: int
    seconds: float  # of one net
    wall: float  # its share of the wall seconds of the runs made beside it


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
        first = milestone(TRAINING_TIME, FIRST_YEAR)
        here = Milestone(
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
            "draws": None,
            "train_size": TRAIN_SIZE_1989,
            "test_size": first.test_size if len({run.test_size for run in self.runs}) == 1 else None,
            "passes": first.recipe.passes,
            "seeds": [run.seed for run in self.runs],
            "presentations": first.presentations,
            "seconds": significant(sum(run.wall for run in self.runs)),
            "backend": first.backend,
            "parameters": int(milestone("parameters", FIRST_YEAR).value),
            "multiply_adds": int(milestone("multiply-adds", FIRST_YEAR).value),
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


@dataclass(frozen=True)
class ExtrapolateResult:
    """The lines to the target year beside the kept runs and the published figures."""

    to: int  # the target year
    rows: tuple[TimeRow, ...]
    references: tuple[Mapping[str, Any], ...]
    lines: tuple[Line, ...]
    finding: str
    notes: tuple[str, ...]  # kept runs that were left out, and why
    command: str = "extrapolate"

    def to_dict(self) -> dict[str, Any]:
        """Return the public JSON document."""
        years, ahead = LAST_YEAR - FIRST_YEAR, self.to - LAST_YEAR
        return {
            "schema": SCHEMA,
            "command": self.command,
            "to": self.to,
            "rows": [row.to_dict() for row in self.rows],
            "references": [dict(reference) for reference in self.references],
            "finding": self.finding,
            "rule": RULE,
            "claim": {
                "factor": CLAIM,
                "years": years,
                "yearly_factor": significant(yearly_factor(CLAIM, years)),
                "doubling_months": significant(doubling_months(CLAIM, years)),
                "yearly_factor_needed": significant(yearly_factor(CLAIM, ahead)),
                "doubling_months_needed": significant(doubling_months(CLAIM, ahead)),
            },
            "projection": [self.projected(line) for line in self.lines],
        }

    def projected(self, line: Line) -> dict[str, Any]:
        """Return one quantity with all its numbers, to six significant digits."""
        year = line.year_of(CLAIM)
        return {
            "quantity": line.quantity,
            "unit": line.first.unit,
            "kind": line.kind,
            "first": point(line.first),
            "last": point(line.last),
            "years": line.years,
            "factor": significant(line.factor),
            "yearly_factor": significant(line.yearly_factor),
            "direction": "falls" if line.falls else "grows",
            "doubling_months": None if line.falls else significant(line.doubling_months),
            "halving_months": significant(line.doubling_months) if line.falls else None,
            "to": self.to,
            "projected": significant(line.value_in(self.to)),
            "factor_to": significant(line.factor_to(self.to)),
            "claim_year": year,
            "claim_reached": None if year is None else year <= self.to,
        }

    def table(self) -> "pd.DataFrame":
        """Return the projection as one flat table, a row a quantity."""
        import pandas as pd

        records = []
        for line in self.lines:
            record: dict[str, Any] = {}
            for name, value in self.projected(line).items():
                nested = value if isinstance(value, dict) else None
                record |= {f"{name}_{part}": v for part, v in nested.items()} if nested else {name: value}
            records.append(record)
        return pd.DataFrame(records).astype({"claim_year": "Int64", "claim_reached": "boolean"})

    def plots(self, *, dark: bool = False) -> "dict[str, Figure]":
        """Draw all figures of the result, by file name."""
        return {"figure": self.plot(dark=dark)}

    def plot(self, *, dark: bool = False) -> "Figure":
        """Draw every quantity against the year on a log axis, its line carried on to the target year."""
        from timetravel.show import projection

        return projection.figure(self, dark=dark)


def extrapolate(to: int, store: Path | None = None) -> ExtrapolateResult:
    """Carry each published quantity on to the year `to`, and the training time measured here beside the essay's.

    store: the folder of kept runs (None: the run store's own). Raises UsageError for a year out of range.
    """
    checked_year(to)
    rows, notes = kept_times(store or default_folder())
    lines = published_lines()
    for row in rows:
        line = row.line()
        if FIRST_YEAR < line.last.year < to:
            lines.append(line)
        else:
            notes.append(f"Left out of the projection: {row.label} of {line.last.year}, which is not before {to}.")
    return ExtrapolateResult(
        to=to,
        rows=tuple(rows),
        references=tuple(published_times()),
        lines=tuple(lines),
        finding=finding(lines, to),
        notes=tuple(notes),
    )


def published_times() -> list[dict[str, Any]]:
    """Return the published rows of the 1989 net on 7,291 digits, with their sources: the paper's and the essay's."""
    path = importlib.resources.files("timetravel").joinpath("published", "references.json")
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["references"]
    timed = [row for row in rows if row["seconds"] and row["train_size"] == TRAIN_SIZE_1989]
    return [row for row in timed if row["recipe"] in ("1989", "1989-essay")]


def kept_times(folder: Path) -> tuple[list[TimeRow], list[str]]:
    """Read the times of the kept runs of the 1989 net on 7,291 digits that this machine's processor made.

    Returns a row for each year, backend and device, and notes on what was left out: entries that can't be read,
    by file, and runs of other processors. Runs that diverged are not counted.
    """
    kept: dict[tuple[int, str, str], list[KeptRun]] = {}
    notes: list[str] = []
    here, elsewhere = processor(), 0
    for path in sorted(folder.glob("??/*.json")):
        if path.name.startswith("."):
            continue  # being written
        try:
            run = read_kept(path)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, TimetravelError) as error:
            notes.append(f"Skipped the kept run {path}, which can't be read: {type(error).__name__}: {error}")
            continue
        if run is None:
            continue
        if run.processor != here:
            elsewhere += 1
            continue
        kept.setdefault((run.year, run.backend, run.device), []).append(run)
    if elsewhere:
        notes.append(f"Left out {counted(elsewhere, 'kept run')} made on another processor.")
    rows = [TimeRow(tuple(sorted(kept[key], key=lambda run: (run.seed, run.seconds)))) for key in sorted(kept)]
    return rows, notes


def read_kept(path: Path) -> KeptRun | None:
    """Return the time of a kept run; None if it is not of the 1989 net on 7,291 digits, or diverged.

    Reads the entry's plain values only. Raises ValueError, KeyError, TypeError, AttributeError, OSError or UsageError
    for an entry that is damaged.
    """
    entry = json.loads(path.read_bytes())
    if entry["key"] != path.stem:
        raise ValueError("it is not the run that its name says")
    about = entry["run"]
    recipe = Recipe.from_dict(about["recipe"])
    era = next((name for name in ERAS_OF_1989 if ERAS[name].recipe == recipe), None)
    if era is None or about["train"][2] != TRAIN_SIZE_1989 or about["diverged"] is not None:
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
        presentations=int(about["presentations"]),
        test_size=int(about["test"][2]),
        seconds=seconds / beside if batched else seconds,
        wall=seconds / beside,
    )


def finding(lines: Sequence[Line], to: int) -> str:
    """Say which quantities reach the essay's 10,000,000x by the target year, and what the training time comes to."""
    years = {line.quantity: line.year_of(CLAIM) for line in lines if line.kind == "published"}
    growing = sorted(((year, name) for name, year in years.items() if year is not None))
    reached = [f"{name} (in {year})" for year, name in growing if year <= to]
    later = [f"{name} (in {year})" for year, name in growing if year > to]
    sentence = (
        f"At their own rates from 1989 to 2022, {len(reached)} of {len(growing)} growing quantities are 10,000,000 "
        f"times their 2022 figure by {to}"
    )
    sentence += f": {listed(reached)}" if reached else ""
    sentence += f"; later: {listed(later)}." if later else "."
    times = [line for line in lines if line.quantity == TRAINING_TIME]
    parts = [
        f"{short(line.last.value)} s in {line.last.year} "
        f"({line.kind if line.kind == 'published' else line.last.source}) and {short(line.value_in(to))} s in {to}"
        for line in times
    ]
    return f"{sentence} Training the 1989 net took 3 days then; on the line it takes {'; or '.join(parts)}."


def point(figure: Milestone) -> dict[str, Any]:
    """Return one figure with its source for JSON."""
    return {
        "year": figure.year,
        "value": figure.value,
        "source": figure.source,
        "link": figure.link or None,
        "note": figure.note,
    }


def significant(value: float, digits: int = 6) -> float:
    """Round to significant digits: more would claim more than two figures hold, and differ between machines."""
    return float(f"{value:.{digits}g}")
