"""Where the series stand in a year under each scenario, when a trend meets a limit, and the time traveller's table."""

import math
from collections.abc import Iterable, Sequence
from itertools import product
from operator import itemgetter
from typing import Final

from timetravel.numbers import significant
from timetravel.projection.futures import DEVICE_BASE, Band, Futures, band
from timetravel.projection.inputs import milestones, of_series, year_of
from timetravel.projection.packaged import Row, limits, plain
from timetravel.projection.series import BY_NAME, FIRST_YEAR, LAST_YEAR, TRAINING_TIME, Series, figure, naive
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
SLOWING: Final = ("chips", "pace")  # assumed limits that slow a trend: they have no year of crossing
ASSUMED: Final = "the assumptions"
BEST: Final = {  # the largest vision net and the largest documented run of the time, continuations of another left out
    "1989": ("LeCun zip-code net", "LeCun zip-code net"),
    "2022": ("CoCa", "PaLM"),
    "today": (None, None),  # the largest there are
}
COMPUTE: Final = "training compute"
SIZES: Final = ("parameters", "parameters-vision", "tokens", "images", "compute", "cost")
PUBLISHED: Final = (("tokens", "public text"), ("compute", "data movement"), ("energy", "Landauer limit, operations"))


def projected(futures: Futures, name: str, scenario: str, year: int) -> Band | None:
    """Return a series in a year up to the target, without ends where nothing tells them; None: no rule of the essay."""
    record, claimed = futures.records[name], BY_NAME[name].claimed
    no_ends = {"low": None, "high": None}
    if scenario == "naive":
        return {"value": naive(record.in_2022, claimed, year), **no_ends} if claimed else None
    found = band((futures.limited if scenario == "limited" else futures.trend)(name, year), logs=True)
    return found | no_ends if scenario == "trend" and record.unit_spread is None else found


def _facts(futures: Futures, series: Series) -> Row:
    record = futures.records[series.name]
    return {
        "quantity": series.name,
        "label": series.label,
        "unit": series.unit,
        "in_2022": significant(record.in_2022),
        "standing_in": record.last,
        "last_record": significant(10 ** record.values[-1]),
    }


def outlooks(futures: Futures, chosen: Iterable[Series], scenarios: Iterable[str]) -> list[Row]:
    """Return the chosen series in the target year, in their unit, under every scenario that says something of them.

    `bent_by`: the share of the limited futures that each limit bends. `source`: whose figure it starts from.
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
                "times_2022": significant(ahead["value"] / record.in_2022),
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
    """Return what a series stands on: its record (`whole`: with all its years) and the milestones that made it.

    And the median of every limit in the target year, and which of those met its trend meets first.
    """
    holders, best = [], 0.0
    for one in of_series(series, figures):
        if one["value"] > best:
            best = one["value"]
            note = ", ".join(part for part in ("estimated" if one["estimated"] else "", one["note"]) if part)
            told = {name: one[name] for name in ("date", "name", "value")}
            holders.append(told | {"note": note, "source": one["credit"]})
    bounds = futures.limits(series.name, futures.to)
    own = [one for one in met if one["quantity"] == series.name and one["source"] == ASSUMED and one["year"]]
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
    """Return the first years in which the middle of every trend is above what bounds it, its low and its high.

    By the assumptions, and by published limits beside them. None: not by the target.
    """
    assumed = ((name, limit) for name in futures.records for limit in futures.limits(name, futures.to))
    found = []
    for name, limit in (*(one for one in assumed if one[1] not in SLOWING), *PUBLISHED):
        level, record = limits().get(limit), futures.records[name]  # a published level is the same in every year
        years: dict[str, int | None] = dict.fromkeys(("year", "earliest", "latest"))
        for year in range(record.last + 1, futures.to + 1):
            middle = record.forecast(year, futures.to).middle
            here = level or band(futures.limits(name, year)[limit])
            for part, end in zip(years, ("value", "low", "high"), strict=True):
                if years[part] is None and middle > math.log10(here[end] or here["value"]):
                    years[part] = year
            if None not in years.values():
                break
        found.append({"quantity": name, "limit": limit, **years, "source": level["source"] if level else ASSUMED})
    return found


def best(since: str, figures: Sequence[Row]) -> list[Row]:
    """Return the training compute of the largest vision net and of the largest run of a time.

    In place of a net of BEST that the milestones in use lack stands the largest until then, or the package's.
    """
    year = year_of(since, figures)
    runs = [one for one in figures if one["quantity"] == COMPUTE and one["year"] <= year]
    found = []
    for name, own in zip(BEST[since], ([one for one in runs if one["domain"] == "vision"], runs), strict=True):
        wanted = COMPUTE, name or BEST["2022"][0]
        able = own or [one for one in milestones() if (one["quantity"], one["name"]) == wanted]
        found.append(next((one for one in able if one["name"] == name), max(able, key=itemgetter("value"))))
    return found


def _sight(what: str, unit: str, then: float | None, ahead: Band | None, kind: str = "extrapolation") -> Row:
    """Return one line: `then` in the year looked back at, `ahead` in the target year, their ratio; None: unknown."""
    ratio = then and ahead and {name: None if part is None else part / then for name, part in ahead.items()}
    return {"what": what, "unit": unit, "then": plain(then), "ahead": plain(ahead), "ratio": plain(ratio), "kind": kind}


def sights(futures: Futures, figures: Sequence[Row], since: str, scenario: str) -> list[Row]:
    """Return how large the largest have become, by a scenario, since a year looked back at (one of BEST)."""
    year, found = year_of(since, figures), []
    for name in SIZES:
        record = futures.records[name]
        then = 10 ** record.at(min(year, record.last)) if year >= record.first else None
        ahead = projected(futures, name, scenario, futures.to)
        if then or ahead:
            kind = "arithmetic" if scenario == "naive" else "extrapolation"
            found.append(_sight(record.series.label, record.series.unit, then, ahead, kind))
    return found


def repeats(futures: Futures, figures: Sequence[Row], since: str) -> list[Row]:
    """Return how long the best of a time takes on a device of the target year, and its cost then: by assumptions."""
    found, vision, largest = [], *best(since, figures)
    nets = [vision] if vision == largest else [vision, largest]
    for one in nets:
        if one["year"] == FIRST_YEAR:  # the very same net again: the essay's own comparison
            then, seconds = figure(TRAINING_TIME, FIRST_YEAR), futures.seconds(one["value"], futures.to)
        else:
            then = band(futures.seconds(one["value"], max(one["year"], DEVICE_BASE)))["value"]
            seconds = futures.seconds(one["value"], futures.to, since=one["year"])
        found.append(_sight(f"{one['name']} on a personal device", "s", then, band(seconds)))
    costs = {one["name"]: one["value"] for one in reversed(figures) if one["quantity"] == "training cost"}
    for one in nets:
        if (dollars := costs.get(one["name"])) is not None:  # the first of a name
            span = min(year_of(since, figures), one["year"]), futures.to
            ahead = band(dollars / futures.price_gain(*span) / futures.algorithms(*span))
            found.append(_sight(f"cost of {one['name']} again, dollars", "US dollars", dollars, ahead))
    return found


def mirror(futures: Futures, figures: Sequence[Row], here: float | None) -> list[Row]:
    """Return 1989 seen from 2022: factors by our milestones, and the essay's. `here`: the least seconds measured."""
    vision, images = (futures.records[name].in_2022 for name in ("parameters-vision", "images"))
    first = figure("parameters", FIRST_YEAR)
    compute = best("2022", figures)[0]["value"] / best("1989", figures)[0]["value"]
    days = figure(TRAINING_TIME, FIRST_YEAR)
    said = days / figure(TRAINING_TIME, LAST_YEAR)
    timed = "measured here; essay" if here else "essay; yours: timetravel train --era 1989"
    lines = (
        ("parameters (vision)", vision / first, figure("parameters", LAST_YEAR) / first, "milestones; essay"),
        ("images", images / figure("images", FIRST_YEAR), 1e5, "milestones; essay"),  # rounded as the essay rounds
        ("pixels", None, 1e8, "essay"),
        ("compute (vision)", compute, None, "milestones"),
        ("training speed", here and days / here, said, timed),
    )
    return [plain(dict(zip(("what", "ours", "essay", "source"), line, strict=True))) for line in lines]
