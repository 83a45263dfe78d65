"""What `timetravel interpretations` shows: the best, or those nearest to the paper, and each option at its best."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from timetravel.report.grid import Column, Grid, Section, Value

Row = Mapping[str, Any]
SHOWN: Final = 10
FIGURES: Final = (  # of the reconstruction: what it is called, its name, the unit's factor, how it is written
    ("train loss, 1e-3", "train_loss", 1e3, ".2f"),
    ("test loss, 1e-3", "test_loss", 1e3, ".1f"),
    ("train error, %", "train_error", 1, ".2f"),
    ("test error, %", "test_error", 1, ".2f"),
    ("test mistakes", "test_mistakes", 1, ".0f"),
    ("rejected for 1 % error, %", "rejected_for_1pct", 1, ".1f"),
)


def sections(document: Row) -> list[Section]:
    """Return the first interpretations, and what every option of every gap comes to at its best."""
    rows = document["rows"]
    choosing = document["study"] == "choice"
    table = of_the_choice(document) if choosing else of_the_reconstruction(document)
    shown = min(SHOWN, len(rows))
    note = f"{len(rows)} interpretations in all, {shown} shown; --out DIR writes every one to table.csv."
    chart = [("figure", "Where the interpretations with each option lie.")]
    return [
        Section("", document["finding"], [table], [note], charts=chart),
        Section("What each option comes to at its best", "", [at_best(rows, choosing)], long=True),
    ]


def of_the_choice(document: Row) -> Grid:
    """Return the interpretations with the fewest mistakes on the folds."""
    called = zip(names(document["rows"]), document["rows"][:SHOWN], strict=False)
    columns: list[Column] = [
        ("interpretation", lambda pair: pair[0]),
        ("mistakes on five folds", lambda pair: Value(pair[1]["mistakes_on_folds"]["mean"], ".1f")),
        ("each seed's", lambda pair: ", ".join(map(str, pair[1]["mistakes_on_folds"]["values"]))),
        ("training error, %", lambda pair: Value(pair[1]["train_error"]["mean"], ".2f")),
    ]
    return Grid.of("Interpretations of the paper by the folds, the best first", list(called), columns)


def of_the_reconstruction(document: Row) -> Grid:
    """Return the paper's figures and those of the interpretations nearest to it."""
    every = [*document["references"], *document["rows"][:SHOWN]]
    called = zip(["the paper, 1989", *names(document["rows"])], every, strict=False)

    def of(head: str, key: str, factor: float, form: str) -> Column:
        def cell(pair: tuple[str, Row]) -> Value:
            told = (pair[1][key] or {}).get("mean")  # the paper does not tell all; a loss may be no number
            return Value(None if told is None else factor * told, form)

        return head, cell

    columns: list[Column] = [("interpretation", lambda pair: pair[0]), *(of(*figure) for figure in FIGURES)]
    return Grid.of("Interpretations of the paper by its figures, the nearest first", list(called), columns)


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


def at_best(rows: Sequence[Row], choosing: bool) -> Grid:
    """Return, for every option of every gap, the least figures among the interpretations that have it."""

    def least(head: str, key: str, form: str) -> Column:
        def figure(row: Row) -> float:
            return float(row[key]["mean"] if isinstance(row[key], Mapping) else row[key])

        return head, lambda item: Value(min(map(figure, item[1])), form)

    columns: list[Column] = [
        ("gap", lambda item: item[0][0]),
        ("option", lambda item: item[0][1]),
        ("interpretations", lambda item: Value(len(item[1]))),
    ]
    if choosing:
        columns += [least("least mistakes on five folds", "mistakes_on_folds", ".1f")]
    else:
        columns += [least("least test error, %", "test_error", ".2f"), least("least distance", "distance", ".2f")]
    return Grid.of("", list(by_option(rows).items()), columns)
