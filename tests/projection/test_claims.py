"""The verdicts: fixed rules, a number with an interval for B to G, and what would change each."""

import copy
import re

import pytest

from timetravel import published
from timetravel.errors import DataError
from timetravel.projection.claims import claims
from timetravel.projection.inputs import milestones
from timetravel.projection.measured import from_scratch
from timetravel.projection.measured import share as made_share
from timetravel.projection.verdicts import (
    VERDICTS,
    by_futures,
    by_halves,
    by_infrastructure,
    by_modest_gains,
    by_parts,
    chance,
)


def share(cause, mean, low, high, era="2022", **more):
    return made_share(cause, "what", (mean, low, high), "published with the package: x.json", era=era, **more)


@pytest.fixture
def judged(futures):
    """Return what judges the claims, by letter, by some shares and with some assumptions fixed to a value."""
    rest = share("tweaks", 52, 40, 62), share("data", 3, -19, 23), share("size", 38, 19, 54)

    def judge(*shares, **changes):
        given = {one["cause"] for one in shares}
        found = claims(futures(**changes), milestones(), [*shares, *(one for one in rest if one["cause"] not in given)])
        return {one["id"]: one for one in found}

    return judge


IN_PART, FAILS = "holds in part", "does not hold"
RULES = (
    (by_futures, ([0.95, 0.9],), "holds"),
    (by_futures, ([0.1, 0.0],), FAILS),
    (by_futures, ([0.95, 0.05],), IN_PART),
    (by_futures, ([0.5, 0.05],), "open"),
    (by_futures, ([0.5, 0.95],), "open"),
    (by_halves, ([(50, 70), (60, 80)],), "holds"),
    (by_halves, ([(10, 49)],), FAILS),
    (by_halves, ([(40, 60)],), "open"),
    (by_halves, ([(50, 70), (10, 49)],), IN_PART),
    (by_halves, ([(40, 60), (10, 49)],), "open"),
    (by_modest_gains, ([(1, 49), (13, 40)],), "holds"),
    (by_modest_gains, ([(-12, 26)],), IN_PART),  # modest, and no gain shown
    (by_modest_gains, ([(-12, 26), (13, 49)],), IN_PART),
    (by_modest_gains, ([(20, 60)],), IN_PART),  # a gain, and not shown to be modest
    (by_modest_gains, ([(-5, 55)],), "open"),
    (by_modest_gains, ([(-5, 60), (20, 40)],), "open"),
    (by_modest_gains, ([(50, 70)],), FAILS),
    (by_modest_gains, ([(-20, 0)],), FAILS),
    (by_infrastructure, ([(19, 54)], (60, 95)), IN_PART),  # research is not measured: never more
    (by_infrastructure, ([(19, 54)], (10, 30)), IN_PART),
    (by_infrastructure, ([(-5, 7)], (10, 60)), "open"),
    (by_infrastructure, ([(-20, -1)], (10, 60)), "open"),
    (by_infrastructure, ([(-20, -1)], (10, 30)), FAILS),
    (by_parts, ([True, True, True],), "holds"),
    (by_parts, ([True, None, False],), IN_PART),
    (by_parts, ([None, None, False],), "open"),
    (by_parts, ([False, False, False],), FAILS),
)


def test_verdicts_follow_fixed_rules():
    for rule, numbers, word in RULES:
        assert rule(*numbers) == word, (rule.__name__, numbers)
    assert [chance(value) for value in (0, 0.004, 0.38, 1)] == ["under 1 %", "under 1 %", "38 %", "over 99 %"]


def test_all_seven(judged):
    found = judged()
    assert list(found) == list("ABCDEFG")
    for claim in found.values():
        assert claim["verdict"] in VERDICTS
        assert claim["changes"].endswith(".")
        assert all(claim[part] for part in ("changes_short", "sources", "evidence"))
    assert [letter for letter, claim in found.items() if claim["value"] is None] == ["A"]
    assert any("`timetravel foundation`" in line for line in found["G"]["evidence"])


def test_c_turns_on_the_pace_of_algorithms(judged):
    assert judged(algorithm_growth=3.0, algorithm_most=1e12)["C"]["verdict"] == "holds"
    assert judged(algorithm_growth=3.0, algorithm_most=10)["C"]["verdict"] == "does not hold"
    assert judged(algorithm_growth=1.0)["C"]["verdict"] == "does not hold"
    assert judged()["C"]["verdict"] == "open"


def test_b_turns_on_the_limits(judged):
    found = judged()["B"]
    assert found["verdict"] == "does not hold"
    assert "480 times" in " ".join(found["evidence"])
    assert "no limits (open)" in found["changes_short"]
    loose = judged(budget_share=1.0, latency_wall=1e45, sparsity=1e6, synthetic=1e6, electricity_share=1.0)["B"]
    assert loose["verdict"] != "does not hold"


def test_d_needs_every_interval_at_half_and_shows_what_this_machine_measured_first(judged):
    assert judged(share("tweaks", 70, 60, 80))["D"]["verdict"] == IN_PART  # a large net speaks against it
    assert judged(share("tweaks", 30, 20, 40))["D"]["verdict"] == FAILS
    found = judged(share("tweaks", 52, 40, 62))["D"]
    assert (found["kind"], found["shown"], found["low"], found["high"]) == ("published here", "52 [40, 62] %", 40, 62)
    own = judged(share("tweaks", 52, 40, 62), share("tweaks", 61, 55, 66, here=True))["D"]
    assert (own["value"], own["kind"]) == (61, "measured here")


def test_e_rests_on_learning_curves_and_published_exponents(judged):
    evidence = " ".join(judged()["E"]["evidence"])
    assert "published laws: 32 % [" in evidence
    assert "15 to 55 %" in evidence  # at ten times the data
    assert "49.03 %, against 50: the rule is narrow there" in evidence
    measured = judged(share("data", 14, 1, 27))["E"]
    assert (measured["kind"], measured["verdict"], measured["value"]) == ("published here", "holds", 14)
    assert judged(share("data", 60, 51, 70))["E"]["verdict"] == "holds in part"
    assert judged(share("data", 9, -12, 26))["E"]["verdict"] == "holds in part"
    recent = judged(share("data", 16, -2, 32, era="1989-essay"), share("data", 3, -19, 23, era="2022"))["E"]
    assert (recent["value"], recent["low"], recent["high"]) == (3, -19, 23)  # the learning curve of 2022 is shown


def test_f_takes_the_largest_size(judged):
    found = judged(share("size", 20, 10, 30), share("size", 40, 30, 50), share("both", 60, 50, 70))["F"]
    assert (found["verdict"], found["shown"]) == ("holds in part", "40 [30, 50] % (infrastructure part)")
    assert not any("your own" in line for line in found["evidence"] if "Ho, Besiroglu" in line)


def test_what_would_change_a_verdict_does_when_it_is_judged_again(judged):
    found = judged()
    for letter, sentence in (("B", found["B"]["changes"]), ("C", found["C"]["changes"])):
        told = re.findall(r"((?:`\w+` at [\d.e+-]+(?: and )?)+) \('([a-z ]+)'\)", sentence)
        assert told, sentence
        for held, verdict in told:
            values = {name: float(value) for name, value in re.findall(r"`(\w+)` at ([\d.e+-]+)", held)}
            assert judged(**values)[letter]["verdict"] == verdict != found[letter]["verdict"]


@pytest.fixture
def g(monkeypatch):
    """Return what judges G: by the verdicts with few and with all labels, and the change of the net taught without."""

    def judge(few, all_of_them, change, **damage):
        document = copy.deepcopy(published.read("foundation-usps"))
        most = max(row["labels"] for row in document["rows"])
        for row in document["rows"]:
            if row["foundation"]:
                row["verdict_scratch"] = all_of_them if row["labels"] == most else few
            if row["recipe"] == "contrast-probe":  # which is no evidence
                row["verdict_scratch"] = "better"
            if (row["recipe"], row["labels"]) == ("distilled", 0):
                row["change_scratch"] = dict(zip(("mean", "low", "high"), change, strict=True))
        with monkeypatch.context() as patched:
            patched.setattr("timetravel.published.read", lambda _: document | damage)
            return from_scratch()

    return judge


def test_g_has_three_parts_and_says_which_is_open(g):
    assert g("better", "better", (-9, -17, 0))["verdict"] == "holds"
    found = g("better", "not resolved", (-1, -12, 10))
    assert (found["verdict"], found["kind"]) == (IN_PART, "published here")
    assert found["changes_short"] == "the open part resolved: no label and all labels"
    assert found["low"] <= found["value"] <= found["high"]
    assert g("not resolved", "worse", (-1, -12, 10))["verdict"] == "open"
    assert g("worse", "worse", (9, 1, 17))["verdict"] == FAILS
    assert g("better", "worse", (9, 1, 17))["changes_short"] == "another foundation, or another task"


def test_g_is_an_error_that_names_the_file_where_it_is_damaged(g):
    for rows in ([], [{}], ["x"], None, [{"recipe": "scratch-today", "labels": 10, "foundation": ""}]):
        with pytest.raises(DataError, match=r"foundation-usps\.json is damaged"):
            g("better", "better", (-9, -17, 0), rows=rows)


def test_g_tells_the_mistakes_that_are_published(g):
    rows = published.read("foundation-usps")["rows"]
    (scratch,) = (row for row in rows if (row["recipe"], row["labels"]) == ("scratch-today", 100))
    (taught,) = (row for row in rows if (row["recipe"], row["labels"]) == ("distilled", 100))
    found = from_scratch()
    assert f"today, from scratch, {scratch['test_mistakes']['mean']:,.1f} (" in " ".join(found["evidence"])
    assert found["value"] == pytest.approx(taught["reduction_scratch"]["mean"], rel=0.05)
