"""The numbers in the pages are those of the published results."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from timetravel.engine import native_backend
from timetravel.eras import ERAS
from timetravel.errors import DataError, UsageError
from timetravel.recipes import Recipe
from timetravel.show import blocks, ladder_blocks, published

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "results.schema.json").read_text())


def estimate(*values: float) -> dict[str, Any]:
    mean = sum(values) / len(values)
    return {"mean": mean, "low": mean - 2, "high": mean + 2, "values": list(values)}


@pytest.mark.parametrize("page", published.pages(ROOT), ids=lambda page: page.name)
def test_every_marked_block_is_what_the_published_results_give(page: Path) -> None:
    text = page.read_text()
    marks = re.findall(r"<!-- (?:ladder|numbers:\S+) -->", text)
    assert len(published.names_of_blocks(text)) == len(marks), "a block is not closed"
    assert published.renewed(text, ROOT) == text, "run: python -m timetravel.show.published"


def test_every_block_stands_on_a_page() -> None:
    used = {name for page in published.pages(ROOT) for name in published.names_of_blocks(page.read_text())}
    assert used == set(blocks.BLOCKS)
    assert {name for _, names in blocks.BLOCKS.values() for name in names} == set(published.COMMANDS)


@pytest.mark.parametrize("name", published.COMMANDS)
def test_every_published_result_is_what_its_command_prints(name: str) -> None:
    path = ROOT / published.FOLDER / f"{name}.json"
    document = json.loads(path.read_text())
    if document["command"] in ("train", "modernize", "scale-data", "scale-model"):
        jsonschema.validate(document, SCHEMA)
        assert document["command"] == "scale-model" or all(row["diverged"] == [] for row in document["rows"])
    assert document["provenance"]["command_line"] == f"timetravel {published.COMMANDS[name]} --json"
    assert path.stat().st_size < 200_000
    assert "store" not in document["provenance"]


def test_the_ladder_is_plain_text_of_100_columns() -> None:
    labels = ["1989-essay", "+ softmax", "+ adamw", "+ shift", "+ dropout"]
    rows = []
    for step, mistakes in enumerate((90, 80, 70, 50, 40)):
        rows.append(
            {
                "recipe": "1989-essay" if step == 0 else "other", "data": "mnist", "seeds": [0, 1], "epochs": 23,
                "label": labels[step], "era": {0: "1989-essay", 4: "2022"}.get(step), "control": False,
                "train_size": 7291, "test_size": 2007,
                "test_mistakes": estimate(mistakes - 1, mistakes + 1), "test_error": estimate(mistakes / 20.07),
            }
        )  # fmt: skip
    for step, row in enumerate(rows):
        row["change_step"] = estimate(-10) if step else None
        row["change_1989"] = estimate(row["test_mistakes"]["mean"] - 90) if step else None
        row["verdict_step"] = "better" if step else None
    rows.append(rows[0] | {"label": "1989-essay, 80 epochs", "control": True})
    command = {"command_line": "timetravel modernize --tweaks all --json"}
    lines = ladder_blocks.ladder({"rows": rows, "provenance": command}).splitlines()
    assert (lines[0], lines[1], lines[-1]) == ("```text", "$ timetravel modernize --tweaks all", "```")
    assert max(map(len, lines)) <= 100
    assert lines[5].split(" ")[0] == "1989-essay"
    assert "90.0 [88, 92]" in lines[5]
    assert "-10.0 [-12, -8]" in lines[6]
    assert not any("80 epochs" in line for line in lines)
    assert lines[9].startswith("+ dropout (2022)")
    assert lines[9].endswith("-50.0")


def test_a_missing_result_and_an_unknown_block_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"modernize-mnist\.json"):
        published.renewed("<!-- ladder -->\n<!-- /ladder -->\n", tmp_path)
    with pytest.raises(UsageError, match="numbers:nothing"):
        published.renewed("<!-- numbers:nothing -->\n<!-- /numbers -->\n", tmp_path)


@pytest.mark.skipif(native_backend.missing() is not None, reason="the compiled kernel is not built")
def test_remaking_keeps_what_the_commands_print_without_curves_and_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = "train --size 40 --epochs 1 --seeds 2 --test 30"
    monkeypatch.setattr(published, "COMMANDS", {"small": command, "old": f"{command} --data usps"})
    monkeypatch.delenv("TIMETRAVEL_DATA", raising=False)
    folder = tmp_path / published.FOLDER
    folder.mkdir(parents=True)
    published.remake(tmp_path, None, ["small", "old"])
    document = json.loads((folder / "small.json").read_text())
    assert document["provenance"]["command_line"] == f"timetravel {command} --json"
    assert "store" not in document["provenance"]
    assert "curves" not in document
    assert document["rows"][0]["seeds"] == [0, 1]
    assert not (folder / "old.json").exists()
    with pytest.raises(UsageError, match="Nothing is published as other"):
        published.remake(tmp_path, None, ["small", "other"])


def test_it_must_be_run_at_the_top_of_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        published.main([])


def test_every_published_row_of_an_era_has_that_eras_recipe() -> None:
    of_the_budget = {"epochs", "teacher_epochs", "averaging_epochs", "warm_up"}
    for path in sorted((ROOT / published.FOLDER).glob("*.json")):
        for row in json.loads(path.read_text()).get("rows", []):
            if row.get("era") and row["net"] == "lecun1989":
                said = {name: value for name, value in row["settings"].items() if value is not None}
                made, recipe = Recipe.from_dict(said).to_dict(), ERAS[row["era"]].recipe.to_dict()
                differing = {name for name, value in recipe.items() if made[name] != value}
                assert differing <= of_the_budget, (path.name, row["label"], differing)
