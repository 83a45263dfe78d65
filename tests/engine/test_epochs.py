"""An epoch is prepared from seeded draws, the same for every backend."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from timetravel.digits import Digits
from timetravel.engine import epochs, native_backend
from timetravel.engine import train as train_module
from timetravel.engine.epochs import Block, Epochs, learning_rates
from timetravel.engine.train import Choice, train
from timetravel.recipes import Recipe


def everything(recipe: Recipe, digits: Digits, seed: int, number: int = 0) -> dict[str, np.ndarray]:
    prepared = Epochs(recipe, digits, seed)
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


def test_subsets_depend_on_seed_and_epoch_and_on_nothing_else(
    few_mnist: tuple[Digits, Digits], monkeypatch: pytest.MonkeyPatch
) -> None:
    digits, _ = few_mnist
    recipe = Recipe(shift=1, dropout=0.25, order="shuffled")
    first, again = everything(recipe, digits, 3, number=1), everything(recipe, digits, 3, number=1)
    other_seed, other_epoch = everything(recipe, digits, 4, number=1), everything(recipe, digits, 3, number=2)
    monkeypatch.setattr(epochs, "BLOCK", 64)
    small_blocks = everything(recipe, digits, 3, number=1)
    for name in ("inputs", "mask"):
        np.testing.assert_array_equal(first[name], again[name])
        np.testing.assert_array_equal(first[name], small_blocks[name])
        assert not np.array_equal(first[name], other_seed[name])
        assert not np.array_equal(first[name], other_epoch[name])


def test_one_purpose_does_not_disturb_another(few_mnist: tuple[Digits, Digits]) -> None:
    digits, _ = few_mnist
    with_dropout = everything(Recipe(shift=1, dropout=0.5), digits, 0)
    np.testing.assert_array_equal(with_dropout["inputs"], everything(Recipe(shift=1), digits, 0)["inputs"])


@pytest.mark.parametrize("batch_size", [1, 7, 64, 100, 2000])
def test_blocks_hold_whole_batches_and_count_the_updates(
    few_mnist: tuple[Digits, Digits], monkeypatch: pytest.MonkeyPatch, batch_size: int
) -> None:
    digits, _ = few_mnist
    monkeypatch.setattr(epochs, "BLOCK", 64)
    prepared = Epochs(Recipe(batch_size=batch_size), digits, 0)
    updates = -(-len(digits) // batch_size)
    for number in range(2):
        blocks = list(prepared.blocks(number))
        assert sum(map(len, blocks)) == len(digits)
        assert all(len(block) % batch_size == 0 for block in blocks[:-1])
        assert all(len(block.learning_rates) == -(-len(block) // batch_size) for block in blocks)
        steps = np.cumsum([0, *(len(block.learning_rates) for block in blocks)])
        assert steps[-1] == updates
        assert [block.step for block in blocks] == [number * updates + step for step in steps[:-1]]


@pytest.mark.parametrize("schedule", ["linear", "cosine", "one-cycle"])
@pytest.mark.parametrize("batch_size", [1, 7])
def test_rates_go_on_from_block_to_block_and_epoch_to_epoch(
    few_mnist: tuple[Digits, Digits], monkeypatch: pytest.MonkeyPatch, schedule: str, batch_size: int
) -> None:
    digits, _ = few_mnist
    monkeypatch.setattr(epochs, "BLOCK", 64)
    recipe = Recipe(schedule=schedule, epochs=3, batch_size=batch_size, warm_up=0.3)  # type: ignore[arg-type]
    prepared = Epochs(recipe, digits, 0)
    found = np.concatenate([block.learning_rates for number in range(3) for block in prepared.blocks(number)])
    an_epoch = -(-len(digits) // batch_size)
    np.testing.assert_array_equal(found, learning_rates(recipe, np.arange(3 * an_epoch), an_epoch))


def test_label_smoothing_shares_out_a_part_of_the_target(few_mnist: tuple[Digits, Digits]) -> None:
    digits, _ = few_mnist
    found = everything(Recipe(loss="cross-entropy", output="linear", label_smoothing=0.2), digits, 0)["targets"]
    right = np.arange(10) == digits.labels[:, None]
    np.testing.assert_allclose(found, np.where(right, 0.8 + 0.02, 0.02), rtol=1e-6)
    found = everything(Recipe(label_smoothing=0.1), digits, 0)["targets"]
    np.testing.assert_allclose(found, np.where(right, 0.9 - 0.08, -0.9 - 0.08), rtol=1e-6)


def averages(recipe: Recipe, digits: Digits) -> np.ndarray:
    """How far the averaged net moves after each block of a run."""
    prepared = Epochs(recipe, digits, 0)
    return np.array([block.average for number in range(recipe.epochs) for block in prepared.blocks(number)])


def follow(shares: np.ndarray, nets: np.ndarray) -> np.ndarray:
    """The averaged nets after each block, for nets that are one number each."""
    averaged, found = np.nan, []  # what it began as may not count
    for share, net in zip(shares, nets, strict=True):
        averaged = net if share == 1 else averaged + share * (net - averaged)
        found.append(averaged)
    return np.array(found)


def test_without_averaging_the_measured_net_is_the_trained_one(few_mnist: tuple[Digits, Digits]) -> None:
    assert averages(Recipe(epochs=2, averaging_epochs=1), few_mnist[0]).tolist() == [1.0, 1.0]


def test_a_tail_is_the_plain_mean_over_the_last_epochs(
    few_mnist: tuple[Digits, Digits], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epochs, "BLOCK", 128)  # 300 digits: blocks of 128, 128 and 44
    nets = np.random.default_rng(0).normal(size=15)
    for last in (1, 2, 3, 5, 9):
        found = follow(averages(Recipe(averaging="tail", averaging_epochs=last, epochs=5), few_mnist[0]), nets)
        begin = max(15 - 3 * last, 0)
        np.testing.assert_array_equal(found[:begin], nets[:begin])
        for done in range(begin, 15):
            assert found[done] == pytest.approx(nets[begin : done + 1].mean())
    monkeypatch.setattr(epochs, "BLOCK", 100)  # it may begin within an epoch
    found = averages(Recipe(averaging="tail", averaging_epochs=0.5, epochs=2), few_mnist[0])
    assert found.tolist() == [1.0, 1.0, 1.0, 1.0, 1.0, 0.5]


def test_an_exponential_mean_begins_as_a_plain_one_and_then_forgets(
    few_mnist: tuple[Digits, Digits], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epochs, "BLOCK", 100)
    shares = averages(Recipe(averaging="exponential", averaging_epochs=2, epochs=8), few_mnist[0])
    settled = 1 - np.exp(-1 / 3 / 2)  # a third of an epoch a block
    np.testing.assert_allclose(shares, np.maximum(1 / np.arange(1, 25), settled))
    assert shares[-1] == pytest.approx(settled)
    nets = np.random.default_rng(0).normal(size=24)
    found = follow(shares, nets)
    assert [found[done - 1] for done in range(1, 7)] == pytest.approx([nets[:done].mean() for done in range(1, 7)])
    monkeypatch.setattr(epochs, "BLOCK", 200)  # less after a short block
    last = averages(Recipe(averaging="exponential", averaging_epochs=1, epochs=9), few_mnist[0])[-2:]
    np.testing.assert_allclose(last, [1 - np.exp(-2 / 3), 1 - np.exp(-1 / 3)])


@pytest.mark.skipif(native_backend.missing() is not None, reason="the compiled kernel is not built")
def test_both_backends_are_shown_the_same(few_mnist: tuple[Digits, Digits], monkeypatch: pytest.MonkeyPatch) -> None:
    digits, test = few_mnist[0].take(np.arange(60)), few_mnist[1]
    recipe = Recipe(epochs=2, order="shuffled", rotation=10, elastic=0.5, erasing=0.3, mixup=0.2, shift=1)
    shown: dict[str, list[Block]] = {"native": [], "torch": []}
    make_net = train_module.make_net

    def watched(choice: Choice, *rest: Any) -> Any:
        net = make_net(choice, *rest)
        step = net.step

        def noted(blocks: Sequence[Block]) -> np.ndarray:
            shown[choice.name].append(blocks[-1])
            return step(blocks)

        net.step = noted  # type: ignore[method-assign]
        return net

    monkeypatch.setattr(train_module, "make_net", watched)
    train(recipe, digits, [1], test=test, backend="native")
    train(recipe, digits, [0, 1], test=test, backend="torch")
    assert len(shown["native"]) == len(shown["torch"]) == 2
    for native, reference in zip(shown["native"], shown["torch"], strict=True):
        np.testing.assert_array_equal(native.inputs, reference.inputs)
        np.testing.assert_array_equal(native.targets, reference.targets)
