"""The time traveller's table: what the best of one year looks like from another, and the essay's mirror of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from timetravel.errors import UsageError
from timetravel.projection.futures import DEVICE_BASE, Band, Futures, band, band_of_logs
from timetravel.projection.kept import TRAINING_TIME, TimeRow
from timetravel.projection.milestones import Milestone, milestones
from timetravel.projection.series import BY_NAME
from timetravel.projection.two_points import FIRST_YEAR, FURTHEST_YEAR, LAST_YEAR, figure, naive

FROM: Final = ("1989", "2022", "today")
SCENARIOS: Final = ("naive", "trend", "limited")
BEST: Final = {  # the largest vision net and the largest documented run of the time, continuations of another left out
    "1989": ("LeCun zip-code net", "LeCun zip-code net"),
    "2022": ("CoCa", "PaLM"),
}  # of today: the largest there are
COMPUTE: Final = "training compute"
SIZES: Final = ("parameters", "parameters-vision", "tokens", "images", "compute", "cost")


@dataclass(frozen=True)
class Sight:
    """One line: `then` in the year looked back at, `ahead` in the target year, `ratio` of the two. None: not known.

    `kind` says what it is: extrapolation (of trends, with limits or without) or arithmetic.
    """

    what: str
    unit: str
    then: float | None
    ahead: Band | None
    ratio: Band | None
    kind: str


@dataclass(frozen=True)
class Mirror:
    """1989 seen from 2022: the factor by our milestones, and the essay's. None: it has none."""

    what: str
    ours: float | None
    essay: float | None
    source: str


def best(since: str, figures: Sequence[Milestone] | None = None) -> tuple[Milestone, Milestone]:
    """Return the training compute of the largest vision net and of the largest run of a time.

    `figures`: the milestones in use (None: the package's). Where they lack a net of BEST, the largest until then
    stands in its place, and where they have none so old, the package's.
    """
    figures = milestones() if figures is None else figures
    year = year_of(since, figures)
    runs = [one for one in figures if one.quantity == COMPUTE and one.year <= year]
    vision = [one for one in runs if one.domain == "vision"]
    first, second = BEST.get(since, (None, None))
    return of_name(first, vision), of_name(second, runs)


def of_name(name: str | None, runs: Sequence[Milestone]) -> Milestone:
    """Return the run of a name, or the largest."""
    named = [one for one in runs if one.name == name]
    if named or runs:
        return named[0] if named else max(runs, key=lambda one: one.value)
    return next(one for one in milestones() if one.quantity == COMPUTE and one.name == (name or BEST["2022"][0]))


def cost_of(one: Milestone, figures: Sequence[Milestone]) -> float | None:
    """Return what a net's training cost, US dollars, where the milestones in use have it."""
    costs = [m.value for m in figures if m.quantity == "training cost" and m.name == one.name]
    return costs[0] if costs else None


def year_of(since: str, figures: Sequence[Milestone]) -> int:
    """Return the year looked back at; 'today' is that of the newest milestone in use."""
    return max(one.year for one in figures) if since == "today" else int(since)


def checked_from(since: str, to: int, figures: Sequence[Milestone]) -> None:
    """Raise UsageError unless the target year is after the year looked back at."""
    year = year_of(since, figures)
    if to <= year:
        what = f"{year}, the year of the newest milestone" if since == "today" else str(year)
        raise UsageError(
            f"--from {since} looks back from {to} at {what}: that is not back.",
            f"Allowed with it: --to {year + 1} to {FURTHEST_YEAR}.",
        )


def sights(futures: Futures, figures: Sequence[Milestone], since: str, scenario: str) -> list[Sight]:
    """Return the sizes of a scenario (one of SCENARIOS) and a year looked back at (one of FROM)."""
    year = year_of(since, figures)
    found = [size(futures, name, year, scenario) for name in SIZES if name in futures.records]
    return [one for one in found if one.then is not None or one.ahead is not None]


def size(futures: Futures, name: str, year: int, scenario: str) -> Sight:
    """Return how large the largest has become."""
    record = futures.records[name]
    then = 10 ** record.at(min(year, record.last)) if year >= record.first else None
    ahead: Band | None
    if scenario == "naive":
        claimed = BY_NAME[name].claimed
        base = 10 ** record.at(min(LAST_YEAR, record.last))
        ahead = None if claimed is None else Band(None, naive(base, claimed, futures.to), None)
    else:
        ahead = band_of_logs((futures.limited if scenario == "limited" else futures.trend)(name, futures.to))
    kind = "arithmetic" if scenario == "naive" else "extrapolation"
    return Sight(record.series.label, record.series.unit, then, ahead, ratio(ahead, then), kind)


def ratio(ahead: Band | None, then: float | None) -> Band | None:
    """Divide a band by what was then."""
    if ahead is None or then is None:
        return None
    low, high = (None if part is None else part / then for part in (ahead.low, ahead.high))
    return Band(low, ahead.middle / then, high)


def repeats(futures: Futures, figures: Sequence[Milestone], since: str) -> list[Sight]:
    """Return how long the best of a time takes on a personal device of the target year, and what it costs to repeat.

    No scenario's: by the assumptions on hardware and algorithms, whatever the trends are.
    """
    year, found = year_of(since, figures), []
    nets = list(dict.fromkeys(best(since, figures)))
    for one in nets:
        own = one.year == FIRST_YEAR  # the very same net again: the essay's own comparison
        seconds = futures.seconds(one.value, futures.to, since=None if own else one.year)
        if own:
            then = figure(TRAINING_TIME, FIRST_YEAR).value
        else:
            then = band(futures.seconds(one.value, max(one.year, DEVICE_BASE))).middle
        ahead = band(seconds)
        found.append(Sight(f"{one.name} on a personal device", "s", then, ahead, ratio(ahead, then), "extrapolation"))
    for one in nets:
        dollars = cost_of(one, figures)
        if dollars is not None:
            ahead = band(futures.repeat_cost(dollars, min(year, one.year), futures.to))
            what = f"cost of {one.name} again, dollars"
            found.append(Sight(what, "US dollars", dollars, ahead, ratio(ahead, dollars), "extrapolation"))
    return found


def mirror(futures: Futures, figures: Sequence[Milestone], rows: Sequence[TimeRow]) -> list[Mirror]:
    """Return 1989 seen from 2022: our milestones and this machine's times beside the essay's factors."""
    zip_code, coca = best("1989", figures)[0], best("2022", figures)[0]
    essays = figure("parameters", LAST_YEAR).value / figure("parameters", FIRST_YEAR).value
    found = []
    for what, name, quantity, essay in (
        ("parameters (vision)", "parameters-vision", "parameters", essays),
        ("images", "images", "images", 1e5),  # rounded as the essay rounds
    ):
        record = futures.records.get(name)
        ours = None if record is None else 10 ** record.at(min(LAST_YEAR, record.last)) / figure(quantity, 1989).value
        found.append(Mirror(what, ours, essay, "milestones; essay"))
    found.append(Mirror("pixels", None, 1e8, "essay"))
    found.append(Mirror("compute (vision)", coca.value / zip_code.value, None, "milestones"))
    days = figure(TRAINING_TIME, FIRST_YEAR).value
    here = min((row.seconds_a_net for row in rows), default=None)
    found.append(
        Mirror(
            "training speed",
            None if here is None else days / here,
            days / figure(TRAINING_TIME, LAST_YEAR).value,
            "measured here; essay" if rows else "essay; yours: timetravel train --era 1989",
        )
    )
    return found
