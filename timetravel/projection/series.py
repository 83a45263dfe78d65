"""What is projected: series of the largest figure so far, each over one quantity and some domains."""

from dataclasses import dataclass
from typing import Final

from timetravel.errors import UsageError
from timetravel.numbers import nearest

# The unit of each quantity, and what a milestone may be: beyond, it is a slip of the pen or of the unit.
QUANTITIES: Final[dict[str, tuple[str, float, float]]] = {
    "parameters": ("parameters", 1, 1e20),
    "training compute": ("FLOP", 1, 1e45),
    "training tokens": ("tokens", 1, 1e25),
    "training images": ("images", 1, 1e20),
    "training cost": ("US dollars", 0.01, 1e15),
    "price-performance": ("FLOP/s per US dollar", 1e-6, 1e25),
    "operations per joule": ("FLOP/J", 1e-6, 1e25),
    "algorithmic efficiency": ("x less compute", 1e-3, 1e15),
}
DOMAINS: Final = ("vision", "language", "multimodal", "speech", "game", "hardware", "other")


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
    Series("algorithms", "algorithms (AlexNet's accuracy)", "algorithmic efficiency"),
)
BY_NAME: Final = {one.name: one for one in SERIES}


def chosen(name: str | None) -> tuple[Series, ...]:
    """Return the series that --quantity names, or all; raises UsageError for an unknown name."""
    if name is None:
        return SERIES
    if name not in BY_NAME:
        raise UsageError(f"There is no quantity {name!r}.{nearest(name, BY_NAME)}", f"Allowed: {', '.join(BY_NAME)}.")
    return (BY_NAME[name],)
