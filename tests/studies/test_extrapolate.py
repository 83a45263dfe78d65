"""The projection as a study: its parts, its document and what it may not import."""

import json
import subprocess
import sys

import pytest

from timetravel.projection import ledger, packaged
from timetravel.projection.outlook import MOST_STEPS
from timetravel.projection.series import SERIES
from timetravel.studies.base import SCHEMA, clean
from timetravel.studies.extrapolate import Extrapolate


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    return clean(Extrapolate(store=tmp_path_factory.mktemp("empty")).result())


def test_the_document_has_what_it_promises(document):
    assert [claim["id"] for claim in document["claims"]] == list("ABCDEFG")
    for claim in document["claims"]:
        assert set(claim) >= {"id", "claim", "verdict", "value", "unit", "low", "high", "sources"}
        assert claim["sources"]
    assert len(document["projection"]) == 2 * len(SERIES) + sum(one.claimed is not None for one in SERIES)
    assert len(document["backtests"]) == document["score"]["all"]["limited"]["cells"]
    assert len(document["ledger"]) == len(ledger.read())
    assert document["replay"] is None
    assert document["notes"] == []
    assert len(document["published_rates"]) == len(packaged.rows("growth_rates"))


def test_it_is_carried_out_as_every_study(document, tmp_path):
    code = (
        "import json, sys\nfrom pathlib import Path\nfrom types import SimpleNamespace\n"
        "from timetravel.studies.base import carry_out\nfrom timetravel.studies.extrapolate import Extrapolate\n"
        f"study = Extrapolate(store=Path({str(tmp_path)!r}))\n"
        "print(json.dumps(carry_out(study, None, SimpleNamespace(ended=lambda: None))))\n"
        "assert not {'torch', 'timetravel.nets', 'altair', 'pandas'} & set(sys.modules)"
    )
    made = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert json.loads(made.stdout) == {"schema": SCHEMA, "command": "extrapolate", **document}


def test_the_way_to_the_target_ends_there_and_rises(document):
    at_end = {(one["quantity"], one["scenario"]): one["value"] for one in document["projection"]}
    for way in document["paths"]:
        place = way["quantity"], way["scenario"]
        assert bool(way["years"]) == (place in at_end)
        if way["years"]:
            assert (way["years"][-1], way["value"][-1]) == (2055, at_end[place])
            assert len(way["years"]) == len(way["low"]) <= MOST_STEPS + 2
            assert way["value"] == sorted(way["value"]), place


def test_a_series_stands_on_its_record(document):
    for one in document["series"]:
        values = one["record"]["values"]
        assert one["record"]["first"] + len(values) - 1 == one["standing_in"]
        assert values == sorted(values)
        assert one["last_record"] == values[-1] == pytest.approx(one["milestones"][-1]["value"], rel=1e-5)
        assert all(each["source"] for each in one["milestones"])
    by_name = {one["quantity"]: one for one in document["series"]}
    assert by_name["compute"]["milestones"][-1]["name"] == "Grok 4"


def test_any_year_ahead(tmp_path):
    for to in (2026, 2027, 2200):
        found = clean(Extrapolate(to, store=tmp_path).result())
        json.dumps(found, allow_nan=False)
        assert all(one["standing_in"] < to == one["year"] for one in found["projection"])


def test_a_past_year_is_foretold_as_somebody_would_have_then(tmp_path):
    found = clean(Extrapolate(2022, "1989", store=tmp_path).result())
    json.dumps(found, allow_nan=False)
    assert found["replay"]["standing"] == 1989
    assert found["finding"] == found["replay"]["finding"]
    assert "claims" not in found


def test_the_last_record_has_its_own_date(document):
    """Not the series' last year: Grok 3 is of 2025, Grok 4 of July 2025, and M6-10T of 2021."""
    dates = {one["quantity"]: (one["record_holder"], one["record_date"]) for one in document["series"]}
    assert dates["compute"] == ("Grok 4", "2025-07")
    assert dates["parameters"] == ("M6-10T", "2021-10")
    assert dates["parameters-vision"][1] == "2023-02"


def test_a_bad_year_is_refused_before_anything_heavy():
    code = (
        "import sys\nfrom timetravel.cli.app import app\n"
        "try: app(['extrapolate', '--to', '1989', '--quiet'])\nexcept SystemExit as end: assert end.code == 2\n"
        "assert not {'numpy', 'pandas', 'altair', 'scipy', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
