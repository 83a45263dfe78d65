"""What is projected, series of the largest figure so far, and the essay's own figures."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

from timetravel.errors import UsageError
from timetravel.numbers import nearest
from timetravel.projection.packaged import Row, rows

# The unit of each quantity, and what a milestone may be: beyond, it is a slip of the pen or of the unit.
QUANTITIES: Final[dict[str, tuple[str, float, float]]] = {
    "parameters": ("parameters", 1, 1e20),
    "training compute": ("FLOP", 1, 1e45),
    "training tokens": ("tokens", 1, 1e25),
    "training images": ("images", 1, 1e20),
    "training cost": ("US dollars", 0.01, 1e15),
    "price-performance": ("FLOP/s per 2023 US dollar", 1e-6, 1e25),
    "operations per joule": ("FLOP/J", 1e-6, 1e25),
    "algorithmic efficiency": ("x less compute", 1e-3, 1e15),
    "active parameters": ("parameters", 1, 1e20),
    "power of a run": ("watts", 1e-3, 1e20),
    "memory of a device": ("bytes", 1, 1e25),
}
# Of these there are published growth rates, but too few sourced figures for a series.
RATES_ONLY: Final = (
    "pixels in all", "data sets and nets", "stock of data", "memory bandwidth", "computing speed", "length of a run",
    "installed computing", "effective compute", "time to a result", "cost of a result", "price of a token",
)  # fmt: skip
DOMAINS: Final = ("vision", "language", "multimodal", "speech", "game", "hardware", "other")
FIRST_YEAR: Final = 1989  # of the paper
LAST_YEAR: Final = 2022  # of the essay
FURTHEST_YEAR: Final = 2200
TRAINING_TIME: Final = "training time"  # of the 1989 net


@dataclass(frozen=True)
class Series:
    """The largest figure so far of a quantity. `domains` empty: all. `claimed`: the essay's factor for 33 years."""

    name: str
    label: str
    quantity: str
    domains: tuple[str, ...] = ()
    claimed: float | None = None

    @property
    def unit(self) -> str:
        """The unit of its figures."""
        return QUANTITIES[self.quantity][0]


CLAIM: Final = 1e7  # data sets and models of 2055 against 2022's
SERIES: Final = (
    Series("parameters", "parameters", "parameters", (), CLAIM),
    Series("parameters-vision", "parameters (vision)", "parameters", ("vision",), CLAIM),
    Series("tokens", "training tokens", "training tokens", (), CLAIM),
    Series("images", "training images", "training images", (), CLAIM),
    Series("compute", "compute", "training compute", (), CLAIM**2),
    Series("compute-vision", "compute (vision)", "training compute", ("vision",), CLAIM**2),
    Series("cost", "dearest run, $", "training cost"),
    Series("price", "FLOP/s per dollar", "price-performance"),
    Series("energy", "FLOP per joule", "operations per joule"),
    Series("algorithms", "algorithms, AlexNet", "algorithmic efficiency"),
    Series("active-parameters", "active parameters", "active parameters", (), CLAIM),
    Series("run-power", "power of a run", "power of a run"),
    Series("memory", "memory, bytes", "memory of a device"),
)
BY_NAME: Final = {one.name: one for one in SERIES}


def chosen(name: str | None) -> tuple[Series, ...]:
    """Return the series that --quantity names, or all; raises UsageError for an unknown name."""
    if name is None:
        return SERIES
    if name not in BY_NAME:
        raise UsageError(f"There is no quantity {name!r}.{nearest(name, BY_NAME)}", f"Allowed: {', '.join(BY_NAME)}.")
    return (BY_NAME[name],)


def doubling_months(factor: float, years: float) -> float:
    """Return the months in which a quantity doubles, or halves if `factor` is below 1; infinite if it is 1."""
    return math.inf if factor == 1 else 12 * years * math.log(2) / abs(math.log(factor))


@cache
def figures() -> dict[tuple[str, int], Row]:
    """Return the figures of essay.csv by quantity and year: LeCun et al. (1989) and Karpathy (2022)."""
    return {(row["quantity"], int(row["year"])): row | {"year": int(row["year"])} for row in rows("essay")}


def figure(quantity: str, year: int) -> float:
    """Return the value of one figure; raises KeyError if the file does not have it."""
    return float(figures()[quantity, year]["value"])


def naive(value: float, claimed: float, year: int) -> float:
    """Return what 2022's figure comes to in a year if it grows by the essay's factor every 33 years."""
    return float(value * claimed ** ((year - LAST_YEAR) / (LAST_YEAR - FIRST_YEAR)))
