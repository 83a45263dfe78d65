"""A pass is prepared from seeded draws, the same for every backend."""

import numpy as np
import pytest

from timetravel.digits import Digits
from timetravel.engine import passes
from timetravel.engine.passes import Passes
from timetravel.recipes import Recipe


def everything(recipe: Recipe, digits: Digits, seed: int, number: int = 0) -> dict[str, np.ndarray]:
    prepared = Passes(recipe, digits, seed)
    for earlier in range(number):
        list(prepared.blocks(earlier))
    blocks = list(prepared.blocks(number))
    names = ["inputs", "targets", "learning_rates"] + (["mask"] if recipe.dropout else [])
    return {name: np.concatenate([getattr(block, name) for block in blocks]) for name in names}


def test_a_constant_order_presents_the_digits_as_they_are(few_mnist: tuple[Digits, Digits]) -> None:
    digits, _ = few_mnist
    found = everything(Recipe(), digits, 0, number=2)
    np.testing.assert_array_equal(found["inputs"], digits.images)
    np.testing.assert_array_equal(found["targets"].argmax(axis=1), digits.labels)
    assert set(np.unique(found["targets"])) == {-1.0, 1.0}
    assert (found["learning_rates"] == np.float32(0.03)).all()


def test_cross_entropy_gets_probabilities(few_mnist: tuple[Digits, Digits]) -> None:
    digits, _ = few_mnist
    targets = everything(Recipe(loss="cross-entropy", output="linear"), digits, 0)["targets"]
    assert (targets.sum(axis=1) == 1).all()
    assert set(np.unique(targets)) == {0.0, 1.0}


def test_shifts_roll_each_image_by_at_most_a_pixel(few_mnist: tuple[Digits, Digits]) -> None:
    digits, _ = few_mnist
    inputs = everything(Recipe(shift=1), digits, 0)["inputs"]
    rolls = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    seen = set()
    for image, shifted in zip(digits.images, inputs, strict=True):
        matches = [roll for roll in rolls if np.array_equal(np.roll(image, roll, (0, 1)), shifted)]
        assert matches
        seen.update(matches[:1])
    assert seen == set(rolls)


def test_dropout_silences_its_share_and_scales_the_rest(few_mnist: tuple[Digits, Digits]) -> None:
    digits, _ = few_mnist
    mask = everything(Recipe(dropout=0.25), digits, 0)["mask"]
    assert mask.shape == (len(digits), 192)
    assert set(np.unique(mask)) == {0.0, np.float32(1 / 0.75)}
    assert (mask == 0).mean() == pytest.approx(0.25, abs=0.01)


def test_draws_depend_on_seed_and_pass_and_on_nothing_else(
    few_mnist: tuple[Digits, Digits], monkeypatch: pytest.MonkeyPatch
) -> None:
    digits, _ = few_mnist
    recipe = Recipe(shift=1, dropout=0.25, order="shuffled")
    first, again = everything(recipe, digits, 3, number=1), everything(recipe, digits, 3, number=1)
    other_seed, other_pass = everything(recipe, digits, 4, number=1), everything(recipe, digits, 3, number=2)
    monkeypatch.setattr(passes, "BLOCK", 64)
    small_blocks = everything(recipe, digits, 3, number=1)
    for name in ("inputs", "mask"):
        np.testing.assert_array_equal(first[name], again[name])
        np.testing.assert_array_equal(first[name], small_blocks[name])
        assert not np.array_equal(first[name], other_seed[name])
        assert not np.array_equal(first[name], other_pass[name])


def test_one_purpose_does_not_disturb_another(few_mnist: tuple[Digits, Digits]) -> None:
    digits, _ = few_mnist
    with_dropout = everything(Recipe(shift=1, dropout=0.5), digits, 0)
    np.testing.assert_array_equal(with_dropout["inputs"], everything(Recipe(shift=1), digits, 0)["inputs"])


def test_blocks_hold_whole_batches_and_count_the_updates(few_mnist: tuple[Digits, Digits]) -> None:
    digits, _ = few_mnist
    prepared = Passes(Recipe(batch_size=7), digits.take(np.arange(50)), 0)
    (block,) = prepared.blocks(0)
    assert len(block.learning_rates) == 8
    (block,) = prepared.blocks(1)
    assert block.step == 8
