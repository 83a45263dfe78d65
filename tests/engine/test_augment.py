"""Augmentations against torchvision, which does the same image by image, and against what they promise."""

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats
from torchvision.transforms import InterpolationMode, RandomErasing
from torchvision.transforms.v2 import functional as reference

from timetravel.engine.augment import CENTRE, Augmentation, warped
from timetravel.engine.compiled import kernel
from timetravel.engine.epochs import Epochs
from timetravel.recipes import Recipe
from timetravel.seeds import generator, sixteen_bits

LINE = np.arange(16, dtype=np.float32)
PIXELS = np.stack(np.meshgrid(LINE, LINE, indexing="ij")).reshape(2, 256)  # y and x of every pixel
EVERYTHING: dict[str, Any] = {
    "shift": 2, "translation": 1.5, "rotation": 25.0, "scaling": 0.2, "shear": 20.0, "elastic": 0.7, "erasing": 0.5,
    "mixup": 0.4, "cutmix": 1.0,
}  # fmt: skip


MOST: dict[str, Any] = {
    "shift": 8, "translation": 8, "rotation": 180, "scaling": 0.9, "shear": 80, "elastic": 8, "elastic_nodes": 2,
    "erasing": 1, "mixup": 1000, "cutmix": 1e-3,
}  # fmt: skip


def augmentation(**changes: Any) -> Augmentation:
    return Augmentation(Recipe(**changes), generator(0, "augmentation"))


class Told:
    """In place of a generator: the shares between -1 and 1 that it is told, in turn."""

    def __init__(self, *shares):
        self.shares = list(shares)

    def random(self, shape, dtype):
        return np.broadcast_to((np.array(self.shares.pop(0)) + 1) / 2, shape).astype(dtype)


def affine_map(angle, shear, scale, move=(0, 0), count=1) -> np.ndarray:
    recipe = Recipe(rotation=180, shear=80, scaling=0.9, translation=8)
    shares = angle / 180, shear / 80, tuple((s - 1) / 0.9 for s in scale), tuple(m / 8 for m in move)
    return Augmentation(recipe, Told(*shares)).affine_maps(count)


def coordinates(maps: np.ndarray) -> np.ndarray:
    return maps @ np.concatenate([PIXELS - CENTRE, np.ones((1, 256), np.float32)])


def test_affine_maps_are_torchvision_s(few_mnist):
    # What becomes of torchvision's parameters, with its images and ours both (y down, x right), centred on pixel 7.5:
    # the angle is the same, clockwise; the shear is its first; the scale is 1 + ours. It moves the finished image, we
    # move the place that is looked at: a translation by t there is one by -M t here, M being our map from pixel to
    # source.
    images = few_mnist[0].images[:20]
    for angle, shear, scale, move in (
        (0.0, 0.0, 1.0, (0.0, 0.0)),
        (30.0, 0.0, 1.0, (0.0, 0.0)),
        (-75.0, 0.0, 0.8, (0.0, 0.0)),
        (0.0, 15.0, 1.0, (0.0, 0.0)),
        (0.0, -40.0, 1.3, (1.0, -2.0)),
        (0.0, 0.0, 1.0, (-2.5, 0.7)),
        (20.0, 12.0, 1.15, (0.6, -1.4)),
        (-170.0, 35.0, 0.6, (3.1, 2.2)),
    ):
        maps = affine_map(angle, shear, (scale, scale), move, len(images))
        down, right = -np.linalg.solve(maps[0, :, :2].astype(np.float64), np.array(move))
        asked = {"angle": angle, "translate": [right, down], "scale": scale, "shear": [shear, 0.0]}
        # torchvision blends with a fill twice at the very edge, and not at all with black: so raise the background.
        raised = torch.from_numpy(images + 1).unsqueeze(1)
        theirs = reference.affine(raised, **asked, interpolation=InterpolationMode.BILINEAR)[:, 0].numpy() - 1
        np.testing.assert_allclose(warped(images, coordinates(maps)), theirs, atol=3e-5)
    # The two scalings stretch height and width before anything is turned.
    plain, stretched = affine_map(30, 10, (1, 1))[0], affine_map(30, 10, (1.25, 0.8))[0]
    np.testing.assert_allclose(stretched[:, :2], plain[:, :2] / [[1.25], [0.8]], atol=1e-6)


def test_a_warp_that_moves_nothing_is_none_and_background_lies_outside(few_mnist):
    images = few_mnist[0].images
    nothing = np.broadcast_to(PIXELS, (len(images), 2, 256)).astype(np.float32)
    np.testing.assert_allclose(warped(images, nothing), images, atol=5e-6)
    np.testing.assert_allclose(coordinates(affine_map(0, 0, (1, 1))), nothing[:1], atol=1e-5)
    still = augmentation(elastic=1e-9)
    np.testing.assert_allclose(still.coordinates(3, None, still.displacements(3)), nothing[:3], atol=1e-5)
    far = np.stack([np.full((2, 256), place) for place in (-5, 20, -0.5)]).astype(np.float32)
    found = warped(np.ones((3, 16, 16), np.float32), far)
    np.testing.assert_allclose(found[:2], -1)
    np.testing.assert_allclose(found[2], 2 * 0.25 - 1, atol=1e-5)  # a quarter of the first pixel


def test_every_pixel_is_displaced_by_the_deviation_asked_for_and_with_its_neighbours():
    draws = 4000
    for nodes in (2, 5, 9):
        bent = augmentation(elastic=0.8, elastic_nodes=nodes)
        moved = bent.coordinates(draws, None, bent.displacements(draws)) - PIXELS
        np.testing.assert_allclose(np.sqrt((moved**2).mean(axis=(0, 1))), 0.8, rtol=0.05)
        assert np.abs(moved.mean(axis=0)).max() < 5 * 0.8 / np.sqrt(draws)
        assert abs((moved[:, 0] * moved[:, 1]).mean()) < 0.02
        fields = moved.reshape(draws, 2, 16, 16)
        for axis in (2, 3):
            steps = np.diff(fields, axis=axis)
            assert steps.std() < 0.8 * nodes / 15  # a node's distance for a displacement to become another
            assert np.diff(steps, axis=axis).std() < steps.std()


def test_affine_draws_are_uniform_and_undisturbed_by_one_another():
    for name, most, values in (
        ("rotation", 20.0, lambda m: np.rad2deg(np.arctan2(-m[:, 0, 1], m[:, 0, 0]))),
        ("shear", 20.0, lambda m: np.rad2deg(np.arctan(m[:, 1, 0]))),
        ("scaling", 0.2, lambda m: 1 / m[:, 0, 0] - 1),
        ("scaling", 0.2, lambda m: 1 / m[:, 1, 1] - 1),
        ("translation", 2.0, lambda m: m[:, 0, 2] - CENTRE),
        ("translation", 2.0, lambda m: m[:, 1, 2] - CENTRE),
    ):
        found = values(augmentation(**{name: most}).affine_maps(3000))
        assert stats.kstest(found, stats.uniform(-most, 2 * most).cdf).pvalue > 1e-3
        if name != "shear":  # which no longer stands alone in the map then
            others = {"rotation": 0.0, "shear": 10.0, "scaling": 0.0, "translation": 1.0} | {name: most}
            np.testing.assert_allclose(values(augmentation(**others).affine_maps(3000)), found, atol=1e-4)


def sides(covered: np.ndarray) -> np.ndarray:
    """The height and width of the one rectangle in each image, (n, 2)."""
    rows, columns = covered.any(axis=2), covered.any(axis=1)
    assert (covered == rows[:, :, None] & columns[:, None, :]).all()
    for line in (rows, columns):
        assert (np.abs(np.diff(np.pad(line, ((0, 0), (1, 1))).astype(int))).sum(axis=1) == 2).all()
    return np.stack([rows.sum(axis=1), columns.sum(axis=1)], axis=1)


def test_erased_rectangles_are_those_of_random_erasing():
    white = np.ones((2000, 16, 16), np.float32)
    gone = augmentation(erasing=0.6).erased(white) == -1
    hit = gone.any(axis=(1, 2))
    assert hit.mean() == pytest.approx(0.6, abs=0.03)
    found = sides(gone[hit])
    high, wide = found.T
    assert ((high + 0.5) * (wide + 0.5) >= 0.02 * 256).all()
    assert ((high - 0.5) * (wide - 0.5) <= 0.33 * 256).all()
    assert ((high + 0.5) / (wide - 0.5) >= 0.3).all()
    assert ((high - 0.5) / (wide + 0.5) <= 3.3).all()
    assert gone.any(axis=0).all()  # edges and corners too
    with torch.random.fork_rng():
        torch.manual_seed(0)
        white_one, ranges = torch.zeros(1, 16, 16), {"scale": (0.02, 0.33), "ratio": (0.3, 3.3), "value": [0.0]}
        theirs = np.array([RandomErasing.get_params(white_one, **ranges)[2:4] for _ in found])
    np.testing.assert_allclose(found.mean(axis=0), theirs.mean(axis=0), rtol=0.04)
    np.testing.assert_allclose(found.prod(axis=1).mean(), theirs.prod(axis=1).mean(), rtol=0.05)
    fewer = augmentation(erasing=0.2).erased(white) == -1  # the same rectangles
    among = fewer.any(axis=(1, 2))
    assert 0 < among.sum() < hit.sum()
    np.testing.assert_array_equal(fewer[among], gone[among])


def test_mixup_mixes_targets_as_it_mixes_images(few_mnist):
    images = few_mnist[0].images
    own = np.eye(len(images), dtype=np.float32)  # a target for each image, which tells who was mixed in
    mixed, targets = augmentation(mixup=0.4).mixed(images, own)
    np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-6)
    assert (np.count_nonzero(targets, axis=1) <= 2).all()
    np.testing.assert_allclose(mixed.reshape(-1, 256), targets @ images.reshape(-1, 256), atol=1e-5)
    partner = (targets - np.diag(np.diag(targets))).argmax(axis=1)
    assert len(np.unique(partner)) > 0.9 * len(images)
    share = np.diag(targets)[np.count_nonzero(targets, axis=1) == 2]
    assert stats.kstest(share, stats.beta(0.4, 0.4).cdf).pvalue > 1e-3
    for count in (0, 1):  # a single one is mixed with itself
        found, still = augmentation(mixup=0.4, cutmix=1.0)(images, np.arange(count), own[:count, :10])
        np.testing.assert_allclose(found, images[:count], atol=1e-6)
        np.testing.assert_allclose(still, own[:count, :10], atol=1e-6)
    assert augmentation(**EVERYTHING)(images, np.arange(0), own[:0, :10])[0].shape == (0, 16, 16)


@pytest.mark.skipif(kernel is None, reason="the compiled kernel is not built")
@pytest.mark.parametrize("changes", [*({name: value} for name, value in EVERYTHING.items()), EVERYTHING, MOST], ids=str)
def test_the_kernel_distorts_and_mixes_as_numpy_and_pytorch_do(few_mnist, changes):
    images, labels = few_mnist[0].images, few_mnist[0].labels
    rows, targets = np.arange(len(images))[::-1].copy(), np.eye(10, dtype=np.float32)[labels]
    for where in (rows, slice(3, 40), rows[:1]):
        (one, its), (other, theirs) = (
            Augmentation(Recipe(**changes), generator(0, "augmentation"), compiled=compiled)(
                images, where, targets[where]
            )
            for compiled in (True, False)
        )
        np.testing.assert_allclose(one, other, atol=2e-5)
        np.testing.assert_array_equal(its, theirs)


def test_sixteen_bits_are_uniform_and_those_of_numpy():
    found = sixteen_bits(generator(1, "dropout"), 100, 7, 9)
    asked = generator(1, "dropout").integers(1 << 16, size=100 * 7 * 9, dtype=np.uint16)
    np.testing.assert_array_equal(found.ravel(), asked)


def test_cutmix_mixes_targets_by_the_pixels_that_it_pastes():
    count = 300
    grey = np.linspace(-1, 1, count, dtype=np.float32)
    images = np.broadcast_to(grey[:, None, None], (count, 16, 16))
    pasted, targets = augmentation(cutmix=1.0).pasted(images, np.eye(count, dtype=np.float32))
    np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-6)
    for image, target in zip(pasted, targets, strict=True):
        for other in np.flatnonzero(target):
            assert (image == grey[other]).sum() == round(256 * target[other])
    high, wide = sides((pasted != images)[(pasted != images).any(axis=(1, 2))]).T
    assert (high == wide).all()
    assert np.diag(targets).mean() == pytest.approx(0.5, abs=0.05)  # a Beta distribution of 1 is uniform


def test_an_epoch_depends_on_its_seed_alone_and_leaves_the_digits_as_they_are(few_mnist):
    digits = few_mnist[0]
    before, labels = digits.images.copy(), digits.labels.copy()
    alone = [{name: value} for name, value in EVERYTHING.items()]
    for changes, order in itertools.product(({}, *alone, EVERYTHING, MOST), ("constant", "shuffled")):
        recipe = Recipe(loss="cross-entropy", output="linear", order=order, **changes)
        runs = [Epochs(recipe, digits, seed) for seed in (3, 3, 4)]
        for number in range(2):
            (one,), (again,), (other,) = (list(run.blocks(number)) for run in runs)
            for array, same in ((one.inputs, again.inputs), (one.targets, again.targets)):
                assert array.dtype == np.float32
                assert array.flags.c_contiguous
                np.testing.assert_array_equal(array, same)
            assert (one.inputs.shape, one.targets.shape) == ((len(digits), 16, 16), (len(digits), 10))
            assert np.abs(one.inputs).max() <= 1 + 1e-6
            np.testing.assert_allclose(one.targets.sum(axis=1), 1, atol=1e-6)
            if changes:
                assert not np.array_equal(one.inputs, other.inputs)
    np.testing.assert_array_equal(digits.images, before)
    np.testing.assert_array_equal(digits.labels, labels)
