"""Runs every path of a built kernel once, with numpy alone: `python kernel_harness.py path/to/_kernel.so`.

It checks little by itself: it is what the sanitizers watch.
"""

import importlib.util
import itertools
import math
import sys
from types import ModuleType

import numpy as np

PARAMETERS = {"lecun1989": 9760, "fully-connected": 10690}
ESSAY_TABLE = np.array(
    [[0, 1, 2, 3, 4, 5, 6, 7]] * 4 + [[4, 5, 6, 7, 8, 9, 10, 11]] * 4 + [[0, 1, 2, 3, 8, 9, 10, 11]] * 4,
    dtype=np.uint8,
)
ACTIVATIONS = ["tanh", "relu", "gelu", "silu"]
UNITS = [("tanh", "squared-error"), ("linear", "squared-error"), ("linear", "cross-entropy")]
STATES = {"sgd": 0, "momentum": 1, "adamw": 2, "diagonal-newton": 1}


def load(path: str) -> ModuleType:
    """Import the extension module in this file."""
    spec = importlib.util.spec_from_file_location("_kernel", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def exercise(kernel: ModuleType) -> None:
    """Train and evaluate in every combination of choices, and hand over some arrays that must be refused."""
    rng = np.random.default_rng(1989)
    shuffled = np.array([rng.permutation(12)[:8] for _ in range(12)], dtype=np.uint8)
    nets = [("lecun1989", table, masked) for table in (ESSAY_TABLE, shuffled) for masked in (False, True)]
    nets.append(("fully-connected", None, False))
    choices = itertools.product(nets, ACTIVATIONS, UNITS, STATES, (1, 3))
    for (net, table, masked), activation, (output, loss), optimizer, batch_size in choices:
        n, size = 7, PARAMETERS[net]
        parameters = rng.normal(0, 0.1, size).astype(np.float32)
        state = np.zeros((STATES[optimizer], size), np.float32)
        inputs = rng.uniform(-1, 1, (n, 16, 16)).astype(np.float32)
        targets = rng.dirichlet(np.ones(10), n).astype(np.float32)
        mask = (rng.integers(0, 2, (n, 192)) * 2).astype(np.float32) if masked else None
        rates = np.full(-(-n // batch_size), 0.01, np.float32)
        options = kernel.Options(
            table=table, net=net, activation=activation, output=output, loss=loss, optimizer=optimizer,
            batch_size=batch_size, momentum=0.9, weight_decay=0.01,
        )  # fmt: skip
        if optimizer == "diagonal-newton":
            kernel.curvature(options, parameters, inputs, state[0])
            assert np.isfinite(state).all()
        total = kernel.train_block(options, parameters, state, inputs, targets, mask, rates, step=60)
        assert math.isfinite(total)
        for count in (0, 1, 7):
            outputs = np.full((count, 10), np.nan, np.float32)
            kernel.forward(options, parameters, inputs[:count], outputs)
            assert np.isfinite(outputs).all()
    refuse(kernel)


def refuse(kernel: ModuleType) -> None:
    """Arrays that would be read or written out of bounds if nobody looked."""
    parameters, inputs = np.zeros(9760, np.float32), np.zeros((4, 16, 16), np.float32)
    outputs, options = np.zeros((4, 10), np.float32), kernel.Options(table=ESSAY_TABLE)
    wrong = [
        lambda: kernel.Options(table=ESSAY_TABLE + np.uint8(1)),
        kernel.Options,
        lambda: kernel.forward(options, parameters[:-1], inputs, outputs),
        lambda: kernel.forward(options, parameters, inputs[:, :, ::-1], outputs),
        lambda: kernel.forward(options, parameters, inputs, outputs[:3]),
        lambda: kernel.forward(options, parameters, inputs, outputs.astype(np.float64)),
        lambda: kernel.forward(options, parameters, inputs, inputs.reshape(-1)[:40].reshape(4, 10)),
        lambda: kernel.forward(options, parameters, None, outputs),
        lambda: kernel.forward(options, parameters, inputs[0, 0, 0], outputs),
        lambda: kernel.curvature(options, parameters, inputs[:0], parameters.copy()),
        lambda: kernel.curvature(options, parameters, inputs, parameters[:-1].copy()),
        lambda: kernel.curvature(options, parameters, inputs, parameters),
    ]
    for call in wrong:
        try:
            call()
        except ValueError:
            continue
        raise AssertionError("a wrong array was accepted")


if __name__ == "__main__":
    exercise(load(sys.argv[1]))
    print("every path ran")
