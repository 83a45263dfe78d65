"""How option texts are read."""

import pytest

from timetravel.cli.clock import hour_of_1989
from timetravel.cli.options import parse_seeds, parse_sizes, parse_test
from timetravel.errors import UsageError
from timetravel.numbers import counted, duration


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("1", (0,)),
        ("8", tuple(range(8))),
        ("0,3,5", (0, 3, 5)),
        ("10-12", (10, 11, 12)),
        ("7,10-11", (7, 10, 11)),
        ("5-5", (5,)),
    ],
)
def test_seeds(text: str, seeds: tuple[int, ...]) -> None:
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["0", "-1", "", "a", "1.5", "3-1", "0,0", "1,", "0-3,2"])
def test_seeds_that_are_not(text: str) -> None:
    with pytest.raises(UsageError, match="--seeds"):
        parse_seeds(text)


@pytest.mark.parametrize(("text", "size"), [("2007", 2007), ("full", "full"), ("1", 1)])
def test_test_sizes(text: str, size: int | str) -> None:
    assert parse_test(text) == size


@pytest.mark.parametrize("text", ["0", "-5", "all", "", "1e3"])
def test_test_sizes_that_are_not(text: str) -> None:
    with pytest.raises(UsageError, match="--test"):
        parse_test(text)


def test_sizes() -> None:
    assert parse_sizes("1000, 7291,50000") == [1000, 7291, 50000]
    for text in ("0", "-1", "1000,", "many"):
        with pytest.raises(UsageError, match="--sizes"):
            parse_sizes(text)


def test_three_days_of_1989() -> None:
    assert hour_of_1989(0) == "Monday 09:00"
    assert hour_of_1989(1 / 3) == "Tuesday 09:00"
    assert hour_of_1989(0.5) == "Tuesday 21:00"
    assert hour_of_1989(1) == "Thursday 09:00"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.83, "0.8 s"),
        (42, "42 s"),
        (90, "1 min 30 s"),
        (120, "2 min"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (259200, "3 days"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_counting() -> None:
    assert counted(1, "seed") == "1 seed"
    assert counted(167693, "example") == "167,693 examples"
    assert counted(23, "epoch") == "23 epochs"
