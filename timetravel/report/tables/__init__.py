"""Sections by command: what every table of a document holds, said once for terminal, files, docs and pages."""

import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

from timetravel.numbers import counted
from timetravel.report.grid import Column, Grid, Interval, Section, Value, number, word
from timetravel.report.render import csv, records

OVER_RUNS = "In brackets: the 95 % t interval of the mean over these runs, on these very test digits."
LEAST = "least found"
UNRESOLVED = "Not resolved: the change may be chance. As a table tests many, its own interval may leave 0 out even so."
SEEN = " Least found: a true change of that size is found in four of five such tries."
VARIED = "By crossed random effects of runs and test digits. A run is a seed with its subset of training digits."


def name_of(document: Mapping[str, Any]) -> str:
    """Return the module that a document's command has here and among the charts: 'scale-data' has scale_data."""
    return str(document["command"]).replace("-", "_").replace(" ", "_")


def known(document: Mapping[str, Any]) -> bool:
    """Whether the document is of a command that has tables."""
    return name_of(document) in {found.name for found in pkgutil.iter_modules(__path__)}


def sections(document: Mapping[str, Any]) -> list[Section]:
    """Return the sections of a document; the first says what was found."""
    module = import_module(f"{__name__}.{name_of(document)}")
    made: list[Section] = module.sections(document)
    if changed := document.get("changed"):
        made[0] = replace(made[0], notes=[changed, *made[0].notes])
    if stopped := document.get("stopped"):
        note = f"Stopped, for {stopped['why']}, after {stopped['runs']:,} of {stopped['of']:,} nets."
        made[0] = replace(made[0], notes=[f"{note} {document.get('to_settle', '')}".strip(), *made[0].notes])
    return made


def new_digits(row: Mapping[str, Any], form: str = ".2f") -> Interval:
    """Return the cell of a row's test error in percent with its interval for new nets and new digits."""
    found = row.get("new_digits") or {"low": None, "high": None}
    return Interval(row["test_error"]["mean"], found["low"], found["high"], form)


def files(document: Mapping[str, Any]) -> dict[str, bytes]:
    """Return a document's tables as CSV by file name: its rows, measured and published, or what its command has."""
    own = getattr(import_module(f"{__name__}.{name_of(document)}"), "files", None)
    return own(document) if own else {"table.csv": csv(records(document))}


def varied(rows: Sequence[Mapping[str, Any]]) -> list[Grid]:
    """Return what the mistakes of rows vary by, where that is known."""
    told = [{"label": row["label"], **row["variances"]} for row in rows if row.get("variances")]
    parts = {
        "runs": "other runs",
        "subsets": "of these: other subsets",
        "seeds": "of these: other seeds",
        "digits": "other test digits",
        "rest": "chance, digit by digit",
    }
    columns = [word("recipe", "label"), *(number(head, part, ",.1f") for part, head in parts.items())]
    return [Grid.of("Standard deviations of the mistakes of one net", told, columns)] if told else []


def verdicts(name: str, head: str = "verdict") -> list[Column]:
    """Return the columns of verdicts: the word, and beside 'not resolved' which change would have been."""
    return [word(head, f"verdict{name}"), (LEAST, lambda row: Value(row.get(f"detectable{name}"), ",.0f"))]


def runs(row: Mapping[str, Any]) -> str:
    """Say how many runs a row has."""
    return counted(len(row["test_error"]["values"]), "run")


def scope(document: Mapping[str, Any], grid: Grid) -> list[str]:
    """Return the notes below a table of changes: what intervals speak of, and what is not resolved where some is."""
    *told, _ = document["method"]
    note = UNRESOLVED + (SEEN if LEAST in grid.head else "")
    return [" ".join(told), *([note] if any("not resolved" in row for row in grid.rows) else [])]


def grounds(document: Mapping[str, Any]) -> Section:
    """Say how verdicts are made, and how often rows that were compared with themselves read 'not resolved'."""
    notes, found = [document["method"][-1]], document.get("calibration")
    if found:
        notes.append(f"{found['not_resolved']} of {found['of']} comparisons of a row with itself read 'not resolved'.")
    return Section("How verdicts are made", notes=notes, long=True)
