"""What only the torch backend trains: each does what its paper says, learns, and keeps its lanes apart."""

import dataclasses
import sys
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
import schedulefree
import torch
from oracles import plain_forward
from torch import Tensor
from torch.nn import functional as F

from timetravel import nets
from timetravel.digits import Digits
from timetravel.engine.epochs import Block, Epochs
from timetravel.engine.torch_backend import TorchBackend, WeightNormalized, one_thread
from timetravel.engine.train import choose_backend, train
from timetravel.errors import UsageError
from timetravel.recipes import Recipe

Pair = tuple[Digits, Digits]
RECIPE = Recipe(
    optimizer="adamw", learning_rate=0.003, batch_size=16, output="linear", loss="cross-entropy", epochs=1,
    initial_output_bias=0.0, order="shuffled",
)  # fmt: skip
PLAIN = RECIPE.but(output="tanh", loss="squared-error")  # what plain_forward computes
KINDS: dict[str, dict[str, Any]] = {
    "muon": {"optimizer": "muon", "weight_decay": 0.01},
    "schedule-free": {"optimizer": "schedule-free", "warm_up": 0.5},
    "sharpness": {"sharpness": 0.05},
    "weight normalization": {"weight_normalization": True},
    "orthogonal": {"initial_weights": "orthogonal"},
    "micro-vit": {"net": "micro-vit", "dropout": 0.1},
    "wide": {"width": 2.0, "dropout": 0.1},
    "narrow": {"width": 0.5, "dropout": 0.1},
    "deep": {"depth": 4},
    "residual": {"depth": 4, "residual": True, "normalization": "layer", "width": 1.5},
    "all": {"sharpness": 0.05, "weight_normalization": True, "optimizer": "muon", "net": "micro-vit"},
    "all but attention": {
        "sharpness": 0.05, "weight_normalization": True, "optimizer": "schedule-free", "averaging": "exponential",
        "dropout": 0.1, "initial_weights": "orthogonal",
    },
}  # fmt: skip
COVERED_TOO = ("sharpness", "orthogonal")  # by the kernel, on their own
# And what the kernel covers too; each of its activations rounds in its own way.
LANES = KINDS | {
    "adamw": {}, "gelu": {"activation": "gelu", "optimizer": "sgd"}, "silu": {"activation": "silu", "optimizer": "sgd"},
    "fully connected": {"net": "fully-connected"},
    "1989": {"optimizer": "sgd", "output": "tanh", "loss": "squared-error"},
    "taught": {"teachers": 2, "teacher_epochs": 1, "distillation": 0.5, "mixup": 0.2},
    "tail": {"averaging": "tail", "averaging_epochs": 0.5, "rotation": 10.0},
}  # fmt: skip


@pytest.fixture(autouse=True)
def on_one_thread() -> Iterator[None]:
    with one_thread():
        yield


def first_blocks(recipe: Recipe, digits: Digits, seeds: Sequence[int]) -> list[Block]:
    return [next(Epochs(recipe, digits, seed).blocks(0)) for seed in seeds]


def trained(recipe: Recipe, digits: Digits, seeds: Sequence[int] = (0,)) -> TorchBackend:
    """The backend after one block."""
    backend = TorchBackend(recipe, seeds)
    backend.step(first_blocks(recipe, digits, seeds))
    return backend


def change(backend: TorchBackend, lane: int = 0) -> dict[str, np.ndarray]:
    """How far the weights have come."""
    seeds = list(range(lane + 1))
    before, after = TorchBackend(backend.recipe, seeds).weights(lane), backend.weights(lane)
    return {name: after[name] - before[name] for name in before}


def start(recipe: Recipe, seed: int = 0) -> dict[str, Tensor]:
    """The initial parameters of one net, which plain code can train."""
    weights = TorchBackend(recipe, [seed]).weights(0)
    return {name: torch.from_numpy(array).requires_grad_() for name, array in weights.items()}


def batch(block: Block, part: slice) -> Block:
    return dataclasses.replace(block, inputs=block.inputs[part], targets=block.targets[part])


def plain_loss(parameters: dict[str, Tensor], block: Block) -> Tensor:
    outputs = plain_forward(parameters, torch.from_numpy(block.inputs).unsqueeze(1))
    return F.mse_loss(outputs, torch.from_numpy(block.targets))


@pytest.mark.parametrize("kind", LANES)
def test_a_seed_gives_the_same_bits_alone_and_among_others(few_mnist: Pair, kind: str) -> None:
    for batch_size in (1, 7, 16):
        recipe, test = RECIPE.but(**LANES[kind], batch_size=batch_size), few_mnist[1]
        digits = few_mnist[0].take(np.arange(40 if batch_size == 1 else 100))
        (alone,) = train(recipe, digits, [2], test=test, backend="torch")
        among = train(recipe, digits, [5, 2, 0], test=test, backend="torch")[1]
        assert not alone.diverged
        assert alone.test == among.test
        np.testing.assert_array_equal(alone.outputs, among.outputs)
        for name, weights in alone.weights.items():
            np.testing.assert_array_equal(weights, among.weights[name])


@pytest.mark.parametrize("kind", KINDS)
def test_it_learns(few_mnist: Pair, kind: str) -> None:
    digits, test = few_mnist
    recipe = RECIPE.but(**KINDS[kind], epochs=12)
    (run,) = train(recipe, digits, [0], test=test)
    assert run.backend == TorchBackend.version or kind in COVERED_TOO
    assert run.test.mistakes < 70  # of 200; chance makes 180
    assert run.train.mistakes < 60  # of 300
    assert {name: array.shape for name, array in run.weights.items()} == {
        name: tuple(p.shape[1:]) for name, p in nets.build(recipe).named_parameters()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_diverged_run_ends_as_one(few_mnist: Pair, kind: str) -> None:
    digits, test = few_mnist
    recipe = RECIPE.but(**KINDS[kind] | {"warm_up": 0.0}, epochs=2, learning_rate=1e30, activation="relu")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        runs = train(recipe, digits, [0, 1], test=test, backend="torch")
    assert [run.diverged for run in runs] == [1, 1]
    assert all(run.test.mistakes == len(test) for run in runs)


def test_muon_moves_hidden_weights_by_an_orthogonal_matrix_and_the_others_as_adamw_does(few_mnist: Pair) -> None:
    digits = few_mnist[0].take(np.arange(16))
    rate = RECIPE.learning_rate
    moved = change(trained(RECIPE.but(optimizer="muon"), digits, [0, 1]), lane=1)
    for layer in ("h1", "h2", "h3"):
        step = moved[f"{layer}_weight"].reshape(len(moved[f"{layer}_weight"]), -1)
        # As long as AdamW's: Muon's own steps have singular values near 1.
        lengths = np.linalg.svd(step, compute_uv=False) / (rate * 0.2 * max(step.shape) ** 0.5)
        assert 0.4 < np.median(lengths) < 1.4
        assert lengths.max() < 1.4
    by_adamw = change(trained(RECIPE, digits, [0, 1]), lane=1)
    for name in ("h1_bias", "h2_bias", "h3_bias", "output_weight", "output_bias"):
        np.testing.assert_array_equal(moved[name], by_adamw[name])


def test_muon_takes_the_momentum_of_the_recipe_or_the_usual(few_mnist: Pair) -> None:
    digits = few_mnist[0].take(np.arange(64))
    recipe = RECIPE.but(optimizer="muon")
    usual, own, other = (
        trained(recipe.but(momentum=momentum), digits).weights(0)["h3_weight"] for momentum in (0.0, 0.95, 0.5)
    )
    np.testing.assert_array_equal(usual, own)
    assert np.abs(usual - other).max() > 1e-4


def test_schedule_free_trains_other_weights_than_it_shows(few_mnist: Pair) -> None:
    digits, test = few_mnist
    recipe = PLAIN.but(optimizer="schedule-free", beta1=0.8, weight_decay=0.01)
    backend = trained(recipe, digits)
    (block,) = first_blocks(recipe, digits, [0])

    parameters = start(recipe)
    optimizer = schedulefree.AdamWScheduleFree(
        parameters.values(), lr=recipe.learning_rate, betas=(0.8, recipe.beta2), weight_decay=0.01
    )
    optimizer.train()
    for first in range(0, len(digits), 16):
        part = slice(first, first + 16)
        optimizer.zero_grad()
        torch.autograd.backward(plain_loss(parameters, batch(block, part)))
        optimizer.step()
    training = {name: p.detach().clone().numpy() for name, p in parameters.items()}
    optimizer.eval()
    for name, finished in backend.weights(0).items():
        # Adam divides by a gradient's size, so that rounding in small ones shows.
        np.testing.assert_allclose(finished, parameters[name].detach().numpy(), atol=2e-3)
    closest = np.mean([np.abs(backend.weights(0)[n] - p.detach().numpy()).mean() for n, p in parameters.items()])
    furthest = np.mean([np.abs(backend.weights(0)[n] - p).mean() for n, p in training.items()])
    assert closest < furthest / 10

    again = TorchBackend(recipe.but(optimizer="adamw"), [0])
    again.load(backend.weights(0))
    np.testing.assert_array_equal(again.outputs(test.images), backend.outputs(test.images))


def test_schedule_free_obeys_the_rates_of_the_block(few_mnist: Pair) -> None:
    digits = few_mnist[0].take(np.arange(32))
    recipe = RECIPE.but(optimizer="schedule-free", learning_rate=1e-3)
    (block,) = first_blocks(recipe, digits, [0])
    backend = TorchBackend(recipe, [0])
    backend.step([dataclasses.replace(block, learning_rates=np.zeros(2, np.float32))])
    assert not any(array.any() for array in change(backend).values())
    backend.step([block])
    # Adam's first two steps are as long as the rate, and the average of the weights no further away.
    assert 0 < max(np.abs(array).max() for array in change(backend).values()) <= 2.5e-3


def test_a_tiny_radius_is_no_radius(few_mnist: Pair) -> None:
    digits = few_mnist[0]
    base = trained(RECIPE.but(optimizer="sgd"), digits, [0, 1])
    sharp = trained(RECIPE.but(optimizer="sgd", sharpness=1e-9), digits, [0, 1])
    for name, array in sharp.weights(1).items():
        np.testing.assert_allclose(array, base.weights(1)[name], atol=1e-6)


def test_the_gradient_is_taken_where_the_loss_is_worst_and_the_loss_where_the_weights_are(few_mnist: Pair) -> None:
    digits = few_mnist[0].take(np.arange(16))
    recipe = PLAIN.but(optimizer="sgd", sharpness=0.5, learning_rate=0.1)
    backend = TorchBackend(recipe, [1, 0])
    blocks = first_blocks(recipe, digits, [1, 0])
    summed = backend.step(blocks)[1]

    parameters = start(recipe)
    loss = plain_loss(parameters, blocks[1])
    slopes = torch.autograd.grad(loss, list(parameters.values()))
    length = torch.cat([slope.flatten() for slope in slopes]).norm()
    worst = {
        name: (p + 0.5 * slope / length).detach().requires_grad_()
        for (name, p), slope in zip(parameters.items(), slopes, strict=True)
    }
    there = plain_loss(worst, blocks[1])
    assert summed / 16 == pytest.approx(loss.item(), rel=1e-5)
    assert there.item() > 1.05 * loss.item()
    found = backend.weights(1)
    for (name, p), slope in zip(parameters.items(), torch.autograd.grad(there, list(worst.values())), strict=True):
        np.testing.assert_allclose(found[name], (p - 0.1 * slope).detach().numpy(), atol=1e-5)


def test_lengths_and_directions_are_trained_as_plain_code_trains_them(few_mnist: Pair) -> None:
    digits = few_mnist[0].take(np.arange(16))
    recipe = PLAIN.but(optimizer="sgd", weight_normalization=True, learning_rate=0.1)
    (block,) = first_blocks(recipe, digits, [0])
    parameters = start(recipe)
    leaves = {name: p.detach().clone().requires_grad_() for name, p in parameters.items()}
    lengths = {
        name: p.detach().flatten(1).norm(dim=1).requires_grad_() for name, p in leaves.items() if "weight" in name
    }

    def folded() -> dict[str, Tensor]:
        return leaves | {
            name: (g.unsqueeze(1) * F.normalize(leaves[name].flatten(1), dim=1)).view_as(leaves[name])
            for name, g in lengths.items()
        }

    torch.autograd.backward(plain_loss(folded(), block))
    with torch.no_grad():
        for leaf in (*leaves.values(), *lengths.values()):
            assert leaf.grad is not None
            leaf.sub_(0.1 * leaf.grad)
    found = trained(recipe, digits).weights(0)
    with torch.no_grad():
        for name, expected in folded().items():
            np.testing.assert_allclose(found[name], expected.numpy(), atol=1e-5)
    unlike = trained(recipe.but(weight_normalization=False), digits).weights(0)
    assert np.abs(unlike["h3_weight"] - found["h3_weight"]).max() > 1e-4


def test_a_direction_may_be_of_any_length_and_grows(few_mnist: Pair) -> None:
    digits, test = few_mnist
    recipe = RECIPE.but(optimizer="sgd", weight_normalization=True, learning_rate=0.1)
    backend = TorchBackend(recipe, [0, 1])
    normalized = backend.trained
    assert isinstance(normalized, WeightNormalized)
    before = backend.outputs(test.images)
    start = normalized.directions("h2").detach().flatten(2).norm(dim=2)
    backend.step(first_blocks(recipe, digits, [0, 1]))
    assert (normalized.directions("h2").detach().flatten(2).norm(dim=2) > start).all()  # a step is at right angles
    after = backend.outputs(test.images)
    assert np.abs(after - before).max() > 0.1
    with torch.no_grad():
        normalized.directions("h2").mul_(3)
    backend.average(1.0)
    np.testing.assert_allclose(backend.outputs(test.images), after, atol=1e-5)


@pytest.mark.parametrize("averaging", ["none", "exponential"])
def test_normalized_weights_fold_into_a_plain_net(few_mnist: Pair, averaging: str) -> None:
    digits, test = few_mnist
    recipe = RECIPE.but(weight_normalization=True, averaging=averaging, epochs=2)
    first = TorchBackend(recipe, [4]).weights(0)
    plain = nets.build(recipe)
    nets.initialize(plain, [4])
    for name, array in nets.lane_weights(plain, 0).items():
        np.testing.assert_allclose(first[name], array, rtol=1e-6)
    assert sum(array.size for array in first.values()) == 9760

    (run,) = train(recipe, digits, [4], test=test)
    for kind in (recipe, recipe.but(weight_normalization=False)):
        reader = TorchBackend(kind, [0])
        reader.load(run.weights)
        np.testing.assert_allclose(reader.outputs(test.images)[0], run.outputs, atol=1e-5)


def test_what_is_averaged_are_the_folded_weights(few_mnist: Pair) -> None:
    backend = trained(RECIPE.but(weight_normalization=True), few_mnist[0])
    one, normalized = backend.weights(0), backend.trained
    assert isinstance(normalized, WeightNormalized)
    with torch.no_grad():
        normalized.lengths["h1"].mul_(3)
        normalized.directions("h1").mul_(5)
    backend.average(0.5)
    np.testing.assert_allclose(backend.weights(0)["h1_weight"], 2 * one["h1_weight"], rtol=1e-5)


def test_what_cannot_be_trained_is_refused_when_the_nets_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    newton = Recipe(optimizer="diagonal-newton")
    with pytest.raises(UsageError, match="attention"):
        TorchBackend(newton.but(net="micro-vit"), [0])
    with pytest.raises(UsageError, match="lengths"):
        TorchBackend(newton.but(weight_normalization=True), [0])
    free = RECIPE.but(optimizer="schedule-free")
    with pytest.raises(UsageError, match="beta1"):
        TorchBackend(free.but(beta1=0.0), [0])
    TorchBackend(free, [0])
    monkeypatch.setitem(sys.modules, "schedulefree", None)
    with pytest.raises(UsageError, match="schedulefree") as refused:
        TorchBackend(free, [0])
    assert "timetravel[optimizers]" in refused.value.hint


def test_gradients_are_those_of_each_epochs_first_update(few_mnist: Pair) -> None:
    digits, test = few_mnist
    recipe = PLAIN.but(epochs=3)
    runs = train(recipe, digits, [0, 1], test=test, backend="torch")
    assert [len(run.gradient_norms) for run in runs] == [3, 3]
    for seed, run in enumerate(runs):
        parameters = start(recipe, seed)
        block = batch(first_blocks(recipe, digits, [seed])[0], slice(0, recipe.batch_size))
        plain_loss(parameters, block).backward()  # type: ignore[no-untyped-call]
        lengths = [parameters[f"{layer}_weight"].grad.norm().item() for layer in ("h1", "output")]  # type: ignore[union-attr]
        assert run.gradient_norms[0] == pytest.approx(lengths, rel=1e-4)
        assert run.gradient_norms[1] != run.gradient_norms[0]


def test_torch_is_chosen_for_what_the_kernel_does_not_cover() -> None:
    for kind in KINDS.keys() - COVERED_TOO:
        assert choose_backend(RECIPE.but(**KINDS[kind])).name == "torch"
