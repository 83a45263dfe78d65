import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timetravel.digits import mnist
from timetravel.digits.prepare import Pool, to_16x16, to_signed


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)


def by_torch(images: np.ndarray, antialias: bool = False) -> np.ndarray:
    import torch

    small = torch.nn.functional.interpolate(
        torch.tensor(images)[:, None], (16, 16), mode="bilinear", align_corners=False, antialias=antialias
    )
    return small[:, 0].numpy()


def test_mnist_is_prepared_as_in_the_essay():
    """The essay divides by 127.5, subtracts 1 and interpolates each digit with torch."""
    pool = mnist.load("test")
    rows = np.arange(0, 10_000, 17)
    expected = by_torch(pool.pixels[rows].astype(np.float32) / 127.5 - 1.0)
    assert np.abs(pool.prepared(rows) - expected).max() < 1e-6


@pytest.mark.parametrize("side", [1, 8, 15, 16, 17, 20, 28, 31, 32])
def test_up_to_32_pixels_plain_bilinear_like_torch(side):
    images = noise(20, side, side)
    assert np.abs(to_16x16(images) - by_torch(images)).max() < 1e-6


@pytest.mark.parametrize("side", [33, 48, 64, 100, 257])
def test_above_32_pixels_antialiased_like_torch(side):
    images = noise(5, side, side)
    assert np.abs(to_16x16(images) - by_torch(images, antialias=True)).max() < 1e-6


def test_a_16x16_image_is_left_as_it_is():
    images = noise(5, 16, 16)
    assert (to_16x16(images) == images).all()


@pytest.mark.parametrize(("height", "width"), [(28, 20), (20, 28), (16, 9), (50, 40)])
def test_a_non_square_image_is_padded_with_background_in_the_middle(height, width):
    images = noise(4, height, width)
    side = max(height, width)
    padded = np.full((4, side, side), -1, dtype=np.float32)
    top, left = (side - height) // 2, (side - width) // 2
    padded[:, top : top + height, left : left + width] = images
    assert (to_16x16(images) == to_16x16(padded)).all()


@settings(deadline=None, max_examples=40)
@given(side=st.integers(1, 80), level=st.floats(-1, 1, width=32))
def test_an_even_grey_stays_even(side, level):
    small = to_16x16(np.full((1, side, side), level, dtype=np.float32))
    assert np.abs(small - np.float32(level)).max() < 1e-6


@settings(deadline=None, max_examples=40)
@given(side=st.integers(1, 80))
def test_mirrored_images_give_mirrored_results_within_range(side):
    images = noise(2, side, side)
    small = to_16x16(images)
    assert np.abs(to_16x16(images[:, ::-1, ::-1]) - small[:, ::-1, ::-1]).max() < 1e-5
    assert np.abs(to_16x16(images.transpose(0, 2, 1)) - small.transpose(0, 2, 1)).max() < 1e-6
    assert np.abs(small).max() <= 1


def test_the_three_scales():
    assert to_signed(np.array([0, 255], np.uint8), "bytes").tolist() == [-1, 1]
    assert to_signed(np.array([0, 0.5, 1]), "unit").tolist() == [-1, 0, 1]
    assert to_signed(np.array([-1, 0.25]), "signed").tolist() == [-1, 0.25]
    assert to_signed(np.array([7], np.uint8), "bytes").dtype == np.float32


def test_large_images_are_prepared_in_blocks_and_in_order():
    pixels = np.random.default_rng(1).integers(0, 256, (50, 300, 300), dtype=np.uint8)
    pool = Pool(pixels, np.zeros(50, np.int64), "bytes")
    rows = np.arange(49, -1, -1)
    together = pool.prepared(rows)
    assert all((together[at : at + 1] == pool.prepared(rows[at : at + 1])).all() for at in (0, 23, 24, 49))
