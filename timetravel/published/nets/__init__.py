"""Trained nets that come with the package, one an era, so that digits can be read at once; this is their one reader.

Each is the net of seed 0 of a published result, trained on MNIST; the distilled one on usps, without a human label.
Weights are rounded to the upper three bytes of a float. `docs/tools/ship_nets.py` makes the files.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from timetravel.errors import DataError, TimetravelError
from timetravel.recipes import Recipe

NAMES: Final = ("1989", "1989-essay", "2022", "today", "distilled", "today-50000")


@dataclass(frozen=True, eq=False)
class ShippedNet:
    """A trained net.

    reject: t1, t2 and td of the paper's rule on MNIST's test digits (see stats.rejection.Doubts.thresholds).
    """

    name: str
    label: str
    recipe: Recipe
    weights: dict[str, NDArray[np.float32]]
    reject: tuple[float, float, float]
    about: dict[str, Any]  # data, training_digits, seed, test_mistakes, test_size, rejected (of the test digits), key


@cache
def shipped() -> dict[str, ShippedNet]:
    """Return the nets by name, oldest first. Raises DataError if one is missing or damaged."""
    return {name: _read(name) for name in NAMES}


def _read(name: str) -> ShippedNet:
    try:
        content = resources.files(__name__).joinpath(f"{name}.safetensors").read_bytes()
        weights = load(content)
        head = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        told = json.loads(head["__metadata__"]["net"])
        recipe = Recipe.from_dict(told["recipe"])
        return ShippedNet(name, told["label"], recipe, weights, tuple(told["reject"]), told["about"])
    except (OSError, ValueError, KeyError, TypeError, SafetensorError, TimetravelError) as error:
        raise DataError(f"The package's net {name} can't be read: {error}.", "Install the package again.") from error
