"""Runs every path of the kernel in a folder once, for the sanitizers to watch: `python kernel_harness.py folder`."""

import itertools
import math
import sys

import numpy as np

sys.path.insert(0, sys.argv[1])
import _kernel as kernel

PARAMETERS = {"lecun1989": 9760, "fully-connected": 10690}
STATES = {"sgd": 0, "momentum": 1, "adamw": 2, "diagonal-newton": 1}
UNITS = [("tanh", "squared-error"), ("linear", "squared-error"), ("linear", "cross-entropy")]
ESSAY_TABLE = np.repeat([[*range(8)], [*range(4, 12)], [*range(4), *range(8, 12)]], 4, axis=0).astype(np.uint8)

rng = np.random.default_rng(1989)
shuffled = np.array([rng.permutation(12)[:8] for _ in range(12)], dtype=np.uint8)
nets = [("lecun1989", table, masked) for table in (ESSAY_TABLE, shuffled) for masked in (False, True)]
nets.append(("fully-connected", None, False))
choices = itertools.product(nets, ("tanh", "relu", "gelu", "silu"), UNITS, STATES, (1, 6))
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
    assert math.isfinite(kernel.train_block(options, parameters, state, inputs, targets, mask, rates, step=60))
    for count in (0, 1, 7):
        outputs = np.full((count, 10), np.nan, np.float32)
        kernel.forward(options, parameters, inputs[:count], outputs)
        assert np.isfinite(outputs).all()
        for side in (17, 32):
            pictures = rng.uniform(-1, 1, (count, side, side)).astype(np.float32)
            kernel.framed_forward(options, parameters, pictures, outputs, 0.5, 1.0)
            assert np.isfinite(outputs).all()
images, made = rng.uniform(-1, 1, (9, 16, 16)).astype(np.float32), np.empty((7, 16, 16), np.float32)
for reach in (0.1, 10, 1e30):
    offsets = (rng.uniform(-1, 1, (7, 2)) * min(reach, 1e9)).astype(np.int64)
    maps, nodes = ((rng.normal(0, 1, (7, 2, k)) * reach).astype(np.float32) for k in (3, 256))
    bent = {"nodes": nodes, "splines": rng.uniform(0, 1, (16, 16)).astype(np.float32)}
    for more in ({}, {"offsets": offsets}, {"maps": maps.reshape(7, 2, 3)}, bent):
        kernel.distort(images, rng.integers(0, 9, 7), made, **more)
        assert np.isfinite(made).all()
kernel.mix(made, rng.permutation(7), rng.uniform(0, 1, 7).astype(np.float32), np.empty_like(made))
print("every path ran")
