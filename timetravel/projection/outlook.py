"""Where the series stand in a year under each scenario, on which record, and when a trend meets a limit."""

import math
from collections.abc import Iterable, Sequence
from itertools import product
from operator import itemgetter
from typing import Final

from timetravel.numbers import significant
from timetravel.projection.futures import Band, Futures, band
from timetravel.projection.inputs import of_series
from timetravel.projection.packaged import Row, limits, plain
from timetravel.projection.series import BY_NAME, LAST_YEAR, QUANTITIES, Series, naive
from timetravel.projection.trends import Record

MOST_STEPS: Final = 12  # years on the way that are computed
KINDS: Final = {
    "naive": "arithmetic: the essay's 10,000,000 times in 33 years; its square for compute",
    "trend": "extrapolation of the records, no limits",
    "limited": "extrapolation, bent by the assumed limits",
}
SCENARIOS: Final = tuple(KINDS)
BESIDES: Final = {  # what stands on besides the record
    "naive": "the essay's factor",
    "trend": "the records before it in milestones.csv",
    "limited": "the records before it in milestones.csv; assumptions.csv",
}
RUN: Final = ("money", "power", "latency")
LEVELS: Final = {  # the assumed limits that are levels; what slows a trend instead has no year of crossing
    "training compute": RUN,
    "parameters": RUN,
    "training tokens": ("data", *RUN),
    "training images": ("data",),
    "training cost": ("money",),
    "price-performance": (),
    "operations per joule": ("CMOS",),
    "algorithmic efficiency": ("floor",),
}
PUBLISHED: Final = (("tokens", "public text"), ("compute", "data movement"), ("energy", "Landauer limit, operations"))


def projected(futures: Futures, name: str, scenario: str, year: int) -> Band | None:
    """Return a series in a year up to the target; None where the essay, asked for its rule, says nothing of it.

    A trend without hindcasts has no spread, and so no ends.
    """
    record, claimed = futures.records[name], BY_NAME[name].claimed
    no_ends = {"low": None, "high": None}
    if scenario == "naive":
        start = 10 ** record.at(record.base)
        return None if claimed is None else {"value": naive(start, claimed, year), **no_ends}
    if scenario == "limited":
        return band(futures.limited(name, year), logs=True)
    found = band(futures.trend(name, year), logs=True)
    return found | no_ends if record.unit_spread is None else found


def _facts(futures: Futures, series: Series) -> Row:
    record = futures.records[series.name]
    return {
        "quantity": series.name,
        "label": series.label,
        "unit": QUANTITIES[series.quantity][0],
        "in_2022": significant(10 ** record.at(record.base)),
        "standing_in": record.last,
        "last_record": significant(10 ** record.values[-1]),
    }


def outlooks(futures: Futures, chosen: Iterable[Series], scenarios: Iterable[str]) -> list[Row]:
    """Return the chosen series in the target year under every scenario that says something of them.

    `bent_by`: the share of the limited futures that each limit bends. `source`: whose figure the record is that it
    starts from. Values are in the series' unit.
    """
    found = []
    for series, scenario in product(chosen, scenarios):
        ahead, record = projected(futures, series.name, scenario, futures.to), futures.records[series.name]
        if ahead is None:
            continue
        holder = record.credit(record.base if scenario == "naive" else record.last)
        bent = futures.binding(series.name, futures.to) if scenario == "limited" else {}
        found.append(
            {
                **_facts(futures, series),
                "domain": " ".join(series.domains) or "all",
                "scenario": scenario,
                "kind": KINDS[scenario],
                "year": futures.to,
                **plain(ahead),
                "times_2022": significant(ahead["value"] / 10 ** record.at(record.base)),
                "source": f"{holder}; {BESIDES[scenario]}",
                "bent_by": {name: round(share, 3) for name, share in bent.items()},
            }
        )
    return found


def path(futures: Futures, name: str, scenario: str) -> Row:
    """Return a series' way from the last record to the target, in steps of whole years: lists of years and values."""
    first = (futures.records[name].last if scenario != "naive" else LAST_YEAR) + 1
    step = -(-(futures.to - first + 1) // MOST_STEPS)
    years = [*range(first, futures.to, step), futures.to]
    bands = [plain(one) for year in years if (one := projected(futures, name, scenario, year)) is not None]
    values = {part: [one[part] for one in bands] for part in ("value", "low", "high")}
    return {"quantity": name, "scenario": scenario, "years": years if bands else [], **values}


def standing(futures: Futures, series: Series, whole: Record, figures: Sequence[Row], met: Sequence[Row]) -> Row:
    """Return what a series stands on.

    Its `record` (`whole`: with all its years, in its unit), the milestones that made it, the median of every limit in
    the target year, and which limit its trend meets first.
    """
    holders, best = [], 0.0
    for one in of_series(series, figures):
        if one["value"] > best:
            best = one["value"]
            note = ", ".join(part for part in ("estimated" if one["estimated"] else "", one["note"]) if part)
            told = {name: one[name] for name in ("date", "name", "value")}
            holders.append(told | {"note": note, "source": one["credit"]})
    bounds = futures.limits(series.name, futures.to)
    assumed = [one for one in met if one["year"] and (one["quantity"], one["limit"]) not in PUBLISHED]
    own = [one for one in assumed if one["quantity"] == series.name]
    first = min(own, key=itemgetter("year", "limit"), default=None)
    return {
        **_facts(futures, series),
        "year_in_2022": futures.records[series.name].base,
        "of": series.quantity,
        "domains": series.domains,
        "record": plain({"first": whole.first, "values": [10**value for value in whole.values]}),
        "milestones": holders,
        "limits": {cause: significant(band(draws)["value"]) for cause, draws in bounds.items()},
        "meets": first and {name: first[name] for name in ("limit", "year")},
    }


def crossings(futures: Futures) -> list[Row]:
    """Return when every trend meets what bounds it, by the assumptions and by published limits beside them.

    The first years in which its middle is above a limit (`year`), its low and its high; None: not by the target.
    """
    bounds: list[tuple[str, str, str, Band | None]] = [
        (name, cause, "the assumptions", None) for name in futures.records for cause in LEVELS[BY_NAME[name].quantity]
    ]
    for name, limit in PUBLISHED:
        one = limits()[limit]
        level = {part: one[part] or one["value"] for part in ("value", "low", "high")}  # the same in every year
        bounds.append((name, limit, one["source"], level))
    found = []
    for name, limit, source, level_of_all in bounds:
        record, years = futures.records[name], dict.fromkeys(("year", "earliest", "latest"))
        for year in range(record.last + 1, futures.to + 1):
            middle = record.forecast(year, futures.to).middle
            here = level_of_all or band(futures.limits(name, year)[limit])
            for part, end in (("earliest", "low"), ("year", "value"), ("latest", "high")):
                if years[part] is None and middle > math.log10(here[end]):
                    years[part] = year
            if None not in years.values():
                break
        found.append({"quantity": name, "limit": limit, **years, "source": source})
    return found
