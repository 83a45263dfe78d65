"""`timetravel tune` as a user types it, on few digits."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from timetravel.cli.app import app
from timetravel.digits import Digits, Source

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "results.schema.json").read_text())
SMALL = ("--era", "1989-essay", "--set", "epochs=1", "--set", "learning_rate=0.003")  # which any other rate beats
ARGUMENTS = (*SMALL, "--search", "learning_rate=0.003:0.3:log", "--trials", "4", "--confirm", "2")


@pytest.fixture
def own(tmp_path: Path, few_mnist: tuple[Digits, Digits]) -> Path:
    digits, test = few_mnist
    path = tmp_path / "own.npz"
    np.savez(
        path,
        train_images=digits.images[:60], train_labels=digits.labels[:60],
        test_images=test.images[:30], test_labels=test.labels[:30],
    )  # fmt: skip
    return path


def run(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["tune", *map(str, arguments)])
    assert result.exit_code == code, result.output + repr(result.exception)
    assert "Traceback" not in result.output
    return result


def test_the_search_never_meets_a_test_digit(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> Digits:
        raise AssertionError("a search asked for test digits")

    drawn = Source._drawn

    def only_training(self: Source, split: str, *arguments: Any) -> Digits:
        return drawn(self, split, *arguments) if split == "train" else refuse()

    monkeypatch.setattr(Source, "test_digits", refuse)
    monkeypatch.setattr(Source, "_drawn", only_training)
    assert "not touched" in json.loads(run(*ARGUMENTS, "--data", own, "--json").stdout)["finding"]


def test_json_is_one_document_and_repeating_trains_nothing(own: Path) -> None:
    result = run(*ARGUMENTS, "--data", own, "--json")
    document: dict[str, Any] = json.loads(result.stdout)
    jsonschema.validate(document, SCHEMA)
    assert document["command"] == "tune"
    assert document["train_size"] == 60
    mistakes = [row["mistakes_on_folds"]["mean"] for row in document["rows"]]
    assert mistakes == sorted(mistakes)
    assert [row["trial"] for row in document["rows"] if row["as_it_is"]] == [0]
    assert {row["trial"] for row in document["rows"]} == {0, 1, 2, 3}
    best = document["rows"][0]
    assert not best["as_it_is"]
    assert document["best"]["learning_rate"] == best["values"]["learning_rate"]
    assert document["comparison"]["change"]["mean"] == best["mistakes_on_folds"]["mean"] - next(
        row["mistakes_on_folds"]["mean"] for row in document["rows"] if row["as_it_is"]
    )
    assert document["confirmation"]["seeds"] == [1, 2]
    assert document["measure_on_test"].startswith(f"timetravel train --era 1989-essay --data {own} --set")
    assert "optuna" in document["provenance"]
    assert result.stderr.count("trial ") >= 4
    assert "A new study" not in result.stderr

    again = run(*ARGUMENTS, "--data", own, "--json")
    assert "4 trials kept from before; 0 trials to go." in again.stderr
    assert "nothing is trained" in again.stderr
    assert json.loads(again.stdout)["rows"] == document["rows"]
    assert run(*ARGUMENTS, "--data", own, "--json", "--quiet").stderr == ""


def test_the_table_and_the_files(own: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run(*ARGUMENTS, "--data", own, "--out", out)
    for words in ("as it is", "too few seeds", "McNemar", "winner's curse", "fresh seeds", "timetravel train --era"):
        assert words in " ".join(result.stdout.split())
    figures = {
        f"{name}{mode}.{kind}" for name in ("figure", "values") for mode in ("", "-dark") for kind in ("png", "svg")
    }
    assert {path.name for path in out.iterdir()} == {"table.csv", "results.json", "report.md"} | figures
    document = json.loads((out / "results.json").read_text())
    table = pd.read_csv(out / "table.csv")
    assert list(table.trial) == [row["trial"] for row in document["rows"]]
    assert list(table.learning_rate) == [row["values"]["learning_rate"] for row in document["rows"]]
    assert document["finding"] in (out / "report.md").read_text()


def test_a_dry_run_writes_nothing(own: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    shown = run(*ARGUMENTS, "--data", own, "--dry-run", "--out", tmp_path / "out", "--storage", tmp_path / "s").stdout
    assert sorted(tmp_path.rglob("*")) == before
    assert "0 trials kept from before; 4 trials to go." in shown
    assert "Training 40 nets, 1,920 examples" in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--search", "lerning_rate=0.1:1"], "Did you mean learning_rate?"),
        (["--search", "learning_rate"], "no range and no choice"),
        (["--search", "learning_rate=0:1"], "no learning_rate that a recipe can have"),
        (["--search", "learning_rate=1:0.1"], "holds nothing"),
        (["--search", "learning_rate=nan:1"], "no learning_rate"),
        (["--search", "learning_rate=0.1:1:lin"], "no scale"),
        (["--search", "momentum=0:0.9:log"], "begins above 0"),
        (["--search", "activation=tanh:relu"], "has no range"),
        (["--search", "weight_normalization=0:1"], "false,true"),
        (["--search", "optimizer=sgd,sgdd"], "Allowed: sgd"),
        (["--search", "shift=0.5:2"], "a whole number"),
        (["--search", "shift=1"], "no choice"),
        (["--search", "shift=1,1"], "no choice"),
        (["--search", "shift=1,"], "missing"),
        (["--search", "shift=0:1", "--search", "shift=0:2"], "searched twice"),
        (["--search", "loss=squared-error,cross-entropy"], "linear outputs"),
        (["--search", "table=blocks,foo"], "not a connection table"),
        (["--trials", "0"], "--trials 0 is too small"),
        (["--trials", "1000000"], "too many"),
        (["--confirm", "-1"], "no number of seeds"),
        (["--era", "2o22"], "Did you mean 2022?"),
        (["--set", "x=1"], "a recipe has no"),
        (["--seeds", "x"], "not a seed"),
        (["--storage", "."], "is a folder"),
    ],
)
def test_bad_input_is_refused_before_any_training(
    arguments: list[str], words: str, own: Path, own_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("timetravel.studies.tune.collect", None)
    result = run(*SMALL, "--data", own, *arguments, code=2)
    assert words in " ".join(result.stderr.replace("│", " ").split())
    assert not own_store.exists()


def test_a_damaged_file_ends_with_3(own: Path, tmp_path: Path) -> None:
    (tmp_path / "s").write_text("no journal\n")
    stderr = run(*ARGUMENTS, "--data", own, "--storage", tmp_path / "s", code=3).stderr
    assert "is damaged" in " ".join(stderr.replace("│", " ").split())


def test_without_optuna_it_says_what_to_type(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    stderr = run(*ARGUMENTS, "--data", own, code=2).stderr
    assert "The search needs the package optuna." in stderr
    assert "pip install 'timetravel[tune]'" in stderr


@pytest.mark.parametrize(("arguments", "code"), [(["--help"], 0), (["--search", "x=1:2"], 2)])
def test_help_and_usage_errors_load_neither_torch_nor_optuna(arguments: list[str], code: int, tmp_path: Path) -> None:
    script = (
        "import sys; heavy = ('torch', 'optuna', 'scipy', 'matplotlib')\nfrom timetravel.cli.app import main\n"
        "sys.argv = ['timetravel', 'tune', *sys.argv[1:]]\n"
        "try:\n    main()\nexcept SystemExit as end:\n"
        "    print('HEAVY', [m for m in heavy if m in sys.modules], end.code or 0)\n"
    )
    command = [sys.executable, "-c", script, *arguments]
    process = subprocess.run(command, cwd=tmp_path, text=True, capture_output=True, check=False)
    assert f"HEAVY [] {code}" in process.stdout, process.stderr


def test_ctrl_c_keeps_finished_trials_and_the_same_command_goes_on(own: Path, tmp_path: Path) -> None:
    arguments = ("tune", *SMALL, "--data", str(own), "--confirm", "0", "--trials")
    command = [sys.executable, "-m", "timetravel", *arguments, "5000"]
    process = subprocess.Popen(command, cwd=tmp_path, text=True, stderr=subprocess.PIPE, start_new_session=True)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("trial 2 "):
            break
    time.sleep(0.2)
    os.kill(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert "Finished runs are kept" in stderr
    assert "Traceback" not in stderr
    result = CliRunner().invoke(app, [*arguments, "3", "--json"])
    assert "3 trials kept from before; 0 trials to go." in result.stderr
    elsewhere = CliRunner().invoke(app, [*arguments, "3", "--json", "--storage", str(tmp_path / "elsewhere")])
    assert json.loads(elsewhere.stdout)["rows"] == json.loads(result.stdout)["rows"]
