"""The forward step in numpy against PyTorch's."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from by_torch import torch_outputs

from timetravel import nets
from timetravel.digits import open_source
from timetravel.engine.plain import BLOCK, layers
from timetravel.errors import UsageError
from timetravel.published.nets import NAMES, shipped
from timetravel.recipes import Recipe

WITHOUT_TORCH = "import sys, timetravel.engine.plain, timetravel.published.nets; print('torch' in sys.modules)"
RECIPES = {
    "fully-connected": Recipe(net="fully-connected"),
    "gelu": Recipe(activation="gelu", output="linear"),
    "silu, scaled": Recipe(activation="silu", amplitude=1.7, slope=0.66, border=0.0, map_border=0.5),
    "a bias a map": Recipe(activation="relu", biases="map", table="random-2"),
    "wide and deep": Recipe(width=2, depth=3, residual=True, normalization="layer"),
    "narrow": Recipe(width=0.5, table="ring", depth=1),
}


@pytest.mark.parametrize("source", ["mnist", "usps"])
@pytest.mark.parametrize("name", NAMES)
def test_shipped_nets_answer_as_in_pytorch(name: str, source: str, data_root: Path) -> None:
    net = shipped()[name]
    test = open_source(source, data_root).test_digits().framed(net.recipe.window, net.recipe.deslant)
    assert len(test) == 2007
    found, wanted = (
        layers(net.recipe, net.weights, test.images)["output"],
        torch_outputs(net.recipe, net.weights, test.images),
    )
    np.testing.assert_allclose(found, wanted, atol=1e-5, rtol=1e-5)
    assert ((found.argmax(axis=1) != test.labels) == (wanted.argmax(axis=1) != test.labels)).all()


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_every_kind_of_the_papers_nets_answers_as_in_pytorch(recipe: Recipe) -> None:
    net = nets.build(recipe)
    nets.initialize(net, [3])
    weights = nets.lane_weights(net, 0)
    images = np.random.default_rng(0).uniform(-1, 1, (BLOCK + 7, 16, 16)).astype(np.float32)
    found = layers(recipe, weights, images)
    np.testing.assert_allclose(found["output"], torch_outputs(recipe, weights, images), atol=1e-5)
    assert list(found) == nets.layers(net)
    assert {layer.dtype for layer in found.values()} == {np.dtype(np.float32)}
    assert layers(recipe, weights, images[:0])["output"].shape == (0, 10)


def test_what_it_cannot_read_is_refused() -> None:
    net, images = shipped()["1989"], np.zeros((1, 16, 16), np.float32)
    with pytest.raises(UsageError, match="read by PyTorch alone"):
        layers(Recipe(net="micro-vit"), net.weights, images)
    with pytest.raises(UsageError, match=r"h1_weight is of shape \(12, 5, 5\), and should be \(24, 5, 5\)"):
        layers(Recipe(width=2), net.weights, images)
    with pytest.raises(UsageError, match="h4_weight is missing"):
        layers(Recipe(depth=1), net.weights, images)


def test_it_imports_no_pytorch() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_TORCH], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
