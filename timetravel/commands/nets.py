"""Which trained net is meant: an era's, one that is kept here, one of a saved result's, or a file's."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from timetravel.commands.saved import intact, saved
from timetravel.errors import DataError, UsageError
from timetravel.files import contents
from timetravel.numbers import nearest

if TYPE_CHECKING:
    from timetravel.engine.netfiles import Net

SHIPPED: Final = "1989, 1989-essay, 2022, today, distilled, today-50000"  # published.nets.NAMES, which numpy comes with
NET: Final = (
    f"An era ({SHIPPED}: nets that come with the package), a results.json (its first run, or results.json:ROW/SEED), "
    "the key of a kept run or how it begins, or a net's file."
)
ALLOWED: Final = (
    f"Name an era ({SHIPPED}), a results.json, the key of a kept run (4 or more of 0-9a-f), or the file of an "
    "exported net."
)


def find(name: str) -> "Net":
    """Return the net of a name: its label, recipe, weights and what is known of it.

    Raises UsageError for a name that no net has, or more than one, and for a net that PyTorch alone can read; DataError
    for what is missing or damaged.
    """
    import numpy as np

    from timetravel.engine.netfiles import Net, load_net
    from timetravel.engine.plain import check
    from timetravel.published.nets import shipped

    known = shipped()
    if name in known:
        ours = known[name]
        net = Net(ours.label, ours.recipe, ours.weights, {**ours.about, "reject": list(ours.reject)})
    elif name.endswith(".safetensors") or exported(name):
        net = load_net(Path(name))
    elif of_result := re.fullmatch(r"(.*\.json)(?::(.*))?", name):
        net = _of_result(Path(of_result[1]), of_result[2] or "")
    elif re.fullmatch("[0-9a-f]{4,64}", name):
        net = _kept(name)
    else:
        raise UsageError(f"There is no net {name!r}.{nearest(name, known)}", ALLOWED)
    check(net.recipe, net.weights)
    if not all(np.isfinite(values).all() for values in net.weights.values()):
        raise UsageError(f"The net {net.label} diverged: its weights are no numbers.", "Choose another seed's net.")
    return net


def exported(name: str) -> bool:
    """Whether a name is that of a net's file in JSON: one with weights, which a saved result has none of."""
    try:
        held = json.loads(contents(Path(name), name, "")) if name.endswith(".json") else None
    except (DataError, ValueError, RecursionError):  # told where it is read as a result
        return False
    return isinstance(held, dict) and "weights" in held


def _of_result(file: Path, place: str) -> "Net":
    """Return the net of a run of a saved result; place: ROW/SEED, a row by its number from 1 on or its label."""
    with intact(str(file)):
        rows = [row for row in saved(file).get("rows", ()) if row.get("runs")]
        row, _, seed = place.partition("/")
        for number, each in enumerate(rows, 1):
            for run in each["runs"]:
                if row in ("", str(number), each["label"]) and seed in ("", str(run["seed"])):
                    return _kept(run["key"], each["label"])
    known = ", ".join(f"{number} ({row['label']})" for number, row in enumerate(rows, 1))
    told = f"Rows: {known}. Type as {file}:1/0, the row and the seed." if rows else ALLOWED
    raise UsageError(f"{file} has no run{f' {place}' if place else ''} whose net was kept.", told)


def _kept(prefix: str, label: str = "") -> "Net":
    """Return the kept net whose key begins so. label: of its recipe, where that is known."""
    from timetravel.engine.netfiles import Net
    from timetravel.engine.store import KEY, Store
    from timetravel.eras import era_of
    from timetravel.published.nets import NAMES

    store = Store()
    keys = [path.stem for path in sorted(store.folder.glob(f"??/{prefix}*.json")) if KEY.fullmatch(path.stem)]
    if len(keys) > 1:
        told = f"Type one of these, or enough of it: {', '.join(key[:12] for key in keys[:6])}."
        raise UsageError(f"{len(keys)} kept runs begin with {prefix}.", told)
    if not keys and re.fullmatch("[0-9]{4}", prefix):  # a year, or a key
        told = f"There is no net {prefix!r}, and no kept run whose key begins so.{nearest(prefix, NAMES)}"
        raise UsageError(told, ALLOWED)
    if not keys or not (found := store.net(keys[0])):
        raise DataError(f"No run with the key {prefix} is kept in {store.folder}.", f"{ALLOWED} Or train it again.")
    recipe, weights, about = found
    known = {"key": keys[0], "seed": about["seed"], "training_digits": about["train"][2], "backend": about["backend"]}
    name = label or era_of(recipe).name
    return Net(f"{name}, seed {about['seed']}", recipe, weights, known)
