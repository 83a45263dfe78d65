"""Prepares what an epoch presents, a block at a time: inputs, targets, dropout masks and learning rates.

Backends only step through blocks, so every backend trains the same thing. All draws come from the run's seed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from timetravel.digits import Digits
from timetravel.engine.augment import Augmentation
from timetravel.recipes import Recipe
from timetravel.seeds import generator, sixteen_bits

BLOCK = 1024  # examples; memory stays flat whatever the data, and a block stays in a processor's cache
H2_UNITS = 192  # of a net as wide as in 1989
# torch.optim.lr_scheduler.OneCycleLR's defaults: where the rate begins, and when it is highest.
ONE_CYCLE_START, ONE_CYCLE_TOP = 1 / 25, 0.3


@dataclass(frozen=True)
class Block:
    """The next n examples of one run. All arrays are float32 and C-contiguous."""

    inputs: np.ndarray  # (n, 16, 16)
    targets: np.ndarray  # (n, 10)
    mask: np.ndarray | None  # (n, units of H2): 0 or 1 / (1 - dropout)
    learning_rates: np.ndarray  # (updates,)
    step: int  # updates made before this block
    average: float = 1.0  # how far the averaged net then moves towards the trained one; 1: they are the same
    curvature_inputs: np.ndarray | None = None  # (m, 16, 16): estimate the curvature on these first

    def __len__(self) -> int:
        return len(self.inputs)


Teacher = Callable[[np.ndarray], np.ndarray]


class Epochs:
    """The epochs of one run: a recipe, its training digits and a seed.

    `teacher` reads images (n, 16, 16) as probabilities (n, 10), for a recipe that distils.
    """

    def __init__(self, recipe: Recipe, digits: Digits, seed: int, teacher: Teacher | None = None) -> None:
        self.recipe, self.digits, self.teacher = recipe, digits, teacher
        self.images = digits.images  # held as long as the run lasts
        self.order = generator(seed, "order")
        self.augmentation = Augmentation(recipe, generator(seed, "augmentation"))
        self.dropout = generator(seed, "dropout")
        low, high = (0.0, 1.0) if recipe.loss == "cross-entropy" else (recipe.target_low, recipe.target_high)
        rows = np.full((10, 10), low, dtype=np.float32)
        np.fill_diagonal(rows, high)
        smooth = recipe.label_smoothing
        self.target_rows = (1 - smooth) * rows + smooth * rows.mean(axis=1, keepdims=True)
        self.step = self.averaged = 0

    def blocks(self, epoch_number: int) -> Iterator[Block]:
        """Yield the blocks of one epoch in turn; epochs are asked for in order, from 0."""
        recipe, digits, count = self.recipe, self.digits, len(self.digits)
        size = max(BLOCK // recipe.batch_size, 1) * recipe.batch_size
        order = self.order.permutation(count) if recipe.order == "shuffled" else None
        newton = recipe.optimizer == "diagonal-newton"
        an_epoch = -(-count // recipe.batch_size)
        for start in range(0, count, size):
            chosen = slice(start, min(start + size, count)) if order is None else order[start : start + size]
            asked = self.target_rows[digits.labels[chosen]] if digits.targets is None else digits.targets[chosen]
            images, targets = self.augmentation(self.images, chosen, asked)
            updates = -(-len(images) // recipe.batch_size)
            if self.teacher is not None:
                # Hinton, Vinyals and Dean (2015), https://arxiv.org/abs/1503.02531, at a temperature of 1. The teacher
                # reads the very images that the net is shown: Beyer et al. (2021), https://arxiv.org/abs/2106.05237.
                share = np.float32(recipe.distillation)
                targets = (1 - share) * targets + share * self.teacher(images)
            yield Block(
                inputs=images,
                targets=targets,
                mask=self.dropout_mask(len(images)) if recipe.dropout else None,
                learning_rates=learning_rates(recipe, self.step + np.arange(updates), an_epoch),
                step=self.step,
                average=self.average(epoch_number + (start + len(images)) / count, len(images) / count),
                curvature_inputs=self.images[: recipe.curvature_digits] if newton and start == 0 else None,
            )
            self.step += updates

    def average(self, epochs_done: float, epochs_in_block: float) -> float:
        """Return how far the averaged net moves after a block.

        Exponential: Polyak and Juditsky (1992), https://doi.org/10.1137/0330046, with a plain mean until the memory is
        full. Tail: stochastic weight averaging, Izmailov et al. (2018), https://arxiv.org/abs/1803.05407.
        """
        memory, kind = self.recipe.averaging_epochs, self.recipe.averaging
        if kind == "none" or (kind == "tail" and epochs_done <= self.recipe.epochs - memory):
            return 1.0
        self.averaged += 1
        plain = 1 / self.averaged
        return plain if kind == "tail" else max(plain, -float(np.expm1(-epochs_in_block / memory)))

    def dropout_mask(self, count: int) -> np.ndarray:
        """Draw which of H2's units are silent; the others are scaled up so that H3's expected input stays the same."""
        p, units = self.recipe.dropout, round(H2_UNITS * self.recipe.width)
        draws = sixteen_bits(self.dropout, count, units)
        return (draws >= round(p * (1 << 16))) * np.float32(1 / (1 - p))


def learning_rates(recipe: Recipe, updates: np.ndarray, an_epoch: int) -> np.ndarray:
    """Return the learning rate of each update, float32 (n,).

    updates: their numbers, counted from 0 over the whole run, int (n,); an_epoch: how many updates an epoch has.

    Cosine: Loshchilov and Hutter (2016), https://arxiv.org/abs/1608.03983. One cycle: Smith and Topin (2017),
    https://arxiv.org/abs/1708.07120, with cosine flanks as PyTorch has them.
    """
    high, low = recipe.learning_rate, recipe.final_learning_rate
    done = updates / max(recipe.epochs * an_epoch - 1, 1)
    if recipe.schedule == "linear":
        share = (updates // an_epoch) / max(recipe.epochs - 1, 1)
        rates = (1 - share) * high + share * low
    elif recipe.schedule == "cosine":
        rates = eased(high, low, done)
    elif recipe.schedule == "one-cycle":
        rising = eased(high * ONE_CYCLE_START, high, done / ONE_CYCLE_TOP)
        falling = eased(high, low, (done - ONE_CYCLE_TOP) / (1 - ONE_CYCLE_TOP))
        rates = np.where(done < ONE_CYCLE_TOP, rising, falling)
    else:
        rates = np.full(len(updates), high)
    if recipe.warm_up:
        rates = rates * np.minimum(1, (updates + 1) / (recipe.warm_up * an_epoch))
    return rates.astype(np.float32)


def eased(start: float, end: float, share: np.ndarray) -> np.ndarray:
    """Go from start to end along half a cosine, as the share goes from 0 to 1."""
    return np.asarray(end + (start - end) * (1 + np.cos(np.pi * np.clip(share, 0, 1))) / 2)
