"""Prepares what a pass presents, a block at a time: inputs, targets, dropout masks and learning rates.

Backends only step through blocks, so every backend trains the same thing. All draws come from the run's seed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from timetravel.digits import Digits
from timetravel.recipes import Recipe
from timetravel.seeds import generator

BLOCK = 1024  # presentations; memory stays flat whatever the data, and a block stays in a processor's cache
H2_UNITS = 192


@dataclass(frozen=True)
class Block:
    """The next n presentations of one run. All arrays are float32 and C-contiguous."""

    inputs: np.ndarray  # (n, 16, 16)
    targets: np.ndarray  # (n, 10)
    mask: np.ndarray | None  # (n, 192): 0 or 1 / (1 - dropout)
    learning_rates: np.ndarray  # (updates,)
    step: int  # updates made before this block
    curvature_inputs: np.ndarray | None = None  # (m, 16, 16): estimate the curvature on these first

    def __len__(self) -> int:
        return len(self.inputs)


class Passes:
    """The passes of one run: a recipe, its training digits and a seed."""

    def __init__(self, recipe: Recipe, digits: Digits, seed: int) -> None:
        self.recipe, self.digits = recipe, digits
        self.order = generator(seed, "order")
        self.augmentation = generator(seed, "augmentation")
        self.dropout = generator(seed, "dropout")
        low, high = recipe.target_low, recipe.target_high
        if recipe.loss == "cross-entropy":
            low, high = 0.0, 1.0
        self.target_rows = np.full((10, 10), low, dtype=np.float32)
        np.fill_diagonal(self.target_rows, high)
        self.step = 0

    def blocks(self, pass_number: int) -> Iterator[Block]:
        """Yield the blocks of one pass in turn; passes are asked for in order, from 0."""
        recipe, count = self.recipe, len(self.digits)
        size = max(BLOCK // recipe.batch_size, 1) * recipe.batch_size
        order = self.order.permutation(count) if recipe.order == "shuffled" else None
        rate = recipe.learning_rate_at(pass_number)
        newton = recipe.optimizer == "diagonal-newton"
        for start in range(0, count, size):
            chosen = slice(start, min(start + size, count)) if order is None else order[start : start + size]
            images = self.digits.images[chosen]
            updates = -(-len(images) // recipe.batch_size)
            yield Block(
                inputs=self.shifted(images) if recipe.shift else images,
                targets=self.target_rows[self.digits.labels[chosen]],
                mask=self.dropout_mask(len(images)) if recipe.dropout else None,
                learning_rates=np.full(updates, rate, dtype=np.float32),
                step=self.step,
                curvature_inputs=self.curvature_inputs() if newton and start == 0 else None,
            )
            self.step += updates

    def curvature_inputs(self) -> np.ndarray:
        """Return the digits on which a pass estimates the curvature: the first ones, as they are."""
        return self.digits.images[: self.recipe.curvature_digits]

    def shifted(self, images: np.ndarray) -> np.ndarray:
        """Roll every image by its own draw of -shift to shift pixels in y and in x; what leaves comes back opposite."""
        reach = self.recipe.shift
        offsets = self.augmentation.integers(0, 2 * reach + 1, size=(len(images), 2))
        # One wide copy an image, then a window of it: cheaper than a roll an image.
        wide = np.empty((len(images), 16 + 2 * reach, 16 + 2 * reach), dtype=np.float32)
        wide[:, reach:-reach, reach:-reach] = images
        wide[:, :reach, reach:-reach], wide[:, -reach:, reach:-reach] = images[:, -reach:], images[:, :reach]
        wide[:, :, :reach], wide[:, :, -reach:] = (
            wide[:, :, -2 * reach : -reach],
            wide[:, :, reach : 2 * reach],
        )
        windows = np.lib.stride_tricks.sliding_window_view(wide, (16, 16), axis=(1, 2))
        return windows[np.arange(len(images)), offsets[:, 0], offsets[:, 1]]

    def dropout_mask(self, count: int) -> np.ndarray:
        """Draw which of H2's units are silent; the others are scaled up so that H3's expected input stays the same."""
        p = self.recipe.dropout
        draws = self.dropout.integers(0, 1 << 16, size=(count, H2_UNITS), dtype=np.uint16)
        return (draws >= round(p * (1 << 16))) * np.float32(1 / (1 - p))
