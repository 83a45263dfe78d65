"""`timetravel export`: a net as a file of another program's kind answers as PyTorch's net does."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from by_torch import torch_outputs
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from texts import words

from timetravel import nets
from timetravel.connections import connection_table
from timetravel.digits import open_source
from timetravel.engine.netfiles import Net as SavedNet
from timetravel.engine.netfiles import load_net, read_back, written
from timetravel.errors import DataError
from timetravel.published.nets import shipped
from timetravel.recipes import Recipe

IMAGES = open_source("mnist").test_digits(size=50)


@pytest.mark.parametrize("kind", ["safetensors", "onnx", "json"])
@pytest.mark.parametrize("name", ["1989", "today"])
def test_each_kind_of_file_tells_all_that_another_program_needs(run, tmp_path: Path, kind: str, name: str) -> None:
    file, net = tmp_path / f"net.{kind}", shipped()[name]
    said = run("export", name, "--to", kind, "--out", file).stdout
    assert said.replace("\n", " ").startswith(f"Written {file}: {file.stat().st_size / 1000:,.0f} kB; loaded back, ")
    images = IMAGES.framed(net.recipe.window, net.recipe.deslant).images
    if kind == "onnx":
        session = pytest.importorskip("onnxruntime").InferenceSession(str(file))
        told = {each: json.loads(value) for each, value in session.get_modelmeta().custom_metadata_map.items()}
        answers = session.run(["outputs"], {"images": images[:, None]})[0]
    else:
        if kind == "json":
            told = json.loads(file.read_text())
            weights = {each: np.array(value, dtype=np.float32) for each, value in told["weights"].items()}
        else:
            with safe_open(file, framework="numpy") as opened:
                told = json.loads(opened.metadata()["net"])
            weights = load_file(file)
        answers = torch_outputs(Recipe.from_dict(told["recipe"]), weights, images)
    assert answers == pytest.approx(torch_outputs(net.recipe, net.weights, images), abs=1e-4)
    assert Recipe.from_dict(told["recipe"]) == net.recipe
    assert told["h2_reads"] == connection_table(net.recipe.table).tolist()
    assert told["about"]["seed"] == 0
    assert "(n, 16, 16)" in told["images"]


@pytest.mark.parametrize("kind", ["safetensors", "onnx", "json"])
@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(net="fully-connected"),
        Recipe(width=1.5, depth=2, residual=True, normalization="layer", activation="silu", biases="map"),
        Recipe(depth=1, activation="gelu", output="linear", border=0.5, map_border=0.25, table="ring"),
        Recipe(activation="relu", amplitude=1.7159, slope=2 / 3),
    ],
    ids=["fully-connected", "wide", "deep", "scaled"],
)
def test_every_net_of_1989s_kind_answers_as_pytorch_does(tmp_path: Path, recipe: Recipe, kind) -> None:
    drawn = nets.build(recipe)
    nets.initialize(drawn, [5])
    rng = np.random.default_rng(0)
    weights = {name: each + rng.normal(0, 0.1, each.shape).astype(np.float32) for name, each in
               nets.lane_weights(drawn, 0).items()}  # fmt: skip
    file = tmp_path / f"net.{kind}"
    file.write_bytes(written(SavedNet("drawn", recipe, weights, {"seed": 5, "training_digits": 0}), kind))
    expected = torch_outputs(recipe, weights, IMAGES.images)
    assert read_back(file, kind, IMAGES.images) == pytest.approx(expected, abs=2e-5)
    if kind != "onnx":
        assert load_net(file).recipe == recipe


@pytest.mark.parametrize("kind", ["safetensors", "json"])
def test_an_exported_net_is_a_net_to_look_at_and_to_export(run, tmp_path: Path, kind: str) -> None:
    file, again = tmp_path / f"mine.{kind}", tmp_path / f"again.{kind}"
    run("export", "today", "--to", kind, "--out", file)
    ours, theirs = (json.loads(run("look", name, "--test", "200", "--json", "-q").stdout) for name in ("today", file))
    assert ours.pop("command_line") == theirs.pop("command_line")  # the tests' own
    assert ours == theirs
    run("export", file, "--to", kind, "--out", again)
    assert again.read_bytes() == file.read_bytes()


def test_a_file_is_named_after_its_net_unless_it_has_a_name(run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("export", "today-50000", "--to", "json")
    assert [path.name for path in tmp_path.iterdir()] == ["today-on-50000-digits.json"]


def test_python_has_the_same_call(tmp_path: Path) -> None:
    import timetravel as tt

    said = tt.export("1989", to="json", out=tmp_path / "net.json")
    assert said.startswith(f"Written {tmp_path / 'net.json'}: ")
    assert load_net(tmp_path / "net.json").recipe == shipped()["1989"].recipe
    with pytest.raises(tt.TimetravelError, match="There is no net 'x'"):
        tt.export("x")


def test_no_pytorch_is_imported_to_look_or_to_export(tmp_path: Path) -> None:
    code = (
        "import sys; from timetravel.cli.app import app\n"
        f"for typed in (['look', '1989', '--test', '9'], ['export', '1989', '--out', {str(tmp_path / 'n')!r}]):\n"
        "    app(typed, standalone_mode=False)\n"
        "sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_can_not_be_written_is_told_and_leaves_nothing(run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "can't be written" in words(run("export", "1989", "--out", tmp_path / "file" / "net.json", code=1).output)
    assert "is a folder" in words(run("export", "1989", "--out", tmp_path, code=2).output)
    long = tmp_path / f"{'n' * 300}.json"
    assert "can't be written" in words(run("export", "1989", "--to", "json", "--out", long, code=1).output)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_onnx_without_its_packages_says_what_to_install(run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("timetravel.commands.export.find_spec", lambda name: None)
    told = words(run("export", "1989", "--to", "onnx", "--out", tmp_path / "net.onnx", code=1).output)
    assert "--to onnx needs onnx and onnxruntime. Type: pip install onnx onnxruntime" in told
    assert not list(tmp_path.iterdir())


def test_a_file_that_answers_otherwise_is_removed(run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(
        "timetravel.engine.netfiles.read_back", lambda path, to, images: np.full((len(images), 10), np.nan)
    )
    told = words(run("export", "1989", "--out", tmp_path / "net.safetensors", code=1).output)
    assert "answers otherwise than the net" in told
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("typed", "code", "told"),
    [
        (["toady"], 2, "Did you mean today?"),
        (["abcd1234"], 3, "No run with the key abcd1234 is kept"),
        (["1989", "--to", "pickle"], 2, "pickle"),
        ([], 2, "Missing argument"),
    ],
)
def test_bad_input_says_what_is_allowed(run, typed: list[str], code: int, told: str) -> None:
    assert told in words(run("export", *typed, code=code).output)


def test_a_net_file_that_is_damaged_or_of_another_shape_is_refused(run, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.safetensors", tmp_path / "bad.safetensors"
    run("export", "1989", "--out", good)
    weights = load_file(good)
    with safe_open(good, framework="numpy") as opened:
        head = opened.metadata()
    told = json.loads(head["net"])
    other = {"net": json.dumps(told | {"recipe": told["recipe"] | {"width": 2.0}})}
    unknown = {"net": json.dumps(told | {"recipe": {"colour": "red"}})}
    cases = [
        (weights | {"h3_weight": weights["h3_weight"][:, :-1]}, head, "h3_weight is of shape (30, 191)"),
        ({name: each for name, each in weights.items() if name != "h2_bias"}, head, "h2_bias is missing"),
        (weights, other, "should be (24, 5, 5)"),
        (weights, unknown, "A recipe has no colour"),
        (weights, None, "'net' is not in it"),
        (weights, {"net": "{"}, "is no net that can be read"),
    ]
    for arrays, header, reason in cases:
        save_file({name: np.ascontiguousarray(each) for name, each in arrays.items()}, bad, metadata=header)
        assert reason in words(run("look", bad, code=3).output)
    for content in (good.read_bytes()[:-100], b"", b"not a net", b"\xff" * 64):
        bad.write_bytes(content)
        assert "is no net that can be read" in words(run("look", bad, code=3).output)
    with pytest.raises(DataError, match="be read"):
        load_net(tmp_path)


@pytest.mark.parametrize("part", [{"h1_bias": [10**400]}, {"h1_bias": "x"}, 3, {}])
def test_a_net_in_json_that_is_damaged_is_refused(run, tmp_path: Path, part: object) -> None:
    file = tmp_path / "net.json"
    run("export", "1989", "--to", "json", "--out", file)
    told = json.loads(file.read_text())
    file.write_text(json.dumps(told | {"weights": told["weights"] | part if part and isinstance(part, dict) else part}))
    assert "is no net that can be read" in words(run("look", file, code=3).output)
