"""Pictures of prepared digits as short texts, so that a JSON document can carry them."""

import base64
import math

import numpy as np
from numpy.typing import NDArray


def encoded(image: NDArray[np.float32]) -> str:
    """Return a square image, float32 (16, 16) in [-1, 1], as 256 grey levels in base64 (344 characters)."""
    levels = np.rint((np.clip(image, -1, 1) + 1) * 127.5).astype(np.uint8)
    return base64.b64encode(levels.tobytes()).decode()


def decoded(text: str) -> NDArray[np.float32]:
    """Return the image of a text, float32 (16, 16) in [-1, 1], to a grey level. Raises ValueError for no square."""
    levels = np.frombuffer(base64.b64decode(text, validate=True), dtype=np.uint8)
    side = math.isqrt(len(levels))
    return (levels.reshape(side, side) / np.float32(127.5) - 1).astype(np.float32)
