"""What `timetravel modernize` shows: rows and what each changes, costs, the digits of eras, and the decomposition."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from timetravel.numbers import counted
from timetravel.report.grid import Cell, Grid, Interval, Pictures, Section, Value
from timetravel.report.tables import INTERVALS, closing, new_digits

Row = Mapping[str, Any]
TITLES: Final = {  # of the rows; what each is compared with
    "ladder": ("The ladder on {data}", "against the row above, mistakes"),
    "alone": ("Each tweak alone on {data}", "against the same without it, mistakes"),
    "without": ("The full set but each tweak on {data}", "against the full set, mistakes"),
}
VERDICTS: Final = (
    "Verdict: for new digits, by a two-way bootstrap over seeds and digits, corrected by Holm's method over the table."
)
NEW_DIGITS: Final = (
    "For new digits: the 95 % interval by a two-way bootstrap over seeds and digits, unadjusted. Reduction: the share "
    "of the other row's mistakes that is gone."
)
LISTS: Final = {
    "shared": "Read wrongly by all {nets} of {era}: {count}",
    "repaired": "Read rightly by most nets of {era}, wrongly by most of the era before: {count}",
    "broken": "Read wrongly by most nets of {era}, rightly by most of the era before: {count}",
}


def sections(document: Mapping[str, Any]) -> list[Section]:
    """Return the finding with the rows of the mode, then what the first screen leaves out."""
    if document["mode"] == "decompose":
        return decomposition(document)
    rows, mode = ordered(document), document["mode"]
    first = document["rows"][0]
    title, against = TITLES[mode]
    seeds = len(first["seeds"])
    name = title.format(data=first["data"]) + (
        f": {counted(first['train_size'], 'training digit')}, {counted(first['test_size'], 'test digit')}, "
        f"{counted(seeds, 'seed')} a row"
    )
    notes = ["One seed a row: an anecdote."] if seeds == 1 else [f"{INTERVALS} Changes are paired by seed. {VERDICTS}"]
    if mode == "alone":
        notes.append("Without it: at equal epochs; what only lengthens training is compared with fewer epochs.")
    notes += [*calibration(document), *document["remarks"]]
    charts = [("figure", "The test error of every row, with both intervals.")]
    made = [Section("", document["finding"], [changes(document, rows, name, against)], notes, charts=charts)]
    controls = [row for row in document["rows"] if row["control"]]
    if controls:
        grid = changes(document, controls, "", "against fewer epochs, mistakes")
        made.append(Section("Controls: the same, trained longer", "", [grid], long=True))
    made.append(Section("For new digits", "", [reductions([*rows, *controls])], [NEW_DIGITS], True))
    made += [beside_the_published(document, rows)] if document["references"] else []
    made += [costs(document), *eras(document)]
    if "cells" in document:
        made.append(closing.section(document, "What tweaks are worth, at no cost to the user of the net", long=True))
    return made


def titled(row: Row) -> str:
    """Call a row by its label, and by the era that it has reached."""
    era = row["era"]
    return f"{row['label']} ({era})" if era and era not in row["label"] else row["label"]


def ordered(document: Mapping[str, Any]) -> list[Row]:
    """Return the rows that are no controls: a ladder as it climbs, tweaks by what they are worth, the best first."""
    rows = [row for row in document["rows"] if not row["control"]]
    if document["mode"] == "ladder":
        return rows
    starts = 1 if document["mode"] == "alone" else 2
    sign = 1 if document["mode"] == "alone" else -1

    def worth(row: Row) -> float:
        change = row["change_step"]["mean"]
        return float("inf") if change is None else sign * float(change)

    return [*rows[:starts], *sorted(rows[starts:], key=worth)]


def changes(document: Mapping[str, Any], rows: Sequence[Row], title: str, against: str) -> Grid:
    """Return rows with their mistakes, and the changes from the row that each builds on and from the first."""
    first, without = document["rows"][0], document["mode"] == "without"
    lines: list[list[Cell]] = []
    for row in rows:
        own = not without or row["builds_on"] != first["recipe"]  # the full set has no full set to be compared with
        lines.append(
            [
                titled(row),
                Value(row["epochs"]),
                Interval.of(row["test_error"], ".2f"),
                Interval.of(row["test_mistakes"], ".1f", ".0f"),
                Interval.of(row["change_step"] if own else None, "+.1f", "+.0f"),
                (own and row["verdict_step"]) or "",
                Interval.of(row["change_1989"], "+.1f", "+.0f"),
            ]
        )
    head = ("recipe", "epochs", "test error, %", "test mistakes", against, "verdict",
            f"against {first['label']}, mistakes")  # fmt: skip
    return Grid(title, head, lines, (0, 5))


def reductions(rows: Sequence[Row]) -> Grid:
    """Return errors and reductions of mistakes with their intervals for new digits, and the p of the verdicts."""
    lines: list[list[Cell]] = []
    for row in rows:
        line: list[Cell] = [titled(row), new_digits(row)]
        for name in ("step", "1989"):
            line += [Interval.of(row[f"reduction_{name}"], ".0f"), Value(row[f"p_{name}"], ".2g")]
        lines.append([*line, row["verdict_1989"] or ""])
    head = (
        "recipe", "test error, %", "reduction from the row that it builds on, %", "p against that row",
        "reduction from the first row, %", "p against the first row", "verdict against the first row",
    )  # fmt: skip
    return Grid("", head, lines, (0, 6))


def beside_the_published(document: Mapping[str, Any], rows: Sequence[Row]) -> Section:
    """Return the rows that the paper or the essay has, too, beside what they published."""
    told = {(reference["recipe"], reference["net"]): reference for reference in document["references"]}
    lines: list[list[Cell]] = []
    for row in rows:
        if published := told.get((row["recipe"], row["net"])):
            line: list[Cell] = [titled(row)]
            for mistakes in ("test_mistakes", "train_mistakes"):
                line += [Interval.of(published[mistakes], ".0f"), Interval.of(row[mistakes], ".1f", ".0f")]
            line.append(Interval.of(published.get("change_step"), "+.0f"))
            lines.append([*line, Interval.of(row["change_step"], "+.1f", "+.0f")])
    head = (
        "recipe", "published test mistakes", "test mistakes here", "published training mistakes",
        "training mistakes here", "published change, test mistakes", "change here",
    )  # fmt: skip
    note = "Published: one seed each; the 2022 essay's on its own subset (here --subset karpathy-test-first)."
    return Section("Beside the published figures", "", [Grid("", head, lines)], [note], True)


def costs(document: Mapping[str, Any]) -> Section:
    """Return what each row costs, to use and to train, and how many digits it would have to reject."""
    use: list[list[Cell]] = []
    training: list[list[Cell]] = []
    for row in document["rows"]:
        size = Value(row["parameters"]), Value(row["multiply_adds"])
        latency = Value(row["latency_us"], ".1f"), Value(100 * (row["latency_ratio"] - 1), "+.0f")
        same = "same" if row["same_size_and_latency"] else "another"
        use.append([titled(row), *size, *latency, same, Interval.of(row["rejected_by_margin"])])
        time = Value(row["seconds_a_net"], "duration"), Value(row["time_ratio"], ".3g")
        training.append([titled(row), Value(row["epochs"]), Value(row["examples_seen"]), *time, row["backend"]])
    use_head = (
        "recipe", "parameters", "multiply-adds of one digit", "latency, us", "latency against the first row's, %",
        "size and latency", "rejected for 1 % error, %",
    )  # fmt: skip
    training_head = ("recipe", "epochs", "examples seen", "time a net", "times the first row's", "trained by")
    notes = (
        f"Latency: one image alone, by {document['latency_measured_with']}, medians of rounds in which the rows take "
        "turns. Another: a size that is not the first row's, or a latency more than 5 % from it. Rejected: digits to "
        "leave unread, by the difference of the two largest outputs, for 1 % error on the others.",
        "Examples seen: by one net, its teachers included. Times compare only where the same backend trained.",
    )
    grids = [Grid("To use", use_head, use, (0, 5)), Grid("To train", training_head, training, (0, 5))]
    return Section("What it costs", "", grids, notes, True)


def eras(document: Mapping[str, Any]) -> list[Section]:
    """Return how many digits each era's nets all misread, repair and break, with pictures of the last era's."""
    misread = document["misread"]
    if not misread:
        return []
    rows: list[list[Cell]] = [
        [name, Value(era["nets"]), *(Value(len(era[kind])) for kind in LISTS)] for name, era in misread.items()
    ]
    head = ("era", "nets", "read wrongly by all of them", "repaired: by most before, not by most of them",
            "broken: by most of them, not by most before")  # fmt: skip
    parts: list[Grid | Pictures] = [Grid("", head, rows)]
    name, era = list(misread.items())[-1]
    for kind, words in LISTS.items():
        shown = [digit for digit in era[kind] if "pixels" in digit]
        if shown:
            captions = [f"{digit['true']} read as {digit['read_as']}" for digit in shown]
            title = words.format(nets=counted(era["nets"], "net"), era=name, count=len(era[kind]))
            parts.append(Pictures(title, [digit["pixels"] for digit in shown], captions))
    charts = [("digits", "Digits that whole eras misread, and that they repair.")] if len(parts) > 1 else []
    return [Section("Digits that whole eras misread", "", parts, long=True, charts=charts)]


def calibration(document: Mapping[str, Any]) -> list[str]:
    """Say how often a row read 'not resolved' from itself."""
    found = document["calibration"]
    if not found:
        return []
    return [
        f"Calibration: {found['not_resolved']} of {found['of']} comparisons of a row with itself read 'not resolved'."
    ]


def decomposition(document: Mapping[str, Any]) -> list[Section]:
    """Return what each cause removes and every cell, then the intervals for new digits."""
    first, rows = document["rows"][0], document["rows"]
    causes = [
        [part["part"], Interval.of(part["first"], ".0f"), Interval.of(part["last"], ".0f")]
        for part in document["parts"]
    ]
    removes = Grid(
        "What each cause removes of the mistakes, %, with the 95 % interval for new digits",
        ("cause", f"alone, from {first['label']}", "as the last to come, of the mistakes then left"),
        causes,
    )
    cells: list[list[Cell]] = []
    told: list[list[Cell]] = []
    for row in rows:
        name: list[Cell] = [row["label"], Value(row["train_size"])]
        mistakes, error = Interval.of(row["test_mistakes"], ".1f", ".0f"), Interval.of(row["test_error"], ".2f")
        change, verdict = Interval.of(row["change_1989"], "+.1f", "+.0f"), row["verdict_1989"] or ""
        cells.append([*name, Value(row["examples_seen"]), error, mistakes, change, verdict])
        told.append([*name, new_digits(row), Interval.of(row["reduction_1989"], ".0f"), Value(row["p_1989"], ".2g")])
    title = (
        f"Algorithm, training and data on {first['data']}: {counted(first['test_size'], 'test digit')}, "
        f"{counted(len(first['seeds']), 'seed')} a row"
    )
    head = ("recipe", "training digits", "examples seen", "test error, %", "test mistakes",
            "against the first row, mistakes", "verdict")  # fmt: skip
    new_head = (
        "recipe",
        "training digits",
        "test error, %",
        "reduction from the first row, %",
        "p against the first row",
    )
    notes = [f"{INTERVALS} {VERDICTS}", *calibration(document)]
    if len({row["train_size"] for row in rows}) > 1:
        notes.append("With more digits a recipe sees about as many examples as with 1989's, in whole epochs.")
    charts = [("figure", "The test error of every cell, with both intervals.")]
    return [
        Section("", document["finding"], [removes, Grid(title, head, cells, (0, 6))], notes, charts=charts),
        Section("For new digits", "", [Grid("", new_head, told)], [NEW_DIGITS], True),
    ]
