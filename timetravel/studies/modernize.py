"""What each tweak is worth, at the same data and net size: on a ladder, alone, or by what its absence costs."""

from collections.abc import Mapping, Sequence
from typing import Any

from timetravel import paper
from timetravel.engine.latency import latencies
from timetravel.engine.runs import Job, Run
from timetravel.eras import ERAS
from timetravel.ladders import Chosen, check_digits, remarks, with_needs
from timetravel.numbers import counted
from timetravel.studies.base import Document, Study
from timetravel.studies.closing import closing_table
from timetravel.studies.evidence import Share, compared, reduction_in_words, removal, seen_by_eras, weigh
from timetravel.studies.ladders import LATER, ROWS, START, Mode, Step
from timetravel.studies.rows import Row, references
from timetravel.studies.setup import Setup
from timetravel.tweaks import TWEAKS


class Modernize(Study):
    """The study: the rows of a mode, the same seeds and digits on each."""

    command = "modernize"

    def __init__(self, setup: Setup, chosen: Chosen, mode: Mode = "ladder") -> None:
        """Raise UsageError for tweaks that need more training digits than there are."""
        self.setup, self.chosen, self.mode = setup, chosen, mode
        check_digits(with_needs(chosen.names).tweaks, len(setup.digits()))
        self.steps = ROWS[mode](chosen)
        self.entries = [step.entry for step in self.steps]
        self.remarks = [] if mode == "alone" and not chosen.left_out else remarks(chosen, ERAS[START].recipe)
        if not setup.digits().can_be_framed:
            framing = [name for name in chosen.names if set(TWEAKS[name].changes) <= {"window", "deslant"}]
            self.remarks += [f"{name} changes nothing: these images are stored as 16x16." for name in framing]

    def jobs(self) -> list[Job]:
        """Return the runs of all rows."""
        return self.setup.jobs(self.entries)

    def result(self, runs: Sequence[Run]) -> Document:
        """Compare every row with the one that it builds on and with the first, and the eras with each other."""
        rows = self.setup.rows(self.entries, runs)
        eras = [place for name in (START, *LATER) for place, row in enumerate(rows) if row.era == name]
        pairs = [(i, base) for i, step in enumerate(self.steps) for base in (step.base, 0) if i]
        pairs += [(place, base) for i, place in enumerate(eras) for base in eras[:i]]
        evidence = weigh(rows, list(dict.fromkeys(pairs)))
        found = evidence.comparisons
        reduction = {rows[place].name: removal(rows[place], rows[eras[0]]) for place in eras[1:]}
        timed = latencies([row.recipe for row in rows])
        told = finding(rows, self.steps, self.mode, reduction)
        if len(eras) > len(LATER) and not any(row.diverged for row in rows):
            before, last = rows[eras[-2]], rows[eras[-1]]
            verdict = found[eras[-1], eras[-2]].verdict
            told += f" {last.era} against {before.era}: {last.change(before).mean:+.1f} mistakes, {verdict}."
        document = {
            "rows": [
                {
                    **row.to_dict(),
                    **evidence.of_rows()[place],
                    **compared("step", row.change(rows[step.base]) if place else None, found.get((place, step.base))),
                    **compared("1989", row.change(rows[0]) if place else None, found.get((place, 0))),
                    "builds_on": rows[step.base].name if place else None,
                    "control": step.control,
                    "time_ratio": row.seconds_a_net / rows[0].seconds_a_net,
                    "latency_us": timed.us[place],
                    "latency_ratio": timed.ratios[place],
                    "same_size_and_latency": row.size == rows[0].size and not timed.differs(place),
                }
                for place, (row, step) in enumerate(zip(rows, self.steps, strict=True))
            ],
            "references": published(rows, self.steps),
            "finding": told,
            "mode": self.mode,
            "remarks": self.remarks,
            "latency_measured_with": timed.instrument,
            "calibration": evidence.calibration_dict(),
            "reduction_of_1989_essay": reduction,
            "misread": seen_by_eras([row for row in rows if row.era]),
        }
        return document | (closing_table(rows, eras, evidence) if len(eras) > 1 else {})


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


def finding(rows: Sequence[Row], steps: Sequence[Step], mode: Mode, reduction: Mapping[str, Share]) -> str:
    """Say in a sentence or two what was found, and how sure that is."""
    if diverged := [row.label for row in rows if row.diverged]:
        return f"These rows diverged, so nothing can be said of them: {', '.join(diverged)}."
    seeds = len(rows[0].runs)
    caution = " One seed is an anecdote: use --seeds 10." if seeds == 1 else f" ({counted(seeds, 'paired seed')}.)"
    if mode == "ladder":
        return of_the_ladder(rows, steps, reduction) + caution
    asked = {
        rows[i].label.removeprefix("- "): rows[i].test_mistakes.mean - rows[step.base].test_mistakes.mean
        for i, step in enumerate(steps)
        if i and not (step.control or step.needed) and (mode == "alone" or step.base == 1)
    }
    if not asked:
        return f"There is no tweak to compare.{caution}"
    if mode == "alone":
        best = min(asked, key=lambda name: asked[name])
        what = "does the least harm on its own" if asked[best] > 0 else "does most on its own"
    else:
        best = max(asked, key=lambda name: asked[name])
        what = "is missed most" if asked[best] > 0 else "is missed least"
    return (
        f"Of {counted(len(asked), 'tweak')} on {rows[0].data} the one that {what} is {best}: {asked[best]:+.1f} "
        f"mistakes of {len(rows[0].test):,} against the row it builds on.{caution} The table says which differences "
        "are resolved."
    )


def of_the_ladder(rows: Sequence[Row], steps: Sequence[Step], reduction: Mapping[str, Share]) -> str:
    """Say which share of 1989-essay's mistakes each later era removes, and the top where that is no era."""
    start = next(row for row in rows if row.era == START)
    top = [row for row, step in zip(rows, steps, strict=True) if not step.control][-1]
    parts = [f"{name} {reduction_in_words(share)}" for name, share in reduction.items()]
    if top.era is None:
        parts.append(f"all of it {reduction_in_words(removal(top, start))}")
    same = " and a net of the same size" if len({row.size for row in rows}) == 1 else ""
    return (
        f"Of {start.label}'s {start.test_mistakes.mean:.4g} mistakes of {len(start.test):,} on {start.data}, with the "
        f"same digits{same}, {' and '.join(parts)}."
    )
