"""What the pad of the page is given: the trained nets, and test digits to begin with."""

import base64
import json
from importlib import resources
from typing import Any, Final

import numpy as np

from timetravel.connections import connection_table
from timetravel.digits import open_source
from timetravel.published import nets
from timetravel.published.nets import ShippedNet
from timetravel.report.grid import Grid, Interval, Value
from timetravel.report.render import text

HARD: Final = (591, 362, 259, 1039, 340, 247)  # places of test digits that the shipped net of 1989 misreads
LAYERS: Final = ("h1", "h2", "h3", "output")
READS: Final = (  # what of a recipe nets.js reads by
    "window", "deslant", "biases", "activation", "output", "amplitude", "slope", "border", "map_border", "loss",
    "target_low", "target_high",
)  # fmt: skip


def data() -> dict[str, Any]:
    """Return the nets, their weights as float32 in base64, without the lowest byte, digits of 28x28 in base64."""
    return {"nets": [plain(net) for net in nets.shipped().values()], "digits": digits()}


def drawings() -> tuple[str, list[Grid]]:
    """Return how well the nets read synthetic drawings: a sentence and tables, from what docs/tools measured."""
    told = json.loads(resources.files(nets).joinpath("drawings.json").read_text(encoding="utf-8"))
    sets = [{"name": name, **found} for name, found in told.items()]

    def right(row: Any, label: str) -> Interval:
        one = row["nets"][label]
        return Interval(100 * one["right"] / row["n"], one["low"], one["high"])

    def refused(row: Any, label: str) -> Value:
        return Value(100 * row["nets"][label]["refused"] / row["n"], ".1f")

    first = sets[0]
    shares = [
        f"{each} reads {text(right(first, each))} % and refuses {text(refused(first, each))}"
        for each in ("today", "1989")
    ]
    head, grids = ("drawings", "how many", *first["nets"]), []
    for title, cell in (("Read rightly, % [95 %]", right), ("Refused as unsure, %", refused)):
        rows = [[row["name"], Value(row["n"]), *(cell(row, label) for label in first["nets"])] for row in sets]
        grids.append(Grid(title, head, rows))
    return f"Of {first['n']} synthetic drawings kept aside for this test, {', '.join(shares)}.", grids


def plain(net: ShippedNet) -> dict[str, Any]:
    """Return what reads a digit as a net does: of its recipe, its weights and its thresholds."""
    names = [f"{layer}_{kind}" for layer in LAYERS for kind in ("weight", "bias")]
    weights = np.concatenate([net.weights[name].ravel() for name in names]).astype("<f4")
    upper = weights.view("u1").reshape(-1, 4)[:, 1:]  # of each the lowest byte is 0
    return {
        **{name: getattr(net.recipe, name) for name in READS},
        "name": net.name,
        "label": net.label,
        "table": connection_table(net.recipe.table).tolist(),
        "reject": net.reject,
        "weights": base64.b64encode(upper.tobytes()).decode(),
    }


def digits() -> list[dict[str, Any]]:
    """Return test digits of MNIST, 28x28 bytes in base64: the first of each kind, then some that are hard."""
    pool = open_source("mnist", None).load("test")
    first = [int(np.flatnonzero(pool.labels == digit)[0]) for digit in range(10)]
    chosen = ((pool.pixels[place], int(pool.labels[place])) for place in (*first, *HARD))
    return [{"label": label, "pixels": base64.b64encode(pixels.tobytes()).decode()} for pixels, label in chosen]
