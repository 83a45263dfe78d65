"""Digits: an unchangeable set of prepared images with their labels, known by a fingerprint of its content."""

import hashlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from timetravel.digits.prepare import SIDE, Pool
from timetravel.errors import DataError

KEEP = "Leave the others out: keep = np.isin(labels, range(10)); images[keep], labels[keep]."
HELD_AT_ONCE = 300_000  # prepared digits, 1 kB each: a study of thousands of subsets needs each for a while only
HOLDERS: "deque[Digits]" = deque()  # of images that can be prepared again, those held longest first


def content_fingerprint(
    images: NDArray[np.float32], labels: NDArray[np.int64], targets: NDArray[np.float32] | None = None
) -> str:
    """Return the sha256 (64 hex digits) over the shape, the images, the labels and the targets, if there are any.

    images: float32 (n, 16, 16); labels: int64 (n,), 0..9; targets: float32 (n, 10). Hashed as little-endian int64
    (shape), little-endian float32 (images, targets) and uint8 (labels), so that it is the same on every machine.
    """
    digest = hashlib.sha256(np.asarray(images.shape, dtype="<i8").tobytes())
    digest.update(np.ascontiguousarray(images, dtype="<f4").data)
    digest.update(np.ascontiguousarray(labels, dtype=np.uint8).data)
    if targets is not None:
        digest.update(np.ascontiguousarray(targets, dtype="<f4").data)
    return digest.hexdigest()


@dataclass(frozen=True, eq=False, repr=False)
class Digits:
    """A set of digits, ready for a net.

    images: float32 (n, 16, 16) in [-1, 1], background -1, contiguous and read-only.
    labels: int64 (n,), 0..9, read-only.
    name: the source's name; split: "train" or "test"; provenance: one line on origin and preparation.
    fingerprint: sha256 of the content (see content_fingerprint), computed here.
    stored, rows: where the images came from, for `framed`; None for images that never were anything else.
    frame: the window and the share of the slant that they were prepared with (see prepare.to_16x16).
    targets: float32 (n, 10), what a teacher asks of the outputs in place of the labels (see `taught`); None: nothing.

    Raises DataError for arrays that are not of this form.
    """

    images: NDArray[np.float32]
    labels: NDArray[np.int64]
    name: str
    split: str
    fingerprint: str = field(init=False)
    provenance: str = ""
    stored: Pool | None = None
    rows: NDArray[np.intp] | None = None
    frame: tuple[float, float] = (1.0, 0.0)
    targets: NDArray[np.float32] | None = None
    _framed: "dict[tuple[float, float], Digits]" = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        images, labels = np.array(self.images, dtype=np.float32, order="C"), np.array(self.labels, dtype=np.int64)
        where = f"{self.name} {self.split}"
        check_arrays(images, labels, where)
        low, high = float(images.min()), float(images.max())
        if images.shape[1:] != (SIDE, SIDE) or not (low >= -1 and high <= 1):  # False for NaN too
            raise DataError(
                f"{where}: images of shape {images.shape}, grey levels from {low:g} to {high:g}; "
                f"allowed are (n, {SIDE}, {SIDE}) and -1 to 1."
            )
        labels.setflags(write=False)
        vars(self).update(labels=labels, fingerprint=content_fingerprint(images, labels, self.targets))
        self._hold(images)

    def _hold(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Keep the images, and let go of what has been held longest where that is too much in all."""
        images.setflags(write=False)
        vars(self)["images"] = images
        if self.stored is not None:
            HOLDERS.append(self)
            while len(HOLDERS) > 1 and sum(len(each) for each in HOLDERS) > HELD_AT_ONCE:
                vars(HOLDERS.popleft()).pop("images", None)
        return images

    def __getattr__(self, name: str) -> NDArray[np.float32]:
        """Prepare images again that were let go of."""
        if name != "images" or vars(self).get("stored") is None or self.rows is None or self.stored is None:
            raise AttributeError(name)
        return self._hold(self.stored.prepared(self.rows, *self.frame))

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        return f"Digits({self.name} {self.split}, {len(self):,} digits, {self.fingerprint[:4]}…)"

    def take(self, indices: Sequence[int] | NDArray[Any] | slice) -> "Digits":
        """Return the digits at `indices` (integers, a slice or a mask, as numpy takes them), in that order.

        Raises IndexError for an index that does not exist, DataError where no digit is left.
        """
        rows = np.arange(len(self))[indices]
        told = f"{self.provenance}; {len(rows):,} of these {len(self):,}"
        parts: dict[str, Any] = {
            name: None if (of := getattr(self, name)) is None else of[rows] for name in ("rows", "targets")
        }
        return replace(self, images=self.images[rows], labels=self.labels[rows], provenance=told, **parts)

    def taught(self, targets: NDArray[np.float32]) -> "Digits":
        """Return the same images with a teacher's probabilities, float32 (n, 10), and its likeliest digits as labels.

        What people say that they are is not in them any more.
        """
        return replace(self, labels=targets.argmax(axis=1), targets=targets)

    @property
    def can_be_framed(self) -> bool:
        """Whether the images are stored larger than 16x16, so that there is more than one way to bring them there."""
        return self.stored is not None and max(self.stored.pixels.shape[1:]) > SIDE

    def framed(self, window: float = 1.0, deslant: float = 0.0) -> "Digits":
        """Return the same digits brought to 16x16 in another way: made once, and kept.

        Digits that are stored as 16x16 have nothing to be brought from, and stay as they are.
        """
        frame = (window, deslant)
        if self.stored is None or self.rows is None or not self.can_be_framed or frame == self.frame:
            return self
        if frame not in self._framed:
            self._framed[frame] = replace(self, images=self.stored.prepared(self.rows, *frame), frame=frame)
        return self._framed[frame]


def check_arrays(images: NDArray[Any], labels: NDArray[Any], where: str) -> None:
    """Raise DataError unless images (n, height, width), n at least 1, go with labels (n,), whole numbers in 0..9."""
    if images.ndim != 3:
        raise DataError(f"{where}: images of shape {images.shape}; allowed is (digits, height, width).")
    if labels.ndim != 1:
        raise DataError(f"{where}: labels of shape {labels.shape}; allowed is (digits,).")
    if len(images) != len(labels):
        raise DataError(f"{where}: {len(images):,} images but {len(labels):,} labels; allowed is one each.")
    if images.size == 0:
        raise DataError(f"{where}: there is no digit, the images' shape is {images.shape}; allowed is 1 up.")
    if labels.dtype.kind not in "iu":
        raise DataError(f"{where}: labels are {labels.dtype}; allowed are whole numbers from 0 to 9.")
    if labels.min() < 0 or labels.max() > 9:
        raise DataError(f"{where}: labels from {labels.min()} to {labels.max()}; allowed are 0 to 9.", KEEP)
