"""One picture alone: all rows by one instrument, and as the net would read it prepared."""

import numpy as np
import pytest

from timetravel.digits.prepare import to_16x16
from timetravel.engine import latency, native_backend
from timetravel.engine.torch_backend import TorchBackend
from timetravel.eras import ERAS
from timetravel.recipes import Recipe


def test_recipes_that_differ_in_training_alone_share_one_measurement():
    linear = Recipe(loss="cross-entropy", output="linear")
    taught = linear.but(epochs=3, optimizer="adamw", teachers=2, distillation=0.5)
    found = latency.latencies([linear, taught, linear.but(activation="gelu")])
    assert found.us[0] == found.us[1]
    assert found.ratios[:2] == (1.0, 1.0)
    assert all(us > 0 for us in found.us)


def test_what_the_kernel_does_not_know_of_a_finished_net_sends_all_rows_to_pytorch(monkeypatch):
    monkeypatch.setattr(latency, "ROUNDS", 1)
    known = "PyTorch" if native_backend.missing() else "the compiled kernel"
    for recipes, instrument in (
        ([Recipe(), Recipe(net="micro-vit")], "PyTorch"),
        ([Recipe(), Recipe(width=2), Recipe(depth=8)], "PyTorch"),
        ([era.recipe for era in ERAS.values()], known),
        ([Recipe(), Recipe(weight_normalization=True, optimizer="muon")], known),  # known once it is trained
    ):
        found = latency.latencies(recipes)
        assert found.instrument == f"{instrument}, from 28x28 pixels on"
        assert len(found.us) == len(found.ratios) == len(recipes)
    for ratio, differs in ((1.0, False), (1.04, False), (0.94, True), (1.06, True)):
        assert latency.Latencies("PyTorch", (1.0, ratio), (1.0, ratio)).differs(1) is differs  # by 5 percent


@pytest.mark.skipif(native_backend.missing() is not None, reason="the compiled kernel is not built")
@pytest.mark.parametrize("side", [17, 28, 32])
def test_the_kernel_prepares_pictures_as_the_digits_are_prepared(side, few_mnist):
    rng = np.random.default_rng(side)
    stored = few_mnist[1].stored.pixels[:11].astype(np.float32) / 127.5 - 1
    noise = rng.uniform(-1, 1, (8, side, side)).astype(np.float32)
    blank = np.stack([np.full((side, side), grey, np.float32) for grey in (-1, 1)])
    dot = np.full((1, side, side), -1, np.float32)
    dot[0, 3, 5] = 1  # whose ink has no slope
    for frame in ({}, {"window": 0.7857, "deslant": 1.0}, {"window": 0.5}, {"deslant": 0.6}):
        for pictures in (noise, blank, dot, *([stored, stored[:1]] if side == 28 else [])):
            recipe = Recipe(**frame)
            net = native_backend.NativeBackend(recipe, [0])
            prepared = to_16x16(pictures, recipe.window, recipe.deslant)
            expected = net.outputs(np.ascontiguousarray(prepared))[0]
            np.testing.assert_allclose(net.read_pictures(pictures), expected, atol=2e-5)
    assert net.read_pictures(noise[:0]).shape == (0, 10)


def test_pytorch_reads_pictures_as_it_reads_prepared_digits(few_mnist):
    recipe = Recipe(window=0.7857, deslant=1.0)
    stored = few_mnist[1].stored.pixels[:5].astype(np.float32) / 127.5 - 1
    net = TorchBackend(recipe, [0])
    prepared = net.outputs(to_16x16(stored, recipe.window, recipe.deslant))[0]
    np.testing.assert_array_equal(net.read_pictures(stored), prepared)
