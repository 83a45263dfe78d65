"""A trained net as an ONNX graph, node by node: importing it needs the package onnx."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

from timetravel.engine.plain import Floats, shapes
from timetravel.recipes import Recipe

OPSET, IR = 20, 9  # of 2023: Gelu, and a format that every runtime since then reads


def graph(recipe: Recipe, weights: Mapping[str, Floats], told: Mapping[str, Any]) -> bytes:
    """Return the model: images (n, 1, 16, 16) to outputs (n, 10). What is told becomes its properties."""
    numbers = {name: np.float32(getattr(recipe, name)) for name in ("amplitude", "slope", "border", "map_border")}
    constants: dict[str, Any] = {**weights, **numbers, "around": np.array([0, 0, 2, 2, 0, 0, 2, 2])}
    nodes: list[Any] = []

    def add(kind: str, *inputs: str, **settings: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [f"{kind.lower()}{len(nodes)}"], **settings))
        return str(nodes[-1].output[0])

    def active(x: str, activation: str = recipe.activation) -> str:
        if activation == "tanh":
            return add("Mul", add("Tanh", add("Mul", x, "slope")), "amplitude")
        if activation == "silu":
            return add("Mul", x, add("Sigmoid", x))
        return add("Relu", x) if activation == "relu" else add("Gelu", x, approximate="tanh")

    def convolved(name: str, x: str, border: str) -> str:
        maps = add("Conv", add("Pad", x, "around", border), f"{name}_weight", strides=[2, 2])
        return active(add("Add", maps, f"{name}_bias"))

    def connected(name: str, x: str) -> str:
        if f"{name}_gain" in weights:
            x = add("LayerNormalization", x, f"{name}_gain", f"{name}_shift")
        return add("Gemm", x, f"{name}_weight", f"{name}_bias", transB=1)

    x, layers = "images", [name.removesuffix("_weight") for name in shapes(recipe) if name.endswith("_weight")]
    if recipe.net == "lecun1989":
        table = np.asarray(told["h2_reads"])
        every = np.zeros((len(table), len(table), 5, 5), dtype=np.float32)  # where there is no connection they stay
        every[np.arange(len(table))[:, None], table] = weights["h2_weight"]
        constants |= {"h1_weight": weights["h1_weight"][:, None], "h2_weight": every}
        x, layers = convolved("h2", convolved("h1", x, "border"), "map_border"), layers[2:]
    x = add("Flatten", x)
    for place, name in enumerate(layers[:-1]):
        new = active(connected(name, x))
        x = add("Add", x, new) if recipe.residual and place else new
    x = connected("output", x)
    active(x, "tanh") if recipe.output == "tanh" else x
    nodes[-1].output[0] = "outputs"
    ends: tuple[list[str | int | None], ...] = (["n", 1, 16, 16], ["n", 10])
    images, outputs = map(helper.make_tensor_value_info, ("images", "outputs"), [TensorProto.FLOAT] * 2, ends)
    read = {name for node in nodes for name in node.input}
    held = [numpy_helper.from_array(value, name) for name, value in constants.items() if name in read]
    made = helper.make_graph(nodes, "net", [images], [outputs], held, doc_string=told["images"])
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(made, opset_imports=opsets, ir_version=IR, producer_name="timetravel")
    helper.set_model_props(model, {name: json.dumps(value) for name, value in told.items()})
    checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())
