"""`timetravel scale-data` and `timetravel scale-model` as a user types them, on few digits."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from timetravel import published
from timetravel.cli.app import app
from timetravel.engine import latency, native_backend
from timetravel.eras import ERAS

needs_kernel = pytest.mark.skipif(native_backend.missing() is not None, reason="takes minutes without the kernel")
DATA = ("scale-data", "--eras", "1989-essay,2022", "--test", "300", "--seeds", "2")
BRIEF = ("scale-model", "--epochs", "1", "--test", "50")
MODEL = (*BRIEF, "--epochs", "40", "--sizes", "40,80", "--widths", "0.5,2", "--depths", "2", "--seeds", "6")
ALONE = ("--sizes", "40", "--widths", "1", "--depths", "0", "--seeds", "1")
ONE = (*BRIEF, *ALONE)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(autouse=True)
def shared_store(store: Path, own_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tests of this file keep their runs together, so that each is trained once, and time nets briefly."""
    monkeypatch.setenv("TIMETRAVEL_STORE", str(store))
    monkeypatch.setattr(latency, "ROUNDS", 2)


def run(*arguments: str, code: int = 0, columns: int = 100) -> Result:
    result = CliRunner(env={"COLUMNS": str(columns)}).invoke(app, arguments)
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def said(text: str) -> str:
    """A panel or a folded text as one line."""
    return " ".join(text.replace("│", " ").split())


def document(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*arguments, "--json").stdout)
    return found


def test_what_can_not_be_done_is_said_before_anything_is_trained(
    own_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIMETRAVEL_STORE", str(own_store))
    widths = ("0", "-1", "0.7", "1,,2", "wide", "nan")
    of_data = (
        ("--sizes 7291,60001", "Give a whole number from 1 to 60,000"),
        ("--sizes 7291,50000 --predict 1000000", "2 sizes can't be fitted by a law"),
        ("--sizes 100 --error 0.5", "1 size can't be fitted by a law"),
        ("--sizes 5,100,1000", "A subset of 5 digits is too small to hold every class"),
        ("--predict many", "'many' is not a number of training digits"),
        ("--error 0", "'0' is not an error in percent"),
        ("--error nan", "'nan' is not an error in percent"),
        ("--label-cost 0.05", "prices no digits"),
        ("--error 1 --label-cost -1", "--label-cost -1"),
        ("--subset 0,", "'' is not a subset"),
        ("--subset 2,0-3", "a subset is named twice"),
        ("--subset 4-0", "'4-0' is not a subset"),
        ("--subset 0-100000", "'0-100000' is not a subset"),
        ("--subset 0-4 --sizes 100,60000", "all 60,000 training digits"),
        ("--budget none", "is not one of"),
    )
    of_model = (
        *((f"--widths {width}", f"'{'nothing' if ',' in width else width}' is not a width") for width in widths),
        *((f"--widths {width}", "halves from 0.5 to 16") for width in ("1,1000000", "16.5")),
        *((f"--depths {depth}", f"'{depth}' is not a depth") for depth in ("-1", "1.5")),
        ("--depths 65", "from 0 to 64"),
        ("--era 2023", "There is no era '2023'. Did you mean 2022?"),
        ("--sizes 70000", "60,000"),
        ("--sizes 0", "'0'"),
        ("--sizes 20", "mini-batches needs 32 training digits"),
        ("--epochs 0", "--epochs"),
        ("--seeds 0", "at least one seed"),
    )
    for command, cases in (("scale-data", of_data), ("scale-model", of_model)):
        for typed, words in cases:
            result = run(command, *typed.split(), code=2)
            assert words in said(result.stderr), typed
            assert "Traceback" not in result.output, typed
            assert not result.stdout, typed
    assert not own_store.exists()


@pytest.mark.slow
@needs_kernel
def test_laws_answers_and_what_each_row_changes() -> None:
    asked = (*DATA, "--sizes", "100,300,900", "--predict", "2000,1000000", "--error", "2", "--label-cost", "0.1")
    found = document(*asked)
    assert [curve["era"] for curve in found["curves_fitted"]] == ["1989-essay", "2022"]
    for curve in found["curves_fitted"]:
        assert set(curve["held_out_factor"]) == {"power law", "logarithm"}
        assert [told["scenario"] for told in curve["predictions"]] == [False, True]
        assert [check["train_size"] for check in curve["checks"]] == [900]
        assert curve["digits_needed"][0]["digits"]["mean"] > 100
        assert curve["line"][-1]["train_size"] == 1_000_000
    base, *others = sorted(found["rows"], key=lambda row: row["change_base"] is not None)
    assert (base["recipe"], base["train_size"]) == ("1989-essay", 900)
    assert {row["verdict_base"] for row in others} == {"too few runs"}
    first_screen = run(*asked).stdout
    for words in (
        "Test error in % on mnist",
        "Predicted, with 95 %",
        "in --long: 1989-essay, ",
        "labels, dollars",
    ):
        assert words in first_screen
    assert "The law of each curve" not in first_screen
    text = said(run(*asked, "--long", columns=60).stdout)
    for words in ("The law of each curve", "Predicted from the smaller sizes", "Mistakes and examples seen"):
        assert words in text


@pytest.mark.slow
@needs_kernel
def test_the_share_that_data_remove_is_told() -> None:
    found = document(*DATA, "--sizes", "7291,8000", "--eras", "1989-essay")
    (share,) = found["reduction"]
    assert (share["cause"], share["era"], share["train_size"], share["against"]) == ("data", "1989-essay", 8000, 7291)
    assert share["low"] <= share["mean"] <= share["high"]
    assert {row["epochs"] for row in found["rows"]} == {23}
    equal = document(*DATA, "--sizes", "7291,8000", "--eras", "1989-essay", "--budget", "examples")
    assert {row["epochs"] for row in equal["rows"]} == {23, 21}


@needs_kernel
def test_several_subsets_share_their_test_digits_and_are_the_units() -> None:
    asked = (*DATA, "--sizes", "100,300,900", "--subset", "0,1", "--eras", "1989-essay")
    found = document(*asked)
    digits = found["provenance"]["digits"]
    assert [len({entry[part] for entry in digits}) for part in ("test", "train")] == [1, 6]
    for row in found["rows"]:
        assert (row["subsets"], row["seeds"]) == ([0, 1], [0, 1])
        means = np.array(row["test_mistakes"]["values"]).reshape(2, 2).mean(axis=1)
        assert row["test_mistakes"]["mean"] == pytest.approx(means.mean())
        half = 12.706 * means.std(ddof=1) / np.sqrt(2)
        assert row["test_mistakes"]["high"] == pytest.approx(min(300, means.mean() + half), rel=1e-3)
    assert "runs kept from before" in run(*asked).stderr


def test_fewer_than_three_sizes_have_no_law_and_that_is_said_first() -> None:
    result = run(*DATA, "--sizes", "100,200", "--eras", "1989-essay", "--long")
    assert "2 sizes: no law is fitted, which takes 3" in said(result.stderr)
    assert "The law of each curve" not in result.stdout


@pytest.mark.slow
def test_the_document_has_every_row_with_its_shape_costs_gradients_and_what_removes_mistakes() -> None:
    found = document(*MODEL)
    assert found["command"] == "scale-model"
    rows = found["rows"]
    assert [(r["width"], r["depth"], r["residual"], r["normalization"], r["train_size"]) for r in rows] == [
        *((width, 0, False, "none", size) for size in (40, 80) for width in (0.5, 1, 2)),
        (1, 2, False, "none", 40),
        (1, 2, True, "none", 40),
        (1, 2, True, "layer", 40),
    ]
    assert [r["parameters"] for r in rows[:3]] == [2845, 9760, 35830]
    assert [r["ms_on_1989s_processor"] for r in rows[:3]] == pytest.approx([1.6632, 5.0928, 17.2512])
    for row in rows:
        assert row["training_multiply_adds"] == 3 * row["multiply_adds"] * row["examples_seen"]
        assert row["gradient_first_at_start"] / row["gradient_last_at_start"] == row["gradient_ratio_at_start"] > 0
        failed = row["failure"] or (rows[1]["failure"] and f"base: {rows[1]['failure']}")
        if row is not rows[1]:  # six runs are enough for a verdict
            assert row["verdict_base"] in ([failed] if failed else ["better", "worse", "not resolved"])
        assert row["latency_us"] > 0
    assert rows[1]["verdict_base"] is rows[1]["change_base"] is None
    causes = [(part["cause"], part["train_size"], part["parameters"]) for part in found["reduction"]]
    assert causes == [("size", 40, 35830), ("data", 80, 9760), ("both", 80, 35830)]
    for part, row in zip(found["reduction"], (rows[2], rows[4], rows[5]), strict=True):
        share = 1 - row["test_mistakes"]["mean"] / rows[1]["test_mistakes"]["mean"]
        assert part["mean"] == pytest.approx(100 * share)
        assert part["low"] <= part["mean"] <= part["high"]
    assert found["base"] == {"recipe": "width-1", "train_size": 40}
    assert found["latency_measured_with"] == "PyTorch, from 28x28 pixels on"


@pytest.mark.slow
def test_the_document_answers_for_1989s_computer() -> None:
    own = document(*MODEL)
    assert own["best_of_1989"]["best"]["from"] == "scale-model"  # nothing published is measured on so few test digits
    assert len(own["points"]) == len(own["rows"]) == own["best_of_1989"]["rows_considered"]
    as_published = str(published.read("scale-model-mnist")["rows"][0]["test_size"])
    beside = document("scale-model", "--epochs", "1", "--test", as_published, *ALONE)
    best = beside["best_of_1989"]
    assert best["rows_considered"] == len(beside["points"]) > 40
    assert best["best"]["from"] != "scale-model"
    assert best["best"]["test_error"]["mean"] < 2
    assert best["best"]["training_multiply_adds"] <= best["multiply_adds"] == 3_240_000_000_000


def test_no_column_is_lost_at_any_width() -> None:
    for columns in (60, 80, 200):
        lines = run(*MODEL, "--long", columns=columns).stdout.splitlines()
        assert max(map(len, lines)) <= columns
        text = said("\n".join(lines))
        for words in (
            "2,845",
            "9,760",
            "215,640",
            "5.1",
            "in three days",
            "Reduction of the",
            "verdict",
        ):
            assert words in text, (columns, words)
        assert "…" not in text, columns


def test_a_diverged_row_is_a_row_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    wild = {"batch_size": 32, "dropout": 0.0, "optimizer": "sgd", "learning_rate": 1000.0, "warm_up": 0.0}
    monkeypatch.setitem(ERAS, "2022", replace(ERAS["2022"], recipe=ERAS["2022"].recipe.but(**wild)))
    arguments = (*ONE, "--sizes", "80", "--depths", "16")
    found = document(*arguments)
    failed = [row["recipe"] for row in found["rows"] if row["diverged"]]
    assert "depth-16-residual" in failed
    assert len(found["rows"]) == 4
    assert len(found["points"]) == 4 - len(failed)
    assert "depth 16, residual diverged with 1 seed" in found["remarks"][0].lower()
    assert "1 of 1" in run(*arguments, "--long").stdout


@needs_kernel
def test_the_kernel_trains_width_1_if_asked_and_then_tells_no_gradients_nor_causes() -> None:
    found = document(*ONE, "--backend", "auto")
    (row,) = found["rows"]
    assert (row["backend"], row["gradient_ratio_at_start"]) == (native_backend.VERSION, None)
    assert "neither size nor data" in found["finding"]
    assert found["finding"].endswith("One seed is an anecdote: use --seeds 6 or more.")
    assert "Reduction of the mistakes" not in run(*ONE, "--long").stdout
    assert "does not cover width = 0.5" in said(run(*MODEL, "--backend", "native", code=2).stderr)
