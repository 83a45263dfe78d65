"""The scripts beside the pages, as processes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

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
    command = [sys.executable, EXAMPLES / "recompute_ladder.py", file, store]
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
