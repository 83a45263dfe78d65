"""A net may be taught by nets trained before it, on the very images that it is shown."""

import numpy as np
import pytest
import torch

from timetravel import nets
from timetravel.engine.epochs import Epochs
from timetravel.engine.runs import Job
from timetravel.engine.train import Crew, Hooks, choose_backend, make_teacher, train
from timetravel.recipes import Recipe
from timetravel.seeds import teacher_seed

TAUGHT = Recipe(
    loss="cross-entropy", output="linear", epochs=2, batch_size=5, learning_rate=0.05, order="shuffled", rotation=10.0,
    mixup=0.2, teachers=2, teacher_epochs=1, distillation=0.5,
)  # fmt: skip


@pytest.fixture
def pair(few_mnist):
    return few_mnist[0].take(range(100)), few_mnist[1]


def teacher(recipe, digits, seed, backend):
    found = make_teacher(recipe, digits, seed, choose_backend(recipe, backend), Crew())
    assert found is not None
    return found


def test_a_taught_run_tells_of_its_teachers_epochs_too(pair, backends):
    digits, test = pair
    for backend in backends:
        presented: list[int] = []
        (run,) = train(TAUGHT, digits, [0], test=test, backend=backend, hooks=Hooks(seen=presented.append))
        assert run.diverged is None
        assert run.examples_seen == sum(presented) == Job(TAUGHT, digits, test, 0).examples == (2 + 2 * 1) * 100
        (untaught,) = train(TAUGHT.but(teachers=0, distillation=0.0), digits, [0], test=test, backend=backend)
        assert untaught.examples_seen == 200
        assert max(np.abs(run.weights[name] - untaught.weights[name]).max() for name in run.weights) > 1e-4


def test_targets_are_the_mean_softmax_of_nets_trained_before_on_the_same_digits(pair, backends):
    digits, test = pair
    recipe = TAUGHT.but(distillation=1.0)
    for backend in backends:
        runs = train(recipe.teacher(), digits, [teacher_seed(3, 0), teacher_seed(3, 1)], test=test, backend=backend)
        taught = teacher(recipe, digits, 3, backend)
        block, half, plain = (
            next(Epochs(of, digits, 3, teach).blocks(0))
            for of, teach in ((recipe, taught), (recipe.but(distillation=0.25), taught), (recipe.teacher(), None))
        )
        np.testing.assert_array_equal(block.inputs, plain.inputs)  # turned and mixed
        probabilities = []
        for run in runs:
            net = nets.build(run.recipe)
            nets.load_lane(net, 0, run.weights)
            with torch.no_grad():
                probabilities.append(net(torch.from_numpy(block.inputs.copy()).unsqueeze(0))[0].softmax(dim=1).numpy())
        np.testing.assert_allclose(block.targets, np.mean(probabilities, axis=0), atol=1e-5)
        assert block.targets.dtype == np.float32
        assert block.targets.flags.c_contiguous
        np.testing.assert_allclose(half.targets, 0.75 * plain.targets + 0.25 * block.targets, atol=1e-6)


def test_every_seed_has_teachers_of_its_own(pair, backends):
    digits, test = pair
    for backend in backends:
        one = TAUGHT.but(teachers=1)
        first, again, other = (teacher(one, digits, seed, backend)(test.images) for seed in (0, 0, 1))
        np.testing.assert_array_equal(first, again)
        assert np.abs(first - other).max() > 1e-3
        both = teacher(TAUGHT, digits, 0, backend)(test.images)
        assert np.abs(first - both).max() > 1e-3  # the second is not the first once more
    seeds = {teacher_seed(seed, number) for seed in range(50) for number in range(100)}
    assert len(seeds) == 5000
    assert min(seeds) >= 10**9  # which nobody's own seed is
