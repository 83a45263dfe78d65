"""The figures of the paper and the essay, and known answers of growth."""

import math

import pytest

from timetravel.projection.series import doubling_months, figure, figures, naive


def test_every_quantity_has_a_sourced_figure_of_each_year():
    names = dict.fromkeys(quantity for quantity, _ in figures())
    assert list(figures()) == [(name, year) for name in names for year in (1989, 2022)]
    for one in figures().values():
        assert one["value"] > 0
        assert one["note"]
        assert one["link"].startswith("https://")
        assert ("LeCun et al. (1989)" if one["year"] == 1989 else "Karpathy (2022)") in one["source"]
    with pytest.raises(KeyError):
        figure("parameters", 1990)


def test_figures_are_the_papers_and_the_essays():
    for quantity, old, new, essay in (
        ("pixels an image", 16 * 16, 384 * 384 * 3, 1_000),
        ("images", 7291, 1e9, 100_000),
        ("pixels in all", 7291 * 256, 1e9 * 384 * 384 * 3, 100_000_000),
        ("parameters", 9760, 3e9, 310_000),  # "small few billion"; the essay says a million
        ("multiply-adds", 63660, 1e12, 10_000_000),
        ("training time", 3 * 24 * 3600, 90, 1 / 3000),
    ):
        first, last = figure(quantity, 1989), figure(quantity, 2022)
        assert (first, last) == (old, new)
        assert 0.4 < last / first / essay < 2.5  # the essay rounds its factors


def test_growing_doubling_and_halving():
    assert doubling_months(1e7, 33) == pytest.approx(17.0, abs=0.05)
    assert [naive(3.0, 1e7, year) for year in (2022, 2055)] == pytest.approx([3, 3e7])
    assert naive(1.0, 1e7, 2023) == pytest.approx(1.63, abs=0.005)
    assert [doubling_months(factor, 1) for factor in (2, 1 / 4, 1)] == pytest.approx([12, 6, math.inf])
