"""An epoch is prepared from seeded draws, the same for every backend."""

import numpy as np
import pytest

from timetravel.engine import epochs
from timetravel.engine.epochs import Epochs, learning_rates
from timetravel.recipes import Recipe


@pytest.fixture
def digits(few_mnist):
    return few_mnist[0]


def everything(recipe, digits, seed=0, number=0) -> dict[str, np.ndarray]:
    """All that an epoch presents, by name."""
    prepared = Epochs(recipe, digits, seed)
    blocks = [list(prepared.blocks(earlier)) for earlier in range(number + 1)][-1]
    names = ["inputs", "targets", "learning_rates"] + (["mask"] if recipe.dropout else [])
    return {name: np.concatenate([getattr(block, name) for block in blocks]) for name in names}


def test_digits_come_as_they_are_with_the_targets_of_the_loss_and_smoothing_shares_out_a_part_of_them(digits):
    found = everything(Recipe(), digits, number=2)
    np.testing.assert_array_equal(found["inputs"], digits.images)
    assert (found["learning_rates"] == np.float32(0.03)).all()
    right = np.arange(10) == digits.labels[:, None]
    softmax = Recipe(loss="cross-entropy", output="linear")
    for recipe, high, low in (
        (Recipe(), 1, -1),
        (Recipe(target_high=0.8, target_low=-0.5), 0.8, -0.5),
        (softmax, 1, 0),
        (softmax.but(label_smoothing=0.2), 0.8 + 0.02, 0.02),
        (Recipe(label_smoothing=0.1), 0.9 - 0.08, -0.9 - 0.08),
    ):
        np.testing.assert_allclose(everything(recipe, digits)["targets"], np.where(right, high, low), rtol=1e-6)


def test_shifts_roll_each_image_by_at_most_so_many_pixels(digits):
    rolls, seen = [(y, x) for y in (-2, -1, 0, 1, 2) for x in (-2, -1, 0, 1, 2)], set()
    for image, shifted in zip(digits.images, everything(Recipe(shift=2), digits)["inputs"], strict=True):
        (found,) = (roll for roll in rolls if np.array_equal(np.roll(image, roll, (0, 1)), shifted))
        seen.add(found)
    assert seen == set(rolls)


def test_dropout_silences_its_share_scales_the_rest_and_disturbs_nothing_else(digits):
    found = everything(Recipe(shift=1, dropout=0.25), digits)
    assert found["mask"].shape == (len(digits), 192)
    assert set(np.unique(found["mask"])) == {0.0, np.float32(1 / 0.75)}
    assert (found["mask"] == 0).mean() == pytest.approx(0.25, abs=0.01)
    np.testing.assert_array_equal(found["inputs"], everything(Recipe(shift=1), digits)["inputs"])


def test_draws_depend_on_seed_and_epoch_and_on_nothing_else(digits, monkeypatch):
    recipe = Recipe(shift=1, dropout=0.25, order="shuffled")
    first, again, other_seed, other_epoch = (
        everything(recipe, digits, seed, number) for seed, number in ((3, 1), (3, 1), (4, 1), (3, 2))
    )
    monkeypatch.setattr(epochs, "BLOCK", 64)
    small_blocks = everything(recipe, digits, 3, number=1)
    for name in ("inputs", "mask"):
        for same in (again, small_blocks):
            np.testing.assert_array_equal(first[name], same[name])
        for other in (other_seed, other_epoch):
            assert not np.array_equal(first[name], other[name])


def test_blocks_hold_whole_batches_and_count_updates_and_rates_go_on_from_one_to_the_next(digits, monkeypatch):
    monkeypatch.setattr(epochs, "BLOCK", 64)
    for batch_size, schedule in ((1, "linear"), (7, "cosine"), (64, "one-cycle"), (100, "linear"), (2000, "cosine")):
        recipe = Recipe(batch_size=batch_size, schedule=schedule, epochs=3, warm_up=0.3)
        prepared, updates, rates = Epochs(recipe, digits, 0), -(-len(digits) // batch_size), []
        for number in range(3):
            blocks = list(prepared.blocks(number))
            assert sum(map(len, blocks)) == len(digits)
            assert all(len(block) % batch_size == 0 for block in blocks[:-1])
            assert all(len(block.learning_rates) == -(-len(block) // batch_size) for block in blocks)
            steps = np.cumsum([0, *(len(block.learning_rates) for block in blocks)])
            assert steps[-1] == updates
            assert [block.step for block in blocks] == [number * updates + step for step in steps[:-1]]
            rates += [block.learning_rates for block in blocks]
        np.testing.assert_array_equal(np.concatenate(rates), learning_rates(recipe, np.arange(3 * updates), updates))


def averages(digits, **changes) -> np.ndarray:
    """How far the averaged net moves after each block of a run."""
    recipe = Recipe(**changes)
    prepared = Epochs(recipe, digits, 0)
    return np.array([block.average for number in range(recipe.epochs) for block in prepared.blocks(number)])


def follow(shares: np.ndarray, nets: np.ndarray) -> np.ndarray:
    """The averaged nets after each block, for nets that are one number each."""
    averaged, found = np.nan, []  # what it began as may not count
    for share, net in zip(shares, nets, strict=True):
        averaged = net if share == 1 else averaged + share * (net - averaged)
        found.append(averaged)
    return np.array(found)


def test_a_tail_is_the_plain_mean_over_the_last_epochs_and_none_is_no_mean(digits, monkeypatch):
    assert averages(digits, epochs=2, averaging_epochs=1).tolist() == [1.0, 1.0]
    monkeypatch.setattr(epochs, "BLOCK", 128)  # 300 digits: blocks of 128, 128 and 44
    nets = np.random.default_rng(0).normal(size=15)
    for last in (1, 2, 3, 5, 9):
        found = follow(averages(digits, averaging="tail", averaging_epochs=last, epochs=5), nets)
        begin = max(15 - 3 * last, 0)
        means = [nets[begin : done + 1].mean() for done in range(begin, 15)]
        np.testing.assert_allclose(found, [*nets[:begin], *means], rtol=1e-9)
    monkeypatch.setattr(epochs, "BLOCK", 100)  # it may begin within an epoch
    assert averages(digits, averaging="tail", averaging_epochs=0.5, epochs=2).tolist() == [1, 1, 1, 1, 1, 0.5]


def test_an_exponential_mean_begins_as_a_plain_one_and_then_forgets(digits, monkeypatch):
    monkeypatch.setattr(epochs, "BLOCK", 100)
    shares = averages(digits, averaging="exponential", averaging_epochs=2, epochs=8)
    settled = 1 - np.exp(-1 / 3 / 2)  # a third of an epoch a block
    np.testing.assert_allclose(shares, np.maximum(1 / np.arange(1, 25), settled))
    nets = np.random.default_rng(0).normal(size=24)
    np.testing.assert_allclose(follow(shares, nets)[:6], [nets[:done].mean() for done in range(1, 7)])
    monkeypatch.setattr(epochs, "BLOCK", 200)  # less after a short block
    last = averages(digits, averaging="exponential", averaging_epochs=1, epochs=9)[-2:]
    np.testing.assert_allclose(last, [1 - np.exp(-2 / 3), 1 - np.exp(-1 / 3)])
