"""The verdicts: fixed rules, words for chances, and the two claims that rest on futures."""

from itertools import pairwise

import numpy as np
import pytest

from timetravel.numbers import chance
from timetravel.projection.claims import claims, finding
from timetravel.projection.inputs import milestones
from timetravel.projection.larger import ten_million
from timetravel.projection.minute import one_minute
from timetravel.projection.shares import published_shares
from timetravel.projection.verdicts import VERDICTS, above, at_least_half, by_parts
from timetravel.projection.words import SCALE, in_words

RULES = (
    (by_parts, ([True, True, True],), "holds"),
    (by_parts, ([True, None, False],), "holds in part"),
    (by_parts, ([None, None, False],), "open"),
    (by_parts, ([False, False, False],), "does not hold"),
    (at_least_half, (50, 70), True),
    (at_least_half, (40, 60), None),
    (at_least_half, (10, 49), False),
    (above, (1, 9), True),
    (above, (-1, 9), None),
    (above, (-9, 0), False),
)


def test_verdicts_follow_fixed_rules():
    for rule, numbers, found in RULES:
        assert rule(*numbers) == found, (rule.__name__, numbers)
    assert [chance(value) for value in (0, 0.004, 0.38, 1)] == ["under 1 %", "under 1 %", "38 %", "over 99 %"]


def test_words_for_chances_are_fixed_to_numbers_without_a_gap():
    assert (SCALE[0][1], SCALE[-1][2]) == (0, 1)
    assert all(one[2] == other[1] for one, other in pairwise(SCALE))
    told = [in_words(value) for value in (0, 0.02, 0.1, 0.5, 0.8, 0.95, 1)]
    assert told == [one[0] for one in SCALE]
    with pytest.raises(ValueError, match="no probability"):
        in_words(1.2)


@pytest.fixture(scope="module")
def b(futures):
    return ten_million(futures(), milestones())


@pytest.fixture(scope="module")
def c(futures):
    return one_minute(futures(), milestones())


def test_all_seven_have_a_plain_sentence_and_a_verdict(futures):
    found = claims(futures(), milestones(), published_shares())
    assert [one["id"] for one in found] == list("ABCDEFG")
    for one in found:
        assert one["verdict"] in (*VERDICTS, *(words for words, *_ in SCALE))
        assert len(one["sentence"]) <= 170, one["sentence"]
        assert one["sentence"].endswith(".")
        assert all(one[part] for part in ("parts", "needs", "evidence", "sources", "changes", "sensitivity"))
        assert (one["words"] == "") == (one["probability"] is None)
    told = finding(found, 2055)
    assert all(found[place]["verdict"] in told for place in (1, 2))


def test_b_speaks_of_vision_first_and_says_that_1989_to_2022_fell_short(b, futures):
    """The essay's own units: 3e9 over 9,760 parameters, and images and pixels by its own figures."""
    assert [one["part"] for one in b["parts"]][:2] == ["parameters (vision)", "training images"]
    grown = futures().limited("parameters-vision", 2055) - futures().records["parameters-vision"].at(2022)
    assert b["value"] == pytest.approx(10 ** np.median(grown), rel=0.05)
    told = b["evidence"][0]  # 3e9 / 9,760, 1e9 / 7,291, and 442,368 of 256 pixels each
    assert "parameters 3.1e5 times, not a million; images 1.4e5 times, pixels 2.4e8 times" in told


def test_a_forecast_has_the_words_of_its_chance_and_hangs_on_no_threshold(b, c):
    for one in (b, c):
        assert one["verdict"] == one["words"] == in_words(one["probability"])
    assert c["probability"] == c["parts"][0]["probability"]
    assert b["probability"] <= min(one["probability"] for one in b["parts"][:2])


def test_sensitivity_moves_assumptions_within_their_ranges_widest_first(c, futures):
    bars = c["sensitivity"]["bars"]
    widths = [abs(one["at_high"] - one["at_low"]) for one in bars]
    assert widths == sorted(widths, reverse=True)
    growth = next(one for one in bars if one["what"].startswith("algorithm growth"))
    for end, at in (("low", "at_low"), ("high", "at_high")):
        held = futures(algorithm_growth=float(growth[end]))
        assert 100 * one_minute(held, milestones())["probability"] == pytest.approx(growth[at], rel=0.02, abs=0.02)
    assert 100 * c["probability"] == pytest.approx(c["sensitivity"]["base"], rel=1e-2)


def test_c_takes_memory_into_account(futures):
    fast = {"algorithm_growth": 3.0, "algorithm_most": 1e8}
    assert one_minute(futures(**fast), milestones())["probability"] > 0.99
    starved = futures(**fast, device_memory=1e6, memory_growth=1.0)
    assert one_minute(starved, milestones())["probability"] < 0.01
    assert one_minute(futures(algorithm_growth=1.0), milestones())["verdict"] == "almost impossible"


def test_c_says_what_memory_palm_takes(c):
    (memory,) = (one for one in c["needs"] if one["what"].startswith("memory to train PaLM"))
    assert 4e12 < float(memory["needed"].split()[0]) < 1e13  # 8 to 18 bytes a parameter; 16 are 8.6 TB


def test_what_would_have_to_be_true_is_worked_backwards(b, futures):
    growth, _, run, _ = b["needs"]
    record = futures().records["parameters-vision"]
    needed = (1e7 * 10 ** record.at(2022) / 10**record.so_far) ** (1 / (2055 - record.last))
    assert growth["needed"] == f"{needed:.2f} times a year"
    assert run["needed"].startswith("2.5e38 operations")  # 6 x 5.4e18 x 7.8e18, in Kaplan's count
