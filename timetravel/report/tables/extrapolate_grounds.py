"""What the projection stands on: limits, assumptions, trends, the essay's figures, what was measured, sources."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from timetravel.numbers import short
from timetravel.report.grid import Cell, Grid, Interval, Section, Value

Row = Mapping[str, Any]
Made = str | Callable[[Row], Any]  # a name in a row, or what makes its cell
Column = str | tuple[str, Made]  # names that are heads as well, with commas; or a head and what is below it


def sections(document: Row) -> list[Section]:
    """Return the sections behind the projection, all of them for the long form."""
    return [part(document) for part in (limits, assumptions, trends, two_points, measured, sources)]


def table(title: str, found: Iterable[Row], *columns: Column) -> Grid:
    """Return a table of rows. Words stand to the left; a plain number is written as it is."""
    pairs: list[tuple[str, Made]] = []
    for one in columns:
        pairs += [(name, name) for name in one.split(", ")] if isinstance(one, str) else [one]
    rows: list[list[Cell]] = []
    for row in found:
        values = [row[made] if isinstance(made, str) else made(row) for _, made in pairs]
        rows.append([Value(one, "g") if one is None or isinstance(one, int | float) else one for one in values])
    words = [place for place in range(len(pairs)) if all(isinstance(row[place], str) for row in rows)]
    return Grid(title, [head for head, _ in pairs], rows, words)


def number(name: str, form: str) -> Callable[[Row], Cell]:
    """Return what makes the cell of a number."""
    return lambda row: Value(row[name], form)


def chapter(title: str, parts: Sequence[Grid], *notes: str, charts: Sequence[tuple[str, str]] = ()) -> Section:
    """Return a section of the long form."""
    return Section(title, parts=parts, notes=notes, long=True, charts=charts)


def limits(document: Row) -> Section:
    """Return when each trend meets which limit."""

    def figure(name: str) -> tuple[str, Made]:  # years stay years
        return name, lambda one: Value(one[name], "g" if 0.01 <= (one[name] or 0) < 10_000 else "short")

    labels = {one["quantity"]: one["label"] for one in document["series"]}
    met = table(
        "",
        document["crossings"],
        ("trend", lambda one: labels[one["quantity"]]),
        "limit",
        ("year", lambda one: str(one["year"] or "not by then")),
        ("range", lambda one: f"{one['earliest'] or 'later'} to {one['latest'] or 'later'}"),
        ("source of the limit", "source"),
    )
    ends = map(figure, ("value", "low", "high"))
    published = table("Published figures", document["limits"], ("", "name"), *ends, "unit, meaning, source")
    return chapter(
        "Where trends meet limits",
        [met, published],
        f"The first year, up to {document['to']}, in which the trend's middle is above a limit: its median, and in "
        "the next column its low and its high end. Price-performance has no such level: it slows.",
    )


def assumptions(document: Row) -> Section:
    """Return the assumptions, changed ones marked."""
    grid = table(
        "",
        document["assumptions"],
        ("name", lambda one: one["name"] + (" (changed)" if one["changed"] else "")),
        "low, high, unit",
        ("allowed", lambda one: "{:g} to {:g}".format(*one["allowed"])),
        "meaning, source",
    )
    note = "Low and high are the 10 % and 90 % quantiles. Change any with --assume FILE, a TOML table for each name."
    return chapter("The assumptions", [grid], note)


def trends(document: Row) -> Section:
    """Return straight lines by domain and period, and the published rates beside."""
    growth: Column = (
        "times a year", lambda one: Interval(one["growth_per_year"], one["low"], one["high"], ".2f")
    )  # fmt: skip
    fitted = table(
        "Fitted here",
        document["trends"],
        "quantity, domain",
        ("years", lambda one: f"{one['from']:.0f}-{one['to']:.0f}"),
        "figures",
        growth,
        ("months to double", lambda one: Value(one["months_to_double"], ".0f") if one["months_to_double"] else "-"),
    )
    others = ("quantity, domain", ("of", "what"), ("years", "period"), growth, "note, source")
    return chapter(
        "Trends by domain and period",
        [fitted, table("Published", document["published_rates"], *others)],
        "Least squares on log10 of all milestones, 90 % interval of the slope alone: it is blind to breaks and far "
        "too narrow for a forecast, which is why the fans are made otherwise. The essay's 10,000,000 times in 33 "
        f"years is {document['two_points']['yearly_factor_claimed']:.2f} a year.",
    )


def two_points(document: Row) -> Section:
    """Return the essay's figures carried on by the two-point rule."""
    grid = table(
        "",
        document["two_points"]["lines"],
        "quantity, unit",
        ("1989", lambda one: Value(one["first"]["value"], "exact")),
        ("then", lambda one: f"{short(one['last']['value'])} ({one['last']['year']})"),
        ("factor", number("factor", "times")),
        ("times a year", number("yearly_factor", ".2f")),
        (str(document["to"]), number("projected", "short")),
        ("10,000,000 times in", lambda one: str(one["year_of_10000000_times"] or "falls")),
        ("source of the newer", lambda one: one["last"]["source"]),
    )
    return chapter("The essay's own figures by the two-point rule", [grid], document["two_points"]["rule"])


def measured(document: Row) -> Section:
    """Return what the package measured."""
    reduction: Column = ("reduction, %", lambda one: Interval.of(one["reduction_percent"], ".0f"))
    own: Column = ("your own", lambda one: one["command"] or "-")
    columns = (("by", "cause"), "what", reduction, "interval, source", own)
    grids = [table("Reduction of mistakes", document["shares"], *columns)]
    if not document["rows"]:
        missing = "No time is measured here yet: `timetravel train --era 1989` does it."
        return chapter("What was measured", grids, missing)
    seconds: Column = ("seconds a net", lambda one: Value(one["seconds_a_net"]["median"], "short"))
    times = ("year", ("runs", "label"), seconds, ("times 3 days", number("times_3_days", "short")))
    grids.append(table("Measured here: training the 1989 net", document["rows"], *times))
    return chapter("What was measured", grids)


def sources(document: Row) -> Section:
    """Return the figures that made the records, each with its source."""
    rows = [
        {**each, "quantity": one["label"], "of": each["name"], "value": f"{short(each['value'])} {one['unit']}"}
        for one in document["series"]
        for each in one["milestones"]
    ]
    return chapter(
        "The records and their sources",
        [table("", rows, "quantity, date, of, value, note, source")],
        "All milestones, with those that were no records, are in milestones.csv beside this report.",
    )
