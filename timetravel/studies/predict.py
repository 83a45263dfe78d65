"""What trained nets read in pictures: all find the same ink, and each frames it in its own way."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from timetravel.digits.ink import glyphs
from timetravel.digits.pictures import Picture
from timetravel.digits.pixels import encoded
from timetravel.digits.prepare import to_16x16, to_signed
from timetravel.engine.netfiles import Net
from timetravel.engine.plain import Floats, layers, shares
from timetravel.errors import DataError
from timetravel.numbers import counted, listed
from timetravel.studies.base import Document

RULE: Final = (
    "Unsure: the paper's rule would refuse to read it, with thresholds that leave 1 % mistakes on MNIST's test digits, "
    "or half of the net's where it makes fewer."
)


def predict(pictures: Mapping[str, Callable[[], Picture]], nets: Sequence[Net], *, split: bool, show: bool) -> Document:
    """Return what nets read in pictures: a document but for its schema. Its rows are those of one net after another.

    pictures: what decodes each, by its name; one that can't be decoded is told as a problem. split: read all digits of
    a picture, from left to right, rather than the largest. Raises DataError where no picture can be decoded.
    """
    told: list[Document] = []
    drawn: list[Floats] = []
    for name, decode in pictures.items():
        try:
            grey, animated = decode()
        except DataError as error:
            if len(pictures) == 1:
                raise
            told.append({"picture": name, "problem": error.message, "groups": 0, "boxes": []})
            continue
        found = glyphs(grey)
        own = found if split else sorted(found, key=lambda each: -each.ink)[:1]
        drawn += [each.picture for each in own]
        boxes = [each.box for each in own]
        told.append({"picture": name, "problem": "", "animated": animated, "groups": len(found), "boxes": boxes})
    problems = [one["problem"] for one in told if one["problem"]]
    failed = f"{counted(len(problems), 'picture')} of {len(told)} can't be read. {problems[0]}" if problems else ""
    if len(problems) == len(told):
        raise DataError(failed)
    signed = to_signed(np.array(drawn, dtype=np.float32).reshape(-1, 28, 28), (0, 1))
    parts = [slice(*ends) for ends in pairwise(np.cumsum([0, *(len(one["boxes"]) for one in told)]).tolist())]
    rows = []
    for net in nets:
        images = to_16x16(signed, net.recipe.window, net.recipe.deslant)
        outputs = layers(net.recipe, net.weights, images)["output"]
        strength, doubts = shares(net.recipe, outputs), unsure(outputs, net.about.get("reject"))
        for one, part in zip(told, parts, strict=True):
            rows.append(
                {
                    "picture": one["picture"],
                    "net": net.label,
                    "reads": "".join(map(str, outputs[part].argmax(axis=1))),
                    "confidence": strength[part].max(axis=1).astype(float).round(4).tolist(),
                    "unsure": doubts[part].tolist(),
                    "outputs": outputs[part].tolist(),
                    "seen": [*map(encoded, images[part])],
                }
            )
    for place, one in enumerate(told):  # what most nets read; among equals, what the latest does
        reads = Counter(row["reads"] for row in rows[place :: len(told)][::-1])
        ((one["reads"], one["votes"]),) = reads.most_common(1)
    return {
        "finding": finding(told, rows, [net.label for net in nets], split=split),
        "rows": rows,
        "pictures": told,
        "nets": [{"label": net.label, "recipe": net.recipe.to_dict(), "about": net.about} for net in nets],
        "show": show,
        "failed": failed,
        "remarks": list(remarks(told, rows, nets, split=split)),
    }


def unsure(outputs: Floats, reject: Sequence[float] | None) -> np.ndarray:
    """Return which digits the paper's rule refuses to read, bool (n,); none where no thresholds are known."""
    t1, t2, td = reject or (-np.inf, np.inf, 0)
    second, first = np.sort(outputs, axis=1)[:, -2:].T
    return np.asarray((first < t1) | (second > t2) | (first - second < td))


def finding(told: Sequence[Document], rows: Sequence[Document], nets: Sequence[str], *, split: bool) -> str:
    """Say in a sentence what was read."""
    every = {1: nets[0], 2: "both nets"}.get(len(nets), f"all {len(nets)} nets")
    drawn = [one for one in told if one["reads"]]
    if len(told) > 1:
        agreed = f"; {every} agree on {sum(one['votes'] == len(nets) for one in drawn)}" if len(nets) > 1 else ""
        return f"Of {len(told)} pictures {len(drawn)} show digits{agreed}."
    if not drawn:
        return f"{told[0]['picture']}: nothing drawn."
    (one,), doubtful = told, sum(any(row["unsure"]) for row in rows)
    who = every if one["votes"] == len(nets) else f"{one['votes']} of {len(nets)} nets"
    doubt = f"; {doubtful} of {len(nets)} unsure" if doubtful else ""
    few, which, more = "", "", ""
    if one["groups"] > 1 and not split:
        few, which, more = f"{one['groups']} digits; ", "the largest as ", " --split reads all."
    return f"{one['picture']}: {few}{who} read{'' if len(nets) > 1 else 's'} {which}{one['reads']}{doubt}.{more}"


def remarks(told: Sequence[Document], rows: Sequence[Document], nets: Sequence[Net], *, split: bool) -> Iterator[str]:
    """Yield what should be known of the pictures and the nets."""
    several = [f"{one['picture']} ({one['groups']})" for one in told if one["groups"] > 1]
    if several and not split and len(told) > 1:  # of one picture the finding says so
        yield f"Several digits, of which the largest is read; --split reads all from left to right: {listed(several)}."
    if moving := [one["picture"] for one in told if one.get("animated")]:
        yield f"Animated, of which the first frame is read: {listed(moving)}."
    if any(any(row["unsure"]) for row in rows):
        yield RULE
    if without := [net.label for net in nets if not net.about.get("reject")]:
        yield f"Never unsure, as no thresholds are known: {'; '.join(without)}."
    if known := [net for net in nets if "test_mistakes" in net.about]:
        of = [" (trained on usps)" if net.about.get("data") == "usps" else "" for net in known]
        each = "; ".join(f"{net.label}{o}: {net.about['test_mistakes']}" for net, o in zip(known, of, strict=True))
        yield f"Trained on MNIST or as said; mistakes on its {known[0].about['test_size']:,} test digits: {each}."
