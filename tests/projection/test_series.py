"""The figures of the paper and the essay, and known answers of the two-point rule."""

import math

import pytest

from timetravel.projection.series import doubling_months, figure, figures, line, naive


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
        ("parameters", 9760, 9.76e9, 1_000_000),
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


def test_a_line_through_its_points_is_carried_on():
    here = {"year": 1999, "source": "s", "link": None, "note": "n"}
    made = line("images", 2019, here | {"value": 2 * figure("images", 1989)})  # 7,291 in 1989, twice that in 1999
    assert (made["kind"], made["factor"], made["projected"]) == ("measured", 2, 8 * 7291)
    assert (made["first"]["year"], made["last"]["year"], made["last"]["link"]) == (1989, 1999, None)
    assert made["year_of_10000000_times"] == 1999 + math.ceil(10 * math.log2(1e7))
    for value in (1.0, figure("images", 1989)):  # what falls or stays never grows so much
        assert line("images", 2019, here | {"value": value})["year_of_10000000_times"] is None


def test_rates_of_the_essay():
    found = {name: line(name, 2055) for name, year in figures() if year == 1989}
    years = {name: one["year_of_10000000_times"] for name, one in found.items()}
    assert years == {
        "pixels an image": 2094, "images": 2067, "pixels in all": 2050, "parameters": 2061, "multiply-adds": 2055,
        "training time": None,
    }  # fmt: skip
    assert found["parameters"]["yearly_factor"] == pytest.approx(1.52, abs=0.005)
    assert found["parameters"]["months_to_double_or_halve"] == pytest.approx(19.9, abs=0.05)
    assert found["training time"]["months_to_double_or_halve"] == pytest.approx(34.5, abs=0.05)
    assert 1 / found["training time"]["factor"] == pytest.approx(2880)
    for one in found.values():  # 33 more years repeat the first 33
        assert one["projected"] / one["last"]["value"] == pytest.approx(one["factor"], rel=1e-5)
