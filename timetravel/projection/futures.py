"""Ten thousand futures: each draws a path of every trend and a value of every assumption, and bends one by the other.

A future's trend is one quantile of the fan, kept for all years. Its limits are drawn on a log scale between the low and
high of their assumption (10 % and 90 % quantiles). The limited figure of a year is the smaller of the two, and never
less than the record so far. Trends and assumptions are drawn independently of each other: nobody knows how they go
together, and what needs two of them at once is said by arithmetic instead.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Final

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

from timetravel.projection.inputs import Assumption
from timetravel.projection.series import BY_NAME
from timetravel.projection.trends import QUANTILES, Record
from timetravel.seeds import generator

COUNT: Final = 10_000
SEED: Final = 0
OPERATIONS: Final = 6  # FLOP a parameter and example, forward and back (Kaplan et al. 2020, arXiv:2001.08361)
SECONDS_A_MINUTE: Final = 60
JOULES: Final = 3600  # a watt-hour
HOURS: Final = 8766  # a year
KNOTS: Final = np.linspace(-5, 5, 1001)  # quantiles of the normal distribution
Draws = np.ndarray  # float64, shape (COUNT,)
Band = dict[str, Any]  # value, low, high: the 50 %, 10 % and 90 % quantiles of a quantity, in its unit


@cache
def draw(assumptions: tuple[Assumption, ...]) -> dict[str, Draws]:
    """Draw a value of every assumption in every future."""
    random, wide, drawn = generator(SEED, "futures"), 2 * float(ndtri(QUANTILES[2])), {}
    for one in assumptions:
        normal = random.standard_normal(COUNT)
        if one.kind == "year":
            values = one.middle + normal * (one.high - one.low) / wide
        else:
            values = np.exp(math.log(one.middle) + normal * math.log(one.high / one.low) / wide)
        drawn[one.name] = np.clip(values, one.least, one.most)
    return drawn


@cache
def shares() -> dict[str, Draws]:
    """Draw which quantile of its fan the trend of a series follows; every series has its place in one stream."""
    random = generator(SEED + 1, "futures")
    return {name: random.uniform(size=COUNT) for name in BY_NAME}


@cache
def student(name: str, freedom: float) -> Draws:
    """Return by how many scales each future's trend of a series lies off its middle.

    By interpolation between KNOTS, to four digits: the quantiles themselves would take a quarter of all time.
    """
    return np.asarray(np.interp(ndtri(shares()[name]), KNOTS, stdtrit(freedom, ndtr(KNOTS))))


@dataclass(frozen=True)
class Futures:
    """The draws for a target year: `records` by name, standing where the projection stands, and the assumptions.

    `held`: assumptions that have one value in all futures; the draws of the others and of the trends stay the same.
    """

    to: int
    records: Mapping[str, Record]
    assumptions: Mapping[str, Assumption]
    held: Mapping[str, float] = field(default_factory=dict)
    _limits: dict[tuple[str, int], dict[str, Draws]] = field(default_factory=dict, init=False)

    @cached_property
    def drawn(self) -> dict[str, Draws]:
        """A value of every assumption in every future."""
        held = {name: np.full(COUNT, value) for name, value in self.held.items()}
        return draw(tuple(self.assumptions.values())) | held

    def trend(self, name: str, year: int) -> Draws:
        """Draw a series' trend in a year, log10, never below the record so far."""
        record = self.records[name]
        forecast = record.forecast(year)
        return np.maximum(forecast.middle + forecast.scale * student(name, forecast.freedom), record.so_far)

    def grown(self, growth: str, level: str, year: int) -> Draws:
        """By what an assumed growth multiplies an assumed level between the year that this is of and another."""
        return np.asarray(self.drawn[growth] ** float(year - self._base(level)))

    def _base(self, level: str) -> int:
        return self.assumptions[level].base or self.to

    def price_gain(self, since: int, year: int) -> Draws:
        """By what computing per dollar grows between two years: fast until shrinking ends, then more slowly."""
        a, last = self.drawn, max(since, year)
        ends = np.clip(a["shrinking_ends"], since, last)
        after = np.minimum(a["price_growth_after"], a["price_growth"])
        return np.asarray(a["price_growth"] ** (ends - since) * after ** (last - ends))

    def limits(self, name: str, year: int) -> dict[str, Draws]:
        """What bounds a series in a year, in its unit, by cause; empty: nothing is assumed to."""
        if (name, year) not in self._limits:
            self._limits[name, year] = self._bounds(name, year)
        return self._limits[name, year]

    def _bounds(self, name: str, year: int) -> dict[str, Draws]:
        a, record, found = self.drawn, self.records[name], {}
        base = 10**record.so_far
        match BY_NAME[name].quantity:
            case "price-performance":
                found = {"chips": base * self.price_gain(record.last, year)}
            case "memory of a device":
                found = {"chips": base * a["memory_growth"] ** float(year - record.last)}
            case "operations per joule":
                found = {"CMOS": a["cmos_limit"]}
            case "algorithmic efficiency":
                pace = a["algorithm_growth"] ** float(year - record.last)
                found = {"pace": base * pace, "floor": base * a["algorithm_most"]}
            case "training images":
                stock = a["image_stock"] * self.grown("stock_growth", "image_stock", year)
                found = {"data": stock * a["synthetic"]}
            case "training tokens":  # those made by machines counted in
                stock = a["token_stock"] * self.grown("stock_growth", "token_stock", year)
                found = {"data": stock * a["synthetic"]} | self._active(year, each=True)
            case "parameters":
                found = {cause: a["sparsity"] * number for cause, number in self._active(year).items()}
            case "active parameters":
                found = self._active(year)
            case "training compute":
                found = self.runs(year)
            case "training cost":
                found = {"money": self.budget(year)}
            case "power of a run":
                found = {"power": self.energy(year) / JOULES / HOURS}
        return found

    def _active(self, year: int, *, each: bool = False) -> dict[str, Draws]:
        """Return the active parameters (each: the examples) of the runs of a year: compute = 6 x N x (ratio x N)."""
        ratio = self.drawn["tokens_per_parameter"]
        numbers = {cause: np.sqrt(flop / (OPERATIONS * ratio)) for cause, flop in self.runs(year).items()}
        return {cause: ratio * number for cause, number in numbers.items()} if each else numbers

    def budget(self, year: int) -> Draws:
        """Draw the most that one run may cost in a year, US dollars."""
        product = self.drawn["world_product"] * self.grown("world_growth", "world_product", year)
        return np.asarray(self.drawn["budget_share"] * product)

    def operations_a_dollar(self, year: int) -> Draws:
        """Draw what a dollar of a run buys in a year, FLOP."""
        return np.asarray(self.drawn["flop_per_dollar"] * self.price_gain(self._base("flop_per_dollar"), year))

    def energy(self, year: int) -> Draws:
        """Draw the joules that the largest run may take if it lasted a year."""
        whole = self.drawn["world_electricity"] * self.grown("electricity_growth", "world_electricity", year)
        return np.asarray(whole * JOULES * self.drawn["electricity_share"])

    def runs(self, year: int) -> dict[str, Draws]:
        """Draw what bounds the compute of a run in a year, FLOP, by cause; chips gain up to the CMOS limit."""
        a = self.drawn
        joule = a["operations_per_joule"] * self.grown("efficiency_growth", "operations_per_joule", year)
        useful = np.minimum(joule, a["cmos_limit"]) * a["utilisation"]
        return {
            "money": self.budget(year) * self.operations_a_dollar(year),
            "power": self.energy(year) * a["run_months"] / 12 * useful,
            "signals": a["latency_wall"],
        }

    def limited(self, name: str, year: int) -> Draws:
        """Draw a series in a year, log10: the trend, or what bounds it if that is less; never below the record."""
        trend, causes = self.trend(name, year), self.limits(name, year)
        if not causes:
            return trend
        bound = np.log10(np.minimum.reduce(list(causes.values())))
        return np.asarray(np.maximum(np.minimum(trend, bound), self.records[name].so_far))

    def binding(self, name: str, year: int) -> dict[str, float]:
        """Return the share of futures that each cause bends in a year."""
        if not (causes := self.limits(name, year)):
            return {}
        logs = np.log10(np.stack(list(causes.values())))
        bent = logs.min(axis=0) < self.trend(name, year)
        first = logs.argmin(axis=0)
        return {cause: float(np.mean(bent & (first == place))) for place, cause in enumerate(causes)}

    def algorithms(self, since: int, year: int) -> Draws:
        """By what algorithms cut the compute of the same result between two years, up to the most that they can."""
        grown = self.drawn["algorithm_growth"] ** float(year - since)
        return np.asarray(np.minimum(grown, self.drawn["algorithm_most"]))

    def device(self, year: int) -> Draws:
        """Draw the peak of a personal device of a year, FLOP/s: its chips', up to what its power allows."""
        a = self.drawn
        peak = a["device_speed"] * self.price_gain(self._base("device_speed"), year)
        return np.asarray(np.minimum(peak, a["device_watts"] * a["cmos_limit"]))

    def seconds(self, flop: float, year: int, since: int | None = None) -> Draws:
        """Draw how long a run takes on a personal device of a year.

        `flop` is what the run took in the year `since`; algorithms have cut it from then on. None: the same run.
        """
        gain = 1.0 if since is None else self.algorithms(since, year)
        return np.asarray(flop / (self.device(year) * self.drawn["utilisation"]) / gain)

    def fits(self, parameters: float, year: int, since: int) -> Draws:
        """Draw whether a net of the year `since` fits into a personal device of another while it trains (bool).

        What algorithms gain makes nets and data sets smaller alike: a net by the square root of it.
        """
        a = self.drawn
        memory = a["device_memory"] * self.grown("memory_growth", "device_memory", year)
        return np.asarray(a["state_bytes"] * parameters / np.sqrt(self.algorithms(since, year)) <= memory)


def band(draws: Draws, *, logs: bool = False) -> Band:
    """Return the quantiles of draws, in the unit; `logs`: the draws are in log10."""
    low, middle, high = (10 ** float(one) if logs else float(one) for one in np.quantile(draws, QUANTILES))
    return {"value": middle, "low": low, "high": high}
