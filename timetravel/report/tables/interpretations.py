"""What `timetravel interpretations` shows: the best, or those nearest to the paper, and each option at its best."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from timetravel.report.grid import Cell, Grid, Section, Value

SHOWN: Final = 10
FIGURES: Final = (  # of the reconstruction: what it is called, its name, the unit's factor, how it is written
    ("train loss, 1e-3", "train_loss", 1e3, ".2f"),
    ("test loss, 1e-3", "test_loss", 1e3, ".1f"),
    ("train error, %", "train_error", 1, ".2f"),
    ("test error, %", "test_error", 1, ".2f"),
    ("test mistakes", "test_mistakes", 1, ".0f"),
    ("rejected for 1 % error, %", "rejected_for_1pct", 1, ".1f"),
)


def sections(document: Mapping[str, Any]) -> list[Section]:
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


def of_the_choice(document: Mapping[str, Any]) -> Grid:
    """Return the interpretations with the fewest mistakes on the folds."""
    lines: list[list[Cell]] = []
    for row, name in zip(document["rows"][:SHOWN], names(document["rows"]), strict=False):
        mistakes = row["mistakes_on_folds"]
        each = ", ".join(map(str, mistakes["values"]))
        lines.append([name, Value(mistakes["mean"], ".1f"), each, Value(row["train_error"]["mean"], ".2f")])
    head = ("interpretation", "mistakes on five folds", "each seed's", "training error, %")
    return Grid("Interpretations of the paper by the folds, the best first", head, lines, (0, 2))


def of_the_reconstruction(document: Mapping[str, Any]) -> Grid:
    """Return the paper's figures and those of the interpretations nearest to it."""
    every = [*document["references"], *document["rows"][:SHOWN]]
    called = ["the paper, 1989", *names(document["rows"])]
    lines: list[list[Cell]] = []
    for row, name in zip(every, called, strict=False):
        cells = [
            Value(None if row[key] is None else factor * row[key]["mean"], form) for _, key, factor, form in FIGURES
        ]
        lines.append([name, *cells])
    head = ("interpretation", *(name for name, _, _, _ in FIGURES))
    return Grid("Interpretations of the paper by its figures, the nearest first", head, lines)


def names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Write the options of each row in a line; with its gap's name where not every row has that gap.

    Such an option says little alone, and several gaps have a '0'.
    """
    everywhere = set.intersection(*(set(row["options"]) for row in rows))
    return [
        "; ".join(option if gap in everywhere else f"{gap}: {option}" for gap, option in row["options"].items())
        for row in rows
    ]


def at_best(rows: Sequence[Mapping[str, Any]], choosing: bool) -> Grid:
    """Return, for every option of every gap, the least figure among the interpretations that have it."""
    figures = (
        [
            ("least mistakes on five folds", "mistakes_on_folds", ".1f"),
            ("least training error, %", "train_error", ".2f"),
        ]
        if choosing
        else [("least test error, %", "test_error", ".2f"), ("least distance to the paper", "distance", ".2f")]
    )
    lines: list[list[Cell]] = []
    for gap, option in dict.fromkeys(pair for row in rows for pair in row["options"].items()):
        having = [row for row in rows if row["options"].get(gap) == option]
        least = [min(map(figure, [row[key] for row in having])) for _, key, _ in figures]
        cells = [Value(value, form) for value, (_, _, form) in zip(least, figures, strict=True)]
        lines.append([gap, option, Value(len(having)), *cells])
    head = ("gap", "option", "interpretations", *(name for name, _, _ in figures))
    return Grid("", head, lines, (0, 1))


def figure(found: Any) -> float:
    """Return the mean of an estimate, or a figure that is a number itself."""
    return float(found["mean"] if isinstance(found, Mapping) else found)
