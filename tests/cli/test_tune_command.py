"""`timetravel tune` as a user types it, on few digits."""

import io
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from rich.console import Console
from typer.testing import Result

from timetravel.digits import Digits, Source
from timetravel.report import charts, render, tables

SMALL = ("--era", "1989-essay", "--set", "epochs=1", "--set", "learning_rate=0.003")  # which any other rate beats
ARGUMENTS = (*SMALL, "--search", "learning_rate=0.003:0.3:log", "--trials", "4", "--confirm", "2")
Tune = Callable[..., Result]


@pytest.fixture
def tune(run: Callable[..., Result], own: Path) -> Tune:
    """Search on 60 digits of one's own."""
    return partial(run, "tune", "--data", own)


def words(result: Result) -> str:
    """What was printed on stdout and stderr without line breaks and frames."""
    return " ".join(f"{result.stdout} {result.stderr}".replace("│", " ").split())


def test_the_search_never_meets_a_test_digit(tune: Tune, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> Digits:
        raise AssertionError("a search asked for test digits")

    drawn = Source._drawn

    def only_training(self: Source, split: str, *arguments: Any) -> Digits:
        return drawn(self, split, *arguments) if split == "train" else refuse()

    monkeypatch.setattr(Source, "test_digits", refuse)
    monkeypatch.setattr(Source, "_drawn", only_training)
    assert "not touched" in json.loads(tune(*ARGUMENTS, "--json").stdout)["finding"]


def test_json_is_one_document_and_repeating_trains_nothing(tune: Tune, own: Path) -> None:
    result = tune(*ARGUMENTS, "--json")
    document: dict[str, Any] = json.loads(result.stdout)
    mistakes = [row["mistakes_on_folds"]["mean"] for row in document["rows"]]
    assert mistakes == sorted(mistakes)
    (as_it_is,) = (row["mistakes_on_folds"]["mean"] for row in document["rows"] if row["as_it_is"])
    assert document["comparison"]["change"]["mean"] == mistakes[0] - as_it_is < 0
    assert document["best"]["learning_rate"] == document["rows"][0]["values"]["learning_rate"]
    assert document["confirmation"]["seeds"] == [1, 2]
    assert document["measure_on_test"].startswith(f"timetravel train --era 1989-essay --data {own} --subset 0 --set")
    assert {digits["data"] for digits in document["provenance"]["digits"]} == {"own.npz"}
    lines = [line.split(":")[0] for line in result.stderr.splitlines() if line.startswith(("trial ", "run "))]
    assert lines == [f"trial {number} ({number + 1} of 4)" for number in range(4)]

    again = tune(*ARGUMENTS, "--json")
    assert "40 runs kept from before; nothing is trained" in again.stderr
    assert "trial 0" not in again.stderr
    assert json.loads(again.stdout)["rows"] == document["rows"]
    assert tune(*ARGUMENTS, "--json", "--quiet").stderr == ""


def test_the_table_and_the_files(tune: Tune, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = tune(*ARGUMENTS, "--trials", 12, "--out", out)
    document = json.loads((out / "results.json").read_text())
    for part in (
        document["finding"], "as it is: learning_rate=0.003", "too few runs", "winner's curse",
        "with 2 fresh seeds", "timetravel train --era", "The best 10 of 12 trials",
    ):  # fmt: skip
        assert part in words(result)
    assert "All trials" not in words(result)
    pictures = {f"{name}{end}" for name in ("figure", "values") for end in (".png", ".svg", "-dark.svg")}
    assert {path.name for path in out.iterdir()} == {"table.csv", "results.json", "report.md", "report.html"} | pictures
    table = pd.read_csv(out / "table.csv")
    assert list(table.trial) == [row["trial"] for row in document["rows"]]
    assert list(table.values_learning_rate) == [row["values"]["learning_rate"] for row in document["rows"]]
    report = (out / "report.md").read_text()
    assert document["finding"] in report
    assert "All trials" in report


def test_tables_and_charts_of_choices_early_ends_and_diverged_runs(tune: Tune) -> None:
    arguments = (*SMALL, "--set", "output=linear", "--set", "loss_scale=1e6", "--trials", 9)
    result = tune(*arguments, "--search", "batch_size=1:2", "--search", "activation=tanh,relu", "--json")
    document = json.loads(result.stdout)
    text = render.plain(tables.sections(document), width=120)
    assert "runs diverged" in text
    assert "The search ends early" in text
    assert document["confirmation"] is None
    panels = charts.charts(document)["values"].to_dict()["concat"]
    assert [panel["title"]["text"] for panel in panels] == ["batch_size", "activation"]


def test_bad_input_is_refused_before_any_training(tune: Tune, own_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("timetravel.engine.collect.collect", None)
    for text, told in (
        ("lerning_rate=0.1:1", "Did you mean learning_rate?"),
        ("learning_rate", "no range and no choice"),
        ("learning_rate=0:1", "no learning_rate that a recipe can have"),
        ("learning_rate=1:0.1", "holds nothing"),
        ("learning_rate=nan:1", "no learning_rate"),
        ("learning_rate=0.1:1:lin", "no scale"),
        ("momentum=0:0.9:log", "begins above 0"),
        ("activation=tanh:relu", "has no range"),
        ("weight_normalization=0:1", "false,true"),
        ("optimizer=sgd,sgdd", "Allowed: sgd"),
        ("shift=0.5:2", "a whole number"),
        ("shift=1", "no choice"),
        ("shift=1,1", "no choice"),
        ("shift=1,", "missing"),
        ("loss=squared-error,cross-entropy", "linear outputs"),
        ("table=blocks,foo", "not a connection table"),
    ):
        assert told in words(tune(*SMALL, "--search", text, code=2)), text
    for arguments, told in (
        (["--search", "shift=0:1", "--search", "shift=0:2"], "searched twice"),
        (["--trials", "0"], "--trials"),
        (["--trials", "1000000"], "10000"),
        (["--confirm", "-1"], "--confirm"),
        (["--era", "2o22"], "Did you mean 2022?"),
        (["--set", "x=1"], "a recipe has no"),
        (["--seeds", "x"], "not a seed"),
    ):
        assert told in words(tune(*SMALL, *arguments, code=2)), arguments
    assert not own_store.exists()


def test_without_optuna_it_says_what_to_type(tune: Tune, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    told = words(tune(*ARGUMENTS, code=1))
    assert "The search needs the package optuna. Type: pip install optuna" in told


def test_one_bar_tells_of_the_search_and_one_of_what_is_measured_again(
    tune: Tune, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=80, no_color=True, highlight=False)
    monkeypatch.setattr("timetravel.api.progress.errors", lambda: console)
    tune(*ARGUMENTS, "--trials", 2)
    told = stream.getvalue()
    assert 0 < told.index("10 of 10 runs done") < told.index("of 20 runs done")
    assert "trial 1 (2 of 2)" in stream.getvalue()
