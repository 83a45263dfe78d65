"""Ink is found whatever the picture is like, and brought to MNIST's form; how well nets then read is what is told."""

import json
import runpy
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from drawings import drawings, half

from timetravel.digits import open_source
from timetravel.digits.ink import BOX, MIDDLE, SIDE, glyphs, largest
from timetravel.digits.prepare import to_16x16, to_signed
from timetravel.engine.plain import layers
from timetravel.published import nets

TOOL = Path(__file__).parents[2] / "docs" / "tools" / "measure_drawings.py"


@pytest.fixture(scope="module")
def seven() -> np.ndarray:
    """A dark 7 on white paper, uint8 (280, 280)."""
    return next(one.picture for one in drawings(60) if one.label == 7 and one.picture[0, 0] == 255)


def test_a_digit_is_brought_to_mnists_form(seven: np.ndarray) -> None:
    (found,) = glyphs(seven)
    ink = found.picture > 0.05
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    assert BOX <= max(np.ptp(rows), np.ptp(columns)) + 1 <= BOX + 3
    places = np.arange(SIDE) + 0.5
    for axis in (0, 1):
        along = found.picture.sum(axis=1 - axis)
        assert (along * places).sum() / along.sum() == pytest.approx(MIDDLE, abs=0.1)
    assert found.picture.max() == 1


def test_light_ink_on_dark_is_read_as_dark_on_light(seven: np.ndarray) -> None:
    np.testing.assert_allclose(glyphs(255 - seven)[0].picture, glyphs(seven)[0].picture, atol=0.02)


def test_uneven_light_changes_little(seven: np.ndarray) -> None:
    shade = np.linspace(1, 0.45, seven.shape[1])[None, :]
    assert np.abs(glyphs((seven * shade).astype(np.uint8))[0].picture - glyphs(seven)[0].picture).mean() < 0.02


@pytest.mark.parametrize("by", [1, 2, 3])
def test_larger_pictures_give_the_same_digit(seven: np.ndarray, by: int) -> None:
    np.testing.assert_allclose(
        glyphs(np.kron(seven, np.ones((by, by), np.uint8)))[0].picture, glyphs(seven)[0].picture, atol=0.2
    )


@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_empty_picture_has_no_ink(level: int) -> None:
    assert glyphs(np.full((50, 80), level, np.uint8)) == []
    assert largest(np.full((1, 1), level, np.uint8)) is None


def test_noise_alone_is_no_ink() -> None:
    paper = 200 + np.random.default_rng(0).normal(0, 2, (200, 200))
    assert glyphs(paper.astype(np.uint8)) == []


def test_digits_come_from_left_to_right_and_specks_do_not_count(seven: np.ndarray) -> None:
    line = np.hstack([seven] * 40)[100:]
    line[5:8, 5:8] = 0
    assert [found.box[1] for found in glyphs(line)] == sorted(found.box[1] for found in glyphs(line))
    assert len(glyphs(line)) == 40


def test_digits_of_mnist_are_read_as_well_as_they_are() -> None:
    pool = open_source("mnist").load("test")
    pixels, labels = pool.pixels[:2000], pool.labels[:2000]
    found = np.stack([one.picture for each in pixels if (one := largest(each))])

    def mistakes(net: nets.ShippedNet, pictures: np.ndarray) -> int:
        images = to_16x16(to_signed(pictures, (0, 1)), net.recipe.window, net.recipe.deslant)
        return int((layers(net.recipe, net.weights, images)["output"].argmax(axis=1) != labels).sum())

    for net in nets.shipped().values():
        assert mistakes(net, found) <= mistakes(net, pixels / 255) + 10  # half a percentage point


def test_the_told_figures_meet_what_drawings_are_to_be_read_with() -> None:
    told = json.loads(resources.files(nets).joinpath("drawings.json").read_text())
    drawn = told["drawn on the pad"]
    assert drawn["n"] == 500
    assert drawn["nets"]["today"]["right"] / drawn["n"] >= 0.95
    assert drawn["nets"]["today"]["refused"] / drawn["n"] <= 0.05
    assert drawn["nets"]["1989"]["right"] / drawn["n"] >= 0.88


@pytest.mark.slow
def test_the_told_figures_are_what_is_measured() -> None:
    tool = runpy.run_path(str(TOOL))
    told = json.loads(resources.files(nets).joinpath("drawings.json").read_text())
    for name, how in tool["SETS"].items():
        found = tool["measured"]([(one.label, one.picture) for one in tool["held_out"](*how)])
        for label, row in found["nets"].items():  # another processor may round one digit to the other side
            assert row["right"] == pytest.approx(told[name]["nets"][label]["right"], abs=1), (name, label)


def test_only_the_half_on_which_nothing_was_chosen_is_measured() -> None:
    chosen = runpy.run_path(str(TOOL))["held_out"]("pad", 20, None)
    expected = [one.label for number, one in enumerate(drawings(20)) if half(number) == "held out"]
    assert [one.label for one in chosen] == expected
