"""The compiled kernel against the nets in PyTorch with float64, one block at a time."""

import itertools
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from timetravel import nets
from timetravel.engine.native_backend import OPTIONS, STATES
from timetravel.engine.optimizers import DiagonalNewton
from timetravel.engine.torch_backend import losses, make_optimizer
from timetravel.nets.base import tanh_gelu
from timetravel.recipes import Recipe

try:
    from timetravel.engine import _kernel as kernel
except ImportError:
    pytest.skip("the compiled kernel is not built", allow_module_level=True)

NETS = ("lecun1989", "fully-connected")
ACTIVATIONS = ("tanh", "relu", "gelu", "silu")
UNITS = (("tanh", "squared-error"), ("linear", "squared-error"), ("linear", "cross-entropy"))
TABLES = ("blocks", "ring", "random-3", "random-4", "unsorted")
SCALED = {"amplitude": 1.7159, "slope": 2 / 3}


class Case:
    """One block of a recipe, and the same in PyTorch with float64."""

    def __init__(self, n: int, rate: float = 0.05, *, masked: bool = False, seed: int = 2, **changes: Any) -> None:
        unsorted = changes.get("table") == "unsorted"
        self.recipe = Recipe(**changes | ({"table": "blocks"} if unsorted else {}))
        self.net = nets.build(self.recipe).double()
        nets.initialize(self.net, [seed])
        rng = np.random.default_rng(seed)
        with torch.no_grad():
            for parameter in self.net.parameters():
                drawn = torch.from_numpy(rng.uniform(-0.1, 0.1, tuple(parameter.shape)))
                parameter.copy_((parameter + drawn).float())
        self.parameters = self.flat().astype(np.float32)
        self.state = np.zeros((STATES[self.recipe.optimizer], self.parameters.size), np.float32)
        if self.recipe.optimizer == "diagonal-newton":
            self.state[0] = rng.uniform(0, 1, self.parameters.size)
        self.inputs = rng.uniform(-1, 1, (n, 16, 16)).astype(np.float32)
        self.targets = rng.dirichlet(np.ones(10), n).astype(np.float32)
        self.mask = (rng.integers(0, 4, (n, 192)).clip(0, 1) / 0.75).astype(np.float32) if masked else None
        self.rates = np.full(-(-n // self.recipe.batch_size), rate, np.float32)
        table = None
        if isinstance(self.net, nets.LeCun1989):
            table = nets.connection_table(self.recipe.table)
            if unsorted:
                table = rng.permuted(table, axis=1)
                everywhere = torch.from_numpy(table.astype(np.int64))[None, :, :, None, None].expand(1, 12, 8, 5, 5)
                self.net.register_buffer("table", everywhere, persistent=False)
        self.options = kernel.Options(table=table, **{name: getattr(self.recipe, name) for name in OPTIONS})

    def flat(self) -> np.ndarray:
        return torch.nn.utils.parameters_to_vector(self.net.parameters()).detach().numpy()

    def train(self, part: slice = slice(None)) -> float:
        size = self.recipe.batch_size
        first, last, _ = part.indices(len(self.inputs))
        mask = None if self.mask is None else self.mask[part]
        rates = self.rates[first // size : -(-last // size)]
        arrays = self.inputs[part], self.targets[part], mask, rates
        return kernel.train_block(self.options, self.parameters, self.state, *arrays, step=first // size)

    def forward(self) -> np.ndarray:
        outputs = np.full((len(self.inputs), 10), np.nan, np.float32)
        kernel.forward(self.options, self.parameters, self.inputs, outputs)
        return outputs

    def double(self, array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(array.astype(np.float64)).unsqueeze(0)

    def expected(self) -> tuple[np.ndarray, float]:
        """The parameters after the block, and the sum of the losses."""
        optimizer, total, size = make_optimizer(self.recipe, self.net), 0.0, self.recipe.batch_size
        if isinstance(optimizer, DiagonalNewton):
            parts = torch.from_numpy(self.state[0].astype(np.float64)).split([p.numel() for p in self.net.parameters()])
            optimizer.set_curvature({p: h.view(p.shape) for p, h in zip(self.net.parameters(), parts, strict=True)})
        for update, rate in enumerate(self.rates):
            part = slice(update * size, (update + 1) * size)
            mask = None if self.mask is None else self.double(self.mask[part])
            loss = losses(self.recipe, self.net(self.double(self.inputs[part]), mask), self.double(self.targets[part]))
            total += loss.sum().item()
            optimizer.param_groups[0]["lr"] = float(rate)
            optimizer.zero_grad()
            torch.autograd.backward(loss.mean() * self.recipe.loss_scale)
            optimizer.step()
        return self.flat(), total

    def check(self, tolerance: float) -> None:
        """Train, and compare the change of each parameter array with the largest change in it."""
        start = self.parameters.copy()
        expected, loss = self.expected()
        assert self.train() == pytest.approx(loss, rel=1e-5)
        at = 0
        for name, parameter in self.net.named_parameters():
            part = slice(at, at := at + parameter.numel())
            change = np.abs(expected[part] - start[part]).max()
            assert np.abs(self.parameters[part] - expected[part]).max() <= tolerance * change, (name, self.recipe)


def test_one_step_follows_the_gradient_of_every_net_unit_loss_and_table():
    # One step at a rate of 64: the change is the gradient, and the weights' own rounding is small beside it.
    for activation, (output, loss), masked, table in itertools.product(ACTIVATIONS, UNITS, (False, True), TABLES):
        units = {"activation": activation, "output": output, "loss": loss}
        Case(1, 64, masked=masked, table=table, **units).check(5e-5)
        if not masked and table in ("blocks", "ring"):
            scaled = SCALED | {"loss_scale": 3.0} if table == "ring" else {}
            Case(1, 64, net="fully-connected", **units, **scaled).check(5e-5)
    borders = ((-1.0, -1.0), (0.0, -1.0), (0.37, 0.0), (-1.0, -1.7159))
    tanh = ((1.0, 1.0), (1.7159, 2 / 3), (0.5, 3.0))
    for (border, map_border), (amplitude, slope), table in itertools.product(borders, tanh, ("blocks", "random-3")):
        where = {"border": border, "map_border": map_border, "table": table}
        Case(1, 64, **where, amplitude=amplitude, slope=slope).check(5e-5)
    case = Case(1, 8, output="linear", loss="cross-entropy")
    case.targets[:] = np.linspace(-0.5, 2, 10)  # which do not add up to one
    case.check(5e-5)


def test_batches():
    # A change of about 1e-2 in weights of about 1, in float32: 6e-8 / 1e-2 of rounding, and as much of arithmetic.
    kinds = (("tanh", *UNITS[0]), ("relu", *UNITS[2]), ("gelu", *UNITS[2]), ("silu", *UNITS[1]))
    shapes = ((1, 130), (3, 130), (64, 130), (1, 0), (1, 7), (2, 9), (3, 7), (5, 9), (8, 17), (9, 16))
    for (size, n), (activation, output, loss) in itertools.product(shapes, kinds):
        units = {"activation": activation, "output": output, "loss": loss}
        Case(n, masked=n < 100, table="random-3", batch_size=size, **units).check(1e-3)
    Case(7, batch_size=10**6).check(1e-3)  # larger than any block


def test_the_loss_scale_scales_what_is_trained_and_not_what_is_told():
    # Large gradients, so that AdamW's are far above the rounding that it would blow up.
    for optimizer, batch_size, loss_scale in itertools.product(STATES, (1, 3), (5.0, 0.1)):
        case = Case(6, 1e-3, optimizer=optimizer, batch_size=batch_size, loss_scale=loss_scale)
        expected, loss = case.expected()
        assert case.train() == pytest.approx(loss, rel=1e-5)
        np.testing.assert_allclose(case.parameters, expected, rtol=0, atol=1e-3 if optimizer == "adamw" else 2e-6)


def test_optimizers_follow_torch_for_some_hundred_updates():
    # AdamW divides by the root of a second moment that may be near 0, which turns rounding into a good part of a step:
    # the weights, of about 0.1 and moved by about 0.1, are compared closely on average, and loosely one by one.
    rules = (
        {"optimizer": "momentum", "momentum": 0.9},
        {"optimizer": "adamw", "weight_decay": 0.1},
        {"optimizer": "adamw", "beta1": 0.8, "beta2": 0.95},
        {"optimizer": "diagonal-newton", "mu": 0.05},
    )
    for changes, (size, net) in itertools.product(rules, zip((1, 3), NETS, strict=True)):
        case = Case(200 * size, masked=net == "lecun1989", net=net, batch_size=size, **changes)
        case.rates[:] = np.linspace(2e-3, 1e-4, len(case.rates))
        expected, loss = case.expected()
        assert case.train() == pytest.approx(loss, rel=1e-4)
        errors = np.abs(case.parameters - expected)
        assert errors.mean() < 1e-5
        assert errors.max() < 1e-3


def test_forward():
    units = (("tanh", "tanh"), ("tanh", "linear"), ("relu", "linear"), ("gelu", "linear"), ("silu", "tanh"))
    sizes = ((1, -1.0, -1.0), (8, 0.3, -0.7), (21, -1.0, 0.0))
    for net, table, (activation, output), (n, border, map_border) in itertools.product(NETS, TABLES, units, sizes):
        where = {"net": net, "table": table, "border": border, "map_border": map_border}
        case = Case(n, **where, activation=activation, output=output, **SCALED)
        expected = case.net(case.double(case.inputs))[0].detach().numpy()
        np.testing.assert_allclose(case.forward(), expected, rtol=0, atol=1e-5)


def test_the_curvature_is_that_of_the_reference():
    kinds = [
        {"net": net, "activation": activation, "output": output, "loss": loss, "table": table}
        for net, activation, (output, loss) in itertools.product(NETS, ACTIVATIONS, UNITS)
        for table in ("blocks", "random-3")[: 2 if net == "lecun1989" else 1]
    ]
    kinds += [SCALED | {"border": 0.37, "map_border": -1.7159, "loss_scale": 5.0, "net": net} for net in NETS]
    for changes, n in itertools.product(kinds, (1, 9)):
        case = Case(n, **changes)
        found, at = np.full(case.parameters.size, np.nan, np.float32), 0
        kernel.curvature(case.options, case.parameters, case.inputs, found)
        for name, h in nets.curvature(case.net, case.double(case.inputs)).items():
            part = found[at : at + h.numel()].reshape(h.shape)
            at += h.numel()
            np.testing.assert_allclose(part, h.numpy(), rtol=2e-4, atol=1e-6 * h.max().item(), err_msg=name)


def test_activations_and_their_slopes_are_exact_near_0_and_far_away():
    case = Case(1)  # tanh through the output units' biases, with all weights 0
    case.parameters[:] = 0
    points = np.concatenate([np.linspace(-10, 10, 2000), np.linspace(-1e-3, 1e-3, 498), [-1e30, 1e30]])
    for row in points.astype(np.float32).reshape(-1, 10):
        case.parameters[-10:] = row
        np.testing.assert_allclose(case.forward()[0], np.tanh(row.astype(np.float64)), rtol=4e-7, atol=0)
    # The others through H3's biases, with no other weight but ten of 1 from H3 to the output.
    points = np.concatenate([np.linspace(-30, 30, 1201), np.linspace(-1e-3, 1e-3, 99), np.linspace(-1e3, 1e3, 40)])
    for activation, function in (("relu", torch.relu), ("gelu", tanh_gelu), ("silu", F.silu)):
        case = Case(1, 0.0, output="linear", activation=activation, optimizer="momentum")
        case.parameters[:] = 0
        case.parameters[-310:-10].reshape(10, 30)[:, :10] = np.eye(10)
        for row in points.astype(np.float32).reshape(-1, 10):
            case.parameters[-340:-330] = row
            x = torch.from_numpy(row.astype(np.float64)).requires_grad_()
            values = function(x)
            (slopes,) = torch.autograd.grad(values.sum(), x)
            found, far = case.forward()[0], 4e-7 * np.abs(row).max()
            np.testing.assert_allclose(found, values.detach().numpy(), rtol=4e-7, atol=max(4e-7, far))
            case.targets[0] = found - 5  # so that the gradient of the mean square is the slope
            case.state[:] = 0
            case.train()  # at a rate of 0 the momentum is the gradient, and nothing moves
            np.testing.assert_allclose(case.state[0, -340:-330], slopes.numpy(), rtol=0, atol=1e-5 + far)


def test_a_block_cut_in_two_gives_the_same_bits():
    for net, optimizer, batch_size in itertools.product(NETS, STATES, (1, 4)):
        changes = {"optimizer": optimizer, "batch_size": batch_size, "momentum": 0.9, "weight_decay": 0.01}
        whole, parts = (Case(101, 1e-3, masked=net == "lecun1989", net=net, **changes) for _ in range(2))
        if optimizer == "diagonal-newton":
            for case in (whole, parts):
                case.state[:] = np.linspace(0, 1e-36, case.state.size)  # small, and yet no average to sweep
        whole.train()
        for part in (slice(0, 8), slice(8, 68), slice(68, 101)):
            parts.train(part)
        assert whole.parameters.tobytes() == parts.parameters.tobytes()
        assert whole.state.tobytes() == parts.state.tobytes()


def test_what_breaks_shows_in_the_loss():
    names = ("inputs", "targets", "parameters", "mask")
    for name, activation, size, net in itertools.product(names, ACTIVATIONS, (1, 2), NETS):
        if name == "mask" and net == "fully-connected":
            continue
        case = Case(3, masked=net == "lecun1989", net=net, activation=activation, batch_size=size)
        array = getattr(case, name)
        array.reshape(-1)[array.size // 2] = np.nan
        assert not math.isfinite(case.train())
    for broken, size, net in itertools.product((np.nan, np.inf, -np.inf), (1, 3), NETS):
        case = Case(3, net=net, optimizer="diagonal-newton", batch_size=size)
        if net == "lecun1989":  # no gradient reaches H1, so an infinite curvature could stay unseen
            case.mask = np.zeros((3, 192), np.float32)
        case.state[0, 0] = broken
        assert math.isnan(case.train())
    for net in NETS:  # in the last update
        case = Case(1, 3e38, net=net, output="linear", activation="relu")
        case.targets *= 1e3
        assert not math.isfinite(case.train())


def test_numbers_near_0_are_swept_out_of_averages_and_left_alone_elsewhere():
    case = Case(64, 0.0, optimizer="adamw")
    case.mask = np.zeros((64, 192), np.float32)  # no gradient reaches H1 and H2
    case.state[:] = 1e-36
    case.train()
    assert (case.state[:, : 12 * 25] == 0).all()  # no denormals linger
    program = (
        "import numpy as np; from timetravel.engine import _kernel; "
        "tiny = np.float32(1e-45); assert tiny > 0; assert tiny + tiny > tiny; assert float('5e-324') * 1 > 0"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
