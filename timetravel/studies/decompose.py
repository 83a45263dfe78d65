"""How much of the whole reduction is algorithm, how much longer training, how much more data.

Three eras, each trained as long as its recipe says and as long as `today` (which is trained as briefly as 1989, too),
on 1989's number of digits and on the most that there are. With more digits a recipe makes about as many examples
as with 1989's, in whole epochs: so data is not training length.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Final

from timetravel import paper
from timetravel.engine.runs import Run
from timetravel.eras import ERAS, TODAY
from timetravel.ladders import TODAY_LADDER, check_digits
from timetravel.numbers import counted, listed
from timetravel.studies.base import Document
from timetravel.studies.budgets import budgeted
from timetravel.studies.evidence import VERDICTS, calibration, compared, failures, new_digits, removal, weigh
from timetravel.studies.ladders import LATER, START
from timetravel.studies.rows import Row, references
from timetravel.studies.setup import Entry, RowStudy, Setup
from timetravel.tweaks import TWEAKS

# An era, and the one as long as which it is trained.
CELLS: Final = ((START, START), (START, TODAY), ("2022", "2022"), ("2022", TODAY), (TODAY, TODAY), (TODAY, START))
MOST_DIGITS: Final = 50_000


class Decompose(RowStudy):
    """The study: three eras x {own epochs, equal epochs} x {1989's digits, the most}.

    Twelve cells, or six where a source has no more digits than 1989 had.
    """

    command = "modernize"

    def __init__(self, setup: Setup) -> None:
        """Raise UsageError where there are too few training digits."""
        self.setup = setup
        check_digits([TWEAKS[name] for name in TODAY_LADDER], len(setup.digits()))
        most = min(MOST_DIGITS, setup.source.train_count)
        sizes = [paper.TRAINING_DIGITS, most] if most > paper.TRAINING_DIGITS else [most]
        self.cells = []
        for size, (name, length) in product(sizes, CELLS):
            era, epochs, few = ERAS[name], ERAS[length].recipe.epochs, size <= paper.TRAINING_DIGITS
            called = name if name == length else f"{name}@{epochs}"
            label = f"{name}, {'' if few else 'as long as '}{counted(epochs, 'epoch')}"
            recipe = budgeted(era.recipe.but(epochs=epochs), size, "examples")
            own = name if few and name == length else None
            self.cells.append(Entry(called, label, own, recipe, size, chosen=era.chosen))

    def entries(self) -> list[Entry]:
        """Return the cells."""
        return self.cells

    def result(self, runs: Sequence[Run]) -> Document:
        """Compare all cells with the first and divide the reduction up."""
        rows = self.setup.rows(self.entries(), runs)
        found = weigh(rows, [(place, 0) for place in range(1, len(rows))])
        parts = parts_of(rows)
        return {
            "rows": [
                row.to_dict() | new_digits(row) | compared("1989", found.get((place, 0)))
                for place, row in enumerate(rows)
            ],
            "references": references((START, *LATER), like=rows[0]),
            "finding": finding(rows, parts),
            "mode": "decompose",
            "parts": parts,
            "method": [self.setup.method(largest=rows[-1].train_size), VERDICTS],
            "calibration": calibration(rows),
        }


def parts_of(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the share of mistakes that each cause removes, in percent, when it is the first to come, and the last."""
    by = {(row.name, row.train_size): row for row in rows}
    few, many = rows[0].train_size, rows[-1].train_size
    brief, long = f"{TODAY}@{ERAS[START].recipe.epochs}", f"{START}@{ERAS[TODAY].recipe.epochs}"
    start, top = by[START, few], by[TODAY, many]
    ends = {  # the start with one cause added, and the whole with that cause missing
        "algorithm": (by[brief, few], by[long, many]),
        "longer training": (by[long, few], by[brief, many]),
        "more data": (by[START, many], by[TODAY, few]),
        "all of it": (top, start),
    }
    return [
        {"part": name, "first": removal(one, start), "last": removal(top, but_one)}
        for name, (one, but_one) in ends.items()
        if name != "more data" or many > few
    ]


def finding(rows: Sequence[Row], parts: Sequence[Mapping[str, Any]]) -> str:
    """Say in a sentence what does how much."""
    *causes, whole = parts
    if any(part[which]["mean"] is None for part in parts for which in ("first", "last")):
        more = failures(rows) or " Rows make too few mistakes: use more runs or test digits."
        return f"Shares of mistakes can't be told.{more}"
    alone, last = (
        ", ".join(f"{part['part']} {part[which]['mean']:.0f} %" for part in causes) for which in ("first", "last")
    )
    caution = " One seed is an anecdote: use --seeds 6 or more." if len(rows[0].runs) == 1 else ""
    caution += failures(rows)
    return (
        f"{listed([part['part'] for part in causes]).capitalize()} together remove {whole['first']['mean']:.0f} % of "
        f"{START}'s mistakes on {rows[0].data}. Each alone: {alone}. As the last to come, of the mistakes then left: "
        f"{last}. More data means no more examples.{caution}"
    )
