"""Claims B and C, about the target year: judged by the share of limited futures in which they come true."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from timetravel.numbers import counted, rough, rough_time, significant
from timetravel.numbers import short as two_digits
from timetravel.projection.changes import moves, together, told
from timetravel.projection.futures import JOULES, SECONDS_A_MINUTE, Band, Draws, Futures, band, band_of_logs
from timetravel.projection.limits import limits
from timetravel.projection.milestones import Milestone
from timetravel.projection.series import CLAIM
from timetravel.projection.traveller import best
from timetravel.projection.two_points import LAST_YEAR
from timetravel.projection.verdicts import Claim, by_futures, chance

ESSAY: Final = (
    "Karpathy (2022), Deep Neural Nets: 33 years ago and 33 years from now, "
    "https://karpathy.github.io/2022/03/14/lecun1989/"
)
ASSUMED: Final = "milestones.csv and assumptions.csv of the package, or the files given in their place"
B_PARTS: Final = ("parameters", "parameters-vision", "tokens", "images")
B_ASSUMPTIONS: Final = (
    "sparsity", "synthetic", "tokens_per_parameter", "budget_share", "electricity_share", "latency_wall",
)  # fmt: skip
C_ASSUMPTIONS: Final = (
    "algorithm_growth", "algorithm_most", "price_growth", "price_growth_after", "device_speed", "device_watts",
    "cmos_limit",
)  # fmt: skip
MOST_TOLD: Final = 2  # of what changes a verdict, in the short form
NOTHING_ALONE: Final = "no assumption alone"
QUANTILES: Final = "10 % and 90 % quantiles of the limited futures"


def larger(futures: Futures, name: str) -> Draws:
    """Draw by what a series is larger in the target year than in 2022, log10, with limits."""
    record = futures.records[name]
    return futures.limited(name, futures.to) - record.at(min(LAST_YEAR, record.last))


def judge_size(futures: Futures) -> str:
    """Judge claim B."""
    found = [larger(futures, name) for name in B_PARTS if name in futures.records]
    return by_futures([float(np.mean(draws >= np.log10(CLAIM))) for draws in found])


def ten_million(futures: Futures, figures: Sequence[Milestone]) -> Claim:
    """B: data sets and models are 10,000,000 times larger."""
    evidence, unbent = [], []
    for name in B_PARTS:
        if name not in futures.records:
            continue
        record, bent = futures.records[name], larger(futures, name)
        base = record.at(min(LAST_YEAR, record.last))
        unbent.append(float(np.mean(futures.trend(name, futures.to) - base >= np.log10(CLAIM))))
        evidence.append(
            f"{record.series.label}: {rough(band_of_logs(bent).middle)} times {LAST_YEAR}'s {ends(band_of_logs(bent))} "
            f"with limits; 10,000,000 times in {chance(float(np.mean(bent >= np.log10(CLAIM))))} of the limited "
            f"futures and in {chance(unbent[-1])} of those without limits."
        )
    value, verdict = band_of_logs(larger(futures, B_PARTS[0])), judge_size(futures)
    found = moves(futures, B_ASSUMPTIONS, judge_size)
    without = by_futures(unbent)
    free = f"By the trends alone, without limits, it would read '{without}'. " if without != verdict else ""
    return Claim(
        id="B",
        short="data and models 10,000,000x larger",
        claim=f"data sets and models of {futures.to} are 10,000,000 times {LAST_YEAR}'s",
        verdict=verdict,
        kind="extrapolation",
        about=f"parameters of the largest net, times {LAST_YEAR}'s, limited futures",
        value=significant(value.middle, 2), low=significant(value.low or 0, 2), high=significant(value.high or 0, 2),
        unit=f"times {LAST_YEAR}",
        interval=QUANTILES,
        shown=f"{rough(value.middle)}x {ends(value)}",
        changes=", ".join([*([f"no limits ({without})"] if free else []), *(one.short for one in found[:MOST_TOLD])])
        or NOTHING_ALONE,
        changes_more=f"{free}{told(found, B_ASSUMPTIONS)} Counting data sets in pixels or seconds of film is another "
        "claim.",
        evidence=(*evidence, both_at_once(best("2022", figures)[1])),
        sources=(ESSAY, ASSUMED, limits()["CMOS limit"].credit, limits()["world electricity"].credit),
    )  # fmt: skip


def both_at_once(run: Milestone) -> str:
    """Say by arithmetic what 10,000,000 times the parameters and the tokens of a run, at once, would take."""
    needed = run.value * CLAIM**2
    world = limits()["world electricity"].value * JOULES * limits()["CMOS limit"].value
    return (
        f"Arithmetic: both at once, as a dense net of {run.name}'s kind, takes {two_digits(needed)} operations: "
        f"{two_digits(needed / world)} times what all electricity of 2024 could do in a year at the CMOS limit."
    )


def ends(one: Band) -> str:
    """Write the ends of a band: '[60, 6,000]'."""
    return f"[{rough(one.low or 0)}, {rough(one.high or 0)}]"


@dataclass(frozen=True)
class Minute:
    """How long one net takes on a device of the target year: in all, and by hardware alone, seconds."""

    net: Milestone
    seconds: Draws
    hardware: Draws

    @property
    def chance(self) -> float:
        """The share of futures in which a minute is enough."""
        return float(np.mean(self.seconds <= SECONDS_A_MINUTE))


def minutes(futures: Futures, figures: Sequence[Milestone]) -> list[Minute]:
    """Return the times of 2022's largest vision net and largest run."""
    return [
        Minute(one, futures.seconds(one.value, futures.to, since=LAST_YEAR), futures.seconds(one.value, futures.to))
        for one in best("2022", figures)
    ]


def one_minute(futures: Futures, figures: Sequence[Milestone]) -> Claim:
    """C: 2022's best models train in about a minute on a personal device."""
    found = minutes(futures, figures)
    years = futures.to - LAST_YEAR
    evidence, needed, chips = [], [], []
    for one in found:
        of_it, hardware = band(one.seconds), band(one.hardware)
        needed.append(f"{two_digits((hardware.middle / SECONDS_A_MINUTE) ** (1 / years))} ({one.net.name})")
        chips.append(float(np.mean(one.hardware <= SECONDS_A_MINUTE)))
        evidence.append(
            f"{one.net.name} ({two_digits(one.net.value)} FLOP): {rough_time(of_it.middle)} "
            f"[{rough_time(of_it.low or 0)}, {rough_time(of_it.high or 0)}], a minute or less in "
            f"{chance(one.chance)} of the futures; by chips alone {rough_time(hardware.middle)}, "
            f"a minute or less in {chance(chips[-1])}."
        )

    def judge(moved: Futures) -> str:
        return by_futures([one.chance for one in minutes(moved, figures)])

    verdict = judge(futures)
    changed = together(futures, C_ASSUMPTIONS[:2], judge, verdict) + moves(futures, C_ASSUMPTIONS, judge)
    vision, value = found[0].net, band(found[0].seconds)
    return Claim(
        id="C",
        short=f"{LAST_YEAR}'s best in a minute on a device",
        claim=f"{LAST_YEAR}'s best trains in a minute on a personal device of {futures.to}",
        verdict=verdict,
        kind="extrapolation",
        about=f"seconds to train {vision.name}, {LAST_YEAR}'s largest vision net, on a device of {futures.to}",
        value=significant(value.middle, 2), low=significant(value.low or 0, 2), high=significant(value.high or 0, 2),
        unit="s",
        interval=QUANTILES,
        shown=f"{rough_time(value.middle)} [{rough_time(value.low or 0)}, {rough_time(value.high or 0)}]",
        changes=", ".join(one.short for one in changed[:MOST_TOLD]) or NOTHING_ALONE,
        changes_more=f"{told(changed, C_ASSUMPTIONS)} In the middle of the futures a minute takes algorithms that gain "
        f"{' and '.join(needed)} times a year for {counted(years, 'year')}. The essay's own pair, a workstation and a "
        "laptop, was one small net on one processor: much easier.",
        evidence=tuple(evidence),
        sources=(ESSAY, *dict.fromkeys(one.net.credit for one in found), ASSUMED),
    )  # fmt: skip
