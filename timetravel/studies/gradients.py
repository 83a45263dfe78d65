"""How far gradients reach in a net: the length of the first layer's against that of the last layer's."""

import math
from collections.abc import Sequence
from statistics import median

from timetravel.engine.runs import Run


def gradients(runs: Sequence[Run]) -> dict[str, float | None]:
    """Return lengths of a row's gradients at the start, and the medians over the epochs of training, for JSON.

    Each is the median over seeds; None where it is no number, or not told. The ratio is the first layer's length as a
    multiple of the last one's.
    """

    def middle(values: Sequence[float]) -> float | None:
        found = median(values) if values else math.nan
        return found if math.isfinite(found) else None

    told = [run.gradient_norms for run in runs if run.gradient_norms]
    summary: dict[str, float | None] = {}
    for when in ("at_start", "in_training"):
        taken = [norms[:1] if when == "at_start" else norms for norms in told]
        first, last = (middle([median(pair[end] for pair in norms) for norms in taken]) for end in (0, 1))
        ratio = first / last if first is not None and last else None
        summary |= {f"gradient_{part}_{when}": length for part, length in
                    (("first", first), ("last", last), ("ratio", ratio))}  # fmt: skip
    return summary
