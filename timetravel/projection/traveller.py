"""The time traveller's table: what the best of one year looks like from another, and the essay's mirror of it."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Final

from timetravel.errors import UsageError
from timetravel.projection.futures import DEVICE_BASE, Band, Futures, band
from timetravel.projection.inputs import milestones
from timetravel.projection.outlook import projected
from timetravel.projection.packaged import Row, plain
from timetravel.projection.series import FIRST_YEAR, FURTHEST_YEAR, LAST_YEAR, QUANTITIES, TRAINING_TIME, figure

FROM: Final = ("1989", "2022", "today")
BEST: Final = {  # the largest vision net and the largest documented run of the time, continuations of another left out
    "1989": ("LeCun zip-code net", "LeCun zip-code net"),
    "2022": ("CoCa", "PaLM"),
    "today": (None, None),  # the largest there are
}
COMPUTE: Final = "training compute"
SIZES: Final = ("parameters", "parameters-vision", "tokens", "images", "compute", "cost")


def best(since: str, figures: Sequence[Row]) -> list[Row]:
    """Return the training compute of the largest vision net and of the largest run of a time.

    Where the milestones in use lack a net of BEST, the largest until then stands in its place, and where they have none
    so old, the package's.
    """
    year = year_of(since, figures)
    runs = [one for one in figures if one["quantity"] == COMPUTE and one["year"] <= year]
    found = []
    for name, own in zip(BEST[since], ([one for one in runs if one["domain"] == "vision"], runs), strict=True):
        named = [one for one in own if one["name"] == name]
        if not own:
            wanted = COMPUTE, name or BEST["2022"][0]
            named = [one for one in milestones() if (one["quantity"], one["name"]) == wanted]
        found.append(named[0] if named else max(own, key=itemgetter("value")))
    return found


def year_of(since: str, figures: Sequence[Row]) -> int:
    """Return the year looked back at; 'today' is that of the newest milestone in use."""
    return max(one["year"] for one in figures) if since == "today" else int(since)


def checked_from(since: str, to: int, figures: Sequence[Row]) -> None:
    """Raise UsageError unless the target year is after the year looked back at."""
    year = year_of(since, figures)
    if to <= year:
        what = f"{year}, the year of the newest milestone" if since == "today" else str(year)
        raise UsageError(
            f"--from {since} looks back from {to} at {what}: that is not back.",
            f"Allowed with it: --to {year + 1} to {FURTHEST_YEAR}.",
        )


def _sight(what: str, unit: str, then: float | None, ahead: Band | None, kind: str = "extrapolation") -> Row:
    """Return one line: `then` in the year looked back at, `ahead` in the target year, `ratio` of both. None: not known.

    `kind` says what it is: extrapolation (of trends, with limits or without) or arithmetic.
    """
    ratio = then and ahead and {name: None if part is None else part / then for name, part in ahead.items()}
    return {"what": what, "unit": unit, "then": plain(then), "ahead": plain(ahead), "ratio": plain(ratio), "kind": kind}


def sights(futures: Futures, figures: Sequence[Row], since: str, scenario: str) -> list[Row]:
    """Return how large the largest have become, by a scenario, since a year looked back at (one of FROM)."""
    year, found = year_of(since, figures), []
    for name in SIZES:
        record = futures.records[name]
        then = 10 ** record.at(min(year, record.last)) if year >= record.first else None
        ahead = projected(futures, name, scenario, futures.to)
        if then is not None or ahead is not None:
            kind = "arithmetic" if scenario == "naive" else "extrapolation"
            found.append(_sight(record.series.label, QUANTITIES[record.series.quantity][0], then, ahead, kind))
    return found


def repeats(futures: Futures, figures: Sequence[Row], since: str) -> list[Row]:
    """Return how long the best of a time takes on a personal device of the target year, and what it costs to repeat.

    No scenario's: by the assumptions on hardware and algorithms, whatever the trends are.
    """
    nets, found = best(since, figures), []
    nets = nets[:1] if nets[0] == nets[1] else nets
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
    """Return 1989 seen from 2022: the factors by our milestones, and the essay's; None where there is none.

    `here`: the least seconds that training the 1989 net took on this machine.
    """

    def grown(name: str, quantity: str) -> float:
        record = futures.records[name]
        return float(10 ** record.at(record.base) / figure(quantity, FIRST_YEAR))

    essays = figure("parameters", LAST_YEAR) / figure("parameters", FIRST_YEAR)
    compute = best("2022", figures)[0]["value"] / best("1989", figures)[0]["value"]
    days = figure(TRAINING_TIME, FIRST_YEAR)
    said = days / figure(TRAINING_TIME, LAST_YEAR)
    timed = "measured here; essay" if here else "essay; yours: timetravel train --era 1989"
    lines = (
        ("parameters (vision)", grown("parameters-vision", "parameters"), essays, "milestones; essay"),
        ("images", grown("images", "images"), 1e5, "milestones; essay"),  # rounded as the essay rounds
        ("pixels", None, 1e8, "essay"),
        ("compute (vision)", compute, None, "milestones"),
        ("training speed", here and days / here, said, timed),
    )
    return [plain(dict(zip(("what", "ours", "essay", "source"), line, strict=True))) for line in lines]
