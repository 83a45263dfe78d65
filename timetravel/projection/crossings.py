"""When a trend's middle meets a limit, and which."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from timetravel.projection.futures import Futures, band
from timetravel.projection.limits import limits
from timetravel.projection.series import BY_NAME

RUN: Final = ("money", "power", "latency")
LEVELS: Final = {  # the assumed limits that are levels; what slows a trend instead has no year of crossing
    "training compute": RUN,
    "parameters": RUN,
    "training tokens": ("data", *RUN),
    "training images": ("data",),
    "training cost": ("money",),
    "price-performance": (),
    "operations per joule": ("CMOS",),
    "algorithmic efficiency": (),
}
PUBLISHED: Final = (
    ("tokens", "public text"),
    ("compute", "data movement"),
    ("energy", "Landauer limit, operations"),
)


@dataclass(frozen=True)
class Crossing:
    """The first year in which a trend's middle is above a limit, its low and its high. None: not by the target."""

    series: str
    limit: str
    year: int | None
    earliest: int | None
    latest: int | None
    credit: str


def crossings(futures: Futures) -> list[Crossing]:
    """Return the crossings of every series with everything that bounds it, and with published limits beside."""
    found = [crossing(futures, name, cause) for name in futures.records for cause in LEVELS[BY_NAME[name].quantity]]
    for name, limit in PUBLISHED:
        if name in futures.records:
            one = limits()[limit]
            values = (one.low or one.value, one.value, one.high or one.value)
            years = [first_above(futures, name, lambda _, value=value: value) for value in values]
            found.append(Crossing(name, limit, years[1], years[0], years[2], one.credit))
    return found


def crossing(futures: Futures, name: str, cause: str) -> Crossing:
    """Return one crossing with an assumed limit."""
    bounds = {}

    def bound(year: int, part: str) -> float:
        if year not in bounds:
            bounds[year] = band(futures.limits(name, year)[cause])
        return float(getattr(bounds[year], part))

    years = [first_above(futures, name, lambda year, part=part: bound(year, part)) for part in ("low", "middle", "high")]
    return Crossing(name, cause, years[1], years[0], years[2], "the assumptions")


def first_above(futures: Futures, name: str, bound: Callable[[int], float]) -> int | None:
    """Return the first year after the last record in which the trend's middle is above a bound."""
    record = futures.records[name]
    for year in range(record.last + 1, futures.to + 1):
        if record.forecast(year, futures.to).middle > math.log10(bound(year)):
            return year
    return None


def first_limit(found: list[Crossing], name: str) -> Crossing | None:
    """Return the assumed limit that a series' trend meets first."""
    own = [one for one in found if one.series == name and one.year is not None and (name, one.limit) not in PUBLISHED]
    return min(own, key=lambda one: (one.year or 0, one.limit), default=None)
