"""The sections of the projection report: the terminal, Markdown and HTML show the same."""

from typing import TYPE_CHECKING

from timetravel.numbers import rough, rough_time, short
from timetravel.projection.hindcasts import FIRST_RECORD, ORIGINS_AND_TARGETS, Score, oom, score
from timetravel.projection.outlook import KINDS
from timetravel.projection.two_points import LAST_YEAR
from timetravel.projection.verdicts import VERDICTS
from timetravel.show.projection_grids import Grid, Section, band
from timetravel.show.projection_grounds import (
    assumptions_section,
    limits_section,
    measured_section,
    sources_section,
    trends_section,
    two_point_section,
)  # fmt: skip

if TYPE_CHECKING:
    from timetravel.projection.traveller import Sight
    from timetravel.studies.extrapolate import ExtrapolateResult


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


def claims_section(result: "ExtrapolateResult") -> Section:
    """Return the seven claims with evidence, sources and what would change the verdict."""
    rows = []
    for claim in result.claims:
        number = f"{claim.shown} ({claim.interval})" if claim.interval else claim.shown
        told = claim.about if claim.value is None else f"{claim.about}: {number}"
        rows.append((claim.id, claim.claim, claim.verdict, claim.kind, told))
    evidence = tuple(
        (claim.id, " ".join(claim.evidence), claim.changes_more, "; ".join(claim.sources)) for claim in result.claims
    )
    words = tuple((word, meaning) for word, meaning in VERDICTS.items())
    return Section(
        "The seven claims",
        (
            "Measured here: by the package on digits, on this machine. Published here: so measured, and published with "
            "the package. Published: by others. Extrapolation: trends carried on, bent by assumed limits. Opinion: no "
            "number.",
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
    lines = [
        ("all", result.score),
        *((s.label, score([b for b in result.backtests if b.series == s])) for s in result.chosen),
    ]
    lines += [(ahead(years), one) for years, one in result.by_horizon.items()]
    summary = tuple(scored(name, one) for name, one in lines if one is not None)
    head = ("cells of", "cells", "inside 80 %", "too low", "median error", "of a plain line", "worst")
    inside, judged, median, worst = FIRST_RECORD
    return Section(
        "The method's record",
        (
            "The same method, standing in the past with the figures until then. The grid was listed in the code before "
            "any result, and is shown whole: a cell is missing only where the figures begin too late or end too early. "
            "'*': what came lies outside the 80 % interval; '?': too few years for an interval. The cells share years "
            "and are far from independent; which nets are remembered as milestones was decided afterwards. Where fewer "
            "than 80 % lie inside, the fans below are too narrow; they are shown as they are. The figures are those of "
            "the records below, each with its source.",
            "The method was changed once after its record was seen: the drift was the growth between the two ends of "
            "the window, and the forecast jumped by up to three orders of magnitude when --to moved by a year. It is "
            f"the window's least-squares slope now. On the package's figures the first method had {inside} of {judged} "
            f"inside, a median error of {median} orders of magnitude and a worst of {worst}.",
        ),
        (Grid("Summary, orders of magnitude", head, summary, (1, 2, 3, 4, 5, 6)), *grids),
        (
            (
                "backtests",
                "The error of every backtest, predicted less actual in orders of magnitude, against the years ahead, a "
                "mark an origin, hollow where what came lies outside the 80 % interval.",
            ),
        ),
    )


def scored(name: str, one: Score) -> tuple[str, ...]:
    """Write a line of the summary."""
    return (
        name, str(one.cells), f"{one.inside} of {one.with_interval}", str(one.too_low), f"{one.median_error:.1f}",
        f"{one.median_line_error:.1f}", oom(one.worst),
    )  # fmt: skip


def ahead(years: tuple[int, int]) -> str:
    """Write how far backtests look ahead: '1-3 years ahead', '33 years ahead'."""
    first, last = years
    return f"{first if first == last else f'{first}-{last}'} years ahead"


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
                one.series.label, one.series.unit, one.scenario, in_2022(one.in_2022, one.year_in_2022),
                f"{short(one.last)} ({one.standing})", band(one.band),
                rough(one.band.middle / one.in_2022), bent or "-",
            )
        )  # fmt: skip
    meanings = tuple((name, KINDS[name]) for name in result.scenarios)
    head = ("quantity", "unit", "scenario", str(LAST_YEAR), "last record", str(result.to), "times 2022", "bent by")
    return Section(
        f"The projection to {result.to}",
        (
            "A trend is the record so far, carried on from its last year by its least-squares slope over as many years "
            "back as it looks ahead (ten at least). Its fan is a random walk's with drift (Farmer and Lafond 2016, "
            "https://doi.org/10.1016/j.respol.2015.11.001), its width taken from the errors of the same forecasts "
            "inside the series, and never below the last record. Limited: the smaller of trend and limits in each of "
            "10,000 futures, with a fixed seed. "
            "In brackets the 10 % and 90 % quantiles. Sources: the records and the assumptions below. Bent by: "
            "the share of futures in which each limit is the first.",
        ),
        (
            Grid("By scenario", head, tuple(rows), (3, 4, 5, 6)),
            Grid("The scenarios", ("scenario", "is"), meanings),
        ),
        tuple((name, f"Fan charts of {name} with milestones, trend and limited futures to {result.to}.")
              for name in figure_names(result)),
    )  # fmt: skip


def in_2022(value: float, year: int) -> str:
    """Write a record of 2022, with its year where the figures end before."""
    return short(value) if year == LAST_YEAR else f"{short(value)} ({year})"


REPEATED = "by the assumptions on hardware and algorithms"
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
            f"{result.since} seen from {result.to}: {title}",
            ("", "unit", "then", str(result.to), "times", "is"),
            tuple(
                (row[0], "" if one.unit == "s" else one.unit, *row[1:3], band(one.ratio, factor), one.kind)
                for one in found
                for row in [sight_row(one)]
            ),
            (2, 3, 4),
        )
        for title, found in (*result.sights.items(), (REPEATED, result.repeats))
    ]
    rows = tuple(
        (
            one.what,
            "-" if one.ours is None else short(one.ours),
            "-" if one.essay is None else short(one.essay),
            one.source,
        )
        for one in result.mirror
    )
    grids.append(Grid("The mirror: 1989 seen from 2022, times", ("", "ours", "essay", "source"), rows, (1, 2)))
    return Section(
        "The time traveller's table",
        (
            "Times and costs belong to no scenario: they follow from the assumptions. Times are operations over useful "
            "peak speed: arithmetic on assumed hardware, device, pace of algorithms; memory and the wait for data are "
            "left out, so that they flatter the device.",
        ),
        tuple(grids),
    )


def sight_row(one: "Sight") -> tuple[str, str, str, str]:
    """Write a line of it: what, then, in the target year, and how many times."""
    write = rough_time if one.unit == "s" else rough
    then = "-" if one.then is None else (rough_time if one.unit == "s" else short)(one.then)
    return one.what, then, band(one.ahead, write), "-" if one.ratio is None else factor(one.ratio.middle)


def factor(value: float) -> str:
    """Write a ratio: '600', and for what falls '1/4e6'."""
    return f"1/{rough(1 / value)}" if value < 1 else rough(value)
