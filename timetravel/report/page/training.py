"""What the page needs to train 1989 in a browser: digits, the compiled kernel and the recipe's numbers."""

import json
import zlib
from base64 import b64encode
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from timetravel import paper
from timetravel.connections import connection_table
from timetravel.digits import Digits, open_source
from timetravel.digits.pixels import levels
from timetravel.eras import era
from timetravel.errors import DataError
from timetravel.published.nets import shipped
from timetravel.report.page.pad import LAYERS

HERE: Final = Path(__file__).parent
ERA: Final = "1989"


def page_digits() -> tuple[Digits, Digits]:
    """Return MNIST's training and test digits of subset 0, their grey levels rounded to 8 bits: whole 255ths."""
    source = open_source("mnist")
    both = source.training_digits(), source.test_digits()
    train, test = (
        replace(each, images=(levels(each.images) / 127.5 - 1).astype(np.float32), stored=None, rows=None)
        for each in both
    )
    return train, test


def data() -> dict[str, Any]:
    """Return what the page's script trains with: plain data, what is large compressed by zlib and in base64.

    "digits": all grey levels, those of the training digits first, then all labels. "layers": of each run of parameters
    in the order of the net's, how many there are, the bound of their uniform draw (0: none) and the constant that they
    start from. Raises DataError where a file of the package is missing.
    """
    recipe, (train, test) = era(ERA).recipe, page_digits()
    layers = []
    for layer in LAYERS:
        weight, bias = (shipped()[ERA].weights[f"{layer}_{part}"] for part in ("weight", "bias"))
        bound = recipe.initial_spread / weight[0].size ** recipe.initial_power
        layers.append({"size": weight.size, "bound": bound, "constant": 0.0})
        start = recipe.initial_output_bias if layer == "output" else 0.0
        layers.append({"size": bias.size, "bound": 0.0, "constant": start})
    images, labels = np.r_[train.images, test.images], np.r_[train.labels, test.labels]
    try:
        kernel = (HERE / "kernel.wasm").read_bytes()
        seeds = json.loads((HERE / "seeds.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"The page's files can't be read: {error}.", "Install the package again.") from error
    return {
        "digits": packed(levels(images).tobytes() + labels.astype(np.uint8).tobytes()),
        "kernel": packed(kernel),
        "train": len(train),
        "test": len(test),
        "recipe": asdict(recipe),
        "table": connection_table(recipe.table).flatten().tolist(),
        "layers": layers,
        "seeds": seeds,
        "seconds_of_1989": paper.SECONDS,
    }


def packed(content: bytes) -> str:
    """Compress bytes so that a browser's DecompressionStream("deflate") reads them, as base64."""
    return b64encode(zlib.compress(content, 9)).decode()
