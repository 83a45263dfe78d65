"""What the grey levels of somebody's digits mean, read off what they fill; what stays doubtful is refused."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from timetravel.digits.prepare import Scale
from timetravel.errors import DataError
from timetravel.numbers import listed

# Background and full ink, as digits are published: tanh nets, shares of ink, shares less a half, UCI's counts of ink in
# 4x4 blocks and their four bits, percent, bytes, 16 bits.
USUAL: Final[tuple[Scale, ...]] = (
    (-1, 1), (0, 1), (-0.5, 0.5), (0, 15), (0, 16), (0, 100), (0, 255), (0, 65535),
)  # fmt: skip
ROUNDING: Final = 1e-3  # of the range: so far beyond an end may a level lie
BRIGHT: Final = 0.75  # of the range: so far at least the brightest reaches
MOST_INK: Final = 0.6  # of the pixels: so many at most are nearer to full ink than to the background
ALLOWED: Final = (
    "Allowed are digits whose background is one end of a usual range and whose brightest pixel is near the other: "
    + listed([f"{low:g} to {high:g}" for low, high in USUAL])
    + "."
)


def scale_of(splits: Sequence[NDArray[Any]], where: str) -> Scale:
    """Return what the grey levels of the splits mean, each judged by itself: bright ink on a dark background.

    Raises DataError, which begins with `where`, for levels that fill no usual range, for dark ink, and where the splits
    differ.
    """
    fits = [_fits(images, where) for images in splits]
    common = [scale for scale in fits[0] if scale in fits[-1]]
    if not common:
        first, last = (f"{low:g} to {high:g}" for low, high in (fits[0][0], fits[-1][0]))
        raise DataError(f"{where}: one split has grey levels from {first}, the other from {last}.", ALLOWED)
    most = max(float(images.max()) for images in splits)
    return next((scale for scale in common if scale[1] == most), common[0])  # of 0 to 15 and 0 to 16


def _fits(images: NDArray[Any], where: str) -> list[Scale]:
    """Return the usual ranges that the levels of a split fill, at least one."""
    if images.dtype.kind not in "uif":
        raise DataError(f"{where}: grey levels are {images.dtype}.", ALLOWED)
    least, most = float(images.min()), float(images.max())
    told = f"{where}: grey levels ({images.dtype}) run from {least:g} to {most:g}"
    if not np.isfinite([least, most]).all():
        raise DataError(f"{told}.", ALLOWED)
    if least == most:
        raise DataError(f"{told}: the pictures are blank.", ALLOWED)
    fits = [scale for scale in USUAL if _fills(least, most, *scale)]
    if not fits:
        mend = f"If {least:g} is the background and {most:g} full ink: (images - {least:g}) / {most - least:g}."
        raise DataError(f"{told}, which fills no usual range.", f"{ALLOWED} {mend}")
    low, high = fits[0]
    if float((images > (low + high) / 2).mean()) > MOST_INK:
        raise DataError(
            f"{told}, and most pixels are bright: dark ink on a bright background.",
            f"Allowed is bright ink on a dark background. Turn them over: {low + high:g} - images.",
        )
    return fits


def _fills(least: float, most: float, low: float, high: float) -> bool:
    slack = ROUNDING * (high - low)
    return low - slack <= least <= low + slack and low + BRIGHT * (high - low) <= most <= high + slack
