"""Cheating with size: the net of 1989 wider and deeper, at 1989's number of digits and at many more."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from timetravel import paper
from timetravel.engine.latency import latencies
from timetravel.engine.runs import Job, Run
from timetravel.eras import Era
from timetravel.ladders import check_digits, climb
from timetravel.numbers import counted, interval
from timetravel.recipes import Recipe
from timetravel.studies import joint
from timetravel.studies.base import Document, Study
from timetravel.studies.budgets import budgeted
from timetravel.studies.evidence import Share, compared, reduction_in_words, weigh
from timetravel.studies.gradients import gradients
from timetravel.studies.rows import Row
from timetravel.studies.scale_data import SIZES
from timetravel.studies.setup import Entry, Setup
from timetravel.tweaks import TWEAKS

SHAPE: Final = ("width", "depth", "residual", "normalization")
WIDTHS: Final = (0.5, 1.0, 2.0, 4.0)
DEPTHS: Final = (0, 4, 16)
EPOCHS: Final = paper.EPOCHS  # over as many digits as in 1989, and so as many examples
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


class ScaleModel(Study):
    """The study: widths x sizes, and depths with and without what stabilizes them at 1989's width and size."""

    command = "scale-model"

    def __init__(
        self,
        setup: Setup,
        era: Era,
        widths: Sequence[float] = WIDTHS,
        depths: Sequence[int] = DEPTHS,
        sizes: Sequence[int] | None = None,
        epochs: int = EPOCHS,
    ) -> None:
        """Raise UsageError where there are too few training digits. Width 1, which all is compared with, is added."""
        self.setup, self.era, self.epochs = setup, era, epochs
        self.widths = sorted({1.0, *widths})
        self.depths = sorted({depth for depth in depths if depth})
        self.sizes = sorted(set(sizes or sizes_up_to(setup.source.train_count)))
        check_digits([TWEAKS[name] for name in BATCHES], self.sizes[0])

    def entries(self) -> list[Entry]:
        """Return the rows: every width at every size, then, at the smallest size, every depth in each way.

        With more digits a row makes about as many examples, in whole epochs.
        """
        recipe = batched(self.era.recipe, self.epochs)
        rows: list[tuple[str, dict[str, Any], int]] = [
            (f"width {width:g}", {"width": width}, size) for size in self.sizes for width in self.widths
        ]
        rows += [
            (f"depth {depth}, {name}", {"depth": depth, **changes}, self.sizes[0])
            for depth in self.depths
            for name, changes in STABILIZERS.items()
        ]
        return [
            Entry(re.sub("[ ,]+", "-", label), label, None, budgeted(recipe.but(**changes), size), size, chosen=CHOSEN)
            for label, changes, size in rows
        ]

    def jobs(self) -> list[Job]:
        """Return the runs of all rows."""
        return self.setup.jobs(self.entries())

    def result(self, runs: Sequence[Run]) -> Document:
        """Compare each row with width 1 on the smallest size; say what each costs, and set all beside published ones.

        A row says its shape, its costs, its gradients and its verdict.
        """
        rows = self.setup.rows(self.entries(), runs)
        place_of_base = self.widths.index(1.0)
        base = rows[place_of_base]
        evidence = weigh(rows, [(place, place_of_base) for place in range(len(rows)) if place != place_of_base])
        latency = latencies([row.recipe for row in rows])
        comparisons = {place: found for (place, _), found in evidence.comparisons.items()}
        told = [row.to_dict() | new for row, new in zip(rows, evidence.of_rows(), strict=True)]
        for place, (row, document) in enumerate(zip(rows, told, strict=True)):
            change = None if row is base else row.change(base)
            document.update(
                {name: getattr(row.recipe, name) for name in SHAPE},
                training_multiply_adds=joint.training_multiply_adds(document),
                latency_us=latency.us[place],
                latency_ratio=latency.ratios[place],
                # at the peak of the paper's signal processor
                ms_on_1989s_processor=1e3 * row.size.multiply_adds / paper.MULTIPLY_ADDS_A_SECOND,
                **gradients(row.runs),
                **compared("base", change, comparisons.get(place)),
            )
        points = [joint.point(row, self.command) for row in told if not row["diverged"]]
        points += joint.published_points(base.test)
        reduction = causes(rows, base, {place: found.removed for place, found in comparisons.items()})
        best = joint.best_of_1989(points)
        return {
            "rows": told,
            "references": [],
            "finding": finding(rows, base, reduction, best),
            "base": {"recipe": base.name, "train_size": base.train_size},
            "latency_measured_with": latency.instrument,
            "calibration": evidence.calibration_dict(),
            "reduction": reduction,
            "best_of_1989": best,
            "frontier": joint.frontier(points),
            "points": points,
            "equal_compute": joint.equal_compute(told),
        }


def sizes_up_to(available: int) -> list[int]:
    """Return 1989's number of digits and the most, as far as a source goes."""
    return sorted({min(paper.TRAINING_DIGITS, available), min(SIZES[-1], available)})


def batched(recipe: Recipe, epochs: int) -> Recipe:
    """Return a recipe in mini-batches, with a rate that falls to 0 and without dropout; one that has them keeps its."""
    return climb(recipe, BATCHES if recipe.batch_size == 1 else ())[-1].but(epochs=epochs)


def causes(rows: Sequence[Row], base: Row, reductions: Mapping[int, Share]) -> list[dict[str, Any]]:
    """Return what the widest net, the most digits, and both remove of the base's mistakes, where they are there.

    reductions: of the base's mistakes, by the place of a row.
    """
    wide = {(row.recipe.width, row.train_size): place for place, row in enumerate(rows) if not row.recipe.depth}
    widest, most = (max(ends) for ends in zip(*wide, strict=True))
    ends = {"size": (widest, base.train_size), "data": (1.0, most), "both": (widest, most)}
    told: dict[tuple[float, int], dict[str, Any]] = {(1.0, base.train_size): {}}
    for cause, end in ends.items():
        share = {"parameters": rows[wide[end]].size.parameters, **reductions.get(wide[end], {})}
        told.setdefault(end, {"cause": cause, "train_size": end[1], **share})
    return list(told.values())[1:]


def finding(
    rows: Sequence[Row], base: Row, reduction: Sequence[Mapping[str, Any]], best: Mapping[str, Mapping[str, Any]]
) -> str:
    """Say in a few sentences what size and data removed, and what 1989's computer could have reached."""
    seeds = len(base.runs)
    told = [f"{named(part, base)} {reduction_in_words(part)}" for part in reduction]
    sentences = [
        f"Of width 1's {base.test_mistakes.mean:.4g} mistakes of {len(base.test):,} with {base.train_size:,} "
        f"digits, {'; '.join(told) or 'neither size nor data were to remove any'}.",
        failures(rows),
        deepest(rows),
        reached(best) if best["best"] else "",
        "One seed is an anecdote: use --seeds 6 or more." if seeds == 1 else f"({counted(seeds, 'paired seed')}.)",
    ]
    return " ".join(filter(None, sentences))


def failures(rows: Sequence[Row]) -> str:
    """Say which rows have runs that diverged, or collapsed to no better than a guess."""
    told = []
    for word in ("diverged", "collapsed"):
        seeds = {row.label: len(getattr(row, word)) for row in rows if getattr(row, word)}
        told += [f"{label} {word} with {counted(count, 'seed')}" for label, count in seeds.items()]
    return f"{'; '.join(told).capitalize()}." if told else ""


def named(part: Mapping[str, Any], base: Row) -> str:
    """Name what removes mistakes, with how much of it there is."""
    return {
        "size": f"size ({part['parameters'] / base.size.parameters:.3g} times the parameters)",
        "data": f"data ({part['train_size'] / base.train_size:.3g} times the digits)",
        "both": "all of it",
    }[part["cause"]]


def deepest(rows: Sequence[Row]) -> str:
    """Say what the deepest nets come to, built in each way."""
    most = max(row.recipe.depth for row in rows)
    told = [
        f"{row.test_error.mean:.3g} % {row.label.partition(', ')[2]}" for row in rows if most == row.recipe.depth > 0
    ]
    return f"With {counted(most, 'further layer')} errors are {'; '.join(told)}." if told else ""


def reached(best: Mapping[str, Any]) -> str:
    """Answer what 1989's computer could have reached, in a sentence."""
    found = best["best"]
    error = found["test_error"]
    return (
        "With 1989's computer (12.5 million multiply-adds a second, 3 days: "
        f"{best['multiply_adds']:.3g} multiply-adds) the best of {best['rows_within']} measured rows within reach is "
        f"{found['row']} on {found['train_size']:,} digits ({found['from']}): "
        f"{interval(error['mean'], error['low'], error['high'], '.2f', gap=' % ')}, for "
        f"{100 * found['training_multiply_adds'] / best['multiply_adds']:.2g} % of that."
    )
