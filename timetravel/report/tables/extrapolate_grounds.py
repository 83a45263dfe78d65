"""What the projection stands on: limits, assumptions, trends, the essay's figures, what was measured, sources."""

from collections.abc import Mapping, Sequence
from typing import Any

from timetravel.numbers import short
from timetravel.report.grid import Column, Grid, Interval, Section, Value, mean, number, word

Row = Mapping[str, Any]


def sections(document: Row) -> list[Section]:
    """Return the sections behind the projection, all of them for the long form."""
    return [part(document) for part in (_limits, _assumptions, _trends, _two_points, _measured, _sources)]


def words(names: str) -> list[Column]:
    """Return columns of words whose heads are their names in the rows, given with commas."""
    return [word(name, name) for name in names.split(", ")]


def chapter(title: str, parts: Sequence[Grid], *notes: str, charts: Sequence[tuple[str, str]] = ()) -> Section:
    """Return a section of the long form."""
    return Section(title, parts=parts, notes=notes, long=True, charts=charts)


def all_claims(document: Row) -> Section:
    """Return the seven claims with evidence, sources and what would change the verdict."""

    def told(one: Row) -> str:
        shown = f"{one['about']}: {one['shown']}" if one["value"] is not None else one["about"]
        return f"{shown} ({one['interval']})" if one["interval"] else shown

    evidence: Column = ("evidence", lambda one: " ".join(one["evidence"]))
    found: Column = ("sources", lambda one: "; ".join(one["sources"]))
    judged: list[Column] = [word("", "id"), *words("claim, verdict"), word("rests on", "kind"), ("number", told)]
    why = [word("", "id"), evidence, word("would change it", "changes"), found]
    return chapter(
        "The seven claims",
        [
            Grid.of("Verdicts", document["claims"], judged),
            Grid.of("Why, and what would change it", document["claims"], why),
            Grid("The words", ("verdict", "means"), list(document["verdicts"].items()), (0, 1)),
        ],
        "Measured here: by the package on digits, on this machine. Published here: so measured, and published with "
        "the package. Published: by others. Extrapolation: trends carried on, bent by assumed limits. Opinion: no "
        "number.",
    )


def _limits(document: Row) -> Section:
    def figure(name: str) -> Column:  # years stay years
        return name, lambda one: Value(one[name], "g" if 0.01 <= (one[name] or 0) < 10_000 else "short")

    labels = {one["quantity"]: one["label"] for one in document["series"]}
    met: list[Column] = [
        ("trend", lambda one: labels[one["quantity"]]),
        word("limit", "limit"),
        ("year", lambda one: str(one["year"] or "not by then")),
        ("range", lambda one: f"{one['earliest'] or 'later'} to {one['latest'] or 'later'}"),
        word("source of the limit", "source"),
    ]
    published = [word("", "name"), *map(figure, ("value", "low", "high")), *words("unit, meaning, source")]
    return chapter(
        "Where trends meet limits",
        [Grid.of("", document["crossings"], met), Grid.of("Published figures", document["limits"], published)],
        f"The first year, up to {document['to']}, in which the trend's middle is above a limit: its median, and in "
        "the next column its low and its high end. Price-performance has no such level: it slows.",
    )


def _assumptions(document: Row) -> Section:
    columns: list[Column] = [
        ("name", lambda one: one["name"] + (" (changed)" if one["changed"] else "")),
        *(number(end, end, "g") for end in ("low", "high")),
        *words("unit"),
        ("allowed", lambda one: "{:g} to {:g}".format(*one["allowed"])),
        *words("meaning, source"),
    ]
    note = "Low and high are the 10 % and 90 % quantiles. Change any with --assume FILE, a TOML table for each name."
    return chapter("The assumptions", [Grid.of("", document["assumptions"], columns)], note)


def _trends(document: Row) -> Section:
    """Return straight lines by domain and period, and the published rates beside."""
    growth: Column = ("times a year", lambda one: Interval(one["growth_per_year"], one["low"], one["high"], ".2f"))
    fitted: list[Column] = [
        *words("quantity, domain"),
        ("years", lambda one: f"{one['from']:.0f}-{one['to']:.0f}"),
        number("figures", "figures"),
        growth,
        ("months to double", lambda one: Value(one["months_to_double"], ".0f") if one["months_to_double"] else "-"),
    ]
    others = [*words("quantity, domain"), word("of", "what"), word("years", "period"), growth, *words("note, source")]
    return chapter(
        "Trends by domain and period",
        [Grid.of("Fitted here", document["trends"], fitted), Grid.of("Published", document["published_rates"], others)],
        "Least squares on log10 of all milestones, 90 % interval of the slope alone: it is blind to breaks and far "
        "too narrow for a forecast, which is why the fans are made otherwise. The essay's 10,000,000 times in 33 "
        f"years is {document['two_points']['yearly_factor_claimed']:.2f} a year.",
    )


def _two_points(document: Row) -> Section:
    columns: list[Column] = [
        *words("quantity, unit"),
        ("1989", lambda one: Value(one["first"]["value"], "exact")),
        ("then", lambda one: f"{short(one['last']['value'])} ({one['last']['year']})"),
        number("factor", "factor", "times"),
        number("times a year", "yearly_factor", ".2f"),
        number(str(document["to"]), "projected", "short"),
        ("10,000,000 times in", lambda one: str(one["year_of_10000000_times"] or "falls")),
        ("source of the newer", lambda one: one["last"]["source"]),
    ]
    two, title = document["two_points"], "The essay's own figures by the two-point rule"
    return chapter(title, [Grid.of("", two["lines"], columns)], two["rule"])


def _measured(document: Row) -> Section:
    reduction = mean("reduction, %", "reduction_percent", ".0f")
    columns = [word("by", "cause"), *words("what"), reduction, *words("interval, source"), word("your own", "command")]
    grids = [Grid.of("Reduction of mistakes", document["shares"], columns)]
    if not document["rows"]:
        missing = "No time is measured here yet: `timetravel train --era 1989` does it."
        return chapter("What was measured", grids, missing)
    seconds: Column = ("seconds a net", lambda one: Value(one["seconds_a_net"]["median"], "short"))
    faster = number("times 3 days", "times_3_days", "short")
    times = [number("year", "year", "d"), word("runs", "label"), seconds, faster]
    grids.append(Grid.of("Measured here: training the 1989 net", document["rows"], times))
    return chapter("What was measured", grids)


def _sources(document: Row) -> Section:
    rows = [
        {**each, "quantity": one["label"], "of": each["name"], "value": f"{short(each['value'])} {one['unit']}"}
        for one in document["series"]
        for each in one["milestones"]
    ]
    return chapter(
        "The records and their sources",
        [Grid.of("", rows, words("quantity, date, of, value, note, source"))],
        "All milestones, with those that were no records, are in milestones.csv beside this report.",
    )
