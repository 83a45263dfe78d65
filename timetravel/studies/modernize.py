"""What each tweak is worth, at the same data and net size: on a ladder, alone, or by what its absence costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from timetravel import paper
from timetravel.engine.latency import Latencies, latencies
from timetravel.eras import ERAS
from timetravel.ladders import Chosen, check_digits, remarks, with_needs
from timetravel.numbers import counted
from timetravel.stats.estimates import Estimate
from timetravel.studies.closing import Closing, closing_table
from timetravel.studies.evidence import Comparison, Evidence, Share, compared, removal, weigh
from timetravel.studies.ladders import LATER, START, Mode, Step, build
from timetravel.studies.result import StudyResult
from timetravel.studies.rows import Row, references
from timetravel.studies.seen import Seen, seen_by_eras
from timetravel.studies.setup import Entry, Setup
from timetravel.tweaks import Tweak

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class ModernizeResult(StudyResult):
    """The rows of a mode, each with the row that it builds on; their costs; what the eras among them misread."""

    mode: Mode
    steps: tuple[Step, ...]
    latency: Latencies
    remarks: tuple[str, ...]  # on tweaks that were added, or undo each other
    seen: Seen
    removed: Mapping[str, Share]  # by the eras that follow, of 1989-essay's mistakes
    closing: Closing | None  # 1989-essay, 2022 and today side by side; None where one of them stands alone

    @property
    def main(self) -> list[int]:
        """The places of the rows that are no controls."""
        return [place for place, step in enumerate(self.steps) if not step.control]

    @property
    def controls(self) -> list[int]:
        """The places of the rows that only train longer."""
        return [place for place, step in enumerate(self.steps) if step.control]

    def bases(self, place: int) -> dict[str, int | None]:
        """Return the rows that a row is compared with: the one that it builds on, and the first."""
        return {"step": self.steps[place].base, "1989": 0 if place else None}

    def change(self, place: int, base: int | None) -> Estimate | None:
        """Return the paired change in test mistakes between two rows."""
        if base is None:
            return None
        return self.rows[place].change(self.rows[base])

    def comparison(self, place: int, base: int | None) -> Comparison | None:
        """Return what is known of the difference between two rows."""
        return None if base is None else self.evidence.comparisons.get((place, base))

    def time_ratio(self, place: int) -> float:
        """Return the time of one net as a multiple of the first row's."""
        return self.rows[place].seconds_a_run / self.rows[0].seconds_a_run

    def other_backend(self, place: int) -> bool:
        """Whether a row was trained by another backend than the first, so that their times can't be compared."""
        return self.rows[place].runs[0].backend != self.rows[0].runs[0].backend

    def differs(self, place: int) -> bool:
        """Whether the finished net differs from the first row's in size or in latency."""
        sizes = [(row.size.parameters, row.size.multiply_adds) for row in (self.rows[0], self.rows[place])]
        return sizes[0] != sizes[1] or self.latency.differs(place)

    def to_dict(self) -> dict[str, Any]:
        """Return the public JSON document; each row says its changes, their p, the verdicts, and its cost."""
        document = super().to_dict()
        for place, row in enumerate(document["rows"]):
            base = self.steps[place].base
            row["builds_on"] = None if base is None else self.rows[base].name
            row["control"] = self.steps[place].control
            for name, other in self.bases(place).items():
                row.update(compared(name, self.change(place, other), self.comparison(place, other)))
            row["latency_us"] = self.latency.us[place]
            row["latency_ratio"] = self.latency.ratios[place]
            row["time_ratio"] = self.time_ratio(place)
            row["same_size_and_latency"] = not self.differs(place)
        return document

    def extra(self) -> dict[str, Any]:
        """Return what the document has beside its rows."""
        return {
            "mode": self.mode,
            "remarks": list(self.remarks),
            "latency_measured_with": self.latency.instrument,
            "calibration": self.evidence.calibration_dict(),
            "reduction_of_1989_essay": dict(self.removed),
            "misread": self.seen.to_dict(),
        } | (self.closing.to_dict() if self.closing else {})

    def plot(self, *, dark: bool = False) -> "Figure":
        """Draw the error of each row with its intervals."""
        from timetravel.show import ladder_figures

        return ladder_figures.errors(self, dark=dark)

    def plots(self, *, dark: bool = False) -> "dict[str, Figure]":
        """Draw the errors, and the digits that the eras misread and repair."""
        from timetravel.show import ladder_figures

        drawn = {"figure": self.plot(dark=dark)}
        return drawn | ({"digits": ladder_figures.digits(self.seen, dark=dark)} if self.seen.eras else {})


class Modernize:
    """The study: the rows of a mode, the same seeds and digits on each."""

    watched = False  # whether its runs are measured after every epoch

    def __init__(self, setup: Setup, chosen: Chosen, mode: Mode = "ladder") -> None:
        """Raise UsageError for tweaks that need more training digits than there are."""
        self.setup, self.chosen, self.mode = setup, chosen, mode
        check_digits(with_needs(chosen.names).tweaks, len(setup.digits()))
        self.steps = build(mode, chosen)
        self.remarks = [] if mode == "alone" and not chosen.left_out else remarks(chosen, ERAS[START].recipe)
        if not setup.digits().can_be_framed:
            self.remarks += [f"{t.name} changes nothing: these images are stored as 16x16." for t in framing(chosen)]

    def entries(self) -> list[Entry]:
        """Return the rows."""
        return [step.entry for step in self.steps]

    def run(self) -> ModernizeResult:
        """Train all rows and compare them."""
        rows = self.setup.rows(self.entries())
        pairs = [(i, base) for i, step in enumerate(self.steps) for base in (step.base, 0) if base is not None and i]
        of_eras = eras_among(rows)
        pairs += [(place, base) for i, place in enumerate(of_eras) for base in of_eras[:i]]
        evidence = weigh(rows, list(dict.fromkeys(pairs)))
        share = reduction_by_eras(rows)
        return ModernizeResult(
            command="modernize",
            rows=tuple(rows),
            references=tuple(references([r.name for r in rows], train_size=paper.TRAINING_DIGITS, like=rows[0])),
            finding=finding(rows, self.steps, self.mode, share) + latest_step(rows, of_eras, evidence),
            evidence=evidence,
            mode=self.mode,
            steps=tuple(self.steps),
            latency=latencies([row.recipe for row in rows]),
            closing=closing_table(rows, of_eras, evidence) if len(of_eras) > 1 else None,
            remarks=tuple(self.remarks),
            seen=seen_by_eras([row for row in rows if row.era]),
            removed=share,
        )


def framing(chosen: Chosen) -> list[Tweak]:
    """Return the tweaks that change nothing but how stored images are brought to 16x16."""
    return [tweak for tweak in chosen.tweaks if set(tweak.changes) <= {"window", "deslant"}]


def eras_among(rows: Sequence[Row]) -> list[int]:
    """Return the places of 1989-essay, 2022 and today, as far as they are among the rows."""
    return [place for name in (START, *LATER) for place, row in enumerate(rows) if row.era == name]


def latest_step(rows: Sequence[Row], eras: Sequence[int], evidence: Evidence) -> str:
    """Say how the last of three eras differs from the one before it; nothing for fewer eras."""
    if len(eras) <= len(LATER) or any(row.diverged for row in rows):
        return ""
    last, before = rows[eras[-1]], rows[eras[-2]]
    change = last.change(before)
    return (
        f" {last.era} against {before.era}: {change.mean:+.1f} mistakes, "
        f"{evidence.comparisons[eras[-1], eras[-2]].verdict}."
    )


def reduction_by_eras(rows: Sequence[Row]) -> dict[str, Share]:
    """Return the share of 1989-essay's mistakes that each later era among the rows removes."""
    by_era = {row.era: row for row in rows if row.era}
    return {name: removal(by_era[name], by_era[START]) for name in LATER if name in by_era}


def finding(rows: Sequence[Row], steps: Sequence[Step], mode: Mode, share: Mapping[str, Share]) -> str:
    """Say in a sentence or two what was found, and how sure that is."""
    if diverged := [row.label for row in rows if row.diverged]:
        return f"These rows diverged, so nothing can be said of them: {', '.join(diverged)}."
    seeds = len(rows[0].runs)
    start = next(row for row in rows if row.era == START)
    caution = " One seed is an anecdote: use --seeds 10." if seeds == 1 else f" ({counted(seeds, 'paired seed')}.)"
    if mode == "ladder":
        top = [row for row, step in zip(rows, steps, strict=True) if not step.control][-1]
        parts = [f"{name} {removed(found)}" for name, found in share.items()]
        if top.era is None:
            parts.append(f"all of it {removed(removal(top, start))}")
        same = " and a net of the same size" if len({row.size for row in rows}) == 1 else ""
        return (
            f"Of {start.label}'s {start.test_mistakes.mean:.4g} mistakes of {start.test_size:,} on {start.data}, with "
            f"the same digits{same}, {' and '.join(parts)}.{caution}"
        )
    asked = {
        i: rows[i].test_mistakes.mean - rows[step.base].test_mistakes.mean
        for i, step in enumerate(steps)
        if step.base is not None and not (step.control or step.needed) and (mode == "alone" or step.base == 1)
    }
    if not asked:
        return f"There is no tweak to compare.{caution}"
    best = (max if mode == "without" else min)(asked, key=lambda i: asked[i])
    what = "is missed most" if mode == "without" else "does most on its own"
    if (asked[best] <= 0) == (mode == "without"):
        what = "is missed least" if mode == "without" else "does the least harm on its own"
    return (
        f"Of {counted(len(asked), 'tweak')} on {start.data} the one that {what} is "
        f"{rows[best].label.removeprefix('- ')}: {asked[best]:+.1f} mistakes of {start.test_size:,} against the row it "
        f"builds on.{caution} The table says which differences are resolved."
    )


def removed(share: Share) -> str:
    """Say which share of the mistakes is removed, with its interval for new digits."""
    mean, low, high = (share[part] for part in ("mean", "low", "high"))
    if mean is None or low is None or high is None:
        return "removes a share that too few mistakes can't tell"
    if mean < 0:
        return f"adds {-mean:.0f} % {{{-high:.0f}, {-low:.0f}}}"
    return f"removes {mean:.0f} % {{{low:.0f}, {high:.0f}}}"
