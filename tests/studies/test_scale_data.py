"""The grid of training-set sizes, and what a size above 1989's does to the passes."""

from typing import cast

from timetravel.eras import ERAS
from timetravel.studies.scale_data import ScaleData, sizes_up_to
from timetravel.studies.setup import Setup


def test_the_default_sizes_go_as_far_as_the_source() -> None:
    assert sizes_up_to(60_000) == [1000, 2000, 4000, 7291, 15000, 30000, 50000]
    assert sizes_up_to(7291) == [1000, 2000, 4000, 7291]
    assert sizes_up_to(5000) == [1000, 2000, 4000, 5000]
    assert sizes_up_to(300) == [300]


def test_above_1989s_size_the_presentations_stay_about_the_same() -> None:
    study = ScaleData(cast(Setup, None), [ERAS["2022"]], [7291, 1000, 50000])
    passes = {entry.size: entry.recipe.passes for entry in study.entries()}
    assert passes == {1000: 80, 7291: 80, 50000: 12}
    fixed = ScaleData(cast(Setup, None), [ERAS["2022"]], [50000], passes=1)
    assert [entry.recipe.passes for entry in fixed.entries()] == [1]
