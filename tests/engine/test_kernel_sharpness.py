"""Sharpness-aware steps of the kernel are those of the torch backend."""

from typing import Any

import numpy as np
import pytest

from timetravel.digits import Digits
from timetravel.engine import native_backend
from timetravel.engine.epochs import Epochs
from timetravel.engine.native_backend import NativeBackend
from timetravel.engine.torch_backend import TorchBackend
from timetravel.recipes import Recipe

pytestmark = pytest.mark.skipif(native_backend.missing() is not None, reason="the compiled kernel is not built")

RECIPES: list[dict[str, Any]] = [
    {"optimizer": "sgd", "learning_rate": 0.01},
    {"optimizer": "sgd", "learning_rate": 0.1, "batch_size": 8},
    {"optimizer": "momentum", "momentum": 0.9, "batch_size": 16},
    {"optimizer": "adamw", "learning_rate": 1e-3, "batch_size": 32, "epsilon": 1e-3},
]


def trained(backend: type[NativeBackend] | type[TorchBackend], recipe: Recipe, digits: Digits) -> dict[str, np.ndarray]:
    net = backend(recipe, [0])
    for block in Epochs(recipe, digits, 0).blocks(0):
        net.step([block])
    return net.weights(0)


@pytest.mark.parametrize(
    "changes", RECIPES, ids=lambda changes: f"{changes['optimizer']}-{changes.get('batch_size', 1)}"
)
def test_a_pass_ends_with_the_same_weights(changes: dict[str, Any], few_mnist: tuple[Digits, Digits]) -> None:
    recipe = Recipe(sharpness=0.1, activation="gelu", output="linear", loss="cross-entropy", **changes)
    native, torch = (trained(backend, recipe, few_mnist[0]) for backend in (NativeBackend, TorchBackend))
    plain = trained(NativeBackend, recipe.but(sharpness=0.0), few_mnist[0])
    for name, weights in torch.items():
        np.testing.assert_allclose(native[name], weights, atol=2e-5)
    assert max(np.abs(plain[name] - native[name]).max() for name in native) > 1e-3


def test_no_radius_is_plain_training(few_mnist: tuple[Digits, Digits]) -> None:
    recipe = Recipe(batch_size=8, learning_rate=0.1)
    tiny = trained(NativeBackend, recipe.but(sharpness=1e-12), few_mnist[0])
    plain = trained(NativeBackend, recipe, few_mnist[0])
    for name, weights in plain.items():
        np.testing.assert_allclose(tiny[name], weights, atol=1e-5)
