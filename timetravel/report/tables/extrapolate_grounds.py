"""What the projection stands on: limits, assumptions, trends, the essay's figures, what was measured, sources."""

from collections.abc import Mapping
from typing import Any

from timetravel.numbers import exact, short
from timetravel.report.grid import Cell, Grid, Interval, Section, Value

Document = Mapping[str, Any]


def sections(document: Document) -> list[Section]:
    """Return the sections behind the projection, all of them for the long form."""
    return [part(document) for part in (limits, assumptions, trends, two_points, measured, sources)]


def limits(document: Document) -> Section:
    """Return when each trend meets which limit."""
    labels = {one["quantity"]: one["label"] for one in document["series"]}
    rows = [
        (
            labels[one["quantity"]], one["limit"], str(one["year"] or "not by then"),
            f"{one['earliest'] or 'later'} to {one['latest'] or 'later'}", one["source"],
        )
        for one in document["crossings"]
    ]  # fmt: skip
    published = [
        (one["name"], *(figure(one[part]) for part in ("value", "low", "high")), one["unit"], one["meaning"],
         one["source"])
        for one in document["limits"]
    ]  # fmt: skip
    head = ("", "value", "low", "high", "unit", "meaning", "source")
    return Section(
        "Where trends meet limits",
        parts=[
            Grid("", ("trend", "limit", "year", "range", "source of the limit"), rows, range(5)),
            Grid("Published figures", head, published, (0, 4, 5, 6)),
        ],
        notes=[
            f"The first year, up to {document['to']}, in which the trend's middle is above a limit: its median, and in "
            "the next column its low and its high end. Price-performance has no such level: it slows."
        ],
        long=True,
    )


def figure(value: float | None) -> Cell:
    """Return the cell of a published figure; years stay years."""
    return Value(value, "g" if value is not None and 0.01 <= value < 10_000 else "short")


def assumptions(document: Document) -> Section:
    """Return the assumptions, changed ones marked."""
    rows = [
        (
            one["name"] + (" (changed)" if one["changed"] else ""), f"{one['low']:g}", f"{one['high']:g}", one["unit"],
            "{:g} to {:g}".format(*one["allowed"]), one["meaning"], one["source"],
        )
        for one in document["assumptions"]
    ]  # fmt: skip
    head = ("name", "low", "high", "unit", "allowed", "meaning", "source")
    note = "Low and high are the 10 % and 90 % quantiles. Change any with --assume FILE, a TOML table for each name."
    return Section("The assumptions", parts=[Grid("", head, rows, (0, 3, 4, 5, 6))], notes=[note], long=True)


def growth(one: Mapping[str, Any]) -> Interval:
    """Return the cell of a yearly growth."""
    return Interval(one["growth_per_year"], one["low"], one["high"], ".2f")


def trends(document: Document) -> Section:
    """Return straight lines by domain and period, and the published rates beside."""
    own = [
        (
            one["quantity"], one["domain"], f"{one['from']:.0f}-{one['to']:.0f}", str(one["figures"]), growth(one),
            Value(one["months_to_double"], ".0f") if one["months_to_double"] else "-",
        )
        for one in document["trends"]
    ]  # fmt: skip
    others = [
        (one["quantity"], one["domain"], one["what"], one["period"], growth(one), one["note"], one["source"])
        for one in document["published_rates"]
    ]
    head = ("quantity", "domain", "years", "figures", "times a year", "months to double")
    published = ("quantity", "domain", "of", "years", "times a year", "note", "source")
    return Section(
        "Trends by domain and period",
        parts=[Grid("Fitted here", head, own, range(3)), Grid("Published", published, others, (0, 1, 2, 3, 5, 6))],
        notes=[
            "Least squares on log10 of all milestones, 90 % interval of the slope alone: it is blind to breaks and far "
            "too narrow for a forecast, which is why the fans are made otherwise. The essay's 10,000,000 times in 33 "
            f"years is {document['two_points']['yearly_factor_claimed']:.2f} a year."
        ],
        long=True,
    )


def two_points(document: Document) -> Section:
    """Return the essay's figures carried on by the two-point rule."""
    rows = [
        (
            one["quantity"], one["unit"], exact(one["first"]["value"]),
            f"{short(one['last']['value'])} ({one['last']['year']})", Value(one["factor"], "times"),
            Value(one["yearly_factor"], ".2f"), Value(one["projected"], "short"),
            str(one["year_of_10000000_times"] or "falls"), one["last"]["source"],
        )
        for one in document["two_points"]["lines"]
    ]  # fmt: skip
    head = (
        "quantity", "unit", "1989", "then", "factor", "times a year", str(document["to"]), "10,000,000 times in",
        "source of the newer",
    )  # fmt: skip
    grid = Grid("", head, rows, (0, 1, 7, 8))
    title = "The essay's own figures by the two-point rule"
    return Section(title, parts=[grid], notes=[document["two_points"]["rule"]], long=True)


def measured(document: Document) -> Section:
    """Return what the package measured."""
    shares = [
        (one["cause"], one["what"], Interval.of(one["reduction_percent"], ".0f"), one["interval"], one["source"],
         one["command"] or "-")
        for one in document["shares"]
    ]  # fmt: skip
    hours = [
        (
            str(one["year"]),
            one["label"],
            f"{short(one['seconds_a_net']['median'])} s",
            Value(one["times_3_days"], "short"),
        )
        for one in document["rows"]
    ]
    head = ("by", "what", "reduction, %", "interval", "source", "your own")
    grids = [Grid("Reduction of mistakes", head, shares, (0, 1, 3, 4, 5))]
    if hours:
        title = "Measured here: training the 1989 net"
        grids.append(Grid(title, ("year", "runs", "a net", "times faster than 3 days"), hours, (0, 1)))
    missing = [] if hours else ["No time is measured here yet: `timetravel train --era 1989` does it."]
    return Section("What was measured", parts=grids, notes=missing, long=True)


def sources(document: Document) -> Section:
    """Return the figures that made the records, each with its source."""
    rows = [
        (
            one["label"],
            each["date"],
            each["name"],
            f"{short(each['value'])} {one['unit']}",
            each["note"],
            each["source"],
        )
        for one in document["series"]
        for each in one["milestones"]
    ]
    return Section(
        "The records and their sources",
        parts=[Grid("", ("quantity", "date", "of", "value", "note", "source"), rows, (0, 1, 2, 4, 5))],
        notes=["All milestones, with those that were no records, are in milestones.csv beside this report."],
        long=True,
    )
