"""The ink of a picture, found and brought to the form in which MNIST keeps digits: 28x28, the long side 20 pixels.

A drawing, a scan or a photograph, dark on light or light on dark, in uneven light, anywhere in the picture. The page
does the same in JavaScript, and a test holds the two together: so every step is a sum, a comparison or a sort of
plain numbers, and nothing depends on a library's way to resize.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Floats = NDArray[np.float64]

WORKING: Final = 240  # squared: the most pixels in which ink is looked for; larger pictures are reduced
SIDE, BOX, MIDDLE = 28, 20, 14.5  # of a digit as MNIST keeps it, of the box that its ink fills, of its ink's mass
FAINT: Final = 0.06  # contrast, of 1, below which there is no ink
FLOOR, EDGE = 0.12, 0.4  # shares of the ink's contrast: paper below, a stroke above
AROUND: Final = 4  # of the long side, the share around a pixel whose paper is its background is one of so many
NEAR, SPECK = 0.2, 0.02  # of the largest stroke: how far others may be, by its length, and their least ink, by its ink
MOST_PARTS: Final = 200  # of ink that touches: of more, as a halftone has, the smaller ones are not looked at
SPOT: Final = 0.1  # of the largest group's ink: a group with less is no digit
THIN: Final = 1.8  # pixels of a stroke in the box: thinner ones are thickened


@dataclass(frozen=True)
class Glyph:
    """One group of strokes. picture: float32 (28, 28) from 0, paper, to 1, ink; box: top, left, bottom, right."""

    picture: NDArray[np.float32]
    box: tuple[int, int, int, int]
    ink: float  # the sum of its ink, in pixels of the picture that was looked at


def glyphs(grey: NDArray[np.uint8]) -> list[Glyph]:
    """Return the groups of strokes of a picture, uint8 (height, width), from left to right."""
    ink = ink_of(reduced(grey / 255.0))
    if ink is None:
        return []
    parts = sorted(groups(ink), key=lambda part: part[1].start)
    found = [glyph(ink[rows, columns] * own, rows, columns) for rows, columns, own in parts]
    most = max((each.ink for each in found), default=0.0)
    return [each for each in found if each.ink >= SPOT * most]


def largest(grey: NDArray[np.uint8]) -> Glyph | None:
    """Return the group with the most ink; None for an empty picture."""
    return max(glyphs(grey), key=lambda found: found.ink, default=None)


def reduced(grey: Floats) -> Floats:
    """Return a picture of at most WORKING x WORKING pixels, by the mean of what each pixel covers."""
    step = math.sqrt(grey.size) / WORKING
    if step <= 1:
        return grey
    height, width = (max(1, int(side / step + 0.5)) for side in grey.shape)
    rows, columns = (
        covered(np.arange(count + 1) * (side / count), side)
        for count, side in ((height, grey.shape[0]), (width, grey.shape[1]))
    )
    return np.asarray(rows @ grey @ columns.T / (grey.size / (height * width)))


def covered(ends: NDArray[np.floating[Any]], side: int) -> Floats:
    """Return how much of each of `side` pixels lies between two ends that follow each other: (len(ends) - 1, side)."""
    starts = np.arange(side)
    upper, lower = np.minimum(ends[1:, None], starts + 1), np.maximum(ends[:-1, None], starts)
    return np.asarray(np.maximum(upper - lower, 0.0))


def ink_of(grey: Floats) -> Floats | None:
    """Return how much ink each pixel of a picture in 0..1 holds, 0 to 1; None where there is none.

    Ink is the smaller part: what stands out from the paper around it, on that side on which it stands out further.
    """
    reach = max(2, max(grey.shape) // AROUND)
    apart = grey - around(grey, np.ones_like(grey), reach)
    sign = 1.0 if (apart * apart * apart).sum() > 0 else -1.0
    for _ in range(2):  # the second time the paper is known
        level = otsu(np.maximum(sign * apart, 0.0))
        paper = (sign * apart <= level).astype(np.float64)
        apart = grey - around(grey, paper, reach)
    contrast = np.maximum(sign * apart, 0.0)
    strokes = contrast[contrast > otsu(contrast)]
    full = float(np.median(strokes)) if len(strokes) else 0.0
    if full < FAINT:
        return None
    return np.clip((contrast / full - FLOOR) / (1 - FLOOR), 0.0, 1.0)


def around(values: Floats, weights: Floats, reach: int) -> Floats:
    """Return the weighted mean of the square `reach` pixels around each pixel; of all where it weighs nothing."""
    total, mass = (box_sums(part, reach) for part in (values * weights, weights))
    overall = float((values * weights).sum() / max(weights.sum(), 1.0))
    return np.where(mass > 0.5, total / np.maximum(mass, 1.0), overall)  # sums are off by rounding


def box_sums(values: Floats, reach: int) -> Floats:
    """Return the sum of the square around each pixel, cut at the edges."""
    for axis in (0, 1):
        values = ndimage.uniform_filter1d(values, 2 * reach + 1, axis=axis, mode="constant")
    return values * (2 * reach + 1) ** 2


def otsu(values: Floats) -> float:
    """Return the level that parts values of 0..1 best in two (Otsu 1979, https://doi.org/10.1109/TSMC.1979.4310076)."""
    counts = np.bincount(np.minimum((values.ravel() * 256).astype(int), 255), minlength=256).astype(np.float64)
    below = counts.cumsum()
    moments = (counts * np.arange(256)).cumsum()
    above = below[-1] - below
    apart = np.where(
        (below > 0) & (above > 0),
        (moments[-1] * below - moments * below[-1]) ** 2 / np.maximum(below * above, 1.0),
        0.0,
    )
    return float((apart.argmax() + 1) / 256)


def groups(ink: Floats) -> Iterator[tuple[slice, slice, NDArray[np.bool_]]]:
    """Yield groups of strokes that are near each other: their rows, columns, and which pixels in there are theirs."""
    labels, count = ndimage.label(ink > EDGE, structure=np.ones((3, 3)))
    boxes = ndimage.find_objects(labels)
    masses = ndimage.sum_labels(ink, labels, np.arange(1, count + 1))
    left = [part for part in np.argsort(-masses, kind="stable")[:MOST_PARTS] if masses[part] >= SPECK * masses.max()]
    while left:
        members = [left.pop(0)]
        reach = NEAR * max(side.stop - side.start for side in boxes[members[0]])
        rows, columns = boxes[members[0]]
        while near := [part for part in left if gap((rows, columns), boxes[part]) <= reach]:
            members += near
            left = [part for part in left if part not in near]
            rows, columns = (
                slice(min(boxes[part][axis].start for part in members), max(boxes[part][axis].stop for part in members))
                for axis in (0, 1)
            )
        rows, columns = (
            slice(max(side.start - 2, 0), min(side.stop + 2, most))
            for side, most in zip((rows, columns), ink.shape, strict=True)
        )
        own = np.isin(labels[rows, columns], [part + 1 for part in members])
        yield rows, columns, ndimage.binary_dilation(own, np.ones((3, 3)), iterations=2)


def gap(first: tuple[slice, slice], second: tuple[slice, slice]) -> float:
    """Return how far two boxes are apart, along the axis on which they are further; 0 where they overlap."""
    pairs = zip(first, second, strict=True)
    return float(max(max(one.start - other.stop, other.start - one.stop, 0) for one, other in pairs))


def glyph(ink: Floats, rows: slice, columns: slice) -> Glyph:
    """Return ink, cut out, as MNIST keeps a digit: its long side 20 pixels, its mass in the middle of 28x28."""
    solid = np.argwhere(ink > EDGE)
    long = int((solid.max(axis=0) - solid.min(axis=0) + 1).max())
    step = long / BOX
    grown = thick(ink, THIN * step)
    places = []
    for axis in (0, 1):
        along = grown.sum(axis=1 - axis)
        centre = float((along * (np.arange(len(along)) + 0.5)).sum() / along.sum())
        places.append(covered((np.arange(SIDE + 1) - MIDDLE) * step + centre, len(along)))
    picture = places[0] @ grown @ places[1].T / step**2
    picture = np.minimum(picture / max(float(picture.max()), 1e-9), 1.0)
    return Glyph(picture.astype(np.float32), (rows.start, columns.start, rows.stop, columns.stop), float(ink.sum()))


def thick(ink: Floats, wanted: float) -> Floats:
    """Return ink whose strokes are about `wanted` pixels wide where they are thinner.

    A stroke is as wide as twice its ink over its outline; it grows by the largest ink around each pixel.
    """
    solid = ink > EDGE
    outline = sum(int((solid[one] != solid[other]).sum()) for one, other in NEIGHBOURS)
    width = 2 * float(ink.sum()) / max(outline * 0.8, 1.0)  # the outline counts steps; a slanted one is shorter
    more = int((wanted - width) / 2 + 0.5)
    if more <= 0:
        return ink
    padded = np.pad(ink, more)
    return np.asarray(ndimage.maximum_filter(padded, size=2 * more + 1, mode="constant"))


NEIGHBOURS: Final = (
    ((slice(1, None), slice(None)), (slice(None, -1), slice(None))),
    ((slice(None), slice(1, None)), (slice(None), slice(None, -1))),
)
