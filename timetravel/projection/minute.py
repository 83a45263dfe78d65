"""Claim C: 2022's best trains in about a minute on a personal device of the target year."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from timetravel.numbers import chance, rough_time
from timetravel.numbers import short as two_digits
from timetravel.projection.futures import SECONDS_A_MINUTE, Futures, band
from timetravel.projection.inputs import milestones
from timetravel.projection.outlook import best
from timetravel.projection.packaged import Row
from timetravel.projection.pieces import need, over_ranges, part
from timetravel.projection.series import LAST_YEAR
from timetravel.projection.verdicts import ASSUMED, extrapolated, judged, written

ASSUMPTIONS: Final = (
    "algorithm_growth", "algorithm_most", "price_growth", "shrinking_ends", "price_growth_after", "device_speed",
    "device_watts", "cmos_limit", "utilisation", "memory_growth", "state_bytes",
)  # fmt: skip


def parameters_of(net: Row, figures: Sequence[Row]) -> float | None:
    """Return the parameters of a net by its name, in the milestones in use or else the package's."""
    named = [one for one in (*figures, *milestones()) if (one["quantity"], one["name"]) == ("parameters", net["name"])]
    return float(named[0]["value"]) if named else None


def one_minute(futures: Futures, figures: Sequence[Row]) -> Row:
    """C: 2022's best, the largest vision net and the largest run, train in about a minute on a personal device."""
    nets, to = best("2022", figures), futures.to
    sizes = [parameters_of(one, figures) for one in nets]

    def able(moved: Futures, place: int) -> np.ndarray:
        size, seconds = sizes[place], moved.seconds(nets[place]["value"], to, since=LAST_YEAR)
        return (seconds <= SECONDS_A_MINUTE) & (True if size is None else moved.fits(size, to, LAST_YEAR))

    parts, evidence, needs = [], [], []
    for place, (net, size) in enumerate(zip(nets, sizes, strict=True)):
        found = band(futures.seconds(net["value"], to, since=LAST_YEAR))
        by_chips = futures.seconds(net["value"], to)
        middle, share = band(by_chips)["value"], float(np.mean(able(futures, place)))
        parts.append(part(net["name"], None, written(found, "rough_time"), share))
        evidence.append(
            f"{net['name']} ({two_digits(net['value'])} FLOP): {written(found, 'rough_time')}, a minute or less, and "
            f"enough memory, in {chance(share)} of the futures; by chips alone {rough_time(middle)}."
        )
        gain = (middle / SECONDS_A_MINUTE) ** (1 / (to - LAST_YEAR))
        growth = futures.assumptions["algorithm_growth"]
        needs.append(
            need(f"yearly gain of algorithms, {net['name']}", f"{gain:.2f} times a year for {to - LAST_YEAR} years",
                 f"assumed {growth.low:g} to {growth.high:g}; published 1.5 to 2.8 over a decade", growth.source)
        )  # fmt: skip
        if size is not None:
            needs.append(_memory(futures, net, size))
    told = f"chance of a minute, {nets[0]['name']}"
    moved = over_ranges(futures, ASSUMPTIONS, lambda one: 100 * float(np.mean(able(one, 0))), told, "%")
    value, other = (band(futures.seconds(one["value"], to, since=LAST_YEAR)) for one in nets)
    middle, low, high = (rough_time(value[end]) for end in ("value", "low", "high"))
    rest = {
        "sentence": f"{nets[0]['name']}, best on images, takes {middle} [{low} to {high}]; {nets[1]['name']} takes "
        f"{rough_time(other['value'])}.",
        "probability": parts[0]["probability"],
        "parts": parts,
        "sensitivity": moved,
        "needs": needs,
        "evidence": evidence,
        "sources": (*dict.fromkeys(f"{net['name']} ({net['date']}): {net['credit']}" for net in nets), ASSUMED),
        "about": f"time to train {nets[0]['name']}, {LAST_YEAR}'s vision net with most compute, on a device of {to}; "
        "probability: a minute or less, and it fits into the device's memory",
        **extrapolated(value, "rough_time", "s"),
    }
    return judged("C", "", rest, to=to)


def _memory(futures: Futures, net: Row, size: float) -> Row:
    """Return what memory a net takes while it trains, beside what a device has in the target year."""
    state, growth = futures.assumptions["state_bytes"], futures.assumptions["memory_growth"]
    device = futures.drawn["device_memory"] * futures.grown("memory_growth", "device_memory", futures.to)
    then = written(band(device), "short")
    return need(
        f"memory to train {net['name']} as it was",
        f"{two_digits(size * state.middle)} bytes",
        f"{two_digits(futures.assumptions['device_memory'].middle)} bytes in {LAST_YEAR}, {then} in {futures.to}",
        f"{state.source}; {growth.source}",
    )
