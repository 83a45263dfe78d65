"""Claims D, E and F: shares of mistakes as they are published, what is pooled of them, and verdicts of every kind."""

import pytest

from timetravel.errors import DataError
from timetravel.projection import measured
from timetravel.projection.inputs import milestones
from timetravel.projection.measured import infrastructure, more_data, tweaks
from timetravel.projection.shares import curve, ladder, published_shares, share, shares
from timetravel.projection.verdicts import FAILS, HOLDS, IN_PART, OPEN

KEYS = {"sentence", "probability", "words", "kind", "about", "shown", "parts", "sensitivity", "needs", "evidence"}


def made(cause, *ends, era="2022", **more):
    return share(cause, "what", ends, "x.json", era=era, **more)


@pytest.fixture(scope="module")
def found():
    return published_shares()


def test_the_published_results_give_shares_with_their_own_commands(found):
    assert {one["cause"] for one in found} == {"tweaks", "data", "size", "both"}
    for one in found:
        mean, low, high = one["reduction_percent"].values()
        assert low < mean < high
        assert one["source"].startswith("published with the package: ")
        assert one["command"].startswith("timetravel ")
        assert "--json" not in one["command"]


def test_data_are_pooled_from_curves_on_which_each_digit_is_shown_as_often(found):
    data = [one for one in found if one["cause"] == "data"]
    pooled = [one for one in data if not one["apart"]]
    assert [(one["era"], one["source"].split(": ")[1]) for one in pooled] == [
        (era, "scale-data-mnist.json") for era in ("1989-essay", "2022", "today")
    ]
    artefacts = [one for one in data if "as many examples in all" in one["apart"]]
    assert {one["source"].split(": ")[1] for one in artefacts} == {"scale-data-examples.json", "scale-model-mnist.json"}
    assert len(data) == 11


def test_e_shows_the_pooled_estimate_and_not_one_on_as_many_examples(found):
    claim = more_data(found)
    assert (claim["value"], claim["low"], claim["high"]) == (34, 27, 40)  # once 3 [-19, 23], of 3 epochs for 80
    assert claim["verdict"] == HOLDS
    assert 0.9 < claim["probability"] < 1
    apart = [line for line in claim["evidence"] if "Not pooled" in line]
    assert len(apart) == 8
    assert any("today: 60,000 digits" in line for line in apart)
    assert all(part["holds"] for part in claim["parts"])
    left = {bar["what"]: bar["at_low"] for bar in claim["sensitivity"]["bars"]}
    assert left["2022"] == 33.7  # of the other two


def test_e_reads_every_verdict():
    law = [made("data", 30, 20, 40)]
    assert more_data(law)["verdict"] == HOLDS
    assert more_data([*law, made("data", 34, 30, 38)])["probability"] is not None
    assert more_data([made("data", 9, -12, 26)])["verdict"] == IN_PART
    assert more_data([made("data", 20, -15, 55)])["verdict"] == OPEN
    assert more_data([made("data", 20, -15, 55)])["probability"] is None  # one curve is nothing to pool


def test_d_says_against_which_net_and_on_which_digits(found):
    claim = tweaks(found)
    assert (claim["value"], claim["low"], claim["high"]) == (47, 42, 52)  # on 10,000 digits; once 52 [40, 62]
    assert claim["about"] == "2022 against 1989, 10,000 digits of mnist, 10 seeds"
    assert "fewer mistakes on digits than 1989's" in claim["sentence"]
    parts = {part["part"]: part for part in claim["parts"]}
    assert parts["2022 against 1989-essay, 10,000 digits of mnist, 10 seeds"]["shown"] == "55 % [51, 59]"
    assert [part["holds"] for part in claim["parts"]].count(False) == 2  # usps, and ResNet-50
    assert claim["verdict"] == IN_PART


def test_d_pools_one_share_a_data_set():
    claim = tweaks([made("tweaks", 60, 58, 62, data="a"), made("tweaks", 90, 88, 92, data="a", era="today")])
    assert claim["sensitivity"]["base"] == pytest.approx((60 + 18) / 2, abs=0.1)  # with ResNet-50's 18
    assert claim["probability"] is None  # two or three data sets are too few for the chance of a new one


def test_d_reads_every_verdict_and_shows_what_is_measured_here_first():
    assert tweaks([made("tweaks", 30, 20, 40)])["verdict"] == FAILS
    assert tweaks([made("tweaks", 50, 40, 60)])["verdict"] == OPEN
    assert tweaks([made("tweaks", 70, 60, 80)])["verdict"] == IN_PART  # a large net speaks against it
    own = tweaks([made("tweaks", 47, 42, 52, data="mnist"), made("tweaks", 61, 55, 66, data="mnist", here=True)])
    assert (own["value"], own["kind"]) == (61, "measured here")
    other = made("tweaks", 61, 55, 66, data="mnist", against="1989-essay", here=True)
    assert tweaks([made("tweaks", 47, 42, 52, data="mnist"), other])["value"] == 47  # the number is of the same nets


COSTS = [one for one in milestones() if one["quantity"] == "training cost"]
FALLING = [one | {"value": 1 / one["value"]} for one in COSTS]
SOME, NONE, UNSURE = (38, 31, 44), (-9, -20, -1), (3, -5, 7)


@pytest.mark.parametrize(
    ("size", "compute", "recipes", "costs", "verdict"),
    [
        (SOME, (0.6, 0.95), SOME, COSTS, HOLDS),  # as it is today; it once could not read 'holds'
        (SOME, (0.2, 0.4), SOME, COSTS, IN_PART),
        (SOME, (0.6, 0.95), NONE, COSTS, IN_PART),
        (UNSURE, (0.1, 0.9), UNSURE, [], OPEN),
        (NONE, (0.0, 0.2), NONE, FALLING, FAILS),
    ],
)
def test_f_can_come_out_every_way(monkeypatch, size, compute, recipes, costs, verdict):
    changed = dict(zip(("low", "high"), compute, strict=True))
    limits = {**measured.limits(), "share from compute": measured.limits()["share from compute"] | changed}
    monkeypatch.setattr(measured, "limits", lambda: limits)
    claim = infrastructure([made("size", *size), made("tweaks", *recipes)], costs)
    assert claim["verdict"] == verdict
    assert len(claim["parts"]) == 4


def test_every_claim_has_a_sentence_for_a_newspaper_and_its_pieces(found):
    for claim in (tweaks(found), more_data(found), infrastructure(found, milestones())):
        assert claim.keys() >= KEYS
        assert len(claim["sentence"]) <= 170, claim["sentence"]
        assert "[" in claim["sentence"]
        assert claim["needs"]
        assert all(set(need) == {"what", "needed", "now", "source"} for need in claim["needs"])
        assert bool(claim["words"]) == (claim["probability"] is not None)


def test_steps_of_a_ladder_that_are_no_later_eras_are_left_out():
    ends = {"mean": 50.0, "low": 40.0, "high": 60.0}
    row = {"era": "2022", "test_size": 100, "data": "x", "seeds": [0], "subsets": [0], "reduction_1989": ends}
    rows = [row | {"era": "1989", "reduction_1989": None}, row | {"era": None}, row]
    one, essay = ladder({"rows": rows, "reduction_of_1989_essay": {"2022": ends | {"mean": 55.0}}})
    assert (one["what"], one["reduction_percent"]) == ("2022 against 1989, 100 digits of x, 1 seed", ends)
    assert (essay["against"], essay["reduction_percent"]["mean"]) == ("1989-essay", 55)


def test_a_published_file_without_its_shares_is_an_error_that_names_it(monkeypatch):
    for document in (
        {},
        {"reduction": []},
        {"reduction": [{"cause": "data"}]},
        {"reduction": None},
        {"reduction": "x"},
    ):
        whole = {"provenance": {"command_line": "x"}, **document}
        monkeypatch.setattr("timetravel.published.read", lambda _, whole=whole: whole)
        with pytest.raises(DataError, match=r"scale-data-mnist\.json"):
            shares("scale-data-mnist", curve)
