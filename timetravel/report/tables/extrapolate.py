"""What `timetravel extrapolate` shows first: verdicts, the method's record, the projection, the time traveller's table.

What they stand on is in extrapolate_grounds. The record stands before the forecast, in short and in full.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from timetravel.numbers import rough, short, write
from timetravel.report.grid import Cell, Grid, Interval, Section, Value
from timetravel.report.tables import extrapolate_grounds as grounds

Document = Mapping[str, Any]
LEFT_TO_LONG: Final = ("parameters (vision)", "compute", "dearest run, $")  # of the time traveller's table
LONG_LABEL: Final = 24
COLUMNS: Final = (
    "quantity", "label", "unit", "domain", "scenario", "kind", "year", "value", "low", "high", "in_2022",
    "standing_in", "last_record", "source",
)  # fmt: skip
MILESTONES: Final = (
    "quantity", "domain", "date", "name", "value", "unit", "estimated", "note", "source", "link", "checked",
)  # fmt: skip
GROUPS: Final = {
    "size": ("parameters", "parameters-vision"),
    "data": ("tokens", "images"),
    "compute": ("compute", "compute-vision", "cost"),
    "hardware": ("price", "energy", "algorithms"),
}


def sections(document: Document) -> list[Section]:
    """Return the first screens, then every table of the report."""
    return [
        verdicts(document),
        record(document),
        outlook(document),
        traveller(document),
        all_claims(document),
        all_backtests(document),
        all_outlooks(document),
        all_sights(document),
        *grounds.sections(document),
    ]


def files(document: Document) -> dict[str, bytes]:
    """Return projection.csv, the way to the target, and milestones.csv, those in use as a user's file has them."""
    facts = {(one["quantity"], one["scenario"]): one for one in document["projection"]}
    way = [
        facts[path["quantity"], path["scenario"]] | dict(zip(("year", "value", "low", "high"), values, strict=True))
        for path in document["paths"]
        for values in zip(path["years"], path["value"], path["low"], path["high"], strict=True)
    ]
    used = [
        one | {"estimated": "yes" if one["estimated"] else "no", "value": f"{one['value']:.10g}"}
        for one in document["milestones"]
    ]
    return {"projection.csv": as_csv(COLUMNS, way), "milestones.csv": as_csv(MILESTONES, used)}


def as_csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return some columns of rows as CSV."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def verdicts(document: Document) -> Section:
    """Return the seven verdicts, each with its number and what it rests on, and what would change it."""
    rows = [(one["id"], one["short"], one["verdict"], broken(one["shown"]), one["kind"]) for one in document["claims"]]
    grid = Grid(
        f"The essay's claims about {document['to']}", ("", "claim", "verdict", "number", "rests on"), rows, range(5)
    )
    changes = "; ".join(f"{one['id']} {one['changes_short']}" for one in document["claims"])
    return Section("", document["finding"], [grid], [f"What would change a verdict: {changes}."])


def broken(text: str) -> str:
    """Put what stands in round brackets on a line of its own, so that no column grows for one row."""
    return text.replace(" (", "\n(")


def record(document: Document) -> Section:
    """Say how the method did when it was asked about years that have passed."""
    score, title = document["score"], "The method's record first"
    if score is None:
        return Section(title, "No backtest is possible with these figures.")
    share = f" ({100 * score['inside_80'] / score['with_interval']:.0f} %)" if score["with_interval"] else ""
    sentence = (
        f"Standing in 1989 to 2022, its 80 % intervals held {held(score)} figures that came{share}; median error "
        f"{score['median_error_oom']:.1f} orders of magnitude (OOM), a plain line's "
        f"{score['median_line_error_oom']:.1f}; worst {oom(score['worst_error_oom'])}."
    )
    parts = [f"{ahead(one)}: {held(one)} inside, median {one['median_error_oom']:.1f}" for one in score["by_horizon"]]
    last = score["by_horizon"][-1]
    far = f"worst {oom(last['worst_error_oom'])}, {last['too_low']} of {last['cells']} too low"
    return Section(title, sentence, notes=[f"{'; '.join(parts)}, {far}."])


def held(score: Mapping[str, Any]) -> str:
    """Write how many intervals held what came: '54 of 72'."""
    return f"{score['inside_80']} of {score['with_interval']}"


def ahead(score: Mapping[str, Any]) -> str:
    """Write how far backtests look ahead: '1-3 years ahead', '33 years ahead'."""
    first, last = score["years_ahead"]
    return f"{first if first == last else f'{first}-{last}'} years ahead"


def oom(error: float) -> str:
    """Write an error in orders of magnitude: '+1.2', '-0.3', '0.0'."""
    return write(error, "+.1f") if round(error, 1) else "0.0"


def outlook(document: Document) -> Section:
    """Return every chosen quantity in the target year by scenario, and the limit that its trend meets first."""
    found = {(one["quantity"], one["scenario"]): one for one in document["projection"]}
    rows = [
        (
            broken(one["label"]) if len(one["label"]) > LONG_LABEL else one["label"],
            broken(in_2022(one)),
            f"{short(one['last_record'])} ({one['standing_in']})",
            *(banded(found.get((one["quantity"], name))) for name in document["scenarios"]),
            f"{one['meets']['limit']} {one['meets']['year']}" if one["meets"] else "-",
        )
        for one in document["series"]
    ]
    head = ("", "2022", "last record", *document["scenarios"], "meets")
    title = f"The largest in {document['to']}; naive: arithmetic, else extrapolation"
    return Section("", parts=[Grid(title, head, rows, (0, len(head) - 1))])


def in_2022(series: Mapping[str, Any]) -> str:
    """Write a record of 2022, with its year where the figures end before."""
    year = min(2022, series["standing_in"])
    return short(series["in_2022"]) + ("" if year == 2022 else f" ({year})")


def banded(found: Mapping[str, Any] | None, form: str = "rough") -> Cell:
    """Return the cell of a value with its quantiles; '-' for none."""
    return "-" if found is None else Interval(found["value"], found["low"], found["high"], form)


def traveller(document: Document) -> Section:
    """Return what the best of a year looks like from the target year, and its mirror."""
    scenario, repeats = document["scenarios"][-1], document["repeats"]
    dearest = [one for one in repeats if one["unit"] != "s"][-1:]  # the others in the long form
    shown = [one for one in document["traveller"][scenario] if one["what"] not in LEFT_TO_LONG]
    shown += [one for one in repeats if one["unit"] == "s" or one in dearest]
    best = "Today's best" if document["from"] == "today" else f"{document['from']}'s best"
    title = f"{best} seen from {document['to']} ({scenario}; times and costs by the assumptions)"
    grid = Grid(title, ("", "then", str(document["to"]), "times"), [sight(one) for one in shown])
    mirror = "; ".join(
        f"{one['what']} {known(one['essay'])} / {known(one['ours'])}"
        for one in document["mirror"]
        if one["what"] != "pixels"  # in the long form: only the essay counts them
    )
    speed = "measured here" if document["rows"] else "yours: timetravel train --era 1989"
    return Section(
        "",
        parts=[grid],
        notes=[
            f"The mirror, 1989 from 2022, essay / ours: {mirror} ({speed}).",
            "[ ]: 10 % to 90 % quantile; of D, E, F as told by --long, which has sources. 7e15 is 7 x 10^15.",
        ],
    )


def sight(one: Mapping[str, Any]) -> tuple[Cell, ...]:
    """Return a line of the time traveller's table: what, then, in the target year, and how many times."""
    form = "rough_time" if one["unit"] == "s" else "rough"
    then = Value(one["then"], "rough_time" if one["unit"] == "s" else "short")
    return one["what"], then if one["then"] is not None else "-", banded(one["ahead"], form), factor(one["ratio"])


def factor(ratio: Mapping[str, Any] | None) -> str:
    """Write a ratio: '600', and for what falls '1/4e6'."""
    if ratio is None:
        return "-"
    return f"1/{rough(1 / ratio['value'])}" if ratio["value"] < 1 else rough(ratio["value"])


def known(value: float | None) -> str:
    """Write a value, '-' for one that is not known."""
    return "-" if value is None else short(value)


def all_claims(document: Document) -> Section:
    """Return the seven claims with evidence, sources and what would change the verdict."""
    rows, evidence = [], []
    for one in document["claims"]:
        number = f"{one['shown']} ({one['interval']})" if one["interval"] else one["shown"]
        told = one["about"] if one["value"] is None else f"{one['about']}: {number}"
        rows.append((one["id"], one["claim"], one["verdict"], one["kind"], told))
        evidence.append((one["id"], " ".join(one["evidence"]), one["changes"], "; ".join(one["sources"])))
    return Section(
        "The seven claims",
        parts=[
            Grid("Verdicts", ("", "claim", "verdict", "rests on", "number"), rows, range(5)),
            Grid("Why, and what would change it", ("", "evidence", "would change it", "sources"), evidence, range(4)),
            Grid("The words", ("verdict", "means"), list(document["verdicts"].items()), range(2)),
        ],
        notes=[
            "Measured here: by the package on digits, on this machine. Published here: so measured, and published with "
            "the package. Published: by others. Extrapolation: trends carried on, bent by assumed limits. Opinion: no "
            "number.",
        ],
        long=True,
    )


def all_backtests(document: Document) -> Section:
    """Return every backtest of the grid."""
    labels = {one["quantity"]: one["label"] for one in document["series"]}
    score = document["score"] or {"by_quantity": (), "by_horizon": (), "first_method": {}}
    lines = [("all", score)] if document["score"] else []
    lines += [(labels[one["quantity"]], one) for one in score["by_quantity"]]
    lines += [(ahead(one), one) for one in score["by_horizon"]]
    head = ("figures of", "figures", "inside 80 %", "too low", "median error", "of a plain line", "worst")
    summary = [
        (
            name, str(one["cells"]), held(one), str(one["too_low"]), Value(one["median_error_oom"], ".1f"),
            Value(one["median_line_error_oom"], ".1f"), oom(one["worst_error_oom"]),
        )
        for name, one in lines
    ]  # fmt: skip
    grids = [Grid("Summary, orders of magnitude", head, summary)]
    for one in document["series"]:
        own = [cell for cell in document["backtests"] if cell["quantity"] == one["quantity"]]
        if own:
            grids.append(backtests(f"{one['label']}: predicted less actual, orders of magnitude", own))
    first = score["first_method"]
    return Section(
        "The method's record, every figure",
        parts=grids,
        notes=[
            "The same method, standing in the past with the figures until then. The grid was listed in the code before "
            "any result, and is shown whole: a figure is missing only where the figures begin too late or end too "
            "early. 'outside': what came lies outside the 80 % interval; 'none': too few years for an interval. The "
            "figures share years and are far from independent; which nets are remembered as milestones was decided "
            "afterwards. Where fewer than 80 % lie inside, the fans below are too narrow; they are shown as they are. "
            "The figures are those of the records below, each with its source.",
            "The method was changed once after its record was seen: the drift was the growth between the two ends of "
            "the window, and the forecast jumped by up to three orders of magnitude when --to moved by a year. It is "
            f"the window's least-squares slope now. On the package's figures the first method had "
            f"{first['inside_80']} of {first['with_interval']} inside, a median error of {first['median_error_oom']} "
            f"orders of magnitude and a worst of {first['worst_error_oom']}.",
        ]
        if document["score"]
        else [],
        long=True,
        charts=[
            (
                "backtests",
                "The error of every backtest, predicted less actual in orders of magnitude, against the years ahead, a "
                "mark an origin, hollow where what came lies outside the 80 % interval.",
            )
        ],
    )


def backtests(title: str, found: Sequence[Mapping[str, Any]]) -> Grid:
    """Return the errors of one quantity's backtests, a line an origin."""
    by_year = {(one["origin"], one["target"]): one for one in found}
    targets = sorted({target for _, target in by_year})
    rows = [
        (str(origin), *(error(by_year.get((origin, target))) for target in targets))
        for origin in sorted({origin for origin, _ in by_year})
    ]
    return Grid(title, ("standing in", *map(str, targets)), rows)


def error(one: Mapping[str, Any] | None) -> str:
    """Write the error of a backtest, and whether its interval missed what came, or there was none."""
    return "" if one is None else oom(one["error_oom"]) + {True: "", False: " outside", None: " none"}[one["inside"]]


def all_outlooks(document: Document) -> Section:
    """Return the projection by scenario."""
    rows = [
        (
            one["label"], one["unit"], one["scenario"], in_2022(one), f"{short(one['last_record'])} "
            f"({one['standing_in']})", banded(one), Value(one["times_2022"], "rough"),
            ", ".join(f"{name} {100 * share:.0f} %" for name, share in one["bent_by"].items() if share >= 0.005) or "-",
        )
        for one in document["projection"]
    ]  # fmt: skip
    to = document["to"]
    head = ("quantity", "unit", "scenario", "2022", "last record", str(to), "times 2022", "bent by")
    chosen = set(document["quantities"])
    return Section(
        f"The projection to {to}",
        parts=[
            Grid("By scenario", head, rows, (0, 1, 2, 7)),
            Grid("The scenarios", ("scenario", "is"), list(document["scenarios_are"].items()), (0, 1)),
        ],
        notes=[
            "A trend is the record so far, carried on from its last year by its least-squares slope over as many years "
            "back as it looks ahead (ten at least). Its fan is a random walk's with drift (Farmer and Lafond 2016, "
            "https://doi.org/10.1016/j.respol.2015.11.001), its width taken from the errors of the same forecasts "
            "inside the series, and never below the last record. Limited: the smaller of trend and limits in each of "
            "10,000 futures, with a fixed seed. In brackets the 10 % and 90 % quantiles. Sources: the records and the "
            "assumptions below. Bent by: the share of futures in which each limit is the first.",
        ],
        long=True,
        charts=[
            (name, f"Fan charts of {name} with milestones, trend and limited futures to {to}.")
            for name, members in GROUPS.items()
            if chosen & set(members)
        ],
    )


def all_sights(document: Document) -> Section:
    """Return what the best of a year looks like from the target year, in every scenario, and the mirror."""
    head = ("", "unit", "then", str(document["to"]), "times", "is")
    grids = []
    for title, found in (
        *document["traveller"].items(),
        ("by the assumptions on hardware and algorithms", document["repeats"]),
    ):
        rows = [
            (what, "" if one["unit"] == "s" else one["unit"], then, there, ratio(one["ratio"]), one["kind"])
            for one in found
            for what, then, there, _ in [sight(one)]
        ]
        grids.append(Grid(f"{document['from']} seen from {document['to']}: {title}", head, rows, (0, 1, 5)))
    mirror = [(one["what"], known(one["ours"]), known(one["essay"]), one["source"]) for one in document["mirror"]]
    grids.append(Grid("The mirror: 1989 seen from 2022, times", ("", "ours", "essay", "source"), mirror, (0, 3)))
    return Section(
        "The time traveller's table",
        parts=grids,
        notes=[
            "Times and costs belong to no scenario: they follow from the assumptions. Times are operations over useful "
            "peak speed: arithmetic on assumed hardware, device, pace of algorithms; memory and the wait for data are "
            "left out, so that they flatter the device.",
        ],
        long=True,
    )


def ratio(found: Mapping[str, Any] | None) -> str:
    """Write a ratio with its quantiles."""
    if found is None or found["low"] is None:
        return factor(found)
    low, high = (factor({"value": found[end]}) for end in ("low", "high"))
    return f"{factor(found)} [{low}, {high}]"
