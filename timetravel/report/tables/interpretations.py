"""What `timetravel interpretations` shows: the best, or those nearest to the paper, and each option at its best."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from timetravel.report.grid import Cell, Column, Grid, Section, Value, word

Row = Mapping[str, Any]
SHOWN: Final = 8


def value(head: str, key: str, form: str, factor: float = 1.0) -> Column:
    """Return a column of means; the paper does not tell all, and a loss may be no number."""

    def cell(row: Row) -> Cell:
        mean = (row[key] or {}).get("mean")
        return Value(None if mean is None else factor * mean, form)

    return head, cell


COLUMNS: Final[dict[str, list[Column]]] = {
    "choice": [
        value("mistakes on five folds", "mistakes_on_folds", ".1f"),
        ("each seed's", lambda row: ", ".join(map(str, row["mistakes_on_folds"]["values"]))),
        value("training error, %", "train_error", ".2f"),
    ],
    "reconstruction": [
        value("train loss, 1e-3", "train_loss", ".2f", 1e3),
        value("test loss, 1e-3", "test_loss", ".1f", 1e3),
        value("train error, %", "train_error", ".2f"),
        value("test error, %", "test_error", ".2f"),
        value("test mistakes", "test_mistakes", ".0f"),
        value("rejected for 1 % error, %", "rejected_for_1pct", ".1f"),
    ],
}
# The figures whose least each option is told by.
LEAST: Final[dict[str, list[tuple[str, Callable[[Row], float], str]]]] = {
    "choice": [("least mistakes on five folds", lambda row: row["mistakes_on_folds"]["mean"], ".1f")],
    "reconstruction": [
        ("least test error, %", lambda row: row["test_error"]["mean"], ".2f"),
        ("least distance", lambda row: row["distance"], ".2f"),
    ],
}


def sections(document: Row) -> list[Section]:
    """Return the first interpretations, and what every option of every gap comes to at its best."""
    rows, study = document["rows"], document["study"]
    order = "by the folds, the best first" if study == "choice" else "by its figures, the nearest first"
    shown = [{**row, "name": name} for row, name in zip(rows[:SHOWN], names(rows), strict=False)]
    note = f"{len(rows)} interpretations in all, {len(shown)} shown; --out DIR writes every one to table.csv."
    paper = [{**row, "name": "the paper, 1989"} for row in document["references"]]
    columns = [word("interpretation", "name"), *COLUMNS[study]]
    grid = Grid.of(f"Interpretations of the paper {order}", [*paper, *shown], columns)
    options: list[list[Cell]] = [
        [*pair, Value(len(found)), *(Value(min(map(figure, found)), form) for _, figure, form in LEAST[study])]
        for pair, found in by_option(rows).items()
    ]
    heads = ["gap", "option", "interpretations", *(head for head, *_ in LEAST[study])]
    chart = [("figure", "Where the interpretations with each option lie.")]
    return [
        Section("", document["finding"], [grid], [note], charts=chart),
        Section("What each option comes to at its best", "", [Grid("", heads, options, (0, 1))], long=True),
    ]


def names(rows: Sequence[Row]) -> list[str]:
    """Write the options of each row in a line; with its gap's name where not every row has that gap.

    Such an option says little alone, and several gaps have a '0'.
    """
    everywhere = set.intersection(*(set(row["options"]) for row in rows))
    return [
        "; ".join(option if gap in everywhere else f"{gap}: {option}" for gap, option in row["options"].items())
        for row in rows
    ]


def by_option(rows: Sequence[Row]) -> dict[tuple[str, str], list[Row]]:
    """Return the rows that have each option of each gap, gap by gap; names them by (gap, option)."""
    gaps = dict.fromkeys(gap for row in rows for gap in row["options"])
    pairs = dict.fromkeys((gap, row["options"][gap]) for gap in gaps for row in rows if gap in row["options"])
    return {pair: [row for row in rows if pair in row["options"].items()] for pair in pairs}
