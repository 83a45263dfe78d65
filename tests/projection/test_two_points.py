"""Known answers of the two-point rule."""

import math

import pytest

from timetravel.errors import UsageError
from timetravel.projection.two_points import (
    Figure,
    Line,
    checked_year,
    doubling_months,
    naive,
    published_lines,
    yearly_factor,
)


def line(first: float, last: float, years: tuple[int, int] = (1989, 2022)) -> Line:
    return Line(*(Figure("q", "u", y, v, "s", "l", "n") for y, v in zip(years, (first, last), strict=True)))


def published(quantity: str) -> Line:
    return next(line for line in published_lines() if line.quantity == quantity)


def test_ten_million_times_in_33_years():
    assert yearly_factor(1e7, 33) == pytest.approx(1.63, abs=0.005)
    assert doubling_months(1e7, 33) == pytest.approx(17.0, abs=0.05)


def test_doubling_and_halving():
    assert doubling_months(2, 1) == pytest.approx(12)
    assert doubling_months(1 / 4, 1) == pytest.approx(6)
    assert doubling_months(1, 33) == math.inf


def test_a_line_epochs_through_its_points_and_doubles_on_time():
    doubling = line(1, 2, (2000, 2010))
    assert doubling.value_in(2000) == pytest.approx(1)
    assert doubling.value_in(2010) == 2
    assert doubling.value_in(2030) == pytest.approx(8)
    assert doubling.factor_to(2030) == pytest.approx(4)
    assert doubling.year_of(4) == 2030
    assert doubling.year_of(4.001) == 2031


def test_33_more_years_repeat_the_first_33():
    for one in published_lines():
        assert one.factor_to(2055) == pytest.approx(one.factor)


def test_what_falls_or_stays_never_grows_ten_million_times():
    assert line(2, 1).falls
    assert line(2, 1).year_of(1e7) is None
    assert line(1, 1).year_of(1e7) is None


@pytest.mark.parametrize(
    ("quantity", "year"),
    [
        ("pixels an image", 2094),
        ("images", 2067),
        ("pixels in all", 2050),
        ("parameters", 2061),
        ("multiply-adds", 2055),
    ],
)
def test_the_year_of_ten_million_times(quantity, year):
    one = published(quantity)
    assert one.year_of(1e7) == year
    assert one.factor_to(year) >= 1e7 > one.factor_to(year - 1)


def test_the_naive_rule_repeats_the_essays_factor_every_33_years():
    assert naive(3.0, 1e7, 2022) == 3
    assert naive(3.0, 1e7, 2055) == pytest.approx(3e7)
    assert naive(1.0, 1e7, 2023) == pytest.approx(1.63, abs=0.005)


def test_rates_of_the_essay():
    assert published("parameters").yearly_factor == pytest.approx(1.52, abs=0.005)
    assert published("parameters").doubling_months == pytest.approx(19.9, abs=0.05)
    assert published("training time").doubling_months == pytest.approx(34.5, abs=0.05)
    assert 1 / published("training time").factor == 2880


@pytest.mark.parametrize("year", [2023, 2055, 2200])
def test_years_ahead_are_allowed(year):
    assert checked_year(year) == year


@pytest.mark.parametrize("year", [-1, 1989, 2022, 2201])
def test_other_years_are_refused(year):
    with pytest.raises(UsageError) as caught:
        checked_year(year)
    assert str(year) in caught.value.message
    assert "2023 to 2200" in caught.value.hint
