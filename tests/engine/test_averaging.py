"""The net that is measured may be an average over training; the net that is trained is not."""

from typing import Any

import numpy as np
import pytest
import torch

from timetravel import nets
from timetravel.digits import Digits
from timetravel.engine import epochs, native_backend
from timetravel.engine.epochs import Epochs
from timetravel.engine.runs import Run
from timetravel.engine.torch_backend import one_thread
from timetravel.engine.train import choose_backend, make_net, train
from timetravel.recipes import Recipe

Pair = tuple[Digits, Digits]
needs_kernel = pytest.mark.skipif(native_backend.missing() is not None, reason="the compiled kernel is not built")
BACKENDS = ["torch", pytest.param("native", marks=needs_kernel)]
# Blocks of 128, so 128, 128 and 44 of few_mnist's 300 digits; batches, to be quick on PyTorch.
PLAIN = Recipe(epochs=4, batch_size=8, learning_rate=0.2)
TAIL = PLAIN.but(averaging="tail", averaging_epochs=2.0)
EXPONENTIAL = PLAIN.but(averaging="exponential", averaging_epochs=1.0)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epochs, "BLOCK", 128)


def furthest(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> float:
    return max(float(np.abs(a[name] - b[name]).max()) for name in a)


def after_each_block(digits: Digits, backend: Any, recipe: Recipe, seed: int) -> list[dict[str, np.ndarray]]:
    """The weights after each block of a run, driven by hand."""
    net = make_net(choose_backend(recipe, backend), recipe, [seed], "cpu")
    prepared = Epochs(recipe, digits, seed)
    found = []
    with one_thread():
        for number in range(recipe.epochs):
            for block in prepared.blocks(number):
                net.step([block])
                found.append(net.weights(0))
    return found


def trained(pair: Pair, recipe: Recipe, backend: Any, seed: int = 1) -> Run:
    digits, test = pair
    (run,) = train(recipe, digits, [seed], test=test, backend=backend)
    return run


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_tail_is_the_mean_of_the_weights_after_the_last_epochs_blocks(few_mnist: Pair, backend: str) -> None:
    by_block = after_each_block(few_mnist[0], backend, PLAIN, 1)
    assert len(by_block) == 12
    mean = {name: np.mean([weights[name] for weights in by_block[6:]], axis=0) for name in by_block[0]}
    run = trained(few_mnist, TAIL, backend)
    assert furthest(run.weights, mean) < 1e-6
    assert furthest(run.weights, by_block[-1]) > 1e-3


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_exponential_mean_forgets_at_its_pace(few_mnist: Pair, backend: str) -> None:
    by_block = after_each_block(few_mnist[0], backend, PLAIN, 1)
    mean = by_block[0]
    for count, (weights, size) in enumerate(zip(by_block, [128, 128, 44] * 4, strict=True), start=1):
        share = max(1 / count, 1 - np.exp(-size / 300))
        mean = {name: (1 - share) * mean[name] + share * weights[name] for name in mean}
    assert furthest(trained(few_mnist, EXPONENTIAL, backend).weights, mean) < 1e-6


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_measured_is_the_mean(few_mnist: Pair, backend: str) -> None:
    run = trained(few_mnist, TAIL, backend)
    net = nets.build(run.recipe)
    nets.load_lane(net, 0, run.weights)
    with torch.no_grad(), one_thread():
        outputs = net(torch.from_numpy(few_mnist[1].images.copy()).unsqueeze(0))[0].numpy()
    np.testing.assert_allclose(run.outputs, outputs, atol=1e-5)
    assert run.test.mistakes == (outputs.argmax(axis=1) != few_mnist[1].labels).sum()
