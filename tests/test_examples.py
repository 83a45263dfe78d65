"""The scripts beside the pages, as processes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import numpy as np
import pytest
from typer.testing import CliRunner

from timetravel.cli.app import app
from timetravel.digits import Digits

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"


@pytest.fixture
def ladder(tmp_path: Path, own_store: Path, few_mnist: tuple[Digits, Digits]) -> dict[str, Any]:
    """A small ladder of twelve seeds; its last step changes nothing on images of 16x16."""
    digits, test = few_mnist[0].take(range(150)), few_mnist[1]
    own = tmp_path / "own.npz"
    arrays = {"train_images": digits.images, "train_labels": digits.labels}
    np.savez(own, **arrays, test_images=test.images, test_labels=test.labels)
    typed = ["modernize", "--tweaks", "adamw,affine,deslant", "--seeds", "12", "--data", str(own)]
    result = CliRunner().invoke(app, [*typed, "--json", "-q"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def recomputed(document: dict[str, Any], store: Path) -> subprocess.CompletedProcess[str]:
    file = store.parent / "results.json"
    file.write_text(json.dumps(document))
    command = [sys.executable, EXAMPLES.parent / "tools" / "recompute_ladder.py", file, store]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_example_computes_a_ladder_again_and_sees_a_number_that_was_changed(ladder, own_store: Path) -> None:
    steps = [row for row in ladder["rows"] if row["builds_on"]]
    told = recomputed(ladder, own_store)
    assert (told.returncode, told.stderr) == (0, "")
    lines = told.stdout.splitlines()
    assert lines[-1] == "agrees"
    assert len(lines) == len(steps) + 2
    for row, line in zip(steps, lines[1:], strict=False):
        assert line.startswith(row["label"])
        assert line.endswith(row["verdict_step"])
    assert {"better", "not resolved", "same answers"} <= {row["verdict_step"] for row in steps}
    one = steps[1]
    for change in (
        {"p_step": one["p_step"] * 1.00001},
        {"change_step": one["change_step"] | {"high": one["change_step"]["high"] + 0.01}},
        {"change_step": one["change_step"] | {"mean": -one["change_step"]["mean"] + 1}},
        {"verdict_step": "undecided"},
    ):
        rows = [row | change if row is one else row for row in ladder["rows"]]
        told = recomputed({**ladder, "rows": rows}, own_store)
        assert told.returncode == 1
        assert f"{one['label']}: the result says" in told.stdout


STUDIES = sorted(file.name for file in EXAMPLES.glob("*.py"))


def test_there_is_an_example_a_study_and_each_is_short() -> None:
    studies = ["train", "modernize", "scale_data", "scale_model", "tune", "interpretations", "extrapolate", "compare"]
    studies += ["foundation"]
    assert {f"{name}.py" for name in studies} <= set(STUDIES)
    assert all(len((EXAMPLES / name).read_text().splitlines()) < 40 for name in STUDIES)


@pytest.mark.slow
@pytest.mark.parametrize("name", STUDIES)
def test_an_example_of_a_study_runs(name: str, request: pytest.FixtureRequest) -> None:
    if name == "interpretations.py":
        request.getfixturevalue("data_root")
    told = subprocess.run([sys.executable, EXAMPLES / name], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    assert len(told.stdout.splitlines()) >= 1


@pytest.mark.slow
def test_the_notebook_tells_the_essay_in_ten_cells(tmp_path: Path) -> None:
    book = nbformat.read(EXAMPLES / "essay.ipynb", as_version=4)
    assert len(book.cells) == 10
    nbclient.NotebookClient(book, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    for cell in (cell for cell in book.cells if cell.cell_type == "code"):
        (told,) = (output for output in cell.outputs if output.output_type == "execute_result")
        assert not [output for output in cell.outputs if output.output_type == "error"]
        if cell.source.startswith(("then =", "tweaks", "data", "future")):
            assert "<strong>" in told.data["text/html"]
            assert "<table>" in told.data["text/html"]


@pytest.mark.slow
def test_a_notebook_shows_one_bar_and_needs_no_main_guard(tmp_path: Path) -> None:
    typed = (
        "import timetravel as tt\n"
        "digits = tt.digits('mnist').training_digits(size=300)\n"
        "few = tt.digits(digits.images, digits.labels)\n"
        "found = tt.train('1989-essay', data=few, seeds=2, epochs=2, workers=2{})"
    )
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(typed.format(s)) for s in ("", ", progress=False")]
    )
    nbclient.NotebookClient(book, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    (bar,) = book.cells[0].outputs
    assert "100%, 2 of 2 runs done" in bar.data["text/plain"]
    assert "<progress" in bar.data["text/html"]
    assert book.cells[1].outputs == []
