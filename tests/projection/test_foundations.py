"""Claim G: published counts of models are a part of it, which may come out either way."""

import pytest

from timetravel.projection import foundations
from timetravel.projection.foundations import from_scratch
from timetravel.projection.verdicts import IN_PART


@pytest.mark.parametrize(
    ("low", "high", "holds"), [(0.22, 0.38, False), (0.4, 0.6, None), (0.55, 0.7, True)]
)  # today's share first
def test_published_counts_of_models_are_a_part(monkeypatch, low, high, holds):
    limits = foundations.limits()
    built = limits["built on another"] | {"low": low, "high": high}
    monkeypatch.setattr(foundations, "limits", lambda: {**limits, "built on another": built})
    claim = from_scratch()
    *_, counted = claim["parts"]
    assert counted["part"] == "most notable models name one that they build on"
    assert counted["holds"] is holds
    assert claim["verdict"] == IN_PART  # few labels hold, and some part is open


def test_the_sentence_has_the_number_and_the_published_count_is_a_part():
    claim = from_scratch()
    assert len(claim["sentence"]) <= 170
    assert "81 % [76, 85]" in claim["sentence"]
    assert any("27 % [22, 38]" in part["shown"] for part in claim["parts"])
    assert [need["needed"] for need in claim["needs"]][-1] == "more than 50 %, whole range"
