"""The kernel's text for one recipe: what tells recipes apart is fixed when it is compiled."""

from importlib.resources import files

import numpy as np

from timetravel.engine.epochs import Block
from timetravel.engine.native_backend import STATES
from timetravel.recipes import Recipe

PARTS = ("layout", "net", "forward", "backward", "entries")  # of the kernel's text, in order
# The names that it knows, each with its number.
NAMES = {"SGD": 0, "MOMENTUM": 1, "ADAMW": 2, "NEWTON": 3, "TANH": 0, "RELU": 1, "GELU": 2, "SILU": 3}
NUMBERS = ("amplitude", "slope", "border", "map_border", "loss_scale", "beta1", "beta2", "epsilon", "mu")
# The values that it covers where the compiled kernel covers more.
COVERED: dict[str, tuple[object, ...]] = {"net": ("lecun1989",), "sharpness": (0,), "teachers": (0,)}
# Numbers of a net in the kernel's order, and how many come before H3's weights (layout.cu).
SIZE, SMALL = 9800, 4040


def uncovered(recipe: Recipe) -> str | None:
    """Return what the CUDA kernel can't do of a recipe, or None if it covers all of it."""
    for name, about in recipe.settings().items():
        value, covered = getattr(recipe, name), COVERED.get(name, about.native)
        if covered is not None and value not in covered:
            return f"the CUDA kernel does not cover {name} = {value}"
    if recipe.optimizer == "diagonal-newton" and recipe.batch_size > 1:
        return "the CUDA kernel does not cover diagonal-newton with mini-batches"
    return None


def source(recipe: Recipe) -> str:
    """Return the CUDA C++ text for a recipe; as plain C++ it is the same program on one thread."""
    macros: dict[str, object] = NAMES | {name.upper(): getattr(recipe, name) for name in NUMBERS}
    macros |= {
        "OPTIMIZER": recipe.optimizer.upper().removeprefix("DIAGONAL-"),
        "MOMENTUM_OF": recipe.momentum,
        "BATCHED": int(recipe.batch_size > 1),
        "ACTIVATION": recipe.activation.upper(),
        "OUTPUT_TANH": int(recipe.output == "tanh"),
        "CROSS_ENTROPY": int(recipe.loss == "cross-entropy"),
        "MASKED": int(recipe.dropout > 0),
        # Nets that share a multiprocessor: registers and shared memory are divided among so many.
        "BLOCKS": 3 if recipe.optimizer in ("sgd", "momentum") and recipe.batch_size == 1 else 2,
    }
    text = "\n".join(files(__package__).joinpath(f"{part}.cu").read_text("utf-8") for part in PARTS)
    return "".join(f"#define {name} ({value})\n" for name, value in macros.items()) + text


def shared_bytes(recipe: Recipe) -> int:
    """Return the shared memory that a net needs (FLOATS in layout.cu)."""
    kept = STATES[recipe.optimizer] if recipe.batch_size == 1 else 1
    layers = 800 + 2 * 12 * 68 + 3 * 192 + 3 * 32 + 3 * 12
    return 4 * (SMALL * (1 + kept) + layers + 96 + 12 * 13 + 96 * 68 + 12 * 16)


def places() -> np.ndarray:
    """Return where the module's parameters, flat and in order, lie in the kernel's order; int64 (9760,)."""
    kernel, row, column = np.arange(300), np.arange(8)[:, None], np.arange(8)
    h1 = 336 + 64 * np.arange(12)[:, None, None] + column // 4 * 32 + row * 4 + column % 4
    unit, unit_input = np.arange(30)[:, None], np.arange(192)
    # An item of H3 has 5 units and, of their inputs, every 32nd.
    h3 = SMALL + 192 * (unit % 5 * 6 + unit_input // 32) + unit // 5 * 32 + unit_input % 32
    rest = [1104 + np.arange(2400 + 192), h3, 3696 + np.arange(30), 3728 + np.arange(300), 4028 + np.arange(10)]
    return np.concatenate([part.ravel() for part in (kernel // 25 * 28 + kernel % 25, h1, *rest)])


def updates(recipe: Recipe, block: Block) -> np.ndarray:
    """Return what each update of a block needs to know, float32 (updates, 4), computed in float64.

    The factor of the errors (the loss's scale over the batch; for plain steps also the learning rate), the learning
    rate, AdamW's 1 / sqrt(1 - beta2 ** t), and the share of a weight that its decay leaves.
    """
    rates = block.learning_rates.astype(np.float64)
    number = np.arange(len(rates))
    shown = np.minimum(len(block) - number * recipe.batch_size, recipe.batch_size)
    scale, spread = recipe.loss_scale / shown, np.ones(len(rates))
    keep = 1 - rates * recipe.weight_decay
    if recipe.optimizer in ("sgd", "diagonal-newton"):
        scale *= rates
    if recipe.optimizer == "adamw":
        made = block.step + number + 1.0
        spread = 1 / np.sqrt(1 - recipe.beta2**made)
        rates = rates / (1 - recipe.beta1**made)
    return np.stack([scale, rates, spread, keep], axis=1).astype(np.float32)
