"""Augmentations: drawn for every example, computed for a whole block at once.

Image by image, torchvision's transforms would take a hundred times as long as the training; the tests hold these
against them. Images are float32 (n, 16, 16); coordinates are pixels, (0, 0) the upper left one.
"""

from functools import cached_property

import numpy as np
import torch
from torch.nn import functional as F

from timetravel.digits.prepare import SIDE
from timetravel.recipes import Recipe

BACKGROUND = -1.0
# How large the erased part of an image is, and how long its sides are: torchvision.transforms.RandomErasing's defaults.
ERASED_SHARE, ERASED_RATIO = (0.02, 0.33), (0.3, 3.3)


class Augmentation:
    """The augmentations of one recipe, with the generator that they draw from."""

    def __init__(self, recipe: Recipe, rng: np.random.Generator) -> None:
        self.recipe, self.rng = recipe, rng
        self.affine = any((recipe.translation, recipe.rotation, recipe.scaling, recipe.shear))

    def __call__(self, images: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the images and their targets (n, 10) as a net is to see them."""
        recipe = self.recipe
        if recipe.shift:
            images = rolled(images, self.rng.integers(-recipe.shift, recipe.shift + 1, size=(len(images), 2)))
        if self.affine or recipe.elastic:
            images = warped(images, self.coordinates(len(images)))
        if recipe.erasing:
            images = self.erased(images)
        if recipe.mixup:
            images, targets = self.mixed(images, targets)
        if recipe.cutmix:
            images, targets = self.pasted(images, targets)
        return images, targets

    def between(self, reach: float, *shape: int) -> np.ndarray:
        """Draw uniformly between -reach and reach, float32."""
        return np.asarray((2 * self.rng.random(shape, dtype=np.float32) - 1) * np.float32(reach))

    def coordinates(self, count: int) -> np.ndarray:
        """Draw where each pixel of each image is taken from: y and x, float32 (n, 2, 256).

        All of it is linear in what is drawn, so one matrix product does for a block: an affine map, and displacements
        that are drawn on a coarse grid. After Simard, Steinkraus and Platt (2003), Best Practices for Convolutional
        Neural Networks Applied to Visual Document Analysis, https://doi.org/10.1109/ICDAR.2003.1227801.
        """
        drawn = np.zeros((count, 2, len(self.basis)), dtype=np.float32)
        drawn[:, :, :3] = self.affine_maps(count) if self.affine else IDENTITY
        if self.recipe.elastic:
            nodes = self.rng.standard_normal((count, 2, len(self.basis) - 3), dtype=np.float32)
            drawn[:, :, 3:] = nodes * np.float32(self.recipe.elastic)
        return np.asarray(drawn @ self.basis)

    @cached_property
    def basis(self) -> np.ndarray:
        """What coordinates are made of, float32 (3 + nodes, 256): y and x from the centre, 1, and each node's bump."""
        line = np.arange(SIDE) - CENTRE
        y, x = (axis.ravel() for axis in np.meshgrid(line, line, indexing="ij"))
        plane = np.stack([y, x, np.ones(SIDE * SIDE)])
        if not self.recipe.elastic:
            return plane.astype(np.float32)
        bumps = spline(self.recipe.elastic_nodes)
        nodes = np.einsum("ay,bx->abyx", bumps, bumps).reshape(-1, SIDE * SIDE)
        nodes /= np.linalg.norm(nodes, axis=0)  # every pixel's displacement has the deviation that is asked for
        return np.concatenate([plane, nodes]).astype(np.float32)

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
        one, two = share[:, :, None] * images, (1 - share)[:, :, None] * images[partner]
        return one + two, share * targets + (1 - share) * targets[partner]

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
