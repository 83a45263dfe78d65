"""Shares of mistakes from the published results: the format they come in, and what is missing."""

import pytest

from timetravel.errors import DataError
from timetravel.projection.measured import published_shares, shares

ROWS = {"seeds": [0, 1], "era": "2022", "reduction_1989": {"mean": 50.0, "low": 40.0, "high": 60.0}}


def test_the_published_results_give_shares_by_tweaks_data_and_size():
    found = published_shares()
    tweaks = [one for one in found if one["cause"] == "tweaks"]
    assert [one["what"].split(" against")[0] for one in tweaks] == ["2022", "today"] * 2
    assert all(one["command"].startswith("timetravel modernize") for one in tweaks)
    curve = [one for one in found if one["cause"] == "data" and "scale-data-mnist" in one["source"]]
    assert [one["era"] for one in curve] == ["1989-essay", "2022", "today"]
    for one in found:
        mean, low, high = one["reduction_percent"].values()
        assert low < mean < high
        assert one["source"].startswith("published with the package: ")


def test_shares_are_read_as_they_are_published(monkeypatch):
    ends = {"mean": 20.0, "low": 10.0, "high": 30.0}
    size = [{"cause": cause, "train_size": 7291, "parameters": 10**6, **ends} for cause in ("size", "both")]
    monkeypatch.setattr("timetravel.published.read", {"x": {"reduction": size}}.__getitem__)
    one, both = shares("x", "reduction", "timetravel x", "{parameters:,} parameters on {train_size:,} digits")
    assert (one["cause"], both["cause"], one["command"]) == ("size", "both", "timetravel x")
    assert one["what"] == "1,000,000 parameters on 7,291 digits"
    assert one["reduction_percent"] == ends


def test_steps_of_a_ladder_that_are_no_later_eras_are_left_out(monkeypatch):
    rows = [ROWS | {"era": None}, ROWS | {"era": "1989", "reduction_1989": None}, ROWS]
    monkeypatch.setattr("timetravel.published.read", lambda _: {"rows": rows})
    (one,) = shares("x", "rows", "", "{era}, {nets} seeds")
    assert (one["what"], one["reduction_percent"]) == ("2022, 2 seeds", ROWS["reduction_1989"])


def test_a_published_file_without_its_shares_is_an_error_that_names_it(monkeypatch):
    for found in ({}, {"reduction": []}, {"reduction": [{"cause": "data"}]}, {"reduction": None}, {"reduction": ["x"]}):
        monkeypatch.setattr("timetravel.published.read", lambda _, found=found: found)
        with pytest.raises(DataError, match=r"scale-data-mnist\.json"):
            shares("scale-data-mnist", "reduction", "timetravel x", "{era}")
