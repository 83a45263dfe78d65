"""What `timetravel train` shows: a run beside the paper and the essay, its rivals, and the worst mistakes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from timetravel.numbers import counted, listed
from timetravel.report.grid import Cell, Grid, Interval, Pictures, Section, Value
from timetravel.report.tables import VARIED, varied

Row = Mapping[str, Any]
FIGURES: Final = (  # what it is called, its name, the unit's factor, how mean and ends are written
    ("train loss, 1e-3", "train_loss", 1e3, ".2f", ".2f"),
    ("train error, %", "train_error", 1, ".2f", ".2f"),
    ("train mistakes", "train_mistakes", 1, ".1f", ".0f"),
    ("test loss, 1e-3", "test_loss", 1e3, ".1f", ".1f"),
    ("test error, %", "test_error", 1, ".2f", ".2f"),
    ("test mistakes", "test_mistakes", 1, ",.1f", ",.0f"),
    ("test mistakes of 2,007", "mistakes_of_2007", 1, ",.1f", ",.0f"),
    ("rejected for 1 % error, %", "rejected_for_1pct", 1, ".1f", ".1f"),
)
OVER: Final = "Intervals of other rows than {}: for new runs, on these very digits."
COSTS: Final = (("epochs", "epochs"), ("examples seen", "examples_seen"), ("time a net", "seconds_a_net"))
SHOWN: Final = 4


def sections(document: Mapping[str, Any]) -> list[Section]:
    """Return what was found with the table beside the paper and the essay, then rivals and costs."""
    rows, first = document["rows"], document["rows"][0]
    runs = len(first["test_error"]["values"])
    told = [beside(row, first) for row in document["references"]]
    columns = [("paper, 1989", reference(told, "1989", "lecun1989"))]
    columns += [(f"{row['recipe']}, by the essay", row) for row in told if row["recipe"] != "1989"]
    columns += [(f"this run, {counted(runs, 'net')}", first)]
    title = (
        f"{first['label']} on {first['data']}: {counted(first['train_size'], 'training digit')}, "
        f"{counted(first['epochs'], 'epoch')}"
    )
    new = ["test error", "test mistakes", *(["rejected"] if first.get("rejected_new_digits") else [])]
    notes = [*document["method"], *([OVER.format(listed(new))] if runs > 1 else [])]
    notes.append("Rejected: test digits left unread, so that 1 % of the others are read wrongly.")
    if runs > 1 and first["data"] == "usps":
        notes.append("Paper in seed range: the paper's value lies between our lowest and highest seed.")
    if first["settings"].get("loss") == "cross-entropy":
        notes.append("This run's loss is cross-entropy in nats; 1989's is a squared error.")
    if first["settings"].get("labels") == "recognizer":
        notes.append("No human label trained it: its train mistakes are digits that the recognizer reads otherwise.")
    curves = any(document.get("curves", {}).values())
    charts = [("figure", "Error after every epoch, a line a seed.")] if curves else []
    worst = [one for one in document.get("mistakes") or [] if "pixels" in one]
    parts: list[Grid | Pictures] = [side_by_side(title, columns, first)]
    if worst:
        parts.append(pictures(worst[:SHOWN], f"Read wrongly most often, by {counted(runs, 'net')}"))
    made = [Section("", document["finding"], parts, notes, charts=charts)]
    for rival in rows[1:]:
        pair = [("paper, 1989", reference(told, "1989", rival["net"])), ("this run", rival)]
        title = f"{rival['label']}: {rival['test_size']:,} test digits of {rival['data']}"
        made.append(Section("", parts=[side_by_side(title, pair, rival)], long=True))
    if grids := varied(rows):
        made.append(Section("What the mistakes vary by", parts=grids, notes=[VARIED], long=True))
    if document.get("rejection_curves"):
        seen = "Error left against the share of test digits rejected, a line a net."
        made.append(Section("Rejecting doubtful digits", charts=[("rejection", seen)], long=True))
    if worst:
        title = "The digits that most nets read wrongly"
        made.append(Section("", parts=[pictures(worst, title)], charts=[("mistakes", f"{title}.")], long=True))
    return made


def beside(published: Row, measured: Row) -> Row:
    """Return a published row with its mistakes where ours on as many test digits stand."""
    few = measured.get("mistakes_of_2007") and published["test_size"] != measured["test_size"]
    return {**published, "mistakes_of_2007": published["test_mistakes"], "test_mistakes": None} if few else published


def reference(told: Sequence[Row], recipe: str, net: str) -> Row | None:
    """Return a published row."""
    return next((row for row in told if (row["recipe"], row["net"]) == (recipe, net)), None)


def side_by_side(title: str, columns: Sequence[tuple[str, Row | None]], measured: Row) -> Grid:
    """Set rows beside each other, a figure a line; say of the paper's values whether they are among ours."""
    marked = measured["data"] == "usps" and len(measured["test_error"]["values"]) > 1
    told = [row for _, row in columns]
    lines: list[list[Cell]] = []
    for name, key, factor, form, within in FIGURES:
        cells = [figure(shown(row, key), factor, form, within) for row in told]
        if key == "mistakes_of_2007" and not any(cells):
            continue
        lines.append([name, *cells, *([among(told[0], measured, key)] if marked else [])])
    for name, key in COSTS:
        form = "duration" if key == "seconds_a_net" else ",d"
        lines.append([name, *(Value(row[key] or None if row else None, form) for row in told)])
    lines.append(["test digits", *(f"{row['data']}, {row['test_size']:,}" if row else "" for row in told)])
    head = ["", *(name for name, _ in columns), *(["paper in seed range"] if marked else [])]
    return Grid(title, head, [[*line, *[""] * (len(head) - len(line))] for line in lines])


def shown(row: Row | None, key: str) -> Mapping[str, Any] | None:
    """Return an estimate of a row; with its interval for new runs and digits, where that is known."""
    found: Mapping[str, Any] | None = row and row.get(key)
    new = {"test_error": "new_digits", "test_mistakes": "new_digits", "rejected_for_1pct": "rejected_new_digits"}
    ends: Mapping[str, Any] = (row and row.get(new.get(key, ""))) or {}
    of = row["test_size"] / 100 if row and key == "test_mistakes" else 1  # from percent
    return {**found, **{end: value and of * value for end, value in ends.items()}} if found else found


def figure(found: Mapping[str, Any] | None, factor: float, form: str, within: str) -> Cell:
    """Return the cell of a figure; what was published as a count stays one."""
    if found is None or found["mean"] is None:
        return ""
    if found["low"] is None and isinstance(found["mean"], int):
        return str(found["mean"])
    scaled = {part: None if found[part] is None else factor * found[part] for part in ("mean", "low", "high")}
    return Interval.of(scaled, form, within)


def among(paper: Row | None, measured: Row, key: str) -> str:
    """Say whether the paper's value lies between the lowest and the highest of our seeds."""
    if paper is None or not paper.get(key) or None in measured[key]["values"]:
        return ""
    values = measured[key]["values"]
    return "yes" if min(values) <= paper[key]["mean"] <= max(values) else "no"


def pictures(mistakes: Sequence[Mapping[str, Any]], title: str) -> Pictures:
    """Return misread digits with what they are and what they are read as."""
    captions = [f"{one['true']} read as {one['read_as']}" for one in mistakes]
    return Pictures(title, [one["pixels"] for one in mistakes], captions)
