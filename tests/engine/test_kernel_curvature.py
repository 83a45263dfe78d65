"""The compiled kernel's curvature against nets.curvature in float64, and its border with Python."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch

from timetravel import nets
from timetravel.engine.torch_backend import one_thread
from timetravel.recipes import Recipe

try:
    from timetravel.engine import _kernel as kernel
except ImportError:
    pytest.skip("the compiled kernel is not built", allow_module_level=True)

UNITS = [("tanh", "squared-error"), ("linear", "squared-error"), ("linear", "cross-entropy")]


@pytest.fixture(autouse=True, scope="module")
def few_threads() -> Iterator[None]:
    """The nets here are far too small for several, which only wait for each other on a busy machine."""
    with one_thread():
        yield


def images(n: int) -> np.ndarray:
    return np.random.default_rng(n).uniform(-1, 1, (n, 16, 16)).astype(np.float32)


def flat(net: nets.Net) -> np.ndarray:
    return np.concatenate([array.ravel() for array in nets.lane_weights(net, 0).values()]).astype(np.float32)


def options(recipe: Recipe) -> dict[str, Any]:
    names = ("net", "activation", "output", "loss", "border", "map_border", "amplitude", "slope", "loss_scale")
    return {name: getattr(recipe, name) for name in names}


def check(recipe: Recipe, n: int, spread: float = 1.0) -> None:
    net = nets.build(recipe).double()
    nets.initialize(net, [1])
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_((spread * parameter).float())
    expected = nets.curvature(net, torch.from_numpy(images(n).astype(np.float64)).unsqueeze(0))
    parameters = flat(net)
    found = np.full(parameters.size, np.nan, np.float32)
    table = nets.connection_table(recipe.table) if recipe.net == "lecun1989" else None
    kernel.curvature(parameters, images(n), found, table, **options(recipe))
    at = 0
    for name, h in expected.items():
        part = found[at : at + h.numel()].reshape(h.shape)
        at += h.numel()
        np.testing.assert_allclose(part, h.numpy(), rtol=2e-4, atol=1e-6 * h.max().item(), err_msg=name)


@pytest.mark.parametrize("table", ["blocks", "ring", "random-3"])
@pytest.mark.parametrize(("output", "loss"), UNITS)
@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu", "silu"])
def test_it_is_the_curvature_of_the_reference(activation: str, output: str, loss: str, table: str) -> None:
    recipe = Recipe(activation=activation, output=output, loss=loss, table=table)  # type: ignore[arg-type]
    check(recipe, 9)


@pytest.mark.parametrize(("output", "loss"), UNITS)
@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu", "silu"])
def test_so_it_is_for_the_fully_connected_net(activation: str, output: str, loss: str) -> None:
    recipe = Recipe(net="fully-connected", activation=activation, output=output, loss=loss)  # type: ignore[arg-type]
    check(recipe.but(amplitude=1.7159, slope=2 / 3, loss_scale=0.5), 9)


@pytest.mark.parametrize(("border", "map_border"), [(0.37, -1.7159), (0.0, 0.5)])
@pytest.mark.parametrize("n", [1, 40])
def test_borders_units_and_the_scale_of_the_loss(border: float, map_border: float, n: int) -> None:
    check(Recipe(border=border, map_border=map_border, amplitude=1.7159, slope=2 / 3, loss_scale=5.0), n)


def test_a_net_that_is_sure() -> None:
    check(Recipe(activation="relu", output="linear", loss="cross-entropy"), 5, spread=3.0)


def test_the_same_bits_every_time() -> None:
    recipe = Recipe()
    net = nets.build(recipe)
    nets.initialize(net, [0])
    found = np.full((2, 9760), np.nan, np.float32)
    for row in found:
        kernel.curvature(flat(net), images(20), row, nets.connection_table("blocks"), **options(recipe))
    np.testing.assert_array_equal(found[0], found[1])


def read_only(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    ("name", "spoil", "message"),
    [
        ("parameters", lambda a: a[:-1], r"parameters is of shape \(9759,\).*\(9760,\)"),
        ("inputs", lambda a: a[:0], "inputs is empty; it must be one image or more"),
        ("inputs", lambda a: a.reshape(4, 256), "inputs is of shape"),
        ("inputs", lambda _: None, "inputs is a NoneType"),
        ("curvature", lambda a: a[:-1], r"curvature is of shape \(9759,\)"),
        ("curvature", lambda a: a.astype(np.float64), "curvature is an array of the type 'd'"),
        ("curvature", read_only, "curvature is read-only"),
        ("table", lambda a: a + np.uint8(1), "table's row 4 is reading map 12"),
        ("table", lambda _: None, "table is a NoneType"),
        ("net", lambda _: "fully-connected", r"parameters is of shape \(9760,\).*\(10690,\)"),
        ("loss", lambda _: "cross-entropy", "output is 'tanh'; it must be 'linear'"),
        ("loss_scale", lambda _: np.inf, "loss_scale is inf; it must be finite"),
        ("map_border", lambda _: np.nan, "map_border is nan; it must be finite"),
    ],
)
def test_a_wrong_argument_is_refused_by_name(name: str, spoil: Callable[[Any], Any], message: str) -> None:
    given = options(Recipe()) | {
        "parameters": np.zeros(9760, np.float32),
        "inputs": images(4),
        "curvature": np.zeros(9760, np.float32),
        "table": nets.connection_table("blocks"),
    }
    with pytest.raises(ValueError, match=message):
        kernel.curvature(**(given | {name: spoil(given[name])}))


def test_what_is_written_may_not_share_memory() -> None:
    parameters = np.zeros(9760, np.float32)
    with pytest.raises(ValueError, match="curvature is in the same memory as parameters"):
        kernel.curvature(parameters, images(2), parameters, nets.connection_table("blocks"), **options(Recipe()))
