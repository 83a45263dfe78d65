"""Preparation: grey levels to [-1, 1] and any image size to 16x16, the same to the last bit on every machine.

Resizing sums weighted rows, then weighted columns, element by element in float32. A matrix product would be
shorter, but its last bits depend on the linear-algebra library, and with them every fingerprint.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scale = tuple[float, float]  # the stored grey levels of the background and of full ink
BYTES: Scale = (0, 255)
SIGNED: Scale = (-1, 1)
SIDE = 16  # pixels on each side of a prepared image
LARGEST_PLAIN = 32  # up to this many pixels a side, plain bilinear sampling as in the 2022 essay; antialiased above
REDUCED = 28  # pixels a side that larger images are first brought to where a part of them is looked at: MNIST's
BLOCK_PIXELS = 2**21  # stored pixels that are prepared at a time: memory stays flat whatever the data
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Pool:
    """All digits of one split as they are stored, to draw from.

    pixels: (n, height, width), uint8 or float, on `scale`; labels: int64 (n,), 0..9.
    """

    pixels: NDArray[Any]
    labels: NDArray[np.int64]
    scale: Scale

    def __len__(self) -> int:
        return len(self.labels)

    def prepared(self, rows: NDArray[np.intp], window: float = 1.0, deslant: float = 0.0) -> Floats:
        """Return the images at `rows` as float32 (len(rows), 16, 16) in [-1, 1]; others are not touched.

        window, deslant: as in to_16x16.
        """
        out = np.empty((len(rows), SIDE, SIDE), dtype=np.float32)
        size = max(1, BLOCK_PIXELS // (self.pixels.shape[1] * self.pixels.shape[2]))
        for start in range(0, len(rows), size):
            block = self.pixels[rows[start : start + size]]
            out[start : start + size] = to_16x16(to_signed(block, self.scale), window, deslant)
        return out


def to_signed(pixels: NDArray[Any], scale: Scale) -> Floats:
    """Return grey levels on `scale` as float32 in [-1, 1], same shape; what lies beyond by rounding is cut.

    Written so that the usual scales keep their bits: 0 to 255, 0 to 1 and -1 to 1. Either end may be the higher.
    """
    levels, (low, high) = pixels.astype(np.float32), scale
    if low == -1 and high == 1:
        return np.asarray(np.clip(levels, -1, 1))
    half = np.float32((high - low) / 2)
    signed = (levels - np.float32(low)) / half if abs(half) > 1 else (levels - np.float32(low)) * np.float32(1 / half)
    return np.asarray(np.clip(signed - np.float32(1), -1, 1))


def to_16x16(images: Floats, window: float = 1.0, deslant: float = 0.0) -> Floats:
    """Bring images, float32 (n, height, width) in [-1, 1], to (n, 16, 16).

    A non-square image is padded with background (-1) to a square, in the middle. Up to 32 pixels a side this
    is `torch.nn.functional.interpolate(mode="bilinear", align_corners=False)`, above it the same with
    `antialias=True`, both to within 1e-6.

    window: the share of the side that is kept, around the middle. deslant: the share of the slant that is taken out:
    rows are moved sideways, about the middle row, against the slope of the ink's regression on the row (LeCun et al.
    1998, https://doi.org/10.1109/5.726791, section III.A). Images of 16x16 stay as they are.
    """
    _, height, width = images.shape
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    around = (0, 0), (top, side - height - top), (left, side - width - left)
    square = np.pad(images, around, constant_values=-1)
    if side == SIDE:
        return square
    if (window, deslant) == (1.0, 0.0):
        return np.clip(_resized(square, SIDE), -1, 1)
    if side > LARGEST_PLAIN:
        square = _resized(square, REDUCED)
    return np.clip(_framed(square, window, deslant), -1, 1)


def _resized(square: Floats, target: int) -> Floats:
    side = square.shape[1]
    centres = (np.arange(target) + 0.5) * (side / target)
    taps = _antialiased_taps(centres, side) if side > LARGEST_PLAIN else _taps(np.maximum(centres - 0.5, 0), side)
    return _weighted_sum(_weighted_sum(square, *taps).transpose(0, 2, 1), *taps).transpose(0, 2, 1)


def _framed(square: Floats, window: float, deslant: float) -> Floats:
    """Sample the middle of each image, its rows moved against its slant: (n, side, side) to (n, 16, 16)."""
    side = square.shape[1]
    steps = ((np.arange(SIDE) + 0.5) / SIDE - 0.5) * side * window  # from the middle
    middle = (side - 1) / 2
    low = _weighted_sum(square, *_taps(steps + middle, side))  # (n, 16, side)
    slopes = deslant * slants(square) if deslant else np.zeros(len(square), dtype=np.float32)
    columns = (middle + steps)[None, None, :] + slopes[:, None, None] * steps[None, :, None]
    left = np.floor(columns).astype(np.intp)
    share = (columns - left).astype(np.float32)
    padded = np.pad(low, ((0, 0), (0, 0), (1, 1)), constant_values=-1)  # outside is background
    at = np.clip([left + 1, left + 2], 0, side + 1)
    first, second = (np.take_along_axis(padded, place, axis=2) for place in at)
    return np.asarray(first * (1 - share) + second * share, dtype=np.float32)


def slants(images: Floats) -> Floats:
    """Return how far the ink of each image, (n, side, side) in [-1, 1], moves sideways a row; 0 without ink.

    The regression of the column on the row, weighted by the ink. Twice as many multiply-adds as there are pixels.
    """
    ink = (images.astype(np.float64) + 1) / 2
    places = np.arange(images.shape[1])
    of_rows = ink.sum(axis=2)  # (n, side)
    sideways = (ink * places).sum(axis=2)
    mass = of_rows.sum(axis=1)
    safe = np.maximum(mass, 1e-9)
    row = (of_rows * places).sum(axis=1) / safe
    column = sideways.sum(axis=1) / safe
    across = (sideways * places).sum(axis=1) - safe * row * column
    down = (of_rows * places**2).sum(axis=1) - safe * row**2
    return np.where((mass > 0) & (down > 1e-6), across / np.maximum(down, 1e-6), 0.0).astype(np.float32)


def _weighted_sum(images: Floats, rows: NDArray[np.intp], weights: Floats) -> Floats:
    """Return sums of image rows, (n, height, width) to (n, k, width), with the numbers and weights of _taps."""
    total: Floats = images[:, rows[0]] * weights[0][:, None]
    for row, weight in zip(rows[1:], weights[1:], strict=True):
        total += images[:, row] * weight[:, None]
    return total


def _taps(centres: NDArray[np.float64], side: int) -> tuple[NDArray[np.intp], Floats]:
    """Return the two source pixels around each of k places within a side, and their weights: (2, k) each."""
    low = np.floor(centres).astype(np.intp)
    high = np.minimum(low + 1, side - 1)
    share = centres - low
    return np.stack([low, high]), np.stack([1 - share, share]).astype(np.float32)


def _antialiased_taps(centres: NDArray[np.float64], side: int) -> tuple[NDArray[np.intp], Floats]:
    """Return source pixels and weights of a triangle as wide as two outputs: (taps, k) each."""
    scale = side / len(centres)
    first = np.maximum((centres - scale + 0.5).astype(np.intp), 0)
    taps = first + np.arange(int(np.ceil(2 * scale)) + 1)[:, None]
    weights = np.maximum(0, 1 - np.abs(taps + 0.5 - centres) / scale)
    weights[taps >= side] = 0
    return np.minimum(taps, side - 1), (weights / weights.sum(axis=0)).astype(np.float32)
