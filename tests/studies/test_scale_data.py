"""The grid of training-set sizes, and what a size above 1989's does to the epochs."""

import pytest

from timetravel.eras import ERAS
from timetravel.studies.budgets import budgeted
from timetravel.studies.scale_data import sizes_up_to


def test_the_default_sizes_go_as_far_as_the_source() -> None:
    assert sizes_up_to(60_000) == [1000, 2000, 4000, 7291, 15000, 30000, 50000]
    assert sizes_up_to(7291) == [1000, 2000, 4000, 7291]
    assert sizes_up_to(5000) == [1000, 2000, 4000, 5000]
    assert sizes_up_to(300) == [300]


def test_above_1989s_size_the_examples_seen_stay_about_the_same() -> None:
    recipe = ERAS["2022"].recipe
    assert [budgeted(recipe, size).epochs for size in (1000, 7291, 50000)] == [80, 80, 12]
    assert [budgeted(recipe, size, "epochs").epochs for size in (1000, 50000)] == [80, 80]
    assert [budgeted(recipe, size, "essay").epochs for size in (1000, 7291, 50000)] == [80, 80, 100]


def test_what_is_counted_in_epochs_shrinks_with_them() -> None:
    today = ERAS["today"].recipe
    found = budgeted(today, 50000)
    share = 7291 / 50000
    assert found.averaging_epochs == pytest.approx(today.averaging_epochs * share)
    assert found.warm_up == pytest.approx(today.warm_up * share)
