"""The engine on real digits: it trains what it says, the same every time, on both backends."""

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from oracles import plain_forward
from torch.nn import functional as F

from timetravel import nets
from timetravel.digits import Digits, open_source
from timetravel.engine import native_backend
from timetravel.engine.runs import Point, Run
from timetravel.engine.torch_backend import one_thread
from timetravel.engine.train import Hooks, choose_backend, train
from timetravel.eras import ERAS
from timetravel.errors import UsageError
from timetravel.ladders import ESSAY_LADDER, climb
from timetravel.recipes import Recipe

RUNGS = dict(zip(("1989-essay", *ESSAY_LADDER), climb(ERAS["1989-essay"].recipe, ESSAY_LADDER), strict=True))
BACKENDS = ["torch", pytest.param("native", marks=pytest.mark.skipif(
    native_backend.missing() is not None, reason="the compiled kernel is not built"))]  # fmt: skip
needs_kernel = BACKENDS[1].marks[0]  # type: ignore[union-attr]
Pair = tuple[Digits, Digits]
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


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("era", ["1989-essay", "2022"])
def test_a_seed_gives_the_same_bits_alone_among_others_and_on_any_number_of_workers(
    few_mnist: Pair, backend: str, era: str
) -> None:
    digits, test = few_mnist
    recipe = ERAS[era].recipe.but(epochs=1)
    options = {"test": test, "backend": backend}
    (alone,) = train(recipe, digits, [2], **options)  # type: ignore[arg-type]
    among = train(recipe, digits, [5, 0, 2], workers=2, **options)[2]  # type: ignore[arg-type]
    assert alone.seed == among.seed == 2
    assert alone.test == among.test
    np.testing.assert_array_equal(alone.outputs, among.outputs)
    assert furthest(alone, among) == 0


@needs_kernel
@pytest.mark.parametrize("step", [step for step in RUNGS if step != "dropout"])
@pytest.mark.parametrize("batch_size", [1, 16])
def test_both_backends_train_the_same(few_mnist: Pair, step: str, batch_size: int) -> None:
    digits, test = few_mnist
    recipe = RUNGS[step].but(epochs=1, batch_size=batch_size)
    (reference,) = train(recipe, digits, [1], test=test, backend="torch")
    (native,) = train(recipe, digits, [1], test=test, backend="native")
    assert furthest(reference, native) < 2e-5
    assert native.train.loss == pytest.approx(reference.train.loss, rel=1e-4)


@needs_kernel
def test_both_backends_train_2022_the_same(few_mnist: Pair) -> None:
    # AdamW divides a gradient by its own size: where that is float noise (a ReLU just off, a gradient that cancels) the
    # noise becomes a whole step. An epsilon above the noise keeps the comparison to what the code computes.
    digits, test = few_mnist
    recipe = RUNGS["dropout"].but(epochs=1, epsilon=1e-3)
    (reference,) = train(recipe, digits, [1], test=test, backend="torch")
    (native,) = train(recipe, digits, [1], test=test, backend="native")
    assert furthest(reference, native) < 2e-5
    exact, few = RUNGS["dropout"].but(epochs=1), digits.take(np.arange(40))
    (reference,), (native,) = (train(exact, few, [1], test=test, backend=b) for b in ("torch", "native"))
    assert furthest(reference, native) < 2e-5


@needs_kernel
@pytest.mark.parametrize("net", ["lecun1989", "fully-connected"])
@pytest.mark.parametrize("batch_size", [1, 16])
@pytest.mark.parametrize(
    "changes",
    [
        {"border": 0.0, "map_border": 0.3},
        {"loss_scale": 5.0, "learning_rate": 0.006},
        {"optimizer": "momentum", "momentum": 0.5, "learning_rate": 0.01, "dropout": 0.25},
        NEWTON | {"epochs": 2, "curvature_digits": 100},
        NEWTON | {"loss_scale": 5.0, "map_border": 0.0, "mu": 0.3, "table": "random-1"},
        NEWTON | {"activation": "relu", "output": "linear", "loss": "cross-entropy", "mu": 0.5},
    ],
)
def test_both_backends_agree_on_the_paper_s_gaps(
    few_mnist: Pair, net: str, changes: dict[str, Any], batch_size: int
) -> None:
    digits, test = few_mnist
    recipe = ERAS["1989-essay"].recipe.but(**{"net": net, "epochs": 1, "batch_size": batch_size} | changes)
    (reference,) = train(recipe, digits, [1], test=test, backend="torch")
    (native,) = train(recipe, digits, [1], test=test, backend="native")
    assert not reference.diverged
    assert furthest(reference, native) < 5e-5
    assert native.train.loss == pytest.approx(reference.train.loss, rel=1e-4)


@needs_kernel
def test_losses_agree_after_a_whole_pass() -> None:
    source = open_source("mnist")
    digits, test = source.training_digits(), source.test_digits()
    recipe = ERAS["1989-essay"].recipe.but(epochs=1)
    (reference,), (native,) = (train(recipe, digits, [0], test=test, backend=b) for b in ("torch", "native"))
    assert native.train.loss == pytest.approx(reference.train.loss, abs=1e-4)
    assert native.test.loss == pytest.approx(reference.test.loss, abs=1e-4)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_diverged_run_is_a_run_marked_so_and_leaves_its_neighbours_alone(few_mnist: Pair, backend: str) -> None:
    digits, test = few_mnist
    recipe = RUNGS["softmax"].but(epochs=3, learning_rate=1e6, activation="relu")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        runs = train(recipe, digits, [0, 1], test=test, backend=backend)  # type: ignore[arg-type]
    assert [run.diverged for run in runs] == [1, 1]
    assert all(run.test.mistakes == len(test) for run in runs)


@pytest.mark.parametrize("backend", BACKENDS)
def test_watching_changes_nothing_and_tells_every_pass(few_mnist: Pair, backend: str) -> None:
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
