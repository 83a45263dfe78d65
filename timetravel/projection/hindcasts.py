"""Backtests: the complete grid, listed before anything is computed, and what it shows, good or bad.

The method was changed once after its first record was seen, as the table of backtests says. FIRST_RECORD is what that
method reached with the package's milestones on the same grid.
"""

from collections.abc import Sequence
from itertools import product
from statistics import median
from typing import Final

import numpy as np

from timetravel.numbers import significant
from timetravel.projection.packaged import Row
from timetravel.projection.series import SERIES
from timetravel.projection.trends import FEWEST_YEARS, Record

FIRST_TARGETS: Final = {2012: 2016, 2016: 2017, 2020: 2021, 2022: 2023}  # by origin; the last is 2026
TARGETS: Final = {1989: range(2022, 2023)} | {origin: range(first, 2027) for origin, first in FIRST_TARGETS.items()}
GRID: Final = tuple(
    (series.name, origin, target) for series in SERIES for origin, targets in TARGETS.items() for target in targets
)
BANDS: Final = ((1, 3), (4, 7), (8, 14), (33, 33))  # years ahead, first and last: all of the grid's
FIRST_RECORD: Final = {"inside_80": 130, "with_interval": 197, "median_error_oom": 0.6, "worst_error_oom": -7.6}


def backtests(records: Sequence[Record]) -> list[Row]:
    """Compute every cell of GRID that the records allow: enough years before the origin, a figure at the target."""
    found = []
    for record, (origin, targets) in product(records, TARGETS.items()):
        if origin - record.first >= FEWEST_YEARS:
            past = record.until(origin)
            found += [backtest(past, target, record.at(target)) for target in targets if target <= record.last]
    return found


def backtest(past: Record, target: int, actual: float) -> Row:
    """Compute one cell: what a record that ends with the origin says of the target, beside what came (log10).

    Values are in the unit; errors, predicted less actual, in orders of magnitude; `line_error_oom`: of a least-squares
    line through the same years. `inside`: whether the 80 % interval holds what came; None without an interval.
    """
    ahead = target - past.last
    forecast, look = past.forecast(target), past.look(ahead)
    low, high = forecast.quantile(0.1), forecast.quantile(0.9)
    line = float(np.array(past.values[-1 - look :]).mean() + past.drift(ahead) * (ahead + look / 2))
    values = {"predicted": forecast.middle, "low": low, "high": high, "actual": actual}
    return {
        "quantity": past.series.name,
        "origin": past.last,
        "target": target,
        **{name: None if value is None else significant(10**value) for name, value in values.items()},
        "error_oom": forecast.middle - actual,
        "line_error_oom": line - actual,
        "inside": None if low is None or high is None else low <= actual <= high,
    }


def score(cells: Sequence[Row]) -> Row:
    """Summarise backtests: cells, those with an interval, inside it and forecast too low; errors."""
    judged = [cell["inside"] for cell in cells if cell["inside"] is not None]
    errors, line_errors = ([float(cell[part]) for cell in cells] for part in ("error_oom", "line_error_oom"))
    worst = max(errors, key=abs)
    return {
        "cells": len(cells),
        "with_interval": len(judged),
        "inside_80": sum(judged),
        "too_low": sum(error < 0 for error in errors),
        "median_error_oom": round(median(map(abs, errors)), 3),
        "median_line_error_oom": round(median(map(abs, line_errors)), 3),
        "worst_error_oom": round(worst, 3),
    }


def scores(cells: Sequence[Row]) -> Row | None:
    """Summarise backtests: all, by how far they look ahead (for each of BANDS that has any), and by series."""
    if not cells:
        return None
    by_horizon: dict[tuple[int, int], list[Row]] = {band: [] for band in BANDS}
    by_quantity: dict[str, list[Row]] = {}
    for cell in cells:
        ahead = cell["target"] - cell["origin"]
        by_horizon[next(band for band in BANDS if ahead <= band[1])].append(cell)
        by_quantity.setdefault(cell["quantity"], []).append(cell)
    return {
        **score(cells),
        "by_horizon": [{"years_ahead": list(band), **score(own)} for band, own in by_horizon.items() if own],
        "by_quantity": [{"quantity": name, **score(own)} for name, own in by_quantity.items()],
        "first_method": FIRST_RECORD,
    }
