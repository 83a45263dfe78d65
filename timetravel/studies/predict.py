"""What trained nets read in pictures: each finds the same ink, and frames it in its own way."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from timetravel.digits.ink import Glyph, glyphs
from timetravel.digits.pictures import Picture
from timetravel.digits.pixels import encoded
from timetravel.digits.prepare import to_16x16, to_signed
from timetravel.engine.netfiles import Net
from timetravel.engine.plain import Floats, layers
from timetravel.errors import DataError
from timetravel.numbers import counted
from timetravel.recipes import Recipe
from timetravel.studies.base import Document

SPOT: Final = 0.1  # of the largest group's ink: a group with less is no digit
RULE: Final = (
    "Unsure: the paper's rule would refuse to read it, with thresholds that leave 1 % mistakes on MNIST's test digits, "
    "or half of the net's where it makes fewer."
)


def predict(pictures: Mapping[str, Callable[[], Picture]], nets: Sequence[Net], *, split: bool, show: bool) -> Document:
    """Return what nets read in pictures: a document but for its schema.

    pictures: what decodes each, by its name; what raises DataError becomes a row that says so. split: read all digits
    of a picture, from left to right, rather than the largest. Raises DataError where no picture can be decoded.
    """
    rows, chosen = [], []
    for name, decode in pictures.items():
        row: Document = {"picture": name, "problem": "", "groups": 0, "animated": False, "reads": "", "agree": False}
        try:
            picture = decode()
            found = glyphs(picture.grey)
        except DataError as error:
            if len(pictures) == 1:
                raise
            row["problem"], found = error.message, []
        else:
            row["animated"] = picture.animated
            found = [each for each in found if each.ink >= SPOT * max(one.ink for one in found)]
            row["groups"] = len(found)
        own = found if split else sorted(found, key=lambda each: -each.ink)[:1]
        rows.append(row | {"boxes": [each.box for each in own]})
        chosen.append(own)
    if all(row["problem"] for row in rows):
        raise DataError(f"None of {len(rows)} pictures can be read. {rows[0]['problem']}")
    read_all(rows, chosen, nets)
    failed = [row["problem"] for row in rows if row["problem"]]
    return {
        "finding": finding(rows, [net.label for net in nets]),
        "rows": rows,
        "nets": [{"label": net.label, "recipe": net.recipe.to_dict(), "about": net.about} for net in nets],
        "show": show,
        "failed": f"{counted(len(failed), 'picture')} of {len(rows)} can't be read. {failed[0]}" if failed else "",
        "remarks": list(remarks(rows, nets, split=split)),
    }


def read_all(rows: list[Document], chosen: Sequence[Sequence[Glyph]], nets: Sequence[Net]) -> None:
    """Let nets read the glyphs of each row, all at once, and write into it what they read and what they saw."""
    drawn = [each.picture for own in chosen for each in own]
    signed = to_signed(np.array(drawn, dtype=np.float32).reshape(-1, 28, 28), "unit")
    ways = dict.fromkeys((net.recipe.window, net.recipe.deslant) for net in nets)
    framed = {way: to_16x16(signed, *way) for way in ways}
    read = {}
    for net in nets:
        way = net.recipe.window, net.recipe.deslant
        outputs = layers(net.recipe, net.weights, framed[way])["output"]
        read[net.label] = outputs, confidences(net.recipe, outputs), unsure(outputs, net.about.get("reject"))
    ends = np.cumsum([len(own) for own in chosen])
    for row, own, end in zip(rows, chosen, ends, strict=True):
        part = slice(end - len(own), end)
        row["nets"] = [
            {
                "net": label,
                "reads": "".join(map(str, outputs[part].argmax(axis=1))),
                "confidence": shares[part].max(axis=1).round(4).tolist(),
                "unsure": None if doubts is None else doubts[part].tolist(),
                "confidences": shares[part].round(4).tolist(),
            }
            for label, (outputs, shares, doubts) in read.items()
        ]
        answers = zip(*(net["reads"] for net in row["nets"]), strict=True)
        # The most nets' answer; among equals that of the latest net.
        row["reads"] = "".join(Counter(reversed(each)).most_common(1)[0][0] for each in answers)
        row["agree"] = bool(own) and len({net["reads"] for net in row["nets"]}) == 1
        row["seen"] = [
            {
                "nets": [n.label for n in nets if (n.recipe.window, n.recipe.deslant) == way],
                "digits": [*map(encoded, images[part])],
            }
            for way, images in framed.items()
        ]


def confidences(recipe: Recipe, outputs: Floats) -> Floats:
    """Return a net's confidence in each digit, 0 to 1, (n, 10): its softmax, or, of units that were trained towards
    targets, how far each is from the low one to the high one.
    """
    if recipe.loss == "cross-entropy":
        powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))
    return np.asarray(np.clip((outputs - recipe.target_low) / (recipe.target_high - recipe.target_low), 0, 1))


def unsure(outputs: Floats, reject: Sequence[float] | None) -> np.ndarray | None:
    """Return which digits the paper's rule refuses to read, bool (n,); None for a net without thresholds."""
    if reject is None:
        return None
    t1, t2, td = reject
    second, first = np.sort(outputs, axis=1)[:, -2:].T
    return np.asarray((first < t1) | (second > t2) | (first - second < td))


def finding(rows: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> str:
    """Say in a sentence what was read."""
    if len(rows) > 1:
        empty = sum(not row["problem"] and not row["reads"] for row in rows)
        drawn = [row for row in rows if row["reads"]]
        told = f"{counted(len(drawn), 'picture')} read"
        if len(labels) > 1:
            told += f"; all {len(labels)} nets agree on {sum(row['agree'] for row in drawn)}"
        return f"{told}{f'; nothing drawn in {empty}' if empty else ''}."
    (row,) = rows
    if not row["reads"]:
        return f"Nothing drawn in {row['picture']}."
    doubtful = [net["net"] for net in row["nets"] if any(net["unsure"] or ())]
    doubt = (
        "" if not doubtful else f"; {len(doubtful)} of {len(labels)} unsure" if len(labels) > 1 else ", but is unsure"
    )
    if len(labels) == 1:
        return f"{row['picture']}: {labels[0]} reads {row['reads']}{doubt}."
    votes = sum(net["reads"] == row["reads"] for net in row["nets"])
    if row["agree"]:
        return f"{row['picture']} reads {row['reads']}: all {len(labels)} nets agree{doubt}."
    if not votes:
        return f"{row['picture']} reads {row['reads']} by most nets' answer digit by digit{doubt}."
    return f"{row['picture']}: {votes} of {len(labels)} nets read {row['reads']}{doubt}."


def remarks(rows: Sequence[Mapping[str, Any]], nets: Sequence[Net], *, split: bool) -> Any:
    """Yield what should be known of the pictures and the nets."""
    several = [row for row in rows if row["groups"] > 1]
    if several and not split:
        seen = f"{several[0]['picture']} holds {several[0]['groups']} groups of strokes"
        more = f", and so do {len(several) - 1} more hold several" if len(several) > 1 else ""
        yield f"{seen}{more}: the largest is read. --split reads them all, from left to right."
    if moving := [row["picture"] for row in rows if row["animated"]]:
        yield f"Animated, only the first frame is read: {', '.join(moving)}."
    if any(net.about.get("reject") for net in nets):
        yield RULE
    if known := [net for net in nets if "test_mistakes" in net.about]:
        each = ", ".join(f"{net.label} {net.about['test_mistakes']}" for net in known)
        yield f"Trained on MNIST; mistakes on its {known[0].about['test_size']:,} test digits: {each}."
