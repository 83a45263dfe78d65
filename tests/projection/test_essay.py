"""The two figures of each quantity in essay.csv: they agree with each other and with the essay."""

import pytest

from timetravel.projection.two_points import figure, figures


@pytest.mark.parametrize("one", figures(), ids=lambda one: f"{one.quantity} {one.year}")
def test_every_figure_has_a_unit_a_source_and_a_link(one):
    assert one.quantity
    assert one.unit
    assert one.value > 0
    assert one.source
    assert one.note
    assert one.link.startswith("https://")
    assert ("LeCun et al. (1989)" if one.year == 1989 else "Karpathy (2022)") in one.source


def test_every_quantity_has_one_figure_of_each_year():
    names = dict.fromkeys(one.quantity for one in figures())
    assert [(one.quantity, one.year) for one in figures()] == [(name, year) for name in names for year in (1989, 2022)]


@pytest.mark.parametrize("year", [1989, 2022])
def test_pixels_in_all_are_the_product(year):
    product = figure("images", year).value * figure("pixels an image", year).value
    assert figure("pixels in all", year).value == product


@pytest.mark.parametrize(
    ("quantity", "old", "new", "essay"),
    [
        ("pixels an image", 16 * 16, 384 * 384 * 3, 1_000),
        ("images", 7291, 1e9, 100_000),
        ("pixels in all", 7291 * 256, 1e9 * 384 * 384 * 3, 100_000_000),
        ("parameters", 9760, 9.76e9, 1_000_000),
        ("multiply-adds", 63660, 1e12, 10_000_000),
        ("training time", 3 * 24 * 3600, 90, 1 / 3000),
    ],
)
def test_figures_are_the_papers_and_the_essays(quantity, old, new, essay):
    first, last = figure(quantity, 1989), figure(quantity, 2022)
    assert (first.value, last.value) == (old, new)
    assert 0.4 < last.value / first.value / essay < 2.5  # the essay rounds its factors


def test_unknown_figures_are_refused():
    with pytest.raises(KeyError):
        figure("parameters", 1990)
