"""Claim B: data sets and models of the target year are 10,000,000 times 2022's."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from timetravel.numbers import chance, plainly
from timetravel.numbers import short as two_digits
from timetravel.projection.futures import JOULES, Draws, Futures, band
from timetravel.projection.outlook import best
from timetravel.projection.packaged import Row, limits
from timetravel.projection.pieces import need, over_ranges, part
from timetravel.projection.series import CLAIM, FIRST_YEAR, LAST_YEAR, figure
from timetravel.projection.verdicts import ASSUMED, extrapolated, judged, written

PARTS: Final = ("parameters-vision", "images", "parameters", "tokens")  # the essay's own units first
SHOWN: Final = PARTS[0]
ASSUMPTIONS: Final = (
    "tokens_per_parameter", "budget_share", "world_growth", "flop_per_dollar", "price_growth", "shrinking_ends",
    "price_growth_after", "sparsity", "electricity_share", "latency_wall",
)  # fmt: skip


def _larger(futures: Futures, name: str, *, limited: bool = True) -> Draws:
    """Draw by what a series is larger in the target year than in 2022, log10."""
    record = futures.records[name]
    draws = (futures.limited if limited else futures.trend)(name, futures.to)
    return draws - record.at(record.base)


def ten_million(futures: Futures, figures: Sequence[Row]) -> Row:
    """B: data sets and models are 10,000,000 times larger; the essay speaks of vision, which comes first."""
    level, parts, evidence = np.log10(CLAIM), [], [_fell_short(futures)]
    for name in PARTS:
        grown = _larger(futures, name)
        bent, alone = (float(np.mean(_larger(futures, name, limited=limited) >= level)) for limited in (True, False))
        label = futures.records[name].series.label
        parts.append(part(label, None, f"{written(band(grown, logs=True), 'rough')} times", bent))
        evidence.append(
            f"{label}: 10,000,000 times in {chance(bent)} of the futures, without limits in {chance(alone)}."
        )
    joint, free = (
        float(np.mean(np.minimum(*(_larger(futures, name, limited=limited) for name in PARTS[:2])) >= level))
        for limited in (True, False)
    )
    value, images = (band(_larger(futures, name), logs=True) for name in PARTS[:2])
    net, pictures = (plainly(one["value"]) for one in (value, images))
    moved = over_ranges(
        futures,
        ASSUMPTIONS,
        lambda one: float(10 ** np.median(_larger(one, SHOWN))),
        f"parameters of {futures.to}'s largest vision net over {LAST_YEAR}'s, median",
        "times",
    )
    rest = {
        "sentence": f"The largest image network: {net} times {LAST_YEAR}'s [{plainly(value['low'])} to "
        f"{plainly(value['high'])}]; image sets: {pictures} times. Without limits: {chance(free)}.",
        "probability": joint,
        "parts": parts,
        "sensitivity": moved,
        "needs": _needs_of_size(futures, figures),
        "evidence": evidence,
        "sources": (ASSUMED, limits()["CMOS limit"]["source"], limits()["world electricity"]["source"]),
        "about": f"parameters of the largest vision net, times {LAST_YEAR}'s, with limits; probability: that and "
        f"training images both, if the limits hold; if there are none, {chance(free)}",
        **extrapolated(value, "rough", f"times {LAST_YEAR}", " times"),
    }
    return judged("B", "", rest, to=futures.to)


def _fell_short(futures: Futures) -> str:
    """Say that the essay's own factors fell short of what it rounds them to."""
    names = ("parameters", "images", "pixels in all")
    nets, images, pixels = (two_digits(figure(name, LAST_YEAR) / figure(name, FIRST_YEAR)) for name in names)
    ours = futures.records["images"].in_2022 / figure("images", FIRST_YEAR)
    return (
        f"1989 to 2022, the essay's own figures: parameters {nets} times, not a million; images {images} times, pixels "
        f"{pixels} times; by our milestones images {two_digits(ours)} times."
    )


def _needs_of_size(futures: Futures, figures: Sequence[Row]) -> list[Row]:
    """Return what 10,000,000 times takes, worked backwards from the target year."""
    found = []
    for name in PARTS[:2]:
        record = futures.records[name]
        growth = (CLAIM * record.in_2022 / 10**record.so_far) ** (1 / (futures.to - record.last))
        now = f"{10 ** record.line(1)[0]:.2f} times a year in the {record.look(1)} years to {record.last}"
        found.append(
            need(f"growth of {record.series.label}", f"{growth:.2f} times a year", now, record.credit(record.last))
        )
    run, world = best("2022", figures)[1], limits()["world electricity"]
    needed = run["value"] * CLAIM**2
    limit = world["value"] * JOULES * limits()["CMOS limit"]["value"]
    found.append(
        need(
            f"one run, {run['name']}'s net and data both 10,000,000 times, dense",
            f"{two_digits(needed)} operations, {two_digits(needed / limit)} years of all electricity at the CMOS limit",
            f"{two_digits(10 ** futures.records['compute'].so_far)} operations",
            f"{world['source']}; {limits()['CMOS limit']['source']}",
        )
    )
    products = futures.budget(futures.to) / futures.drawn["budget_share"]
    share = float(np.median(needed / futures.operations_a_dollar(futures.to) / products))
    dearest = futures.records["cost"]
    cost = f"{two_digits(10**dearest.so_far)} dollars"
    source = dearest.credit(dearest.last + 1)
    return [*found, need("what that run may cost", f"{two_digits(share)} world products", cost, source)]
