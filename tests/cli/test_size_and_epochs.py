"""`--size` and `--epochs`, which every study takes, and which every output tells."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Run = Callable[..., Result]
FEW = ("--size", "40", "--epochs", "2", "--seeds", "1", "--quiet")
MARK = "Every net has 40 training digits and 2 epochs here, whatever 1989 or its recipe had."
STUDIES = {
    "train": ("train", "--era", "1989-essay"),
    "ladder": ("modernize", "--tweaks", "essay"),
    "alone": ("modernize", "--tweaks", "softmax,longer", "--mode", "alone"),
    "without": ("modernize", "--tweaks", "softmax,adamw,longer", "--mode", "without"),
    "shares": ("modernize", "--tweaks", "softmax,shift", "--mode", "shares"),
    "tune": ("tune", "--era", "1989-essay", "--search", "learning_rate=0.01:0.1", "--trials", "2", "--confirm", "0"),
    "interpretations": ("interpretations",),
}


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_takes_them_and_says_so_on_its_screen_and_in_its_files(
    name: str, run: Run, own: Path, tmp_path: Path
) -> None:
    result = run(*STUDIES[name], "--data", own, *FEW, "--out", tmp_path / "out")
    document = json.loads((tmp_path / "out" / "results.json").read_text())
    assert document["changed"] == MARK
    assert MARK in " ".join(result.stdout.split())
    assert MARK in (tmp_path / "out" / "report.md").read_text()
    rows = document["rows"]
    if name == "interpretations":
        assert {row["settings"]["epochs"] for row in rows} == {2}
    elif name != "tune":
        assert {(row["train_size"], row["epochs"]) for row in rows} == {(40, 2)}
        assert document["references"] == [] or name == "train"
    else:
        assert (document["train_size"], document["best"]["epochs"]) == (40, 2)


def test_rows_that_only_train_longer_fall_away_where_all_have_the_same_epochs(run: Run, own: Path) -> None:
    found = json.loads(run(*STUDIES["ladder"], "--data", own, *FEW, "--json").stdout)
    steps = [row["label"] for row in found["rows"]]
    assert steps == ["1989-essay", "+ softmax", "+ adamw", "+ shift", "+ dropout"]
    found = json.loads(run(*STUDIES["alone"], "--data", own, *FEW, "--json").stdout)
    assert [row["label"] for row in found["rows"]] == ["1989-essay", "softmax"]


def test_the_studies_of_digits_and_of_size_take_epochs_and_have_sizes_of_their_own(run: Run, own: Path) -> None:
    asked = ("--data", own, "--sizes", "20,40", "--epochs", "2", "--seeds", "1", "-q")
    told = run("scale-data", "--eras", "1989-essay", *asked).stdout
    assert "Every net has 2 epochs here, whatever 1989 or its recipe had." in " ".join(told.split())
    assert "--sizes" in run("scale-model", "--size", "40", code=2).output


def test_what_has_digits_and_epochs_of_its_own_refuses_them(run: Run) -> None:
    told = run("modernize", "--mode", "decompose", "--epochs", "2", code=2).output
    assert "rows, digits and epochs of its own" in " ".join(told.replace("│", " ").split())
