"""The Markdown blocks of docs/scale-model.md, made from a published result of `scale-model`."""

from collections.abc import Mapping
from typing import Any

from timetravel.show.markdown import Document, error, interval, made_by, markdown


def against(row: Mapping[str, Any]) -> str:
    """Write the change against the base with its verdict; nothing for the base itself."""
    change = row["change_base"]
    return f"{interval(change, '+.1f', '+.0f')}, {row['verdict_base']}" if change else ""


def gradient(row: Mapping[str, Any], when: str) -> str:
    """Write the length of the first layer's gradient, and as a multiple of the last layer's."""
    length, ratio = row[f"gradient_first_{when}"], row[f"gradient_ratio_{when}"]
    return "not told" if length is None else f"{length:.2g}" + ("" if ratio is None else f" ({ratio:.2g})")


def widths(document: Document) -> str:
    """Return the error of every width at every number of digits, and what such a net costs."""
    head = (
        "width", "training digits", "parameters", "multiply-adds", "latency, us", "in 1989, ms",
        "training, multiply-adds", "test error, %", "mistakes against width 1 with the fewest digits",
    )  # fmt: skip
    lines = [
        (
            f"{row['width']:g}",
            f"{row['train_size']:,}",
            f"{row['parameters']:,}",
            f"{row['multiply_adds']:,}",
            f"{row['latency_us']:.0f}",
            f"{row['ms_on_1989s_processor']:.1f}",
            f"{row['training_multiply_adds']:.2e}",
            error(row),
            against(row),
        )
        for row in document["rows"]
        if not row["depth"]
    ]
    return markdown(head, lines) + made_by(document)


def depths(document: Document) -> str:
    """Return the error of every depth, plain and stabilized, and how far gradients reach."""
    base = document["base"]
    head = (
        "further layers", "residual", "normalized", "parameters", "test error, %", "mistakes against none",
        "first layer's gradient at the start (x the last layer's)", "in training", "diverged or collapsed seeds",
    )  # fmt: skip
    lines = [
        (
            str(row["depth"]),
            "yes" if row["residual"] else "no",
            "yes" if row["normalization"] != "none" else "no",
            f"{row['parameters']:,}",
            error(row),
            against(row),
            *(gradient(row, when) for when in ("at_start", "in_training")),
            f"{len({*row['diverged'], *row['collapsed']})} of {len(row['seeds'])}",
        )
        for row in document["rows"]
        if row["depth"] or (row["recipe"], row["train_size"]) == (base["recipe"], base["train_size"])
    ]
    return markdown(head, lines) + made_by(document)


def removed(document: Document) -> str:
    """Return which share of the base's mistakes size, data and both remove."""
    head = ("cause", "training digits", "parameters", "mistakes removed, %, {95 % for new digits}")
    lines = [
        (
            part["cause"],
            f"{part['train_size']:,}",
            f"{part['parameters']:,}",
            f"{part['mean']:.0f} {{{part['low']:.0f}, {part['high']:.0f}}}",
        )
        for part in document["reduction"]
    ]
    return markdown(head, lines) + made_by(document)


def best(document: Document) -> str:
    """Return what 1989's computer could have reached, on any number of digits and on 1989's."""
    found = document["best_of_1989"]
    head = ("on", "row", "from", "training digits", "training, multiply-adds", "of the budget", "test error, %")
    lines = []
    for name, key in (("any digits", "best"), ("at most 7,291 digits", "best_on_1989s_number_of_digits")):
        point = found[key]
        shown = point["test_error"]
        lines.append(
            (
                name,
                point["row"],
                point["from"],
                f"{point['train_size']:,}",
                f"{point['training_multiply_adds']:.2e}",
                f"{100 * point['training_multiply_adds'] / found['multiply_adds']:.2g} %",
                f"{shown['mean']:.2f} {{{shown['low']:.2f}, {shown['high']:.2f}}}",
            )
        )
    note = (
        f"\n{found['rows_within']} of {found['rows_considered']} rows fit the budget of {found['multiply_adds']:.3g}.\n"
    )
    return markdown(head, lines) + note + made_by(document)
