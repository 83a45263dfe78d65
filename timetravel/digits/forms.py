"""Arrays of digits as people have them, brought to one form; what can't be is refused, with the line that mends it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from timetravel.errors import DataError

LUMINANCE = (0.299, 0.587, 0.114)  # of red, green and blue: ITU-R BT.601


def pictures(images: NDArray[Any], where: str) -> NDArray[Any]:
    """Return images as (n, height, width).

    Read as well: flat rows of square pictures (n, side * side), one channel (n, height, width, 1), colours (n, height,
    width, 3), and booleans. Raises DataError, which begins with `where`.
    """
    if images.dtype == object:
        hint = "Allowed are arrays of numbers: np.stack(images).astype('uint8')."
        raise DataError(f"{where}: images are Python objects.", hint)
    if images.dtype == bool:
        images = images.astype(np.uint8)
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim == 4 and images.shape[3] == 3 and images.size:
        parts = zip(np.moveaxis(images.astype(np.float32), 3, 0), LUMINANCE, strict=True)
        grey = sum(part * np.float32(share) for part, share in parts)  # one by one: the same bits on every machine
        images = np.rint(grey).astype(images.dtype) if images.dtype.kind in "ui" else grey
    if images.ndim == 2 and images.shape[1]:
        side = round(images.shape[1] ** 0.5)
        if side * side != images.shape[1]:
            told = f"{where}: images of shape {images.shape}; allowed is (digits, height, width)."
            raise DataError(told, "Or rows of square pictures. Give others their shape: reshape(-1, height, width).")
        images = images.reshape(len(images), side, side)
    return images


def classes(labels: NDArray[Any], where: str) -> NDArray[Any]:
    """Return labels as whole numbers, (n,).

    Read as well: texts ('5'), whole numbers as floats, a column (n, 1), and one-hot rows (n, 10). Raises DataError,
    which begins with `where`.
    """
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 2 and labels.shape[1] == 10 and labels.dtype.kind in "uifb":
        if not (np.isin(labels, (0, 1)).all() and (labels.sum(axis=1) == 1).all()):
            hint = "Allowed are rows with a single 1, or whole numbers from 0 to 9."
            raise DataError(f"{where}: labels of shape {labels.shape} that are not one-hot.", hint)
        labels = labels.argmax(axis=1)
    if labels.dtype == object:
        hint = "Allowed are arrays of numbers: labels.astype(int)."
        raise DataError(f"{where}: labels are Python objects.", hint)
    if labels.dtype.kind in "SU" and labels.ndim == 1:
        text = np.char.strip(labels.astype(str))
        whole = np.char.isdecimal(text) & (np.char.str_len(text) <= 2)
        if not (len(text) and whole.all()):
            odd = next(iter(text[~whole]), "")
            raise DataError(f"{where}: label {str(odd)!r} is no digit; allowed are 0 to 9.")
        labels = text.astype(np.int64)
    if labels.dtype.kind == "f" and labels.size and np.isfinite(labels).all() and (labels == np.rint(labels)).all():
        labels = labels.astype(np.int64)
    if labels.dtype.kind in "iu" and labels.ndim == 1 and labels.size and labels.min() == 1 and labels.max() == 10:
        raise DataError(
            f"{where}: labels from 1 to 10; allowed are 0 to 9.",
            "If 1 stands for the digit 0 (LIBSVM's usps): labels - 1. If 10 stands for 0 (SVHN): labels % 10.",
        )
    return labels
