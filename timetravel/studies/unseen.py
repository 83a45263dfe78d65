"""Whether a foundation knows the test digits: how it reads these, and digits that it can't have seen, beside others."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from timetravel.digits import Digits, open_source
from timetravel.digits.prepare import to_signed
from timetravel.engine.augment import Augmentation
from timetravel.engine.plain import Floats, layers
from timetravel.eras import ERAS, TODAY
from timetravel.published.nets import shipped
from timetravel.recipes import Recipe
from timetravel.seeds import generator
from timetravel.stats.crossed import crossed
from timetravel.studies.base import Document
from timetravel.studies.evidence import interval_of

Look = Callable[[Floats], np.ndarray]  # the digits that the foundation reads in images


def unseen(look: Look, test: Digits, recipe: Recipe, nets: Sequence[dict[str, Floats]]) -> list[Document]:
    """Compare a foundation with nets trained on the target: on the test digits, and on the same distorted afresh.

    On MNIST's test digits with the package's net of today, which was trained on MNIST.
    """
    test = test.framed(recipe.window, recipe.deslant)
    moved = Augmentation(ERAS[TODAY].recipe, generator(0, "augmentation")).moved(test.images, slice(None))
    trained, mnist, ours = f"{TODAY}, {len(nets)} nets", open_source("mnist"), shipped()[TODAY]
    framed = mnist.test_digits("0", "full").framed(ours.recipe.window, ours.recipe.deslant)
    stored = mnist.load("test")
    sets: list[tuple[str, Floats, np.ndarray, Floats, Recipe, Sequence[Any], str]] = [
        (f"{test.name}, test", test.images, test.labels, test.images, recipe, nets, trained),
        ("the same, distorted afresh", moved, test.labels, moved, recipe, nets, trained),
        (
            "MNIST, test", to_signed(stored.pixels, stored.scale), stored.labels, framed.images, ours.recipe,
            [ours.weights], "today, as shipped",
        ),
    ]  # fmt: skip
    rows = []
    for name, images, labels, prepared, made, weights, who in sets:
        found = look(images) != labels
        rival = np.array([layers(made, each, prepared)["output"].argmax(axis=1) != labels for each in weights])
        gap = crossed(100.0 * (found - rival.astype(float)))
        low, high = gap.interval() or (None, None)
        rows.append(
            {
                "digits": name,
                "size": len(labels),
                "foundation_error": {"mean": 100 * found.mean(), **interval_of(found[None].astype(float))},
                "trained_error": {"mean": 100 * rival.mean(), **interval_of(rival.astype(float))},
                "gap": {"mean": gap.mean, "low": low, "high": high},
                "trained": who,
            }
        )
    return rows
