"""What `timetravel extrapolate` shows first: verdicts, the method's record, the projection, the time traveller's table.

What they stand on is in extrapolate_grounds. The record stands before the forecast, in short and in full.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from timetravel.numbers import percent, rough, short, write
from timetravel.report.grid import Cell, Column, Grid, Interval, Section, Value, number, word
from timetravel.report.tables import extrapolate_grounds as grounds
from timetravel.report.tables.extrapolate_grounds import chapter, words

Document = Mapping[str, Any]
LEFT_TO_LONG: Final = ("parameters (vision)", "compute", "dearest run, $")  # of the time traveller's table
COLUMNS: Final = (
    "quantity", "label", "unit", "domain", "scenario", "kind", "year", "value", "low", "high", "in_2022",
    "standing_in", "last_record", "source",
)  # fmt: skip
GROUPS: Final = {
    "size": ("parameters", "parameters-vision"),
    "data": ("tokens", "images"),
    "compute": ("compute", "compute-vision", "cost"),
    "hardware": ("price", "energy", "algorithms"),
}


def sections(document: Document) -> list[Section]:
    """Return the first screens, then every table of the report."""
    first = (_verdicts, _record, _outlook, _traveller)
    full = (grounds.all_claims, _all_backtests, _all_outlooks, _all_sights)
    return [*(part(document) for part in (*first, *full)), *grounds.sections(document)]


def files(document: Document) -> dict[str, bytes]:
    """Return projection.csv, the way to the target, and milestones.csv, those in use as a user's file has them."""
    facts = {(one["quantity"], one["scenario"]): one for one in document["projection"]}
    parts = ("year", "value", "low", "high")
    way = [
        facts[path["quantity"], path["scenario"]] | dict(zip(parts, values, strict=True))
        for path in document["paths"]
        for values in zip(path["years"], path["value"], path["low"], path["high"], strict=True)
    ]
    used = [
        one | {"estimated": "yes" if one["estimated"] else "no", "value": f"{one['value']:.10g}"}
        for one in document["milestones"]
    ]
    columns = [name for name in used[0] if name != "time"]
    return {"projection.csv": _csv(COLUMNS, way), "milestones.csv": _csv(columns, used)}


def _csv(columns: Sequence[str], rows: Sequence[Document]) -> bytes:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def _verdicts(document: Document) -> Section:
    shown: Column = ("number", lambda one: _broken(one["shown"]))
    columns = [word("", "id"), word("claim", "short"), *words("verdict"), shown, word("rests on", "kind")]
    grid = Grid.of(f"The essay's claims about {document['to']}", document["claims"], columns)
    changes = "; ".join(f"{one['id']} {one['changes_short']}" for one in document["claims"])
    return Section("", document["finding"], [grid], [f"What would change a verdict: {changes}."])


def _broken(text: str) -> str:
    """Put what stands in round brackets on a line of its own, so that no column grows for one row."""
    return text.replace(" (", "\n(")


def _record(document: Document) -> Section:
    score, title = document["score"], "The method's record first"
    if score is None:
        return Section(title, "No backtest is possible with these figures.")
    share = f" ({100 * score['inside_80'] / score['with_interval']:.0f} %)" if score["with_interval"] else ""
    sentence = (
        f"Standing in 1989 to 2022, its 80 % intervals held {_held(score)} figures that came{share}; median error "
        f"{score['median_error_oom']:.1f} orders of magnitude (OOM), a plain line's "
        f"{score['median_line_error_oom']:.1f}; worst {_oom(score['worst_error_oom'])}."
    )
    parts = [f"{_ahead(one)}: {_held(one)} inside, median {one['median_error_oom']:.1f}" for one in score["by_horizon"]]
    last = score["by_horizon"][-1]
    far = f"worst {_oom(last['worst_error_oom'])}, {last['too_low']} of {last['cells']} too low"
    return Section(title, sentence, notes=[f"{'; '.join(parts)}, {far}."])


def _held(score: Mapping[str, Any]) -> str:
    """Write how many intervals held what came: '54 of 72'."""
    return f"{score['inside_80']} of {score['with_interval']}"


def _ahead(score: Mapping[str, Any]) -> str:
    """Write how far backtests look ahead: '1-3 years ahead', '33 years ahead'."""
    first, last = score["years_ahead"]
    return f"{first if first == last else f'{first}-{last}'} years ahead"


def _oom(error: float) -> str:
    """Write an error in orders of magnitude: '+1.2', '-0.3', '0.0'."""
    return write(error, "+.1f") if round(error, 1) else "0.0"


def _outlook(document: Document) -> Section:
    found = {(one["quantity"], one["scenario"]): one for one in document["projection"]}
    rows = [
        (
            one["label"],
            _broken(_in_2022(one)),
            _last_record(one),
            *(_banded(found.get((one["quantity"], name))) for name in document["scenarios"]),
            f"{one['meets']['limit']} {one['meets']['year']}" if one["meets"] else "-",
        )
        for one in document["series"]
    ]
    head = ("", "2022", "last record", *document["scenarios"], "meets")
    title = f"The largest in {document['to']}; naive: arithmetic, else extrapolation"
    return Section("", parts=[Grid(title, head, rows, (0, len(head) - 1))])


def _in_2022(one: Document) -> str:
    """Write a record of 2022, with its year where the figures end before."""
    year = min(2022, one["standing_in"])
    return short(one["in_2022"]) + ("" if year == 2022 else f" ({year})")


def _last_record(one: Document) -> str:
    return f"{short(one['last_record'])} ({one['standing_in']})"


def _banded(found: Document | None, form: str = "rough") -> Cell:
    return "-" if found is None else Interval(found["value"], found["low"], found["high"], form)


def _traveller(document: Document) -> Section:
    scenario, repeats = document["scenarios"][-1], document["repeats"]
    dearest = [one for one in repeats if one["unit"] != "s"][-1:]  # the others in the long form
    shown = [one for one in document["traveller"][scenario] if one["what"] not in LEFT_TO_LONG]
    shown += [one for one in repeats if one["unit"] == "s" or one in dearest]
    best = "Today's best" if document["from"] == "today" else f"{document['from']}'s best"
    title = f"{best} seen from {document['to']} ({scenario}; times and costs by the assumptions)"
    rows = [(one["what"], _then(one), _there(one), _factor(one["ratio"] and one["ratio"]["value"])) for one in shown]
    mirror = "; ".join(
        f"{one['what']} {_known(one['essay'])} / {_known(one['ours'])}"
        for one in document["mirror"]
        if one["what"] != "pixels"  # in the long form: only the essay counts them
    )
    speed = "measured here" if document["rows"] else "yours: timetravel train --era 1989"
    notes = [
        f"The mirror, 1989 from 2022, essay / ours: {mirror} ({speed}).",
        "[ ]: 10 % to 90 % quantile; of D, E, F as told by --long, which has sources. 7e15 is 7 x 10^15.",
    ]
    return Section("", parts=[Grid(title, ("", "then", str(document["to"]), "times"), rows)], notes=notes)


def _then(one: Document) -> Cell:
    return "-" if one["then"] is None else Value(one["then"], "rough_time" if one["unit"] == "s" else "short")


def _there(one: Document) -> Cell:
    return _banded(one["ahead"], "rough_time" if one["unit"] == "s" else "rough")


def _factor(ratio: float | None) -> str:
    """Write a ratio: '600', and for what falls '1/4e6'."""
    return "-" if ratio is None else f"1/{rough(1 / ratio)}" if ratio < 1 else rough(ratio)


def _known(value: float | None) -> str:
    return "-" if value is None else short(value)


def _all_backtests(document: Document) -> Section:
    title, score = "The method's record, every figure", document["score"]
    if score is None:
        return chapter(title, [])
    labels = {one["quantity"]: one["label"] for one in document["series"]}
    lines = [{"of": "all", **score}]
    lines += [{"of": labels[one["quantity"]], **one} for one in score["by_quantity"]]
    lines += [{"of": _ahead(one), **one} for one in score["by_horizon"]]
    inside: Column = ("inside 80 %", _held)
    columns = [word("figures of", "of"), number("figures", "cells"), inside, number("too low", "too_low")]
    columns += [
        number("median error", "median_error_oom", ".1f"),
        number("of a plain line", "median_line_error_oom", ".1f"),
        number("worst", "worst_error_oom", "+.1f"),
    ]
    grids = [Grid.of("Summary, orders of magnitude", lines, columns)]
    marks = {True: "", False: " outside", None: " none"}
    for name, label in labels.items():
        own = [one for one in document["backtests"] if one["quantity"] == name]
        errors = {(one["origin"], one["target"]): _oom(one["error_oom"]) + marks[one["inside"]] for one in own}
        origins, targets = (sorted({key[place] for key in errors}) for place in (0, 1))
        rows = [(str(origin), *(errors.get((origin, target), "") for target in targets)) for origin in origins]
        head = ("standing in", *map(str, targets))
        if own:
            grids.append(Grid(f"{label}: predicted less actual, orders of magnitude", head, rows))
    first = score["first_method"]
    alternative = (
        "The error of every backtest, predicted less actual in orders of magnitude, against the years ahead, a mark an "
        "origin, hollow where what came lies outside the 80 % interval."
    )
    return chapter(
        title,
        grids,
        "The same method, standing in the past with the figures until then. The grid was listed in the code before any "
        "result, and is shown whole: a cell is missing only where the figures begin too late or end too early. "
        "'outside': what came lies outside the 80 % interval; 'none': too few years for an interval. The cells share "
        "years and are far from independent; which nets are remembered as milestones was decided afterwards. Where "
        "fewer than 80 % lie inside, the fans below are too narrow; they are shown as they are. The figures are those "
        "of the records below, each with its source.",
        "The method was changed once after its record was seen: the drift was the growth between the two ends of the "
        "window, and the forecast jumped by up to three orders of magnitude when --to moved by a year. It is the "
        "window's least-squares slope now. On the package's figures the first method had "
        f"{_held(first)} inside, a median error of {first['median_error_oom']} "
        f"orders of magnitude and a worst of {first['worst_error_oom']}.",
        charts=[("backtests", alternative)],
    )


def _all_outlooks(document: Document) -> Section:
    """Return the projection by scenario."""

    def bent(one: Document) -> str:
        return ", ".join(f"{name} {percent(share)}" for name, share in one["bent_by"].items() if share >= 0.005) or "-"

    ahead: Column = (str(document["to"]), _banded)
    records: list[Column] = [("2022", _in_2022), ("last record", _last_record), ahead]
    times = number("times 2022", "times_2022", "rough")
    columns = [word("quantity", "label"), *words("unit, scenario"), *records, times, ("bent by", bent)]
    scenarios = Grid("The scenarios", ("scenario", "is"), list(document["scenarios_are"].items()), (0, 1))
    about = f"with milestones, trend and limited futures to {document['to']}."
    fans = [name for name, members in GROUPS.items() if set(document["quantities"]) & set(members)]
    return chapter(
        f"The projection to {document['to']}",
        [Grid.of("By scenario", document["projection"], columns), scenarios],
        "A trend is the record so far, carried on from its last year by its least-squares slope over as many years "
        "back as it looks ahead (ten at least). Its fan is a random walk's with drift (Farmer and Lafond 2016, "
        "https://doi.org/10.1016/j.respol.2015.11.001), its width taken from the errors of the same forecasts "
        "inside the series, and never below the last record. Limited: the smaller of trend and limits in each of "
        "10,000 futures, with a fixed seed. In brackets the 10 % and 90 % quantiles. Sources: the records and the "
        "assumptions below. Bent by: the share of futures in which each limit is the first.",
        charts=[(name, f"Fan charts of {name} {about}") for name in fans],
    )


def _all_sights(document: Document) -> Section:
    """Return what the best of a year looks like from the target year, in every scenario, and the mirror."""

    def ratio(one: Document) -> str:
        found = one["ratio"]
        if found is None or found["low"] is None:
            return _factor(found and found["value"])
        return "{} [{}, {}]".format(*(_factor(found[part]) for part in ("value", "low", "high")))

    unit: Column = ("unit", lambda one: "" if one["unit"] == "s" else one["unit"])
    seen_then: list[Column] = [("then", _then), (str(document["to"]), _there), ("times", ratio)]
    columns = [word("", "what"), unit, *seen_then, word("is", "kind")]
    mirror: list[Column] = [word("", "what"), ("ours", lambda one: _known(one["ours"]))]
    mirror += [("essay", lambda one: _known(one["essay"])), *words("source")]
    seen = f"{document['from']} seen from {document['to']}"
    return chapter(
        "The time traveller's table",
        [
            *(Grid.of(f"{seen}: {name}", found, columns) for name, found in document["traveller"].items()),
            Grid.of(f"{seen}: by the assumptions on hardware and algorithms", document["repeats"], columns),
            Grid.of("The mirror: 1989 seen from 2022, times", document["mirror"], mirror),
        ],
        "Times and costs belong to no scenario: they follow from the assumptions. Times are operations over useful "
        "peak speed: arithmetic on assumed hardware, device, pace of algorithms; memory and the wait for data are "
        "left out, so that they flatter the device.",
    )
