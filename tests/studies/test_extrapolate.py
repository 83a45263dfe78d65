"""The projection as a study: its parts, its document and what it may not import."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from timetravel.errors import UsageError
from timetravel.projection.outlook import MOST_STEPS
from timetravel.projection.series import BY_NAME, SERIES
from timetravel.studies.extrapolate import Question, extrapolate

NOWHERE = Path("nowhere")


@pytest.fixture(scope="module")
def result():
    return extrapolate(Question(store=NOWHERE))


def test_the_document_has_what_it_promises(result):
    document = result.to_dict()
    assert list(document)[:3] == ["schema", "command", "to"]
    assert (document["schema"], document["command"], document["to"]) == (1, "extrapolate", 2055)
    assert [claim["id"] for claim in document["claims"]] == list("ABCDEFG")
    assert [claim["id"] for claim in document["claims"] if claim["value"] is None] == ["A", "G"]
    for claim in document["claims"]:
        assert set(claim) >= {"id", "claim", "verdict", "value", "unit", "low", "high", "sources"}
        assert claim["sources"]
    assert len(document["projection"]) == 2 * len(SERIES) + 6
    assert len(document["backtests"]) == document["score"]["cells"]
    json.dumps(document, allow_nan=False)


def test_the_same_question_gives_the_same_document(result):
    again = extrapolate(Question(store=NOWHERE)).to_dict()
    assert json.dumps(again) == json.dumps(result.to_dict())


def test_one_quantity_and_one_scenario():
    found = extrapolate(Question(2040, "today", "trend", (BY_NAME["compute"],), store=NOWHERE))
    assert [(one.series.name, one.scenario) for one in found.outlooks] == [("compute", "trend")]
    assert {one.series.name for one in found.backtests} == {"compute"}
    assert {one.quantity for one in found.fits} == {"training compute"}
    assert list(found.sights) == ["trend"]
    assert len(found.claims) == 7


def test_the_way_to_the_target_ends_there_and_rises(result):
    for (name, scenario), way in result.paths.items():
        if way:
            assert way[-1].year == 2055
            assert len(way) <= MOST_STEPS + 2
            middles = [one.band.middle for one in way]
            assert middles == sorted(middles), (name, scenario)


def test_the_table_is_flat_and_has_sources(result):
    frame = result.table()
    assert set(frame["scenario"]) == {"naive", "trend", "limited"}
    assert frame["source"].notna().all()
    largest = frame[(frame["quantity"] == "compute") & (frame["scenario"] == "trend")]["source"]
    assert largest.str.startswith("Grok 4 (2025-07)").all()
    assert frame["unit"].notna().all()


@pytest.mark.parametrize("to", [2023, 2026, 2027, 2100, 2200])
def test_any_year_ahead(to):
    found = extrapolate(Question(to, store=NOWHERE))
    json.dumps(found.to_dict(), allow_nan=False)
    assert all(record.last < to for record in found.futures.records.values())
    assert all(one.year == to for one in found.outlooks)


def test_a_single_year_is_no_years():
    assert "for 1 year." in extrapolate(Question(2023, store=NOWHERE)).claims[2].changes_more


def test_years_out_of_range_are_refused():
    with pytest.raises(UsageError, match="2022"):
        extrapolate(Question(2022))


def test_no_torch_and_no_matplotlib_before_figures_are_drawn():
    code = (
        "import sys; from pathlib import Path; from timetravel.cli import extrapolate as c\n"
        "from timetravel.studies.extrapolate import Question, extrapolate\n"
        "from timetravel.show.projection import terminal\n"
        "r = extrapolate(Question(store=Path('nowhere'))); r.to_dict(); terminal(r, long=True)\n"
        "assert not {'torch', 'timetravel.nets', 'matplotlib', 'pandas'} & set(sys.modules)\n"
        "r.plots(); r.table()\n"
        "assert not {'torch', 'torchvision', 'timetravel.nets'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_bad_year_is_refused_before_anything_heavy():
    code = (
        "import sys\nfrom timetravel.cli.extrapolate import extrapolate\nfrom timetravel.errors import UsageError\n"
        "try: extrapolate(1989)\nexcept UsageError: pass\nelse: raise SystemExit(1)\n"
        "assert not {'numpy', 'pandas', 'matplotlib', 'scipy', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
