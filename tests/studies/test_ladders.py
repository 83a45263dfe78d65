"""The rows of modernize: what builds on what, what is controlled, and what is refused."""

from types import SimpleNamespace
from typing import Any

import pytest

from timetravel.eras import ERAS
from timetravel.errors import UsageError
from timetravel.ladders import ESSAY_LADDER, TODAY_LADDER, check_digits, climb, parse_tweaks
from timetravel.recipes import Recipe
from timetravel.studies.decompose import finding
from timetravel.studies.ladders import ROWS, Steps
from timetravel.studies.modernize import published
from timetravel.tweaks import TWEAKS


def build(mode: str, tweaks: str) -> Steps:
    return ROWS[mode](parse_tweaks(tweaks, alone=mode == "alone"))


def labels(steps: Steps, *, controls: bool = False) -> list[str]:
    return [step.entry.label for step in steps if step.control == controls]


def test_the_essay_ladder_climbs_to_2022_and_then_trains_lower_steps_as_long() -> None:
    steps = build("ladder", "essay")
    assert labels(steps) == ["1989-essay", "+ softmax", "+ adamw", "+ shift", "+ dropout"]
    climbed = [step.entry for step in steps if not step.control]
    assert [entry.era for entry in climbed] == ["1989-essay", None, None, None, "2022"]
    assert [entry.recipe.epochs for entry in climbed] == [23, 23, 46, 60, 80]
    assert labels(steps, controls=True) == [
        f"{name}, 80 epochs" for name in ("1989-essay", "softmax", "adamw", "shift")
    ]
    for step in steps[5:]:
        assert step.entry.recipe == steps[step.base].entry.recipe.but(epochs=80)
    rows = [
        SimpleNamespace(name=s.entry.name, recipe=s.entry.recipe, data="mnist", test=range(2007), few=None)
        for s in steps
    ]
    told = published(rows, steps)  # type: ignore[arg-type]
    assert [each["change_step"] and each["change_step"]["mean"] for each in told] == [None, 6, -16, -28, -12]


def test_all_is_one_fixed_ladder_from_1989_to_today() -> None:
    steps = build("ladder", "all")
    assert labels(steps) == ["1989", "1989-essay", *(f"+ {name}" for name in TODAY_LADDER)]
    assert [step.entry.era for step in steps if step.entry.era] == ["1989", "1989-essay", "2022", "today"]
    climbed = [step.base for step in steps if not step.control]
    assert climbed == [0, *range(len(climbed) - 1)]
    longest = ERAS["today"].recipe.epochs
    controlled = {f"{name}, {longest} epochs" for name in ("1989", "1989-essay", "2022")}
    assert controlled | {"softmax, 80 epochs"} <= set(labels(steps, controls=True))


def test_every_step_of_all_changes_what_the_registry_says_and_never_the_nets_size() -> None:
    recipes = climb(ERAS["1989-essay"].recipe, TODAY_LADDER)
    for before, after, name in zip(recipes, recipes[1:], TODAY_LADDER, strict=False):
        changed = {key for key, value in vars(after).items() if value != vars(before).get(key)} - {"digest"}
        assert changed, name
        assert changed <= set(TWEAKS[name].changes) - {"net", "biases"}, name
        assert name not in ESSAY_LADDER or TWEAKS[name].chosen.endswith("test split"), name


def test_what_a_tweak_needs_is_added_before_it_and_what_is_named_later_moves_up() -> None:
    chosen = parse_tweaks("label-smoothing,muon")
    assert chosen.names == ("softmax", "label-smoothing", "mini-batches", "muon")
    assert chosen.added == {"softmax": "label-smoothing", "mini-batches": "muon"}
    named = parse_tweaks("label-smoothing,softmax")
    assert (named.names, named.added) == (("softmax", "label-smoothing"), {})


def test_an_average_of_the_last_epochs_keeps_its_share_of_longer_training() -> None:
    steps = build("ladder", "swa,more-epochs")
    assert [(s.entry.recipe.epochs, s.entry.recipe.averaging_epochs) for s in steps if s.control][-1] == (80, 20.0)


def test_contradictory_tweaks_are_refused_unless_each_stands_alone_and_so_are_too_few_digits() -> None:
    for text in ("cosine,one-cycle", "muon,adamw"):
        with pytest.raises(UsageError, match="can't go together"):
            parse_tweaks(text)
        assert parse_tweaks(text, alone=True).names == tuple(text.split(","))
    with pytest.raises(UsageError, match="mini-batches needs 32 training digits; there are 20"):
        check_digits(parse_tweaks("mini-batches").tweaks, 20)
    check_digits(parse_tweaks("mini-batches").tweaks, 32)


def test_alone_compares_each_tweak_with_the_same_without_it_at_equal_epochs() -> None:
    steps = build("alone", "relu,adamw,label-smoothing,no-dropout")
    rows = [(step.entry.label, steps[step.base].entry.label, step.needed) for step in steps if not step.control]
    assert rows == [
        ("1989-essay", "1989-essay", False),
        ("relu", "1989-essay", False),
        ("adamw", "1989-essay, 46 epochs", False),
        ("softmax", "1989-essay", True),
        ("label-smoothing, with softmax", "softmax", False),
        ("dropout", "1989-essay, 80 epochs", True),
        ("no-dropout, with dropout", "dropout", False),
    ]
    for step in steps:
        assert step.control or step.entry.recipe.epochs == steps[step.base].entry.recipe.epochs
    named = build("alone", "no-dropout,dropout")
    assert [step.needed for step in named if step.entry.label == "dropout"] == [False]
    assert set(TWEAKS) <= {label.split(",")[0] for label in labels(build("alone", "all"))}


def test_without_takes_a_tweak_and_what_needs_it_out_of_the_full_set_and_keeps_its_epochs() -> None:
    steps = build("without", "softmax,relu,label-smoothing")
    left_out = ["without softmax (and label-smoothing)", "without relu", "without label-smoothing"]
    assert labels(steps) == ["1989-essay", "all of them", *left_out]
    assert [step.base for step in steps] == [0, 0, 1, 1, 1]
    full, without_relu = steps[1].entry.recipe, steps[3].entry.recipe
    assert (full.activation, without_relu.activation) == ("relu", "tanh")
    longer = build("without", "shift,more-epochs")  # whose epochs are a tweak of their own
    assert [step.entry.recipe.epochs for step in longer] == [23, 80, 80, 60]


def test_every_tweak_is_dated_sourced_and_changes_the_essays_recipe() -> None:
    for name, tweak in TWEAKS.items():
        assert 1950 < tweak.year <= 2026, name
        assert f" ({tweak.year}), " in tweak.source, name
        assert tweak.link.startswith("https://"), name
        assert tweak.reason, name
        assert tweak.chosen, name
        before, after = climb(ERAS["1989-essay"].recipe, parse_tweaks(name).names)[-2:]
        assert after != before, name
        assert Recipe.from_dict(after.to_dict()) == after, name
        assert set(TWEAKS) >= {*tweak.needs, *tweak.excludes}, name


def test_the_decomposition_says_what_it_can_not_tell() -> None:
    row: Any = SimpleNamespace(label="today, 23 epochs", train_size=100, failure="1 of 10 nets diverged")
    parts: list[dict[str, Any]] = [{"part": "all of it", "first": {"mean": 85.0}, "last": {"mean": None}}]
    told = "Shares of mistakes can't be told."
    failed = "Without a verdict, for nets that failed: today, 23 epochs (1 of 10 nets diverged)."
    assert finding([row], parts) == f"{told} {failed}"
    row.failure = ""
    assert finding([row], parts) == f"{told} Rows make too few mistakes: use more runs or test digits."
    row.failure, row.runs, row.data = "1 of 10 nets diverged", range(10), "mnist"
    parts[0]["last"]["mean"] = 85.0  # of the rows that tell the shares none failed
    assert finding([row], parts).endswith(failed)
