"""Recipes are plain, hashable data; eras and tweaks are short differences of them."""

import dataclasses
import json

import pytest

from timetravel.eras import ERAS, era, parse_eras
from timetravel.errors import UsageError
from timetravel.recipes import Recipe, changed
from timetravel.tweaks import ESSAY_LADDER, TWEAKS, climb, parse_tweaks


@pytest.mark.parametrize("name", ERAS)
def test_a_recipe_survives_json_and_keeps_its_identity(name: str) -> None:
    recipe = ERAS[name].recipe
    again = Recipe.from_dict(json.loads(json.dumps(recipe.to_dict())))
    assert again == recipe
    assert again.digest == recipe.digest
    assert hash(again) == hash(recipe)


def test_every_field_is_part_of_the_identity() -> None:
    recipe = Recipe()
    others = {
        "net": None, "table": "other", "activation": "relu", "output": "linear", "loss": None, "optimizer": "momentum",
        "order": "shuffled", "biases": "map", "curvature_digits": 7, "final_learning_rate": 0.001, "passes": 24,
        "batch_size": 2, "shift": 1,
    }  # fmt: skip
    digests = {recipe.digest}
    for field in dataclasses.fields(recipe):
        value = others.get(field.name, 0.123)
        if value is not None:
            digests.add(recipe.but(**{field.name: value}).digest)
    assert len(digests) == 1 + len(dataclasses.fields(recipe)) - 2


def test_the_essay_recipe_has_the_numbers_of_the_essay() -> None:
    recipe = ERAS["1989-essay"].recipe
    assert (recipe.optimizer, recipe.learning_rate, recipe.passes, recipe.batch_size) == ("sgd", 0.03, 23, 1)
    assert (recipe.loss, recipe.activation, recipe.output) == ("squared-error", "tanh", "tanh")


def test_2022_is_the_essay_ladder_climbed() -> None:
    rungs = climb(ERAS["1989-essay"].recipe, ESSAY_LADDER)
    assert rungs[-1] == ERAS["2022"].recipe
    assert [rung.passes for rung in rungs] == [23, 23, 46, 60, 80]
    assert sum(rung.passes for rung in rungs) == 232
    top = rungs[-1]
    assert (top.loss, top.activation, top.output, top.dropout, top.shift) == (
        "cross-entropy",
        "relu",
        "linear",
        0.25,
        1,
    )


def test_the_learning_rate_falls_linearly_from_pass_to_pass() -> None:
    recipe = ERAS["2022"].recipe
    assert recipe.learning_rate_at(0) == pytest.approx(3e-4)
    assert recipe.learning_rate_at(79) == pytest.approx(1e-4)
    assert recipe.learning_rate_at(40) == pytest.approx(3e-4 - 2e-4 * 40 / 79)
    assert Recipe().learning_rate_at(22) == 0.03


def test_every_tweak_and_era_has_a_source() -> None:
    for entry in [*TWEAKS.values(), *ERAS.values()]:
        assert entry.source
        assert entry.reason
        assert entry.link.startswith("https://")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: era("1990"), "'1990'"),
        (lambda: parse_eras("2022,2022"), "twice"),
        (lambda: parse_tweaks("softmx"), "Did you mean softmax"),
        (lambda: parse_tweaks("shift,shift"), "twice"),
        (lambda: parse_tweaks(""), "No tweak"),
        (lambda: Recipe(passes=0), "0 is no passes"),
        (lambda: Recipe(activation="sine"), "sine"),  # type: ignore[arg-type]
        (lambda: Recipe(loss="cross-entropy"), "linear"),
        (lambda: Recipe(dropout=1.0), "dropout"),
        (lambda: Recipe.from_dict({"passes": 3, "colour": 1}), "colour"),
        (lambda: changed(Recipe(), ["learningrate=1"]), "Did you mean learning_rate"),
        (lambda: changed(Recipe(), ["passes=many"]), "many"),
        (lambda: changed(Recipe(), ["passes=2.5"]), "2.5"),
        (lambda: changed(Recipe(), ["learning_rate"]), "learning_rate"),
    ],
)
def test_what_is_not_allowed_is_named(call: object, words: str) -> None:
    with pytest.raises(UsageError) as error:
        call()  # type: ignore[operator]
    assert words in error.value.message + error.value.hint


def test_settings_can_be_changed_by_name() -> None:
    recipe = changed(Recipe(), ["learning_rate=1", "order=shuffled", "passes=2", "final_learning_rate=0.1"])
    assert recipe == Recipe(learning_rate=1.0, order="shuffled", passes=2, final_learning_rate=0.1)
