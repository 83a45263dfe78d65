"""What `timetravel tune` shows: the best trials beside the recipe as it is, and both again with fresh seeds."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from timetravel.numbers import counted
from timetravel.report.grid import Cell, Column, Grid, Interval, Section, Value, mean, number

SHOWN: Final = 10
WINNERS_CURSE: Final = (
    "The best of many trials is optimistic: it was picked for its few mistakes, luck included (the winner's curse). "
    "Fresh seeds take the luck of the seeds away, not that of the digits, which stay the same."
)


def sections(document: Mapping[str, Any]) -> list[Section]:
    """Return what was found with the best trials, the same with fresh seeds, and the trials that those leave out."""
    rows, seeds, best = document["rows"], document["seeds"], document["rows"][0]
    title = (
        f"A search from {document['era']} on {document['data']}: {counted(len(rows), 'trial')}, "
        f"{document['folds']} folds of {counted(document['train_size'], 'training digit')}, "
        f"{counted(len(seeds), 'seed')} a trial"
    )
    notes = [*document["remarks"]]
    if len(rows) > SHOWN:
        notes.append(f"The best {SHOWN} of {len(rows)} trials and the recipe as it is; --long shows them all.")
    if len(seeds) > 1:
        notes.append("In brackets: the 95 % t interval of the mean over seeds.")
    if document["comparison"]:
        words = in_words(document["comparison"])
        notes.append(f"Trial {best['trial']} against the recipe as it is: {words}. {WINNERS_CURSE}")
    charts = [
        ("figure", "The mistakes of every trial in its order, and the fewest so far."),
        ("values", "Each searched value against the mistakes, a panel a value."),
    ]
    first = [row for place, row in enumerate(rows) if place < SHOWN or row["as_it_is"]]
    made = [Section("", document["finding"], [grid(title, first)], notes, charts=charts)]
    if document["confirmation"]:
        made.append(confirmed(document["confirmation"], best["trial"]))
    made.append(Section("", notes=[f"To measure the best on test digits, type: {document['measure_on_test']}"]))
    if len(rows) > SHOWN:
        made.append(Section("", parts=[grid("All trials", rows)], long=True))
    return made


def grid(title: str, rows: Sequence[Mapping[str, Any]]) -> Grid:
    """Return trials, one a line; a column says how many runs diverged, where some did."""
    columns: list[Column] = [
        ("values", values),
        number("trial", "trial"),
        mean("mistakes on folds", "mistakes_on_folds", ".1f", ".0f"),
        ("error, %", lambda row: Value(row["error_on_folds"]["mean"], ".2f")),
    ]
    if any(row["diverged"] for row in rows):
        columns.append(number("runs diverged", "diverged"))
    return Grid.of(title, rows, columns)


def values(row: Mapping[str, Any]) -> str:
    """Write the values of a trial as they are typed."""
    pairs = ((name, str(value).lower() if isinstance(value, bool) else value) for name, value in row["values"].items())
    return ("as it is: " if row["as_it_is"] else "") + ", ".join(f"{name}={value}" for name, value in pairs)


def confirmed(again: Mapping[str, Any], trial: int) -> Section:
    """Return the recipe as it is and the best one, measured with seeds that the search did not use."""
    found = again["comparison"]
    lines: list[list[Cell]] = [
        [name, Interval.of(again[key], within=".0f"), Value(again[f"{key}_error"]["mean"], ".2f"), *against]
        for name, key, against in (
            ("as it is", "as_it_is", (Interval(None), "")),
            (f"trial {trial}", "best", (Interval.of(found["change"], "+.1f", "+.0f"), found["verdict"])),
        )
    ]
    title = f"Measured again on the folds, with {counted(len(again['seeds']), 'fresh seed')}"
    head = ("recipe", "mistakes on folds", "error, %", "change in mistakes", "verdict")
    return Section("", parts=[Grid(title, head, lines, (0, 4))], notes=[f"With fresh seeds: {in_words(found)}."])


def in_words(found: Mapping[str, Any]) -> str:
    """Say how sure a difference is."""
    return str(found["verdict"]) + ("" if found["p"] is None else f", p = {found['p']:.2g}")
