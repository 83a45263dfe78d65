"""The nets that come with the package are what they say."""

import json
from pathlib import Path

import numpy as np
import pytest

from timetravel import published
from timetravel.digits import open_source
from timetravel.engine.plain import layers
from timetravel.eras import ERAS
from timetravel.errors import DataError
from timetravel.published import nets
from timetravel.published.nets import NAMES, shipped

FOLDER = Path(nets.__file__).parent


@pytest.mark.parametrize("name", NAMES)
def test_a_net_misreads_what_it_says_and_the_rule_refuses_what_it_says(name: str) -> None:
    net = shipped()[name]
    test = open_source("mnist").test_digits(size="full").framed(net.recipe.window, net.recipe.deslant)
    outputs = layers(net.recipe, net.weights, test.images)["output"]
    wrong = outputs.argmax(axis=1) != test.labels
    assert (int(wrong.sum()), len(test)) == (net.about["test_mistakes"], net.about["test_size"])
    t1, t2, td = net.reject
    second, first = np.sort(outputs, axis=1)[:, -2:].T
    read = (first >= t1) & (second <= t2) & (first - second >= td)
    assert int((~read).sum()) == net.about["rejected"]
    left = int((wrong & read).sum())
    assert 100 * left <= read.sum() if 100 * wrong.sum() > len(test) else 2 * left <= wrong.sum()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "distilled"])
def test_a_net_is_seed_0_of_the_published_result(name: str) -> None:
    net = shipped()[name]
    assert net.recipe == ERAS[name.removesuffix("-50000")].recipe
    result = "scale-data-mnist" if name == "today-50000" else "modernize-mnist"
    runs = [run for row in published.read(result)["rows"] for run in row["runs"] if run["key"] == net.about["key"]]
    assert [run["seed"] for run in runs] == [0]
    assert all(values.dtype == np.float32 for values in net.weights.values())


@pytest.mark.slow
def test_no_human_label_trained_the_distilled_net_and_it_reads_what_it_says(data_root: Path) -> None:
    net, digits = shipped()["distilled"], open_source("usps", data_root).test_digits()
    assert (net.recipe.labels, net.about["data"], net.about["test_size"]) == ("recognizer", "usps", 10_000)
    wrong = layers(net.recipe, net.weights, digits.images)["output"].argmax(axis=1) != digits.labels
    assert int(wrong.sum()) == net.about["mistakes_of_2007_of_usps"] <= 60
    assert sum(weights.size for weights in net.weights.values()) == 9760


def test_the_files_are_small_and_travel_with_the_package() -> None:
    files = list(FOLDER.glob("*.safetensors"))
    assert {file.stem for file in files} == set(NAMES)
    assert sum(file.stat().st_size for file in files) < 300_000
    every = [values for net in shipped().values() for values in net.weights.values()]
    assert not any((values.view(np.uint32) & 0xFF).any() for values in every)  # three bytes of four


def test_a_damaged_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped()  # read once and kept: the last line asks for it
    monkeypatch.setattr(nets.resources, "files", lambda _: tmp_path)
    content = (FOLDER / "1989.safetensors").read_bytes()
    for spoiled in (None, b"", content[:-9], content[:3000], content.replace(b"target_low", b"target_law")):
        if spoiled is not None:
            (tmp_path / "1989.safetensors").write_bytes(spoiled)
        with pytest.raises(DataError, match="The package's net 1989 can't be read"):
            nets._read("1989")
    assert json.dumps(shipped()["1989"].about)
