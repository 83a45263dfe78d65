"""The sections of the projection report, as plain texts and grids: the terminal, Markdown and HTML show the same."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from timetravel.projection.claims import VERDICTS
from timetravel.projection.futures import Band
from timetravel.projection.hindcasts import ORIGINS_AND_TARGETS, oom, score
from timetravel.projection.numbers import exact, rough, rough_time, short, times
from timetravel.projection.outlook import KINDS
from timetravel.projection.packaged import credit
from timetravel.projection.trends import of_series
from timetravel.projection.two_points import CLAIM, FIRST_YEAR, LAST_YEAR, RULE, doubling_months, yearly_factor

if TYPE_CHECKING:
    from timetravel.projection.traveller import Sight
    from timetravel.studies.extrapolate import ExtrapolateResult


@dataclass(frozen=True)
class Grid:
    """A table of texts. `numbers` are the places of columns that are aligned to the right."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Section:
    """A part of the report. `figures` are the names of its figures with their alternative texts."""

    title: str
    paragraphs: tuple[str, ...] = ()
    grids: tuple[Grid, ...] = ()
    figures: tuple[tuple[str, str], ...] = field(default=())


def sections(result: "ExtrapolateResult") -> list[Section]:
    """Return the report in its order: the record stands before the forecast."""
    return [
        claims_section(result),
        backtest_section(result),
        outlook_section(result),
        traveller_section(result),
        limits_section(result),
        assumptions_section(result),
        trends_section(result),
        two_point_section(result),
        measured_section(result),
        sources_section(result),
    ]


def band(one: Band | None, write: Callable[[float], str] = rough) -> str:
    """Write quantiles as '600 [70, 6,000]'."""
    if one is None:
        return "-"
    if one.low is None or one.high is None:
        return write(one.middle)
    return f"{write(one.middle)} [{write(one.low)}, {write(one.high)}]"


def claims_section(result: "ExtrapolateResult") -> Section:
    """Return the seven claims with evidence, sources and what would change the verdict."""
    rows = []
    for claim in result.claims:
        number = f"{claim.shown} ({claim.interval})" if claim.interval else claim.shown
        rows.append((claim.id, claim.claim, claim.verdict, claim.kind, f"{claim.about}: {number}"))
    evidence = tuple(
        (claim.id, " ".join(claim.evidence), claim.changes_more, "; ".join(claim.sources)) for claim in result.claims
    )
    words = tuple((word, meaning) for word, meaning in VERDICTS.items())
    return Section(
        "The seven claims",
        (
            "Measured: by the package on digits, here or as published with it. Published: by others. Extrapolation: "
            "trends carried on, bent by assumed limits. Opinion: no number.",
        ),
        (
            Grid("Verdicts", ("", "claim", "verdict", "rests on", "number"), tuple(rows)),
            Grid("Why, and what would change it", ("", "evidence", "would change it", "sources"), evidence),
            Grid("The words", ("verdict", "means"), words),
        ),
    )


def backtest_section(result: "ExtrapolateResult") -> Section:
    """Return every backtest of the grid."""
    grids = []
    for series in result.chosen:
        cells = {(one.origin, one.target): one for one in result.backtests if one.series == series}
        if not cells:
            continue
        targets = sorted({target for _, target in cells})
        rows = []
        for origin, _ in ORIGINS_AND_TARGETS:
            row = [cells.get((origin, target)) for target in targets]
            if any(row):
                rows.append((str(origin), *("" if one is None else mark(oom(one.error), one.inside) for one in row)))
        grids.append(
            Grid(
                f"{series.label}: predicted less actual, orders of magnitude",
                ("standing in", *map(str, targets)),
                tuple(rows),
                tuple(range(1, len(targets) + 1)),
            )
        )
    lines = [("all", result.score), *((s.label, score([b for b in result.backtests if b.series == s])) for s in result.chosen)]
    summary = tuple(
        (
            name, str(one.cells), f"{one.inside} of {one.with_interval}", f"{one.median_error:.1f}",
            f"{one.median_line_error:.1f}", oom(one.worst),
        )
        for name, one in lines
        if one is not None
    )  # fmt: skip
    head = ("quantity", "cells", "inside 80 %", "median error", "of a plain line", "worst")
    return Section(
        "The method's record",
        (
            "The same method, standing in the past with the figures until then. The grid was listed in the code before "
            "any result, and is shown whole: a cell is missing only where the figures begin too late or end too early. "
            "'*': what came lies outside the 80 % interval; '?': too few years for an interval. The cells share years "
            "and are far from independent, and which nets are remembered as milestones was decided afterwards.",
        ),
        (Grid("Summary, orders of magnitude", head, summary, (1, 2, 3, 4, 5)), *grids),
        (("backtests", "What was predicted against what came, by quantity: points on the diagonal were right."),),
    )


def mark(text: str, inside: bool | None) -> str:
    """Mark an error whose interval missed, or had none."""
    return text + {True: "", False: "*", None: "?"}[inside]


def outlook_section(result: "ExtrapolateResult") -> Section:
    """Return the projection by scenario."""
    rows = []
    for one in result.outlooks:
        bent = ", ".join(f"{name} {100 * share:.0f} %" for name, share in one.binding.items() if share >= 0.005)
        rows.append(
            (
                one.series.label, one.series.unit, one.scenario, short(one.in_2022),
                f"{short(one.last)} ({one.standing})", band(one.band), rough(one.band.middle / one.in_2022), bent or "-",
            )
        )  # fmt: skip
    meanings = tuple((name, KINDS[name]) for name in result.scenarios)
    head = ("quantity", "unit", "scenario", str(LAST_YEAR), "last record", str(result.to), "times 2022", "bent by")
    return Section(
        f"The projection to {result.to}",
        (
            "A trend is the record so far, carried on by its mean growth over as many years back as it looks ahead (ten "
            "at least), from its last year. Its fan is that of a random walk with drift (Farmer and Lafond 2016, "
            "https://doi.org/10.1016/j.respol.2015.11.001), its width taken from the errors of the same forecasts "
            "inside the series. Limited: the smaller of trend and limits in each of 10,000 futures, with a fixed seed. "
            "In brackets the 10 % and 90 % quantiles. Bent by: the share of futures in which each limit is the first.",
        ),
        (
            Grid("By scenario", head, tuple(rows), (3, 4, 5, 6)),
            Grid("The scenarios", ("scenario", "is"), meanings),
        ),
        tuple((name, f"Fan charts of {name} with milestones, trend and limited futures to {result.to}.")
              for name in figure_names(result)),
    )  # fmt: skip


GROUPS = {
    "size": ("parameters", "parameters-vision"),
    "data": ("tokens", "images"),
    "compute": ("compute", "compute-vision", "cost"),
    "hardware": ("price", "energy", "algorithms"),
}


def figure_names(result: "ExtrapolateResult") -> list[str]:
    """Return the names of the fan charts that have something to show."""
    chosen = {series.name for series in result.chosen}
    return [name for name, members in GROUPS.items() if chosen & set(members)]


def traveller_section(result: "ExtrapolateResult") -> Section:
    """Return what the best of a year looks like from the target year."""
    grids = [
        Grid(
            f"{result.since} seen from {result.to}: {scenario}",
            ("", "unit", "then", str(result.to), "times", "is"),
            tuple(sight_row(one) for one in found),
            (2, 3, 4),
        )
        for scenario, found in result.sights.items()
    ]
    rows = tuple(
        (one.what, "-" if one.ours is None else short(one.ours), "-" if one.essay is None else short(one.essay), one.source)
        for one in result.mirror
    )
    grids.append(Grid("The mirror: 1989 seen from 2022, times", ("", "ours", "essay", "source"), rows, (1, 2)))
    return Section(
        "The time traveller's table",
        (
            "Times on a personal device are operations over useful peak speed: arithmetic on assumed hardware, device, "
            "pace of algorithms; memory and the wait for data are left out, so that they flatter the device.",
        ),
        tuple(grids),
    )


def sight_row(one: "Sight") -> tuple[str, ...]:
    """Write a line of it."""
    write = rough_time if one.unit == "s" else rough
    then = "-" if one.then is None else (rough_time if one.unit == "s" else short)(one.then)
    ratio = "-" if one.ratio is None else band(one.ratio, lambda value: "1/" + rough(1 / value) if value < 1 else rough(value))
    return one.what, "" if one.unit == "s" else one.unit, then, band(one.ahead, write), ratio, one.kind


def limits_section(result: "ExtrapolateResult") -> Section:
    """Return when each trend meets which limit."""
    labels = {series.name: series.label for series in result.chosen}
    rows = tuple(
        (
            labels[one.series], one.limit, "not by then" if one.year is None else str(one.year),
            f"{one.earliest or 'later'} to {one.latest or 'later'}", one.credit,
        )
        for one in result.crossings
    )  # fmt: skip
    return Section(
        "Where trends meet limits",
        (
            f"The first year, up to {result.to}, in which the trend's middle is above a limit: its median, and in the "
            "next column its low and its high end. Price-performance and algorithms have no such level: they slow down.",
        ),
        (Grid("", ("trend", "limit", "year", "range", "source of the limit"), rows),),
    )


def assumptions_section(result: "ExtrapolateResult") -> Section:
    """Return the assumptions, changed ones marked."""
    rows = tuple(
        (
            one.name + (" (changed)" if one.changed else ""), f"{one.low:g}", f"{one.high:g}", one.unit,
            f"{one.least:g} to {one.most:g}", one.meaning, one.credit,
        )
        for one in result.futures.assumptions.values()
    )  # fmt: skip
    return Section(
        "The assumptions",
        ("Low and high are the 10 % and 90 % quantiles. Change any with --assume FILE, a TOML table for each name.",),
        (Grid("", ("name", "low", "high", "unit", "allowed", "meaning", "source"), rows, (1, 2)),),
    )


def trends_section(result: "ExtrapolateResult") -> Section:
    """Return straight lines by domain and period, and the published rates beside."""
    own = tuple(
        (
            one.quantity, one.domain, f"{one.first:.0f}-{one.last:.0f}", str(one.count),
            f"{one.growth:.2f} [{one.low:.2f}, {one.high:.2f}]", months(one.growth),
        )
        for one in result.fits
    )  # fmt: skip
    others = tuple(
        (
            one.quantity, one.domain, one.what, one.period,
            f"{one.growth:.2f}" + ("" if one.low is None or one.high is None else f" [{one.low:.2f}, {one.high:.2f}]"),
            one.note, one.credit,
        )
        for one in result.rates
    )  # fmt: skip
    return Section(
        "Trends by domain and period",
        (
            "Least squares on log10 of all milestones, 90 % interval of the slope alone: it is blind to breaks and far "
            "too narrow for a forecast, which is why the fans are made otherwise. The essay's 10,000,000 times in 33 "
            f"years is {yearly_factor(CLAIM, 33):.2f} a year.",
        ),
        (
            Grid("Fitted here", ("quantity", "domain", "years", "figures", "times a year", "months to double"), own, (3, 4, 5)),
            Grid("Published", ("quantity", "domain", "of", "years", "times a year", "note", "source"), others, (4,)),
        ),
    )


def months(growth: float) -> str:
    """Write the months to double."""
    return f"{doubling_months(growth, 1):.0f}" if growth > 1.005 else "-"


def two_point_section(result: "ExtrapolateResult") -> Section:
    """Return the essay's figures carried on by the two-point rule."""
    rows = tuple(
        (
            line.quantity, line.first.unit, exact(line.first.value), f"{short(line.last.value)} ({line.last.year})",
            times(line.factor), f"{line.yearly_factor:.2f}", short(line.value_in(result.to)),
            str(line.year_of(CLAIM) or "falls"), line.last.source,
        )
        for line in result.lines
    )  # fmt: skip
    head = (
        "quantity", "unit", str(FIRST_YEAR), "then", "factor", "times a year", str(result.to), "10,000,000 times in",
        "source of the newer",
    )  # fmt: skip
    return Section(
        "The essay's own figures by the two-point rule", (RULE,), (Grid("", head, rows, (2, 3, 4, 5, 6)),)
    )


def measured_section(result: "ExtrapolateResult") -> Section:
    """Return what the package measured."""
    shares = tuple(
        (one.cause, one.what, f"{one.mean:.0f} % [{one.low:.0f}, {one.high:.0f}]", one.source, one.command)
        for one in result.shares
    )
    hours = tuple(
        (f"{row.runs[0].year}", row.label, f"{short(row.seconds_a_net)} s", short(259_200 / row.seconds_a_net))
        for row in result.rows
    )
    grids = [Grid("Shares of mistakes removed, 95 % interval", ("by", "what", "share", "source", "your own"), shares, (2,))]
    if hours:
        grids.append(Grid("Measured here: training the 1989 net", ("year", "runs", "a net", "times 3 days"), hours, (2, 3)))
    missing = () if hours else ("No time is measured here yet: `timetravel train --era 1989` does it.",)
    return Section("What was measured", missing, tuple(grids))


def sources_section(result: "ExtrapolateResult") -> Section:
    """Return the figures that made the records, each with its source."""
    rows: list[tuple[str, ...]] = []
    for series in result.chosen:
        best = 0.0
        for one in of_series(series, result.figures):
            if one.value > best:
                best = one.value
                note = ", ".join(part for part in ("estimated" if one.estimated else "", one.note) if part)
                rows.append((series.label, one.date, one.name, f"{short(one.value)} {one.unit}", note, credit(one.source, one.link, one.checked)))
    return Section(
        "The records and their sources",
        ("All milestones, with those that were no records, are in milestones.csv beside this report.",),
        (Grid("", ("quantity", "date", "of", "value", "note", "source"), tuple(rows), (3,)),),
    )
