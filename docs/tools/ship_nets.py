"""Writes the nets that come with the package: `python docs/tools/ship_nets.py`, at the top of a checkout.

They are seed 0 of published results, taken from the store of kept runs (TIMETRAVEL_STORE), where the commands that
made those results (docs/tools/pages.py) left them. The distilled one alone is written by
`python docs/tools/ship_nets.py RUN`: the key of a kept run, or a file that `timetravel export` wrote.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from safetensors.numpy import save

from timetravel import published
from timetravel.api.results import Result
from timetravel.digits import data_root, open_source
from timetravel.engine.netfiles import Net, load_net
from timetravel.engine.plain import Floats, layers
from timetravel.engine.store import Store
from timetravel.eras import era
from timetravel.errors import DataError
from timetravel.files import write_whole
from timetravel.recipes import Recipe
from timetravel.stats.rejection import Doubts
from timetravel.studies.predict import unsure

FOLDER: Final = Path("timetravel", "published", "nets")
DISTILLED: Final = "distilled"
# The published result, the era and the number of training digits of each other.
SOURCES: Final = {name: ("modernize-mnist", name, 7291) for name in ("1989", "1989-essay", "2022", "today")}
SOURCES["today-50000"] = ("scale-data-mnist", "today", 50000)


def net(name: str) -> bytes:
    """Return the file of a net. Raises DataError where its run is not kept."""
    result, era, size = SOURCES[name]
    document = published.read(result)
    (row,) = (row for row in document["rows"] if (row["era"], row["train_size"]) == (era, size))
    first = {**row, "runs": row["runs"][:1]}
    (run,) = Result({**document, "rows": [first]}).runs
    reject = Doubts(run.outputs, run.labels).thresholds()
    about = {
        "data": row["data"],
        "training_digits": size,
        "seed": run.seed,
        "test_mistakes": run.test.mistakes,
        "test_size": run.test.size,
        "rejected": int(unsure(run.outputs, reject).sum()),
        "key": row["runs"][0]["key"],
    }
    label = era if size == 7291 else f"{era} on {size:,} digits"
    return file(label, run.recipe, run.weights, reject, about)


def distilled(run: str) -> bytes:
    """Return the file of a net that usps's digits trained without a human label, measured on MNIST's test digits.

    Its pictures are framed as the era says: usps's own, which trained it, are stored as 16x16.
    """
    found, frame = load_net(Path(run)) if "." in run else kept(run), era(DISTILLED).recipe
    recipe = found.recipe.but(window=frame.window, deslant=frame.deslant, labels=frame.labels)
    test, own = open_source("mnist").test_digits(size="full"), open_source("usps", data_root(None)).test_digits()
    images = test.framed(recipe.window, recipe.deslant).images
    outputs, of_own = (layers(recipe, found.weights, each)["output"] for each in (images, own.images))
    reject = Doubts(outputs, test.labels).thresholds()
    about = {
        "data": "usps",
        "training_digits": 7291,
        "seed": found.about.get("seed", 0),
        "test_mistakes": int((outputs.argmax(axis=1) != test.labels).sum()),
        "test_size": len(test),
        "rejected": int(unsure(outputs, reject).sum()),
        "mistakes_of_2007_of_usps": int((of_own.argmax(axis=1) != own.labels).sum()),
        "key": found.about.get("key", ""),
    }
    print(about)
    return file(f"{DISTILLED}, no human label", recipe, found.weights, reject, about)


def kept(key: str) -> Net:
    """Return the net of a kept run. Raises DataError where there is none."""
    if not (found := Store().net(key)):
        raise DataError(f"No run with the key {key} is kept in {Store().folder}.", "Name the whole key.")
    recipe, weights, about = found
    return Net(key, recipe, weights, {"key": key, "seed": about["seed"]})


def file(label: str, recipe: Recipe, weights: Mapping[str, Floats], reject: Any, about: Mapping[str, Any]) -> bytes:
    """Return the content of a net's file."""
    told = {"label": label, "recipe": recipe.to_dict(), "reject": reject, "about": about}
    weights = {name: rounded(values) for name, values in weights.items()}
    return bytes(save(weights, {"net": json.dumps(told)}))  # one entry: the order of several is left to chance


def rounded(values: Floats) -> Floats:
    """Return floats of 16 bits of mantissa in place of 24, which the page holds in three bytes."""
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    return ((bits + 0x80) & 0xFFFFFF00).astype(np.uint32).view(np.float32)


def main(*runs: str) -> None:
    """Write the files, or where a run is named the distilled net's."""
    made = {DISTILLED: distilled(*runs)} if runs else {name: net(name) for name in SOURCES}
    for name, content in made.items():
        write_whole(FOLDER / f"{name}.safetensors", content)


if __name__ == "__main__":
    main(*sys.argv[1:])
