"""`timetravel look`: what a trained net misreads, by whatever name it is given."""

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from by_torch import torch_outputs
from texts import words

from timetravel.digits import open_source
from timetravel.digits.pixels import decoded
from timetravel.published.nets import shipped

FEW = ["--size", "200", "--epochs", "1", "--test", "300"]


@pytest.fixture
def trained(run, tmp_path: Path) -> Callable[..., Path]:
    """Train and save a small result."""

    def train(name: str, *options: str) -> Path:
        file = tmp_path / f"{name}.json"
        file.write_text(run("train", "--era", "1989-essay", *FEW, *options, "--json", "-q").stdout)
        return file

    return train


def row(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text())["rows"][0]


@pytest.mark.parametrize("name", ["1989", "today"])
def test_the_matrix_and_the_lists_are_those_of_pytorch(run, name: str) -> None:
    net = shipped()[name]
    test = open_source("mnist").test_digits(size="full").framed(net.recipe.window, net.recipe.deslant)
    outputs = torch_outputs(net.recipe, net.weights, test.images)
    read = outputs.argmax(axis=1)
    found = json.loads(run("look", name, "--json", "-q").stdout)
    expected = [[int(((test.labels == true) & (read == other)).sum()) for other in range(10)] for true in range(10)]
    assert found["confusion"] == expected
    assert found["mistakes"] == net.about["test_mistakes"] == int((read != test.labels).sum())
    leads = np.diff(np.sort(outputs, axis=1)[:, -2:], axis=1)[:, 0]
    wrong, right = (np.sort(leads[(read != test.labels) == missed]) for missed in (True, False))
    told = {name: [leads[one["place"]] for one in found[name]] for name in ("surest_mistakes", "least_sure_right")}
    assert told["surest_mistakes"] == pytest.approx(wrong[::-1][:24], abs=1e-4)
    assert told["least_sure_right"] == pytest.approx(right[:24], abs=1e-4)
    for one in found["surest_mistakes"]:
        assert (one["true"], one["read_as"]) == (test.labels[one["place"]], read[one["place"]])
        assert one["true"] == one["beside"] != one["read_as"]
        assert np.abs(decoded(one["pixels"]) - test.images[one["place"]]).max() <= 1 / 255


def test_strength_is_a_softmax_or_the_place_between_the_targets(run) -> None:
    for name in ("1989", "2022"):
        net = shipped()[name]
        images = open_source("mnist").test_digits(size="full").framed(net.recipe.window, net.recipe.deslant).images
        outputs = torch_outputs(net.recipe, net.weights, images[18:19])[0].astype(float)
        expected = np.exp(outputs) / np.exp(outputs).sum() if name == "2022" else (outputs + 0.8) / 1.6
        found = json.loads(run("look", name, "--digit", "18", "--json", "-q").stdout)["digit"]
        assert found["shares"] == pytest.approx(np.clip(expected, 0, 1), abs=1e-4)


def test_the_first_screen_fits_and_shows_what_the_document_holds(run, tmp_path: Path) -> None:
    shown = run("look", "1989", "-q").stdout
    assert len(shown.splitlines()) <= 40
    assert max(map(len, shown.splitlines())) <= 80
    run("look", "1989", "-q", "--out", tmp_path)
    assert run("show", tmp_path / "results.json").stdout == shown
    long = run("show", tmp_path / "results.json", "--long").stdout
    assert "Read rightly, but least surely" in long
    assert "H2's maps of it" in long
    assert "\nTest digit no. 0, a 7\n" in long
    assert long.count("H1's kernels") == 1
    document = json.loads((tmp_path / "results.json").read_text())
    captions = [f"{one['true']} read as {one['read_as']}" for one in document["surest_mistakes"]]
    assert {one: long.count(one) for one in captions} == Counter(captions)
    pictures = {f"{name}{end}" for name in ("confusion", "digits", "inside") for end in (".png", ".svg", "-dark.svg")}
    assert {path.name for path in tmp_path.iterdir()} == pictures | {
        "results.json", "report.md", "report.html", "table.csv"
    }  # fmt: skip
    with (tmp_path / "table.csv").open() as file:
        for line in csv.DictReader(file):
            assert document["confusion"][int(line["true"])][int(line["read_as"])] == int(line["digits"])


def test_kernels_and_maps_are_grey_at_nothing_and_white_at_the_largest(run) -> None:
    net = shipped()["1989"]
    found = json.loads(run("look", "1989", "--test", "100", "--json", "-q").stdout)
    kernels = np.stack([decoded(pixels) for pixels in found["kernels"]["pixels"]])
    assert kernels == pytest.approx(net.weights["h1_weight"] / np.abs(net.weights["h1_weight"]).max(), abs=1 / 250)
    sides = {name: decoded(maps["pixels"][0]).shape for name, maps in found["digit"]["maps"].items()}
    assert sides == {"h1": (8, 8), "h2": (4, 4)}
    assert {maps["count"] for maps in found["digit"]["maps"].values()} == {12}


def test_a_result_and_a_key_name_the_kept_run(run, trained) -> None:
    file = trained("two", "--seeds", "2")
    first, second = row(file)["runs"]
    by_file = json.loads(run("look", file, "--test", "300", "--json", "-q").stdout)
    assert by_file["mistakes"] == row(file)["test_mistakes"]["values"][0]
    assert by_file["about"]["key"] == first["key"]
    for name in (f"{file}:1/1", f"{file}:{row(file)['label']}/1", second["key"], second["key"][:10]):
        found = json.loads(run("look", name, "--test", "300", "--json", "-q").stdout)
        assert found["about"]["key"] == second["key"]
        assert found["mistakes"] == row(file)["test_mistakes"]["values"][1]
    assert "seed 1 misreads" in run("look", f"{file}:1/1", "-q", "--test", "300").stdout


@pytest.mark.parametrize(
    ("setting", "maps", "title"),
    [
        (["net=fully-connected"], 0, "The weights of H1's units: white adds, black takes away (24 of 40)"),
        (["width=3", "depth=1", "residual=true"], 36, "H1's kernels: white adds, black takes away (24 of 36)"),
    ],
)
def test_other_nets_of_1989s_kind_are_looked_at_too(run, trained, setting, maps: int, title: str) -> None:
    file = trained("other", *(part for each in setting for part in ("--set", each)), "--seeds", "1")
    document = json.loads(run("look", file, "--test", "300", "--json", "-q").stdout)
    assert document["mistakes"] == row(file)["test_mistakes"]["values"][0]
    assert {each["count"] for each in document["digit"]["maps"].values()} == ({maps} if maps else set())
    assert title in words(run("look", file, "--test", "300", "--long", "-q").stdout)


def test_a_net_without_mistakes_has_none_to_show(run) -> None:
    shown = run("look", "today", "--test", "20", "-q", "--long").stdout
    assert shown.startswith("today misreads 0 of 20 test digits of mnist.\n")
    assert "surest" not in shown


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["toady"], 2, "There is no net 'toady'. Did you mean today? Name an era"),
        (
            ["1998"],
            2,
            "There is no net '1998', and no kept run whose key begins so. Did you mean 1989? "
            "Name an era (1989, 1989-essay, 2022, today, distilled, today-50000), a results.json, "
            "the key of a kept run (4 or more of 0-9a-f), or the file of an exported net.",
        ),
        (["abcd1234"], 3, "No run with the key abcd1234 is kept in"),
        (["nowhere.json"], 3, "nowhere.json can't be read"),
        (["nowhere.safetensors"], 3, "nowhere.safetensors can't be read"),
        (["1989", "--digit", "10000"], 2, "Allowed: 0 to 9999, for mnist."),
        (["1989", "--digit", "-1"], 2, "--digit -1 is not allowed. Allowed: whole numbers from 0 on."),
        (["1989", "--test", "60000"], 2, "test"),
        (["1989", "--data", "nothing"], 2, "nothing"),
    ],
)
def test_bad_input_says_what_is_allowed(run, arguments: list[str], code: int, told: str) -> None:
    assert told in words(run("look", *arguments, "-q", code=code).output)


def test_a_row_or_seed_that_a_result_lacks_is_refused_with_those_it_has(run, trained) -> None:
    file = trained("one", "--seeds", "1")
    for place in ("2/0", "1/7", "other"):
        assert "Rows: 1 (1989-essay" in words(run("look", f"{file}:{place}", code=2).output)


def test_a_beginning_of_two_keys_a_damaged_run_and_a_lost_one_are_refused(run, trained, own_store: Path) -> None:
    file = trained("one", "--seeds", "1")
    key = row(file)["runs"][0]["key"]
    kept = own_store / key[:2] / f"{key}.json"
    twin = kept.with_stem(key[:8] + "0" * 56)
    twin.write_text("{}")
    told = words(run("look", key[:6], code=2).output)
    assert f"2 kept runs begin with {key[:6]}" in told
    assert key[:12] in told
    twin.unlink()
    weights = kept.with_suffix(".safetensors")
    weights.write_bytes(weights.read_bytes()[:-4])
    assert "the file of its arrays is cut short" in words(run("look", key, code=3).output)
    kept.unlink()
    assert "train it again" in words(run("look", file, code=3).output)


def test_a_net_that_pytorch_alone_reads_and_one_that_diverged_are_refused(run, trained) -> None:
    file = trained("vit", "--set", "net=micro-vit", "--seeds", "1")
    assert "micro-vit is read by PyTorch alone" in words(run("look", file, code=2).output)
    lost = ["--set", "learning_rate=1e20", "--set", "activation=relu", "--set", "output=linear", "--seeds", "1"]
    run("train", "--era", "1989-essay", *FEW, *lost, code=1)
    key = json.loads(run("train", "--era", "1989-essay", *FEW, *lost, "--json", "-q", code=1).stdout)
    assert "diverged: its weights are no numbers" in words(run("look", key["rows"][0]["runs"][0]["key"], code=2).output)
