"""The engine on real digits: it trains what it says, teachers too, the same every time, on both backends."""

import threading

import numpy as np
import pytest
import torch
from oracles import plain_forward
from torch.nn import functional as F

from timetravel import nets
from timetravel.engine import epochs, native_backend
from timetravel.engine.epochs import Epochs
from timetravel.engine.runs import Job
from timetravel.engine.train import Crew, Hooks, choose_backend, make_net, make_teacher, train
from timetravel.eras import ERAS
from timetravel.errors import UsageError
from timetravel.ladders import ESSAY_LADDER, climb
from timetravel.recipes import Recipe
from timetravel.seeds import teacher_seed

needs_kernel = pytest.mark.skipif(native_backend.missing() is not None, reason="the compiled kernel is not built")
ESSAY = ERAS["1989-essay"].recipe
TAUGHT = Recipe(
    loss="cross-entropy", output="linear", batch_size=5, learning_rate=0.05, order="shuffled", rotation=10.0, mixup=0.2,
    teachers=2, teacher_epochs=1, distillation=0.5, epochs=1,
)  # fmt: skip
AVERAGED = Recipe(epochs=4, batch_size=8, learning_rate=0.2, averaging="tail", averaging_epochs=2.0)
# A rate at which the net settles: ten times as much, and rounding alone takes two runs apart within 300 updates.
NEWTON = {"optimizer": "diagonal-newton", "learning_rate": 0.003}
SHARP = {"sharpness": 0.1, "activation": "gelu", "output": "linear", "loss": "cross-entropy"}


def furthest(one, other) -> float:
    """How far the weights of two nets are apart."""
    return max(float(np.abs(one[name] - other[name]).max()) for name in one)


def test_it_trains_what_a_plain_loop_trains(few_mnist, backends):
    digits, test = few_mnist[0].take(range(100)), few_mnist[1]
    start = nets.build(ESSAY)
    nets.initialize(start, [0])
    parameters = {name: p.detach()[0].clone().requires_grad_() for name, p in start.named_parameters()}
    images, labels = torch.from_numpy(digits.images.copy()).unsqueeze(1), torch.from_numpy(digits.labels.copy())
    targets = 2.0 * F.one_hot(labels, 10) - 1.0
    optimizer = torch.optim.SGD(parameters.values(), lr=0.03)
    for i in (*range(100), *range(100)):
        optimizer.zero_grad()
        ((plain_forward(parameters, images[i : i + 1]) - targets[i : i + 1]) ** 2).mean().backward()
        optimizer.step()
    with torch.no_grad():
        outputs = plain_forward(parameters, torch.from_numpy(test.images.copy()).unsqueeze(1)).numpy()
    for backend in backends:
        (run,) = train(ESSAY.but(epochs=2), digits, [0], test=test, backend=backend)
        assert run.test.mistakes == (outputs.argmax(axis=1) != test.labels).sum()
        np.testing.assert_allclose(run.outputs, outputs, atol=2e-5)


@needs_kernel
def test_a_seed_gives_the_same_bits_alone_among_others_and_on_any_number_of_workers(few_mnist):
    digits, test = few_mnist
    for recipe in (ESSAY, ERAS["2022"].recipe, TAUGHT, AVERAGED):
        (alone,) = train(recipe.but(epochs=1), digits, [2], test=test, backend="native")
        among = train(recipe.but(epochs=1), digits, [5, 0, 2], test=test, backend="native", workers=2)[2]
        assert alone.seed == among.seed == 2
        assert alone.test == among.test
        np.testing.assert_array_equal(alone.outputs, among.outputs)
        assert furthest(alone.weights, among.weights) == 0


@needs_kernel
def test_both_backends_train_the_same(few_mnist):
    """The essay's ladder, the gaps of the paper, and what today adds; one by one and in batches, both nets."""
    digits, test = few_mnist[0].take(range(100)), few_mnist[1]
    # AdamW divides a gradient by its own size: where that is float noise (a ReLU just off, a gradient that cancels) the
    # noise becomes a whole step. An epsilon above the noise keeps the comparison to what the code computes.
    steps = [recipe.but(epsilon=1e-3) if recipe.dropout else recipe for recipe in climb(ESSAY, ESSAY_LADDER)]
    recipes = [recipe.but(epochs=1, batch_size=size) for recipe, size in zip(steps, (1, 16, 1, 16, 1), strict=True)]
    for changes in (
        {"border": 0.0, "map_border": 0.3, "batch_size": 16},
        {"loss_scale": 5.0, "learning_rate": 0.006},
        {"optimizer": "momentum", "momentum": 0.5, "learning_rate": 0.01, "dropout": 0.25},
        NEWTON | {"epochs": 2, "curvature_digits": 100},
        NEWTON | {"loss_scale": 5.0, "map_border": 0.0, "mu": 0.3, "table": "random-1", "batch_size": 16},
        NEWTON | {"activation": "relu", "output": "linear", "loss": "cross-entropy", "mu": 0.5, "batch_size": 16},
        SHARP | {"learning_rate": 0.1, "batch_size": 8},
        SHARP | {"optimizer": "momentum", "momentum": 0.9, "batch_size": 16},
        SHARP | {"optimizer": "adamw", "learning_rate": 1e-3, "batch_size": 32, "epsilon": 1e-3},
    ):
        recipes += [ESSAY.but(**{"epochs": 1, "net": net} | changes) for net in ("lecun1989", "fully-connected")]
    for recipe in (*recipes, TAUGHT, AVERAGED, AVERAGED.but(averaging="exponential")):
        (reference,), (native,) = (train(recipe, digits, [1], test=test, backend=b) for b in ("torch", "native"))
        assert not reference.diverged
        assert furthest(reference.weights, native.weights) < 5e-5, recipe
        assert native.train.loss == pytest.approx(reference.train.loss, rel=1e-4)


@needs_kernel
def test_hardly_any_digits_are_trained_alike_by_both_backends_and_a_batch_larger_than_the_data_is_one(few_mnist):
    """One digit, and one of each class: distorted, mixed, and with teachers, which know little more than chance."""
    digits, test = few_mnist
    recipe = ERAS["today"].recipe.but(epochs=2, mixup=0.2, teachers=2, teacher_epochs=2, distillation=0.5)
    for chosen in ([0], [int(np.argmax(digits.labels == digit)) for digit in range(10)]):
        few = digits.take(chosen)
        assert recipe.batch_size > len(few)
        reference, native = (train(recipe, few, [1], test=test, backend=name)[0] for name in ("torch", "native"))
        assert furthest(reference.weights, native.weights) < 5e-5
        assert native.test.mistakes == reference.test.mistakes > 100
        assert not native.diverged


@needs_kernel
def test_a_net_whose_teachers_have_collapsed_is_told_of(few_mnist):
    recipe = ERAS["today"].recipe.but(epochs=1, teachers=2, teacher_epochs=1, distillation=0.9, learning_rate=50.0)
    for backend in ("torch", "native"):
        (run,) = train(recipe, few_mnist[0], [0], test=few_mnist[1], backend=backend)
        assert run.collapsed or run.diverged


def test_what_is_measured_is_the_mean_of_the_weights_after_each_block(few_mnist, monkeypatch, backends):
    monkeypatch.setattr(epochs, "BLOCK", 128)  # so 128, 128 and 44 of 300 digits
    digits, test = few_mnist
    for backend in backends:
        plain, by_block = AVERAGED.but(averaging="none"), []
        net, prepared = make_net(choose_backend(plain, backend), plain, [1]), Epochs(plain, digits, 1)
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
            assert furthest(expected, run.weights) < 1e-6
            assert furthest(expected, by_block[-1]) > 1e-3
            measured = nets.build(recipe)
            nets.load_lane(measured, 0, run.weights)
            with torch.no_grad():
                outputs = measured(torch.from_numpy(test.images.copy()).unsqueeze(0))[0].numpy()
            np.testing.assert_allclose(run.outputs, outputs, atol=1e-5)
            assert run.test.mistakes == (outputs.argmax(axis=1) != test.labels).sum()


def test_watching_changes_nothing_and_tells_every_epoch_and_a_run_says_where_it_comes_from(few_mnist, backends):
    digits, test = few_mnist[0].take(range(100)), few_mnist[1]
    for backend in backends:
        heard, presented = [], []
        hooks = Hooks(epoch_done=lambda job, point, heard=heard: heard.append(point), seen=presented.append)
        (watched,) = train(ESSAY.but(epochs=3), digits, [0], test=test, backend=backend, hooks=hooks)
        (alone,) = train(ESSAY.but(epochs=3), digits, [0], test=test, backend=backend)
        assert [point.epochs for point in heard] == [1, 2, 3]
        assert tuple(heard) == watched.curve
        assert (watched.curve[-1].train, watched.curve[-1].test) == (watched.train, watched.test)
        assert sum(presented) == watched.examples_seen == 300
        assert alone.curve == ()
        np.testing.assert_array_equal(watched.outputs, alone.outputs)
        machine = {"timetravel", "python", "torch", "numpy", "processor", "cores", "finished", "device"}
        assert machine <= set(alone.provenance)
        assert (alone.digits, alone.test_digits) == (digits.fingerprint, test.fingerprint)
        assert alone.seconds > 0


def test_a_backend_that_cannot_train_a_recipe_is_refused_with_the_reason(monkeypatch):
    if native_backend.missing() is None:
        assert [choose_backend(Recipe(), name).name for name in ("auto", "torch")] == ["native", "torch"]
        with pytest.raises(UsageError, match="does not cover net = micro-vit"):
            choose_backend(Recipe(net="micro-vit"), "native")
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
def test_the_first_failure_stops_the_other_workers_at_their_next_block(few_mnist):
    digits, test = few_mnist
    others = threading.Event()

    def seen(count):
        if others.is_set():
            raise KeyboardInterrupt
        others.set()

    started = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        train(Recipe(epochs=1_000_000), digits, range(4), test=test, backend="native", workers=2, hooks=Hooks(seen))
    assert threading.active_count() == started


def teacher(recipe, digits, seed, backend):
    found = make_teacher(recipe, digits, seed, choose_backend(recipe, backend), Crew())
    assert found is not None
    return found


def test_a_taught_run_tells_of_its_teachers_epochs_too(few_mnist, backends):
    digits, test = few_mnist[0].take(range(100)), few_mnist[1]
    for backend in backends:
        presented: list[int] = []
        (run,) = train(TAUGHT, digits, [0], test=test, backend=backend, hooks=Hooks(seen=presented.append))
        assert run.diverged is None
        assert run.examples_seen == sum(presented) == Job(TAUGHT, digits, test, 0).examples == (1 + 2 * 1) * 100
        (untaught,) = train(TAUGHT.but(teachers=0, distillation=0.0), digits, [0], test=test, backend=backend)
        assert untaught.examples_seen == 100
        assert furthest(run.weights, untaught.weights) > 1e-4


def test_targets_are_the_mean_softmax_of_nets_trained_before_on_the_same_digits(few_mnist, backends):
    digits, test = few_mnist[0].take(range(100)), few_mnist[1]
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


def test_every_seed_has_teachers_of_its_own(few_mnist, backends):
    digits, test = few_mnist[0].take(range(100)), few_mnist[1]
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
