"""`timetravel modernize` in its modes, as a user types it, on few digits."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from oracles import honest
from typer.testing import CliRunner, Result

from timetravel.cli.app import app
from timetravel.engine import native_backend
from timetravel.report import render
from timetravel.report.tables import sections
from timetravel.tweaks import TWEAKS


def run(*arguments: object, code: int = 0) -> Result:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["modernize", *map(str, arguments)])
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def document(*arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*arguments, "--json").stdout)
    return found


def test_the_list_shows_every_tweak_with_its_year_and_paper() -> None:
    shown = run("--list").stdout
    for name, tweak in TWEAKS.items():
        assert name in shown
        assert str(tweak.year) in shown
        assert tweak.link[:30] in shown


def test_tweaks_that_make_no_sense_are_refused_before_training(tmp_path: Path, own: Path) -> None:
    arrays = dict(np.load(own))
    few = tmp_path / "few.npz"
    np.savez(few, **arrays | {name: arrays[name][:20] for name in ("train_images", "train_labels")})
    for arguments, words in (
        (["--tweaks", "softmx"], "Did you mean softmax"),
        (["--tweaks", "shift,shift"], "named twice"),
        (["--tweaks", ""], "No tweak is named"),
        (["--tweaks", "gelu,dropout,relu"], "can't go together"),
        (["--tweaks", "softmax", "--mode", "decompose"], "has rows, digits and epochs of its own"),
        (["--tweaks", "mini-batches", "--data", few], "mini-batches needs 32 training digits; there are 20"),
    ):
        stderr = run(*arguments, code=2).stderr
        assert words in " ".join(stderr.replace("│", "").split())
        assert "Training" not in stderr


@pytest.mark.slow
def test_what_is_added_does_nothing_undoes_another_or_lacks_its_package_is_said(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("timetravel.ladders.find_spec", lambda name: None)
    for arguments, words in (
        (["--tweaks", "gelu,dropout"], "dropout undoes the activation of gelu."),
        (["--tweaks", "dropout,relu"], "relu changes nothing there, and has no row of its own."),
        (["--mode", "alone"], "schedule-free is left out: pip install schedulefree brings it in."),
    ):
        assert words in run(*arguments, "--data", own, "--dry-run").stderr
    assert "undoes" not in run("--tweaks", "all", "--data", own, "--dry-run").stderr
    added = run("--tweaks", "label-smoothing", "--data", own, "--seeds", "2")
    for output in (added.stderr, added.stdout):
        assert "softmax is added: label-smoothing needs it." in " ".join(output.split())


def test_a_ladder_tells_its_rows_costs_and_how_each_was_chosen(own: Path) -> None:
    found = document("--tweaks", "label-smoothing", "--data", own, "--seeds", "5")
    assert [row["label"] for row in found["rows"]] == ["1989-essay", "+ softmax", "+ label-smoothing"]
    assert {row["verdict_step"] for row in found["rows"][1:]} == {"too few runs"}
    for row in found["rows"]:
        assert (row["parameters"], row["multiply_adds"]) == (9760, 63660)
        assert min(row["latency_us"], row["latency_ratio"], row["time_ratio"]) > 0
        assert row["rejected_by_margin"]["values"]
    chosen = ["the 2022 essay's numbers, chosen on the test split"] * 2 + ["usual numbers, not tuned here"]
    assert [row["chosen"] for row in found["rows"]] == chosen
    assert found["rows"][0]["latency_ratio"] == found["rows"][0]["time_ratio"] == 1
    assert found["latency_measured_with"].endswith(", from 28x28 pixels on")


@pytest.mark.slow
def test_alone_builds_each_tweak_on_the_same_without_it(own: Path) -> None:
    found = document("--tweaks", "relu,label-smoothing,micro-vit", "--mode", "alone", "--data", own, "--seeds", "1")
    by_label = {row["label"]: row["builds_on"] for row in found["rows"]}
    assert (by_label["relu"], by_label["label-smoothing, with softmax"]) == ("1989-essay", "1989-essay+softmax")
    assert found["mode"] == "alone"
    assert "Of 3 tweaks, each alone, " in found["finding"]
    assert "One run a row is an anecdote" in found["finding"]
    vit = found["rows"][-1]  # another net is marked by its size
    assert (vit["net"], vit["same_size_and_latency"]) == ("micro-vit", False)
    assert vit["parameters"] != 9760
    assert found["latency_measured_with"].startswith("PyTorch")


def test_without_compares_with_the_full_set(own: Path) -> None:
    found = document("--tweaks", "softmax,gelu", "--mode", "without", "--data", own, "--seeds", "2")
    assert [row["label"] for row in found["rows"]] == ["1989-essay", "all of them", "without softmax", "without gelu"]
    full = found["rows"][1]["recipe"]
    assert [row["builds_on"] for row in found["rows"]] == [None, "1989-essay", full, full]
    only = document("--tweaks", "softmax", "--mode", "without", "--data", own, "--seeds", "2")
    assert only["finding"].startswith("There is no tweak to compare.")  # without it there is the first row


@pytest.mark.skipif(native_backend.missing() is not None, reason="takes minutes on PyTorch")
def test_the_decomposition_has_every_cell_and_what_each_cause_removes(own: Path) -> None:
    found = document("--mode", "decompose", "--data", own, "--seeds", "1")
    cells = [(row["recipe"], row["train_size"]) for row in found["rows"]]
    assert len(cells) == len(set(cells)) == 6
    assert {row["recipe"].split("@")[0] for row in found["rows"]} == {"1989-essay", "2022", "today"}
    assert [part["part"] for part in found["parts"]] == ["algorithm", "longer training", "all of it"]
    assert found["mode"] == "decompose"
    assert found["finding"].startswith("Algorithm and longer training together remove ")
    assert found["finding"].endswith("One seed is an anecdote: use --seeds 6 or more.")
    assert "longer training" in render.plain(sections(found), long=False)


@pytest.mark.slow
def test_it_ends_with_the_eras_side_by_side_and_the_last_against_the_one_before(own: Path) -> None:
    found = document("--tweaks", "all", "--data", own, "--seeds", "6")
    assert list(found["reduction_of_1989_essay"]) == ["2022", "today"]
    by_recipe = {row["recipe"]: row for row in found["rows"]}
    for row in found["rows"][1:]:
        base = by_recipe[row["builds_on"]]
        failed = row["failure"] or (base["failure"] and f"base: {base['failure']}")
        enough = ["better", "worse", "not resolved", "too few digits differ", "same answers"]  # six runs are
        assert row["verdict_step"] in ([failed] if failed else enough), row["label"]
        assert (row["verdict_1989"] is not None) == (row["era"] in ("2022", "today"))  # others are estimates
        assert row["change_1989"]["mean"] is not None
    assert " than 2022 (" in found["finding"]
    assert any("these images are stored as 16x16" in remark for remark in found["remarks"])
    assert set(found["misread"]) == {"1989", "1989-essay", "2022", "today"}


def test_of_a_source_with_20_test_digits_no_more_is_said_than_they_tell(own: Path, tmp_path: Path) -> None:
    arrays, few = dict(np.load(own)), tmp_path / "few.npz"
    np.savez(few, **arrays | {name: arrays[name][:20] for name in ("test_images", "test_labels")})
    for seeds in (1, 6):
        found = document("--tweaks", "softmax,adamw", "--data", few, "--seeds", seeds)
        honest(found)
        for row in found["rows"][1:]:
            told = {"too few runs"} if seeds == 1 else {"not resolved", "too few digits differ"}
            assert row["verdict_step"] in {*told, "same answers"}
            assert row["change_step"]["mean"] == pytest.approx(np.mean(row["change_step"]["values"]))
        words = render.plain(sections(found))
        assert "nan" not in words.lower().split()
        speaks = "intervals speak of new test digits" if seeds == 1 else "all 60 of few.npz"
        assert speaks in " ".join(words.split())


def test_subsets_that_are_all_the_same_are_refused(own: Path) -> None:
    for command in (["--tweaks", "softmax"], ["--mode", "decompose"], ["--tweaks", "softmax", "--dry-run"]):
        told = " ".join(run(*command, "--data", own, "--subset", "0-199", code=2).stderr.replace("│", "").split())
        assert "200 subsets of all 60 training digits are the same" in told
        assert "Leave --subset out" in told


def test_a_row_that_diverged_ends_what_can_be_said(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    apart = {"learning_rate": 1e30, "output": "linear"}
    monkeypatch.setitem(TWEAKS, "softmax", replace(TWEAKS["softmax"], changes=apart))
    found = document("--tweaks", "softmax", "--data", own, "--seeds", "2")
    assert "Without a verdict, for nets that failed: + softmax (2 of 2 nets diverged)." in found["finding"]
    assert "the whole ladder removes a share that can't be told" in found["finding"]
    assert found["rows"][1]["verdict_step"] == "2 of 2 nets diverged"
    assert found["rows"][1]["change_step"]["low"] is found["rows"][1]["p_step"] is None
    assert "+ softmax" in render.plain(sections(found))
