"""`timetravel extrapolate` as it is typed."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from timetravel.cli.app import app
from timetravel.projection.inputs import COLUMNS

FIGURES = ("size", "data", "compute", "hardware", "backtests", "sensitivity", "calibration")
TEXTS = {"report.md", "report.html", "projection.csv", "milestones.csv", "ledger.csv", "results.json"}
FILES = TEXTS | {f"{name}{end}" for name in FIGURES for end in (".png", ".svg", "-dark.svg")}


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
    full = call("--long", "--quantity", "price").stdout
    assert "https://epoch.ai/data/machine-learning-hardware" in full.replace("\n", "").replace(" ", "")
    assert "not verified" in full


def test_json_is_one_document_and_2055_is_the_default(call):
    document = json.loads(call("--json").stdout, parse_constant=pytest.fail)
    assert (document["command"], document["typed"]) == ("extrapolate", "timetravel extrapolate --to 2055")
    assert (document["to"], document["from"], len(document["claims"])) == (2055, "2022", 7)
    assert document["replay"] is None
    assert "provenance" not in document
    words = ("--to", "2040", "--from", "today", "--quantity", "compute")
    narrowed = json.loads(call(*words, "--json").stdout)
    assert narrowed["typed"] == f"timetravel extrapolate {' '.join(words)}"
    assert (narrowed["to"], narrowed["from"], len(narrowed["claims"])) == (2040, "today", 7)
    for part in ("series", "backtests"):
        assert {one["quantity"] for one in narrowed[part]} == {"compute"}
    assert {one["quantity"] for one in narrowed["published_rates"]} == {"training compute"}


def test_a_past_year_is_foretold_from_an_earlier_one_and_compared(call):
    document = json.loads(call("--from", "1989", "--to", "2022", "--json").stdout)
    assert document["typed"] == "timetravel extrapolate --to 2022 --from 1989"
    assert (document["replay"]["standing"], document["replay"]["to"]) == (1989, 2022)
    came = {row["quantity"]: row["came"] for row in document["replay"]["rows"]}
    assert came["compute"] == pytest.approx(2.53e24, rel=0.01)  # PaLM


def test_statements_are_settled_by_a_file_of_figures(call, tmp_path):
    heads = "id,issued,standing,claim,quantity,threshold,unit,due,probability,resolves,table,link"
    end = "the dearest run,A table,https://example.org"
    mine, own = tmp_path / "mine.csv", tmp_path / "own.csv"
    rows = [
        f"{name},2026-11-27,2020,F,cost,{more},US dollars,2024,0.8,{end}" for name, more in (("a", 1e7), ("b", 1e8))
    ]
    mine.write_text("\n".join([heads, *rows]))
    own.write_text(f"{','.join(COLUMNS)}\ntraining cost,language,2024-12,net,5e7,US dollars,yes,,maker,,read\n")
    document = json.loads(call("--score", own, "--ledger", mine, "--json").stdout)
    assert [(one["id"], one["outcome"], one["actual"]) for one in document["ledger"]] == [
        ("a", True, 5.29e7),  # the package's Llama 3.1, dearer than the file's net
        ("b", False, 5.29e7),
    ]
    assert (document["ledger_score"]["due"], document["ledger_score"]["brier"]) == (2, 0.34)
    assert str(own) in document["typed"]


def test_years_and_choices_that_are_none(call):
    for year in ("1989", "2201", "-5", "0"):
        refused(call("--to", year), year, "1990 to 2200")
    for year in ("soon", "2055.5", ""):
        refused(call("--to", year), "--to")
    refused(call("--to", "2022"), "--to 2022 is not after --from 2022", "--to 2023 to 2200")
    refused(call("--from", "today", "--to", "2023"), "--to 2023 is not after --from today", "--from 1989")
    refused(call("--from", "2016"), "--from 2016 goes with a past one", "--to 2025")
    refused(call("--from", "2012", "--to", "1995"), "--to 1995 is not after", "For --to 1995: --from 1989.")
    refused(call("--from", "1989", "--to", "2022", "--score", "x.csv"), "x.csv can't be read")
    refused(call("--quantity", "parameter"), "'parameter'", "Did you mean parameters?", "algorithms")
    refused(call("--from", "1990"), "today")


def test_bad_files_are_refused_before_any_work(call, tmp_path):
    own, mine = tmp_path / "own.csv", tmp_path / "mine.toml"
    own.write_text(f"{','.join(COLUMNS)}\ntraining cost,language,2026-01,net,5e8,US dollars,yes,,maker,,read\n")
    refused(call("--milestones", own), "Too few milestones for a trend of cost", "Needed: 3 or more, over 4 or more")
    refused(call("--ledger", own), "line 1 has no column id")
    own.write_text(own.read_text().replace("5e8", "0"))
    refused(call("--score", own), "line 2, column value: '0' is not allowed.", "0.01 to 1e+15 US dollars")
    mine.write_text("[budget_share]\nhigh = 3\n")
    refused(call("--assume", mine), "budget_share can't be 3", "1e-09 to 1")


def test_changed_assumptions_change_the_verdict_and_are_marked(call, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("[algorithm_growth]\nvalue = 3\n[algorithm_most]\nvalue = 1e12\n")
    document = json.loads(call("--assume", path, "--json").stdout)
    assert {claim["id"]: claim["verdict"] for claim in document["claims"]}["C"] == "almost certain"
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
    assert not any(one["here"] for one in json.loads(noted.stdout)["shares"])
    assert call("--json", "--quiet").stderr == ""
