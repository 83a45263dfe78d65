"""Cheating with size: the net of 1989 wider and deeper, at 1989's number of digits and at many more."""

import math
import re
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, Final

from timetravel import paper
from timetravel.engine.latency import latencies
from timetravel.engine.runs import Run
from timetravel.eras import Era
from timetravel.ladders import check_digits, climb
from timetravel.numbers import counted, interval
from timetravel.studies import joint
from timetravel.studies.base import Document
from timetravel.studies.budgets import FEWER, budgeted
from timetravel.studies.evidence import VERDICTS, calibration, compared, new_digits, reduction_in_words, weigh
from timetravel.studies.scale_data import SIZES
from timetravel.studies.setup import Entry, RowStudy, Setup
from timetravel.tweaks import TWEAKS

SHAPE: Final = ("width", "depth", "residual", "normalization")
# The tweaks that make an era's recipe fit for PyTorch, for large nets, and for short training.
BATCHES: Final = ("mini-batches", "cosine", "no-dropout")
# What keeps deep nets trainable, and nothing of it.
STABILIZERS: Final[dict[str, dict[str, Any]]] = {
    "plain": {},
    "residual": {"residual": True},
    "residual, normalized": {"residual": True, "normalization": "layer"},
}
CHOSEN: Final = (
    "the era's, and those of the tweaks added to it, on folds of training digits; the epochs by the time that they "
    "take (docs/scale-model.md)"
)


class ScaleModel(RowStudy):
    """The study: widths x sizes, and depths with and without what stabilizes them at 1989's width and size."""

    command = "scale-model"

    def __init__(
        self, setup: Setup, era: Era, widths: Sequence[float], depths: Sequence[int], sizes: Sequence[int], epochs: int
    ) -> None:
        """Raise UsageError where there are too few training digits. Width 1, which all is compared with, is added.

        sizes: if there are none, 1989's number of digits and the most, as far as the source goes. epochs: over as many
        digits as in 1989, and so as many examples.
        """
        self.setup, self.era, self.epochs = setup, era, epochs
        self.widths = sorted({1.0, *widths})
        self.depths = sorted({depth for depth in depths if depth})
        available = setup.source.train_count
        self.sizes = sorted(set(sizes or (min(size, available) for size in (paper.TRAINING_DIGITS, SIZES[-1]))))
        check_digits([TWEAKS[name] for name in BATCHES], self.sizes[0])

    @property
    def changed(self) -> str:
        """Say what every net has in place of 1989's epochs."""
        return super().changed + FEWER if self.epochs != paper.EPOCHS else ""

    def entries(self) -> list[Entry]:
        """Return the rows: every width at every size, then, at the smallest size, every depth in each way.

        All train in mini-batches, with a rate that falls to 0 and without dropout; an era that has them keeps its own.
        With more digits a row makes about as many examples, in whole epochs.
        """
        recipe = self.era.recipe
        recipe = climb(recipe, BATCHES if recipe.batch_size == 1 else ())[-1].but(epochs=self.epochs)
        rows: list[tuple[str, dict[str, Any], int]] = [
            (f"width {width:g}", {"width": width}, size) for size in self.sizes for width in self.widths
        ]
        rows += [
            (f"depth {depth}, {name}", {"depth": depth, **changes}, self.sizes[0])
            for depth in self.depths
            for name, changes in STABILIZERS.items()
        ]

        def entry(label: str, changes: dict[str, Any], size: int) -> Entry:
            trained = budgeted(recipe.but(**changes), size, "examples")
            return Entry(re.sub("[ ,]+", "-", label), label, None, trained, size, chosen=CHOSEN)

        return [entry(*row) for row in rows]

    def result(self, runs: Sequence[Run]) -> Document:
        """Compare each row with width 1 on the smallest size; say what each costs, and set all beside published ones.

        A row says its shape, its costs, its gradients and its verdict.
        """
        rows = self.setup.rows(self.entries(), runs)
        place_of_base = self.widths.index(1.0)
        base = rows[place_of_base]
        found = weigh(rows, [(place, place_of_base) for place in range(len(rows)) if place != place_of_base])
        latency = latencies([row.recipe for row in rows])
        told = [row.to_dict() | new_digits(row) for row in rows]
        for place, (row, document) in enumerate(zip(rows, told, strict=True)):
            document.update(
                {name: getattr(row.recipe, name) for name in SHAPE},
                training_multiply_adds=joint.training_multiply_adds(document),
                latency_us=latency.us[place],
                latency_ratio=latency.ratios[place],
                # at the peak of the paper's signal processor
                ms_on_1989s_processor=1e3 * row.size.multiply_adds / paper.MULTIPLY_ADDS_A_SECOND,
                **gradients(row.runs),
                **compared("base", found.get((place, place_of_base))),
            )
        points = [joint.point(row, self.command) for row in told if not row["diverged"]]
        points += joint.published_points(base.test)
        reduction = causes(told, told[place_of_base])
        best = joint.best_of_1989(points)
        return {
            "rows": told,
            "references": [],
            "finding": finding(told[place_of_base], self.era.name, reduction),
            "remarks": remarks(told, best),
            "base": {"recipe": base.name, "train_size": base.train_size},
            "latency_measured_with": latency.instrument,
            "method": [self.setup.method(self.sizes[0], self.sizes[-1]), VERDICTS],
            "calibration": calibration(rows),
            "reduction": reduction,
            "best_of_1989": best,
            "frontier": joint.frontier(points),
            "points": points,
            "equal_compute": joint.equal_compute(told),
        }


def gradients(runs: Sequence[Run]) -> dict[str, float | None]:
    """Return lengths of a row's gradients at the start, and the medians over the epochs of training, for JSON.

    Each is the median over seeds; None where it is no number, or not told. The ratio is the first layer's length as a
    multiple of the last one's.
    """
    norms = [run.gradient_norms for run in runs if run.gradient_norms]
    told: dict[str, float | None] = {}
    for when, most in (("at_start", 1), ("in_training", None)):
        lengths = [[median(pair[end] for pair in of_run[:most]) for of_run in norms] for end in (0, 1)]
        found = [median(of_end) if of_end else math.nan for of_end in lengths]
        first, last = (length if math.isfinite(length) else None for length in found)
        told |= {f"gradient_first_{when}": first, f"gradient_last_{when}": last}
        told[f"gradient_ratio_{when}"] = first / last if first is not None and last else None
    return told


def causes(rows: Sequence[Document], base: Document) -> list[dict[str, Any]]:
    """Return what the widest net, the most digits, and both remove of the base's mistakes, where they are there."""
    wide = {(row["width"], row["train_size"]): row for row in rows if not row["depth"]}
    widest, most = (max(ends) for ends in zip(*wide, strict=True))
    few = base["train_size"]
    told: dict[tuple[float, int], dict[str, Any]] = {(1.0, few): {}}
    for cause, end in (("size", (widest, few)), ("data", (1.0, most)), ("both", (widest, most))):
        share = {"parameters": wide[end]["parameters"], **(wide[end]["reduction_base"] or {})}
        told.setdefault(end, {"cause": cause, "train_size": end[1], **share})
    return list(told.values())[1:]


def finding(base: Document, era: str, reduction: Sequence[Mapping[str, Any]]) -> str:
    """Say in a sentence what size and data removed."""
    told = []
    for part in reduction:
        names = {
            "size": f"size ({part['parameters'] / base['parameters']:.3g} times the parameters)",
            "data": f"data ({part['train_size'] / base['train_size']:.3g} times the digits)",
            "both": "doing both",
        }
        told.append(f"{names[part['cause']]} {reduction_in_words(part)}")
    caution = " One seed is an anecdote: use --seeds 6 or more." if len(base["seeds"]) == 1 else ""
    return (
        f"The net of 1989, trained as {era} on {base['train_size']:,} digits for {counted(base['epochs'], 'epoch')}, "
        "makes "
        f"{base['test_mistakes']['mean']:.4g} mistakes on {base['test_size']:,} test digits; "
        f"{'; '.join(told) or 'neither size nor data were to remove any'}.{caution}"
    )


def remarks(rows: Sequence[Document], best: Mapping[str, Any]) -> list[str]:
    """Say which rows have runs that diverged or collapsed, what the deepest nets come to, and what 1989 could reach."""
    failed = []
    for word in ("diverged", "collapsed"):
        counts = {row["label"]: len(row[word]) for row in rows if row[word]}
        failed += [f"{label} {word} with {counted(count, 'seed')}" for label, count in counts.items()]
    most = max(row["depth"] for row in rows)
    deepest = [row for row in rows if most == row["depth"] > 0]
    errors = [f"{row['test_error']['mean']:.3g} % {row['label'].partition(', ')[2]}" for row in deepest]
    told = (
        f"{'; '.join(failed).capitalize()}." if failed else "",
        f"With {counted(most, 'further layer')} the error is {', '.join(errors)}." if errors else "",
        reached(best) if best["best"] else "",
    )
    return [text for text in told if text]


def reached(best: Mapping[str, Any]) -> str:
    """Answer what 1989's computer could have reached, in a sentence."""
    found = best["best"]
    error = found["test_error"]
    return (
        "The least error of all measured nets that 1989's signal processor, at its peak, could train in three days: "
        f"{interval(error['mean'], error['low'], error['high'], '.2f', gap=' % ')}, by {found['row']} on "
        f"{found['train_size']:,} digits."
    )
