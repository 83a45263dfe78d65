"""Interpretations of the paper: two studies, and a wall between choosing and the test split."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from timetravel.cli.app import app
from timetravel.digits import Digits, Source, open_source
from timetravel.eras import ERAS
from timetravel.recipes import Recipe
from timetravel.studies import interpretations
from timetravel.studies.interpretations import GAPS, SIDE_GAPS, around, grid, recipe_of

LIMITS = (("test_error", 100), ("test_mistakes", 30))


@pytest.fixture
def few_options(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two gaps of two options each, two epochs, and one side gap."""
    rates = {f"SGD {rate}": {"learning_rate": rate, "epochs": 2} for rate in (0.03, 0.05)}
    targets = {name: GAPS["targets"][name] for name in ("+-1", "+-0.8")}
    monkeypatch.setattr(interpretations, "GAPS", {"targets": targets, "rate": rates})
    monkeypatch.setattr(interpretations, "SIDE_GAPS", {"table": {name: {"table": name} for name in ("blocks", "ring")}})


def run(*arguments: object) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["interpretations", "--json", *map(str, arguments)])
    assert result.exit_code == 0, result.output + repr(result.exception)
    document: dict[str, Any] = json.loads(result.stdout)
    return document


@pytest.mark.usefixtures("few_options")
def test_choosing_cannot_see_a_test_digit(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = open_source(str(own)).test_digits()

    def refuse(*_: object, **__: object) -> Digits:
        raise AssertionError("a choice asked for test digits")

    monkeypatch.setattr(Source, "test_digits", refuse)
    document = run("--study", "choice", "--data", own, "--seeds", "1")
    mistakes = [row["mistakes_on_folds"]["mean"] for row in document["rows"]]
    assert len(mistakes) == 5
    assert mistakes == sorted(mistakes)
    assert "not touched" in document["finding"]
    assert document["finding"].count(": ") == 1 + len(document["rows"][0]["options"])  # each with its gap's name
    used = document["provenance"]["digits"]
    assert len(used) == 5  # a pair a fold, and no test digit among them
    assert test.fingerprint not in {each["test"] for each in used}


@pytest.mark.usefixtures("few_options")
def test_the_reconstruction_sets_all_interpretations_beside_the_paper(own: Path, tmp_path: Path) -> None:
    document = run("--study", "reconstruction", "--data", own, "--seeds", "2", "--out", tmp_path / "out")
    assert len(document["rows"]) == 5
    distances = [row["distance"] for row in document["rows"]]
    assert distances == sorted(distances)
    assert document["references"][0]["test_mistakes"]["mean"] == 102
    assert "Descriptive" in document["finding"]
    estimates = [(row[name], most) for row in document["rows"] for name, most in LIMITS]
    told = [(one, most) for one, most in estimates if one["low"] is not None]  # not of seeds that agree, or failed
    assert told
    for one, most in told:
        assert 0 <= one["low"] <= one["mean"] <= one["high"] <= most  # two seeds: uncut it would reach beyond
    assert {p.name for p in (tmp_path / "out").iterdir()} >= {"table.csv", "results.json", "report.md", "figure.svg"}
    digits, test = open_source(str(own)).training_digits(), open_source(str(own)).test_digits()
    used = document["provenance"]["digits"]
    assert {each["data"] for each in used} == {digits.name}
    assert [each["test"] for each in used if each["train"] == digits.fingerprint] == [test.fingerprint]


@pytest.mark.usefixtures("few_options")
def test_a_dry_run_tells_of_the_grid_which_is_known_beforehand(own: Path) -> None:
    for study, runs, examples in (("choice", 4 * 5, 4 * 2 * 4 * 60), ("reconstruction", 4 * 6, 4 * 2 * 5 * 60)):
        planned = run("--study", study, "--data", own, "--seeds", "1", "--dry-run")
        assert (planned["runs_to_train"], planned["examples_to_see"]) == (runs, examples)


def test_side_gaps_are_those_of_the_net_and_its_optimizer() -> None:
    for net, optimizer, gaps in (
        ("lecun1989", "diagonal-newton", set(SIDE_GAPS)),
        ("lecun1989", "sgd", set(SIDE_GAPS) - {"digits for the curvature"}),
        ("fully-connected", "sgd", {"output biases at first", "loss"}),
    ):
        best = next(each for each in grid() if recipe_of(net, each).optimizer == optimizer)
        varied = list(around(net, best))
        assert {gap for each in varied for gap in set(each) - set(best)} == gaps
        assert recipe_of(net, best) not in [recipe_of(net, each) for each in varied]


def test_the_grid_holds_every_combination_the_essays_and_the_era_1989() -> None:
    recipes = [recipe_of("lecun1989", each) for each in grid()]
    assert len(set(recipes)) == len(recipes) == np.prod([len(options) for options in GAPS.values()])
    assert recipes[0] == ERAS["1989-essay"].recipe == Recipe()
    era = ERAS["1989"]
    assert recipes.count(era.recipe.but(table="blocks")) == 1
    assert era.recipe.table in SIDE_GAPS["table"]
    assert "folds" in era.reason
    assert era.rivals == (era.recipe.but(net="fully-connected"),)
