"""The projection as plain data for JSON and CSV: six significant digits at most, so that machines agree."""

from collections.abc import Mapping
from typing import Any

from timetravel.numbers import significant
from timetravel.projection.assumptions import Assumption
from timetravel.projection.crossings import Crossing
from timetravel.projection.futures import Band
from timetravel.projection.hindcasts import Backtest, Score
from timetravel.projection.limits import Rate
from timetravel.projection.outlook import Outlook
from timetravel.projection.series import CLAIM
from timetravel.projection.traveller import Mirror, Sight
from timetravel.projection.trends import Fit
from timetravel.projection.two_points import Figure, Line

BESIDES = {
    "naive": "the essay's factor",
    "trend": "the records before it in milestones.csv",
    "limited": "the records before it in milestones.csv; assumptions.csv",
}
OUTLOOK_COLUMNS = (
    "quantity", "label", "unit", "domain", "scenario", "kind", "year", "value", "low", "high", "in_2022",
    "standing_in", "last_record", "source",
)  # fmt: skip


def rounded(value: float | None) -> float | None:
    """Return a value to six significant digits."""
    return None if value is None else significant(value)


def of_band(band: Band | None) -> dict[str, Any] | None:
    """Return quantiles."""
    if band is None:
        return None
    return {"value": rounded(band.middle), "low": rounded(band.low), "high": rounded(band.high)}


def outlook_row(one: Outlook) -> dict[str, Any]:
    """Return one row of projection.csv."""
    return {
        "quantity": one.series.name,
        "label": one.series.label,
        "unit": one.series.unit,
        "domain": " ".join(one.series.domains) or "all",
        "scenario": one.scenario,
        "kind": one.kind,
        "year": one.year,
        "value": rounded(one.band.middle),
        "low": rounded(one.band.low),
        "high": rounded(one.band.high),
        "in_2022": rounded(one.in_2022),
        "standing_in": one.standing,
        "last_record": rounded(one.last),
        "source": f"{one.credit}; {BESIDES[one.scenario]}",
    }


def outlook(one: Outlook) -> dict[str, Any]:
    """Return one projected figure."""
    return outlook_row(one) | {"bent_by": {name: round(share, 3) for name, share in one.binding.items()}}


def backtest(one: Backtest) -> dict[str, Any]:
    """Return one cell of the backtests. Values are in the unit, errors in orders of magnitude."""
    return {
        "quantity": one.series.name,
        "origin": one.origin,
        "target": one.target,
        "predicted": significant(10**one.predicted),
        "low": None if one.low is None else significant(10**one.low),
        "high": None if one.high is None else significant(10**one.high),
        "actual": significant(10**one.actual),
        "error_oom": round(one.error, 3),
        "line_error_oom": round(one.line_error, 3),
        "inside": one.inside,
    }


def score(one: Score | None) -> dict[str, Any] | None:
    """Return the summary of the backtests."""
    if one is None:
        return None
    return {
        "cells": one.cells,
        "with_interval": one.with_interval,
        "inside_80": one.inside,
        "too_low": one.too_low,
        "median_error_oom": round(one.median_error, 3),
        "median_line_error_oom": round(one.median_line_error, 3),
        "worst_error_oom": round(one.worst, 3),
    }


def scores(all_cells: Score | None, by_horizon: Mapping[tuple[int, int], Score]) -> dict[str, Any] | None:
    """Return the summary of all backtests, and by how many years they look ahead."""
    bands = [{"years_ahead": list(years)} | (score(one) or {}) for years, one in by_horizon.items()]
    whole = score(all_cells)
    return None if whole is None else whole | {"by_horizon": bands}


def crossing(one: Crossing) -> dict[str, Any]:
    """Return when a trend meets a limit."""
    return {
        "quantity": one.series,
        "limit": one.limit,
        "year": one.year,
        "earliest": one.earliest,
        "latest": one.latest,
        "source": one.credit,
    }


def fit(one: Fit) -> dict[str, Any]:
    """Return a straight line."""
    return {
        "quantity": one.quantity,
        "domain": one.domain,
        "from": round(one.first, 1),
        "to": round(one.last, 1),
        "figures": one.count,
        "growth_per_year": significant(one.growth, 4),
        "low": significant(one.low, 4),
        "high": significant(one.high, 4),
        "interval": "90 %, of the slope alone",
    }


def rate(one: Rate) -> dict[str, Any]:
    """Return a published growth rate."""
    return {
        "quantity": one.quantity,
        "domain": one.domain,
        "what": one.what,
        "period": one.period,
        "growth_per_year": one.growth,
        "low": one.low,
        "high": one.high,
        "note": one.note,
        "source": one.credit,
    }


def sight(one: Sight) -> dict[str, Any]:
    """Return a line of the time traveller's table."""
    return {
        "what": one.what,
        "unit": one.unit,
        "then": rounded(one.then),
        "ahead": of_band(one.ahead),
        "ratio": of_band(one.ratio),
        "kind": one.kind,
    }


def mirror(one: Mirror) -> dict[str, Any]:
    """Return a line of 1989 seen from 2022."""
    return {"what": one.what, "ours": rounded(one.ours), "essay": rounded(one.essay), "source": one.source}


def assumption(one: Assumption) -> dict[str, Any]:
    """Return an assumption."""
    return {
        "name": one.name,
        "low": one.low,
        "high": one.high,
        "unit": one.unit,
        "allowed": [one.least, one.most],
        "meaning": one.meaning,
        "source": one.credit,
        "changed": one.changed,
    }


def figure(one: Figure) -> dict[str, Any]:
    """Return a figure of the two-point rule."""
    return {"year": one.year, "value": one.value, "source": one.source, "link": one.link or None, "note": one.note}


def line(one: Line, to: int) -> dict[str, Any]:
    """Return a line through two points, carried on."""
    return {
        "quantity": one.quantity,
        "unit": one.first.unit,
        "kind": one.kind,
        "first": figure(one.first),
        "last": figure(one.last),
        "factor": significant(one.factor),
        "yearly_factor": significant(one.yearly_factor),
        "months_to_double_or_halve": significant(one.doubling_months),
        "projected": significant(one.value_in(to)),
        "year_of_10000000_times": one.year_of(CLAIM),
    }
