"""A trained net as a file that other programs read: safetensors, ONNX or JSON; written, and loaded back."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save

from timetravel.connections import connection_table
from timetravel.engine.plain import Floats, check, layers
from timetravel.engine.store import DAMAGE
from timetravel.errors import DataError, TimetravelError
from timetravel.recipes import Recipe

Kind = Literal["safetensors", "onnx", "json"]
FORMAT: Final = "timetravel net 1"
INPUT: Final = (
    "float32 (n, 16, 16), in ONNX (n, 1, 16, 16): -1 paper to 1 ink, framed by the recipe's window and deslant"
)
OUTPUT: Final = "float32 (n, 10): a unit a digit, the most active is what is read"
LAYERS: Final = (
    "h1: 5x5 kernels, every second pixel, 2 pixels of `border` around; h2: 5x5 kernels on the maps of h1 that h2_reads "
    "names, every second place, `map_border` around; then fully connected: weight (units, units below); tanh is "
    "amplitude * tanh(slope * x)."
)
ONNX: Final = ("onnx", "onnxruntime")


class Net(NamedTuple):
    """A trained net: what it is called, its recipe, its weights by name (see plain.shapes), and what is known of it."""

    label: str
    recipe: Recipe
    weights: dict[str, Floats]
    about: dict[str, Any]

    @property
    def told(self) -> dict[str, Any]:
        """What its files say beside its weights: all that another program needs to read digits with it."""
        told: dict[str, Any] = {"format": FORMAT, "label": self.label, "recipe": vars(self.recipe), "about": self.about}
        if self.recipe.net == "lecun1989":
            told["h2_reads"] = connection_table(self.recipe.table, len(self.weights["h1_weight"])).tolist()
        return told | {"input": INPUT, "output": OUTPUT, "layers": LAYERS}


def load_net(path: Path) -> Net:
    """Read a net that was exported as safetensors or as JSON.

    Raises DataError for what can't be read, is damaged, or holds other shapes than its recipe's net has.
    """
    hint = "Give a file that `timetravel export RUN --to safetensors` wrote."
    try:
        if path.suffix == ".json":
            told = json.loads(path.read_text(encoding="utf-8"))
            weights = {name: np.asarray(values, dtype=np.float32) for name, values in told["weights"].items()}
        else:
            with safe_open(path, framework="numpy") as file:
                weights = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118
                told = json.loads((file.metadata() or {})["net"])
        recipe = Recipe.from_dict(told["recipe"])
        check(recipe, weights)
        return Net(told["label"], recipe, weights, told["about"])
    except OSError as error:
        raise DataError(f"The net {path} can't be read: {error.strerror or error}.", hint) from error
    except KeyError as error:
        raise DataError(f"{path} is no net of timetravel's: {error} is not in it.", hint) from error
    except DAMAGE as error:
        raise DataError(f"{path} is no net that can be read here: {str(error).rstrip('.')}.", hint) from error


def missing(to: Kind) -> None:
    """Make sure, without loading them, that the packages for a kind of file are here; raises TimetravelError."""
    if lacking := [name for name in ONNX if to == "onnx" and find_spec(name) is None]:
        raise TimetravelError(f"ONNX needs the package {' and '.join(lacking)}.", f"Type: pip install {' '.join(ONNX)}")


def written(net: Net, to: Kind) -> bytes:
    """Return a net as the content of a file."""
    if to == "safetensors":
        made: bytes = save(net.weights, metadata={"net": json.dumps(net.told)})
        return made
    if to == "json":
        return json.dumps(net.told | {"weights": {n: w.tolist() for n, w in net.weights.items()}}).encode()
    from timetravel.engine.onnx_graph import graph

    return graph(net.recipe, net.weights, net.told)


def read_back(path: Path, to: Kind, images: Floats) -> Floats:
    """Return what a net's file, loaded anew, answers to images (n, 16, 16): its outputs, float32 (n, 10)."""
    if to == "onnx":
        from onnxruntime import InferenceSession

        outputs: Floats = InferenceSession(str(path)).run(None, {"images": images[:, None]})[0]
        return outputs
    net = load_net(path)
    return layers(net.recipe, net.weights, images)["output"]
