"""Augmentations: drawn for every example, computed for a whole block at once.

Image by image, torchvision's transforms would take a hundred times as long as the training; the tests hold these
against them. The compiled kernel rolls, warps and mixes (kernel/distort.h); where it was not built, `rolled`, `warped`
and numpy do the same, to the rounding of floats. Images are float32 (n, 16, 16); coordinates are pixels, (0, 0) the
upper left one.
"""

from functools import cached_property

import numpy as np
import torch
from torch.nn import functional as F

from timetravel.digits.prepare import SIDE
from timetravel.engine.compiled import kernel
from timetravel.recipes import Recipe
from timetravel.seeds import sixteen_bits

Rows = np.ndarray | slice
BACKGROUND = -1.0
# How large the erased part of an image is, and how long its sides are: torchvision.transforms.RandomErasing's defaults.
ERASED_SHARE, ERASED_RATIO = (0.02, 0.33), (0.3, 3.3)


class Augmentation:
    """The augmentations of one recipe, with the generator that they draw from."""

    def __init__(self, recipe: Recipe, rng: np.random.Generator, *, compiled: bool = kernel is not None) -> None:
        self.recipe, self.rng, self.compiled = recipe, rng, compiled
        self.affine = any((recipe.translation, recipe.rotation, recipe.scaling, recipe.shear))

    def __call__(self, images: np.ndarray, rows: Rows, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the images at `rows`, numbers (n,) or a slice, and their targets (n, 10) as a net is to see them."""
        recipe = self.recipe
        moved = self.moved(images, rows)
        if recipe.erasing:
            moved = self.erased(moved)
        if recipe.mixup:
            moved, targets = self.mixed(moved, targets)
        if recipe.cutmix:
            moved, targets = self.pasted(moved, targets)
        return moved, targets

    def moved(self, images: np.ndarray, rows: Rows) -> np.ndarray:
        """Return the images at `rows`, each rolled, turned, slanted, scaled, moved and bent as is drawn for it."""
        recipe = self.recipe
        if not (recipe.shift or self.affine or recipe.elastic):
            return np.asarray(images[rows])
        rows = np.arange(len(images))[rows]
        count = len(rows)
        offsets = self.rng.integers(-recipe.shift, recipe.shift + 1, size=(count, 2)) if recipe.shift else None
        maps = self.affine_maps(count) if self.affine else None
        nodes = self.displacements(count) if recipe.elastic else None
        if self.compiled:
            made = np.empty((count, SIDE, SIDE), dtype=np.float32)
            kernel.distort(images, rows, made, offsets, maps, nodes, self.splines)
            return made
        made = images[rows] if offsets is None else rolled(images[rows], offsets)
        return made if maps is None and nodes is None else warped(made, self.coordinates(count, maps, nodes))

    def between(self, reach: float, *shape: int) -> np.ndarray:
        """Draw uniformly between -reach and reach, float32."""
        return np.asarray((2 * self.rng.random(shape, dtype=np.float32) - 1) * np.float32(reach))

    def displacements(self, count: int) -> np.ndarray:
        """Draw how far each node of a coarse grid is moved along y and x, uniformly; float32 (n, 2, nodes).

        After Simard, Steinkraus and Platt (2003), Best Practices for Convolutional Neural Networks Applied to Visual
        Document Analysis, https://doi.org/10.1109/ICDAR.2003.1227801.
        """
        deviation = self.recipe.elastic * np.sqrt(12) / (1 << 16)
        drawn = sixteen_bits(self.rng, count, 2, self.recipe.elastic_nodes**2).astype(np.float32)
        drawn -= (1 << 16) / 2 - 0.5
        drawn *= np.float32(deviation)
        return drawn

    @cached_property
    def splines(self) -> np.ndarray:
        """Cubic B-splines around each node along a side, float32 (nodes a side, 16).

        Scaled so that every pixel's displacement has the deviation of the nodes'.
        """
        bumps = spline(self.recipe.elastic_nodes)
        return np.asarray(bumps / np.linalg.norm(bumps, axis=0), dtype=np.float32)

    def coordinates(self, count: int, maps: np.ndarray | None, nodes: np.ndarray | None) -> np.ndarray:
        """Return where each pixel of each image is taken from: y and x, float32 (n, 2, 256)."""
        line = (np.arange(SIDE) - CENTRE).astype(np.float32)
        y, x = (axis.ravel() for axis in np.meshgrid(line, line, indexing="ij"))
        lines = np.broadcast_to(IDENTITY, (count, 2, 3)) if maps is None else maps
        places = lines @ np.stack([y, x, np.ones_like(y)])
        if nodes is not None:
            places += nodes @ np.einsum("ay,bx->abyx", self.splines, self.splines).reshape(-1, SIDE * SIDE)
        return np.asarray(places)

    def affine_maps(self, count: int) -> np.ndarray:
        """Draw a rotation, a shear along x, two scalings and a translation; float32 (n, 2, 3), for y and x."""
        recipe = self.recipe
        angle, shear = (np.deg2rad(self.between(reach, count)) for reach in (recipe.rotation, recipe.shear))
        grow = 1 / (1 + self.between(recipe.scaling, count, 2))
        move = self.between(recipe.translation, count, 2)
        cos, sin, slant = np.cos(angle), np.sin(angle), np.tan(shear)
        maps = np.empty((count, 2, 3), dtype=np.float32)
        maps[:, 0, 0], maps[:, 0, 1] = cos * grow[:, 0], -sin * grow[:, 0]
        maps[:, 1, 0], maps[:, 1, 1] = (sin + slant * cos) * grow[:, 1], (cos - slant * sin) * grow[:, 1]
        maps[:, :, 2] = CENTRE + move
        return maps

    def rectangles(self, share: np.ndarray, ratio: np.ndarray) -> np.ndarray:
        """Draw where rectangles of these shares of the image and ratios of their sides lie; bool (n, 16, 16)."""
        sides = np.clip(np.rint(SIDE * np.sqrt(np.stack([share * ratio, share / ratio]))), 0, SIDE)
        starts = np.floor(self.rng.random(sides.shape, dtype=np.float32) * (SIDE + 1 - sides))
        line = np.arange(SIDE)
        inside = (line >= starts[:, :, None]) & (line < (starts + sides)[:, :, None])
        return np.asarray(inside[0][:, :, None] & inside[1][:, None, :])

    def erased(self, images: np.ndarray) -> np.ndarray:
        """Erase a random rectangle of some of the images: Zhong et al. (2017), https://arxiv.org/abs/1708.04896."""
        count = len(images)
        chosen = self.rng.random(count, dtype=np.float32) < self.recipe.erasing
        share = self.rng.uniform(ERASED_SHARE[0], ERASED_SHARE[1], size=count)
        ratio = np.exp(self.rng.uniform(np.log(ERASED_RATIO[0]), np.log(ERASED_RATIO[1]), size=count))
        return np.where(self.rectangles(share, ratio) & chosen[:, None, None], np.float32(BACKGROUND), images)

    def mixed(self, images: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mix each image with another of its block: Zhang et al. (2017), mixup, https://arxiv.org/abs/1710.09412."""
        partner, alpha = self.rng.permutation(len(images)), self.recipe.mixup
        share = self.rng.beta(alpha, alpha, size=len(images)).astype(np.float32)[:, None]
        if self.compiled:
            mixed = np.empty_like(images)
            kernel.mix(images, partner, share[:, 0], mixed)
        else:
            mixed = share[:, :, None] * images + (1 - share)[:, :, None] * images[partner]
        return mixed, share * targets + (1 - share) * targets[partner]

    def pasted(self, images: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Paste a part of another image of the block: Yun et al. (2019), CutMix, https://arxiv.org/abs/1905.04899."""
        partner, alpha = self.rng.permutation(len(images)), self.recipe.cutmix
        other = self.rectangles(self.rng.beta(alpha, alpha, size=len(images)), np.ones(len(images)))
        share = other.mean(axis=(1, 2), dtype=np.float32)[:, None]
        return np.where(other, images[partner], images), (1 - share) * targets + share * targets[partner]


CENTRE = (SIDE - 1) / 2
IDENTITY = np.array([[1, 0, CENTRE], [0, 1, CENTRE]], dtype=np.float32)


def rolled(images: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Roll every image by its own offset (n, 2): what a pixel shows lay so far below and to the right, cyclically."""
    reach = int(np.abs(offsets).max(initial=0))
    if not reach:
        return images
    # One wide copy an image, then a window of it: cheaper than a roll an image.
    wide = np.empty((len(images), SIDE + 2 * reach, SIDE + 2 * reach), dtype=np.float32)
    wide[:, reach:-reach, reach:-reach] = images
    wide[:, :reach, reach:-reach], wide[:, -reach:, reach:-reach] = images[:, -reach:], images[:, :reach]
    wide[:, :, :reach], wide[:, :, -reach:] = wide[:, :, -2 * reach : -reach], wide[:, :, reach : 2 * reach]
    windows = np.lib.stride_tricks.sliding_window_view(wide, (SIDE, SIDE), axis=(1, 2))
    return np.asarray(windows[np.arange(len(images)), offsets[:, 0] + reach, offsets[:, 1] + reach])


def warped(images: np.ndarray, coordinates: np.ndarray) -> np.ndarray:
    """Take every pixel from its coordinates y and x (n, 2, 256), between pixels bilinearly; outside is background."""
    grid = torch.from_numpy(coordinates.reshape(-1, 2, SIDE, SIDE)[:, ::-1].copy()).movedim(1, 3)
    above = torch.from_numpy(images - np.float32(BACKGROUND)).unsqueeze(1)  # grid_sample knows only 0 outside
    taken = F.grid_sample(above, grid / CENTRE - 1, padding_mode="zeros", align_corners=True)
    return np.asarray(taken.squeeze(1).numpy() + np.float32(BACKGROUND))


def spline(nodes: int) -> np.ndarray:
    """Return cubic B-splines, centred on nodes from edge to edge of the image, at every pixel: (nodes, 16)."""
    step = (SIDE - 1) / (nodes - 1)
    distance = np.abs(np.arange(SIDE) - step * np.arange(nodes)[:, None]) / step
    near, far = 4 - 6 * distance**2 + 3 * distance**3, (2 - np.minimum(distance, 2)) ** 3
    return np.asarray(np.where(distance < 1, near, far) / 6)
