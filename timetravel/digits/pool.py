"""Digits that a net learns before it meets others, none of them among these; and a rehearsal of that on MNIST."""

from typing import Final

import numpy as np

from timetravel.digits.collection import Digits
from timetravel.digits.pixels import levels
from timetravel.digits.prepare import Pool
from timetravel.digits.source import Source
from timetravel.errors import DataError

HELD: Final = 50_000  # training digits of MNIST in a rehearsal's pool; the others are its target
SLANT: Final = 0.35  # pixels to the side a row


def apart(pool: Digits, *others: Digits) -> tuple[Digits, int]:
    """Return a pool without the digits that are among others too, by digest of their 256 grey levels, and how many.

    Raises DataError where none is left.
    """
    known = {image.tobytes() for digits in others for image in levels(digits.images)}
    new = np.array([image.tobytes() not in known for image in levels(pool.images)])
    if not new.any():
        told = f"All {len(pool):,} digits of the pool {pool.name} are among those to be read."
        raise DataError(told, "Name another --pool, or other --data.")
    return (pool, 0) if new.all() else (pool.take(new), int((~new).sum()))


class Rehearsal(Source):
    """MNIST's last 10,000 training digits and its test digits, slanted and made thicker: a target of another kind."""

    name = "mnist-rehearsal"
    told = f"MNIST's digits, slanted by {SLANT:g} pixels a row and thickened by one pixel"
    provenance = f"{told}, brought to 16x16 in [-1, 1]"

    def __init__(self, mnist: Source) -> None:
        train, test = mnist.load("train"), mnist.load("test")
        held = slice(HELD, None)
        self.pools = {
            "train": shifted(Pool(train.pixels[held], train.labels[held], train.scale)),
            "test": shifted(test),
        }
        self.counts = {split: len(pool) for split, pool in self.pools.items()}

    @staticmethod
    def pool(mnist: Source) -> Digits:
        """Return the training digits of MNIST that are not held for the target."""
        whole = mnist.training_digits("0", "full")
        assert whole.rows is not None
        return whole.take(whole.rows < HELD)


def shifted(digits: Pool) -> Pool:
    """Return stored digits slanted and thickened, as many and as large."""
    from scipy.ndimage import affine_transform, grey_dilation

    middle = (digits.pixels.shape[1] - 1) / 2
    slanted = [
        affine_transform(block, np.array([[1, 0, 0], [0, 1, 0], [0, SLANT, 1]]), [0, 0, -SLANT * middle], order=1)
        for block in np.array_split(digits.pixels, -(-len(digits) // 1000))
    ]
    return Pool(grey_dilation(np.concatenate(slanted), (1, 2, 2)), digits.labels, digits.scale)
