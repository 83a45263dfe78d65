"""Trends: the record so far, year by year, as a random walk with drift, and straight lines by domain and period.

After Farmer and Lafond (2016), How predictable is technological progress?,
https://doi.org/10.1016/j.respol.2015.11.001: from the last record on. Every year ahead adds the least-squares slope of
the record over as many years back, ten at least: near years follow the present era, far ones the mean of several. How
far off it may be is that of a random walk whose drift is estimated so.

How large the spread is, is learnt from all series together: the errors which the same forecasts made inside a series
(hindcasts) give it a variance of its own, which is drawn towards the series' common one as in Smyth (2004), Linear
Models and Empirical Bayes Methods, https://doi.org/10.2202/1544-6115.1027. All logarithms are to base 10: errors are in
orders of magnitude (OOM).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from operator import itemgetter
from typing import Final

import numpy as np
from scipy.special import polygamma, psi, stdtrit

from timetravel.errors import UsageError
from timetravel.numbers import significant
from timetravel.projection.inputs import of_series
from timetravel.projection.packaged import Row
from timetravel.projection.series import FURTHEST_YEAR, LAST_YEAR, Series, doubling_months

SHORTEST_LOOK: Final = 10  # years looked back on, at least, where the series has them
FEWEST_YEARS: Final = 4  # from the first to the last figure
FEWEST_FIGURES: Final = 3
LATEST_START: Final = LAST_YEAR - FEWEST_YEARS  # so that 2022, which the essay looks out from, has a trend
FURTHEST: Final = 250  # orders of magnitude
QUANTILES: Final = (0.1, 0.5, 0.9)
FEWEST_FOR_LINE: Final = 5
NO_GROWTH: Final = 1.005  # times a year, at most
FARTHEST: Final = FURTHEST_YEAR - 1940  # years ahead
# Degrees of freedom of a series' own variance: of random walks of 12 to 60 years, whose hindcasts overlap, it varies as
# if it had three to five (tests/projection/test_trends.py).
OWN_FREEDOM: Final = 3.5
ROUNDING: Final = 1e-12  # OOM^2; a series without any error says nothing of how far off forecasts are
MOST_FREEDOM: Final = 200.0  # of the common variance, where series differ no more than by chance


@dataclass(frozen=True)
class Spread:
    """The spread of one year, OOM, and the degrees of freedom of its Student's t."""

    scale: float
    freedom: float


@dataclass(frozen=True)
class Forecast:
    """A forecast in log10 of the series' unit; `scale` (OOM) and `freedom` are of its Student t."""

    middle: float
    scale: float
    freedom: float

    def quantile(self, share: float) -> float:
        """Return a quantile, log10."""
        return self.middle + self.scale * float(stdtrit(self.freedom, share))


@dataclass(frozen=True)
class Record:
    """The largest figure so far, at the end of each whole year from `first`. `values`: log10, shape (years,).

    so_far: with the figures of an unfinished year. spread: None until it has been learnt (see `learnt`).
    """

    series: Series
    first: int
    values: tuple[float, ...]
    holders: tuple[Row, ...]  # whose figure stood, by year, and so far
    so_far: float
    spread: Spread | None = None

    @property
    def last(self) -> int:
        """The last whole year."""
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
        """Return what was known of it at the end of a year."""
        years = max(year - self.first + 1, 0)
        if years > len(self.values):
            return self
        return Record(self.series, self.first, self.values[:years], self.holders[:years], self.values[years - 1])

    def holder(self, year: int) -> Row:
        """Return whose figure was the record at the end of a year; after the last whole year, the record so far."""
        return self.holders[min(year - self.first, len(self.holders) - 1)]

    def credit(self, year: int) -> str:
        """Return whose figure was the record of a year, with its source."""
        holder = self.holder(year)
        return f"{holder['name']} ({holder['date']}): {holder['credit']}"

    def look(self, ahead: int) -> int:
        """Return how many years to look back on: as many as ahead, ten at least, no more than there are."""
        return _look(ahead, len(self.values) - 1)

    def line(self, ahead: int) -> tuple[float, float]:
        """Return the least-squares line of the years looked back on: its slope (OOM a year) and its last value."""
        look = self.look(ahead)
        own, years = np.array(self.values[-1 - look :]), np.arange(look + 1) - look / 2
        slope = float(years @ own / (years @ years))
        return slope, float(own.mean() + slope * look / 2)

    @cached_property
    def own_variance(self) -> float | None:
        """The variance of one year (OOM^2), from the hindcasts inside the series; None if there are none, or no error.

        Squared errors, each over its own multiple, first by horizon, so that the many short ones don't drown the long.
        """
        squares = _hindcasts(np.array(self.values))
        found = [column[np.isfinite(column)] for column in squares.T]
        means = [float(column.mean()) for column in found if len(column)]
        variance = sum(means) / len(means) if means else 0.0
        return variance if variance > ROUNDING else None

    @cached_property
    def _growth(self) -> np.ndarray:
        """By how much the record is foretold to have grown so many years ahead, OOM.

        Each year ahead adds the pace of as many years back: shape (years ahead + 1,).
        """
        paces = {look: self.line(look)[0] for look in range(self.look(0), len(self.values))}
        ahead = range(1, FURTHEST_YEAR - self.last + 1)
        return np.concatenate([[0.0], np.cumsum([paces[self.look(year)] for year in ahead])])

    def forecast(self, year: int) -> Forecast:
        """Forecast the record of a year after the last; raises ValueError while its spread is not learnt."""
        if self.spread is None:
            raise ValueError(f"the spread of {self.series.name} is not learnt")
        ahead = year - self.last
        middle = self.values[-1] + float(self._growth[ahead])
        return Forecast(middle, self.spread.scale * multiples(len(self.values) - 1)[ahead], self.spread.freedom)


@cache
def multiples(years: int) -> np.ndarray:
    """Return by what the spread of a single year is multiplied so many years ahead, looking back on `years` or fewer.

    Exact for a random walk: a year ahead adds its own step, and each pace the weights that a least-squares slope gives
    to the steps behind. Shape (years ahead + 1,).
    """
    weights = np.zeros((FARTHEST + 1, years))
    for ahead in range(1, FARTHEST + 1):
        look = _look(ahead, years)
        centred = np.arange(look + 1) - look / 2
        weights[ahead, years - look :] = np.cumsum(centred[::-1])[:-1][::-1] / (centred @ centred)
    return np.asarray(np.sqrt(np.arange(FARTHEST + 1) + (np.cumsum(weights, axis=0) ** 2).sum(axis=1)))


def _look(ahead: int, years: int) -> int:
    """Return how many years to look back on: as many as ahead, ten at least, no more than there are."""
    return min(max(ahead, SHORTEST_LOOK), years)


def _hindcasts(values: np.ndarray) -> np.ndarray:
    """Return the squared errors of all forecasts inside a series, each over its multiple, by origin and horizon.

    values: log10, shape (years,). Returned: shape (years, years), NaN where there is no such forecast.
    """
    years = len(values)
    origin, ahead = np.meshgrid(np.arange(years), np.arange(years), indexing="ij")
    able = (ahead > 0) & (origin >= FEWEST_YEARS) & (origin + ahead < years)
    look = np.minimum(np.maximum(ahead, SHORTEST_LOOK), np.maximum(origin, 1))
    sums = np.concatenate([[0.0], np.cumsum(values)])  # so that a window's sum is a difference
    moments = np.concatenate([[0.0], np.cumsum(values * np.arange(years))])
    begin, end = origin - look, origin + 1
    centred = moments[end] - moments[begin] - (origin - look / 2) * (sums[end] - sums[begin])
    slope = np.where(ahead > 0, centred / (look * (look + 1) * (look + 2) / 12), 0.0)
    target = values[np.minimum(origin + ahead, years - 1)]
    error = values[origin] + np.cumsum(slope, axis=1) - target
    spread = np.ones_like(error)
    for place in range(FEWEST_YEARS, years):
        spread[place] = multiples(place)[:years]
    return np.where(able, (error / np.maximum(spread, 1)) ** 2, np.nan)


def learnt(records: Mapping[str, Record]) -> dict[str, Record]:
    """Return the records with their spreads, each drawn towards what all have in common (Smyth 2004, section 6.2).

    A series without hindcasts gets the common one. Records stay as they are where none has any.
    """
    own = {name: record.own_variance for name, record in records.items()}
    logs = np.log([variance for variance in own.values() if variance is not None])
    if not len(logs):
        return dict(records)
    half = OWN_FREEDOM / 2
    centre = float(np.mean(logs - psi(half) + math.log(half)))
    excess = float(np.var(logs, ddof=1)) - float(polygamma(1, half)) if len(logs) > 1 else 0.0
    freedom = min(2 * _inverse_trigamma(excess), MOST_FREEDOM) if excess > 0 else MOST_FREEDOM
    common = math.exp(centre + float(psi(freedom / 2)) - math.log(freedom / 2))
    found = {}
    for name, record in records.items():
        weight, variance = (0.0, 0.0) if own[name] is None else (OWN_FREEDOM, own[name] or 0.0)
        scale = math.sqrt((freedom * common + weight * variance) / (freedom + weight))
        found[name] = replace(record, spread=Spread(scale, freedom + weight))
    return found


def _inverse_trigamma(value: float) -> float:
    """Return y with trigamma(y) = value, by Newton's method as in Smyth (2004), appendix."""
    y = 0.5 + 1 / value
    for _ in range(50):
        tri = float(polygamma(1, y))
        step = tri * (1 - tri / value) / float(polygamma(2, y))
        y += step
        if abs(step) < 1e-9 * y:
            break
    return y


def standing(records: Mapping[str, Record], year: int) -> dict[str, Record]:
    """Return what was known at the end of a year of every series that had begun by then, with the spreads of then."""
    able = {name: one.until(year) for name, one in records.items() if year - one.first >= FEWEST_YEARS}
    return learnt(able)


def checked_reach(records: Mapping[str, Record], to: int) -> None:
    """Raise UsageError if a forecast leaves all numbers (10^250) by the target year."""
    for record in records.values():
        if to > record.last:
            forecast = record.forecast(to)
            if max(abs(forecast.quantile(end)) for end in QUANTILES) > FURTHEST:
                raise UsageError(
                    f"The milestones of {record.series.name} grow so fast that their trend leaves all numbers by {to}.",
                    "Look for a wrong date or value in the file that --milestones names, or take a nearer --to.",
                )


def record(series: Series, figures: Sequence[Row], until: int) -> Record:
    """Return the record of a series, whole years to `until`; raises UsageError: too few figures or years for a trend.

    A series whose figures end earlier ends with them: what has not been collected is not known to stand still.
    """
    own = of_series(series, figures)
    years = sorted({one["year"] for one in own})
    if len(own) < FEWEST_FIGURES or years[-1] - years[0] < FEWEST_YEARS or years[0] > LATEST_START:
        span = f", {years[0]} to {years[-1]}" if years else ""
        raise UsageError(
            f"Too few milestones for a trend of {series.name} ({series.quantity}, "
            f"{' and '.join(series.domains) or 'all domains'}): {len(own)}{span}.",
            f"Needed: {FEWEST_FIGURES} or more, over {FEWEST_YEARS} or more years, the first by {LATEST_START}.",
        )
    largest = {one["year"]: one for one in sorted(own, key=itemgetter("value"))}  # of each year
    best, holders = largest[years[0]], []
    for year in range(years[0], years[-1] + 1):
        best = max(best, largest.get(year, best), key=itemgetter("value"))
        holders.append(best)
    whole = [math.log10(one["value"]) for one in holders[: max(until - years[0] + 1, 1)]]
    return Record(series, years[0], tuple(whole), tuple(holders), math.log10(best["value"]))


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
