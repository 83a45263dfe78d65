"""Where the series stand in a year, and the best nets of a time."""

from collections.abc import Iterable, Sequence
from itertools import product
from operator import itemgetter
from typing import Final

from timetravel.numbers import significant
from timetravel.projection.futures import Band, Futures, band
from timetravel.projection.inputs import milestones, of_series, year_of
from timetravel.projection.packaged import Row, plain
from timetravel.projection.series import BY_NAME, LAST_YEAR, Series, naive

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
BEST: Final = {  # the largest vision net and the largest documented run of the time, continuations of another left out
    "1989": ("LeCun zip-code net", "LeCun zip-code net"),
    "2022": ("CoCa", "PaLM"),
    "today": (None, None),  # the largest there are
}
COMPUTE: Final = "training compute"


def projected(futures: Futures, name: str, scenario: str, year: int) -> Band | None:
    """Return a series in a year up to the target, without ends where nothing tells them; None: no rule of the essay."""
    record, claimed = futures.records[name], BY_NAME[name].claimed
    if scenario == "naive":
        return {"value": naive(record.in_2022, claimed, year), "low": None, "high": None} if claimed else None
    return band((futures.limited if scenario == "limited" else futures.trend)(name, year), logs=True)


def _facts(futures: Futures, series: Series) -> Row:
    record = futures.records[series.name]
    holder = record.holders[-1]
    return {
        "quantity": series.name,
        "label": series.label,
        "unit": series.unit,
        "in_2022": significant(record.in_2022),
        "standing_in": record.last,
        "last_record": significant(10**record.so_far),
        "record_date": holder["date"],
        "record_holder": holder["name"],
    }


def outlooks(futures: Futures, chosen: Iterable[Series]) -> list[Row]:
    """Return the chosen series in the target year, in their unit, under every scenario that says something of them.

    `bent_by`: the share of the limited futures that each limit bends. `source`: whose figure it starts from.
    """
    found = []
    for series, scenario in product(chosen, SCENARIOS):
        ahead, record = projected(futures, series.name, scenario, futures.to), futures.records[series.name]
        if ahead is None:
            continue
        holder = record.credit(record.base if scenario == "naive" else record.last + 1)
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
    step = max(-(-(futures.to - first + 1) // MOST_STEPS), 1)
    years = [*range(first, futures.to, step), futures.to]
    bands = [plain(one) for year in years if (one := projected(futures, name, scenario, year)) is not None]
    values = {part: [one[part] for one in bands] for part in ("value", "low", "high")}
    return {"quantity": name, "scenario": scenario, "years": years if bands else [], **values}


def standing(futures: Futures, series: Series, figures: Sequence[Row]) -> Row:
    """Return what a series stands on: its record, the milestones that made it, and the median of every limit."""
    holders, best, record = [], 0.0, futures.records[series.name]
    for one in of_series(series, figures):
        if one["value"] > best:
            best = one["value"]
            note = ", ".join(part for part in ("estimated" if one["estimated"] else "", one["note"]) if part)
            told = {name: one[name] for name in ("date", "name", "value")}
            holders.append(told | {"note": note, "source": one["credit"]})
    bounds = futures.limits(series.name, futures.to)
    return {
        **_facts(futures, series),
        "year_in_2022": record.base,
        "of": series.quantity,
        "domains": series.domains,
        "record": plain({"first": record.first, "values": [10**value for value in record.values]}),
        "milestones": holders,
        "limits": {cause: significant(band(draws)["value"]) for cause, draws in bounds.items()},
    }


def best(since: str, figures: Sequence[Row]) -> list[Row]:
    """Return the training compute of the largest vision net and of the largest run of a time.

    In place of a net of BEST that the milestones in use lack stands the largest until then, or the package's.
    """
    year = year_of(since, figures)
    runs = [one for one in figures if one["quantity"] == COMPUTE and one["year"] <= year]
    names = BEST.get(since, (None, None))
    found = []
    for name, own in zip(names, ([one for one in runs if one["domain"] == "vision"], runs), strict=True):
        wanted = COMPUTE, name or BEST["2022"][0]
        able = own or [one for one in milestones() if (one["quantity"], one["name"]) == wanted]
        found.append(next((one for one in able if one["name"] == name), max(able, key=itemgetter("value"))))
    return found
