"""The forward step in numpy alone, for what reads digits where PyTorch is not worth its seconds."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from timetravel.connections import connection_table
from timetravel.errors import UsageError
from timetravel.recipes import Recipe, plain

Floats = NDArray[np.float32]
BLOCK: Final = 1000  # digits at a time: memory stays flat
ACTIVATIONS: Final[dict[str, Callable[[Floats], Floats]]] = {
    "relu": lambda x: np.maximum(x, 0),
    "gelu": lambda x: x * (np.tanh(np.sqrt(2 / np.pi, dtype=np.float32) * (x + 0.044715 * x**3)) + 1) / 2,
    "silu": lambda x: x * (np.tanh(x / 2) + 1) / 2,
}


def layers(recipe: Recipe, weights: Mapping[str, Floats], images: Floats) -> dict[str, Floats]:
    """Return the units of every layer for images, float32 (n, 16, 16) in [-1, 1], from "h1" to "output" (n, 10).

    Maps are (n, maps, side, side), other layers (n, units); float32, as PyTorch computes them to within 1e-5. Raises
    UsageError for a net that is not one of the paper's, and for weights of other shapes than the recipe's net has.
    """
    check(recipe, weights)
    starts = range(0, max(len(images), 1), BLOCK)
    made = [_layers(recipe, weights, images[start : start + BLOCK].astype(np.float32)) for start in starts]
    return {name: np.concatenate([block[name] for block in made]) for name in made[0]}


def shapes(recipe: Recipe) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a net's weights by name. Raises UsageError for a net that is not one of the paper's."""
    maps, hidden, deep = round(12 * recipe.width), round(30 * recipe.width), [f"h{4 + n}" for n in range(recipe.depth)]
    if recipe.net == "fully-connected":
        weights: dict[str, tuple[int, ...]] = {"h1": (40, 256), "output": (10, 40)}
    elif recipe.net == "lecun1989":
        weights = {"h1": (maps, 5, 5), "h2": (maps, 2 * maps // 3, 5, 5), "h3": (hidden, 16 * maps)}
        weights |= {**dict.fromkeys(deep, (hidden, hidden)), "output": (10, hidden)}
    else:
        told = f"The net {plain(recipe.net)} is read by PyTorch alone, and not here."
        raise UsageError(told, "Choose a net of 1989's kind: lecun1989 or fully-connected.")
    sides = (1, 1) if recipe.biases == "map" else (8, 4)
    biases = {"h1": (maps, sides[0], sides[0]), "h2": (maps, sides[1], sides[1])} if "h2" in weights else {}
    normalized = [*deep, "output"] if recipe.normalization == "layer" else []
    return (
        {f"{name}_weight": shape for name, shape in weights.items()}
        | {f"{name}_bias": biases.get(name, shape[:1]) for name, shape in weights.items()}
        | {f"{name}_{part}": (hidden,) for name in normalized for part in ("gain", "shift")}
    )


def check(recipe: Recipe, weights: Mapping[str, Floats]) -> None:
    """Raise UsageError unless the weights are those of the recipe's net, and it is one of the paper's."""
    for name, shape in shapes(recipe).items():
        if name not in weights or weights[name].shape != shape:
            found = f"of shape {weights[name].shape}" if name in weights else "missing"
            told = f"These are no weights of the net {plain(recipe.net)}: {name} is {found}, and should be {shape}."
            raise UsageError(told, "Choose a net with the weights that its recipe asks for.")


def _layers(recipe: Recipe, weights: Mapping[str, Floats], images: Floats) -> dict[str, Floats]:
    def squashed(x: Floats) -> Floats:
        return np.asarray(recipe.amplitude * np.tanh(recipe.slope * x), dtype=np.float32)

    def connected(name: str, x: Floats) -> Floats:
        if f"{name}_gain" in weights:
            spread = np.sqrt(x.var(axis=1, keepdims=True) + np.float32(1e-5))
            x = (x - x.mean(axis=1, keepdims=True)) / spread * weights[f"{name}_gain"] + weights[f"{name}_shift"]
        weight = weights[f"{name}_weight"]
        return x.reshape(len(x), weight.shape[1]) @ weight.T + weights[f"{name}_bias"]

    active = ACTIVATIONS.get(recipe.activation, squashed)
    found: dict[str, Floats] = {}
    if recipe.net == "fully-connected":
        found["h1"] = x = active(connected("h1", images))
    else:
        maps = convolved(images[:, None], weights["h1_weight"][:, None], recipe.border)
        found["h1"] = x = active(maps + weights["h1_bias"])
        table = connection_table(recipe.table, x.shape[1])
        kernels = np.zeros((*table.shape[:1], *x.shape[1:2], 5, 5), dtype=np.float32)
        kernels[np.arange(len(table))[:, None], table] = weights["h2_weight"]
        found["h2"] = x = active(convolved(x, kernels, recipe.map_border) + weights["h2_bias"])
        found["h3"] = x = active(connected("h3", x))
        for name in (f"h{4 + place}" for place in range(recipe.depth)):
            new = active(connected(name, x))
            found[name] = x = x + new if recipe.residual else new
    x = connected("output", x)
    found["output"] = squashed(x) if recipe.output == "tanh" else x
    return found


def convolved(x: Floats, kernels: Floats, border: float) -> Floats:
    """Return maps (n, c, side, side), with two pixels of border around, seen through every second place of kernels.

    kernels: (maps, c, 5, 5); returned are (n, maps, side / 2, side / 2).
    """
    around = np.pad(x, ((0, 0), (0, 0), (2, 2), (2, 2)), constant_values=border)
    places = sliding_window_view(around, (5, 5), axis=(2, 3))[:, :, ::2, ::2].transpose(0, 2, 3, 1, 4, 5)
    n, side = places.shape[:2]
    rows = places.reshape(n * side * side, kernels[0].size) @ kernels.reshape(len(kernels), -1).T
    return rows.reshape(n, side, side, len(kernels)).transpose(0, 3, 1, 2)


def shares(recipe: Recipe, outputs: Floats) -> Floats:
    """Return how much of its full strength each output unit shows, 0 to 1, as outputs (n, 10).

    Of a net trained by cross-entropy: the softmax; by squared error: where the output lies between the two targets.
    """
    if recipe.loss == "cross-entropy":
        odds = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))
    return np.asarray(np.clip((outputs - recipe.target_low) / (recipe.target_high - recipe.target_low), 0, 1))
