"""Ten thousand futures: each draws a path of every trend and a value of every assumption, and bends one by the other.

A future's trend is one quantile of the fan, kept for all years. Its limits are drawn on a log scale between the low and
high of their assumption (10 % and 90 % quantiles). The limited figure of a year is the smaller of the two, and never
less than the last record. Trends and assumptions are drawn independently of each other: nobody knows how they go
together, and what needs two of them at once is said by arithmetic instead.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Final

import numpy as np
from scipy.special import ndtri, stdtrit

from timetravel.projection.inputs import Assumption
from timetravel.projection.series import BY_NAME
from timetravel.projection.trends import QUANTILES, Record
from timetravel.seeds import generator

COUNT: Final = 10_000
SEED: Final = 0
PRICE_BASE: Final = 2025  # the year of flop_per_dollar and operations_per_joule
DEVICE_BASE: Final = 2022
MONEY_BASE: Final = 2026
POWER_BASE: Final = 2024
STOCK_BASE: Final = 2030  # of all media; the images are of 2022
OPERATIONS: Final = 6  # FLOP a parameter and example, forward and back (Kaplan et al. 2020, arXiv:2001.08361)
SECONDS_A_MINUTE: Final = 60
JOULES: Final = 3600  # a watt-hour
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
def student(name: str, freedom: int) -> Draws:
    """Draw which quantiles of Student's t a series' trend follows; every series has its place in one stream."""
    random = generator(SEED + 1, "futures")
    return np.asarray(stdtrit(freedom, {name: random.uniform(size=COUNT) for name in BY_NAME}[name]))


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
        """Draw a series' trend in a year up to the target, log10, never below the record; no hindcasts: the middle."""
        record = self.records[name]
        forecast = record.forecast(year, self.to)
        if forecast.scale is None:
            return np.full(COUNT, forecast.middle)
        return np.maximum(forecast.middle + forecast.scale * student(name, forecast.freedom), record.values[-1])

    def price_gain(self, since: int, year: int) -> Draws:
        """By what computing per dollar grows between two years: fast until shrinking ends, then more slowly."""
        a, last = self.drawn, max(since, year)
        ends = np.clip(a["shrinking_ends"], since, last)
        after = np.minimum(a["price_growth_after"], a["price_growth"])
        return np.asarray(a["price_growth"] ** (ends - since) * after ** (last - ends))

    def limits(self, name: str, year: int) -> dict[str, Draws]:
        """What bounds a series in a year, in its unit, by cause; chips gain operations a joule up to the CMOS limit."""
        if (name, year) in self._limits:
            return self._limits[name, year]

        def grown(growth: str, since: int) -> Draws:
            return np.asarray(a[growth] ** float(year - since))

        a, record = self.drawn, self.records[name]
        base, each = 10 ** record.values[-1], a["tokens_per_parameter"]
        budget = a["budget_share"] * a["world_product"] * grown("world_growth", MONEY_BASE)  # dollars of one run
        efficiency = np.minimum(a["operations_per_joule"] * grown("efficiency_growth", PRICE_BASE), a["cmos_limit"])
        energy = a["world_electricity"] * JOULES * grown("electricity_growth", POWER_BASE)
        energy = energy * a["electricity_share"] * a["run_months"] / 12
        runs = {
            "money": budget * a["flop_per_dollar"] * self.price_gain(PRICE_BASE, year),
            "power": energy * efficiency * a["utilisation"],
            "latency": a["latency_wall"],
        }
        # compute = 6 x active x (each x active)
        active = {cause: np.sqrt(flop / (OPERATIONS * each)) for cause, flop in runs.items()}
        tokens = a["token_stock"] * a["synthetic"] * grown("stock_growth", STOCK_BASE)  # made by machines counted in
        by_quantity = {
            "training compute": runs,
            "parameters": {cause: a["sparsity"] * number for cause, number in active.items()},
            "training tokens": {"data": tokens} | {cause: each * number for cause, number in active.items()},
            "training images": {"data": a["image_stock"] * a["synthetic"] * grown("stock_growth", DEVICE_BASE)},
            "training cost": {"money": budget},
            "price-performance": {"chips": base * self.price_gain(record.last, year)},
            "operations per joule": {"CMOS": a["cmos_limit"]},
            "algorithmic efficiency": {
                "pace": base * grown("algorithm_growth", record.last),
                "floor": base * a["algorithm_most"],
            },
        }
        return self._limits.setdefault((name, year), by_quantity[BY_NAME[name].quantity])

    def limited(self, name: str, year: int) -> Draws:
        """Draw a series in a year, log10: the trend, or what bounds it if that is less; never below the last record."""
        bound = np.log10(np.minimum.reduce(list(self.limits(name, year).values())))
        return np.asarray(np.maximum(np.minimum(self.trend(name, year), bound), self.records[name].values[-1]))

    def binding(self, name: str, year: int) -> dict[str, float]:
        """Return the share of futures that each cause bends in a year."""
        causes = self.limits(name, year)
        logs = np.log10(np.stack(list(causes.values())))
        bent = logs.min(axis=0) < self.trend(name, year)
        first = logs.argmin(axis=0)
        return {cause: float(np.mean(bent & (first == place))) for place, cause in enumerate(causes)}

    def algorithms(self, since: int, year: int) -> Draws:
        """By what algorithms cut the compute of the same result between two years, up to the most that they can."""
        grown = self.drawn["algorithm_growth"] ** float(year - since)
        return np.asarray(np.minimum(grown, self.drawn["algorithm_most"]))

    def seconds(self, flop: float, year: int, *, since: int | None = None) -> Draws:
        """Seconds that a personal device of a year takes for a training run: at 2022's price, up to the CMOS limit.

        `flop` is what the run took in the year `since`; algorithms have cut it from then on. None: the same run.
        """
        a, gain = self.drawn, 1.0 if since is None else self.algorithms(since, year)
        peak = np.minimum(a["device_speed"] * self.price_gain(DEVICE_BASE, year), a["device_watts"] * a["cmos_limit"])
        return np.asarray(flop / (peak * a["utilisation"]) / gain)


def band(draws: Draws, *, logs: bool = False) -> Band:
    """Return the quantiles of draws, in the unit; `logs`: the draws are in log10."""
    low, middle, high = (10 ** float(one) if logs else float(one) for one in np.quantile(draws, QUANTILES))
    return {"value": middle, "low": low, "high": high}
