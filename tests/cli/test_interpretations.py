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
from timetravel.studies.interpretations import GAPS, SIDE_GAPS, around, grid


@pytest.fixture
def few_options(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two gaps of two options each, two epochs, and one side gap."""
    rates = {f"SGD {rate}": {"learning_rate": rate, "epochs": 2} for rate in (0.03, 0.05)}
    targets = {name: GAPS["targets"][name] for name in ("+-1", "+-0.8")}
    monkeypatch.setattr(interpretations, "GAPS", {"targets": targets, "rate": rates})
    monkeypatch.setattr(interpretations, "SIDE_GAPS", {"table": {name: {"table": name} for name in ("blocks", "ring")}})


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


def run(*arguments: object) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["interpretations", "--json", *map(str, arguments)])
    assert result.exit_code == 0, result.output + repr(result.exception)
    document: dict[str, Any] = json.loads(result.stdout)
    return document


@pytest.mark.usefixtures("few_options")
def test_choosing_cannot_see_a_test_digit(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> Digits:
        raise AssertionError("a choice asked for test digits")

    monkeypatch.setattr(Source, "test_digits", refuse)
    document = run("--study", "choice", "--data", own, "--seeds", "1")
    mistakes = [row["mistakes_on_folds"]["mean"] for row in document["rows"]]
    assert len(mistakes) == 5
    assert mistakes == sorted(mistakes)
    assert "not touched" in document["finding"]
    assert document["finding"].count(": ") == 1 + len(document["rows"][0]["options"])  # each with its gap's name


@pytest.mark.usefixtures("few_options")
def test_the_reconstruction_sets_all_interpretations_beside_the_paper(own: Path, tmp_path: Path) -> None:
    document = run("--study", "reconstruction", "--data", own, "--seeds", "2", "--out", tmp_path / "out")
    assert len(document["rows"]) == 5
    distances = [row["distance"] for row in document["rows"]]
    assert distances == sorted(distances)
    assert document["references"][0]["test_mistakes"]["mean"] == 102
    assert "escriptive" in document["finding"]
    for row in document["rows"]:
        low, high = row["test_error"]["low"], row["test_error"]["high"]
        assert 0 <= low <= row["test_error"]["mean"] <= high <= 100  # two seeds: uncut it would reach beyond
        assert 0 <= row["test_mistakes"]["low"] <= row["test_mistakes"]["high"] <= 30
    assert {p.name for p in (tmp_path / "out").iterdir()} >= {"table.csv", "results.json", "report.md", "figure.svg"}


@pytest.mark.usefixtures("few_options")
def test_the_digits_that_were_used_are_told_by_their_fingerprints(own: Path) -> None:
    digits, test = open_source(str(own)).training_digits(), open_source(str(own)).test_digits()
    used = run("--study", "reconstruction", "--data", own, "--seeds", "1")["provenance"]["digits"]
    folds_only = run("--study", "choice", "--data", own, "--seeds", "1")["provenance"]["digits"]
    assert {each["data"] for each in used} == {digits.name}
    assert [each["test"] for each in used if each["train"] == digits.fingerprint] == [test.fingerprint]
    assert len(folds_only) == 5  # a pair a fold, and no test digit among them
    assert test.fingerprint not in {each["test"] for each in folds_only}


def test_side_gaps_are_those_of_the_net_and_its_optimizer() -> None:
    for net, optimizer, gaps in (
        ("lecun1989", "diagonal-newton", set(SIDE_GAPS)),
        ("lecun1989", "sgd", set(SIDE_GAPS) - {"digits for the curvature"}),
        ("fully-connected", "sgd", {"output biases at first", "loss"}),
    ):
        best = next(each for each in grid(Recipe(net=net)) if each.recipe.optimizer == optimizer)
        varied = list(around(best))
        assert {gap for each in varied for gap in set(each.options) - set(best.options)} == gaps
        assert best.recipe not in [each.recipe for each in varied]


def test_the_grid_holds_every_combination_and_the_essays() -> None:
    everything = grid(Recipe())
    assert len(everything) == np.prod([len(options) for options in GAPS.values()])
    assert ERAS["1989-essay"].recipe in [interpretation.recipe for interpretation in everything]
    assert len({interpretation.recipe for interpretation in everything}) == len(everything)


def test_the_era_1989_is_one_of_the_interpretations() -> None:
    era = ERAS["1989"]
    base = [r for r in grid(Recipe()) if r.recipe == era.recipe.but(table="blocks")]
    assert len(base) == 1
    assert era.recipe.table in SIDE_GAPS["table"]
    assert "folds" in era.reason
    (rival,) = era.rivals
    assert rival == era.recipe.but(net="fully-connected")
