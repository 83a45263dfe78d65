"""`timetravel compare`: two saved results, paired where they have the same seeds and digits, or refused."""

import json
import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from scipy.stats import binomtest
from texts import words

from timetravel.engine.store import Store

TOP = Path(__file__).parents[2]
SCHEMA = json.loads((TOP / "docs" / "reference" / "results.schema.json").read_text())
EXAMPLE = runpy.run_path(str(TOP / "docs" / "tools" / "recompute_ladder.py"))
FEW = ["--size", "300", "--epochs", "10", "--test", "400"]


@pytest.fixture
def made(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Save what a command makes, in the current folder."""
    monkeypatch.chdir(tmp_path)

    def make(name: str, *command: object) -> Path:
        file = Path(f"{name}.json")
        file.write_text(run(*command, "--json", "-q").stdout)
        return file

    return make


def rows(file: Path) -> list[dict[str, Any]]:
    return json.loads(file.read_text())["rows"]


def misread(file: Path, seeds: list[int], store: Path) -> np.ndarray:
    """What a result's first row misread, 0 or 1 (seeds, digits), by the code of the example."""
    row = rows(file)[0]
    wrong, _ = EXAMPLE["nets"](row, store)
    return wrong[[row["seeds"].index(seed) for seed in seeds]]


def test_rows_are_compared_by_the_crossed_test_whatever_frames_their_digits(run, made, own_store, tmp_path) -> None:
    old = made("old", "train", "--era", "2022", *FEW, "--seeds", "6")
    new = made("new", "train", "--era", "today", *FEW, "--seeds", "7")  # deslanted digits, of the same subsets
    document = json.loads(run("compare", old, new, "--json", "--out", tmp_path / "out").stdout)
    jsonschema.validate(document, SCHEMA)
    (row,) = document["rows"]
    before, after = (rows(file)[0]["test_mistakes"]["values"][:6] for file in (old, new))
    assert row["change_against_a"]["values"] == [b - a for a, b in zip(before, after, strict=True)]
    assert (row["mistakes_of_a"], row["mistakes_of_b"]) == pytest.approx((np.mean(before), np.mean(after)))
    assert (row["verdict_against_a"], row["runs_used"], row["runs_left_out"]) == ("better", 6, 1)
    changes = misread(new, [*range(6)], own_store) - misread(old, [*range(6)], own_store)
    error, freedom = EXAMPLE["analysis"](changes)
    assert row["p_against_a"] == pytest.approx(EXAMPLE["two_tails"](changes.mean() / error, freedom), rel=1e-6)
    assert row["change_against_a"]["high"] == pytest.approx(
        400 * (changes.mean() + EXAMPLE["quantile"](freedom) * error), rel=1e-6
    )
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "results.json", "report.md", "report.html", "table.csv"
    }  # fmt: skip
    shown = run("show", tmp_path / "out" / "results.json").stdout
    assert shown == run("compare", old, new).stdout
    assert "today, epochs 10 for 400 against 2022, epochs 10 for 80" in words(shown)
    assert "Left out: 1 run without a like in the other file." in words(shown)


def test_a_result_compared_with_itself_has_the_same_answers_and_no_interval(run, made, own) -> None:
    file = made("one", "train", "--era", "1989", "--data", own, "--seeds", "6")
    document = json.loads(run("compare", file, file, "--json").stdout)
    (row,) = document["rows"]
    change = row["change_against_a"]
    told = row["verdict_against_a"], change["mean"], change["low"], change["high"]
    assert (row["label"], *told) == ("1989", "same answers", 0, None, None)
    assert "same answers" in document["finding"]


def test_two_single_runs_are_told_mcnemars_p_and_no_verdict(run, made, own_store) -> None:
    common = ["train", "--era", "1989-essay", "--size", "300", "--test", "400", "--seeds", "1"]
    old, new = made("old", *common), made("new", *common, "--set", "learning_rate=0.01")
    (row,) = json.loads(run("compare", old, new, "--json").stdout)["rows"]
    before, after = misread(old, [0], own_store)[0] > 0, misread(new, [0], own_store)[0] > 0
    only_old, only_new = int((before & ~after).sum()), int((after & ~before).sum())
    assert row["p_against_a"] == pytest.approx(binomtest(only_new, only_old + only_new).pvalue)
    assert row["verdict_against_a"] == "too few runs"
    assert "too few runs" in words(run("compare", old, new).stdout)


def test_only_runs_of_the_same_seed_and_training_digits_are_compared(run, made, own) -> None:
    own_digits = ["--data", own, "--epochs", "3", "--size", "50"]
    old = made("old", "train", "--era", "2022", *own_digits, "--seeds", "0-2", "--subset", "0,1")
    new = made(
        "new", "train", "--era", "2022", *own_digits, "--seeds", "1-3", "--subset", "1,2", "--set", "momentum=0.5"
    )
    (row,) = json.loads(run("compare", old, new, "--json").stdout)["rows"]
    before, after = (rows(file)[0]["test_mistakes"]["values"] for file in (old, new))
    assert row["change_against_a"]["values"] == [after[0] - before[4], after[1] - before[5]]  # subset 1, seeds 1 and 2
    assert (row["runs_used"], row["runs_left_out"]) == (2, 8)


def test_nets_that_failed_are_told_in_place_of_a_verdict(run, made, own) -> None:
    few = ["--data", own, "--era", "1989", "--seeds", "6"]
    old = made("old", "train", *few, "--epochs", "20")
    new = made("new", "train", *few, "--set", "learning_rate=100")
    (row,) = json.loads(run("compare", old, new, "--json").stdout)["rows"]
    assert row["label"] == "1989, learning rate 100 for 0.0005 against 1989, epochs 20 for 23"
    assert (row["verdict_against_a"], row["p_against_a"]) == ("6 runs of 6 failed", None)


def test_rows_of_the_same_name_are_compared_and_others_are_named(run, made, own) -> None:
    old = made("old", "modernize", "--tweaks", "softmax,shift", "--data", own, "--seeds", "2")
    new = made("new", "modernize", "--tweaks", "softmax,dropout", "--data", own, "--seeds", "2")
    document = json.loads(run("compare", old, new, "--json").stdout)
    verdicts = {row["label"]: row["verdict_against_a"] for row in document["rows"]}
    assert verdicts["1989-essay"] == verdicts["+ softmax"] == "same answers"
    assert "+ shift" not in verdicts
    assert "+ shift" in document["remarks"][0]
    assert "+ dropout" in document["remarks"][0]


def test_of_results_of_train_the_rows_asked_for_are_compared(run, made, data_root) -> None:
    few = ("--data", "usps", "--size", "60", "--test", "50", "--seeds", "2")
    old, new = made("old", "train", "--era", "1989", *few), made("new", "train", "--era", "1989-essay", *few)
    assert (len(rows(old)), len(rows(new))) == (3, 1)  # the paper's other net, and the same on MNIST
    (row,) = json.loads(run("compare", old, new, "--json").stdout)["rows"]
    assert row["label"] == "1989-essay against 1989"


def test_what_cannot_be_compared_is_refused_with_the_reason(run, made, own) -> None:
    train = ["train", "--era", "2022", "--size", "60", "--epochs", "2", "--seeds"]
    one, fewer = made("one", *train, "2", "--test", "50"), made("fewer", *train, "2", "--test", "40")
    seeds = made("seeds", *train, "2-3", "--test", "50")
    ladder = made("ladder", "modernize", "--tweaks", "softmax", "--data", own, "--seeds", "2")
    old, bare = TOP / "timetravel" / "published" / "bench.json", Path("bare.json")
    bare.write_text(json.dumps({"schema": 2, "command": "train", "rows": [{"runs": [{}]}]}))
    saved = made("saved", "compare", one, one)
    for files, code, told in (
        (
            (one, fewer),
            2,
            r"the test digits differ, 50 of mnist \(\w{8}\) in one.json, 40 of mnist \(\w{8}\) in fewer.json",
        ),
        ((one, seeds), 2, "no seed has the same training digits in one.json and seeds.json"),
        ((one, ladder), 2, "no row of the same label and training digits, and not equally many rows"),
        ((one, old), 3, "does not say from which runs its rows come"),
        ((saved, one), 3, "saved.json does not say from which runs its rows come"),
        ((bare, one), 3, "bare.json or one.json is damaged: it does not say"),
        ((one, own.name), 3, "own.npz is not JSON"),
        ((one, "nowhere.json"), 3, "nowhere.json can't be read"),
    ):
        assert re.search(told, words(run("compare", *files, code=code).stderr))


def test_nets_that_are_not_kept_or_damaged_are_told_with_the_folder_and_what_makes_them_again(run, made, own) -> None:
    one = made("one", "train", "--era", "2022", "--epochs", "2", "--seeds", "2", "--data", own)
    document = json.loads(one.read_text())
    document["provenance"]["command_line"] = "timetravel train as it was typed"
    one.write_text(json.dumps(document))
    (answers,) = Store().folder.glob(f"??/{rows(one)[0]['runs'][1]['key']}.{rows(one)[0]['test_digits'][:16]}.json")
    answers.write_text("{")
    assert "is damaged" in words(run("compare", one, one, code=3).stderr)
    answers.unlink()
    error = words(run("compare", one, one, code=3).stderr)
    assert "in one.json: the net of seed 1 is not kept in" in error
    assert str(Store().folder) in error.replace(" ", "")
    assert "This command makes it again: timetravel train as it was typed" in error
