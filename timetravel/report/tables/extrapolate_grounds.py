"""What the projection stands on: its record, itself by scenario, limits, assumptions, trends, measurements, sources."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from timetravel.numbers import percent, plainly, short, write
from timetravel.report.grid import Cell, Column, Grid, Interval, Section, Value, mean, number, word
from timetravel.report.tables.extrapolate_claims import chapter, origins, words

Row = Mapping[str, Any]
GROUPS: Final = {
    "size": ("parameters", "parameters-vision", "active-parameters"),
    "data": ("tokens", "images"),
    "compute": ("compute", "compute-vision", "cost", "run-power"),
    "hardware": ("price", "energy", "memory", "algorithms"),
}
RULES: Final = {"limited": "with limits", "trend": "trend", "line": "a line", "nothing changes": "nothing changes"}


def sections(document: Row) -> list[Section]:
    """Return the sections behind the projection, all of them for the long form."""
    parts = (_record, _outlooks, origins, _limits, _assumptions, _rates, _measured, _sources)
    return [part(document) for part in parts]


def _held(score: Row) -> str:
    """Write how many intervals held what came: '54 of 72'."""
    return f"{score['inside_80']} of {score['with_interval']}" if score["with_interval"] else "-"


def years_ahead(score: Row) -> str:
    """Write how far backtests look ahead: '1-3 years', '33 years'."""
    first, last = score["years_ahead"]
    return f"{first if first == last else f'{first}-{last}'} years"


def in_short(document: Row) -> Iterator[str]:
    """Say how well the method did, in a sentence, where it could be tested."""
    if score := document["score"]:
        last, held = score["by_horizon"][-1], score["clusters"]["limited"]
        limited, free, unchanged = (last["rules"][rule] for rule in ("limited", "trend", "nothing changes"))
        off, still = (plainly(10 ** one["median_error_oom"]) for one in (limited, unchanged))
        yield (
            f"Tested {years_ahead(last)} ahead: {off} times off ('nothing changes': {still}), "
            f"{limited['inside_80']} of {limited['cells']} figures inside its 80 % intervals ({free['inside_80']} "
            f"without limits). All horizons: {_clustered(held)}."
        )


def _clustered(held: Row) -> str:
    """Write the share of figures inside the intervals, with its own interval where there are several series."""
    ends = "" if held["low"] is None else f" [{100 * held['low']:.0f}, {100 * held['high']:.0f}]"
    return f"{percent(held['share'])}{ends}"


def _record(document: Row) -> Section:
    title, score = "The method's record", document["score"]
    if score is None:
        return chapter(title, [], "No backtest is possible with these figures.")
    every = [{"of": label, **score["all"][rule]} for rule, label in RULES.items() if rule in score["all"]]
    columns = [word("rule", "of"), number("figures", "cells"), ("inside 80 %", _held), number("too low", "too_low")]
    columns += [number(head, key, ".2f") for head, key in (("median error", "median_error_oom"), ("CRPS", "crps"))]
    columns += [number("interval score", "interval_score", ".1f"), number("worst", "worst_error_oom", "+.1f")]
    lines = [{"of": years_ahead(one), **one} for one in score["by_horizon"]]
    series = [{"of": one["label"], **one} for one in score["by_quantity"]]
    alternative = (
        "Above, the error of every backtest, predicted less actual in orders of magnitude, against the years ahead, a "
        "mark an origin, hollow where what came lies outside the 80 % interval. Below, the CRPS of four rules by years "
        "ahead: lower is better."
    )
    return chapter(
        title,
        [
            Grid.of("All figures, orders of magnitude", every, columns),
            Grid.of("By years ahead: median error, and CRPS in brackets", lines, _of_rules("years ahead")),
            Grid.of("Series by series: median error, and CRPS in brackets", series, _of_rules("figures of")),
        ],
        *in_short(document),
        "The same method, standing in the past with the figures and limits known then. The cells were listed before "
        "any result; one is missing only where the figures begin too late or end too early. Each is in the chart and "
        "in results.json. Cells of a series go together: the interval of the share inside is drawn by series. Which "
        "nets are remembered was decided afterwards.",
        "CRPS and interval score (Gneiting and Raftery 2007, https://doi.org/10.1198/016214506000001437) are in orders "
        "of magnitude: lower is better. Rules: the trend with limits; without; a least-squares line; nothing changes.",
        charts=[("backtests", alternative)],
    )


def _of_rules(head: str) -> list[Column]:
    """Return the columns of a table of scores by rule: how often inside, and errors."""

    def scored(rule: str) -> Column:
        def cell(one: Row) -> str:
            found = one["rules"].get(rule)
            return f"{write(found['median_error_oom'], '.1f')} ({write(found['crps'], '.2f')})" if found else ""

        return RULES[rule], cell

    inside: Column = ("inside 80 %", lambda one: _held(one["rules"]["limited"]))
    return [word(head, "of"), inside, *map(scored, RULES)]


def _outlooks(document: Row) -> Section:
    """Return the projection by scenario."""

    kinds = {one["scenario"]: one["kind"] for one in document["projection"]}
    found = {(one["quantity"], one["scenario"]): one for one in document["projection"]}

    def bent(one: Row) -> str:
        shares = found.get((one["quantity"], "limited"), {}).get("bent_by", {})
        return ", ".join(f"{name} {100 * share:.0f}" for name, share in shares.items() if share >= 0.005) or "-"

    def ahead(scenario: str) -> Column:
        def cell(one: Row) -> Cell:
            made = found.get((one["quantity"], scenario))
            return Interval(made["value"], made["low"], made["high"], "rough") if made else Interval(None)

        return scenario, cell

    def best(one: Row) -> str:
        return f"{short(one['last_record'])} ({one['record_holder']}, {one['record_date']})"

    columns = [word("", "label"), word("unit", "unit"), number("2022", "in_2022", "short"), ("last record", best)]
    columns += [*map(ahead, kinds), ("bent by, % of futures", bent)]
    about = f"with milestones, trend and limited futures to {document['to']}."
    fans = [name for name, members in GROUPS.items() if {one["quantity"] for one in document["series"]} & set(members)]
    return chapter(
        f"The projection to {document['to']}",
        [
            Grid.of(f"The largest in {document['to']}", document["series"], columns),
            Grid("The scenarios", ("scenario", "is"), list(kinds.items()), (0, 1)),
        ],
        "A trend is the record so far, carried on by its least-squares slope over as many years back as it looks "
        "ahead, ten at least. Its fan is a random walk's with drift (Farmer and Lafond 2016, "
        "https://doi.org/10.1016/j.respol.2015.11.001), its width taken from the errors of the same forecasts inside "
        "all series, and never below the last record. Limited: the smaller of trend and limits in each of 10,000 "
        "futures. In brackets the 10 % and 90 % quantiles. Bent by: the share of futures in which each limit is first.",
        charts=[(name, f"Fan charts of {name} {about}") for name in fans],
    )


def _limits(document: Row) -> Section:
    def figure(name: str) -> Column:  # years stay years
        return name, lambda one: Value(one[name], "g" if 0.01 <= (one[name] or 0) < 10_000 else "short")

    published = [word("", "name"), *map(figure, ("value", "low", "high")), *words("unit, meaning, source")]
    return chapter("Published limits", [Grid.of("", document["limits"], published)])


def _assumptions(document: Row) -> Section:
    columns: list[Column] = [
        ("name", lambda one: one["name"] + (" (changed)" if one["changed"] else "")),
        *(number(end, end, "g") for end in ("low", "high")),
        *words("unit"),
        ("of the year", lambda one: str(one.get("base") or "")),
        ("allowed", lambda one: "{:g} to {:g}".format(*one["allowed"])),
        *words("meaning, source"),
    ]
    note = "Low and high are the 10 % and 90 % quantiles. Change any with --assume FILE, a TOML table for each name."
    return chapter("The assumptions", [Grid.of("", document["assumptions"], columns)], note)


def _rates(document: Row) -> Section:
    growth: Column = ("times a year", lambda one: Interval(one["growth_per_year"], one["low"], one["high"], ".2f"))
    told = [*words("quantity, domain"), word("of", "what"), word("years", "period"), growth, *words("note, source")]
    return chapter("Published growth rates", [Grid.of("", document["published_rates"], told)])


def _measured(document: Row) -> Section:
    reduction = mean("reduction, %", "reduction_percent", ".0f")
    columns = [word("by", "cause"), *words("what"), reduction, *words("interval, source"), word("your own", "command")]
    return chapter("What was measured", [Grid.of("Reduction of mistakes", document["shares"], columns)])


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
