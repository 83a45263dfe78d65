"""The compiled kernel's fully connected net against nets.FullyConnected in float64."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from timetravel import nets
from timetravel.engine.optimizers import DiagonalNewton
from timetravel.engine.torch_backend import losses, make_optimizer, one_thread
from timetravel.recipes import Recipe

try:
    from timetravel.engine import _kernel as kernel
except ImportError:
    pytest.skip("the compiled kernel is not built", allow_module_level=True)

PARAMETERS = 10690
STATES = {"sgd": 0, "momentum": 1, "adamw": 2, "diagonal-newton": 1}
UNITS = [("tanh", "squared-error"), ("linear", "squared-error"), ("linear", "cross-entropy")]
OPTIONS = ("net", "activation", "output", "amplitude", "slope")
TRAINING = (
    "loss",
    "loss_scale",
    "optimizer",
    "batch_size",
    "momentum",
    "beta1",
    "beta2",
    "epsilon",
    "weight_decay",
    "mu",
)


@pytest.fixture(autouse=True, scope="module")
def few_threads() -> Iterator[None]:
    """The nets here are far too small for several, which only wait for each other on a busy machine."""
    with one_thread():
        yield


class Case:
    """One block of a recipe, and the same in PyTorch with float64."""

    def __init__(self, n: int, rate: float, **changes: Any) -> None:
        self.recipe = Recipe(net="fully-connected", **changes)
        self.net = nets.build(self.recipe).double()
        nets.initialize(self.net, [2])
        rng = np.random.default_rng(n)
        with torch.no_grad():
            for parameter in self.net.parameters():
                drawn = torch.from_numpy(rng.uniform(-0.1, 0.1, tuple(parameter.shape)))
                parameter.copy_((parameter + drawn).float())
        self.parameters = np.concatenate([a.ravel() for a in nets.lane_weights(self.net, 0).values()])
        self.parameters = self.parameters.astype(np.float32)
        self.state = np.zeros((STATES[self.recipe.optimizer], PARAMETERS), np.float32)
        if self.recipe.optimizer == "diagonal-newton":
            self.state[0] = rng.uniform(0, 1, PARAMETERS)
        self.inputs = rng.uniform(-1, 1, (n, 16, 16)).astype(np.float32)
        self.targets = rng.dirichlet(np.ones(10), n).astype(np.float32)
        self.rates = np.full(-(-n // self.recipe.batch_size), rate, np.float32)
        self.options = {name: getattr(self.recipe, name) for name in OPTIONS}

    def train(self, part: slice = slice(None), **changes: Any) -> float:
        size = self.recipe.batch_size
        first, last, _ = part.indices(len(self.inputs))
        given = {
            "parameters": self.parameters, "state": self.state, "inputs": self.inputs[part],
            "targets": self.targets[part], "mask": None, "table": None,
            "learning_rates": self.rates[first // size : -(-last // size)], "step": first // size,
        } | self.options | {name: getattr(self.recipe, name) for name in TRAINING}  # fmt: skip
        return kernel.train_block(**(given | changes))

    def expected(self) -> tuple[np.ndarray, float]:
        """The parameters after the block, and the sum of the losses."""
        optimizer, total, size = make_optimizer(self.recipe, self.net), 0.0, self.recipe.batch_size
        if isinstance(optimizer, DiagonalNewton):
            parts = torch.from_numpy(self.state[0].astype(np.float64)).split([p.numel() for p in self.net.parameters()])
            optimizer.set_curvature({p: h.view(p.shape) for p, h in zip(self.net.parameters(), parts, strict=True)})
        for update, rate in enumerate(self.rates):
            part = slice(update * size, (update + 1) * size)
            outputs = self.net(torch.from_numpy(self.inputs[part].astype(np.float64)).unsqueeze(0))
            loss = losses(self.recipe, outputs, torch.from_numpy(self.targets[part].astype(np.float64)).unsqueeze(0))
            total += loss.sum().item()
            optimizer.param_groups[0]["lr"] = float(rate)
            optimizer.zero_grad()
            torch.autograd.backward(loss.mean() * self.recipe.loss_scale)
            optimizer.step()
        return np.concatenate([p.detach().numpy().ravel() for p in self.net.parameters()]), total


@pytest.mark.parametrize(("output", "loss"), UNITS)
@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu", "silu"])
@pytest.mark.parametrize("changes", [{}, {"amplitude": 1.7159, "slope": 2 / 3, "loss_scale": 3.0}])
def test_gradient(activation: str, output: str, loss: str, changes: dict[str, Any]) -> None:
    # One step at a rate of 64: the change is the gradient, and the weights' own rounding is small beside it.
    case = Case(1, 64, activation=activation, output=output, loss=loss, **changes)
    start = case.parameters.copy()
    expected, expected_loss = case.expected()
    assert case.train() == pytest.approx(expected_loss, rel=1e-5)
    for part in np.split(np.arange(PARAMETERS), [10240, 10280, 10680]):
        change = np.abs(expected[part] - start[part]).max()
        assert np.abs(case.parameters[part] - expected[part]).max() < 5e-5 * change


@pytest.mark.parametrize("batch_size", [1, 3, 64])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"activation": "relu", "output": "linear", "loss": "cross-entropy", "loss_scale": 0.5},
        {"activation": "gelu", "output": "linear", "loss": "cross-entropy"},
        {"activation": "silu", "output": "linear"},
        {"optimizer": "momentum", "momentum": 0.9},
        {"optimizer": "adamw", "weight_decay": 0.1, "epsilon": 1e-5},
        {"optimizer": "diagonal-newton", "mu": 0.2},
    ],
)
def test_every_optimizer_follows_torch(changes: dict[str, Any], batch_size: int) -> None:
    case = Case(200, 2e-3, batch_size=batch_size, **changes)
    expected, expected_loss = case.expected()
    assert case.train() == pytest.approx(expected_loss, rel=1e-5)
    np.testing.assert_allclose(case.parameters, expected, rtol=0, atol=2e-5)


@pytest.mark.parametrize(
    ("activation", "output"),
    [("tanh", "tanh"), ("tanh", "linear"), ("relu", "linear"), ("gelu", "linear"), ("silu", "tanh")],
)
@pytest.mark.parametrize("n", [0, 1, 8, 21])
def test_forward(activation: str, output: str, n: int) -> None:
    case = Case(n, 0.0, activation=activation, output=output, amplitude=1.7159, slope=2 / 3)
    found = np.full((n, 10), np.nan, np.float32)
    kernel.forward(case.parameters, case.inputs, found, None, **case.options)
    expected = case.net(torch.from_numpy(case.inputs.astype(np.float64)).unsqueeze(0))[0]
    np.testing.assert_allclose(found, expected.detach().numpy(), rtol=0, atol=1e-5)


@pytest.mark.parametrize("optimizer", STATES)
@pytest.mark.parametrize("batch_size", [1, 4])
def test_a_block_cut_in_two_gives_the_same_bits(optimizer: str, batch_size: int) -> None:
    whole, parts = (Case(101, 1e-3, optimizer=optimizer, batch_size=batch_size, momentum=0.9) for _ in range(2))
    whole.train()
    for part in (slice(0, 8), slice(8, 68), slice(68, 101)):
        parts.train(part)
    assert whole.parameters.tobytes() == parts.parameters.tobytes()
    assert whole.state.tobytes() == parts.state.tobytes()


def test_what_breaks_shows_in_the_loss() -> None:
    case = Case(3, 1e-3)
    case.parameters[300] = np.nan
    assert not math.isfinite(case.train())
    case = Case(3, 1e-3, optimizer="diagonal-newton")
    case.state[0, -1] = np.inf
    assert math.isnan(case.train())
    case = Case(1, 3e38, output="linear", activation="relu")
    assert not math.isfinite(case.train(targets=case.targets * np.float32(1e3)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mask": np.ones((3, 192), np.float32)}, "mask is given; it must be None with the net 'fully-connected'"),
        ({"parameters": np.zeros(9760, np.float32)}, r"parameters is of shape \(9760,\).*\(10690,\)"),
        ({"state": np.zeros((2, 9760), np.float32)}, r"state is of shape \(2, 9760\).*\(2, 10690\)"),
        ({"net": "lecun1989"}, "table is a NoneType"),
    ],
)
def test_a_wrong_argument_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    case = Case(3, 1e-3, optimizer="adamw")
    with pytest.raises(ValueError, match=message):
        case.train(**changes)
