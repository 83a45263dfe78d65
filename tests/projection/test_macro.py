"""Claim A as a test: record holders, the rule for runs of years, and verdicts of every kind."""

import pytest

from timetravel.projection.inputs import milestones
from timetravel.projection.macro import leaders, macro
from timetravel.projection.packaged import rows
from timetravel.projection.verdicts import FAILS, HOLDS, HOLDS_SO_FAR, OPEN


def net(year, name, value):
    return {"quantity": "parameters", "year": year, "date": str(year), "name": name, "value": value}


GROWING = [net(1989, "LeCun zip-code net", 1e4), net(2000, "LSTM", 1e5), net(2020, "GPT-3 175B", 1e6)]
NEWEST = net(2026, "DeepSeek-V4-Pro", 1e3)  # no record


def test_every_record_holder_of_the_package_is_judged():
    records, _ = leaders(milestones())
    missing = {name for year, name, _ in records if year >= 1989} - {row["name"] for row in rows("macro")}
    assert not missing
    assert {(row["layers"], row["gradients"]) for row in rows("macro")} > {("yes", "yes"), ("yes", "no")}


def test_the_chance_is_laplaces():
    claim = macro([*GROWING, NEWEST], 2055)
    assert claim["verdict"] == HOLDS_SO_FAR
    assert claim["shown"] == "3 of 3"
    assert claim["probability"] == pytest.approx(37 / 67)  # 36 whole years since 1989, 30 to come
    assert claim["words"] == "about as likely as not"
    assert macro([*GROWING, NEWEST], 2029)["verdict"] == HOLDS  # 37 of 41
    assert macro([*GROWING, NEWEST], 2030)["verdict"] == HOLDS_SO_FAR  # 37 of 42


def test_another_kind_of_net_ends_the_claim_if_it_is_recent():
    recent = [*GROWING, net(2024, "Deep belief net", 1e9), NEWEST]  # trained otherwise
    claim = macro(recent, 2055)
    assert (claim["verdict"], claim["probability"], claim["shown"]) == (FAILS, None, "3 of 4")
    early = [*GROWING, net(2006, "Deep belief net", 9e5), net(2010, "GPT-1", 9.5e5), NEWEST]
    claim = macro(early, 2055)
    assert claim["verdict"] == OPEN
    assert claim["probability"] == pytest.approx(16 / 46)  # 15 years since its record was beaten


def test_a_net_that_nobody_judged_is_left_out_and_named():
    claim = macro([*GROWING, net(2025, "A secret", 1e12), NEWEST], 2055)
    assert claim["shown"] == "3 of 3"
    assert any("A secret" in line for line in claim["evidence"])
    assert macro([net(2020, "A secret", 1.0)], 2055)["verdict"] == OPEN


def test_years_count_from_when_the_last_record_of_another_kind_was_beaten():
    """Neocognitron held the record of parameters until 2000: 25 whole years since, 30 to come."""
    assert macro(milestones(), 2055)["probability"] == pytest.approx(26 / 56)


def test_the_packages_own_record():
    claim = macro(milestones(), 2055)
    assert claim["verdict"] == HOLDS_SO_FAR
    assert len(claim["sentence"]) <= 170
    assert "Deep belief net (2006)" in " ".join(claim["evidence"])
    at = {bar["low"]: bar["at_low"] for bar in claim["sensitivity"]["bars"]}
    assert at["2012"] == pytest.approx(100 * 14 / 44, abs=0.05)
