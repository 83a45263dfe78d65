"""How far gradients reach in a net: the length of the first layer's against that of the last layer's."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from timetravel.engine.runs import Run


@dataclass(frozen=True)
class Slopes:
    """Lengths of gradients, medians over seeds: at the start, and the median over the epochs of training."""

    first_at_start: float | None  # of the first layer's weights; None where it is no number, or not told
    last_at_start: float | None
    first_in_training: float | None
    last_in_training: float | None

    def ratio(self, when: str) -> float | None:
        """Return the first layer's length as a multiple of the last one's, `when` 'at_start' or 'in_training'."""
        first, last = getattr(self, f"first_{when}"), getattr(self, f"last_{when}")
        return first / last if first is not None and last else None

    def to_dict(self) -> dict[str, float | None]:
        """Return the lengths and ratios for JSON."""
        return {
            f"gradient_{part}_{when}": self.ratio(when) if part == "ratio" else getattr(self, f"{part}_{when}")
            for when in ("at_start", "in_training")
            for part in ("first", "last", "ratio")
        }


def slopes(runs: Sequence[Run]) -> Slopes:
    """Summarize the gradients of a row's runs."""

    def middle(values: Sequence[float]) -> float | None:
        found = median(values) if values else math.nan
        return found if math.isfinite(found) else None

    told = [run.gradient_norms for run in runs if run.gradient_norms]
    at_start = [middle([norms[0][end] for norms in told]) for end in (0, 1)]
    in_training = [middle([median(pair[end] for pair in norms) for norms in told]) for end in (0, 1)]
    return Slopes(at_start[0], at_start[1], in_training[0], in_training[1])
