"""The rows of modernize: what builds on what, what is controlled, and what is refused."""

from dataclasses import asdict
from types import SimpleNamespace

import pytest

from timetravel.eras import ERAS
from timetravel.errors import UsageError
from timetravel.ladders import ESSAY_LADDER, TODAY_LADDER, check_digits, climb, parse_tweaks
from timetravel.recipes import Recipe
from timetravel.studies.ladders import Steps, build
from timetravel.studies.modernize import published
from timetravel.tweaks import TWEAKS


def labels(steps: Steps, *, controls: bool = False) -> list[str]:
    return [step.entry.label for step in steps if step.control == controls]


def bases(steps: Steps) -> list[str | None]:
    return [None if step.base is None else steps[step.base].entry.label for step in steps]


def test_the_essay_ladder_climbs_to_2022_and_then_trains_lower_steps_as_long() -> None:
    steps = build("ladder", parse_tweaks("essay"))
    assert labels(steps) == ["1989-essay", "+ softmax", "+ adamw", "+ shift", "+ dropout"]
    assert [step.entry.era for step in steps if not step.control] == ["1989-essay", None, None, None, "2022"]
    assert sum(step.entry.recipe.epochs for step in steps if not step.control) == 232
    assert labels(steps, controls=True) == [
        f"{name}, 80 epochs" for name in ("1989-essay", "softmax", "adamw", "shift")
    ]
    for step in steps:
        if step.control:
            assert step.base is not None
            assert step.entry.recipe == steps[step.base].entry.recipe.but(epochs=80)


def test_all_is_one_fixed_ladder_from_1989_to_today() -> None:
    steps = build("ladder", parse_tweaks("all"))
    assert labels(steps) == ["1989", "1989-essay", *(f"+ {name}" for name in TODAY_LADDER)]
    eras = [step.entry.era for step in steps if step.entry.era]
    assert eras == ["1989", "1989-essay", "2022", "today"]
    assert len(TODAY_LADDER) < len(TWEAKS)
    climbed = [step for step in steps if not step.control]
    assert [step.base for step in climbed] == [None, *range(len(climbed) - 1)]
    longest = ERAS["today"].recipe.epochs
    controlled = {f"{name}, {longest} epochs" for name in ("1989", "1989-essay", "2022")}
    assert controlled | {"softmax, 80 epochs"} <= set(labels(steps, controls=True))


def test_every_step_of_all_changes_one_thing_named_in_the_registry() -> None:
    recipes = climb(ERAS["1989-essay"].recipe, TODAY_LADDER)
    for before, after, name in zip(recipes, recipes[1:], TODAY_LADDER, strict=False):
        changed = {key for key, value in asdict(after).items() if value != asdict(before)[key]}
        assert changed, name
        assert changed <= set(TWEAKS[name].changes), name


def test_what_a_tweak_needs_is_added_before_it_and_what_is_named_later_moves_up() -> None:
    chosen = parse_tweaks("label-smoothing,muon")
    assert chosen.names == ("softmax", "label-smoothing", "mini-batches", "muon")
    assert chosen.added == {"softmax": "label-smoothing", "mini-batches": "muon"}
    named = parse_tweaks("label-smoothing,softmax")
    assert (named.names, named.added) == (("softmax", "label-smoothing"), {})


def test_what_another_tweak_needs_is_compared_at_equal_epochs_too() -> None:
    steps = build("alone", parse_tweaks("no-dropout", alone=True))
    (dropout,) = [step for step in steps if step.entry.label == "dropout"]
    assert dropout.needed
    assert steps[dropout.base or 0].entry.label == "1989-essay, 80 epochs"
    named = build("alone", parse_tweaks("no-dropout,dropout", alone=True))
    assert [step.needed for step in named if step.entry.label == "dropout"] == [False]


def test_an_average_of_the_last_epochs_keeps_its_share_of_longer_training() -> None:
    steps = build("ladder", parse_tweaks("swa,more-epochs"))
    assert [(s.entry.recipe.epochs, s.entry.recipe.averaging_epochs) for s in steps if s.control][-1] == (80, 20.0)


def test_contradictory_tweaks_are_refused_unless_each_stands_alone() -> None:
    for text in ("cosine,one-cycle", "muon,adamw"):
        with pytest.raises(UsageError, match="can't go together"):
            parse_tweaks(text)
        assert parse_tweaks(text, alone=True).names == tuple(text.split(","))


def test_a_tweak_that_so_few_digits_can_not_support_is_refused() -> None:
    with pytest.raises(UsageError, match="mini-batches needs 32 training digits; there are 20"):
        check_digits(parse_tweaks("mini-batches").tweaks, 20)
    check_digits(parse_tweaks("mini-batches").tweaks, 32)


def test_alone_compares_each_tweak_with_the_same_without_it_at_equal_epochs() -> None:
    steps = build("alone", parse_tweaks("relu,adamw,label-smoothing", alone=True))
    tweaked = [(step.entry.label, base) for step, base in zip(steps, bases(steps), strict=True) if not step.control]
    assert tweaked == [
        ("1989-essay", None),
        ("relu", "1989-essay"),
        ("adamw", "1989-essay, 46 epochs"),
        ("softmax", "1989-essay"),
        ("label-smoothing, with softmax", "softmax"),
    ]
    for step in steps:
        if step.base is not None and not step.control:
            assert step.entry.recipe.epochs == steps[step.base].entry.recipe.epochs


def test_alone_all_is_the_whole_registry() -> None:
    steps = build("alone", parse_tweaks("all", alone=True))
    assert set(TWEAKS) <= {label.split(",")[0] for label in labels(steps)}


def test_without_takes_a_tweak_and_what_needs_it_out_of_the_full_set() -> None:
    steps = build("without", parse_tweaks("softmax,relu,label-smoothing"))
    assert labels(steps) == [
        "1989-essay", "all of them", "- softmax (and label-smoothing)", "- relu", "- label-smoothing",
    ]  # fmt: skip
    assert bases(steps)[2:] == ["all of them"] * 3
    full, without_relu = steps[1].entry.recipe, steps[3].entry.recipe
    assert (full.activation, without_relu.activation) == ("relu", "tanh")


def test_without_keeps_the_epochs_of_the_full_set_unless_they_are_the_tweak() -> None:
    steps = build("without", parse_tweaks("shift,more-epochs"))
    assert [step.entry.recipe.epochs for step in steps] == [23, 80, 80, 60]


def test_the_essays_rows_bear_their_own_changes() -> None:
    steps = build("ladder", parse_tweaks("essay"))
    test = range(2007)
    rows = [SimpleNamespace(name=s.entry.name, recipe=s.entry.recipe, data="mnist", test=test) for s in steps]
    told = published(rows, steps)  # type: ignore[arg-type]
    assert [each["change_step"] and each["change_step"]["mean"] for each in told] == [None, 6, -16, -28, -12]


def test_every_tweak_is_dated_sourced_and_changes_the_essays_recipe() -> None:
    for name, tweak in TWEAKS.items():
        assert 1950 < tweak.year <= 2026, name
        assert str(tweak.year) in tweak.source, name
        assert tweak.link.startswith("https://"), name
        assert tweak.reason, name
        assert tweak.chosen, name
        before, after = climb(ERAS["1989-essay"].recipe, parse_tweaks(name).tweaks)[-2:]
        assert after != before, name
        assert Recipe.from_dict(after.to_dict()) == after, name
        assert set(TWEAKS) >= {*tweak.needs, *tweak.excludes}, name


def test_no_tweak_of_the_ladder_changes_the_finished_nets_size() -> None:
    for name in TODAY_LADDER:
        assert not {"net", "biases"} & set(TWEAKS[name].changes), name
        assert name not in ESSAY_LADDER or TWEAKS[name].chosen.endswith("test split"), name
