"""What only the torch backend trains: each does what its paper says, learns, and keeps its lanes apart."""

import dataclasses
import itertools
import sys
import warnings
from typing import Any

import numpy as np
import pytest
import schedulefree
import torch
from oracles import plain_forward
from torch.nn import functional as F

from timetravel import nets
from timetravel.engine.epochs import Epochs
from timetravel.engine.torch_backend import TorchBackend
from timetravel.engine.train import choose_backend, train
from timetravel.errors import UsageError
from timetravel.recipes import Recipe

RECIPE = Recipe(
    optimizer="adamw", learning_rate=0.003, batch_size=16, output="linear", loss="cross-entropy", epochs=1,
    initial_output_bias=0.0, order="shuffled",
)  # fmt: skip
PLAIN = RECIPE.but(output="tanh", loss="squared-error")  # what plain_forward computes
ALL = {"sharpness": 0.05, "weight_normalization": True, "optimizer": "muon", "net": "micro-vit"}
ALL_BUT_ATTENTION = {
    "sharpness": 0.05, "weight_normalization": True, "optimizer": "schedule-free", "averaging": "exponential",
    "dropout": 0.1, "initial_weights": "orthogonal",
}  # fmt: skip
RESIDUAL = {"depth": 4, "residual": True, "normalization": "layer", "width": 1.5}
ONLY_TORCH: list[dict[str, Any]] = [
    {"optimizer": "muon", "weight_decay": 0.01}, {"optimizer": "schedule-free", "warm_up": 0.5},
    {"weight_normalization": True}, {"net": "micro-vit", "dropout": 0.1}, {"width": 2.0, "dropout": 0.1},
    {"width": 0.5, "dropout": 0.1}, {"depth": 4}, RESIDUAL, ALL, ALL_BUT_ATTENTION,
]  # fmt: skip
# And what the kernel covers too; each of its activations rounds in its own way.
BOTH: list[dict[str, Any]] = [
    {}, {"activation": "gelu", "optimizer": "sgd"}, {"activation": "silu", "optimizer": "sgd"},
    {"net": "fully-connected"}, {"optimizer": "sgd", "output": "tanh", "loss": "squared-error"},
    {"teachers": 2, "teacher_epochs": 1, "distillation": 0.5, "mixup": 0.2}, {"sharpness": 0.05},
    {"averaging": "tail", "averaging_epochs": 0.5, "rotation": 10.0}, {"initial_weights": "orthogonal"},
]  # fmt: skip


def first_blocks(recipe, digits, seeds=(0,)):
    return [next(Epochs(recipe, digits, seed).blocks(0)) for seed in seeds]


def trained(recipe, digits, seeds=(0,)) -> TorchBackend:
    """The backend after one block."""
    backend = TorchBackend(recipe, seeds)
    backend.step(first_blocks(recipe, digits, seeds))
    return backend


def start(recipe, seed=0) -> dict[str, torch.Tensor]:
    """The initial parameters of one net, which plain code can train."""
    weights = TorchBackend(recipe, [seed]).weights(0)
    return {name: torch.from_numpy(array).requires_grad_() for name, array in weights.items()}


def plain_loss(parameters, block, part=slice(None)):
    outputs = plain_forward(parameters, torch.from_numpy(block.inputs[part]).unsqueeze(1))
    return F.mse_loss(outputs, torch.from_numpy(block.targets[part]))


def test_a_seed_gives_the_same_bits_alone_and_among_others(few_mnist):
    test = few_mnist[1].take(range(20))
    for changes, batch_size in itertools.product((*ONLY_TORCH, *BOTH), (1, 7)):
        recipe, digits = RECIPE.but(**changes, batch_size=batch_size), few_mnist[0].take(range(2 * batch_size + 2))
        (alone,) = train(recipe, digits, [2], test=test, backend="torch")
        among = train(recipe, digits, [5, 2, 0], test=test, backend="torch")[1]
        assert not alone.diverged
        assert alone.test == among.test
        np.testing.assert_array_equal(alone.outputs, among.outputs)
        for name, weights in alone.weights.items():
            np.testing.assert_array_equal(weights, among.weights[name])


def test_it_learns(few_mnist):
    digits, test = few_mnist
    for changes in (ALL, RESIDUAL | ALL_BUT_ATTENTION):
        recipe = RECIPE.but(**changes, epochs=7)
        (run,) = train(recipe, digits, [0], test=test)
        assert run.backend == TorchBackend.version
        assert run.test.mistakes < 70  # of 200; chance makes 180
        assert run.train.mistakes < 60  # of 300


def test_torch_is_chosen_for_what_the_kernel_does_not_cover_and_a_diverged_run_ends_as_one(few_mnist):
    digits, test = few_mnist[0].take(range(64)), few_mnist[1].take(range(20))
    for changes in ({"optimizer": "sgd"}, *ONLY_TORCH):
        recipe = RECIPE.but(**changes | {"warm_up": 0.0}, epochs=2, learning_rate=1e30, activation="relu")
        assert choose_backend(recipe).name == "torch" or changes == {"optimizer": "sgd"}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            runs = train(recipe, digits, [0, 1], test=test)
        assert all(run.diverged and run.test.mistakes == len(test) for run in runs)


def test_muon_moves_hidden_weights_by_an_orthogonal_matrix_and_the_others_as_adamw_does(few_mnist):
    digits = few_mnist[0].take(range(16))
    before = TorchBackend(RECIPE, [0, 1]).weights(1)
    muon, adamw = (trained(RECIPE.but(optimizer=o), digits, [0, 1]).weights(1) for o in ("muon", "adamw"))
    for layer in ("h1", "h2", "h3"):
        name = f"{layer}_weight"
        step = (muon[name] - before[name]).reshape(len(before[name]), -1)
        # As long as AdamW's: Muon's own steps have singular values near 1.
        lengths = np.linalg.svd(step, compute_uv=False) / (RECIPE.learning_rate * 0.2 * max(step.shape) ** 0.5)
        assert 0.4 < np.median(lengths) < 1.4
        assert lengths.max() < 1.4
    for name in ("h1_bias", "h2_bias", "h3_bias", "output_weight", "output_bias"):
        np.testing.assert_array_equal(muon[name], adamw[name])
    usual, own, other = (  # the momentum is the recipe's, or the usual one
        trained(RECIPE.but(optimizer="muon", momentum=momentum), few_mnist[0].take(range(64))).weights(0)["h3_weight"]
        for momentum in (0.0, 0.95, 0.5)
    )
    np.testing.assert_array_equal(usual, own)
    assert np.abs(usual - other).max() > 1e-4


def test_schedule_free_trains_other_weights_than_it_shows(few_mnist):
    digits, test = few_mnist
    recipe = PLAIN.but(optimizer="schedule-free", beta1=0.8, weight_decay=0.01)
    backend, (block,), parameters = trained(recipe, digits), first_blocks(recipe, digits), start(recipe)
    optimizer = schedulefree.AdamWScheduleFree(
        parameters.values(), lr=recipe.learning_rate, betas=(0.8, recipe.beta2), weight_decay=0.01
    )
    optimizer.train()
    for first in range(0, len(digits), 16):
        optimizer.zero_grad()
        plain_loss(parameters, block, slice(first, first + 16)).backward()
        optimizer.step()
    training = {name: p.detach().clone().numpy() for name, p in parameters.items()}
    optimizer.eval()
    shown = {name: p.detach().numpy() for name, p in parameters.items()}
    found = backend.weights(0)
    for name, finished in found.items():  # Adam divides by a gradient's size, so that rounding in small ones shows
        np.testing.assert_allclose(finished, shown[name], atol=2e-3)
    closest, furthest = (np.mean([np.abs(found[n] - w[n]).mean() for n in w]) for w in (shown, training))
    assert closest < furthest / 10

    again = TorchBackend(recipe.but(optimizer="adamw"), [0])
    again.load(found)
    np.testing.assert_array_equal(again.outputs(test.images), backend.outputs(test.images))

    still = TorchBackend(recipe, [0])  # it obeys the rates of the block
    still.step([dataclasses.replace(block, learning_rates=np.zeros_like(block.learning_rates))])
    for name, weights in still.weights(0).items():
        np.testing.assert_array_equal(weights, start(recipe)[name].detach().numpy())


def test_the_gradient_is_taken_where_the_loss_is_worst_and_the_loss_where_the_weights_are(few_mnist):
    recipe = PLAIN.but(optimizer="sgd", sharpness=0.5, learning_rate=0.1)
    blocks = first_blocks(recipe, few_mnist[0].take(range(16)), [1, 0])
    backend, parameters = TorchBackend(recipe, [1, 0]), start(recipe)
    summed = backend.step(blocks)[1]
    loss = plain_loss(parameters, blocks[1])
    slopes = torch.autograd.grad(loss, list(parameters.values()))
    length = torch.cat([slope.flatten() for slope in slopes]).norm()
    pairs = zip(parameters.items(), slopes, strict=True)
    worst = {name: (p + 0.5 * slope / length).detach().requires_grad_() for (name, p), slope in pairs}
    there = plain_loss(worst, blocks[1])
    assert summed / 16 == pytest.approx(loss.item(), rel=1e-5)
    assert there.item() > 1.05 * loss.item()
    found = backend.weights(1)
    for (name, p), slope in zip(parameters.items(), torch.autograd.grad(there, list(worst.values())), strict=True):
        np.testing.assert_allclose(found[name], (p - 0.1 * slope).detach().numpy(), atol=1e-5)


def test_lengths_and_directions_are_trained_as_plain_code_trains_them(few_mnist):
    digits = few_mnist[0].take(range(16))
    recipe = PLAIN.but(optimizer="sgd", weight_normalization=True, learning_rate=0.1)
    leaves = start(recipe)
    lengths = {n: p.detach().flatten(1).norm(dim=1).requires_grad_() for n, p in leaves.items() if "weight" in n}

    def folded():
        return leaves | {
            name: (g.unsqueeze(1) * F.normalize(leaves[name].flatten(1), dim=1)).view_as(leaves[name])
            for name, g in lengths.items()
        }

    plain_loss(folded(), first_blocks(recipe, digits)[0]).backward()
    found = trained(recipe, digits).weights(0)
    with torch.no_grad():
        for leaf in (*leaves.values(), *lengths.values()):
            leaf.sub_(0.1 * leaf.grad)
        for name, expected in folded().items():
            np.testing.assert_allclose(found[name], expected.numpy(), atol=1e-5)
    unlike = trained(recipe.but(weight_normalization=False), digits).weights(0)
    assert np.abs(unlike["h3_weight"] - found["h3_weight"]).max() > 1e-4


def test_normalized_weights_fold_into_a_plain_net(few_mnist):
    digits, test = few_mnist[0].take(range(64)), few_mnist[1]
    for averaging in ("none", "exponential"):
        recipe = RECIPE.but(weight_normalization=True, averaging=averaging, epochs=2)
        (run,) = train(recipe, digits, [4], test=test)
        assert sum(array.size for array in run.weights.values()) == 9760
        for kind in (recipe, recipe.but(weight_normalization=False)):
            reader = TorchBackend(kind, [0])
            reader.load(run.weights)
            np.testing.assert_allclose(reader.outputs(test.images)[0], run.outputs, atol=1e-5)
    first, plain = TorchBackend(recipe, [4]).weights(0), nets.build(recipe)
    nets.initialize(plain, [4])
    for name, array in nets.lane_weights(plain, 0).items():
        np.testing.assert_allclose(first[name], array, rtol=1e-6)
    backend = trained(RECIPE.but(weight_normalization=True), digits)  # what is averaged are the folded weights
    one, normalized = backend.weights(0), backend.trained
    with torch.no_grad():
        normalized.lengths["h1"].mul_(3)
        normalized.directions("h1").mul_(5)  # which may be of any length
    backend.average(0.5)
    np.testing.assert_allclose(backend.weights(0)["h1_weight"], 2 * one["h1_weight"], rtol=1e-5)


def test_what_cannot_be_trained_is_refused_when_the_nets_are_made(monkeypatch):
    newton, free = Recipe(optimizer="diagonal-newton"), RECIPE.but(optimizer="schedule-free")
    for recipe, named in (
        (newton.but(net="micro-vit"), "attention"),
        (newton.but(weight_normalization=True), "lengths"),
        (free.but(beta1=0.0), "beta1"),
    ):
        with pytest.raises(UsageError, match=named):
            TorchBackend(recipe, [0])
    TorchBackend(free, [0])
    monkeypatch.setitem(sys.modules, "schedulefree", None)
    with pytest.raises(UsageError, match="schedulefree") as refused:
        TorchBackend(free, [0])
    assert refused.value.hint == "Type: pip install schedulefree"


def test_gradients_are_those_of_each_epochs_first_update(few_mnist):
    digits, test = few_mnist[0].take(range(64)), few_mnist[1]
    recipe = PLAIN.but(epochs=3)
    runs = train(recipe, digits, [0, 1], test=test, backend="torch")
    assert [len(run.gradient_norms) for run in runs] == [3, 3]
    for seed, run in enumerate(runs):
        parameters, (block,) = start(recipe, seed), first_blocks(recipe, digits, [seed])
        plain_loss(parameters, block, slice(0, 16)).backward()
        lengths = [parameters[f"{layer}_weight"].grad.norm().item() for layer in ("h1", "output")]
        assert run.gradient_norms[0] == pytest.approx(lengths, rel=1e-4)
        assert run.gradient_norms[1] != run.gradient_norms[0]
