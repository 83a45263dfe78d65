"""Claims B and C, about the target year: judged by the share of limited futures in which they come true."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from timetravel.numbers import counted, interval, rough_time, significant
from timetravel.numbers import short as two_digits
from timetravel.projection.changes import in_full, in_short, moves, together
from timetravel.projection.futures import JOULES, SECONDS_A_MINUTE, Band, Draws, Futures, band
from timetravel.projection.milestones import Milestone
from timetravel.projection.outlook import base_year
from timetravel.projection.packaged import limits
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


def extrapolated(found: Band, unit: str) -> dict[str, Any]:
    """Return what a claim says of a number that is extrapolated: its value with its ends, and what they are."""
    value, low, high = (significant(part or 0, 2) for part in (found.value, found.low, found.high))
    quantiles = "10 % and 90 % quantiles of the limited futures"
    return {
        "kind": "extrapolation", "value": value, "low": low, "high": high, "unit": unit, "interval": quantiles
    }  # fmt: skip


def written(found: Band, form: str) -> str:
    """Write a band: '600 [60, 6,000]'."""
    return interval(found.value, found.low, found.high, form)


def share(reached: np.ndarray) -> float:
    """Return the share of futures in which something is reached."""
    return float(np.mean(reached))


def larger(futures: Futures, name: str, *, limited: bool = True) -> Draws:
    """Draw by what a series is larger in the target year than in 2022, log10."""
    record = futures.records[name]
    draws = (futures.limited if limited else futures.trend)(name, futures.to)
    return draws - record.at(base_year(record))


def judge_size(futures: Futures) -> str:
    """Judge claim B."""
    return by_futures([share(larger(futures, name) >= np.log10(CLAIM)) for name in B_PARTS])


def ten_million(futures: Futures, figures: Sequence[Milestone]) -> Claim:
    """B: data sets and models are 10,000,000 times larger."""
    evidence, unbent = [], []
    for name in B_PARTS:
        bent = larger(futures, name)
        unbent.append(share(larger(futures, name, limited=False) >= np.log10(CLAIM)))
        times, _, ends = written(band(bent, logs=True), "rough").partition(" ")
        evidence.append(
            f"{futures.records[name].series.label}: {times} times {LAST_YEAR}'s {ends} "
            f"with limits; 10,000,000 times in {chance(share(bent >= np.log10(CLAIM)))} of the limited "
            f"futures and in {chance(unbent[-1])} of those without limits."
        )
    value, verdict, without = band(larger(futures, B_PARTS[0]), logs=True), judge_size(futures), by_futures(unbent)
    found = moves(futures, B_ASSUMPTIONS, judge_size, verdict)
    differs = without != verdict
    run = best("2022", figures)[1]
    needed = run.value * CLAIM**2
    world = limits()["world electricity"]["value"] * JOULES * limits()["CMOS limit"]["value"]
    both_at_once = (
        f"Arithmetic: both at once, as a dense net of {run.name}'s kind, takes {two_digits(needed)} operations: "
        f"{two_digits(needed / world)} times what all electricity of 2024 could do in a year at the CMOS limit."
    )
    free = f"By the trends alone, without limits, it would read '{without}'. " if differs else ""
    return Claim(
        id="B",
        short="data and models 10,000,000x larger",
        claim=f"data sets and models of {futures.to} are 10,000,000 times {LAST_YEAR}'s",
        verdict=verdict,
        about=f"parameters of the largest net, times {LAST_YEAR}'s, limited futures",
        changes_short=in_short(found, *[f"no limits ({without})"] * differs),
        changes=f"{free}{in_full(found, B_ASSUMPTIONS)} Counting data sets in pixels or seconds of film is another "
        "claim.",
        evidence=(*evidence, both_at_once),
        sources=(ESSAY, ASSUMED, limits()["CMOS limit"]["source"], limits()["world electricity"]["source"]),
        shown=f"{written(value, 'rough')} times",
        **extrapolated(value, f"times {LAST_YEAR}"),
    )


def minutes(futures: Futures, figures: Sequence[Milestone]) -> list[tuple[Milestone, Draws]]:
    """Return the seconds that 2022's largest vision net and largest run take on a device of the target year."""
    return [(one, futures.seconds(one.value, futures.to, since=LAST_YEAR)) for one in best("2022", figures)]


def one_minute(futures: Futures, figures: Sequence[Milestone]) -> Claim:
    """C: 2022's best models train in about a minute on a personal device."""
    found = minutes(futures, figures)
    years = futures.to - LAST_YEAR
    evidence, needed = [], []
    for net, seconds in found:
        by_chips = futures.seconds(net.value, futures.to)
        middle = band(by_chips).value
        needed.append(f"{two_digits((middle / SECONDS_A_MINUTE) ** (1 / years))} ({net.name})")
        evidence.append(
            f"{net.name} ({two_digits(net.value)} FLOP): {written(band(seconds), 'rough_time')}, a minute or less in "
            f"{chance(share(seconds <= SECONDS_A_MINUTE))} of the futures; by chips alone {rough_time(middle)}, a "
            f"minute or less in {chance(share(by_chips <= SECONDS_A_MINUTE))}."
        )

    def judge(moved: Futures) -> str:
        return by_futures([share(seconds <= SECONDS_A_MINUTE) for _, seconds in minutes(moved, figures)])

    verdict = judge(futures)
    changed = together(futures, C_ASSUMPTIONS[:2], judge, verdict) + moves(futures, C_ASSUMPTIONS, judge, verdict)
    vision, value = found[0][0], band(found[0][1])
    return Claim(
        id="C",
        short=f"{LAST_YEAR}'s best in a minute on a device",
        claim=f"{LAST_YEAR}'s best trains in a minute on a personal device of {futures.to}",
        verdict=verdict,
        about=f"seconds to train {vision.name}, {LAST_YEAR}'s largest vision net, on a device of {futures.to}",
        changes_short=in_short(changed),
        changes=f"{in_full(changed, C_ASSUMPTIONS)} In the middle of the futures a minute takes algorithms that gain "
        f"{' and '.join(needed)} times a year for {counted(years, 'year')}. The essay's own pair, a workstation and a "
        "laptop, was one small net on one processor: much easier.",
        evidence=tuple(evidence),
        sources=(ESSAY, *dict.fromkeys(f"{net.name} ({net.date}): {net.credit}" for net, _ in found), ASSUMED),
        shown=written(value, "rough_time"),
        **extrapolated(value, "s"),
    )
