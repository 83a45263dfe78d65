"""Shares of mistakes from the published results: the format they come in, and what is missing."""

import pytest

from timetravel.errors import DataError
from timetravel.projection import measured


def test_the_published_ladders_give_both_recipes_on_both_data_sets():
    found = [one for one in measured.published() if one.cause == "tweaks"]
    assert [one.what.split(" against")[0] for one in found] == ["2022", "today"] * 2
    for one in found:
        assert one.low < one.mean < one.high
        assert one.source.startswith("published with the package: modernize-")
        assert one.command.startswith("timetravel modernize")


def test_data_and_size_are_read_as_they_are_published(monkeypatch):
    share = {"mean": 20.0, "low": 10.0, "high": 30.0}
    documents = {
        "scale-data-mnist": {
            "reduction": [{"cause": "data", "era": "1989-essay", "train_size": 50000, "against": 7291, **share}]
        },
        "scale-model-mnist": {
            "reduction": [
                {"cause": cause, "train_size": 7291, "parameters": 10**6, **share} for cause in ("size", "both")
            ]
        },
    }
    monkeypatch.setattr(measured, "document", documents.get)
    found = {one.cause: one for one in measured.published()}
    assert set(found) == {"data", "size", "both"}
    assert found["data"].what == "1989-essay: 50,000 digits against 7,291"
    assert found["data"].command == "timetravel scale-data"
    assert found["size"].what == "1,000,000 parameters on 7,291 digits, against 9,760 on 7,291"
    assert found["size"].to_dict()["reduction_percent"] == share


@pytest.mark.parametrize("name", ["scale-model-of-nothing", "nothing"])
def test_what_is_not_published_is_left_out(name):
    assert measured.document(name) is None
    assert measured.rows(name, "reduction", measured.curve, "timetravel x") == []


@pytest.mark.parametrize("found", [{}, {"reduction": []}, {"reduction": [{"cause": "data"}]}, {"reduction": None}])
def test_a_published_file_without_its_shares_is_an_error_that_names_it(monkeypatch, found):
    monkeypatch.setattr(measured, "document", lambda name: found if name == "scale-data-mnist" else None)
    with pytest.raises(DataError, match=r"scale-data-mnist\.json"):
        measured.published()


def test_the_published_learning_curve_gives_shares_of_data():
    found = [one for one in measured.published() if one.cause == "data" and "scale-data-mnist" in one.source]
    assert [one.era for one in found] == ["1989-essay", "2022", "today"]
    assert all(one.low < one.mean < one.high for one in found)
