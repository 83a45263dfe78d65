"""Recipes are plain, hashable data; eras and tweaks are short differences of them."""

import dataclasses
import json
from typing import get_args

import pytest

from timetravel.engine import native_backend
from timetravel.engine.collect import kind
from timetravel.eras import ERAS, era, parse_eras
from timetravel.errors import UsageError
from timetravel.ladders import ESSAY_LADDER, TODAY_LADDER, climb, parse_tweaks
from timetravel.recipes import Recipe, changed, setting
from timetravel.tweaks import TWEAKS


def test_a_recipe_says_only_what_differs_from_the_defaults_and_survives_json():
    assert Recipe().to_dict() == {}
    assert repr(Recipe(epochs=3, table="ring")) == "Recipe(table='ring', epochs=3)"
    assert Recipe(epochs=3, dropout=0.5).changes_from(Recipe(epochs=3)) == {"dropout": 0.5}


def test_a_new_field_is_said_in_one_place():
    @dataclasses.dataclass(frozen=True, repr=False)
    class Later(Recipe):
        flavour: float = setting(0.0, 0, 1, costly="if any", native=(0,), search="linear", of_net=True)

    start = Later(epochs=3)
    assert start.to_dict() == Recipe(epochs=3).to_dict()
    with pytest.raises(UsageError, match="flavour"):
        Later(flavour=2.0)
    assert changed(start, ["flavour=0.5"]) == Later(epochs=3, flavour=0.5)
    assert "flavour" in str(native_backend.uncovered(start.but(flavour=0.5)))
    assert native_backend.uncovered(start) is None
    assert kind(start) != kind(start.but(flavour=0.5)) == kind(start.but(flavour=0.7))


def another(name: str) -> object:
    """A value of this field that is not its default."""
    if name in ("width", "window"):  # that range from a half
        return 0.5
    type_, default = Recipe.settings()[name].type, getattr(Recipe(), name)
    if allowed := get_args(type_):
        return next(value for value in allowed if value != default)
    return {str: "ring", bool: not default, int: default + 1 if type_ is int else None, float: 0.123}[type_]


def test_every_field_is_part_of_the_identity_and_survives_json():
    start = Recipe(output="linear")  # so that every loss is allowed
    taught = start.but(loss="cross-entropy", teachers=2, distillation=0.5)
    told = {json.dumps(start.to_dict())}
    for field in dataclasses.fields(Recipe):
        before = taught if field.name in ("teachers", "distillation", "labels") else start
        after = before.but(**{field.name: "tanh" if field.name == "output" else another(field.name)})
        again = Recipe.from_dict(json.loads(json.dumps(after.to_dict())))
        assert (again, again.to_dict(), hash(again)) == (after, after.to_dict(), hash(after))
        assert after.to_dict() != before.to_dict(), field.name
        told.add(json.dumps(after.to_dict()))
    assert len(told) == 1 + len(dataclasses.fields(Recipe))


def test_eras_are_ladders_climbed_and_the_kernel_covers_every_step():
    essay, essay_steps = ERAS["1989-essay"].recipe, climb(ERAS["1989-essay"].recipe, ESSAY_LADDER)
    assert (essay.optimizer, essay.learning_rate, essay.epochs, essay.batch_size) == ("sgd", 0.03, 23, 1)
    assert (essay.loss, essay.activation, essay.output) == ("squared-error", "tanh", "tanh")
    assert [step.epochs for step in essay_steps] == [23, 23, 46, 60, 80]
    top = ERAS["2022"].recipe
    assert (top.loss, top.activation, top.output) == ("cross-entropy", "relu", "linear")
    assert (top.dropout, top.shift) == (0.25, 1)
    steps = climb(essay, TODAY_LADDER)
    assert (essay_steps[-1], steps[-1]) == (top, ERAS["today"].recipe)
    assert top in steps
    assert [native_backend.uncovered(step) for step in steps] == [None] * len(steps)


def test_teachers_have_their_pupil_s_recipe_and_no_teachers():
    pupil = Recipe(loss="cross-entropy", output="linear", teachers=3, distillation=0.5, epochs=10, rotation=10.0)
    assert pupil.teacher() == Recipe(loss="cross-entropy", output="linear", epochs=10, rotation=10.0)
    assert pupil.all_epochs == 40
    assert pupil.but(teacher_epochs=4).teacher().epochs == 4
    assert pupil.but(teacher_epochs=4).all_epochs == 22


def test_every_tweak_and_era_has_a_source():
    for entry in [*TWEAKS.values(), *ERAS.values()]:
        assert all((entry.source, entry.chosen, entry.reason, entry.link.startswith("https://")))


def test_what_is_not_allowed_is_named():
    for call, words in (
        (lambda: era("1990"), "'1990'"),
        (lambda: parse_eras("2022,2022"), "twice"),
        (lambda: parse_tweaks("softmx"), "Did you mean softmax"),
        (lambda: parse_tweaks("shift,shift"), "twice"),
        (lambda: parse_tweaks(""), "No tweak"),
        (lambda: Recipe(epochs=0), "0 is no epochs"),
        (lambda: Recipe(activation="sine"), "sine"),
        (lambda: Recipe(loss="cross-entropy"), "linear"),
        (lambda: Recipe(teachers=1, distillation=0.5), "cross-entropy"),
        (lambda: Recipe(labels="recognizer"), "cross-entropy"),
        (lambda: Recipe(distillation=0.5), "teachers"),
        (lambda: Recipe(teachers=1), "distillation"),
        (lambda: Recipe(schedule="step"), "one-cycle"),
        (lambda: Recipe(rotation=181), "rotation"),
        (lambda: Recipe(mixup=float("nan")), "mixup"),
        (lambda: Recipe(label_smoothing=-0.1), "label_smoothing"),
        (lambda: Recipe.from_dict({"epochs": 3, "colour": 1}), "colour"),
        (lambda: changed(Recipe(), ["learningrate=1"]), "Did you mean learning_rate"),
        (lambda: changed(Recipe(), ["epochs=many"]), "many"),
        (lambda: changed(Recipe(), ["epochs=2.5"]), "2.5"),
        (lambda: changed(Recipe(), ["learning_rate"]), "learning_rate"),
    ):
        with pytest.raises(UsageError) as error:
            call()
        assert words in error.value.message + error.value.hint


def test_settings_can_be_changed_by_name():
    recipe = changed(Recipe(), ["learning_rate=1", "order=shuffled", "epochs=2", "residual=true"])
    assert recipe == Recipe(learning_rate=1.0, order="shuffled", epochs=2, residual=True)
