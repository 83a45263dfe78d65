"""The compiled kernel's border with Python: what it is handed is refused by name, or read as it is."""

import math
from typing import Any

import numpy as np
import pytest

from timetravel import nets

try:
    from timetravel.engine import _kernel as kernel
except ImportError:
    pytest.skip("the compiled kernel is not built", allow_module_level=True)

PARAMETERS = 9760
TABLE = nets.connection_table("blocks")
OPTIONS: dict[str, Any] = {"table": TABLE, "optimizer": "adamw", "batch_size": 3}


def arrays(states: int = 2) -> dict[str, Any]:
    """Arrays that train_block takes: 7 digits in batches of 3."""
    rng = np.random.default_rng(0)
    return {
        "parameters": rng.uniform(-0.1, 0.1, PARAMETERS).astype(np.float32),
        "state": np.zeros((states, PARAMETERS), np.float32),
        "inputs": rng.uniform(-1, 1, (7, 16, 16)).astype(np.float32),
        "targets": rng.dirichlet(np.ones(10), 7).astype(np.float32),
        "mask": np.ones((7, 192), np.float32),
        "learning_rates": np.full(3, 0.05, np.float32),
    }


def read_only(array):
    array.flags.writeable = False
    return array


def test_a_wrong_option_is_refused_by_name():
    for name, wrong, message in (
        ("table", TABLE.astype(np.int64), "table is an array of the type 'l'.*uint8"),
        ("table", TABLE[:11], r"table is of shape \(11, 8\)"),
        ("table", TABLE + np.uint8(1), "table's row 4 is reading map 12; it must be 8 different numbers"),
        ("table", TABLE.clip(1), "table's row 0 is reading map 1 twice"),
        ("table", None, "table is a NoneType.*numpy array of uint8"),
        ("net", "lenet", "net is 'lenet'; it must be one of 'lecun1989', 'fully-connected'"),
        ("activation", "elu", "activation is 'elu'; it must be one of 'tanh', 'relu', 'gelu', 'silu'"),
        ("output", "softmax", "output is 'softmax'; it must be one of 'tanh', 'linear'"),
        ("loss", "hinge", "loss is 'hinge'.*'squared-error', 'cross-entropy'"),
        ("loss", "cross-entropy", "output is 'tanh'; it must be 'linear' with the loss"),
        ("optimizer", "adam", "optimizer is 'adam'"),
        ("batch_size", 0, "batch_size is 0; it must be at least 1"),
        ("border", math.inf, "border is inf; it must be finite"),
        ("map_border", math.nan, "map_border is nan; it must be finite"),
        ("loss_scale", 1e39, r"loss_scale is 1e\+39; it must be finite"),
        ("mu", 0.0, "mu is 0.0; it must be finite and above 0"),
        ("amplitude", 0.0, "amplitude is 0.0; it must be finite and above 0"),
        ("slope", 1e300, "slope is 1e.300; it must be finite and above 0"),
        ("momentum", -0.1, "momentum is -0.1"),
        ("beta1", 1.0, "beta1 is 1.0; it must be finite and from 0 to below 1"),
        ("beta2", math.nan, "beta2 is nan"),
        ("epsilon", 0.0, "epsilon is 0.0; it must be finite and above 0"),
        ("weight_decay", -1.0, "weight_decay is -1.0"),
        ("sharpness", -1.0, "sharpness is -1.0; it must be finite and at least 0"),
    ):
        with pytest.raises(ValueError, match=message):
            kernel.Options(**(OPTIONS | {name: wrong}))


def test_a_wrong_array_is_refused_by_name_and_right_ones_are_taken():
    options, full = kernel.Options(**OPTIONS), kernel.Options(**OPTIONS | {"net": "fully-connected", "table": None})
    for name, spoil, message in (
        ("parameters", lambda a: a[:-1].copy(), r"parameters is of shape \(9759,\).*\(9760,\)"),
        ("parameters", lambda a: a.astype(np.float64), "parameters is an array of the type 'd'.*float32"),
        ("parameters", lambda a: a.astype(">f4"), "parameters is an array of the type '>f'"),
        ("parameters", read_only, "parameters is read-only"),
        ("parameters", lambda a: np.repeat(a, 2)[::2], "parameters is not C-contiguous"),
        ("parameters", lambda a: np.zeros(a.nbytes + 1, np.uint8)[1:].view(a.dtype), "parameters is not aligned"),
        ("parameters", lambda _: None, "parameters is a NoneType.*numpy array of float32"),
        ("state", lambda a: a[:1], r"state is of shape \(1, 9760\).*\(2, 9760\)"),
        ("state", lambda a: a[:, ::-1], "state is not C-contiguous"),
        ("state", read_only, "state is read-only"),
        ("inputs", lambda a: a.reshape(7, 256), r"inputs is of shape \(7, 256\).*\(7, 16, 16\)"),
        ("inputs", lambda a: a[0, 0, 0], r"inputs is of shape \(\)"),
        ("targets", lambda a: a[:6], r"targets is of shape \(6, 10\).*\(7, 10\)"),
        ("mask", lambda a: a.reshape(7, 12, 16), "mask is of shape"),
        ("mask", lambda a: a > 0, r"mask is an array of the type '\?'"),
        ("learning_rates", lambda a: a[:-1], r"learning_rates is of shape \(2,\).*\(3,\), a rate for each update"),
        ("learning_rates", lambda a: a * np.float32(np.nan), r"learning_rates\[0\] is nan"),
        ("learning_rates", lambda a: -a, r"learning_rates\[0\] is -"),
        ("step", lambda _: -1, "step is -1; it must be at least 0"),
    ):
        handed = arrays()
        before = handed["parameters"].copy()
        wrong = spoil(handed.get(name))
        with pytest.raises(ValueError, match=message):
            kernel.train_block(options, **(handed | {name: wrong}))
        assert (handed["parameters"] == before).all()
    with pytest.raises(ValueError, match="mask is given; it must be None with the net 'fully-connected'"):
        kernel.train_block(full, **arrays())
    with pytest.raises(ValueError, match=r"parameters is of shape \(9760,\).*\(10690,\)"):
        kernel.train_block(full, **arrays() | {"mask": None})
    handed = arrays()
    assert kernel.train_block(options, **handed) > 0
    assert (handed["parameters"] != before).any()


def test_what_is_written_may_not_share_memory():
    options = kernel.Options(**OPTIONS | {"optimizer": "momentum"})
    for other in ("state", "inputs", "targets", "mask", "learning_rates"):
        handed = arrays(states=1)
        memory = np.zeros(PARAMETERS + handed[other].size - 1, np.float32)
        shared = memory[-handed[other].size :].reshape(handed[other].shape)  # begins with the last parameter
        with pytest.raises(ValueError, match=f"is in the same memory as .*{other}|{other} is in the same memory"):
            kernel.train_block(options, **(handed | {"parameters": memory[:PARAMETERS], other: shared}))


def test_wrong_arrays_of_the_outputs_and_of_a_curvature_are_refused_by_name():
    options, zeros, inputs = kernel.Options(**OPTIONS), np.zeros(PARAMETERS, np.float32), arrays()["inputs"]
    for call, parameters, images, written, message in (
        (kernel.forward, zeros, inputs, inputs.reshape(-1)[:70].reshape(7, 10), "outputs is in .* memory as inputs"),
        (kernel.forward, zeros, inputs, np.zeros((6, 10), np.float32), r"outputs is of shape \(6, 10\)"),
        (kernel.forward, zeros, inputs, read_only(np.zeros((7, 10), np.float32)), "outputs is read-only"),
        (kernel.curvature, zeros[:-1], inputs, zeros.copy(), r"parameters is of shape \(9759,\).*\(9760,\)"),
        (kernel.curvature, zeros, inputs[:0], zeros.copy(), "inputs is empty; it must be one image or more"),
        (kernel.curvature, zeros, inputs.reshape(7, 256), zeros.copy(), "inputs is of shape"),
        (kernel.curvature, zeros, None, zeros.copy(), "inputs is a NoneType"),
        (kernel.curvature, zeros, inputs, zeros[:-1].copy(), r"curvature is of shape \(9759,\)"),
        (kernel.curvature, zeros, inputs, read_only(zeros.copy()), "curvature is read-only"),
        (kernel.curvature, zeros, inputs, zeros, "curvature is in the same memory as parameters"),
    ):
        with pytest.raises(ValueError, match=message):
            call(options, parameters, images, written)


def test_wrong_arrays_of_a_preparation_are_refused_by_name():
    options, parameters = kernel.Options(**OPTIONS), np.zeros(PARAMETERS, np.float32)
    images, made = np.zeros((4, 16, 16), np.float32), np.zeros((3, 16, 16), np.float32)
    rows, splines = np.arange(3), np.ones((5, 16), np.float32)
    nodes, many = (np.zeros((3, 2, k), np.float32) for k in (25, 289))
    distorted: dict[str, Any] = {"images": images, "rows": rows, "outputs": made}
    for changes, message in (
        ({"rows": rows + 2}, r"rows\[2\] is 4; it must be from 0 to 3"),
        ({"rows": rows - 1}, r"rows\[0\] is -1"),
        ({"rows": rows.astype(np.int32)}, "rows is an array of the type 'i'.*int64"),
        ({"rows": rows[:2]}, r"outputs is of shape \(3, 16, 16\).*\(2, 16, 16\)"),
        ({"images": images[:, :15]}, "images is not C-contiguous"),
        ({"outputs": images[:3]}, "outputs is in the same memory as images"),
        ({"offsets": np.zeros((3, 3), np.int64)}, r"offsets is of shape \(3, 3\).*\(3, 2\)"),
        ({"maps": np.zeros((3, 6), np.float32)}, r"maps is of shape \(3, 6\).*\(3, 2, 3\)"),
        ({"nodes": nodes}, "splines is a NoneType"),
        ({"nodes": nodes[:, :, :24].copy(), "splines": splines}, r"nodes is of shape \(3, 2, 24\).*\(3, 2, 25\)"),
        ({"nodes": many, "splines": np.ones((17, 16), np.float32)}, "17 nodes.*16 at most"),
    ):
        with pytest.raises(ValueError, match=message):
            kernel.distort(**(distorted | changes))
    kernel.distort(**distorted, maps=np.full((3, 2, 3), np.nan, np.float32))  # no number is outside
    assert (made == -1).all()
    shares = np.ones(3, np.float32)
    with pytest.raises(ValueError, match=r"partners\[2\] is 3; it must be from 0 to 2"):
        kernel.mix(made, rows + 1, shares, np.zeros_like(made))
    with pytest.raises(ValueError, match="outputs is in the same memory as images"):
        kernel.mix(made, rows, shares, made)
    for shape, frame, message in (
        ((2, 16, 16), (1.0, 0.0), "16 pixels wide; it must be 17 to 32"),
        ((2, 33, 33), (1.0, 0.0), "33 pixels wide"),
        ((2, 28, 20), (1.0, 0.0), "20 pixels wide|inputs is of shape"),
        ((2, 28, 28), (0.2, 0.0), r"window is 0\.2; it must be finite and from 0\.5 to 1"),
        ((2, 28, 28), (1.0, 1.5), r"deslant is 1\.5"),
    ):
        with pytest.raises(ValueError, match=message):
            kernel.framed_forward(
                options, parameters, np.zeros(shape, np.float32), np.zeros((2, 10), np.float32), *frame
            )


def test_views_are_refused_or_read_as_they_are():
    options, parameters, inputs = kernel.Options(**OPTIONS), arrays()["parameters"], arrays()["inputs"]
    found, expected = (np.full((3, 10), np.nan, np.float32) for _ in range(2))
    kernel.forward(options, parameters, inputs[2:5], found)
    kernel.forward(options, parameters, inputs[2:5].copy(), expected)
    assert (found == expected).all()
    for view in (inputs[:3].transpose(0, 2, 1), inputs[:3, ::-1], inputs[:3, :, ::-1], inputs[2::-1], inputs[:6:2]):
        with pytest.raises(ValueError, match="inputs is not C-contiguous"):
            kernel.forward(options, parameters, view, found)
