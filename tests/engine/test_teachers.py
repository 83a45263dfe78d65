"""A net may be taught by nets trained before it, on the very images that it is shown."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from timetravel import nets
from timetravel.digits import Digits
from timetravel.engine import collect, native_backend
from timetravel.engine.collect import Workshop, estimate_seconds
from timetravel.engine.epochs import Epochs
from timetravel.engine.runs import Job, Run
from timetravel.engine.store import Store
from timetravel.engine.torch_backend import one_thread
from timetravel.engine.train import Crew, Hooks, Teacher, choose_backend, make_teacher, train
from timetravel.recipes import Recipe
from timetravel.seeds import teacher_seed

Pair = tuple[Digits, Digits]
needs_kernel = pytest.mark.skipif(native_backend.missing() is not None, reason="the compiled kernel is not built")
BACKENDS = ["torch", pytest.param("native", marks=needs_kernel)]
TAUGHT = Recipe(
    loss="cross-entropy",
    output="linear",
    epochs=2,
    batch_size=5,
    learning_rate=0.05,
    order="shuffled",
    rotation=10.0,
    mixup=0.2,
    teachers=2,
    teacher_epochs=1,
    distillation=0.5,
)


@pytest.fixture
def pair(few_mnist: Pair) -> Pair:
    digits, test = few_mnist
    return digits.take(np.arange(100)), test


def teacher(recipe: Recipe, digits: Digits, seed: int, backend: Any) -> Teacher:
    with one_thread():
        found = make_teacher(recipe, digits, seed, choose_backend(recipe, backend), Crew())
    assert found is not None
    return found


def furthest(a: Run, b: Run) -> float:
    return max(float(np.abs(a.weights[name] - b.weights[name]).max()) for name in a.weights)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_taught_run_tells_of_its_teachers_epochs_too(pair: Pair, backend: Any) -> None:
    digits, test = pair
    presented: list[int] = []
    (run,) = train(TAUGHT, digits, [0], test=test, backend=backend, hooks=Hooks(seen=presented.append))
    assert run.diverged is None
    assert run.examples_seen == sum(presented) == (2 + 2 * 1) * 100
    assert Job(TAUGHT, digits, test, 0).examples == run.examples_seen
    (untaught,) = train(TAUGHT.but(teachers=0, distillation=0.0), digits, [0], test=test, backend=backend)
    assert untaught.examples_seen == 200
    assert furthest(run, untaught) > 1e-4


@pytest.mark.parametrize("backend", BACKENDS)
def test_targets_are_the_mean_softmax_of_nets_trained_before_on_the_same_digits(pair: Pair, backend: Any) -> None:
    digits, test = pair
    recipe = TAUGHT.but(distillation=1.0)
    runs = train(recipe.teacher(), digits, [teacher_seed(3, 0), teacher_seed(3, 1)], test=test, backend=backend)
    prepared = Epochs(recipe, digits, 3, teacher(recipe, digits, 3, backend))
    untaught = Epochs(recipe.but(teachers=0, distillation=0.0), digits, 3)
    (block,), (plain,) = prepared.blocks(0), untaught.blocks(0)
    np.testing.assert_array_equal(block.inputs, plain.inputs)  # turned and mixed
    probabilities = []
    with one_thread(), torch.no_grad():
        for run in runs:
            net = nets.build(run.recipe)
            nets.load_lane(net, 0, run.weights)
            probabilities.append(net(torch.from_numpy(block.inputs.copy()).unsqueeze(0))[0].softmax(dim=1).numpy())
    np.testing.assert_allclose(block.targets, np.mean(probabilities, axis=0), atol=1e-5)
    assert block.targets.dtype == np.float32
    assert block.targets.flags.c_contiguous
    np.testing.assert_allclose(block.targets.sum(axis=1), 1, atol=1e-6)

    half = Epochs(recipe.but(distillation=0.25), digits, 3, teacher(recipe, digits, 3, backend))
    (mixed,) = half.blocks(0)
    np.testing.assert_allclose(mixed.targets, 0.75 * plain.targets + 0.25 * block.targets, atol=1e-6)


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_seed_has_teachers_of_its_own(pair: Pair, backend: Any) -> None:
    digits, test = pair
    one = TAUGHT.but(teachers=1)
    first, again, other = (teacher(one, digits, seed, backend)(test.images) for seed in (0, 0, 1))
    both = teacher(TAUGHT, digits, 0, backend)(test.images)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-3
    assert np.abs(first - both).max() > 1e-3  # the second is not the first once more


def test_no_two_nets_share_a_seed() -> None:
    seeds = {teacher_seed(seed, number) for seed in range(50) for number in range(100)}
    assert len(seeds) == 5000
    assert min(seeds) >= 10**9


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_time_that_teachers_and_averages_take_can_be_told(
    tmp_path: Path, pair: Pair, monkeypatch: pytest.MonkeyPatch, backend: Any
) -> None:
    monkeypatch.setattr(collect, "CALIBRATION_SECONDS", 0.02)
    jobs = [Job(TAUGHT.but(averaging="tail"), *pair, seed) for seed in (0, 1)]
    assert estimate_seconds(jobs, Workshop(Store(tmp_path), backend)) > 0
