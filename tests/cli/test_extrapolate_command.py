"""`timetravel extrapolate` as it is typed."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from timetravel.cli.app import app
from timetravel.projection.inputs import COLUMNS

FIGURES = ("size", "data", "compute", "hardware", "backtests")
TEXTS = {"report.md", "report.html", "projection.csv", "milestones.csv", "results.json"}
FILES = TEXTS | {f"{name}{dark}.{kind}" for name in FIGURES for dark in ("", "-dark") for kind in ("png", "svg")}


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Return what calls the command with an empty store."""
    monkeypatch.setenv("TIMETRAVEL_STORE", str(tmp_path / "store"))
    return lambda *words: CliRunner().invoke(app, ["extrapolate", *map(str, words)])


def refused(ended, *words):
    """Make sure that a command was refused as usage, saying all of some words."""
    assert ended.exit_code == 2, ended.output
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    flat = "".join(ended.stderr.replace("│", "").split())  # the panel may break a line anywhere
    for word in words:
        assert "".join(word.split()) in flat, flat


def test_the_report_in_short_in_full_and_narrowed(call):
    ended = call("--to", "2055")
    assert (ended.exit_code, ended.stderr) == (0, "Loading ...\n")
    assert ended.stdout.startswith("Of the essay's claims about 2055")
    assert "Today's best seen from 2040" in call("--to", "2040", "--from", "today").stdout
    full = call("--long", "--quantity", "price").stdout
    assert "https://epoch.ai/data/machine-learning-hardware" in full.replace("\n", "").replace(" ", "")
    assert "not verified" in full


def test_json_is_one_document_and_2055_is_the_default(call):
    document = json.loads(call("--json").stdout, parse_constant=pytest.fail)
    assert (document["command"], document["typed"]) == ("extrapolate", "timetravel extrapolate --to 2055")
    assert (document["to"], document["from"], len(document["scenarios"])) == (2055, "2022", 3)
    assert "provenance" not in document
    words = ("--to", "2040", "--from", "today", "--scenario", "trend", "--quantity", "compute")
    narrowed = json.loads(call(*words, "--json").stdout)
    assert narrowed["typed"] == f"timetravel extrapolate {' '.join(words)}"
    assert (narrowed["to"], narrowed["from"], narrowed["scenarios"]) == (2040, "today", ["trend"])
    assert [(one["quantity"], one["scenario"]) for one in narrowed["projection"]] == [("compute", "trend")]
    for part in ("series", "backtests"):
        assert {one["quantity"] for one in narrowed[part]} == {"compute"}
    assert {one["quantity"] for one in narrowed["trends"]} == {"training compute"}
    assert (list(narrowed["traveller"]), len(narrowed["claims"])) == (["trend"], 7)


def test_years_and_choices_that_are_none(call):
    for year in ("2022", "1989", "2201", "-5", "0"):
        refused(call("--to", year), year, "2023 to 2200")
    for year in ("soon", "2055.5", ""):
        refused(call("--to", year), "--to")
    refused(call("--from", "today", "--to", "2023"), "--from today looks back from 2023", "--to 2027 to 2200")
    refused(call("--quantity", "parameter"), "'parameter'", "Did you mean parameters?", "algorithms")
    refused(call("--scenario", "rosy"), "limited")
    refused(call("--from", "1990"), "today")


def test_bad_files_are_refused_before_any_work(call, tmp_path):
    own, mine = tmp_path / "own.csv", tmp_path / "mine.toml"
    own.write_text(f"{','.join(COLUMNS)}\ntraining cost,language,2026-01,net,5e8,US dollars,yes,,maker,,read\n")
    refused(call("--milestones", own), "Too few milestones for a trend of cost", "Needed: 3 or more, over 4 or more")
    mine.write_text("[budget_share]\nhigh = 3\n")
    refused(call("--assume", mine), "budget_share can't be 3", "1e-07 to 1")


def test_changed_assumptions_change_the_verdict_and_are_marked(call, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("[algorithm_growth]\nvalue = 3\n[algorithm_most]\nvalue = 1e12\n")
    document = json.loads(call("--assume", path, "--json").stdout)
    assert {claim["id"]: claim["verdict"] for claim in document["claims"]}["C"] == "holds"
    assert [one["name"] for one in document["assumptions"] if one["changed"]] == ["algorithm_growth", "algorithm_most"]


@pytest.mark.slow
def test_files_are_the_same_every_time_and_need_no_torch(call, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["timetravel", "extrapolate", "--json"])  # however it is typed
    code = (
        "import sys\nfrom timetravel.cli.app import app\n"
        f"app(['extrapolate', '--quiet', '--out', {str(tmp_path / 'a')!r}], standalone_mode=False)\n"
        "assert not {'torch', 'torchvision'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    made = call("--out", tmp_path / "b", "--quiet", "--json")
    assert {path.name for path in (tmp_path / "a").iterdir()} == FILES
    for name in FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    assert (tmp_path / "b" / "results.json").read_text() == made.stdout
    assert str(tmp_path) not in (tmp_path / "a" / "report.md").read_text()


def test_damaged_runs_are_noted_on_stderr_unless_quiet(call, tmp_path):
    path = tmp_path / "store" / "00" / "00.json"
    path.parent.mkdir(parents=True)
    path.write_text("{")
    noted = call("--json")
    assert noted.exit_code == 0
    assert "Skipped the kept run" in noted.stderr
    assert "00.json" in noted.stderr
    assert json.loads(noted.stdout)["rows"] == []
    assert call("--json", "--quiet").stderr == ""
