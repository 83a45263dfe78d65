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
    nodes: list[Any] = []
    constants: list[Any] = []

    def constant(value: Any, name: str = "", kind: Any = np.float32) -> str:
        name = name or f"constant{len(constants)}"
        constants.append(numpy_helper.from_array(np.ascontiguousarray(value, dtype=kind), name))
        return name

    def add(kind: str, *inputs: str, **settings: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [f"{kind.lower()}{len(nodes)}"], **settings))
        return str(nodes[-1].output[0])

    def squashed(x: str) -> str:
        return add("Mul", add("Tanh", add("Mul", x, constant(recipe.slope))), constant(recipe.amplitude))

    def active(x: str) -> str:
        if recipe.activation == "tanh":
            return squashed(x)
        if recipe.activation == "silu":
            return add("Mul", x, add("Sigmoid", x))
        return add("Relu", x) if recipe.activation == "relu" else add("Gelu", x, approximate="tanh")

    def convolved(name: str, x: str, kernels: Floats, border: float) -> str:
        sides = constant([0, 0, 2, 2, 0, 0, 2, 2], kind=np.int64)
        around = add("Pad", x, sides, constant(border))
        maps = add("Conv", around, constant(kernels, f"{name}_weight"), strides=[2, 2])
        return active(add("Add", maps, constant(weights[f"{name}_bias"], f"{name}_bias")))

    def connected(name: str, x: str) -> str:
        if f"{name}_gain" in weights:
            gain, shift = (constant(weights[f"{name}_{part}"], f"{name}_{part}") for part in ("gain", "shift"))
            x = add("LayerNormalization", x, gain, shift)
        weight, bias = (constant(weights[f"{name}_{part}"], f"{name}_{part}") for part in ("weight", "bias"))
        return add("Gemm", x, weight, bias, transB=1)

    x = "images"
    if recipe.net == "lecun1989":
        x = convolved("h1", x, weights["h1_weight"][:, None], recipe.border)
        table = np.asarray(told["h2_reads"])
        kernels = np.zeros(
            (len(table), len(table), 5, 5), dtype=np.float32
        )  # where the table has no connection they stay
        kernels[np.arange(len(table))[:, None], table] = weights["h2_weight"]
        x = convolved("h2", x, kernels, recipe.map_border)
    x = add("Flatten", x)
    hidden = [name.removesuffix("_weight") for name in shapes(recipe) if name.endswith("_weight")][:-1]
    for name in hidden[2 if recipe.net == "lecun1989" else 0 :]:
        new = active(connected(name, x))
        x = add("Add", x, new) if recipe.residual and name not in ("h1", "h3") else new
    x = connected("output", x)
    x = squashed(x) if recipe.output == "tanh" else x
    nodes[-1].output[0] = "outputs"
    ends: list[tuple[str, list[str | int | None]]] = [("images", ["n", 1, 16, 16]), ("outputs", ["n", 10])]
    into, out = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in ends)
    made = helper.make_graph(nodes, "net", [into], [out], constants, doc_string=told["input"])
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(made, opset_imports=opsets, ir_version=IR, producer_name="timetravel")
    helper.set_model_props(model, {name: json.dumps(value) for name, value in told.items()})
    checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString()
    return content
