"""The rows of scale-model, and what is said of them."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from timetravel.digits import Digits
from timetravel.engine.runs import Figures, Run
from timetravel.eras import ERAS
from timetravel.recipes import Recipe
from timetravel.studies.evidence import weigh
from timetravel.studies.gradients import gradients
from timetravel.studies.rows import Row
from timetravel.studies.scale_model import EPOCHS, ScaleModel, batched, causes, deepest, failures, finding, sizes_up_to
from timetravel.studies.setup import Setup

COUNT = 400
TEST = Digits(np.zeros((COUNT, 16, 16), np.float32), np.arange(COUNT) % 10, "made-up", "test")
SETUP = cast(Setup, SimpleNamespace(source=SimpleNamespace(train_count=60_000)))


def study(**options: Any) -> ScaleModel:
    return ScaleModel(SETUP, ERAS["2022"], **options)


def test_the_default_is_four_widths_at_two_sizes_and_two_depths_in_three_ways() -> None:
    entries = study().entries()
    assert [(e.name, e.size) for e in entries[:8]] == [
        (f"width-{width}", size) for size in (7291, 50_000) for width in ("0.5", "1", "2", "4")
    ]
    assert [e.name for e in entries[8:]] == [
        f"depth-{depth}-{way}" for depth in (4, 16) for way in ("plain", "residual", "residual-normalized")
    ]
    assert {e.size for e in entries[8:]} == {7291}
    assert len({(e.recipe, e.size) for e in entries}) == len(entries)
    assert {e.recipe.width for e in entries[8:]} == {1.0}


def test_examples_seen_are_about_equal_at_every_size() -> None:
    shown = {e.recipe.epochs * e.size for e in study().entries() if e.size is not None}
    assert max(shown) / min(shown) < 1.15


def test_rows_of_one_size_differ_in_their_shape_alone() -> None:
    shape = {"width": 1.0, "depth": 0, "residual": False, "normalization": "none"}
    few = [e.recipe.but(**shape) for e in study().entries() if e.size == 7291]
    assert len(set(few)) == 1
    assert (few[0].batch_size, few[0].optimizer, few[0].schedule, few[0].epochs) == (32, "adamw", "cosine", EPOCHS)


def test_width_1_is_always_there_and_depth_0_is_no_row_of_its_own() -> None:
    entries = study(widths=[4.0, 4.0], depths=[0], sizes=[500]).entries()
    assert [e.name for e in entries] == ["width-1", "width-4"]


def test_every_era_can_be_batched() -> None:
    for name, era in ERAS.items():
        recipe = batched(era.recipe, 7)
        assert (recipe.batch_size, recipe.epochs, recipe.dropout) == (32, 7, 0.0), name
        assert batched(recipe, 7) == recipe, name


def test_a_source_with_few_digits_has_one_size() -> None:
    assert sizes_up_to(60_000) == [7291, 50_000]
    assert sizes_up_to(20_000) == [7291, 20_000]
    assert sizes_up_to(7291) == [7291]
    assert sizes_up_to(36) == [36]


def run(norms: tuple[tuple[float, float], ...], mistakes: int = 0, seed: int = 0) -> Run:
    outputs = np.zeros((COUNT, 10), np.float32)
    wrong = np.arange(COUNT) < mistakes
    outputs[np.arange(COUNT), (TEST.labels + wrong) % 10] = 1
    figures = Figures(0.1, mistakes, COUNT)
    return Run(
        recipe=Recipe(), seed=seed, digits="x", test_digits=TEST.fingerprint, train=figures, test=figures,
        outputs=outputs, weights={}, examples_seen=1, seconds=1.0, beside=1, backend="torch-2", diverged=None, curve=(),
        gradient_norms=norms,
    )  # fmt: skip


def test_gradients_are_medians_over_seeds_at_the_start_and_over_epochs() -> None:
    found = gradients([run(((1, 2), (3, 4), (5, 4))), run(((3, 2), (9, 4), (9, 4)))])
    assert found == {
        "gradient_first_at_start": 2.0, "gradient_last_at_start": 2.0, "gradient_ratio_at_start": 1.0,
        "gradient_first_in_training": 6.0, "gradient_last_in_training": 4.0, "gradient_ratio_in_training": 1.5,
    }  # fmt: skip
    assert set(gradients([run(())]).values()) == {None}
    wild = gradients([run(((float("inf"), 0.0),))])
    assert wild["gradient_first_at_start"] is wild["gradient_ratio_at_start"] is None
    still = gradients([run(((0.0, 1.0), (0.0, 0.0), (0.0, 0.0)))])
    assert (still["gradient_ratio_at_start"], still["gradient_ratio_in_training"]) == (0, None)


def row(width: float, size: int, mistakes: int, depth: int = 0) -> Row:
    recipe = Recipe(width=width, depth=depth)
    runs = tuple(run((), mistakes, seed) for seed in range(6))
    label = f"depth {depth}, plain" if depth else f"width {width:g}"
    return Row(f"width-{width:g}", label, None, recipe, "", "made-up", ("0",), runs, size, TEST)


ROWS = [row(1, 100, 40), row(4, 100, 20), row(1, 500, 30), row(4, 500, 10)]


def test_the_causes_are_shares_of_the_mistakes_of_width_1_on_the_fewest_digits() -> None:
    evidence = weigh(ROWS, [(place, 0) for place in (1, 2, 3)])
    reductions = {place: found.removed for (place, _), found in evidence.comparisons.items()}
    found = causes(ROWS, ROWS[0], reductions)
    assert [(part["cause"], part["train_size"], part["mean"]) for part in found] == [
        ("size", 100, 50.0),
        ("data", 500, 25.0),
        ("both", 500, 75.0),
    ]
    assert [part["parameters"] for part in found] == [136930, 9760, 136930]
    assert all(part["low"] < part["mean"] < part["high"] for part in found)
    assert [part["cause"] for part in causes(ROWS[:2], ROWS[0], reductions)] == ["size"]
    assert [part["cause"] for part in causes([ROWS[0], ROWS[2]], ROWS[0], {1: reductions[2]})] == ["data"]
    words = finding(ROWS, ROWS[0], found, {"best": None})
    assert "size (14 times the parameters) removes 50 % [" in words
    assert "data (5 times the digits) removes 25 % [" in words
    assert words.endswith("(6 paired seeds.)")


def test_the_deepest_nets_are_told_by_how_they_are_built() -> None:
    rows = [row(1, 100, 40), row(1, 100, 38, 2), row(1, 100, 300, 8)]
    assert deepest(rows) == "With 8 further layers errors are 75 % plain."
    assert deepest(rows[:1]) == ""


def test_rows_that_read_no_better_than_a_guess_are_told() -> None:
    assert failures([row(1, 100, 40), row(1, 100, 360, 8)]) == "Depth 8, plain collapsed with 6 seeds."
    assert failures([row(1, 100, 359, 8)]) == ""


def test_of_one_row_nothing_is_said_but_its_mistakes() -> None:
    assert causes(ROWS[:1], ROWS[0], {}) == []
    assert "40 mistakes of 400 with 100 digits" in finding(ROWS[:1], ROWS[0], [], {"best": None})
