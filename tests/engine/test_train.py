"""The engine on real digits: it trains what it says, the same every time, on both backends."""

import threading
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from oracles import plain_forward
from torch.nn import functional as F

from timetravel import nets
from timetravel.digits import Digits, open_source
from timetravel.engine import epochs, native_backend
from timetravel.engine.epochs import Epochs
from timetravel.engine.runs import Point, Run
from timetravel.engine.torch_backend import one_thread
from timetravel.engine.train import Hooks, choose_backend, make_net, train
from timetravel.eras import ERAS
from timetravel.errors import UsageError
from timetravel.ladders import ESSAY_LADDER, climb
from timetravel.recipes import Recipe

STEPS = dict(zip(("1989-essay", *ESSAY_LADDER), climb(ERAS["1989-essay"].recipe, ESSAY_LADDER), strict=True))
BACKENDS = ["torch", pytest.param("native", marks=pytest.mark.skipif(
    native_backend.missing() is not None, reason="the compiled kernel is not built"))]  # fmt: skip
needs_kernel = BACKENDS[1].marks[0]  # type: ignore[union-attr]
Pair = tuple[Digits, Digits]
TAUGHT = Recipe(
    loss="cross-entropy", output="linear", epochs=2, batch_size=5, learning_rate=0.05, order="shuffled", rotation=10.0,
    mixup=0.2, teachers=2, teacher_epochs=1, distillation=0.5,
)  # fmt: skip
AVERAGED = Recipe(epochs=4, batch_size=8, learning_rate=0.2, averaging="tail", averaging_epochs=2.0)
# A rate at which the net settles: ten times as much, and rounding alone takes two runs apart within 300 updates.
NEWTON = {"optimizer": "diagonal-newton", "learning_rate": 0.003}


def furthest(a: Run, b: Run) -> float:
    return max(float(np.abs(a.weights[name] - b.weights[name]).max()) for name in a.weights)


@pytest.mark.parametrize("backend", BACKENDS)
def test_it_trains_what_a_plain_loop_trains(few_mnist: Pair, backend: str) -> None:
    digits, test = few_mnist
    recipe = ERAS["1989-essay"].recipe.but(epochs=2)
    (run,) = train(recipe, digits, [0], test=test, backend=backend)  # type: ignore[arg-type]

    start = nets.build(recipe)
    nets.initialize(start, [0])
    parameters = {name: p.detach()[0].clone().requires_grad_() for name, p in start.named_parameters()}
    images, labels = torch.from_numpy(digits.images.copy()).unsqueeze(1), torch.from_numpy(digits.labels.copy())
    targets = 2.0 * F.one_hot(labels, 10) - 1.0
    optimizer = torch.optim.SGD(parameters.values(), lr=0.03)
    with one_thread():
        for _ in range(2):
            for i in range(len(digits)):
                loss = ((plain_forward(parameters, images[i : i + 1]) - targets[i : i + 1]) ** 2).mean()
                optimizer.zero_grad()
                torch.autograd.backward(loss)
                optimizer.step()
    with torch.no_grad():
        outputs = plain_forward(parameters, torch.from_numpy(test.images.copy()).unsqueeze(1)).numpy()
    assert run.test.mistakes == (outputs.argmax(axis=1) != test.labels).sum()
    np.testing.assert_allclose(run.outputs, outputs, atol=2e-5)


@needs_kernel
def test_a_seed_gives_the_same_bits_alone_among_others_and_on_any_number_of_workers(few_mnist: Pair) -> None:
    digits, test = few_mnist
    for recipe in (ERAS["1989-essay"].recipe, ERAS["2022"].recipe, TAUGHT, AVERAGED):
        (alone,) = train(recipe.but(epochs=1), digits, [2], test=test, backend="native")
        among = train(recipe.but(epochs=1), digits, [5, 0, 2], test=test, backend="native", workers=2)[2]
        assert alone.seed == among.seed == 2
        assert alone.test == among.test
        np.testing.assert_array_equal(alone.outputs, among.outputs)
        assert furthest(alone, among) == 0


@needs_kernel
def test_both_backends_train_the_same(few_mnist: Pair) -> None:
    """The essay's ladder, the gaps of the paper, and what today adds; one by one and in batches, both nets."""
    digits, test = few_mnist
    essay = ERAS["1989-essay"].recipe
    # AdamW divides a gradient by its own size: where that is float noise (a ReLU just off, a gradient that cancels) the
    # noise becomes a whole step. An epsilon above the noise keeps the comparison to what the code computes.
    recipes = [recipe.but(epochs=1, batch_size=size) for recipe in STEPS.values() for size in (1, 16)]
    recipes = [recipe.but(epsilon=1e-3) if recipe.dropout else recipe for recipe in recipes]
    for changes in (
        {"border": 0.0, "map_border": 0.3},
        {"loss_scale": 5.0, "learning_rate": 0.006},
        {"optimizer": "momentum", "momentum": 0.5, "learning_rate": 0.01, "dropout": 0.25},
        NEWTON | {"epochs": 2, "curvature_digits": 100},
        NEWTON | {"loss_scale": 5.0, "map_border": 0.0, "mu": 0.3, "table": "random-1"},
        NEWTON | {"activation": "relu", "output": "linear", "loss": "cross-entropy", "mu": 0.5},
    ):
        nets_and_batches = [(net, size) for net in ("lecun1989", "fully-connected") for size in (1, 16)]
        recipes += [
            essay.but(**{"epochs": 1, "net": net, "batch_size": size} | changes) for net, size in nets_and_batches
        ]
    for recipe in (*recipes, TAUGHT, AVERAGED, AVERAGED.but(averaging="exponential")):
        (reference,), (native,) = (train(recipe, digits, [1], test=test, backend=b) for b in ("torch", "native"))
        assert not reference.diverged
        assert furthest(reference, native) < 5e-5, recipe
        assert native.train.loss == pytest.approx(reference.train.loss, rel=1e-4)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_measured_is_the_mean_of_the_weights_after_each_block(
    few_mnist: Pair, monkeypatch: pytest.MonkeyPatch, backend: Any
) -> None:
    monkeypatch.setattr(epochs, "BLOCK", 128)  # so 128, 128 and 44 of 300 digits
    digits, test = few_mnist
    plain, by_block = AVERAGED.but(averaging="none"), []
    net, prepared = make_net(choose_backend(plain, backend), plain, [1]), Epochs(plain, digits, 1)
    with one_thread():
        for block in (block for number in range(4) for block in prepared.blocks(number)):
            net.step([block])
            by_block.append(net.weights(0))
    tail = {name: np.mean([weights[name] for weights in by_block[6:]], axis=0) for name in by_block[0]}
    forgetting = by_block[0]
    for count, (weights, size) in enumerate(zip(by_block, [128, 128, 44] * 4, strict=True), start=1):
        share = max(1 / count, 1 - np.exp(-size / 300))
        forgetting = {name: (1 - share) * forgetting[name] + share * weights[name] for name in weights}
    exponential = AVERAGED.but(averaging="exponential", averaging_epochs=1.0)
    for recipe, expected in ((AVERAGED, tail), (exponential, forgetting)):
        (run,) = train(recipe, digits, [1], test=test, backend=backend)
        assert max(np.abs(run.weights[name] - expected[name]).max() for name in expected) < 1e-6
        assert max(np.abs(run.weights[name] - by_block[-1][name]).max() for name in expected) > 1e-3
        measured = nets.build(recipe)
        nets.load_lane(measured, 0, run.weights)
        with torch.no_grad(), one_thread():
            outputs = measured(torch.from_numpy(test.images.copy()).unsqueeze(0))[0].numpy()
        np.testing.assert_allclose(run.outputs, outputs, atol=1e-5)
        assert run.test.mistakes == (outputs.argmax(axis=1) != test.labels).sum()


@needs_kernel
def test_losses_agree_after_a_whole_epoch() -> None:
    source = open_source("mnist")
    digits, test = source.training_digits(), source.test_digits()
    recipe = ERAS["1989-essay"].recipe.but(epochs=1)
    (reference,), (native,) = (train(recipe, digits, [0], test=test, backend=b) for b in ("torch", "native"))
    assert native.train.loss == pytest.approx(reference.train.loss, abs=1e-4)
    assert native.test.loss == pytest.approx(reference.test.loss, abs=1e-4)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_diverged_run_is_a_run_marked_so_and_leaves_its_neighbours_alone(few_mnist: Pair, backend: str) -> None:
    digits, test = few_mnist
    recipe = STEPS["softmax"].but(epochs=3, learning_rate=1e6, activation="relu")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        runs = train(recipe, digits, [0, 1], test=test, backend=backend)  # type: ignore[arg-type]
    assert [run.diverged for run in runs] == [1, 1]
    assert all(run.test.mistakes == len(test) for run in runs)


@pytest.mark.parametrize("backend", BACKENDS)
def test_watching_changes_nothing_and_tells_every_epoch(few_mnist: Pair, backend: str) -> None:
    digits, test = few_mnist
    recipe = ERAS["1989-essay"].recipe.but(epochs=3)
    heard: list[tuple[int, Point]] = []
    presented: list[int] = []
    hooks = Hooks(epoch_done=lambda job, point: heard.append((job.seed, point)), seen=presented.append)
    (watched,) = train(recipe, digits, [0], test=test, backend=backend, hooks=hooks)  # type: ignore[arg-type]
    (alone,) = train(recipe, digits, [0], test=test, backend=backend)  # type: ignore[arg-type]
    assert [point.epochs for _, point in heard] == [1, 2, 3]
    assert tuple(point for _, point in heard) == watched.curve
    assert (watched.curve[-1].train, watched.curve[-1].test) == (watched.train, watched.test)
    assert sum(presented) == watched.examples_seen == 3 * len(digits)
    assert alone.curve == ()
    np.testing.assert_array_equal(watched.outputs, alone.outputs)


def test_a_run_says_where_it_comes_from(few_mnist: Pair) -> None:
    digits, test = few_mnist
    (run,) = train(ERAS["2022"].recipe.but(epochs=1), digits, [0], test=test)
    assert {"timetravel", "python", "torch", "numpy", "processor", "cores", "finished", "device"} <= set(run.provenance)
    assert run.digits == digits.fingerprint
    assert run.test_digits == test.fingerprint
    assert run.seconds > 0


def test_a_backend_that_cannot_train_a_recipe_is_refused_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    if not torch.cuda.is_available():
        with pytest.raises(UsageError, match="CUDA"):
            choose_backend(Recipe(), device="cuda")
    monkeypatch.setattr(native_backend, "_kernel", None)
    with pytest.raises(UsageError, match="not built"):
        choose_backend(Recipe(), "native")
    choice = choose_backend(Recipe())
    assert choice.name == "torch"
    assert "no C++ compiler" in choice.reason


@needs_kernel
def test_auto_takes_the_kernel_where_it_can() -> None:
    assert choose_backend(Recipe()).name == "native"
    assert choose_backend(Recipe(), "torch").name == "torch"


@needs_kernel
def test_the_first_failure_stops_the_other_workers_at_their_next_block(few_mnist: Pair) -> None:
    digits, test = few_mnist
    others = threading.Event()

    def seen(count: int) -> None:
        if others.is_set():
            raise KeyboardInterrupt
        others.set()

    started = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        train(Recipe(epochs=1_000_000), digits, range(4), test=test, backend="native", workers=2, hooks=Hooks(seen))
    assert threading.active_count() == started


@needs_kernel
@pytest.mark.slow
def test_after_23_epochs_both_backends_make_as_many_mistakes_on_average() -> None:
    # Single runs drift apart by a few mistakes: 167,693 float updates are chaotic. Their distribution must not.
    source = open_source("mnist")
    digits, test = source.training_digits(), source.test_digits()
    recipe = ERAS["1989-essay"].recipe
    reference, native = (train(recipe, digits, range(8), test=test, backend=b, workers=2) for b in ("torch", "native"))
    differences = np.array([b.test.mistakes - a.test.mistakes for a, b in zip(reference, native, strict=True)])
    half = 2.365 * differences.std(ddof=1) / np.sqrt(8)
    assert abs(differences.mean()) <= half
