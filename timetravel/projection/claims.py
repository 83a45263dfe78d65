"""The essay's seven claims about 2055, each with its evidence; B and C are judged here, by their share of futures."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from timetravel.numbers import counted, interval, rough_time, significant
from timetravel.numbers import short as two_digits
from timetravel.projection import verdicts
from timetravel.projection.futures import JOULES, SECONDS_A_MINUTE, Band, Draws, Futures, band
from timetravel.projection.measured import from_scratch, infrastructure, more_data, tweaks
from timetravel.projection.outlook import best
from timetravel.projection.packaged import Row, limits
from timetravel.projection.series import CLAIM, LAST_YEAR
from timetravel.projection.verdicts import ESSAY, chance, judged

ASSUMED: Final = "milestones.csv and assumptions.csv of the package, or the files given in their place"
B_PARTS: Final = ("parameters", "parameters-vision", "tokens", "images")
B_ASSUMPTIONS: Final = (
    "sparsity", "synthetic", "tokens_per_parameter", "budget_share", "electricity_share", "latency_wall",
)  # fmt: skip
C_ASSUMPTIONS: Final = (
    "algorithm_growth", "algorithm_most", "price_growth", "price_growth_after", "device_speed", "device_watts",
    "cmos_limit",
)  # fmt: skip


def claims(futures: Futures, figures: Sequence[Row], shares: Sequence[Row]) -> list[Row]:
    """Judge all seven. `figures`: the milestones that the futures' records were made of.

    Raises DataError for a published result that is damaged.
    """
    opinion = {"kind": "opinion", "about": "no number measures it"}
    seen = {
        "evidence": (
            "Here the same program trains the net of 1989 and its recipes of 2022 and today: layers, a loss, "
            "back-propagation, steps.",
            "The largest nets of the milestones up to 2026 are still layers trained by gradients (a judgement).",
        ),
        "sources": (ESSAY, "milestones.csv of the package"),
    }
    return [
        judged("A", verdicts.HOLDS_SO_FAR, opinion, seen, to=futures.to),
        ten_million(futures, figures),
        one_minute(futures, figures),
        tweaks(shares),
        more_data(shares),
        infrastructure(shares),
        from_scratch(),
    ]


def finding(found: Sequence[Row], to: int) -> str:
    """Say what the verdicts come to."""
    letters = {
        word: ", ".join(claim["id"] for claim in found if claim["verdict"] == word) for word in verdicts.VERDICTS
    }
    parts = [f"{of_it}: {word}" for word, of_it in letters.items() if of_it]
    return f"Of the essay's claims about {to}, {'; '.join(parts)}."


def _written(found: Band, form: str) -> str:
    return interval(found["value"], found["low"], found["high"], form)


def _extrapolated(found: Band, form: str, unit: str, word: str = "") -> Row:
    return {
        "kind": "extrapolation",
        **{name: significant(value, 2) for name, value in found.items()},
        "unit": unit,
        "interval": "10 % and 90 % quantiles of the limited futures",
        "shown": f"{_written(found, form)}{word}",
    }


def _larger(futures: Futures, name: str, *, limited: bool = True) -> Draws:
    """Draw by what a series is larger in the target year than in 2022, log10."""
    record = futures.records[name]
    draws = (futures.limited if limited else futures.trend)(name, futures.to)
    return draws - record.at(record.base)


def ten_million(futures: Futures, figures: Sequence[Row]) -> Row:
    """B: data sets and models are 10,000,000 times larger."""

    def chances(moved: Futures, *, limited: bool = True) -> list[float]:
        return [float(np.mean(_larger(moved, name, limited=limited) >= np.log10(CLAIM))) for name in B_PARTS]

    bent, unbent, evidence = chances(futures), chances(futures, limited=False), []
    for name, limited, free in zip(B_PARTS, bent, unbent, strict=True):
        times, _, ends = _written(band(_larger(futures, name), logs=True), "rough").partition(" ")
        evidence.append(
            f"{futures.records[name].series.label}: {times} times {LAST_YEAR}'s {ends} with limits; 10,000,000 times "
            f"in {chance(limited)} of the limited futures and in {chance(free)} of those without limits."
        )
    verdict, without = verdicts.by_futures(bent), verdicts.by_futures(unbent)
    before, otherwise = "", ""
    if without != verdict:
        before = f"no limits ({without})"
        otherwise = f"By the trends alone, without limits, it would read '{without}'. "
    moves, told = verdicts.changes(futures, B_ASSUMPTIONS, chances, before=before)
    value, run = band(_larger(futures, B_PARTS[0]), logs=True), best("2022", figures)[1]
    needed = run["value"] * CLAIM**2
    world = limits()["world electricity"]["value"] * JOULES * limits()["CMOS limit"]["value"]
    both_at_once = (
        f"Arithmetic: both at once, as a dense net of {run['name']}'s kind, takes {two_digits(needed)} operations: "
        f"{two_digits(needed / world)} times what all electricity of 2024 could do in a year at the CMOS limit."
    )
    rest = {
        "evidence": (*evidence, both_at_once),
        "sources": (ESSAY, ASSUMED, limits()["CMOS limit"]["source"], limits()["world electricity"]["source"]),
        **_extrapolated(value, "rough", f"times {LAST_YEAR}", " times"),
    }
    about = {"about": f"parameters of the largest net, times {LAST_YEAR}'s, limited futures"}
    return judged("B", verdict, about, rest, to=futures.to, moves=moves, otherwise=otherwise, told=told)


def one_minute(futures: Futures, figures: Sequence[Row]) -> Row:
    """C: 2022's best, the largest vision net and the largest run, train in about a minute on a personal device."""
    nets, years = best("2022", figures), futures.to - LAST_YEAR

    def seconds(moved: Futures) -> list[Draws]:
        return [moved.seconds(one["value"], moved.to, since=LAST_YEAR) for one in nets]

    def in_time(found: Draws) -> float:
        return float(np.mean(found <= SECONDS_A_MINUTE))

    def chances(moved: Futures) -> list[float]:
        return [in_time(found) for found in seconds(moved)]

    evidence, needed = [], []
    for net, found in zip(nets, seconds(futures), strict=True):
        by_chips = futures.seconds(net["value"], futures.to)
        middle = band(by_chips)["value"]
        needed.append(f"{two_digits((middle / SECONDS_A_MINUTE) ** (1 / years))} ({net['name']})")
        evidence.append(
            f"{net['name']} ({two_digits(net['value'])} FLOP): {_written(band(found), 'rough_time')}, a minute or less "
            f"in {chance(in_time(found))} of the futures; by chips alone {rough_time(middle)}, a minute or less in "
            f"{chance(in_time(by_chips))}."
        )
    moves, told = verdicts.changes(futures, C_ASSUMPTIONS, chances, together=C_ASSUMPTIONS[:2])
    vision, value = nets[0]["name"], band(seconds(futures)[0])
    used = dict.fromkeys(f"{net['name']} ({net['date']}): {net['credit']}" for net in nets)
    about = {"about": f"seconds to train {vision}, {LAST_YEAR}'s largest vision net, on a device of {futures.to}"}
    rest = {"evidence": tuple(evidence), "sources": (ESSAY, *used, ASSUMED), **_extrapolated(value, "rough_time", "s")}
    filled = {"moves": moves, "told": told, "gains": " and ".join(needed), "years": counted(years, "year")}
    return judged("C", verdicts.by_futures(chances(futures)), about, rest, to=futures.to, **filled)
