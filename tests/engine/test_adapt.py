"""Nets that other digits trained, adapted: on real digits, held against digits that the adaptation never saw."""

import inspect

import numpy as np
import pytest

from timetravel.digits import Digits, open_source
from timetravel.engine import adapt
from timetravel.engine.plain import layers
from timetravel.engine.train import train
from timetravel.recipes import Recipe

SMALL = adapt.WEB.but(width=1.5, epochs=12, batch_size=16)


def misread(weights: dict[str, np.ndarray], digits: Digits) -> int:
    return int((layers(SMALL, weights, digits.images)["output"].argmax(axis=1) != digits.labels).sum())


@pytest.fixture(autouse=True)
def few_updates(monkeypatch):
    monkeypatch.setattr(adapt, "MOST", 60)
    monkeypatch.setattr(adapt, "RATE", 2e-3)


@pytest.fixture(scope="module")
def web() -> dict[str, np.ndarray]:
    """A small net trained on 600 digits of MNIST."""
    source = open_source("mnist")
    return train(SMALL, source.training_digits(size=600), [0], test=source.test_digits(size=100))[0].weights


@pytest.fixture(scope="module")
def shifted() -> tuple[Digits, Digits]:
    """Digits of MNIST in another frame: far smaller; 300 to adapt to, 400 that are held out."""
    source = open_source("mnist")
    return source.training_digits("1", size=300).framed(1.0), source.test_digits("1", size=400).framed(1.0)


@pytest.mark.parametrize("last", [False, True])
def test_finetuning_reads_held_out_digits_better_and_keeps_what_it_is_told_to(web, shifted, last):
    given, held_out = shifted
    before = {name: array.copy() for name, array in web.items()}
    tuned = adapt.finetuned(SMALL, web, given.images, given.labels, last=last, seed=0)
    assert misread(tuned, held_out) < 0.7 * misread(web, held_out)
    assert list(tuned) == list(web)
    for name, array in web.items():
        np.testing.assert_array_equal(array, before[name])
        assert tuned[name].dtype == np.float32
        assert np.array_equal(tuned[name], array) == (last and name.startswith(("h1", "h2")))


def test_adapting_without_labels_reads_a_shifted_set_better_and_keeps_the_output_layer(web, shifted):
    given, held_out = shifted
    assert "labels" not in inspect.signature(adapt.adapted).parameters
    made = adapt.adapted(SMALL, web, given.images, seed=0)
    assert misread(made, held_out) < 0.8 * misread(web, held_out)
    kept = [name for name in web if np.array_equal(made[name], web[name])]
    assert kept == ["output_weight", "output_bias"]


@pytest.mark.slow
def test_the_same_seed_makes_the_same_weights_and_another_seed_others(web, shifted):
    given = shifted[0].take(range(100))

    def made(seed: int) -> list[dict[str, np.ndarray]]:
        tuned = [
            adapt.finetuned(SMALL, web, given.images, given.labels, last=last, seed=seed) for last in (True, False)
        ]
        return [*tuned, adapt.adapted(SMALL, web, given.images, seed=seed)]

    for one, again, other in zip(made(0), made(0), made(1), strict=True):
        for name, array in one.items():
            np.testing.assert_array_equal(array, again[name])
        assert not np.array_equal(one["h3_weight"], other["h3_weight"])


def test_a_label_a_class_is_enough_and_as_few_as_one_digit_do_not_break_it(web, shifted):
    given, held_out = shifted
    chosen = [int(np.flatnonzero(given.labels == digit)[0]) for digit in range(10)]
    for last in (True, False):
        few = given.take(chosen)
        assert misread(adapt.finetuned(SMALL, web, few.images, few.labels, last=last, seed=0), held_out) < 300
    one = given.take(chosen[:1])
    assert np.isfinite(adapt.finetuned(SMALL, web, one.images, one.labels, last=True, seed=0)["h3_weight"]).all()
    sure = {name: 1000 * array if name == "output_weight" else array for name, array in web.items()}
    for weights in (web, sure):
        assert np.isfinite(adapt.adapted(SMALL, weights, one.images, seed=0)["h3_weight"]).all()


def test_the_web_s_recipe_is_an_ordinary_one_and_its_settings_are_told():
    assert Recipe.from_dict(adapt.WEB.to_dict()) == adapt.WEB
    told = " ".join(adapt.settings())
    for number in (adapt.WEB.epochs, adapt.WEB.window, adapt.BATCH, adapt.MOST, adapt.RATE):
        assert f"{number:,g}" in told
