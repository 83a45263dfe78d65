"""The grid of training-set sizes, what a size above 1989's does to the epochs, and what is found."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from timetravel.digits import Digits
from timetravel.engine.runs import Figures
from timetravel.eras import ERAS
from timetravel.errors import UsageError
from timetravel.recipes import Recipe
from timetravel.stats.curves import Questions
from timetravel.studies.budgets import budgeted
from timetravel.studies.rows import Row
from timetravel.studies.scale_data import ScaleData, finding, points_of, sizes_up_to
from timetravel.studies.setup import Setup

TEST = Digits(np.zeros((200, 16, 16), np.float32), np.arange(200) % 10, "made-up", "test")
SETUP = cast(Setup, SimpleNamespace(digits=lambda size: None, changed="", trained=lambda recipe: recipe))


def row(era: str, size: int, *mistakes: int, subsets: tuple[str, ...] = (), diverged: int | None = None) -> Row:
    figures = [Figures(0.1, count, 200) for count in mistakes]
    runs = [
        SimpleNamespace(
            seed=seed,
            test=test,
            diverged=diverged,
            collapsed=test.mistakes >= 180,
            sound=diverged is None and test.mistakes < 180,
        )
        for seed, test in enumerate(figures)
    ]
    return Row(
        era, era, era, Recipe(), "", "made-up", subsets or ("0",) * len(runs), cast(Any, tuple(runs)), size, TEST
    )


def study(sizes: list[int], *eras: str, **questions: Any) -> ScaleData:
    return ScaleData(SETUP, [ERAS[era] for era in eras or ("2022",)], sizes, "examples", Questions(**questions))


def test_the_default_sizes_go_as_far_as_the_source() -> None:
    assert sizes_up_to(60_000) == [1000, 2000, 4000, 7291, 15000, 30000, 50000]
    assert sizes_up_to(7291) == [1000, 2000, 4000, 7291]
    assert sizes_up_to(5000) == [1000, 2000, 4000, 5000]
    assert sizes_up_to(300) == [300]


def test_above_1989s_size_the_examples_seen_stay_about_the_same() -> None:
    recipe, today = ERAS["2022"].recipe, ERAS["today"].recipe
    assert [budgeted(recipe, size, "examples").epochs for size in (1000, 7291, 50000)] == [80, 80, 12]
    assert [budgeted(recipe, size, "epochs").epochs for size in (1000, 50000)] == [80, 80]
    assert [budgeted(recipe, size, "essay").epochs for size in (1000, 7291, 50000)] == [80, 80, 100]
    found, share = budgeted(today, 50000, "examples"), 7291 / 50000  # what is counted in epochs shrinks with them
    assert found.averaging_epochs == pytest.approx(today.averaging_epochs * share)
    assert found.warm_up == pytest.approx(today.warm_up * share)
    assert budgeted(recipe.but(teacher_epochs=8), 50000, "examples").teacher_epochs == 1


def test_a_row_is_an_era_at_a_size_and_sizes_named_twice_are_one() -> None:
    entries = study([9000, 100, 100], "1989-essay", "2022").entries()
    assert [(e.name, e.size) for e in entries] == [(e, size) for e in ("1989-essay", "2022") for size in (100, 9000)]
    assert [e.recipe.epochs for e in entries] == [23, 19, 80, 65]


def test_too_few_sizes_for_a_law_are_remarked_and_can_not_be_asked() -> None:
    assert study([100, 200]).remarks == ["2 sizes: no law is fitted, which takes 3."]
    assert study([100, 200, 300]).remarks == []
    for questions in ({"predict": (1000,)}, {"errors": (1.0,)}):
        with pytest.raises(UsageError, match="2 sizes can't be fitted by a law"):
            study([100, 200], **questions)


def test_points_of_a_curve_are_the_rows_units() -> None:
    seeds = points_of([row("a", 100, 40, 60), row("a", 300, 10, 30)])
    assert seeds.sizes.tolist() == [100, 300]
    assert seeds.shares.tolist() == [[0.2, 0.3], [0.05, 0.15]]
    assert (seeds.mistakes.tolist(), seeds.errors.tolist()) == ([50, 20], [25, 10])
    assert (seeds.digits, seeds.failed) == (200, ())
    subsets = points_of([row("a", 100, 20, 60, 10, 30, subsets=("0", "0", "1", "1"))])
    assert subsets.shares == pytest.approx(np.array([[0.2, 0.1]]))
    assert points_of([row("a", 100, 1), row("a", 300, 1, diverged=1)]).failed == (300,)
    collapsed = points_of([row("a", 100, 40, 190, 60), row("a", 300, 10, 20, 30)])  # the second run counts nowhere
    assert collapsed.shares.tolist() == [[0.2, 0.3], [0.05, 0.15]]
    assert (collapsed.mistakes[0], collapsed.failed) == (50, ())
    assert points_of([row("a", 100, 190, 190), row("a", 300, 10, 30)]).failed == (100,)


def test_the_finding_says_how_many_mistakes_more_digits_save_and_what_errs_least() -> None:
    rows = [row("a", 100, 40, 60), row("b", 100, 20, 20), row("a", 900, 30, 35)]
    told = finding(rows, [{"era": "a", "train_size": 900, "against": 100, "mean": 35.0, "low": 1.0, "high": 60.0}])
    assert told == (
        "With 900 training digits instead of 100, for as many epochs, mistakes fall by 35 % [1, 60] for a. "
        "The fewest: b on 100 digits, with 20.0 of 200 test digits."
    )
    alone = "with 5.0 of 200 test digits. One seed is an anecdote: use --seeds 3 or more."
    assert finding([row("a", 100, 5)], []).endswith(alone)
    nothing = {"era": "a", "train_size": 900, "against": 100, "mean": None, "low": None, "high": None}
    assert "fall by an unknown share for a. " in finding(rows, [nothing])
