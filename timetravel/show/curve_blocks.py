"""The Markdown blocks that tell what `scale-data` found, each made from published results."""

from collections.abc import Mapping
from typing import Any

from timetravel.show.markdown import Document, error, factor, interval, made_by, markdown, with_range


def data_curve(document: Document) -> str:
    """Return the error of each era at each number of training digits, with both intervals."""
    rows = document["rows"]
    eras = list(dict.fromkeys(row["recipe"] for row in rows))
    lines = []
    for size in sorted({row["train_size"] for row in rows}):
        cells = [f"{size:,}"]
        for name in eras:
            (row,) = [row for row in rows if (row["recipe"], row["train_size"]) == (name, size)]
            cells += [f"{row['examples_seen']:,}", error(row)]
        lines.append(tuple(cells))
    head = ["training digits"]
    for name in eras:
        head += [f"`{name}`: examples", "test error, %"]
    return markdown(head, lines) + made_by(document)


def laws(document: Document) -> str:
    """Return the law of each curve, how the laws fared on the sizes held out, and whether the eras share a rate."""
    lines = []
    for curve in document["curves_fitted"]:
        missed = ", ".join(f"{name} {factor(value)}" for name, value in (curve["held_out_factor"] or {}).items())
        if curve["refused"]:
            lines.append((f"`{curve['era']}`", f"none: {curve['refused']}", "", "", missed))
            continue
        floor = ""
        if curve["constant"] and curve["exponent"]:
            floor = ranged(curve["constant"]) if curve["floor_identified"] else "not identified"
        exponent = ranged(curve["exponent"]) if curve["exponent"] else ""
        lines.append((f"`{curve['era']}`", curve["law"], exponent, floor, missed))
    head = ("era", "law", "exponent", "floor, %", "misses the two largest sizes, unseen, by")
    told = [
        f"`{pair['eras'][1]}` less `{pair['eras'][0]}`: {pair['difference']['mean']:+.2f} "
        f"[{pair['difference']['low']:+.2f}, {pair['difference']['high']:+.2f}], *{pair['verdict']}*"
        for pair in document["exponents"]
    ]
    note = f"\nExponents of plain power laws: {'; '.join(told)}.\n" if told else ""
    if not told:
        note = "\nNo exponents are compared: plain power laws miss the largest sizes by half.\n"
    return markdown(head, lines) + note + made_by(document)


def ranged(found: Mapping[str, Any]) -> str:
    """Write a number with its interval."""
    return f"{found['mean']:.2f} [{found['low']:.2f}, {found['high']:.2f}]"


def checks(document: Document) -> str:
    """Return what the smaller sizes predicted of the largest, and what came."""
    lines = [
        (
            f"`{curve['era']}`",
            curve["checked_law"],
            f"{check['train_size']:,}",
            ranged(check["error"]) if check["error"] else "nothing",
            f"{check['truth']:.2f}",
            "yes" if check["inside"] else "no",
        )
        for curve in document["curves_fitted"]
        for check in curve.get("checks", ())
    ]
    inside = sum(line[-1] == "yes" for line in lines)
    head = ("era", "law", "training digits", "predicted, %", "came, %", "inside")
    return markdown(head, lines) + f"\n{inside} of {len(lines)} inside.\n" + made_by(document)


def closing(*documents: Document) -> str:
    """Return the closing tables: what tweaks and data are worth, and what they cost."""
    lines = []
    for document in documents:
        rows = {(row["recipe"], row["train_size"]): row for row in document["rows"]}
        for cell in document["cells"]:
            row = rows[cell["recipe"], cell["train_size"]]
            lines.append(
                (
                    f"`{cell['recipe']}`, {cell['train_size']:,} digits",
                    f"{row['test_size']:,}",
                    interval(row["test_mistakes"], ".1f", ".0f"),
                    error(row),
                    interval(cell["change"], "+.1f", "+.0f"),
                    cell["verdict"] or "",
                    f"{row['examples_seen']:,}",
                    f"{cell['latency_ratio']:.2f}",
                )
            )
    head = ("recipe", "test digits", "mistakes", "error, % {new digits}", "change", "verdict", "examples",
            "latency, x first")  # fmt: skip
    return markdown(head, lines) + made_by(*documents)


def essay(document: Document) -> str:
    """Return the essay's two cheating rows beside ours, on the essay's digits and with its epochs."""
    told = {(row["recipe"], row["train_size"]): row for row in document["references"]}
    lines = []
    for row in document["rows"]:
        reference = told.get((row["recipe"], row["train_size"]))
        low, high = (row["new_digits"][part] * row["test_size"] / 100 for part in ("low", "high"))
        essays = inside = ""
        if reference:
            count = reference["test_mistakes"]["mean"]
            essays, inside = str(count), "yes" if low <= count <= high else "no"
        lines.append(
            (
                f"`{row['recipe']}`, {row['train_size']:,} digits",
                str(row["epochs"]),
                essays,
                with_range(row["test_mistakes"]),
                f"{{{low:.0f}, {high:.0f}}}",
                inside,
                interval(row["test_error"], ".2f"),
            )
        )
    head = ("recipe", "epochs", "essay", "mistakes here", "{new digits}", "essay inside", "error, %")
    return markdown(head, lines) + made_by(document)
