"""Backtests: what the method would have said in the past, with the limits as they could have been stated then.

The grid is complete and listed before anything is computed; what it shows is told, good or bad. Every cell is forecast
by four rules: the trend bent by limits, the trend alone, a plain least-squares line with its prediction interval, and
'nothing changes'. They are scored by the continuous ranked probability score (CRPS) and by the interval score of the
80 % interval, both in orders of magnitude, smaller is better: Gneiting and Raftery (2007), Strictly Proper Scoring
Rules, https://doi.org/10.1198/016214506000001437.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from statistics import median
from typing import Final

import numpy as np
from scipy.special import stdtrit

from timetravel.numbers import significant
from timetravel.projection.futures import COUNT, Futures, student
from timetravel.projection.inputs import Assumption, defaults
from timetravel.projection.packaged import Row, cited
from timetravel.projection.series import BY_NAME
from timetravel.projection.trends import QUANTILES, Record, standing

FIRST_TARGETS: Final = {2012: 2016, 2016: 2017, 2020: 2021, 2022: 2023}  # by origin
LAST_TARGET: Final = 2025
TARGETS: Final = {1989: range(2022, 2023)} | {
    origin: range(first, LAST_TARGET + 1) for origin, first in FIRST_TARGETS.items()
}
BANDS: Final = ((1, 3), (4, 7), (8, 13), (33, 33))  # years ahead, first and last: all of the grid's
RULES: Final = ("limited", "trend", "line", "nothing changes")
OUTSIDE: Final = 0.2  # of an 80 % interval
SCORED: Final = slice(None, None, COUNT // 2500)  # draws that a backtest is computed from


def assumptions_of(origin: int) -> Mapping[str, Assumption]:
    """Return the assumptions as they could have been stated in a year: hindcast_limits.csv, the others as today's."""
    then = {row["name"]: row for row in cited("hindcast_limits") if int(row["origin"]) == origin}
    found = dict(defaults())
    for name, row in then.items():
        told = {end: row[end] for end in ("low", "high", "meaning", "source")}
        found[name] = replace(found[name], base=origin if found[name].base else None, **told)
    return found


def stood(origin: int, to: int, records: Mapping[str, Record]) -> Futures:
    """Return the futures of somebody who stood at the end of a year, with the figures and limits known then."""
    return Futures(to, standing(records, origin), assumptions_of(origin))


def backtests(records: Mapping[str, Record]) -> list[Row]:
    """Compute every cell of the grid that the records allow: a series that had begun, a figure at the target."""
    found = []
    for origin, targets in TARGETS.items():
        futures = stood(origin, targets[-1], records)
        cells = product(futures.records, targets)
        found += [backtest(futures, name, year, records[name].at(year)) for name, year in cells
                  if year <= records[name].last]  # fmt: skip
    place = {name: number for number, name in enumerate(records)}
    return sorted(found, key=lambda cell: (place[cell["quantity"]], cell["origin"], cell["target"]))


def backtest(futures: Futures, name: str, target: int, actual: float) -> Row:
    """Compute one cell: what each rule says of the target, beside what came (log10).

    Values are in the unit; errors, predicted less actual, in orders of magnitude. The first fields are the trend's.
    """
    record = futures.records[name]
    forecasts = {
        "limited": futures.limited(name, target),
        "trend": futures.trend(name, target),
        "line": _line(record, target),
        "nothing changes": np.full(COUNT, record.values[-1]),
    }
    told = {rule: _told(draws[SCORED], actual) for rule, draws in forecasts.items()}
    return {
        "quantity": name,
        "origin": record.last,
        "target": target,
        "actual": significant(10**actual),
        **{part: value for part, value in told["trend"].items() if part not in ("crps", "interval_score")},
        "limited": told["limited"],
        "crps": {rule: told[rule]["crps"] for rule in RULES},
        "errors_oom": {rule: told[rule]["error_oom"] for rule in RULES},
        "interval_score": {rule: told[rule]["interval_score"] for rule in RULES},
        "inside_80": {rule: told[rule]["inside"] for rule in RULES},
    }


def _line(record: Record, target: int) -> np.ndarray:
    """Draw from a least-squares line's prediction for a year, as a textbook has it."""
    ahead = target - record.last
    look, (slope, end) = record.look(ahead), record.line(ahead)
    own = np.array(record.values[-1 - look :])
    rest = own - (end + slope * (np.arange(look + 1) - look))
    freedom = look - 1
    scatter = math.sqrt(float(rest @ rest) / freedom)
    around = 1 + 1 / (look + 1) + (ahead + look / 2) ** 2 / (look * (look + 1) * (look + 2) / 12)
    return end + slope * ahead + scatter * math.sqrt(around) * student(record.series.name, float(freedom))


def _told(draws: np.ndarray, actual: float) -> Row:
    ordered = np.sort(draws)
    low, middle, high = (float(one) for one in ordered[[round(share * (len(draws) - 1)) for share in QUANTILES]])
    missed = max(low - actual, 0.0) + max(actual - high, 0.0)
    return {
        "predicted": significant(10**middle),
        "low": significant(10**low),
        "high": significant(10**high),
        "error_oom": round(middle - actual, 3),
        "inside": low <= actual <= high,
        "crps": round(crps(ordered, actual), 3),
        "interval_score": round(high - low + 2 / OUTSIDE * missed, 3),
    }


def crps(draws: np.ndarray, actual: float) -> float:
    """Return the continuous ranked probability score of draws in their order: E|X - x| - E|X - X'| / 2."""
    count = len(draws)
    apart = float((2 * np.arange(count) + 1 - count) @ draws) / count**2
    return float(np.abs(draws - actual).mean()) - apart


def score(cells: Sequence[Row], rule: str) -> Row:
    """Summarise one rule over cells: how many its 80 % interval held, its mean scores and its errors (OOM)."""
    errors = [float(cell["errors_oom"][rule]) for cell in cells]
    count, worst = len(cells), max(errors, key=math.fabs)
    return {
        "cells": count,
        "with_interval": 0 if rule == RULES[-1] else count,
        "inside_80": sum(cell["inside_80"][rule] for cell in cells),
        "crps": round(sum(cell["crps"][rule] for cell in cells) / count, 3),
        "interval_score": round(sum(cell["interval_score"][rule] for cell in cells) / count, 3),
        "too_low": sum(error < 0 for error in errors),
        "median_error_oom": round(median(map(abs, errors)), 3),
        "worst_error_oom": round(worst, 3),
    }


def scores(cells: Sequence[Row]) -> Row | None:
    """Summarise backtests by rule: all, by how far they look ahead, by series; and the coverage clustered by series."""
    if not cells:
        return None
    return {
        "all": _by_rule(cells),
        "by_horizon": [
            {"years_ahead": list(band), "rules": _by_rule(own)}
            for band in BANDS
            if (own := [one for one in cells if band[0] <= one["target"] - one["origin"] <= band[1]])
        ],
        "by_quantity": [
            {"quantity": name, "label": BY_NAME[name].label, "rules": _by_rule(own)}
            for name in dict.fromkeys(one["quantity"] for one in cells)
            if (own := [one for one in cells if one["quantity"] == name])
        ],
        "clusters": {rule: coverage(cells, rule) for rule in RULES[:2]},
    }


def _by_rule(cells: Sequence[Row]) -> dict[str, Row]:
    return {rule: score(cells, rule) for rule in RULES}


def coverage(cells: Sequence[Row], rule: str) -> Row:
    """Return the share of cells inside the 80 % interval, with its 95 % interval where series are the clusters.

    Cells of a quantity, and of its parts, share years and nets, so that only whole quantities are independent (ratio
    estimate, Student's t).
    """
    held_by: dict[str, list[bool]] = {}
    for cell in cells:
        quantity = BY_NAME[cell["quantity"]].quantity.removeprefix("active ")
        held_by.setdefault(quantity, []).append(cell["inside_80"][rule])
    groups = list(held_by.values())
    count, held = len(cells), sum(map(sum, groups))
    share = held / count
    if len(groups) < 2:
        return {"inside": held, "cells": count, "share": round(share, 3), "low": None, "high": None}
    off = sum((sum(group) - share * len(group)) ** 2 for group in groups)
    error = math.sqrt(off * len(groups) / (len(groups) - 1)) / count
    half = float(stdtrit(len(groups) - 1, 0.975)) * error
    ends = {"low": round(max(share - half, 0.0), 3), "high": round(min(share + half, 1.0), 3)}
    return {"inside": held, "cells": count, "share": round(share, 3), **ends}
