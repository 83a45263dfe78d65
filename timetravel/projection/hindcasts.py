"""Backtests: the complete grid, listed before anything is computed, and what it shows, good or bad.

The grid was listed before any result. The method was changed once after its first record was seen: the drift was the
growth between the two ends of the window, and the forecast jumped by orders of magnitude when the target moved by a
year. FIRST_RECORD is what that method reached with the package's milestones on the same grid.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from timetravel.numbers import significant
from timetravel.projection.series import SERIES, Series
from timetravel.projection.trends import FEWEST_YEARS, Record

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
BANDS: Final = ((1, 3), (4, 7), (8, 14), (33, 33))  # years ahead, first and last: all of the grid's
FIRST_RECORD: Final = {"inside_80": 130, "with_interval": 197, "median_error_oom": 0.6, "worst_error_oom": -7.6}


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
    def inside(self) -> bool | None:
        """Whether the 80 % interval holds what came; None without an interval."""
        return None if self.low is None or self.high is None else self.low <= self.actual <= self.high

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data: values in the unit, errors in orders of magnitude."""
        values = {name: getattr(self, name) for name in ("predicted", "low", "high", "actual")}
        return {
            "quantity": self.series.name,
            "origin": self.origin,
            "target": self.target,
            **{name: None if value is None else significant(10**value) for name, value in values.items()},
            "error_oom": round(self.error, 3),
            "line_error_oom": round(self.line - self.actual, 3),
            "inside": self.inside,
        }


def backtests(records: Sequence[Record]) -> list[Backtest]:
    """Compute every cell of GRID that the records allow: enough years before the origin, a figure at the target."""
    by_name = {record.series.name: record for record in records}
    found = []
    pasts: dict[tuple[str, int], Record] = {}  # each is made once: its hindcasts take time
    for name, origin, target in GRID:
        record = by_name.get(name)
        if record is None or target > record.last or origin - record.first < FEWEST_YEARS:
            continue
        past = pasts.setdefault((name, origin), record.until(origin))
        found.append(backtest(past, target, record.at(target)))
    return found


def backtest(past: Record, target: int, actual: float) -> Backtest:
    """Compute one cell: what a record that ends with the origin says of the target, beside what came (log10)."""
    origin = past.last
    forecast = past.forecast(target)
    look = past.look(target - origin)
    years = np.arange(origin - look, origin + 1, dtype=float)
    logs = np.array(past.values[-1 - look :])
    return Backtest(
        series=past.series,
        origin=origin,
        target=target,
        predicted=forecast.middle,
        low=forecast.quantile(0.1),
        high=forecast.quantile(0.9),
        actual=actual,
        line=float(logs.mean() + past.drift(target - origin) * (target - years.mean())),
    )


def score(cells: Sequence[Backtest]) -> dict[str, Any] | None:
    """Summarise backtests: cells, those with an interval, inside it and forecast too low; errors. None for none."""
    if not cells:
        return None
    judged = [cell.inside for cell in cells if cell.inside is not None]
    return {
        "cells": len(cells),
        "with_interval": len(judged),
        "inside_80": sum(judged),
        "too_low": sum(cell.error < 0 for cell in cells),
        "median_error_oom": round(statistics.median(abs(cell.error) for cell in cells), 3),
        "median_line_error_oom": round(statistics.median(abs(cell.line - cell.actual) for cell in cells), 3),
        "worst_error_oom": round(max(cells, key=lambda cell: abs(cell.error)).error, 3),
    }


def scores(cells: Sequence[Backtest]) -> dict[str, Any] | None:
    """Summarise backtests: all, by how far they look ahead (for each of BANDS that has any), and by series."""
    whole = score(cells)
    if whole is None:
        return None
    by_horizon = ((band, [cell for cell in cells if band[0] <= cell.target - cell.origin <= band[1]]) for band in BANDS)
    names = dict.fromkeys(cell.series.name for cell in cells)
    by_quantity = ((name, [cell for cell in cells if cell.series.name == name]) for name in names)
    return {
        **whole,
        "by_horizon": [{"years_ahead": list(band), **found} for band, own in by_horizon if (found := score(own))],
        "by_quantity": [{"quantity": name, **(score(own) or {})} for name, own in by_quantity],
        "first_method": FIRST_RECORD,
    }
