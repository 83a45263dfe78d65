"""`timetravel extrapolate` as it is typed."""

import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from timetravel.cli.app import app
from timetravel.projection.milestones import COLUMNS

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
    flat = " ".join(part for part in ended.stderr.replace("│", " ").split())
    for word in words:
        assert word in flat, flat


def test_report(call):
    ended = call("--to", "2055")
    assert ended.exit_code == 0
    assert ended.stdout.startswith("Of the essay's claims about 2055")
    assert "not measured yet" in ended.stdout
    assert ended.stderr == ""


def test_json_is_one_document_and_2055_is_the_default(call):
    document = json.loads(call("--json").stdout, parse_constant=pytest.fail)
    assert document == json.loads(call("--to", "2055", "--json").stdout)
    assert (document["command"], document["to"], document["typed"]) == (
        "extrapolate", 2055, "timetravel extrapolate --to 2055"
    )  # fmt: skip
    assert "provenance" not in document


def test_choices_narrow_what_is_shown(call):
    ended = call("--to", "2040", "--from", "today", "--scenario", "trend", "--quantity", "compute", "--json")
    document = json.loads(ended.stdout)
    assert (document["to"], document["from"], document["scenarios"]) == (2040, "today", ["trend"])
    assert {one["quantity"] for one in document["projection"]} == {"compute"}
    assert "Today's best seen from 2040" in call("--to", "2040", "--from", "today").stdout


def test_long_has_the_sources(call):
    ended = call("--long", "--quantity", "price")
    assert "https://epoch.ai/data/machine-learning-hardware" in ended.stdout.replace("\n", "").replace(" ", "")
    assert "not verified" in ended.stdout


def test_years_out_of_range_and_what_is_no_year(call):
    for year in ("2022", "1989", "2201", "-5", "0"):
        refused(call("--to", year), year, "2023 to 2200")
    for year in ("soon", "2055.5", ""):
        refused(call("--to", year), "--to")
    refused(call("--from", "today", "--to", "2023"), "--from today looks back from 2023", "--to 2027 to 2200")


def test_unknown_choices(call):
    refused(call("--quantity", "parameter"), "'parameter'", "Did you mean parameters?", "algorithms")
    refused(call("--scenario", "rosy"), "limited")
    refused(call("--from", "1990"), "today")


def test_a_csv_with_a_bad_row(call, tmp_path):
    path = tmp_path / "own.csv"
    good = "training cost,language,2026-01,net,5e8,US dollars,yes,,maker,,read"
    path.write_text(f"{','.join(COLUMNS)}\n{good}\n{good.replace('5e8', 'five')}\n")
    refused(call("--milestones", path), "row 2 (line 3)", "'five'", "0.01 to 1e+15 US dollars")
    refused(call("--milestones", tmp_path / "none.csv"), "none.csv", "can't be read")


def test_too_few_points_for_a_fit(call, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(f"{','.join(COLUMNS)}\ntraining cost,language,2026-01,net,5e8,US dollars,yes,,maker,,read\n")
    refused(
        call("--milestones", path), "Too few milestones for a trend of cost", "Needed: 3 or more, over 4 or more years"
    )


def test_assumptions_out_of_range_and_unknown(call, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("[budget_share]\nhigh = 3\n")
    refused(call("--assume", path), "budget_share can't be 3", "1e-07 to 1")
    path.write_text("[budgetshare]\nhigh = 3\n")
    refused(call("--assume", path), "Did you mean budget_share?")
    refused(call("--assume", tmp_path), "can't be read")


def test_changed_assumptions_change_the_verdict_and_are_marked(call, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("[algorithm_growth]\nvalue = 3\n[algorithm_most]\nvalue = 1e12\n")
    ended = call("--assume", path, "--json")
    document = json.loads(ended.stdout)
    assert {claim["id"]: claim["verdict"] for claim in document["claims"]}["C"] == "holds"
    assert [one["name"] for one in document["assumptions"] if one["changed"]] == ["algorithm_growth", "algorithm_most"]


def test_the_packages_own_milestones_given_back_change_nothing(call, tmp_path):
    assert call("--out", tmp_path / "a", "--quantity", "algorithms", "--quiet").exit_code == 0
    ended = call("--milestones", tmp_path / "a" / "milestones.csv", "--quantity", "algorithms", "--json")
    own, packages = json.loads(ended.stdout), json.loads((tmp_path / "a" / "results.json").read_text())
    assert own.pop("typed").startswith(packages.pop("typed"))
    assert own == packages


def test_files_are_the_same_every_time(call, tmp_path):
    for name in ("a", "b"):
        assert call("--out", tmp_path / name, "--quiet").exit_code == 0
    assert {path.name for path in (tmp_path / "a").iterdir()} == FILES
    for name in TEXTS | {"size.svg", "size.png"}:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    assert (tmp_path / "a" / "results.json").read_text() == call("--json").stdout
    assert str(tmp_path) not in (tmp_path / "a" / "report.md").read_text()


def test_a_table_without_rows_has_its_columns(call, tmp_path):
    words = ("--quantity", "algorithms", "--scenario", "naive", "--out", tmp_path / "out", "--quiet")
    assert call(*words).exit_code == 0
    assert (tmp_path / "out" / "projection.csv").read_text().startswith("quantity,label,unit")


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


def test_the_whole_command_never_imports_torch(tmp_path):
    code = (
        "import sys\nfrom timetravel.cli.app import app\n"
        f"app(['extrapolate', '--quantity', 'algorithms', '--out', {str(tmp_path / 'out')!r}], standalone_mode=False)\n"
        "assert not {'torch', 'torchvision'} & set(sys.modules)"
    )
    environment = os.environ | {"TIMETRAVEL_STORE": str(tmp_path / "store")}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, capture_output=True)
