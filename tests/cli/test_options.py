"""How option texts are read, and how shared options reach a command."""

import inspect

import pytest

from timetravel.cli.clock import hour_of_1989
from timetravel.cli.options import (
    Options,
    depth,
    error_in_percent,
    parse_seeds,
    parse_sizes,
    parse_test,
    width,
    with_options,
)
from timetravel.errors import UsageError
from timetravel.numbers import counted, duration, interval, write


def test_seeds() -> None:
    for text, seeds in (
        ("1", (0,)), ("8", tuple(range(8))), ("0,3,5", (0, 3, 5)), ("10-12", (10, 11, 12)), ("7,10-11", (7, 10, 11)),
        ("5-5", (5,)),
    ):  # fmt: skip
        assert parse_seeds(text) == seeds
    for text in ("0", "-1", "", "a", "1.5", "3-1", "0,0", "1,", "0-3,2", "10001"):
        with pytest.raises(UsageError, match="--seeds"):
            parse_seeds(text)


def test_numbers_of_test_digits() -> None:
    assert [parse_test(text) for text in ("2007", "full", "1")] == [2007, "full", 1]
    for text in ("0", "-5", "all", "", "1e3"):
        with pytest.raises(UsageError, match="--test"):
            parse_test(text)


def test_comma_lists_name_the_option_and_the_part_that_is_wrong() -> None:
    assert parse_sizes("--sizes")("1000, 7291,50000") == (1000, 7291, 50000)
    assert parse_sizes("--sizes", "max")("max") == ("max",)
    for text in ("0", "-1", "1000,", "many", "max"):
        with pytest.raises(UsageError, match="--sizes"):
            parse_sizes("--sizes")(text)


def test_parts_of_comma_lists() -> None:
    assert (width("0.5"), depth("16"), error_in_percent("0.5")) == (0.5, 16, 0.5)
    for read, texts in (
        (width, ("0", "0.3", "17", "x")), (depth, ("-1", "65", "1.5")), (error_in_percent, ("0", "100", "nan", "x")),
    ):  # fmt: skip
        for text in texts:
            with pytest.raises(ValueError, match=r".*"):
                read(text)


def test_a_command_gets_the_shared_options_that_it_asks_for_as_one_object() -> None:
    got: list[Options] = []

    @with_options("seeds", "quiet", seeds="5")
    def command(name: str, *, options: Options) -> None:
        """Do it."""
        got.append(options)

    assert list(inspect.signature(command).parameters) == ["name", "seeds", "quiet"]
    assert inspect.signature(command).parameters["seeds"].default == "5"
    command(name="x", seeds=(0, 1), quiet=True)
    assert (got[0].seeds, got[0].quiet, got[0].data) == ((0, 1), True, "mnist")


def test_three_days_of_1989() -> None:
    hours = {share: hour_of_1989(share) for share in (0, 1 / 3, 0.5, 1)}
    assert hours == {0: "Monday 09:00", 1 / 3: "Tuesday 09:00", 0.5: "Tuesday 21:00", 1: "Thursday 09:00"}


def test_how_numbers_are_written() -> None:
    for seconds, words in (
        (0.012, "12 ms"), (0.83, "0.8 s"), (42, "42 s"), (90, "1 min 30 s"), (120, "2 min"), (3600, "1 h"),
        (7500, "2 h 5 min"), (259200, "3 days"), (4e10, "1,268 years"),
    ):  # fmt: skip
        assert duration(seconds) == words
    assert (counted(1, "seed"), counted(167693, "example")) == ("1 seed", "167,693 examples")
    assert interval(82.34, 80.2, 84.7, ".1f", ".0f") == "82.3 [80, 85]"
    assert interval(82.34, None, None) == "82.3"
    assert (write(None, ".1f"), write(-0.001, ".1f"), write(1700, "short"), write(0.4, "duration")) == (
        "", "0.0", "1,700", "0.4 s",
    )  # fmt: skip


def test_help_names_every_era() -> None:
    from timetravel.cli.options import Era
    from timetravel.eras import ERAS

    (option,) = Era.__metadata__
    assert all(name in option.help for name in ERAS)
    assert option.autocompletion() == list(ERAS)
