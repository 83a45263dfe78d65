"""Other ways to bring a stored image to 16x16: the middle of it, and digits set upright."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from timetravel.digits import Digits, open_source
from timetravel.digits.prepare import slants, to_16x16
from timetravel.engine.runs import Job
from timetravel.eras import ERAS


def slanted(slope: float, side: int = 28, size: int = 1) -> np.ndarray:
    """A bar about the middle, `slope` pixels to the right a row, in [-1, 1]: (1, side, side)."""
    rows, columns = np.mgrid[0:side, 0:side] - (side - 1) / 2
    ink = (np.abs(columns - slope * rows) <= 1.5 * size) & (np.abs(rows) <= side / 3)
    return (2.0 * ink - 1).astype(np.float32)[None]


@pytest.mark.parametrize("slope", [-0.5, 0.0, 0.3])
def test_the_slant_is_the_regression_of_the_column_on_the_row(slope: float) -> None:
    images = slanted(slope)
    rows, columns = np.nonzero(images[0] > 0)
    assert slants(images)[0] == pytest.approx(np.polyfit(rows, columns, 1)[0], abs=1e-5)


def test_a_slanted_bar_stands_upright_and_an_upright_one_stays() -> None:
    leaning, upright = to_16x16(slanted(0.4), 1.0, 1.0), to_16x16(slanted(0.0), 1.0, 1.0)
    assert abs(slants(leaning)[0]) < 0.05
    assert np.abs(leaning - upright).mean() < 0.08
    assert upright == pytest.approx(to_16x16(slanted(0.0)), abs=1e-6)
    half = to_16x16(slanted(0.4), 1.0, 0.5)
    assert slants(half)[0] == pytest.approx(slants(to_16x16(slanted(0.4)))[0] / 2, abs=0.05)


@pytest.mark.parametrize("window", [0.6, 0.7857, 1.0])
@pytest.mark.parametrize("deslant", [0.0, 1.0])
def test_frames_are_what_torchs_grid_sample_gives(window: float, deslant: float) -> None:
    digits = open_source("mnist").training_digits("0", 50)
    assert digits.stored is not None
    assert digits.rows is not None
    pixels = digits.stored.pixels[digits.rows].astype(np.float32) / 127.5 - 1  # type: ignore[attr-defined]
    steps = ((torch.arange(16) + 0.5) / 16 - 0.5) * 28 * window
    slopes = torch.from_numpy(slants(pixels)) * deslant
    y = steps[None, :, None].expand(50, 16, 16)
    x = steps[None, None, :] + slopes[:, None, None] * y
    ink = torch.from_numpy(pixels + 1)[:, None]  # zeros outside are background
    expected = F.grid_sample(ink, torch.stack([x, y], -1) / 14, align_corners=False)[:, 0].numpy() - 1
    assert digits.framed(window, deslant).images == pytest.approx(expected, abs=2e-5)


def test_no_ink_and_large_images_are_no_trouble() -> None:
    assert to_16x16(np.full((2, 28, 28), -1, np.float32), 0.8, 1.0) == pytest.approx(-1)
    large = to_16x16(slanted(0.4, side=112, size=4), 1.0, 1.0)
    assert np.abs(large - to_16x16(slanted(0.4), 1.0, 1.0)).mean() < 0.1


def test_framed_digits_are_made_once_are_others_and_can_be_taken_back() -> None:
    digits = open_source("mnist").training_digits("0", 30)
    framed = digits.framed(0.7857, 1.0)
    assert framed is digits.framed(0.7857, 1.0)
    assert framed.fingerprint != digits.fingerprint
    assert (framed.labels == digits.labels).all()
    assert framed.framed().fingerprint == digits.fingerprint
    assert framed.take(range(9)).fingerprint == digits.take(range(9)).framed(0.7857, 1.0).fingerprint
    assert digits.framed() is digits


def test_digits_stored_as_16x16_stay_as_they_are() -> None:
    digits = open_source("mnist").training_digits("0", 5)
    bare = Digits(digits.images, digits.labels, "own", "train")
    assert not bare.can_be_framed
    assert bare.framed(0.8, 1.0) is bare


def test_a_job_has_its_digits_as_its_recipe_wants_them() -> None:
    source = open_source("mnist")
    training, test = source.training_digits("0", 20), source.test_digits("0", 20)
    job = Job(ERAS["today"].recipe, training, test, 0)
    recipe = job.recipe
    assert (recipe.window, recipe.deslant) == (0.7857, 1.0)
    assert job.digits.frame == job.test.frame == (0.7857, 1.0)
    assert Job(ERAS["2022"].recipe, job.digits, job.test, 0).digits.fingerprint == training.fingerprint
