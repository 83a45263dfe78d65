"""How option texts are read, and how shared options reach a command."""

import inspect

import pytest

from timetravel.api.progress import hour_of_1989
from timetravel.cli.options import Options, with_options
from timetravel.commands.options import Era, after_comma
from timetravel.commands.reading import parse_depths, parse_errors, parse_seeds, parse_sizes, parse_test, parse_widths
from timetravel.eras import ERAS
from timetravel.errors import UsageError


def test_what_is_typed_is_read() -> None:
    for read, text, value in (
        (parse_seeds, "1", (0,)),
        (parse_seeds, "8", tuple(range(8))),
        (parse_seeds, "0,3,5", (0, 3, 5)),
        (parse_seeds, "10-12", (10, 11, 12)),
        (parse_seeds, "7,10-11", (7, 10, 11)),
        (parse_seeds, "5-5", (5,)),
        (parse_test, "2007", 2007),
        (parse_test, "full", "full"),
        (parse_sizes("--sizes"), "1000, 7291,50000", (1000, 7291, 50000)),
        (parse_sizes("--sizes", "max"), "max", ("max",)),
        (parse_widths, "0.5,16", (0.5, 16.0)),
        (parse_depths, "0,64", (0, 64)),
        (parse_errors, "0.5,1", (0.5, 1.0)),
    ):
        assert read(text) == value, text


def test_what_is_not_allowed_is_refused_by_its_option() -> None:
    for read, option, texts in (
        (parse_seeds, "--seeds", ("0", "-1", "", "a", "1.5", "3-1", "0,0", "1,", "0-3,2", "10001")),
        (parse_test, "--test", ("0", "-5", "all", "", "1e3")),
        (parse_sizes("--sizes"), "--sizes", ("0", "-1", "1000,", "many", "max", "9" * 400)),
        (parse_widths, "--widths", ("0", "0.3", "17", "nan", "x")),
        (parse_depths, "--depths", ("-1", "65", "1.5")),
        (parse_errors, "--error", ("0", "100", "nan", "x")),
    ):
        for text in texts:
            with pytest.raises(UsageError, match=option):
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
    hours = {share: hour_of_1989(share) for share in (0, 1 / 3, 0.5, 1, 400 / 23)}
    first = {0: "Monday 09:00", 1 / 3: "Tuesday 09:00", 0.5: "Tuesday 21:00", 1: "Thursday 09:00"}
    assert hours == first | {400 / 23: "Thursday 13:10, week 8"}


def test_the_last_name_of_a_comma_list_is_completed() -> None:
    complete = after_comma(lambda: ["softmax", "adamw", "affine"])
    assert complete("softmax,ad") == ["softmax,adamw"]
    assert complete("a") == ["adamw", "affine"]


def test_help_names_every_era() -> None:
    (option,) = Era.__metadata__
    assert all(name in option.help for name in ERAS)
    assert option.autocompletion() == list(ERAS)
