"""Backtests: the complete grid, listed before anything is computed, and what it shows, good or bad.

Nothing of the method was chosen by its results here.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from timetravel.projection.series import SERIES, Series
from timetravel.projection.trends import FEWEST_YEARS, Record, slope_of

ORIGINS_AND_TARGETS: Final[tuple[tuple[int, tuple[int, ...]], ...]] = (
    (1989, (2022,)),
    (2012, tuple(range(2016, 2027))),
    (2016, tuple(range(2017, 2027))),
    (2020, tuple(range(2021, 2027))),
    (2022, tuple(range(2023, 2027))),
)
GRID: Final = tuple(
    (series.name, origin, target) for series in SERIES for origin, targets in ORIGINS_AND_TARGETS for target in targets
)
COVERAGE: Final = 0.8  # what the interval from the 10 % to the 90 % quantile promises


@dataclass(frozen=True)
class Backtest:
    """Standing in `origin` with the figures until then: what was forecast for `target`, and what came. log10.

    `line` is what a least-squares line through the same years of the record, read off at the target, would have said.
    """

    series: Series
    origin: int
    target: int
    predicted: float
    low: float | None
    high: float | None
    actual: float
    line: float

    @property
    def error(self) -> float:
        """Predicted less actual, in orders of magnitude."""
        return self.predicted - self.actual

    @property
    def line_error(self) -> float:
        """The line's error, in orders of magnitude."""
        return self.line - self.actual

    @property
    def inside(self) -> bool | None:
        """Whether the 80 % interval holds what came; None without an interval."""
        return None if self.low is None or self.high is None else self.low <= self.actual <= self.high


def backtests(records: Sequence[Record]) -> list[Backtest]:
    """Compute every cell of GRID that the records allow: enough years before the origin, a figure at the target."""
    by_name = {record.series.name: record for record in records}
    found = []
    for name, origin, target in GRID:
        record = by_name.get(name)
        if record is None or target > record.last or origin - record.first < FEWEST_YEARS:
            continue
        found.append(backtest(record, origin, target))
    return found


def backtest(record: Record, origin: int, target: int) -> Backtest:
    """Compute one cell."""
    past = record.until(origin)
    forecast = past.forecast(target)
    look = past.look(target - origin)
    years = np.arange(origin - look, origin + 1, dtype=float)
    logs = np.array(past.values[-1 - look :])
    slope, _ = slope_of(years, logs)
    return Backtest(
        series=record.series,
        origin=origin,
        target=target,
        predicted=forecast.middle,
        low=forecast.quantile(0.1),
        high=forecast.quantile(0.9),
        actual=record.at(target),
        line=float(logs.mean() + slope * (target - years.mean())),
    )


@dataclass(frozen=True)
class Score:
    """How a set of backtests came out: cells, those with an interval, those inside it, median errors (OOM)."""

    cells: int
    with_interval: int
    inside: int
    median_error: float
    median_line_error: float
    worst: float


def score(cells: Sequence[Backtest]) -> Score | None:
    """Summarise backtests; None for none."""
    if not cells:
        return None
    judged = [cell.inside for cell in cells if cell.inside is not None]
    return Score(
        len(cells),
        len(judged),
        sum(judged),
        statistics.median(abs(cell.error) for cell in cells),
        statistics.median(abs(cell.line_error) for cell in cells),
        max((cell.error for cell in cells), key=abs),
    )


def oom(value: float) -> str:
    """Return an error in orders of magnitude: '+1.2', '-0.3', '0.0'."""
    return f"{value:+.1f}" if not math.isclose(round(value, 1), 0) else "0.0"
