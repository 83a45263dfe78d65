"""What each tweak is worth, at the same data and net size: on a ladder, alone, or by what its absence costs."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from timetravel import paper
from timetravel.engine.latency import latencies
from timetravel.engine.runs import Run
from timetravel.eras import ERAS
from timetravel.errors import UsageError
from timetravel.ladders import Chosen, check_digits, remarks, with_needs
from timetravel.numbers import counted, interval
from timetravel.studies import evidence
from timetravel.studies.base import Document
from timetravel.studies.ladders import LATER, ROWS, START, Mode, Step, Steps
from timetravel.studies.rows import Row, references
from timetravel.studies.setup import Entry, RowStudy, Setup


class Modernize(RowStudy):
    """The study: the rows of a mode, the same seeds and digits on each."""

    command = "modernize"

    def __init__(self, setup: Setup, chosen: Chosen, mode: Mode = "ladder") -> None:
        """Raise UsageError for tweaks that need more training digits than there are."""
        self.setup, self.chosen, self.mode = setup, chosen, mode
        check_digits(with_needs(chosen.names, chosen.known).tweaks, len(setup.digits()))
        steps = ROWS[mode](chosen)
        self.steps = steps.all_with(setup.epochs) if setup.epochs else steps
        if len(self.steps) < 2:
            raise UsageError("With equal epochs nothing is left to compare.", "Leave --epochs out, or add a tweak.")
        self.shown: tuple[int, Document | None] = 0, None  # the first screen, as of so many runs
        self.remarks = [] if mode == "alone" and not chosen.left_out else remarks(chosen, ERAS[START].recipe)
        if not setup.digits().can_be_framed:
            framing = [name for name in chosen.names if set(chosen.known[name].changes) <= {"window", "deslant"}]
            self.remarks += [f"{name} changes nothing: these images are stored as 16x16." for name in framing]

    def entries(self) -> list[Entry]:
        """Return the rows of the mode."""
        return [step.entry for step in self.steps]

    def interim(self, runs: Mapping[object, Run]) -> Document | None:
        """Return what the first screen needs of the runs that are finished, given by their identity."""
        shown = copy(self)
        steps = [step for step in self.steps if not step.control]
        if all(step.base < len(steps) and step is self.steps[place] for place, step in enumerate(steps)):
            shown.steps = Steps(steps)  # the controls come last, and have a table of their own
        found = shown.shortened(runs)
        if found and len(found[1]) > self.shown[0]:  # made anew when every row has a run more
            fewer, its_runs = found
            screen = fewer.first_screen(fewer.setup.rows(fewer.entries(), its_runs))
            self.shown = len(its_runs), {"command": self.command, **screen}
        return self.shown[1]

    def result(self, runs: Sequence[Run]) -> Document:
        """Compare every row with the one that it builds on, and the eras with each other and with the first row."""
        rows = self.setup.rows(self.entries(), runs)
        eras = [place for name in (START, *LATER) for place, row in enumerate(rows) if row.era == name]
        first = self.first_screen(rows)
        later = {place: dict.fromkeys((0, *eras[:i])) for i, place in enumerate(eras) if i}
        among = evidence.weigh(rows, [(place, base) for place, bases in later.items() for base in bases])
        timed = latencies([row.recipe for row in rows])
        told = [
            {
                **new,
                **evidence.compared(
                    "1989", (among.get((place, 0)) or evidence.against(row, rows[0])) if place else None
                ),
                "builds_on": rows[step.base].name if place else None,
                "time_ratio": row.seconds_a_net / rows[0].seconds_a_net,
                "latency_us": timed.us[place],
                "latency_ratio": timed.ratios[place],
                "same_size_and_latency": row.size == rows[0].size and not timed.differs(place),
            }
            for place, (row, new, step) in enumerate(zip(rows, first["rows"], self.steps, strict=True))
        ]
        reduction = {rows[place].name: evidence.removal(rows[place], rows[eras[0]]) for place in eras[1:]}
        found = finding(rows, self.steps, self.mode, reduction, first["rows"]) + of_the_last(rows, eras, among)
        return {
            **first,
            "rows": told,
            "references": [] if self.changed else published(rows, self.steps),
            "finding": f"{found} {first['finding']}",
            "latency_measured_with": timed.instrument,
            "calibration": evidence.calibration(rows),
            "reduction_of_1989_essay": reduction,
            "misread": evidence.seen_by_eras([row for row in rows if row.era]),
        }

    def first_screen(self, rows: Sequence[Row]) -> Document:
        """Return what the first screen needs, which is soon made: all rows, each against the one that it builds on."""
        found: dict[tuple[int, int], evidence.Comparison] = {}
        for control in (False, True):  # the table's steps are one family of tests, the controls another
            places = [i for i, step in enumerate(self.steps) if i and step.control == control]
            found |= evidence.weigh(rows, [(i, self.steps[i].base) for i in places])
        own = {place for place, step in enumerate(self.steps) if not step.control}
        own -= {1} if self.mode == "without" else set()  # the full set, which the others are compared with
        steps = {rows[place].label: one for (place, _), one in found.items() if place in own}
        return {
            "rows": [
                {
                    **row.to_dict(),
                    **evidence.new_digits(row),
                    **evidence.compared("step", found.get((place, step.base))),
                    "control": step.control,
                }
                for place, (row, step) in enumerate(zip(rows, self.steps, strict=True))
            ],
            "finding": resolved([one.verdict for one in steps.values()]),
            "power": evidence.power(list(steps.values())),
            "to_settle": evidence.to_settle(steps),
            "mode": self.mode,
            "method": [self.setup.method(), evidence.VERDICTS],
            "remarks": self.remarks,
        }


def published(rows: Sequence[Row], steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Return what was published of the rows' nets, each with its change in mistakes from the row that it builds on."""
    nets = [(row.name, row.recipe.net) for row in rows]
    every = references([row.name for row in rows], train_size=paper.TRAINING_DIGITS, like=rows[0])
    told = {(reference["recipe"], reference["net"]): reference for reference in every}
    found = []
    for place, (net, step) in enumerate(zip(nets, steps, strict=True)):
        if own := told.get(net):
            base = told.get(nets[step.base]) if place else None
            change = base and {"mean": own["test_mistakes"]["mean"] - base["test_mistakes"]["mean"]}
            found.append(own | {"change_step": change})
    return found


def finding(
    rows: Sequence[Row],
    steps: Sequence[Step],
    mode: Mode,
    shares: Mapping[str, evidence.Share],
    told: Sequence[Document],
) -> str:
    """Say in a sentence or two what was found, and how sure that is."""
    caution = " One run a row is an anecdote: use --seeds 10." if len(rows[0].runs) == 1 else ""
    caution += evidence.failures(rows)
    if mode == "ladder":
        return of_the_ladder(rows, steps, shares) + caution
    asked = {
        row["label"].removeprefix("without "): row["change_step"]
        for i, (row, step) in enumerate(zip(told, steps, strict=True))
        if i and not (step.control or step.needed) and (mode == "alone" or step.base == 1)
        if row["change_step"] and row["change_step"]["mean"] is not None
        if not (rows[i].failure or rows[step.base].failure)
    }
    if not asked:
        return f"There is no tweak to compare.{caution}"
    best = (min if mode == "alone" else max)(asked, key=lambda name: float(asked[name]["mean"]))
    mean, low, high = (asked[best][part] for part in ("mean", "low", "high"))
    many = f"{interval(mean, low, high, '+.1f', '+.0f')} mistakes on {len(rows[0].test):,}"
    verbs = ("harms least", "helps most") if mode == "alone" else ("is missed most", "is missed most, if any")
    what = f"{counted(len(asked), 'tweak')}{'' if mode == 'alone' else ' taken out'}, each alone"
    return f"Of {what}, {best} {verbs[mean <= 0]}: {many} test digits of {rows[0].data}.{caution}"


def of_the_last(rows: Sequence[Row], eras: Sequence[int], among: Mapping[tuple[int, int], evidence.Comparison]) -> str:
    """Say how the last of three eras does against the one before."""
    if len(eras) <= len(LATER):
        return ""
    before, last, found = rows[eras[-2]], rows[eras[-1]], among[eras[-1], eras[-2]]
    more = "more" if found.effect.mean > 0 else "fewer"
    return f" The recipe {last.era} makes {abs(found.effect.mean):.1f} {more} than {before.era} ({found.verdict})."


def resolved(verdicts: Sequence[str | None]) -> str:
    """Say how many of the table's changes are more than chance."""
    sure = sum(told in ("better", "worse") for told in verdicts)
    return f"Beyond chance: {sure} of {counted(len(verdicts), 'change')} in the table."


def of_the_ladder(rows: Sequence[Row], steps: Sequence[Step], reduction: Mapping[str, evidence.Share]) -> str:
    """Say which share of 1989-essay's mistakes each later era removes, and the top where that is no era."""
    start = next(row for row in rows if row.era == START)
    top = [row for row, step in zip(rows, steps, strict=True) if not step.control][-1]
    parts = [f"the recipe {name} {evidence.reduction_in_words(share)}" for name, share in reduction.items()]
    if top.era is None:
        parts.append(f"the whole ladder {evidence.reduction_in_words(evidence.removal(top, start))}")
    same = " and the same size of net" if len({row.size for row in rows}) == 1 else ""
    return (
        f"Of the {start.test_mistakes.mean:.4g} mistakes that {start.label}, the essay's net of 1989, makes on "
        f"{len(start.test):,} test digits of {start.data}, {' and '.join(parts)}, with the same training digits{same}."
    )
