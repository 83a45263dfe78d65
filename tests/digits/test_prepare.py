"""Any stored image to 16x16, by torch's own functions; the middle of it, and digits set upright."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from timetravel.digits import Digits, open_source
from timetravel.digits.prepare import Pool, slants, to_16x16, to_signed
from timetravel.digits.sources import mnist


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)


def by_torch(images, antialias=False) -> np.ndarray:
    given = {"mode": "bilinear", "align_corners": False, "antialias": antialias}
    return F.interpolate(torch.tensor(images)[:, None], (16, 16), **given)[:, 0].numpy()


def test_mnist_is_prepared_as_in_the_essay():
    """The essay divides by 127.5, subtracts 1 and interpolates each digit with torch."""
    pool = mnist.load("test", mnist.PACKED)
    rows = np.arange(0, 10_000, 17)
    expected = by_torch(pool.pixels[rows].astype(np.float32) / 127.5 - 1.0)
    assert np.abs(pool.prepared(rows) - expected).max() < 1e-6


def test_up_to_32_pixels_plain_bilinear_and_above_antialiased_like_torch_with_background_around_the_middle():
    for side in (1, 8, 15, 16, 17, 20, 28, 31, 32, 33, 48, 64, 100, 257):
        images = noise(5, side, side)
        assert np.abs(to_16x16(images) - by_torch(images, antialias=side > 32)).max() < 1e-6, side
    images = noise(5, 16, 16)
    assert (to_16x16(images) == images).all()
    for height, width in ((28, 20), (20, 28), (16, 9), (50, 40)):
        images, side = noise(4, height, width), max(height, width)
        up, left = (side - height) // 2, (side - width) // 2
        around = ((0, 0), (up, side - height - up), (left, side - width - left))
        assert (to_16x16(images) == to_16x16(np.pad(images, around, constant_values=-1))).all()


def test_stored_levels_become_signed_ones_in_blocks_and_in_order():
    assert to_signed(np.array([0, 255], np.uint8), (0, 255)).tolist() == [-1, 1]
    assert to_signed(np.array([0, 0.5, 1]), (0, 1)).tolist() == [-1, 0, 1]
    assert to_signed(np.array([-1, 0.25]), (-1, 1)).tolist() == [-1, 0.25]
    pixels = np.random.default_rng(1).integers(0, 256, (50, 300, 300), dtype=np.uint8)
    assert to_signed(np.array([0, 4, 16]), (0, 16)).tolist() == [-1, -0.5, 1]
    assert to_signed(np.array([-1e-9, 1.0000001]), (0, 1)).tolist() == [-1, 1]  # what resizing leaves beyond is cut
    pool, rows = Pool(pixels, np.zeros(50, np.int64), (0, 255)), np.arange(49, -1, -1)
    together = pool.prepared(rows)
    assert together.dtype == np.float32
    assert all((together[at : at + 1] == pool.prepared(rows[at : at + 1])).all() for at in (0, 23, 24, 49))


def slanted(slope: float, side: int = 28, size: int = 1) -> np.ndarray:
    """A bar about the middle, `slope` pixels to the right a row, in [-1, 1]: (1, side, side)."""
    rows, columns = np.mgrid[0:side, 0:side] - (side - 1) / 2
    ink = (np.abs(columns - slope * rows) <= 1.5 * size) & (np.abs(rows) <= side / 3)
    return (2.0 * ink - 1).astype(np.float32)[None]


def test_the_slant_is_the_regression_of_the_column_on_the_row_and_a_slanted_bar_stands_upright():
    for slope in (-0.5, 0.0, 0.3):
        rows, columns = np.nonzero(slanted(slope)[0] > 0)
        assert slants(slanted(slope))[0] == pytest.approx(np.polyfit(rows, columns, 1)[0], abs=1e-5)
    leaning, upright = to_16x16(slanted(0.4), 1.0, 1.0), to_16x16(slanted(0.0), 1.0, 1.0)
    assert abs(slants(leaning)[0]) < 0.05
    assert np.abs(leaning - upright).mean() < 0.08
    assert upright == pytest.approx(to_16x16(slanted(0.0)), abs=1e-6)
    half = to_16x16(slanted(0.4), 1.0, 0.5)
    assert slants(half)[0] == pytest.approx(slants(to_16x16(slanted(0.4)))[0] / 2, abs=0.05)
    assert to_16x16(np.full((2, 28, 28), -1, np.float32), 0.8, 1.0) == pytest.approx(-1)
    large = to_16x16(slanted(0.4, side=112, size=4), 1.0, 1.0)
    assert np.abs(large - leaning).mean() < 0.1


def test_frames_are_what_torchs_grid_sample_gives_made_once_and_can_be_taken_back():
    digits = open_source("mnist").training_digits("0", 50)
    pixels = digits.stored.pixels[digits.rows].astype(np.float32) / 127.5 - 1
    for window, deslant in ((0.6, 0.0), (0.7857, 1.0), (1.0, 1.0), (0.6, 1.0), (1.0, 0.0)):
        steps = ((torch.arange(16) + 0.5) / 16 - 0.5) * 28 * window
        y = steps[None, :, None].expand(50, 16, 16)
        x = steps[None, None, :] + (torch.from_numpy(slants(pixels)) * deslant)[:, None, None] * y
        ink = torch.from_numpy(pixels + 1)[:, None]  # zeros outside are background
        expected = F.grid_sample(ink, torch.stack([x, y], -1) / 14, align_corners=False)[:, 0].numpy() - 1
        assert digits.framed(window, deslant).images == pytest.approx(expected, abs=2e-5)
    framed = digits.framed(0.7857, 1.0)
    assert framed is digits.framed(0.7857, 1.0)
    assert framed.fingerprint != digits.fingerprint
    assert (framed.labels == digits.labels).all()
    assert framed.framed().fingerprint == digits.fingerprint
    assert framed.take(range(9)).fingerprint == digits.take(range(9)).framed(0.7857, 1.0).fingerprint
    assert digits.framed() is digits
    bare = Digits(digits.images, digits.labels, "own", "train")  # stored as 16x16
    assert not bare.can_be_framed
    assert bare.framed(0.8, 1.0) is bare
