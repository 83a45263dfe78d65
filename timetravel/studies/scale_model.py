"""Cheating with size: the net of 1989 wider and deeper, at 1989's number of digits and at many more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from timetravel import paper
from timetravel.engine.latency import Latencies, latencies
from timetravel.eras import Era
from timetravel.ladders import check_digits, climb
from timetravel.numbers import counted
from timetravel.recipes import Recipe
from timetravel.stats.estimates import Estimate
from timetravel.studies.budgets import budgeted
from timetravel.studies.decompose import MOST_DIGITS
from timetravel.studies.evidence import Comparison, Share, compared, weigh
from timetravel.studies.gradients import Slopes, slopes
from timetravel.studies.joint import (
    Measured,
    as_measured,
    best_of_1989,
    frontier,
    published,
    training_multiply_adds,
)
from timetravel.studies.modernize import removed as removed_in_words
from timetravel.studies.result import StudyResult
from timetravel.studies.rows import Row
from timetravel.studies.setup import Entry, Setup
from timetravel.tweaks import TWEAKS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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


@dataclass(frozen=True)
class ScaleModelResult(StudyResult):
    """Wide rows at each size, then deep ones; what each costs; and the joint view of data and size."""

    base: int  # the place of width 1 on 1989's number of digits
    latency: Latencies
    removed: tuple[Mapping[str, Any], ...]  # by size, by data, by both
    points: tuple[Measured, ...]  # own rows, then published ones on the same test digits
    best_of_1989: Mapping[str, Any]
    frontier: tuple[Measured, ...]  # those that nothing as cheap to train beats
    slopes: tuple[Slopes, ...]

    @property
    def wide(self) -> list[int]:
        """The places of the rows without extra layers."""
        return [place for place, row in enumerate(self.rows) if not row.recipe.depth]

    @property
    def deep(self) -> list[int]:
        """The places of the rows at 1989's width and number of digits, by depth: the base, then deeper ones."""
        return [self.base, *(place for place, row in enumerate(self.rows) if row.recipe.depth)]

    def change(self, place: int) -> Estimate | None:
        """Return a row's change in test mistakes against the base, paired by seed."""
        if place == self.base:
            return None
        return self.rows[place].change(self.rows[self.base])

    def comparison(self, place: int) -> Comparison | None:
        """Return what is known of a row's difference from the base."""
        return self.evidence.comparisons.get((place, self.base))

    def training(self, place: int) -> int:
        """Return the multiply-adds of training one net of a row."""
        row = self.rows[place]
        return training_multiply_adds(row.size.multiply_adds, row.runs[0].examples_seen)

    def size_at(self, compute: float, digits: float) -> float:
        """Return the multiply-adds of one digit at which an epoch over so many digits costs so much."""
        return compute / training_multiply_adds(1, 1) / digits

    def milliseconds_in_1989(self, place: int) -> float:
        """Return how long the paper's signal processor would take for one digit, at its peak."""
        return 1e3 * self.rows[place].size.multiply_adds / paper.MULTIPLY_ADDS_A_SECOND

    def to_dict(self) -> dict[str, Any]:
        """Return the public JSON document; each row says its shape, its costs, its gradients and its verdict."""
        document = super().to_dict()
        for place, (measured, row) in enumerate(zip(document["rows"], self.rows, strict=True)):
            measured.update(
                width=row.recipe.width,
                depth=row.recipe.depth,
                residual=row.recipe.residual,
                normalization=row.recipe.normalization,
                training_multiply_adds=self.training(place),
                latency_us=self.latency.us[place],
                latency_ratio=self.latency.ratios[place],
                ms_on_1989s_processor=self.milliseconds_in_1989(place),
                **self.slopes[place].to_dict(),
                **compared("base", self.change(place), self.comparison(place)),
            )
        return document

    def extra(self) -> dict[str, Any]:
        """Return what the document has beside its rows."""
        return {
            "base": {"recipe": self.rows[self.base].name, "train_size": self.rows[self.base].train_size},
            "latency_measured_with": self.latency.instrument,
            "calibration": self.evidence.calibration_dict(),
            "reduction": [dict(part) for part in self.removed],
            "best_of_1989": dict(self.best_of_1989),
            "frontier": [point.to_dict() for point in self.frontier],
        }

    def plot(self, *, dark: bool = False) -> "Figure":
        """Draw error against parameters."""
        from timetravel.show import scale_figures

        return scale_figures.parameters(self, dark=dark)

    def plots(self, *, dark: bool = False) -> "dict[str, Figure]":
        """Draw error against parameters, the joint view, and the gradients by depth where there is one."""
        from timetravel.show import scale_figures

        drawn = {"figure": self.plot(dark=dark), "joint": scale_figures.joint(self, dark=dark)}
        return drawn | ({"depth": scale_figures.depth(self, dark=dark)} if len(self.deep) > 1 else {})


class ScaleModel:
    """The study: widths x sizes, and depths with and without what stabilizes them at 1989's width and size."""

    watched = False  # whether its runs are measured after every epoch

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
        """Return the rows: every width at every size, then, at the smallest size, every depth in each way."""
        recipe = batched(self.era.recipe, self.epochs)
        wide = [
            self.entry(f"width-{width:g}", f"width {width:g}", recipe.but(width=width), size)
            for size in self.sizes
            for width in self.widths
        ]
        deep = [
            self.entry(f"depth-{depth}-{name.replace(', ', '-')}", f"depth {depth}, {name}", deeper, self.sizes[0])
            for depth in self.depths
            for name, changes in STABILIZERS.items()
            for deeper in [recipe.but(depth=depth, **changes)]
        ]
        return wide + deep

    def entry(self, name: str, label: str, recipe: Recipe, size: int) -> Entry:
        """Return one row; with more digits it makes about as many examples, in whole epochs."""
        return Entry(name, label, None, budgeted(recipe, size), size, chosen=CHOSEN)

    def run(self) -> ScaleModelResult:
        """Train all rows and compare each with width 1 on the smallest size."""
        rows = self.setup.rows(self.entries())
        base = self.widths.index(1.0)
        evidence = weigh(rows, [(place, base) for place in range(len(rows)) if place != base])
        own = [
            as_measured(row.to_dict() | evidence.of_row(place), "scale-model")
            for place, row in enumerate(rows)
            if not row.diverged
        ]
        points = [*own, *published(rows[0].test)]
        removed = causes(rows, base, {place: found.removed for (place, _), found in evidence.comparisons.items()})
        best = best_of_1989(points)
        return ScaleModelResult(
            command="scale-model",
            rows=tuple(rows),
            references=(),
            finding=finding(rows, base, removed, best),
            evidence=evidence,
            base=base,
            latency=latencies([row.recipe for row in rows]),
            removed=tuple(removed),
            points=tuple(points),
            best_of_1989=best,
            frontier=tuple(frontier(points)),
            slopes=tuple(slopes(row.runs) for row in rows),
        )


def sizes_up_to(available: int) -> list[int]:
    """Return 1989's number of digits and the most, as far as a source goes."""
    return sorted({min(paper.TRAINING_DIGITS, available), min(MOST_DIGITS, available)})


def batched(recipe: Recipe, epochs: int) -> Recipe:
    """Return a recipe in mini-batches, with a rate that falls to 0 and without dropout; one that has them keeps its."""
    return climb(recipe, BATCHES if recipe.batch_size == 1 else ())[-1].but(epochs=epochs)


def causes(rows: Sequence[Row], base: int, removed: Mapping[int, Share]) -> list[dict[str, Any]]:
    """Return what the widest net, the most digits, and both remove of the base's mistakes, where they are there."""
    wide = {(row.recipe.width, row.train_size): place for place, row in enumerate(rows) if not row.recipe.depth}
    widths, sizes = {width for width, _ in wide}, {size for _, size in wide}
    few = rows[base].train_size
    ends = {"size": (max(widths), few), "data": (1.0, max(sizes)), "both": (max(widths), max(sizes))}
    many = {"size": max(widths) > 1, "data": max(sizes) > few}
    return [
        {
            "cause": cause,
            "train_size": size,
            "parameters": rows[wide[width, size]].size.parameters,
            **removed[wide[width, size]],
        }
        for cause, (width, size) in ends.items()
        if all(many.values() if cause == "both" else [many[cause]])
    ]


def finding(
    rows: Sequence[Row], base: int, removed: Sequence[Mapping[str, Any]], best: Mapping[str, Mapping[str, Any]]
) -> str:
    """Say in a few sentences what size and data removed, and what 1989's computer could have reached."""
    first, seeds = rows[base], len(rows[base].runs)
    told = [f"{named(part, first)} {removed_in_words(part)}" for part in removed]
    sentences = [
        f"Of width 1's {first.test_mistakes.mean:.4g} mistakes of {first.test_size:,} with {first.train_size:,} "
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
        f"{found['row']} on {found['train_size']:,} digits ({found['from']}): {error['mean']:.2f} % "
        f"{{{error['low']:.2f}, {error['high']:.2f}}}, for "
        f"{100 * found['training_multiply_adds'] / best['multiply_adds']:.2g} % of that."
    )
