"""Pictures of prepared digits as short texts, so that a JSON document can carry them."""

import base64
import math

import numpy as np
from numpy.typing import NDArray


def levels(image: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return values in [-1, 1] as 256 grey levels."""
    return np.asarray(np.rint((np.clip(image, -1, 1) + 1) * 127.5), dtype=np.uint8)


def encoded(image: NDArray[np.float32]) -> str:
    """Return a square image, float32 (16, 16) in [-1, 1], as 256 grey levels in base64 (344 characters)."""
    return base64.b64encode(levels(image).tobytes()).decode()


def decoded(text: str) -> NDArray[np.float32]:
    """Return the image of a text, float32 (16, 16) in [-1, 1], to a grey level. Raises ValueError for no square."""
    greys = np.frombuffer(base64.b64decode(text, validate=True), dtype=np.uint8)
    side = math.isqrt(len(greys))
    return (greys.reshape(side, side) / np.float32(127.5) - 1).astype(np.float32)
