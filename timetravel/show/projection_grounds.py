"""What the projection stands on: limits, assumptions, trends, the essay's figures, what was measured, sources."""

from typing import TYPE_CHECKING

from timetravel.numbers import exact, short, times
from timetravel.projection.kept import TRAINING_TIME
from timetravel.projection.limits import limits
from timetravel.projection.packaged import credit
from timetravel.projection.series import CLAIM
from timetravel.projection.trends import of_series
from timetravel.projection.two_points import FIRST_YEAR, RULE, doubling_months, yearly_factor
from timetravel.projection.two_points import figure as figure_of
from timetravel.show.projection_grids import Grid, Section

if TYPE_CHECKING:
    from timetravel.studies.extrapolate import ExtrapolateResult


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
    published = tuple(
        (
            one.name, figure(one.value), *("" if end is None else figure(end) for end in (one.low, one.high)),
            one.unit, one.meaning, one.credit,
        )
        for one in limits().values()
    )  # fmt: skip
    return Section(
        "Where trends meet limits",
        (
            f"The first year, up to {result.to}, in which the trend's middle is above a limit: its median, and in the "
            "next column its low and its high end. Price-performance has no such level: it slows.",
        ),
        (
            Grid("", ("trend", "limit", "year", "range", "source of the limit"), rows),
            Grid("Published figures", ("", "value", "low", "high", "unit", "meaning", "source"), published, (1, 2, 3)),
        ),
    )


def figure(value: float) -> str:
    """Write a published figure; years stay years."""
    return f"{value:g}" if 0.01 <= value < 10_000 else short(value)


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
            Grid(
                "Fitted here",
                ("quantity", "domain", "years", "figures", "times a year", "months to double"),
                own,
                (3, 4, 5),
            ),
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
    return Section("The essay's own figures by the two-point rule", (RULE,), (Grid("", head, rows, (2, 3, 4, 5, 6)),))


def measured_section(result: "ExtrapolateResult") -> Section:
    """Return what the package measured."""
    shares = tuple(
        (
            one.cause, one.what, f"{one.mean:.0f} % [{one.low:.0f}, {one.high:.0f}]", one.interval, one.source,
            one.command or "-",
        )
        for one in result.shares
    )  # fmt: skip
    days = figure_of(TRAINING_TIME, FIRST_YEAR).value
    hours = tuple(
        (f"{row.runs[0].year}", row.label, f"{short(row.seconds_a_net)} s", short(days / row.seconds_a_net))
        for row in result.rows
    )
    head = ("by", "what", "share", "interval", "source", "your own")
    grids = [Grid("Shares of mistakes removed", head, shares, (2,))]
    if hours:
        grids.append(
            Grid("Measured here: training the 1989 net", ("year", "runs", "a net", "times 3 days"), hours, (2, 3))
        )
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
                rows.append(
                    (
                        series.label,
                        one.date,
                        one.name,
                        f"{short(one.value)} {one.unit}",
                        note,
                        credit(one.source, one.link, one.checked),
                    )
                )
    return Section(
        "The records and their sources",
        ("All milestones, with those that were no records, are in milestones.csv beside this report.",),
        (Grid("", ("quantity", "date", "of", "value", "note", "source"), tuple(rows), (3,)),),
    )
