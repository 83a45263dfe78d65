"""How much of the whole reduction is algorithm, how much longer training, how much more data.

Three eras, each trained as long as its recipe says and as long as `today` (which is trained as briefly as 1989, too),
on 1989's number of digits and on the most that there are. With more digits a recipe makes about as many examples
as with 1989's, in whole epochs: so data is not training length.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from timetravel import paper
from timetravel.eras import ERAS, TODAY
from timetravel.ladders import TODAY_LADDER, check_digits
from timetravel.numbers import counted
from timetravel.stats.estimates import Estimate
from timetravel.studies.budgets import budgeted
from timetravel.studies.evidence import Share, compared, removal, weigh
from timetravel.studies.ladders import START
from timetravel.studies.result import StudyResult
from timetravel.studies.rows import Row, references
from timetravel.studies.setup import Entry, Setup
from timetravel.tweaks import TWEAKS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COMPARED: Final = (START, "2022", TODAY)
# As long as which era each is trained, besides its own.
LENGTHS: Final = {
    START: (ERAS[TODAY].recipe.epochs,),
    "2022": (ERAS[TODAY].recipe.epochs,),
    TODAY: (ERAS[START].recipe.epochs,),
}
MOST_DIGITS: Final = 50_000


@dataclass(frozen=True)
class Part:
    """A cause of the reduction: the share of mistakes that it removes, in percent, alone from 1989 and as the last."""

    name: str
    first: Share  # mean, low, high for new digits
    last: Share


@dataclass(frozen=True)
class DecomposeResult(StudyResult):
    """Twelve cells, or six where a source has no more digits than 1989 had, and the causes of the reduction."""

    parts: tuple[Part, ...]

    def change(self, place: int) -> Estimate | None:
        """Return a row's change in test mistakes against the first."""
        if place == 0:
            return None
        return self.rows[place].change(self.rows[0])

    def to_dict(self) -> dict[str, Any]:
        """Return the public JSON document."""
        document = super().to_dict()
        for place, row in enumerate(document["rows"]):
            row.update(compared("1989", self.change(place), self.evidence.comparisons.get((place, 0))))
        return document

    def extra(self) -> dict[str, Any]:
        """Return the mode and the parts."""
        parts = [{"part": part.name, "first": dict(part.first), "last": dict(part.last)} for part in self.parts]
        return {"mode": "decompose", "parts": parts, "calibration": self.evidence.calibration_dict()}

    def plot(self, *, dark: bool = False) -> "Figure":
        """Draw the error of every cell with its intervals."""
        from timetravel.show import ladder_figures

        return ladder_figures.decomposition(self, dark=dark)


class Decompose:
    """The study: three eras x {own epochs, equal epochs} x {1989's digits, the most}."""

    watched = False  # whether its runs are measured after every epoch

    def __init__(self, setup: Setup) -> None:
        """Raise UsageError where there are too few training digits."""
        self.setup = setup
        check_digits([TWEAKS[name] for name in TODAY_LADDER], len(setup.digits()))
        most = min(MOST_DIGITS, setup.source.train_count)
        self.sizes = sorted({paper.TRAINING_DIGITS, most}) if most > paper.TRAINING_DIGITS else [most]

    def entries(self) -> list[Entry]:
        """Return a row for every cell."""
        return [
            self.entry(name, epochs, size)
            for size in self.sizes
            for name in COMPARED
            for epochs in dict.fromkeys((ERAS[name].recipe.epochs, *LENGTHS[name]))
        ]

    def entry(self, name: str, epochs: int, size: int) -> Entry:
        """Return one cell: an era trained as long as `epochs` over 1989's digits, on `size` of them."""
        era, own = ERAS[name], epochs == ERAS[name].recipe.epochs
        recipe = budgeted(era.recipe.but(epochs=epochs), size)
        told = name if own and size <= paper.TRAINING_DIGITS else None
        as_long_as = "" if size <= paper.TRAINING_DIGITS else "as long as "
        label = f"{name}, {as_long_as}{counted(epochs, 'epoch')}"
        return Entry(cell(name, epochs), label, told, recipe, size, chosen=era.chosen)

    def run(self) -> DecomposeResult:
        """Train all cells and divide the reduction up."""
        entries = self.entries()
        rows = self.setup.rows(entries)
        parts = tuple(parts_of(rows))
        return DecomposeResult(
            command="modernize",
            rows=tuple(rows),
            references=tuple(references(COMPARED, like=rows[0])),
            finding=finding(rows, parts),
            evidence=weigh(rows, [(i, 0) for i in range(1, len(rows))]),
            parts=parts,
        )


def cell(era: str, epochs: int) -> str:
    """Name a row: the era, with its epochs where they are not its own."""
    return era if epochs == ERAS[era].recipe.epochs else f"{era}@{epochs}"


def parts_of(rows: Sequence[Row]) -> list[Part]:
    """Return what each cause removes when it is the first to come, and when it is the last."""
    by = {(row.name, row.train_size): row for row in rows}
    sizes = sorted({row.train_size for row in rows})
    short, long = ERAS[START].recipe.epochs, ERAS[TODAY].recipe.epochs

    def at(era: str, epochs: int, size: int) -> Row:
        return by[cell(era, epochs), size]

    start, top = at(START, short, sizes[0]), at(TODAY, long, sizes[-1])
    parts = [
        part("algorithm", at(TODAY, short, sizes[0]), start, top, at(START, long, sizes[-1])),
        part("longer training", at(START, long, sizes[0]), start, top, at(TODAY, short, sizes[-1])),
    ]
    if len(sizes) > 1:
        parts.append(part("more data", at(START, short, sizes[-1]), start, top, at(TODAY, long, sizes[0])))
    return [*parts, part("all of it", top, start, top, start)]


def part(name: str, one: Row, start: Row, top: Row, but_one: Row) -> Part:
    """Compare a start with one cause added, and the whole with that cause missing."""
    return Part(name, removal(one, start), removal(top, but_one))


def finding(rows: Sequence[Row], parts: Sequence[Part]) -> str:
    """Say in a sentence what does how much."""
    if diverged := [row.label for row in rows if row.diverged]:
        return f"These rows diverged, so nothing can be said of them: {', '.join(diverged)}."
    *causes, whole = parts
    if any(part.first["mean"] is None or part.last["mean"] is None for part in parts):
        return "A row makes no mistakes, so shares can't be told: measure on more test digits (--test full)."
    told = "; ".join(f"{part.name} {part.first['mean']:.0f} %, {part.last['mean']:.0f} %" for part in causes)
    seeds = len(rows[0].runs)
    caution = " One seed is an anecdote: use --seeds 6 or more." if seeds == 1 else ""
    return (
        f"All of it removes {whole.first['mean']:.0f} % of {START}'s mistakes on {rows[0].data}. Each cause alone from "
        f"{START}, and as the last to come (its share of the mistakes then left): {told}.{caution}"
    )
