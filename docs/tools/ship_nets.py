"""Writes the nets that come with the package: `python docs/tools/ship_nets.py`, at the top of a checkout.

They are seed 0 of published results, taken from the store of kept runs (TIMETRAVEL_STORE), where the commands that
made those results (docs/tools/pages.py) left them.
"""

import json
from pathlib import Path
from typing import Final

from safetensors.numpy import save

from timetravel import published
from timetravel.api.results import Result
from timetravel.files import write_whole
from timetravel.published.nets import NAMES
from timetravel.stats.rejection import Doubts
from timetravel.studies.predict import unsure

FOLDER: Final = Path("timetravel", "published", "nets")
# The published result, the era and the number of training digits of each.
SOURCES: Final = {name: ("modernize-mnist", name, 7291) for name in NAMES[:4]}
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
    told = {"label": label, "recipe": run.recipe.to_dict(), "reject": reject, "about": about}
    return bytes(save(run.weights, {"net": json.dumps(told)}))  # one entry: the order of several is left to chance


def main() -> None:
    """Write the files."""
    for name in NAMES:
        write_whole(FOLDER / f"{name}.safetensors", net(name))


if __name__ == "__main__":
    main()
