"""A trained net looked at: what it misreads and how surely, its kernels, and what its maps make of one digit."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from timetravel.digits import Digits
from timetravel.digits.pixels import encoded
from timetravel.engine.netfiles import Net
from timetravel.engine.plain import Floats, layers, shares
from timetravel.engine.runs import read
from timetravel.errors import UsageError
from timetravel.numbers import counted
from timetravel.studies.base import Document

PICTURES: Final = 24  # of each list, the first


def look(net: Net, digits: Digits, place: int) -> Document:
    """Return what a net makes of test digits, and its maps of the one at a place; raises UsageError for no place."""
    if place >= len(digits):
        raise UsageError(f"--digit {place} is not allowed.", f"Allowed: 0 to {len(digits) - 1}, for {digits.name}.")
    units = layers(net.recipe, net.weights, digits.images)
    outputs, labels, rows = units["output"], digits.labels, np.arange(len(digits))
    answers, active = read(outputs), shares(net.recipe, outputs)
    second, first = np.argsort(outputs, axis=1, kind="stable")[:, -2:].T
    surest = np.argsort(outputs[rows, second] - outputs[rows, first], kind="stable")
    wrong = answers != labels

    def told(chosen: Sequence[int], beside: np.ndarray) -> list[Document]:
        return [
            {"place": int(n), "true": int(labels[n]), "read_as": int(answers[n]), "beside": int(beside[n])}
            | {"share": float(active[n, answers[n]]), "share_beside": float(active[n, beside[n]])}
            | {"pixels": encoded(digits.images[n])}
            for n in chosen
        ]

    confusion = np.zeros((10, 10), dtype=int)
    np.add.at(confusion, (labels, answers), 1)
    off = confusion * (1 - np.eye(10, dtype=int))
    true, taken = divmod(int(off.argmax()), 10)
    finding = f"{net.label} misreads {wrong.sum():,} of {counted(len(digits), 'test digit')} of {digits.name}"
    often = f"; most often it reads {true} as {taken}, {counted(int(off.max()), 'time')}" if wrong.any() else ""
    kernels = net.weights["h1_weight"]
    return {
        "command": "look",
        "finding": f"{finding}{often}.",
        "label": net.label,
        "about": net.about,
        "recipe": net.recipe.to_dict(),
        "data": digits.name,
        "test_digits": digits.fingerprint,
        "test_size": len(digits),
        "mistakes": int(wrong.sum()),
        "error": 100 * float(wrong.mean()),
        "confusion": confusion.tolist(),
        "surest_mistakes": told(surest[wrong[surest]][:PICTURES], labels),
        "least_sure_right": told(surest[~wrong[surest]][::-1][:PICTURES], second),
        "kernels": pictures(kernels if kernels.ndim == 3 else kernels.reshape(-1, 16, 16)),
        "digit": told([place], second)[0]
        | {"shares": active[place].tolist()}
        | {"maps": {name: pictures(maps[place]) for name, maps in units.items() if maps.ndim == 4}},
    }


def pictures(values: Floats) -> Document:
    """Return the first of square pictures, (n, side, side): grey is 0, white the largest in size; and how many."""
    greys = values / max(float(np.abs(values).max()), 1e-12)
    return {"count": len(values), "pixels": [encoded(grey) for grey in greys[:PICTURES]]}
