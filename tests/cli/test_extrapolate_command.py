"""`timetravel extrapolate` as it is typed."""

import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from timetravel.cli.app import app

FILES = {
    "table.csv",
    "results.json",
    "report.md",
    "figure.png",
    "figure.svg",
    "figure-dark.png",
    "figure-dark.svg",
}


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Return what calls the command with an empty store."""
    monkeypatch.setenv("TIMETRAVEL_STORE", str(tmp_path / "store"))
    return lambda *words: CliRunner().invoke(app, ["extrapolate", *words])


def test_report(call):
    ended = call("--to", "2055")
    assert ended.exit_code == 0
    assert "two-point rule" in ended.stdout
    assert "no forecast" in ended.stdout
    assert ended.stderr == ""


def test_2055_is_the_default(call):
    assert call("--json").stdout == call("--to", "2055", "--json").stdout


def test_json_is_one_document(call):
    ended = call("--to", "2040", "--json")
    document = json.loads(ended.stdout, parse_constant=pytest.fail)
    assert list(document)[:6] == ["schema", "command", "to", "rows", "references", "finding"]
    assert document["to"] == 2040
    assert len(document["projection"]) == 6
    assert "provenance" not in document


@pytest.mark.parametrize("year", ["2022", "1989", "2201", "-5", "0"])
def test_years_out_of_range(call, year):
    ended = call("--to", year)
    assert ended.exit_code == 2
    assert ended.stdout == ""
    assert year in ended.stderr
    assert "2023 to 2200" in ended.stderr


@pytest.mark.parametrize("year", ["soon", "2055.5", ""])
def test_what_is_no_year(call, year):
    ended = call("--to", year)
    assert ended.exit_code == 2
    assert "--to" in ended.stderr


def test_files_are_the_same_every_time(call, tmp_path):
    for name in ("a", "b"):
        ended = call("--to", "2055", "--out", str(tmp_path / name), "--quiet")
        assert ended.exit_code == 0
    assert {path.name for path in (tmp_path / "a").iterdir()} == FILES
    for name in FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_results_json_is_what_json_prints(call, tmp_path):
    ended = call("--json", "--out", str(tmp_path / "out"))
    assert (tmp_path / "out" / "results.json").read_text() == ended.stdout


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
        f"app(['extrapolate', '--out', {str(tmp_path / 'out')!r}], standalone_mode=False)\n"
        "assert not {'torch', 'torchvision'} & set(sys.modules)"
    )
    environment = os.environ | {"TIMETRAVEL_STORE": str(tmp_path / "store")}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, capture_output=True)
