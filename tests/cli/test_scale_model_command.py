"""`timetravel scale-model` as a user types it, on few digits."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from timetravel.cli.app import app
from timetravel.digits import Digits
from timetravel.engine import latency, native_backend
from timetravel.eras import ERAS
from timetravel.studies.scale_model import batched

SMALL = ("--sizes", "40,80", "--widths", "0.5,2", "--depths", "2", "--epochs", "1", "--seeds", "2", "--test", "50")
ONE = ("--sizes", "40", "--widths", "1", "--depths", "0", "--epochs", "1", "--seeds", "1", "--test", "50")


def run(*arguments: str, code: int = 0, columns: int = 100) -> Result:
    result = CliRunner(env={"COLUMNS": str(columns)}).invoke(app, ["scale-model", *arguments])
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def plain(text: str) -> str:
    return " ".join(text.replace("│", " ").split())


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(autouse=True)
def shared_store(store: Path, own_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tests of this file keep their runs together, so that each is trained once, and time nets briefly."""
    monkeypatch.setenv("TIMETRAVEL_STORE", str(store))
    monkeypatch.setattr(latency, "ROUNDS", 2)


def document(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*arguments, "--json").stdout)
    return found


def test_the_document_has_every_row_with_its_shape_costs_gradients_and_what_removes_mistakes() -> None:
    found = document(*SMALL)
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
        assert row["verdict_base"] in ("too few seeds", None)
        assert row["latency_us"] > 0
    assert rows[1]["verdict_base"] is rows[1]["change_base"] is None
    causes = [(part["cause"], part["train_size"], part["parameters"]) for part in found["reduction"]]
    assert causes == [("size", 40, 35830), ("data", 80, 9760), ("both", 80, 35830)]
    for part, row in zip(found["reduction"], (rows[2], rows[4], rows[5]), strict=True):
        share = 1 - row["test_mistakes"]["mean"] / rows[1]["test_mistakes"]["mean"]
        assert part["mean"] == pytest.approx(100 * share)
        assert part["low"] <= part["mean"] <= part["high"]
    assert (found["base"], found["latency_measured_with"]) == ({"recipe": "width-1", "train_size": 40}, "PyTorch")


def test_the_document_answers_for_1989s_computer() -> None:
    own = document(*SMALL)
    assert own["best_of_1989"]["best"]["from"] == "scale-model"  # nothing published is measured on so few test digits
    assert len(own["points"]) == len(own["rows"]) == own["best_of_1989"]["rows_considered"]
    beside = document("--sizes", "40", "--widths", "1", "--depths", "0", "--epochs", "1", "--seeds", "2")
    best = beside["best_of_1989"]
    assert best["best"]["from"] != "scale-model"
    assert best["rows_considered"] == len(beside["points"]) > 40
    assert best["best"]["test_error"]["mean"] < 2
    assert best["best"]["training_multiply_adds"] <= best["multiply_adds"] == 3_240_000_000_000


def test_out_writes_every_figure_light_and_dark_and_a_flat_table(tmp_path: Path) -> None:
    run(*SMALL, "--out", str(tmp_path))
    charts = {f"{name}{mode}" for name in ("figure", "joint", "depth") for mode in ("", "-dark")}
    drawn = {f"{name}.{kind}" for name in charts for kind in ("png", "svg")}
    names = {path.name for path in tmp_path.iterdir()}
    assert names == drawn | {"table.csv", "results.json", "report.md", "report.html"}
    table = pd.read_csv(tmp_path / "table.csv")
    assert {"width", "depth", "training_multiply_adds", "gradient_ratio_in_training", "change_base_mean"} <= set(table)
    assert len(table) == 9


def test_no_column_is_lost_at_any_width() -> None:
    for columns in (60, 80, 200):
        lines = run(*SMALL, "--long", columns=columns).stdout.splitlines()
        assert max(map(len, lines)) <= columns
        text = plain("\n".join(lines))
        for words in ("2,845", "9,760", "215,640", "5.1", "With 1989's computer", "Removed of the", "verdict", "…"):
            assert (words in text) == (words != "…"), (columns, words)


def test_one_size_and_one_width_need_no_table_of_causes() -> None:
    text = plain(run(*ONE, "--long").stdout)
    assert "Removed of the mistakes" not in text
    assert "neither size nor data" in text
    assert "One seed is an anecdote" in text


def test_own_digits_have_the_sizes_that_they_have(tmp_path: Path, few_mnist: tuple[Digits, Digits]) -> None:
    digits, test = few_mnist
    path, names = tmp_path / "own.npz", ("train_images", "train_labels", "test_images", "test_labels")
    np.savez(path, **dict(zip(names, (digits.images[:40], digits.labels[:40], test.images, test.labels), strict=True)))
    found = document(
        "--data", str(path), "--widths", "2", "--depths", "0", "--epochs", "1", "--seeds", "1", "--test", "50"
    )
    assert [row["train_size"] for row in found["rows"]] == [40, 40]
    assert [part["cause"] for part in found["reduction"]] == ["size"]


def test_a_diverged_row_is_a_row_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    wild = batched(ERAS["2022"].recipe, 1).but(optimizer="sgd", learning_rate=1000.0, schedule="constant", warm_up=0.0)
    monkeypatch.setitem(ERAS, "2022", replace(ERAS["2022"], recipe=wild))
    arguments = (*ONE, "--sizes", "80", "--depths", "16")
    found = document(*arguments)
    failed = [row["recipe"] for row in found["rows"] if row["diverged"]]
    assert "depth-16-residual" in failed
    assert len(found["rows"]) == 4
    assert len(found["points"]) == 4 - len(failed)
    assert "depth 16, residual diverged with 1 seed" in found["finding"].lower()
    assert "1 of 1" in run(*arguments, "--long").stdout


@pytest.mark.skipif(native_backend.missing() is not None, reason="asks for the kernel")
def test_the_kernel_trains_width_1_if_asked_and_then_tells_no_gradients() -> None:
    (row,) = document(*ONE, "--backend", "auto")["rows"]
    assert row["backend"] == native_backend.VERSION
    assert row["gradient_ratio_at_start"] is None
    assert "does not cover width = 0.5" in plain(run(*SMALL, "--backend", "native", code=2).stderr)


def test_bad_input_gets_one_clear_message_before_any_training(own_store: Path) -> None:
    for typed, words in (
        ("--widths 0", "'0' is not a width"),
        ("--widths -1", "'-1' is not a width"),
        ("--widths 1,1000000", "halves from 0.5 to 16"),
        ("--widths 16.5", "halves from 0.5 to 16"),
        ("--widths 0.7", "'0.7' is not a width"),
        ("--widths 1,,2", "'nothing' is not a width"),
        ("--widths wide", "'wide' is not a width"),
        ("--widths nan", "'nan' is not a width"),
        ("--depths -1", "'-1' is not a depth"),
        ("--depths 65", "from 0 to 64"),
        ("--depths 1.5", "'1.5' is not a depth"),
        ("--era 2023", "There is no era '2023'. Did you mean 2022?"),
        ("--sizes 70000", "60,000"),
        ("--sizes 0", "'0'"),
        ("--sizes 20", "mini-batches needs 32 training digits"),
        ("--epochs 0", "--epochs"),
        ("--seeds 0", "at least one seed"),
    ):
        result = run(*typed.split(), code=2)
        assert words in plain(result.stderr), typed
        assert "Traceback" not in result.output, typed
        assert not result.stdout, typed
    assert not own_store.exists()
