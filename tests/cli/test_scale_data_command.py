"""`timetravel scale-data`: its answers, and what it says to questions that have none."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from timetravel.cli.app import app
from timetravel.engine import latency, native_backend

needs_kernel = pytest.mark.skipif(native_backend.missing() is not None, reason="takes minutes without the kernel")
SMALL = ("scale-data", "--eras", "1989-essay,2022", "--test", "300", "--seeds", "2")


@pytest.fixture(autouse=True)
def briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time nets briefly."""
    monkeypatch.setattr(latency, "ROUNDS", 2)


def run(*arguments: str, code: int = 0, columns: int = 100) -> Result:
    result = CliRunner(env={"COLUMNS": str(columns)}).invoke(app, [str(a) for a in arguments])
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def said(text: str) -> str:
    """A panel or a folded text as one line."""
    return " ".join(text.replace("│", " ").split())


def test_what_can_not_be_done_is_said_before_anything_is_trained(own_store: Path) -> None:
    for typed, words in (
        ("--sizes 7291,60001", "Give a whole number from 1 to 60,000"),
        ("--sizes 0,100", "is not a number of training digits"),
        ("--sizes 7291,50000 --predict 1000000", "2 sizes can't be fitted by a law"),
        ("--sizes 100 --error 0.5", "1 size can't be fitted by a law"),
        ("--sizes 5,100,1000", "A subset of 5 digits is too small to hold every class"),
        ("--predict many", "'many' is not a number of training digits"),
        ("--error 0", "'0' is not an error in percent"),
        ("--error nan", "'nan' is not an error in percent"),
        ("--label-cost 0.05", "prices no digits"),
        ("--error 1 --label-cost -1", "prices no digits"),
        ("--subsets 0", "--subsets"),
        ("--subsets 2 --subset karpathy-test-first", "is a single subset"),
        ("--subsets 100000", "--subsets"),
        ("--eras 2022,2023", "There is no era '2023'"),
        ("--budget none", "is not one of"),
    ):
        result = run("scale-data", *typed.split(), code=2)
        assert words in said(result.stderr), typed
        assert not result.stdout, typed
    assert not own_store.exists()


@needs_kernel
def test_laws_answers_and_the_closing_table(own_store: Path) -> None:
    asked = ("--sizes", "100,300,900", "--predict", "2000,1000000", "--error", "2", "--label-cost", "0.1")
    document = json.loads(run(*SMALL, *asked, "--json").stdout)
    assert [curve["era"] for curve in document["curves_fitted"]] == ["1989-essay", "2022"]
    for curve in document["curves_fitted"]:
        assert set(curve["held_out_factor"]) == {"power law", "logarithm"}
        assert [found["scenario"] for found in curve["predictions"]] == [False, True]
        (check,) = curve["checks"]
        assert check["train_size"] == 900
        assert curve["digits_needed"][0]["digits"]["mean"] > 100
        assert curve["line"][-1]["train_size"] == 1_000_000
    assert [(cell["recipe"], cell["train_size"]) for cell in document["cells"]] == [("1989-essay", 900), ("2022", 900)]
    assert document["cells"][1]["verdict"] == "too few seeds"
    assert document["cells"][1]["latency_ratio"] > 0
    first_screen = run(*SMALL, *asked).stdout
    for words in ("Test error in % on mnist", "Predicted, with 95 %", "Laws: 1989-essay, ", "labels, dollars"):
        assert words in first_screen
    assert "The law of each curve" not in first_screen
    text = said(run(*SMALL, *asked, "--long", columns=60).stdout)
    for words in ("The law of each curve", "logarithm", "Predicted from the smaller sizes", "tweaks and data"):
        assert words in text
    assert "…" not in text


@needs_kernel
def test_the_share_that_data_remove_is_told(own_store: Path) -> None:
    document = json.loads(run(*SMALL, "--sizes", "7291,8000", "--eras", "1989-essay", "--json").stdout)
    (share,) = document["reduction"]
    assert (share["cause"], share["era"], share["train_size"], share["against"]) == ("data", "1989-essay", 8000, 7291)
    assert share["low"] <= share["mean"] <= share["high"]
    assert {row["epochs"] for row in document["rows"]} == {23, 21}


@needs_kernel
def test_several_subsets_share_their_test_digits_and_are_the_units(own_store: Path) -> None:
    asked = (*SMALL, "--sizes", "100,300,900", "--subsets", "2", "--eras", "1989-essay")
    document = json.loads(run(*asked, "--json").stdout)
    digits = document["provenance"]["digits"]
    assert len({entry["test"] for entry in digits}) == 1
    assert len({entry["train"] for entry in digits}) == 6
    for row in document["rows"]:
        assert (row["subsets"], row["seeds"]) == ([0, 1], [0, 1])
        values = np.array(row["test_mistakes"]["values"])
        assert values.shape == (4,)
        means = values.reshape(2, 2).mean(axis=1)
        assert row["test_mistakes"]["mean"] == pytest.approx(means.mean())
        half = 12.706 * means.std(ddof=1) / np.sqrt(2)
        assert row["test_mistakes"]["high"] == pytest.approx(min(300, means.mean() + half), rel=1e-3)
    assert "runs kept from before" in run(*asked).stderr


def test_fewer_than_three_sizes_have_no_law_and_that_is_said_first(own_store: Path) -> None:
    result = run(*SMALL, "--sizes", "100,200", "--eras", "1989-essay", "--long")
    assert "2 sizes: no law is fitted, which takes 3" in said(result.stderr)
    assert "The law of each curve" not in result.stdout
