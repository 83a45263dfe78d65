"""When a trend's middle meets a limit, and which."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from timetravel.projection.futures import Band, Futures, band
from timetravel.projection.limits import Limit, limits
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
    "algorithmic efficiency": ("floor",),
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
            found.append(met(futures, name, limit, published_bound(limits()[limit]), limits()[limit].credit))
    return found


def crossing(futures: Futures, name: str, cause: str) -> Crossing:
    """Return one crossing with an assumed limit."""
    return met(futures, name, cause, lambda year: band(futures.limits(name, year)[cause]), "the assumptions")


def published_bound(one: Limit) -> Callable[[int], Band]:
    """Return a published limit's low, value and high, the same in every year."""
    return lambda _: Band(one.low or one.value, one.value, one.high or one.value)


def met(futures: Futures, name: str, limit: str, bound: Callable[[int], Band], credit: str) -> Crossing:
    """Return when a trend's middle first is above the middle, the low and the high of a bound."""
    record = futures.records[name]
    found: dict[str, int] = {}
    for year in range(record.last + 1, futures.to + 1):
        middle, here = record.forecast(year, futures.to).middle, bound(year)
        for part, value in (("low", here.low), ("middle", here.middle), ("high", here.high)):
            if value is not None and middle > math.log10(value):
                found.setdefault(part, year)
        if len(found) == 3:
            break
    return Crossing(name, limit, found.get("middle"), found.get("low"), found.get("high"), credit)


def first_limit(found: list[Crossing], name: str) -> Crossing | None:
    """Return the assumed limit that a series' trend meets first."""
    own = [one for one in found if one.series == name and one.year is not None and (name, one.limit) not in PUBLISHED]
    return min(own, key=lambda one: (one.year or 0, one.limit), default=None)
