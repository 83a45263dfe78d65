"""The compiled kernel against a plain float64 net in PyTorch, one block at a time."""

import math
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

try:
    from timetravel.engine import _kernel as kernel
except ImportError:
    pytest.skip("the compiled kernel is not built", allow_module_level=True)

from timetravel.engine.optimizers import DiagonalNewton
from timetravel.nets.activations import tanh_gelu

SHAPES = [(12, 5, 5), (12, 8, 8), (12, 8, 5, 5), (12, 4, 4), (30, 192), (30,), (10, 30), (10,)]
FAN_INS = [25, 25, 200, 200, 192, 192, 30, 30]
PARAMETERS = 9760
STATES = {"sgd": 0, "momentum": 1, "adamw": 2, "diagonal-newton": 1}
ACTIVATIONS = ["tanh", "relu", "gelu", "silu"]
UNITS = [("tanh", "squared-error"), ("linear", "squared-error"), ("linear", "cross-entropy")]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """The nets here are far too small for several, which only wait for each other on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def shuffled_table(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.array([rng.permutation(12)[:8] for _ in range(12)], dtype=np.uint8)


def shuffled_blocks(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.array([rng.permutation(row) for row in TABLES["blocks"]], dtype=np.uint8)


TABLES: dict[str, np.ndarray] = {
    "blocks": np.array(
        [[0, 1, 2, 3, 4, 5, 6, 7]] * 4 + [[4, 5, 6, 7, 8, 9, 10, 11]] * 4 + [[0, 1, 2, 3, 8, 9, 10, 11]] * 4,
        dtype=np.uint8,
    ),
    "equal use": ((np.arange(12)[:, None] + np.arange(8)) % 12).astype(np.uint8),
}
TABLES |= {"shuffled blocks": shuffled_blocks(1), "random": shuffled_table(2), "random again": shuffled_table(3)}


class Case:
    """One call of the kernel, and the same in PyTorch with float64."""

    def __init__(self, n: int = 7, table: str = "blocks", masked: bool = False, seed: int = 0, **options: Any) -> None:
        rng = np.random.default_rng(seed)
        self.options = {
            "activation": "tanh", "output": "tanh", "loss": "squared-error", "optimizer": "sgd", "batch_size": 1,
        } | options  # fmt: skip
        self.parameters = np.concatenate(
            [
                rng.uniform(-1, 1, math.prod(shape)) * 2.4 / math.sqrt(fan_in)
                for shape, fan_in in zip(SHAPES, FAN_INS, strict=True)
            ]
        ).astype(np.float32)
        self.state = np.zeros((STATES[self.options["optimizer"]], PARAMETERS), np.float32)
        self.inputs = rng.uniform(-1, 1, (n, 16, 16)).astype(np.float32)
        self.targets = rng.dirichlet(np.ones(10), n).astype(np.float32)
        self.mask = (rng.integers(0, 4, (n, 192)).clip(0, 1) / 0.75).astype(np.float32) if masked else None
        self.table = TABLES[table]
        self.rates = np.full(-(-n // self.options["batch_size"]), 0.05, np.float32)

    def arrays(self) -> dict[str, Any]:
        return {
            "parameters": self.parameters,
            "state": self.state,
            "inputs": self.inputs,
            "targets": self.targets,
            "mask": self.mask,
            "table": self.table,
            "learning_rates": self.rates,
        }

    def train(self, **changes: Any) -> float:
        return kernel.train_block(**(self.arrays() | self.options | changes))

    def forward(self, **changes: Any) -> np.ndarray:
        names = ("activation", "output", "border", "map_border", "amplitude", "slope")
        options = {name: self.options[name] for name in names if name in self.options}
        outputs = np.full((len(self.inputs), 10), np.nan, np.float32)
        given = {"parameters": self.parameters, "inputs": self.inputs, "outputs": outputs, "table": self.table}
        kernel.forward(**(given | options | changes))
        return outputs

    def expected_outputs(self, parameters: torch.Tensor, digits: slice, use_mask: bool) -> torch.Tensor:
        def scaled_tanh(x: torch.Tensor) -> torch.Tensor:
            return self.options.get("amplitude", 1.0) * torch.tanh(self.options.get("slope", 1.0) * x)

        hidden: Callable[[torch.Tensor], torch.Tensor] = {
            "tanh": scaled_tanh, "relu": functional.relu, "gelu": tanh_gelu, "silu": functional.silu,
        }[self.options["activation"]]  # fmt: skip
        sizes = [math.prod(shape) for shape in SHAPES]
        w1, b1, w2, b2, w3, b3, w4, b4 = (
            part.view(shape) for part, shape in zip(parameters.split(sizes), SHAPES, strict=True)
        )
        border, map_border = (self.options.get(name, -1.0) for name in ("border", "map_border"))
        x = torch.from_numpy(self.inputs[digits].astype(np.float64))[:, None]
        x = functional.pad(x, (2, 2, 2, 2), value=border)
        h1 = hidden(functional.conv2d(x, w1[:, None], stride=2) + b1)
        h1 = functional.pad(h1, (2, 2, 2, 2), value=map_border)
        connections = (torch.arange(12)[:, None], torch.from_numpy(self.table.astype(np.int64)))
        dense = torch.zeros(12, 12, 5, 5, dtype=torch.float64).index_put(connections, w2)
        h2 = hidden(functional.conv2d(h1, dense, stride=2) + b2).flatten(1)
        if use_mask and self.mask is not None:
            h2 = h2 * torch.from_numpy(self.mask[digits].astype(np.float64))
        z = hidden(h2 @ w3.T + b3) @ w4.T + b4
        return scaled_tanh(z) if self.options["output"] == "tanh" else z

    def expected_training(self) -> tuple[np.ndarray, float]:
        """The parameters after the block, and the sum of the losses."""
        parameters = torch.from_numpy(self.parameters.astype(np.float64)).requires_grad_()
        optimizer: torch.optim.Optimizer
        if self.options["optimizer"] == "adamw":
            betas = (self.options.get("beta1", 0.9), self.options.get("beta2", 0.999))
            decay = self.options.get("weight_decay", 0.0)
            optimizer = torch.optim.AdamW([parameters], betas=betas, weight_decay=decay)
        elif self.options["optimizer"] == "diagonal-newton":
            optimizer = DiagonalNewton([parameters], mu=self.options.get("mu", 0.1))
            optimizer.set_curvature({parameters: torch.from_numpy(self.state[0].astype(np.float64))})
        else:
            optimizer = torch.optim.SGD([parameters], lr=0, momentum=self.options.get("momentum", 0.0))
        total, size = 0.0, self.options["batch_size"]
        for update, rate in enumerate(self.rates):
            digits = slice(update * size, (update + 1) * size)
            outputs = self.expected_outputs(parameters, digits, use_mask=True)
            targets = torch.from_numpy(self.targets[digits].astype(np.float64))
            if self.options["loss"] == "squared-error":
                losses = ((outputs - targets) ** 2).mean(1)
            else:
                losses = -(targets * outputs.log_softmax(1)).sum(1)
            total += losses.sum().item()
            optimizer.param_groups[0]["lr"] = float(rate)
            optimizer.zero_grad()
            (losses.mean() * self.options.get("loss_scale", 1.0)).backward()
            optimizer.step()
        return parameters.detach().numpy(), total


def relative_error(found: np.ndarray, start: np.ndarray, expected: np.ndarray) -> float:
    """The largest error of the change, relative to the largest change in the same layer."""
    worst, at = 0.0, 0
    for shape in SHAPES:
        part = slice(at, at := at + math.prod(shape))
        change = np.abs(expected[part] - start[part]).max()
        worst = max(worst, float(np.abs(found[part] - expected[part]).max() / change))
    return worst


def check_training(case: Case, tolerance: float) -> None:
    start = case.parameters.copy()
    expected, expected_loss = case.expected_training()
    loss = case.train()
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    assert relative_error(case.parameters, start, expected) < tolerance


# A change of about 1e-2 in weights of about 1, in float32: 6e-8 / 1e-2 of rounding, and as much of arithmetic.
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(("output", "loss"), UNITS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient(activation: str, output: str, loss: str, masked: bool, table: str) -> None:
    # One step at a rate of 64: the change is the gradient, and the weights' own rounding is small beside it.
    case = Case(1, table, masked, activation=activation, output=output, loss=loss)
    case.rates[:] = 64
    check_training(case, 5e-5)


@pytest.mark.parametrize("batch_size", [1, 3, 64])
@pytest.mark.parametrize(
    ("activation", "output", "loss"),
    [("tanh", *UNITS[0]), ("relu", *UNITS[2]), ("gelu", *UNITS[2]), ("silu", *UNITS[1])],
)
@pytest.mark.parametrize(("n", "masked"), [(130, False), (7, True)])
def test_batches(batch_size: int, activation: str, output: str, loss: str, n: int, masked: bool) -> None:
    case = Case(n, "random", masked, activation=activation, output=output, loss=loss, batch_size=batch_size)
    check_training(case, 1e-3)


@pytest.mark.parametrize(("border", "map_border"), [(-1.0, -1.0), (0.0, -1.0), (0.37, 0.0), (-1.0, -1.7159)])
@pytest.mark.parametrize(("amplitude", "slope"), [(1.0, 1.0), (1.7159, 2 / 3), (0.5, 3.0)])
@pytest.mark.parametrize("table", ["blocks", "random"])
def test_borders_amplitude_and_slope(
    border: float, map_border: float, amplitude: float, slope: float, table: str
) -> None:
    case = Case(1, table, border=border, map_border=map_border, amplitude=amplitude, slope=slope)
    case.rates[:] = 64
    check_training(case, 5e-5)


@pytest.mark.parametrize("optimizer", STATES)
@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize("loss_scale", [5.0, 0.1])
def test_the_loss_scale_scales_what_is_trained_and_not_what_is_told(
    optimizer: str, batch_size: int, loss_scale: float
) -> None:
    # Large gradients, so that AdamW's are far above the rounding that it would blow up.
    case = Case(6, optimizer=optimizer, batch_size=batch_size, loss_scale=loss_scale)
    case.rates[:] = 1e-3
    expected, expected_loss = case.expected_training()
    assert case.train() == pytest.approx(expected_loss, rel=1e-5)
    np.testing.assert_allclose(case.parameters, expected, rtol=0, atol=1e-3 if optimizer == "adamw" else 2e-6)


@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize(
    "options",
    [
        {"optimizer": "momentum", "momentum": 0.9},
        {"optimizer": "adamw", "weight_decay": 0.1},
        {"optimizer": "adamw", "beta1": 0.8, "beta2": 0.95},
        {"optimizer": "diagonal-newton", "mu": 0.05},
    ],
)
def test_optimizers_follow_torch_for_some_hundred_updates(options: dict[str, Any], batch_size: int) -> None:
    case = Case(200 * batch_size, masked=True, batch_size=batch_size, **options)
    if options["optimizer"] == "diagonal-newton":
        case.state[0] = np.random.default_rng(1).uniform(0, 1, PARAMETERS)
    case.rates[:] = np.linspace(2e-3, 1e-4, len(case.rates))
    # AdamW divides by the root of a second moment that may be near 0, which turns rounding into a good part of a step:
    # the weights, of about 0.1 and moved by about 0.1, are compared closely on average, and loosely one by one.
    expected, expected_loss = case.expected_training()
    loss = case.train()
    errors = np.abs(case.parameters - expected)
    assert loss == pytest.approx(expected_loss, rel=1e-4)
    assert errors.mean() < 1e-5
    assert errors.max() < 1e-3


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    ("activation", "output"),
    [("tanh", "tanh"), ("tanh", "linear"), ("relu", "linear"), ("gelu", "linear"), ("silu", "tanh")],
)
@pytest.mark.parametrize(("n", "border", "map_border"), [(1, -1.0, -1.0), (8, 0.3, -0.7), (21, -1.0, 0.0)])
def test_forward(table: str, activation: str, output: str, n: int, border: float, map_border: float) -> None:
    borders = {"border": border, "map_border": map_border}
    case = Case(n, table, activation=activation, output=output, **borders, amplitude=1.7159, slope=2 / 3)
    parameters = torch.from_numpy(case.parameters.astype(np.float64))
    expected = case.expected_outputs(parameters, slice(None), use_mask=False).numpy()
    np.testing.assert_allclose(case.forward(), expected, rtol=0, atol=1e-5)


def test_forward_agrees_with_the_training_loss() -> None:
    case = Case(1, "random")
    outputs = case.forward().astype(np.float64)
    assert case.train() == pytest.approx(((outputs - case.targets) ** 2).mean(), rel=1e-5)


def test_tanh_is_within_4e_7() -> None:
    """Through the output units' biases, with all weights 0."""
    case = Case(1)
    case.parameters[:] = 0
    points = np.concatenate([np.linspace(-10, 10, 2000), np.linspace(-1e-3, 1e-3, 500), [-1e30, 1e30]])
    points = np.resize(points, (-(-len(points) // 10), 10)).astype(np.float32)
    for row in points:
        case.parameters[-10:] = row
        np.testing.assert_allclose(case.forward()[0], np.tanh(row.astype(np.float64)), rtol=4e-7, atol=0)


@pytest.mark.parametrize("activation", ["relu", "gelu", "silu"])
def test_activations_and_their_slopes_are_pytorch_s_near_0_and_far_away(activation: str) -> None:
    """Through H3's biases, with no other weight but ten of 1 from H3 to the output."""
    case = Case(1, output="linear", activation=activation, optimizer="momentum")
    case.parameters[:] = 0
    case.parameters[-310:-10].reshape(10, 30)[:, :10] = np.eye(10)
    case.rates[:] = 0  # the momentum is then the gradient, and nothing moves
    points = np.concatenate([np.linspace(-30, 30, 1201), np.linspace(-1e-3, 1e-3, 99), np.linspace(-1e3, 1e3, 40)])
    for row in points.astype(np.float32).reshape(-1, 10):
        case.parameters[-340:-330] = row
        x = torch.from_numpy(row.astype(np.float64)).requires_grad_()
        function = {"relu": torch.relu, "gelu": tanh_gelu, "silu": functional.silu}[activation]
        values = function(x)
        (slopes,) = torch.autograd.grad(values.sum(), x)
        found = case.forward()[0]
        np.testing.assert_allclose(found, values.detach().numpy(), rtol=4e-7, atol=4e-7 * max(1, np.abs(row).max()))
        case.targets[0] = found - 5  # so that the gradient of the mean square is the slope
        case.state[:] = 0
        case.train()
        np.testing.assert_allclose(
            case.state[0, -340:-330], slopes.numpy(), rtol=0, atol=1e-5 + 4e-7 * np.abs(row).max()
        )


def test_targets_that_do_not_add_up_to_one() -> None:
    case = Case(1, output="linear", loss="cross-entropy")
    case.targets[:] = np.linspace(-0.5, 2, 10)
    case.rates[:] = 8
    check_training(case, 5e-5)


@pytest.mark.parametrize("optimizer", STATES)
@pytest.mark.parametrize("batch_size", [1, 4])
def test_a_block_cut_in_two_gives_the_same_bits(optimizer: str, batch_size: int) -> None:
    options = {"optimizer": optimizer, "batch_size": batch_size, "momentum": 0.9, "weight_decay": 0.01}
    whole, parts = (Case(101, "random", masked=True, **options) for _ in range(2))
    if optimizer == "diagonal-newton":
        whole.state[:] = parts.state[:] = np.linspace(0, 1e-36, PARAMETERS)  # small, and yet no average to sweep
    whole.train()
    for first, last in [(0, 8), (8, 68), (68, 101)]:
        digits, updates = slice(first, last), slice(first // batch_size, -(-last // batch_size))
        assert parts.mask is not None
        parts.train(
            inputs=parts.inputs[digits],
            targets=parts.targets[digits],
            mask=parts.mask[digits],
            learning_rates=parts.rates[updates],
            step=updates.start,
        )
    assert whole.parameters.tobytes() == parts.parameters.tobytes()
    assert whole.state.tobytes() == parts.state.tobytes()


def test_threads_give_the_same_bits_as_one_after_the_other() -> None:
    def cases() -> list[Case]:
        return [Case(400, table, seed=seed) for seed, table in enumerate(["blocks", "random"])]

    alone, together = cases(), cases()
    losses = [case.train() for case in alone]
    found: dict[int, float] = {}

    def work(i: int) -> None:
        found[i] = together[i].train()

    threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[0], found[1]] == losses
    assert [case.parameters.tobytes() for case in alone] == [case.parameters.tobytes() for case in together]


def test_nothing_to_do_changes_nothing() -> None:
    case = Case(0)
    before = case.parameters.copy()
    assert case.train() == 0
    assert (case.parameters == before).all()
    assert case.forward().shape == (0, 10)


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("batch_size", [1, 3])
def test_a_curvature_that_is_not_finite_shows_in_the_loss(broken: float, batch_size: int) -> None:
    case = Case(3, optimizer="diagonal-newton", batch_size=batch_size)
    case.mask = np.zeros((3, 192), np.float32)  # no gradient reaches H1, so an infinite curvature could stay unseen
    case.state[0, 0] = broken
    assert math.isnan(case.train())


@pytest.mark.parametrize("name", ["inputs", "targets", "parameters", "mask"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("batch_size", [1, 2])
def test_a_nan_shows_in_the_loss(name: str, activation: str, batch_size: int) -> None:
    case = Case(3, masked=True, activation=activation, batch_size=batch_size)
    array = case.arrays()[name]
    array.reshape(-1)[array.size // 2] = np.nan
    assert not math.isfinite(case.train())


def test_divergence_in_the_last_update_shows() -> None:
    case = Case(1, output="linear", activation="relu")
    case.targets *= 1e3
    case.rates[:] = 3e38
    assert not math.isfinite(case.train())


def test_a_dead_units_averages_do_not_linger_as_denormals() -> None:
    case = Case(64, optimizer="adamw")
    case.mask = np.zeros((64, 192), np.float32)  # no gradient reaches H1 and H2
    case.state[:] = 1e-36
    case.rates[:] = 0
    case.train()
    assert (case.state[:, : 12 * 25] == 0).all()


def test_floating_point_mode_is_left_alone() -> None:
    program = (
        "import numpy as np; from timetravel.engine import _kernel; "
        "tiny = np.float32(1e-45); assert tiny > 0; assert tiny + tiny > tiny; assert float('5e-324') * 1 > 0"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_batch_larger_than_any_block_is_one_update() -> None:
    case = Case(7, batch_size=2**62)
    assert len(case.rates) == 1
    check_training(case, 1e-3)


@settings(max_examples=30, deadline=None)
@given(
    n=st.integers(0, 9),
    batch_size=st.integers(1, 5),
    seed=st.integers(0, 2**16),
    choice=st.sampled_from(UNITS),
    activation=st.sampled_from(ACTIVATIONS),
    masked=st.booleans(),
    borders=st.tuples(*[st.floats(-1, 1, width=32)] * 2),
)
def test_any_table_and_size_follows_torch(
    n: int, batch_size: int, seed: int, choice: tuple[str, str], activation: str, masked: bool, borders: Any
) -> None:
    output, loss = choice
    options = {"output": output, "loss": loss, "activation": activation, "batch_size": batch_size}
    case = Case(n, masked=masked, seed=seed, **options, border=borders[0], map_border=borders[1])
    case.table = shuffled_table(seed)
    start = case.parameters.copy()
    expected, expected_loss = case.expected_training()
    assert case.train() == pytest.approx(expected_loss, rel=1e-5, abs=1e-9)
    np.testing.assert_allclose(case.parameters - start, expected - start, rtol=0, atol=2e-5)
