"""What the run store holds: its nets by recipe and digits."""

from itertools import groupby
from typing import Any

from timetravel.engine.entries import Damaged, size_of
from timetravel.engine.store import Store
from timetravel.eras import ERAS
from timetravel.numbers import counted
from timetravel.projection.kept import data_names
from timetravel.recipes import Recipe, plain
from timetravel.studies.base import Document


def listing(store: Store) -> Document:
    """Return a document of the kept nets, a row for each recipe and number of training digits of a source."""
    names, notes = data_names(), []
    nets: dict[str, dict[str, Any]] = {}
    for path, about in store.listing():
        if isinstance(about, Damaged):
            notes.append(f"Left out: {about.message}")
            continue
        net = path.name.partition(".")[0]
        size = size_of(path.parent.glob(f"{net}.*"))
        data = names.get(about["test_digits"], nets.get(net, {}).get("data", ""))
        label = label_of(Recipe.from_dict(about["recipe"]))
        nets[net] = about | {"label": label, "data": data, "size": about["train"][2], "bytes": size}
        nets[net]["last"] = str(about["provenance"].get("finished", ""))[:10]

    def kind(about: dict[str, Any]) -> tuple[str, str, int]:
        return about["label"], about["data"], about["size"]

    groups = [list(of) for _, of in groupby(sorted(nets.values(), key=kind), kind)]
    rows = [
        {name: of[0][name] for name in ("label", "data", "size", "recipe")}
        | {"nets": len(of), "bytes": sum(each["bytes"] for each in of), "last": max(each["last"] for each in of)}
        | {"seeds": sorted({each["seed"] for each in of}), "backends": sorted({each["backend"] for each in of})}
        for of in groups
    ]
    recipes, size = len({row["label"] for row in rows}), sum(row["bytes"] for row in rows)
    last = f"; the newest from {max(row['last'] for row in rows)}" if rows else ""
    finding = f"{counted(len(nets), 'net')} of {counted(recipes, 'recipe')}, {megabytes(size)}, in {store.folder}{last}"
    return {"command": "store list", "folder": str(store.folder), "finding": finding, "rows": rows, "notes": notes}


def label_of(recipe: Recipe) -> str:
    """Return the name of the era that a recipe is nearest to, and what it changes there."""
    base = min(ERAS.values(), key=lambda era: len(recipe.changes_from(era.recipe)))
    changes = [f"{name} {plain(value)}" for name, value in recipe.changes_from(base.recipe).items()]
    return ", ".join([base.name, *changes])


def megabytes(size: int) -> str:
    """Return a number of bytes in MB."""
    return f"{size / 1e6:,.1f} MB"
