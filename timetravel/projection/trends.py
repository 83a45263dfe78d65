"""Trends: the record so far, year by year, as a random walk with drift, and straight lines by domain and period.

After Farmer and Lafond (2016), How predictable is technological progress?,
https://doi.org/10.1016/j.respol.2015.11.001: from the last record on. The drift is the least-squares slope of the
record over the m years looked back on, not the growth between the two ends of that window as in the paper: that one
jumps with every jump of the record that the window takes in or leaves out. How far off it may be grows as
sqrt(h + 1.2 h^2 / m) with the horizon h. The size of the spread is taken from the errors which the same forecasts made
inside the series (hindcasts). All logarithms are to base 10: errors are in orders of magnitude (OOM).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product
from operator import itemgetter
from typing import Final

import numpy as np
from scipy.special import stdtrit

from timetravel.errors import UsageError
from timetravel.numbers import significant
from timetravel.projection.inputs import of_series
from timetravel.projection.packaged import Row
from timetravel.projection.series import LAST_YEAR, Series, doubling_months

SHORTEST_LOOK: Final = 10  # years looked back on, at least, where the series has them
FEWEST_YEARS: Final = 4  # from the first to the last figure
FEWEST_FIGURES: Final = 3
LATEST_START: Final = LAST_YEAR - FEWEST_YEARS  # so that 2022, which the essay looks out from, has a trend
FEWEST_HINDCASTS: Final = 3
FURTHEST: Final = 250  # orders of magnitude
QUANTILES: Final = (0.1, 0.5, 0.9)
PERIODS: Final = ((1940, 1989), (1989, 2010), (2010, 2022), (2010, 2100), (1989, 2100))
FEWEST_FOR_LINE: Final = 5
NO_GROWTH: Final = 1.005  # times a year, at most
SLOPE_VARIANCE: Final = 1.2  # of a least-squares slope in a long random walk, over that of the two ends' growth


@dataclass(frozen=True)
class Forecast:
    """A forecast in log10 of the series' unit. `scale` (OOM) and `freedom` are of its Student t; None: no interval."""

    middle: float
    scale: float | None
    freedom: int

    def quantile(self, share: float) -> float | None:
        """Return a quantile, log10; None without a spread."""
        return None if self.scale is None else self.middle + self.scale * float(stdtrit(self.freedom, share))


@dataclass(frozen=True)
class Record:
    """The largest figure so far, at the end of each year from `first`. `values`: log10, shape (years,)."""

    series: Series
    first: int
    values: tuple[float, ...]
    holders: tuple[Row, ...] = ()  # whose figure stood, by year; empty in a made-up record

    @property
    def last(self) -> int:
        """The year of the newest figure."""
        return self.first + len(self.values) - 1

    @property
    def base(self) -> int:
        """The year of the record that stands for 2022: an older one where the figures end before."""
        return min(LAST_YEAR, self.last)

    @property
    def in_2022(self) -> float:
        """The record that stands for 2022, in the series' unit."""
        return float(10 ** self.at(self.base))

    def at(self, year: int) -> float:
        """Return the record of a year, log10."""
        return self.values[year - self.first]

    def until(self, year: int) -> "Record":
        """Return what was known of it in a year."""
        years = max(year - self.first + 1, 0)
        return Record(self.series, self.first, self.values[:years], self.holders[:years])

    def credit(self, year: int) -> str:
        """Return whose figure was the record of a year, with its source."""
        holder = self.holders[year - self.first]
        return f"{holder['name']} ({holder['date']}): {holder['credit']}"

    def look(self, ahead: int) -> int:
        """Return how many years to look back on: as many as ahead, ten at least, no more than there are."""
        return min(max(ahead, SHORTEST_LOOK), len(self.values) - 1)

    def drift(self, ahead: int) -> float:
        """Return the least-squares slope (OOM a year) of the years looked back on."""
        look = self.look(ahead)
        return float(_slope_weights(look) @ np.array(self.values[-1 - look :]))

    @cached_property
    def unit_spread(self) -> float | None:
        """The spread of one year (OOM): root mean square of the hindcasts' errors, each over its own multiple.

        First by horizon, so that the many short ones don't drown the long. None if there are too few hindcasts.
        """
        errors: dict[int, list[float]] = {}
        for origin in range(self.first + FEWEST_YEARS, self.last):
            past = self.until(origin)
            for year in range(origin + 1, self.last + 1):
                ahead = year - origin
                error = past.values[-1] + past.drift(ahead) * ahead - self.at(year)
                errors.setdefault(ahead, []).append((error / spread(ahead, past.look(ahead))) ** 2)
        if sum(map(len, errors.values())) < FEWEST_HINDCASTS:
            return None
        return math.sqrt(sum(sum(of) / len(of) for of in errors.values()) / len(errors))

    def standing(self, to: int) -> "Record":
        """Return what was known before a year; raises UsageError if its forecast leaves all numbers (10^250)."""
        before = self.until(min(self.last, to - 1))
        forecast = before.forecast(to)
        edges = [forecast.middle, *(forecast.quantile(end) or 0.0 for end in (0.1, 0.9))]
        if max(map(abs, edges)) > FURTHEST:
            raise UsageError(
                f"The milestones of {self.series.name} grow so fast that their trend leaves all numbers by {to}.",
                "Look for a wrong date or value in the file that --milestones names, or take a nearer --to.",
            )
        return before

    def forecast(self, year: int, target: int | None = None) -> Forecast:
        """Forecast the record of a year after the last, by the drift for that year or for a later `target`."""
        ahead, whole = year - self.last, (target or year) - self.last
        scale, look = self.unit_spread, self.look(whole)
        middle = self.values[-1] + self.drift(whole) * ahead
        return Forecast(middle, None if scale is None else scale * spread(ahead, look), look - 1)


def spread(ahead: int, look: int) -> float:
    """Return by what the spread of a single year is multiplied: sqrt(h + 1.2 h^2 / m)."""
    return math.sqrt(ahead + SLOPE_VARIANCE * ahead**2 / look)


def record(series: Series, figures: Sequence[Row]) -> Record:
    """Return the record of a series; raises UsageError if it has too few figures, or years, for a trend."""
    own = of_series(series, figures)
    years = sorted({one["year"] for one in own})
    if len(own) < FEWEST_FIGURES or years[-1] - years[0] < FEWEST_YEARS or years[0] > LATEST_START:
        span = f", {years[0]} to {years[-1]}" if years else ""
        raise UsageError(
            f"Too few milestones for a trend of {series.name} ({series.quantity}, "
            f"{' and '.join(series.domains) or 'all domains'}): {len(own)}{span}.",
            f"Needed: {FEWEST_FIGURES} or more, over {FEWEST_YEARS} or more years, the first by {LATEST_START}.",
        )
    best, holders = own[0], []
    for year in range(years[0], years[-1] + 1):
        best = max([best, *(one for one in own if one["year"] == year)], key=itemgetter("value"))
        holders.append(best)
    return Record(series, years[0], tuple(math.log10(one["value"]) for one in holders), tuple(holders))


def fits(figures: Sequence[Row]) -> list[Row]:
    """Fit a line to every quantity, by domain and by period, wherever there are five figures or more."""
    found: list[Row] = []
    for quantity in dict.fromkeys(one["quantity"] for one in figures):
        of_it = [one for one in figures if one["quantity"] == quantity]
        domains = list(dict.fromkeys(one["domain"] for one in of_it))
        for domain, (since, until) in product(["all", *domains] if len(domains) > 1 else domains, PERIODS):
            line = fit([one for one in of_it if domain in ("all", one["domain"]) and since <= one["time"] < until])
            if line is not None and (own := {"quantity": quantity, "domain": domain, **line}) not in found:
                found.append(own)
    return found


def fit(figures: Sequence[Row]) -> Row | None:
    """Fit a line by least squares on log10, growth in times a year; None for too few figures or too short a time."""
    times = np.array([one["time"] for one in figures])
    if len(times) < FEWEST_FOR_LINE or np.ptp(times) < FEWEST_YEARS:
        return None
    centred, logs = times - times.mean(), np.log10([one["value"] for one in figures])
    square = float(centred @ centred)
    slope = float(centred @ logs) / square  # OOM a year
    rest = logs - logs.mean() - slope * centred
    error = math.sqrt(float(rest @ rest) / (len(times) - 2) / square)
    half = float(stdtrit(len(times) - 2, 0.95)) * error
    growth = 10**slope
    return {
        "from": round(float(times.min()), 1),
        "to": round(float(times.max()), 1),
        "figures": len(times),
        "growth_per_year": significant(growth, 4),
        "low": significant(10 ** (slope - half), 4),
        "high": significant(10 ** (slope + half), 4),
        "interval": "90 %, of the slope alone",
        "months_to_double": significant(doubling_months(growth, 1)) if growth > NO_GROWTH else None,
    }


@cache
def _slope_weights(look: int) -> np.ndarray:
    """Return what a least-squares slope gives to each of `look` + 1 yearly values, shape (look + 1,)."""
    centred = np.arange(look + 1) - look / 2
    return np.asarray(centred / (centred @ centred))
