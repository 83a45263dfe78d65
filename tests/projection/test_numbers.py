"""Numbers for people."""

import pytest

from timetravel.projection.numbers import exact, short, times


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (5.7e-5, "5.7e-5"),
        (0.0304, "0.030"),
        (0.9, "0.90"),
        (1, "1.0"),
        (9.96, "10"),
        (90, "90"),
        (1728, "1,700"),
        (9960, "1.0e4"),
        (2.37e8, "2.4e8"),
        (1.048e23, "1.0e23"),
    ],
)
def test_short(value, text):
    assert short(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(63660, "63,660"), (442368, "442,368"), (1e9, "1.0e9"), (0.83, "0.83"), (1866496, "1.9e6")]
)
def test_exact(value, text):
    assert exact(value) == text


def test_times():
    assert times(1 / 2880) == "1/2,900"
    assert times(137155) == "1.4e5"
