"""Preparation: grey levels to [-1, 1] and any image size to 16x16, the same to the last bit on every machine.

Resizing sums weighted rows, then weighted columns, element by element in float32. A matrix product would be
shorter, but its last bits depend on the linear-algebra library, and with them every fingerprint.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from timetravel.digits.collection import SIDE

Scale = Literal["bytes", "unit", "signed"]
"""What the stored grey levels mean: 0..255, 0..1 or -1..1; the lowest value is the background."""

LARGEST_PLAIN = 32
"""Up to this many pixels a side, plain bilinear sampling as in the 2022 essay; antialiased above."""

BLOCK_PIXELS = 2**21
"""Stored pixels that are prepared at a time: memory stays flat whatever the data."""


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

    def prepared(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the images at `rows` as float32 (len(rows), 16, 16) in [-1, 1]; others are not touched."""
        out = np.empty((len(rows), SIDE, SIDE), dtype=np.float32)
        size = max(1, BLOCK_PIXELS // (self.pixels.shape[1] * self.pixels.shape[2]))
        for start in range(0, len(rows), size):
            block = self.pixels[rows[start : start + size]]
            out[start : start + size] = to_16x16(to_signed(block, self.scale))
        return out


def to_signed(pixels: NDArray[Any], scale: Scale) -> NDArray[np.float32]:
    """Return grey levels on `scale` as float32 in [-1, 1], same shape."""
    levels = pixels.astype(np.float32)
    if scale == "bytes":
        return levels / np.float32(127.5) - np.float32(1)
    if scale == "unit":
        return levels * np.float32(2) - np.float32(1)
    return levels


def to_16x16(images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bring images, float32 (n, height, width) in [-1, 1], to (n, 16, 16).

    A non-square image is padded with background (-1) to a square, in the middle. Up to 32 pixels a side this
    is `torch.nn.functional.interpolate(mode="bilinear", align_corners=False)`, above it the same with
    `antialias=True`, both to within 1e-6.
    """
    square = _squared(images)
    side = square.shape[1]
    if side == SIDE:
        return square
    rows, weights = _antialiased_taps(side) if side > LARGEST_PLAIN else _bilinear_taps(side)
    low = _weighted_sum(square, rows, weights[:, :, None])
    small = _weighted_sum(low.transpose(0, 2, 1), rows, weights[:, :, None]).transpose(0, 2, 1)
    return np.clip(small, -1, 1)


def _squared(images: NDArray[np.float32]) -> NDArray[np.float32]:
    _, height, width = images.shape
    if height == width:
        return images
    side = max(height, width)
    out = np.full((len(images), side, side), -1, dtype=np.float32)
    top, left = (side - height) // 2, (side - width) // 2
    out[:, top : top + height, left : left + width] = images
    return out


def _weighted_sum(
    images: NDArray[np.float32], rows: NDArray[np.intp], weights: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return sums of image rows: (n, height, width) to (n, 16, width).

    rows: (taps, 16) numbers of the rows that each of the 16 outputs adds up; weights: (taps, 16, 1).
    """
    total: NDArray[np.float32] = images[:, rows[0]] * weights[0]
    for row, weight in zip(rows[1:], weights[1:], strict=True):
        total += images[:, row] * weight
    return total


def _bilinear_taps(side: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return, for each of the 16 outputs, its two source pixels and their weights: (2, 16) each."""
    centres = np.maximum((np.arange(SIDE) + 0.5) * (side / SIDE) - 0.5, 0)
    low = np.floor(centres).astype(np.intp)
    high = np.minimum(low + 1, side - 1)
    share = centres - low
    return np.stack([low, high]), np.stack([1 - share, share]).astype(np.float32)


def _antialiased_taps(side: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return source pixels and weights of a triangle as wide as two outputs: (taps, 16) each."""
    scale = side / SIDE
    centres = (np.arange(SIDE) + 0.5) * scale
    first = np.maximum((centres - scale + 0.5).astype(np.intp), 0)
    taps = first + np.arange(int(np.ceil(2 * scale)) + 1)[:, None]
    weights = np.maximum(0, 1 - np.abs(taps + 0.5 - centres) / scale)
    weights[taps >= side] = 0
    return np.minimum(taps, side - 1), (weights / weights.sum(axis=0)).astype(np.float32)
