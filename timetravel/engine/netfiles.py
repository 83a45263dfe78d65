"""A trained net as a file that other programs read: safetensors, ONNX or JSON; written, and loaded back."""

import json
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from safetensors.numpy import load, save

from timetravel.connections import connection_table
from timetravel.engine.entries import UNREADABLE
from timetravel.engine.plain import Floats, check, layers
from timetravel.errors import DataError, TimetravelError
from timetravel.files import contents
from timetravel.recipes import Recipe

Kind = Literal["safetensors", "onnx", "json"]
HOW: Final = {
    "images": "float32 (n, 16, 16), in ONNX (n, 1, 16, 16): -1 paper to 1 ink, framed by the recipe's window, deslant",
    "outputs": "float32 (n, 10): a unit a digit, the most active is what is read",
    "layers": "h1: 5x5 kernels at every second pixel, 2 pixels of border around; h2: the same on the maps of h1 that "
    "h2_reads names, map_border around; then fully connected, weights (units, units below). tanh: amplitude * "
    "tanh(slope * x)",
}


class Net(NamedTuple):
    """A trained net: what it is called, its recipe, its weights by name (see plain.shapes), and what is known of it."""

    label: str
    recipe: Recipe
    weights: dict[str, Floats]
    about: dict[str, Any]


def load_net(path: Path) -> Net:
    """Read a net that was exported as safetensors or JSON.

    Raises DataError for what can't be read, is damaged, or holds other shapes than its recipe's net has.
    """
    hint = "Give a file that `timetravel export RUN` wrote, by --to safetensors or json."
    content = contents(path, str(path), hint)
    try:
        if path.suffix == ".json":
            weights = (told := json.loads(content))["weights"]
        else:
            weights = load(content)
            head = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
            told = json.loads(head.get("__metadata__", {})["net"])
        weights = {name: np.asarray(values, dtype=np.float32) for name, values in weights.items()}
        check(recipe := Recipe.from_dict(told["recipe"]), weights)
        return Net(str(told["label"]), recipe, weights, dict(told["about"]))
    except (*UNREADABLE, TimetravelError, ArithmeticError) as error:
        why = f"{error} is not in it" if isinstance(error, KeyError) else str(error).rstrip(".")
        raise DataError(f"{path} is no net that can be read: {why}.", hint) from error


def written(net: Net, to: Kind) -> bytes:
    """Return a net as the content of a file."""
    told = {"label": net.label, "recipe": vars(net.recipe), "about": net.about, **HOW}
    if net.recipe.net == "lecun1989":
        told["h2_reads"] = connection_table(net.recipe.table, len(net.weights["h1_weight"])).tolist()
    if to == "onnx":
        from timetravel.engine.onnx_graph import graph

        return graph(net.recipe, net.weights, told)
    if to == "json":
        return json.dumps(told | {"weights": {name: each.tolist() for name, each in net.weights.items()}}).encode()
    return bytes(save(net.weights, metadata={"net": json.dumps(told)}))


def read_back(path: Path, to: Kind, images: Floats) -> Floats:
    """Return what a net's file, loaded anew, answers to images (n, 16, 16): its outputs, float32 (n, 10)."""
    if to == "onnx":
        from onnxruntime import InferenceSession

        return np.asarray(InferenceSession(str(path)).run(None, {"images": images[:, None]})[0])
    net = load_net(path)
    return layers(net.recipe, net.weights, images)["output"]
