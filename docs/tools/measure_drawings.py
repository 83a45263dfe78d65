"""Measures how the shipped nets read the synthetic drawings: `python docs/tools/measure_drawings.py`, in a checkout.

Writes timetravel/published/nets/drawings.json, which the page shows. Of the kept drawings (tests/drawings) only the
held-out half is read: the preparation was chosen on the other. Where the originals of 1989 are, their test digits are
enlarged onto the pad and read too. With `recognizer` behind it, it only prints what PP-OCRv6 (extra
foundation) reads of those drawn on the pad.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image
from scipy.stats import binomtest

sys.path.insert(0, "tests")
from drawings import Drawing, Pose, drawings, half

from timetravel.digits import data_root, open_source
from timetravel.digits.ink import largest
from timetravel.digits.prepare import to_16x16, to_signed
from timetravel.engine.plain import layers
from timetravel.engine.recognizer import recognizer
from timetravel.errors import DataError
from timetravel.files import write_whole
from timetravel.published.nets import shipped
from timetravel.studies.evidence import interval_of
from timetravel.studies.predict import unsure

FILE: Final = Path("timetravel", "published", "nets", "drawings.json")
MIDDLE: Final = (0.5, 0.5)
# Sets of drawings by name: what draws, how many, and the pose of all.
SETS: Final[dict[str, tuple[str, int, Pose | None]]] = {
    "drawn on the pad": ("pad", 1000, None),
    "photographed": ("photo", 200, None),
    "in the middle": ("pad", 500, Pose(MIDDLE, 0.45, 0)),
    "half as large": ("pad", 500, Pose(MIDDLE, 0.225, 0)),
    "twice as large": ("pad", 500, Pose(MIDDLE, 0.9, 0)),
    "turned by 15 degrees": ("pad", 500, Pose(MIDDLE, 0.45, 15)),
    "turned by -15 degrees": ("pad", 500, Pose(MIDDLE, 0.45, -15)),
    "small, in the middle": ("pad", 500, Pose(MIDDLE, 0.3, 0)),
    "small, moved by a third": ("pad", 500, Pose((5 / 6, 1 / 6), 0.3, 0)),
}


def held_out(instrument: str, count: int, pose: Pose | None) -> list[Drawing]:
    """Return the half of drawings on which nothing was chosen."""
    return [
        each
        for number, each in enumerate(drawings(count, instrument=instrument, pose=pose))
        if half(number) == "held out"
    ]


def enlarged() -> Iterator[tuple[int, np.ndarray]]:
    """Yield 1989's test digits, ten times as large in the middle of a pad of 280 x 280, with what they are."""
    test = open_source("usps", data_root(None)).test_digits()
    for label, image in zip(test.labels, test.images, strict=True):
        pad = Image.new("L", (280, 280), 255)
        levels = np.rint((1 - image) * 127.5).astype(np.uint8)
        pad.paste(Image.fromarray(levels).resize((160, 160), Image.Resampling.BICUBIC), (60, 60))
        yield int(label), np.asarray(pad)


def measured(pairs: list[tuple[int, np.ndarray]]) -> dict[str, Any]:
    """Return how many digits each net reads rightly and refuses; in percent with Wilson's 95 % intervals."""
    found = [largest(picture) for _, picture in pairs]
    pictures = np.stack([np.zeros((28, 28), np.float32) if each is None else each.picture for each in found])
    labels, rows = np.array([label for label, _ in pairs]), {}
    for net in shipped().values():
        images = to_16x16(to_signed(pictures, (0, 1)), net.recipe.window, net.recipe.deslant)
        outputs = layers(net.recipe, net.weights, images)["output"]
        right, refused = outputs.argmax(1) == labels, unsure(outputs, net.reject)
        interval = binomtest(int(right.sum()), len(labels)).proportion_ci(method="wilson")
        rows[net.label] = {
            "right": int(right.sum()),
            "low": round(100 * interval.low, 2),
            "high": round(100 * interval.high, 2),
            "refused": int(refused.sum()),
            "misread": int((~right & ~refused).sum()),
        }
    return {"n": len(labels), "nets": rows}


def asked() -> None:
    """Print how many of the drawings on the pad PP-OCRv6 reads rightly, framed as usps's digits are."""
    kept = [
        (one.label, found.picture) for one in held_out(*SETS["drawn on the pad"]) if (found := largest(one.picture))
    ]
    labels, pictures = map(np.array, zip(*kept, strict=True))
    seen = recognizer().look(to_16x16(to_signed(pictures, (0, 1)), 20 / 28))
    wrong = (seen["likely"].argmax(axis=1) != labels)[None].astype(float)
    print(f"PP-OCRv6 misreads {wrong.sum():.0f} of {len(labels)} drawings, {interval_of(wrong)} %")


def main(*what: str) -> None:
    """Measure and write."""
    if what == ("recognizer",):
        asked()
        return
    told = {name: measured([(one.label, one.picture) for one in held_out(*how)]) for name, how in SETS.items()}
    try:
        told["1989's test digits, enlarged"] = measured(list(enlarged()))
    except DataError:
        print("The originals of 1989 are not here: left out.")
    write_whole(FILE, (json.dumps(told, indent=1) + "\n").encode())
    for name, one in told.items():
        rows = one["nets"].items()
        shares = (f"{net} {100 * row['right'] / one['n']:.1f} % ({row['refused']} refused)" for net, row in rows)
        print(f"{name}, {one['n']}: {', '.join(shares)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
