"""Claim A: the nets of the target year are those of 2022, only bigger.

Judged by the record holders of parameters and of training compute: whether each is made of layers of differentiable
units and is trained by gradients, by its own description (macro.csv). The chance that this lasts is by Laplace's rule
of succession, in years: of an unbroken run of n years, h more come with (n + 1) / (n + h + 1).
"""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Final

from timetravel.numbers import counted, listed, percent
from timetravel.projection import verdicts
from timetravel.projection.packaged import Row, cited
from timetravel.projection.pieces import bar, need, part, sensitivity
from timetravel.projection.series import FIRST_YEAR

QUANTITIES: Final = ("parameters", "training compute")
ESTABLISHED: Final = 2012  # a record holder of this year or later that is none ends the claim
FIRST_NET: Final = 1957
RULE: Final = (
    "Laplace's rule of succession; as for durations in Gott (1993), https://doi.org/10.1038/363315a0; against its use "
    "where anything else is known: Caves (2000), https://arxiv.org/abs/astro-ph/0001414"
)
Told = tuple[int, str, bool | None]  # year, name, and whether it is such a net; None: not described, or not judged


def macro(figures: Sequence[Row], to: int) -> Row:
    """A: nets the same, only bigger."""
    every, led = leaders(figures)
    records = [one for one in every if one[0] >= FIRST_YEAR]
    judged = [one for one in records if one[2] is not None]
    broken = [one for one in judged if not one[2]]
    last = max(one["year"] for one in figures) - 1  # the last whole year
    since = max([FIRST_YEAR, kept_until(figures), *(year for year, *_ in broken)])

    def lasts(start: int) -> float:
        run, ahead = max(last - start, 0), max(to - last, 0)
        return float((run + 1) / (run + ahead + 1))

    alike: bool | None = bool(judged) or None
    if broken:
        alike = False if since >= ESTABLISHED else None
    chance = None if alike is False else lasts(since)
    sure = None if chance is None or verdicts.UNLIKELY < chance < verdicts.SURE else chance >= verdicts.SURE
    count, shown = len(judged) - len(broken), f"{len(judged) - len(broken)} of {len(judged)}"
    lasting = "" if chance is None else f"; for {to}: {percent(chance)}"
    unknown, years = [name for _, name, fits in records if fits is None], counted(last - since, "year")
    rest = {
        "sentence": f"{count} of {len(records)} record nets since {FIRST_YEAR} are layers trained by gradients"
        f"{lasting}.",
        "probability": chance,
        "kind": "record",
        "about": f"nets that set a record of parameters or compute since {FIRST_YEAR}, layers trained by gradients",
        "value": float(count),
        "unit": f"of {counted(len(judged), 'record holder')}",
        "shown": shown,
        "parts": [
            part(f"every known record net since {FIRST_YEAR} is layers trained by gradients", alike, shown),
            part(f"this lasts to {to}", sure, "-" if chance is None else percent(chance), chance),
        ],
        "sensitivity": None if chance is None else sensitivity(
            f"chance that it lasts to {to}", "%", 100 * chance, bars(lasts, since, led)
        ),
        "needs": [
            need("record holders that are something else", "none", str(len(broken)), "macro.csv of the package"),
            need("years without an exception, for a chance of 90 %", f"{max(9 * (to - last) - 1, 0)}", years, RULE),
        ],
        "evidence": evidence(every, led, unknown),
        "sources": ("macro.csv and milestones.csv of the package", RULE),
    }  # fmt: skip
    if alike and sure:
        verdict = verdicts.HOLDS
    else:
        verdict = verdicts.FAILS if alike is False else verdicts.HOLDS_SO_FAR if alike else verdicts.OPEN
    return verdicts.judged("A", verdict, rest, to=to)


def leaders(figures: Sequence[Row]) -> tuple[list[Told], list[Told]]:
    """Return the nets that set a record of parameters or compute, and the largest of each year; each once, by date."""
    how = {row["name"]: row for row in cited("macro")}
    records, largest = [], []
    for quantity in QUANTITIES:
        own, best = [one for one in figures if one["quantity"] == quantity], 0.0
        for one in sorted(own, key=itemgetter("date", "name")):
            if one["value"] > best:
                best = one["value"]
                records.append(one)
        years = sorted({one["year"] for one in own})
        largest += [max((one for one in own if one["year"] == year), key=itemgetter("value")) for year in years]

    def told(found: list[Row]) -> list[Told]:
        dated = sorted({(one["year"], one["name"]) for one in found})
        return [(year, name, fits(how.get(name))) for year, name in dated]

    return told(records), told(largest)


def kept_until(figures: Sequence[Row]) -> int:
    """Return the year in which the last record of another kind of net was beaten; 0 if there was none."""
    how, years = {row["name"]: row for row in cited("macro")}, [0]
    for quantity in QUANTITIES:
        best, odd = 0.0, False
        for one in sorted((one for one in figures if one["quantity"] == quantity), key=itemgetter("date", "name")):
            if one["value"] > best:
                best, before = one["value"], odd
                odd = fits(how.get(one["name"])) is False
                years += [one["year"]] if before and not odd else []
    return max(years)


def fits(row: Row | None) -> bool | None:
    """Say whether a net of macro.csv is layers trained by gradients; None where that is not known."""
    answers = {row["layers"], row["gradients"]} if row else set()
    return False if "no" in answers else True if answers == {"yes"} else None


def bars(lasts: Callable[[int], float], since: int, led: Sequence[Told]) -> list[Row]:
    """Return how the chance moves with the first year that counts, and with what counts as an exception."""
    base = str(since), 100 * lasts(since)
    found = [
        bar("first year, if recent nets alone count", (str(ESTABLISHED), 100 * lasts(ESTABLISHED)), base),
        bar("first year, if layers count, however trained", base, (str(FIRST_NET), 100 * lasts(FIRST_NET))),
    ]
    if exceptions := [year for year, _, alike in led if alike is False]:
        year = max(exceptions)
        found.append(bar("last exception, by the largest of each year", (str(year), 100 * lasts(year)), base))
    return found


def evidence(every: Sequence[Told], led: Sequence[Told], unknown: Sequence[str]) -> list[str]:
    """Say what is counted, what is left out and what speaks against it."""
    odd, records = [one for one in every if one[2] is False], [one for one in every if one[0] >= FIRST_YEAR]
    told = [
        f"Counted are {len(records)} nets that set a record since {FIRST_YEAR}, judged by their own descriptions.",
        "Attention, sparse experts, new optimizers and reinforcement learning are counted as changes within.",
    ]
    if odd:
        told.append(f"The newest record holder that was not trained by gradients: {odd[-1][1]} ({odd[-1][0]}).")
    if unknown:
        told.append(f"Left out, as their makers do not describe them or nobody judged them: {listed(unknown)}.")
    if led_by := [f"{name} ({year})" for year, name, alike in led if alike is False and year >= FIRST_YEAR]:
        told.append(f"Largest of its year, no record, and not trained by gradients: {listed(led_by)}.")
    return told
