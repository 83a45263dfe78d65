"""Augmentations against torchvision, which does the same image by image, and against what they promise."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from torchvision.transforms import InterpolationMode, RandomErasing
from torchvision.transforms.v2 import functional as reference

from timetravel.digits import Digits
from timetravel.engine.augment import CENTRE, Augmentation, rolled, warped
from timetravel.engine.epochs import Epochs
from timetravel.engine.torch_backend import one_thread
from timetravel.recipes import Recipe
from timetravel.seeds import generator

Pair = tuple[Digits, Digits]
LINE = np.arange(16, dtype=np.float32)
PIXELS = np.stack(np.meshgrid(LINE, LINE, indexing="ij")).reshape(2, 256)  # y and x of every pixel
ALONE: dict[str, dict[str, Any]] = {
    "nothing": {},
    "shift": {"shift": 2},
    "translation": {"translation": 1.5},
    "rotation": {"rotation": 25.0},
    "scaling": {"scaling": 0.2},
    "shear": {"shear": 20.0},
    "elastic": {"elastic": 0.7},
    "erasing": {"erasing": 0.5},
    "mixup": {"mixup": 0.4},
    "cutmix": {"cutmix": 1.0},
}
EVERYTHING = {name: value for changes in ALONE.values() for name, value in changes.items()}


@pytest.fixture(autouse=True, scope="module")
def few_threads() -> Iterator[None]:
    with one_thread():
        yield


def augmentation(seed: int = 0, **changes: Any) -> Augmentation:
    return Augmentation(Recipe(**changes), generator(seed, "augmentation"))


class Told:
    """In place of a generator: the shares between -1 and 1 that it is told, in turn."""

    def __init__(self, *shares: float | tuple[float, float]) -> None:
        self.shares = list(shares)

    def random(self, shape: tuple[int, ...], dtype: type) -> np.ndarray:
        return np.broadcast_to((np.array(self.shares.pop(0)) + 1) / 2, shape).astype(dtype)


def affine_map(
    angle: float, shear: float, scale: tuple[float, float], move: tuple[float, float] = (0, 0), count: int = 1
) -> np.ndarray:
    recipe = Recipe(rotation=180, shear=80, scaling=0.9, translation=8)
    shares = angle / 180, shear / 80, tuple((s - 1) / 0.9 for s in scale), tuple(m / 8 for m in move)
    return Augmentation(recipe, Told(*shares)).affine_maps(count)  # type: ignore[arg-type]


def coordinates(maps: np.ndarray) -> np.ndarray:
    return maps @ np.concatenate([PIXELS - CENTRE, np.ones((1, 256), np.float32)])


def batch(images: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(images.copy()).unsqueeze(1)


# What becomes of torchvision's parameters, with its images and ours both (y down, x right), centred on pixel 7.5:
# the angle is the same, clockwise; the shear is its first; the scale is 1 + ours. It moves the finished image, we move
# the place that is looked at: a translation by t there is one by -M t here, M being our map from pixel to source.
AFFINE = [
    (0.0, 0.0, 1.0, (0.0, 0.0)),
    (30.0, 0.0, 1.0, (0.0, 0.0)),
    (-75.0, 0.0, 0.8, (0.0, 0.0)),
    (0.0, 15.0, 1.0, (0.0, 0.0)),
    (0.0, -40.0, 1.3, (1.0, -2.0)),
    (0.0, 0.0, 1.0, (-2.5, 0.7)),
    (20.0, 12.0, 1.15, (0.6, -1.4)),
    (-170.0, 35.0, 0.6, (3.1, 2.2)),
]


@pytest.mark.parametrize(("angle", "shear", "scale", "move"), AFFINE)
def test_affine_maps_are_torchvision_s(
    few_mnist: Pair, angle: float, shear: float, scale: float, move: tuple[float, float]
) -> None:
    images = few_mnist[0].images[:20]
    maps = affine_map(angle, shear, (scale, scale), move, len(images))
    at = coordinates(maps)
    down, right = -np.linalg.solve(maps[0, :, :2].astype(np.float64), np.array(move))
    given = {"angle": angle, "translate": [right, down], "scale": scale, "shear": [shear, 0.0]}
    given["interpolation"] = InterpolationMode.BILINEAR
    found = warped(images, at)

    # torchvision blends with a fill twice at the very edge, and not at all with black: so raise the background to 0.
    raised = reference.affine(batch(images + 1), **given)[:, 0].numpy() - 1
    np.testing.assert_allclose(found, raised, atol=3e-5)
    filled = reference.affine(batch(images), fill=[-1.0], **given)[:, 0].numpy()
    inside = ((at >= 0) & (at <= 15)).all(axis=1).reshape(-1, 16, 16)
    assert inside.mean() > 0.3
    np.testing.assert_allclose(found[inside], filled[inside], atol=3e-5)


def test_the_two_scalings_stretch_height_and_width_before_anything_is_turned() -> None:
    plain, stretched = affine_map(30, 10, (1, 1))[0], affine_map(30, 10, (1.25, 0.8))[0]
    np.testing.assert_allclose(stretched[:, :2], plain[:, :2] / [[1.25], [0.8]], atol=1e-6)


def test_displacements_are_torchvision_s(few_mnist: Pair) -> None:
    images = few_mnist[0].images[:20]
    at = augmentation(elastic=1.2).coordinates(len(images))
    found = warped(images, at)
    # torchvision: x before y, and the image is 2 wide.
    displacement = torch.from_numpy((at - PIXELS)[:, ::-1].reshape(-1, 2, 16, 16) * 2 / 16).movedim(1, 3)
    inside = ((at >= 0) & (at <= 15)).all(axis=1).reshape(-1, 16, 16)
    for image, field, ours, within in zip(images, displacement, found, inside, strict=True):
        one, raised = torch.from_numpy(image.copy())[None], torch.from_numpy(image + 1)[None]
        theirs = reference.elastic(raised, field[None], InterpolationMode.BILINEAR, fill=None)[0].numpy() - 1
        np.testing.assert_allclose(ours, theirs, atol=3e-5)
        theirs = reference.elastic(one, field[None], InterpolationMode.BILINEAR, fill=[-1.0])[0].numpy()
        np.testing.assert_allclose(ours[within], theirs[within], atol=3e-5)


def test_a_warp_that_moves_nothing_is_none(few_mnist: Pair) -> None:
    images = few_mnist[0].images
    nothing = np.broadcast_to(PIXELS, (len(images), 2, 256)).astype(np.float32)
    np.testing.assert_allclose(warped(images, nothing), images, atol=5e-6)
    np.testing.assert_allclose(coordinates(affine_map(0, 0, (1, 1))), nothing[:1], atol=1e-5)
    np.testing.assert_allclose(augmentation(elastic=1e-9).coordinates(3), nothing[:3], atol=1e-5)


def test_background_lies_outside() -> None:
    white = np.ones((3, 16, 16), np.float32)
    far = np.stack([np.full((2, 256), -5), np.full((2, 256), 20), np.full((2, 256), -0.5)]).astype(np.float32)
    found = warped(white, far)
    np.testing.assert_allclose(found[:2], -1)
    np.testing.assert_allclose(found[2], 2 * 0.25 - 1, atol=1e-5)  # a quarter of the first pixel


@pytest.mark.parametrize("nodes", [2, 5, 9])
def test_every_pixel_is_displaced_by_the_deviation_asked_for_and_with_its_neighbours(nodes: int) -> None:
    draws = 4000
    moved = augmentation(elastic=0.8, elastic_nodes=nodes).coordinates(draws) - PIXELS
    np.testing.assert_allclose(np.sqrt((moved**2).mean(axis=(0, 1))), 0.8, rtol=0.05)
    assert np.abs(moved.mean(axis=0)).max() < 5 * 0.8 / np.sqrt(draws)
    assert abs((moved[:, 0] * moved[:, 1]).mean()) < 0.02
    fields = moved.reshape(draws, 2, 16, 16)
    for axis in (2, 3):
        steps = np.diff(fields, axis=axis)
        assert steps.std() < 0.8 * nodes / 15  # a node's distance for a displacement to become another
        assert np.diff(steps, axis=axis).std() < steps.std()


@pytest.mark.parametrize(
    ("reach", "values"),
    [
        ({"rotation": 20.0}, lambda m: np.rad2deg(np.arctan2(-m[:, 0, 1], m[:, 0, 0]))),
        ({"shear": 20.0}, lambda m: np.rad2deg(np.arctan(m[:, 1, 0]))),
        ({"scaling": 0.2}, lambda m: 1 / m[:, 0, 0] - 1),
        ({"scaling": 0.2}, lambda m: 1 / m[:, 1, 1] - 1),
        ({"translation": 2.0}, lambda m: m[:, 0, 2] - CENTRE),
        ({"translation": 2.0}, lambda m: m[:, 1, 2] - CENTRE),
    ],
)
def test_affine_draws_are_uniform_and_undisturbed_by_one_another(reach: dict[str, float], values: Any) -> None:
    ((name, most),) = reach.items()
    found = values(augmentation(**reach).affine_maps(3000))
    assert stats.kstest(found, stats.uniform(-most, 2 * most).cdf).pvalue > 1e-3
    if name != "shear":  # which no longer stands alone in the map then
        others = {"rotation": 0.0, "shear": 10.0, "scaling": 0.0, "translation": 1.0} | reach
        np.testing.assert_allclose(values(augmentation(**others).affine_maps(3000)), found, atol=1e-4)


def sides(covered: np.ndarray) -> np.ndarray:
    """The height and width of the one rectangle in each image, (n, 2)."""
    rows, columns = covered.any(axis=2), covered.any(axis=1)
    assert (covered == rows[:, :, None] & columns[:, None, :]).all()
    for line in (rows, columns):
        assert (np.abs(np.diff(np.pad(line, ((0, 0), (1, 1))).astype(int))).sum(axis=1) == 2).all()
    return np.stack([rows.sum(axis=1), columns.sum(axis=1)], axis=1)


def test_erased_rectangles_are_those_of_random_erasing() -> None:
    white = np.ones((4000, 16, 16), np.float32)
    gone = augmentation(erasing=0.3).erased(white) == -1
    hit = gone.any(axis=(1, 2))
    assert hit.mean() == pytest.approx(0.3, abs=0.03)
    found = sides(gone[hit])
    high, wide = found.T
    assert ((high + 0.5) * (wide + 0.5) >= 0.02 * 256).all()
    assert ((high - 0.5) * (wide - 0.5) <= 0.33 * 256).all()
    assert ((high + 0.5) / (wide - 0.5) >= 0.3).all()
    assert ((high - 0.5) / (wide + 0.5) <= 3.3).all()
    assert gone.any(axis=0).all()  # edges and corners too

    with torch.random.fork_rng():
        torch.manual_seed(0)
        drawn = [
            RandomErasing.get_params(torch.zeros(1, 16, 16), scale=(0.02, 0.33), ratio=(0.3, 3.3), value=[0.0])
            for _ in range(len(found))
        ]
    theirs = np.array([(height, width) for _, _, height, width, _ in drawn])
    np.testing.assert_allclose(found.mean(axis=0), theirs.mean(axis=0), rtol=0.04)
    np.testing.assert_allclose(found.prod(axis=1).mean(), theirs.prod(axis=1).mean(), rtol=0.05)


def test_more_erasing_erases_the_same_rectangles_and_more_of_them() -> None:
    white = np.ones((500, 16, 16), np.float32)
    some, more = (augmentation(erasing=share).erased(white) == -1 for share in (0.2, 0.6))
    hit = some.any(axis=(1, 2))
    assert 0 < hit.sum() < more.any(axis=(1, 2)).sum()
    np.testing.assert_array_equal(some[hit], more[hit])


def test_mixup_mixes_targets_as_it_mixes_images(few_mnist: Pair) -> None:
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


def test_cutmix_mixes_targets_by_the_pixels_that_it_pastes() -> None:
    count = 300
    grey = np.linspace(-1, 1, count, dtype=np.float32)
    images = np.broadcast_to(grey[:, None, None], (count, 16, 16))
    pasted, targets = augmentation(cutmix=1.0).pasted(images, np.eye(count, dtype=np.float32))
    np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-6)
    for image, target in zip(pasted, targets, strict=True):
        for other in np.flatnonzero(target):
            assert (image == grey[other]).sum() == round(256 * target[other])
    part = (pasted != images).any(axis=(1, 2))
    high, wide = sides((pasted != images)[part]).T
    assert (high == wide).all()
    kept = np.diag(targets)
    assert kept.mean() == pytest.approx(0.5, abs=0.05)  # a Beta distribution of 1 is uniform


def test_a_single_image_is_mixed_with_itself(few_mnist: Pair) -> None:
    images, targets = few_mnist[0].images[:1], np.eye(10, dtype=np.float32)[:1]
    found, still = augmentation(mixup=0.4, cutmix=1.0)(images, targets)
    np.testing.assert_allclose(found, images, atol=1e-6)
    np.testing.assert_allclose(still, targets, atol=1e-6)


@pytest.mark.parametrize("reach", [0, 1, 3])
def test_rolled_is_a_roll_the_other_way(few_mnist: Pair, reach: int) -> None:
    images = few_mnist[0].images[:60]
    offsets = np.random.default_rng(0).integers(-reach, reach + 1, size=(len(images), 2))
    for image, found, (y, x) in zip(images, rolled(images, offsets), offsets, strict=True):
        np.testing.assert_array_equal(found, np.roll(image, (-y, -x), (0, 1)))


@pytest.mark.parametrize("changes", [*ALONE.values(), EVERYTHING], ids=[*ALONE, "everything"])
@pytest.mark.parametrize("order", ["constant", "shuffled"])
def test_a_pass_depends_on_its_seed_alone_and_leaves_the_digits_as_they_are(
    few_mnist: Pair, changes: dict[str, Any], order: str
) -> None:
    digits = few_mnist[0]
    before, labels = digits.images.copy(), digits.labels.copy()
    recipe = Recipe(loss="cross-entropy", output="linear", order=order, **changes)  # type: ignore[arg-type]
    runs = [Epochs(recipe, digits, seed) for seed in (3, 3, 4)]
    for number in range(2):
        (one,), (again,), (other,) = (list(run.blocks(number)) for run in runs)
        for array in (one.inputs, one.targets):
            assert array.dtype == np.float32
            assert array.flags.c_contiguous
        assert one.inputs.shape == (len(digits), 16, 16)
        assert one.targets.shape == (len(digits), 10)
        assert np.abs(one.inputs).max() <= 1 + 1e-6
        np.testing.assert_allclose(one.targets.sum(axis=1), 1, atol=1e-6)
        np.testing.assert_array_equal(one.inputs, again.inputs)
        np.testing.assert_array_equal(one.targets, again.targets)
        if changes:
            assert not np.array_equal(one.inputs, other.inputs)
    np.testing.assert_array_equal(digits.images, before)
    np.testing.assert_array_equal(digits.labels, labels)


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(0, 5),
    shift=st.integers(0, 8),
    translation=st.floats(0, 8),
    rotation=st.floats(0, 180),
    scaling=st.floats(0, 0.9),
    shear=st.floats(0, 80),
    elastic=st.floats(0, 8),
    elastic_nodes=st.integers(2, 16),
    erasing=st.floats(0, 1),
    mixup=st.one_of(st.just(0.0), st.floats(1e-3, 1000)),
    cutmix=st.one_of(st.just(0.0), st.floats(1e-3, 1000)),
)
def test_whatever_is_asked_for_an_image_comes_out(count: int, **changes: Any) -> None:
    images = np.random.default_rng(count).uniform(-1, 1, (count, 16, 16)).astype(np.float32)
    found, targets = augmentation(**changes)(images, np.eye(10, dtype=np.float32)[:count])
    assert found.shape == images.shape
    assert found.dtype == targets.dtype == np.float32
    assert (np.abs(found) <= 1 + 1e-6).all()
    np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-6)
