"""Arrays of digits as people have them, brought to one form; what can't be is refused, with the line that mends it."""

from contextlib import suppress
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from timetravel.digits.collection import KEEP
from timetravel.errors import DataError

LUMINANCE = (0.299, 0.587, 0.114)  # of red, green and blue: ITU-R BT.601
OPAQUE: Final = (1, 255, 65535)
CHANNELS: Final = (1, 3, 4)


def array(given: Any, what: str, where: str) -> NDArray[Any]:
    """Return what somebody gave as an array; DataError, which begins with `where`, where it is none."""
    try:
        return np.asarray(given)
    except (ValueError, TypeError, RuntimeError) as problem:  # of several sizes, or on a graphics card
        raise DataError(
            f"{where}: the {what} make no array: {str(problem).rstrip('.')}.", "Allowed are numbers in one shape."
        ) from None


def pictures(images: NDArray[Any], where: str) -> NDArray[Any]:
    """Return images as (n, height, width).

    Read as well: flat rows of square pictures (n, side * side), one channel or colours, last (n, height, width, 3) or
    first (n, 3, height, width), with or without a channel of opacity that is full, and booleans. Raises DataError,
    which begins with `where`.
    """
    if images.dtype == object:
        raise DataError(f"{where}: images are Python objects.", "Allowed are numbers: np.stack(images).astype(float).")
    if images.dtype.kind not in "uifb":
        raise DataError(f"{where}: grey levels are {images.dtype}.", "Allowed are numbers: images.astype(float).")
    if images.dtype == bool:
        images = images.astype(np.uint8)
    told = f"{where}: images of shape {images.shape}"
    if images.ndim == 4 and images.shape[1] in CHANNELS and images.shape[3] not in CHANNELS:
        images = np.moveaxis(images, 1, 3)
    if images.ndim == 4 and images.shape[3] == 4 and images.size:
        if images[..., 3].min() != images[..., 3].max() or float(images[0, 0, 0, 3]) not in OPAQUE:
            hint = "Allowed are opaque colours: images[..., :3], or, where the ink is what is opaque, images[..., 3]."
            raise DataError(f"{told} with parts that are transparent.", hint)
        images = images[..., :3]
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim == 4 and images.shape[3] == 3:
        with np.errstate(all="ignore"):  # what is no number is refused with the grey levels
            parts = zip(np.moveaxis(images.astype(np.float32), 3, 0), LUMINANCE, strict=True)
            grey = sum(part * np.float32(share) for part, share in parts)  # one by one: the same bits on every machine
            images = np.rint(grey).astype(images.dtype) if images.dtype.kind in "ui" else grey
    if images.ndim == 3 and 1 in images.shape[1:]:
        images = images.reshape(len(images), -1 if images.size else 0)  # rows in one more dimension
    if images.ndim == 2 and (side := round(images.shape[1] ** 0.5)) ** 2 == images.shape[1]:
        images = images.reshape(len(images), side, side)
    if images.ndim != 3:
        hint = (
            "Rows of pictures that are no squares: images.reshape(-1, height, width). Leave out what is no grey level."
        )
        raise DataError(f"{told}; allowed is (digits, height, width).", hint)
    return images


def classes(labels: NDArray[Any], where: str) -> NDArray[Any]:
    """Return labels as numbers, (n,), whole where they were.

    Read as well: texts ('5'), whole numbers as floats, a column (n, 1), and one-hot rows (n, 10). Raises DataError,
    which begins with `where`.
    """
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 2 and labels.shape[1] == 10 and labels.dtype.kind in "uifb":
        if not (np.isin(labels, (0, 1)).all() and (labels.sum(axis=1) == 1).all()):
            hint = "Allowed are rows with a single 1, or whole numbers from 0 to 9: labels.argmax(axis=1)."
            raise DataError(f"{where}: labels of shape {labels.shape} that are not one-hot.", hint)
        labels = labels.argmax(axis=1)
    if labels.ndim != 1:
        hint = "If each row has one class that is highest: labels.argmax(axis=1); if there is one row: labels.ravel()."
        raise DataError(f"{where}: labels of shape {labels.shape}; allowed is (digits,).", hint)
    if labels.dtype == object:
        with suppress(ValueError):
            labels = np.array(labels.tolist())  # texts of a table
    if labels.dtype == object or labels.ndim != 1:
        raise DataError(f"{where}: labels are Python objects.", "Allowed are arrays of numbers: labels.astype(int).")
    if labels.dtype.kind in "SUT":
        texts = np.char.decode(labels, "utf-8", "replace") if labels.dtype.kind == "S" else labels.astype(str)
        labels = np.array([_number(text, where) for text in texts.tolist()])
    if labels.dtype.kind == "f":
        labels = labels.astype(np.float64)
        whole = (np.abs(labels) < 2**31) & (labels == np.rint(labels))  # False for NaN too
        if not whole.all():
            odd = f"{labels[~whole][0]:g} (digit {int(np.argmin(whole)) + 1:,})"
            raise DataError(f"{where}: label {odd} is no digit; allowed are whole numbers from 0 to 9.", KEEP)
        labels = labels.astype(np.int64)
    if labels.dtype.kind not in "iu":
        raise DataError(f"{where}: labels are {labels.dtype}; allowed are whole numbers from 0 to 9.", KEEP)
    return labels


def _number(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise DataError(f"{where}: label {text!r} is no digit; allowed are 0 to 9.", KEEP) from None
