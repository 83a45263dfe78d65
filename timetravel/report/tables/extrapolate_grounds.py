"""What the projection stands on: limits, assumptions, trends, the essay's figures, what was measured, sources."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from timetravel.numbers import short
from timetravel.report.grid import Cell, Grid, Interval, Section, Value

Row = Mapping[str, Any]
Columns = Mapping[str, str | Callable[[Row], Any]]  # head: a name in the rows, or what makes its cell


def sections(document: Row) -> list[Section]:
    """Return the sections behind the projection, all of them for the long form."""
    return [part(document) for part in (limits, assumptions, trends, two_points, measured, sources)]


def table(title: str, found: Iterable[Row], columns: Columns) -> Grid:
    """Return a table of rows: each column is a name of theirs, or what makes its cell. Words stand to the left."""
    rows = [
        [cell(one[made] if isinstance(made, str) else made(one)) for made in columns.values()] for one in found
    ]  # fmt: skip
    words = [place for place in range(len(columns)) if all(isinstance(row[place], str) for row in rows)]
    return Grid(title, list(columns), rows, words)


def cell(value: Any) -> Cell:
    """Return what a document has as a cell: a plain number is written as it is."""
    return Value(value, "g") if value is None or isinstance(value, int | float) else value


def chapter(title: str, parts: Sequence[Grid], *notes: str, charts: Sequence[tuple[str, str]] = ()) -> Section:
    """Return a section of the long form."""
    return Section(title, parts=parts, notes=notes, long=True, charts=charts)


def limits(document: Row) -> Section:
    """Return when each trend meets which limit."""
    labels = {one["quantity"]: one["label"] for one in document["series"]}
    met: Columns = {
        "trend": lambda one: labels[one["quantity"]],
        "limit": "limit",
        "year": lambda one: str(one["year"] or "not by then"),
        "range": lambda one: f"{one['earliest'] or 'later'} to {one['latest'] or 'later'}",
        "source of the limit": "source",
    }
    published: Columns = {
        "": "name",
        "value": lambda one: figure(one["value"]),
        "low": lambda one: figure(one["low"]),
        "high": lambda one: figure(one["high"]),
        "unit": "unit",
        "meaning": "meaning",
        "source": "source",
    }
    return chapter(
        "Where trends meet limits",
        [table("", document["crossings"], met), table("Published figures", document["limits"], published)],
        f"The first year, up to {document['to']}, in which the trend's middle is above a limit: its median, and in "
        "the next column its low and its high end. Price-performance has no such level: it slows.",
    )


def figure(value: float | None) -> Cell:
    """Return the cell of a published figure; years stay years."""
    return Value(value, "g" if value is not None and 0.01 <= value < 10_000 else "short")


def assumptions(document: Row) -> Section:
    """Return the assumptions, changed ones marked."""
    columns: Columns = {
        "name": lambda one: one["name"] + (" (changed)" if one["changed"] else ""),
        "low": "low",
        "high": "high",
        "unit": "unit",
        "allowed": lambda one: "{:g} to {:g}".format(*one["allowed"]),
        "meaning": "meaning",
        "source": "source",
    }
    return chapter(
        "The assumptions",
        [table("", document["assumptions"], columns)],
        "Low and high are the 10 % and 90 % quantiles. Change any with --assume FILE, a TOML table for each name.",
    )


def trends(document: Row) -> Section:
    """Return straight lines by domain and period, and the published rates beside."""

    def growth(one: Row) -> Interval:
        return Interval(one["growth_per_year"], one["low"], one["high"], ".2f")

    fitted: Columns = {
        "quantity": "quantity",
        "domain": "domain",
        "years": lambda one: f"{one['from']:.0f}-{one['to']:.0f}",
        "figures": "figures",
        "times a year": growth,
        "months to double": lambda one: Value(one["months_to_double"], ".0f") if one["months_to_double"] else "-",
    }
    names: Columns = {"quantity": "quantity", "domain": "domain", "of": "what", "years": "period"}
    published: Columns = {**names, "times a year": growth, "note": "note", "source": "source"}
    return chapter(
        "Trends by domain and period",
        [table("Fitted here", document["trends"], fitted), table("Published", document["published_rates"], published)],
        "Least squares on log10 of all milestones, 90 % interval of the slope alone: it is blind to breaks and far "
        "too narrow for a forecast, which is why the fans are made otherwise. The essay's 10,000,000 times in 33 "
        f"years is {document['two_points']['yearly_factor_claimed']:.2f} a year.",
    )


def two_points(document: Row) -> Section:
    """Return the essay's figures carried on by the two-point rule."""
    columns: Columns = {
        "quantity": "quantity",
        "unit": "unit",
        "1989": lambda one: Value(one["first"]["value"], "exact"),
        "then": lambda one: f"{short(one['last']['value'])} ({one['last']['year']})",
        "factor": lambda one: Value(one["factor"], "times"),
        "times a year": lambda one: Value(one["yearly_factor"], ".2f"),
        str(document["to"]): lambda one: Value(one["projected"], "short"),
        "10,000,000 times in": lambda one: str(one["year_of_10000000_times"] or "falls"),
        "source of the newer": lambda one: one["last"]["source"],
    }
    lines = table("", document["two_points"]["lines"], columns)
    return chapter("The essay's own figures by the two-point rule", [lines], document["two_points"]["rule"])


def measured(document: Row) -> Section:
    """Return what the package measured."""
    shares: Columns = {
        "by": "cause",
        "what": "what",
        "reduction, %": lambda one: Interval.of(one["reduction_percent"], ".0f"),
        "interval": "interval",
        "source": "source",
        "your own": lambda one: one["command"] or "-",
    }
    times: Columns = {
        "year": "year",
        "runs": "label",
        "seconds a net": lambda one: Value(one["seconds_a_net"]["median"], "short"),
        "times 3 days": lambda one: Value(one["times_3_days"], "short"),
    }
    grids = [table("Reduction of mistakes", document["shares"], shares)]
    if document["rows"]:
        return chapter(
            "What was measured", [*grids, table("Measured here: training the 1989 net", document["rows"], times)]
        )
    return chapter("What was measured", grids, "No time is measured here yet: `timetravel train --era 1989` does it.")


def sources(document: Row) -> Section:
    """Return the figures that made the records, each with its source."""
    columns: Columns = {
        "quantity": "label",
        "date": "date",
        "of": "name",
        "value": lambda one: f"{short(one['value'])} {one['unit']}",
        "note": "note",
        "source": "source",
    }
    rows = [
        {**each, "label": one["label"], "unit": one["unit"]} for one in document["series"] for each in one["milestones"]
    ]
    return chapter(
        "The records and their sources",
        [table("", rows, columns)],
        "All milestones, with those that were no records, are in milestones.csv beside this report.",
    )
