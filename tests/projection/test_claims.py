"""The verdicts: fixed rules, a number with an interval for B to F, and what would change each."""

from dataclasses import replace

import pytest

from timetravel.projection.assumptions import defaults
from timetravel.projection.claims import claims
from timetravel.projection.futures import Futures
from timetravel.projection.measured import Share
from timetravel.projection.milestones import milestones
from timetravel.projection.series import SERIES
from timetravel.projection.trends import record
from timetravel.projection.verdicts import VERDICTS, by_futures, by_shares, chance

RECORDS = {series.name: record(series, milestones()) for series in SERIES}


def judged(*shares, to=2055, **changes):
    """Judge the claims by letter, with some assumptions fixed to a value."""
    assumed = {
        name: replace(one, low=changes.get(name, one.low), high=changes.get(name, one.high))
        for name, one in defaults().items()
    }
    return {claim.id: claim for claim in claims(Futures(to, RECORDS, assumed), shares)}


def share(cause, mean, low, high):
    return Share(cause, "what", mean, low, high, "published with the package: x.json", "timetravel x")


@pytest.mark.parametrize(
    ("chances", "word"),
    [
        ([0.95, 0.9], "holds"),
        ([0.1, 0.0], "does not hold"),
        ([0.95, 0.05], "holds in part"),
        ([0.5, 0.05], "open"),
        ([0.5, 0.95], "open"),
    ],
)
def test_a_claim_about_the_future_is_judged_by_the_share_of_futures(chances, word):
    assert by_futures(chances) == word


@pytest.mark.parametrize(
    ("intervals", "at_least", "word"),
    [
        ([(50, 70), (60, 80)], True, "holds"),
        ([(10, 49)], True, "does not hold"),
        ([(40, 60)], True, "holds in part"),
        ([(50, 70), (10, 49)], True, "holds in part"),
        ([(10, 49)], False, "holds"),
        ([(50, 70)], False, "does not hold"),
        ([(40, 60)], False, "holds in part"),
    ],
)
def test_a_measured_claim_is_judged_by_whole_intervals(intervals, at_least, word):
    assert by_shares(intervals, at_least=at_least) == word


def test_all_seven_with_nothing_published():
    found = judged()
    assert list(found) == list("ABCDEFG")
    for claim in found.values():
        assert claim.verdict in VERDICTS
        assert claim.changes
        assert claim.changes_more.endswith(".")
        assert claim.sources
        assert claim.evidence
    assert [letter for letter, claim in found.items() if claim.value is None] == ["A", "D", "G"]
    assert found["D"].verdict == "not measured yet"
    assert "timetravel modernize" in found["D"].shown
    assert "timetravel foundation" in found["G"].changes


def test_b_to_f_have_numbers_with_intervals_once_the_ladder_is_published():
    found = judged(share("tweaks", 52, 40, 62))
    for letter in "BCDEF":
        claim = found[letter]
        assert claim.low <= claim.value <= claim.high
        assert claim.unit
        assert claim.interval


def test_c_turns_on_the_pace_of_algorithms():
    assert judged(algorithm_growth=3.0)["C"].verdict == "holds"
    assert judged(algorithm_growth=1.0)["C"].verdict == "does not hold"
    assert judged()["C"].verdict == "open"


def test_b_turns_on_the_limits():
    found = judged()["B"]
    assert found.verdict == "does not hold"
    assert "480 times" in " ".join(found.evidence)
    assert "no limits (then: open)" in found.changes
    loose = judged(budget_share=1.0, latency_wall=1e45, sparsity=1e6, synthetic=1e6, electricity_share=1.0)["B"]
    assert loose.verdict != "does not hold"


def test_d_needs_every_interval_at_half_and_a_large_net_speaks_against_it():
    assert judged(share("tweaks", 70, 60, 80))["D"].verdict == "holds in part"
    assert judged(share("tweaks", 30, 20, 40))["D"].verdict == "does not hold"
    assert judged(share("tweaks", 52, 40, 62))["D"].kind == "measured"


def test_e_without_a_learning_curve_rests_on_published_exponents():
    alone = judged()["E"]
    assert (alone.kind, alone.interval) == ("published", "range of the published exponent")
    assert alone.value == pytest.approx(32)
    measured = judged(share("data", 14, 1, 27))["E"]
    assert (measured.kind, measured.verdict, measured.value) == ("measured", "holds", 14)
    assert judged(share("data", 60, 51, 70))["E"].verdict == "holds in part"


def test_f_takes_size_where_it_is_measured():
    alone = judged()["F"]
    assert (alone.kind, alone.verdict, alone.interval) == ("published", "holds in part", "published range")
    assert "timetravel scale-model" in " ".join(alone.evidence)
    assert judged(share("size", 40, 30, 50))["F"].verdict == "holds"
    assert judged(share("size", 1, -5, 7))["F"].verdict == "holds in part"


def test_chances_are_never_none_nor_all():
    assert [chance(value) for value in (0, 0.004, 0.38, 1)] == ["under 1 %", "under 1 %", "38 %", "over 99 %"]
