"""The Markdown blocks that tell what `modernize` and `tune` found, each made from published results."""

from typing import Any

from timetravel.numbers import counted, duration
from timetravel.show.markdown import Document, interval, made_by, markdown, typed, with_range


def ladder(document: Document) -> str:
    """Return the README's picture of the ladder, as plain text of at most 100 columns."""
    first = document["rows"][0]
    head = ("recipe", "epochs", "test error, %", "mistakes", "change", "verdict", "vs 1st")
    table = [head, *map(ladder_line, steps(document))]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join(f"{cell:{'>' if i else '<'}{widths[i]}}" for i, cell in enumerate(row)) for row in table]
    lines.insert(1, "-" * len(lines[0]))
    note = (
        f"{first['data']}: {first['train_size']:,} training digits, {first['test_size']:,} test digits, "
        f"{counted(len(first['seeds']), 'seed')} a row: mean [95 % interval over seeds].\n"
        "Change: in mistakes against the row above, paired by seed. Verdict: for new digits, after Holm.\n"
        "Vs 1st: against the first row."
    )
    return "\n".join(["```text", f"$ {typed(document)}", "", *map(str.rstrip, lines), "", note, "```"])


def ladder_line(row: dict[str, Any]) -> tuple[str, ...]:
    """Return a step's cells."""
    return (
        titled(row),
        str(row["epochs"]),
        interval(row["test_error"], ".2f"),
        interval(row["test_mistakes"], ".1f", ".0f"),
        interval(row["change_step"], "+.1f", "+.0f"),
        row["verdict_step"] or "",
        "" if row["change_1989"] is None else f"{row['change_1989']['mean']:+.1f}",
    )


def essay(document: Document) -> str:
    """Return the essay's ladder beside ours on the essay's digits."""
    told = {reference["recipe"]: reference for reference in document["references"]}
    lines, before = [], None
    for row in steps(document):
        reference = told[row["recipe"]]
        now = reference["test_mistakes"]["mean"]
        lines.append(
            (
                titled(row),
                str(row["epochs"]),
                str(now),
                with_range(row["test_mistakes"]),
                "" if before is None else f"{now - before:+}",
                interval(row["change_step"], "+.1f", "+.0f"),
                str(reference["train_mistakes"]["mean"]),
                with_range(row["train_mistakes"]),
            )
        )
        before = now
    seeds = counted(len(document["rows"][0]["seeds"]), "seed")
    head = (
        "recipe",
        "epochs",
        "essay: test mistakes",
        f"we find, {seeds}",
        "essay: step",
        "we find: step",
        "essay: training mistakes",
        "we find",
    )
    return markdown(head, lines) + made_by(document)


def ladders(*documents: Document) -> str:
    """Return ladders on several sets of digits side by side, the longest first."""
    lines = []
    for step in steps(documents[0]):
        cells = []
        for document in documents:
            row = labelled(document, step["label"])
            cells.append("" if row is None else f"{interval(row['test_mistakes'], '.1f', '.0f')} {mark(row)}".rstrip())
        lines.append((titled(step), str(step["epochs"]), *cells))
    head = ("recipe", "epochs", *map(digits, documents))
    note = "\n*better*, *worse*: the verdict against the row above, where there is one.\n"
    return markdown(head, lines) + note + made_by(*documents)


def controls(*documents: Document) -> str:
    """Return what longer training alone does to the rows of several ladders, the longest first."""
    lines = []
    for control in documents[0]["rows"]:
        if not control["control"]:
            continue
        cells = [control["label"]]
        for document in documents:
            row = labelled(document, control["label"])
            if row is None:
                cells += ["", ""]
                continue
            change = f"{interval(row['change_step'], '+.1f', '+.0f')} {mark(row)}".rstrip()
            cells += [interval(row["test_mistakes"], ".1f", ".0f"), change]
        lines.append(cells)
    head = ["trained longer"]
    for document in documents:
        head += [f"{digits(document)}: mistakes", "change"]
    return markdown(head, lines) + made_by(*documents)


def removed(*documents: Document) -> str:
    """Return the share of mistakes that each era removes of 1989-essay's, with its interval for new digits."""
    lines = []
    for document in documents:
        by_era = {row["era"]: row for row in document["rows"] if row["era"]}
        cells = [digits(document), interval(by_era["1989-essay"]["test_mistakes"], ".1f", ".0f")]
        for name in ("2022", "today"):
            if name not in by_era:
                cells += ["", ""]
                continue
            share = document["reduction_of_1989_essay"][name]
            told = f"{share['mean']:.0f} % {limits(share)}"
            cells += [interval(by_era[name]["test_mistakes"], ".1f", ".0f"), told]
        lines.append(cells)
    head = ("digits", "`1989-essay`", "`2022`", "removed {new digits}", "`today`", "removed {new digits}")
    return markdown(head, lines) + made_by(*documents)


def costs(document: Document) -> str:
    """Return what each step costs to train and to use."""
    lines = [
        (
            row["label"] + ("" if row["same_size_and_latency"] else " (!)"),
            f"{row['parameters']:,}",
            f"{row['multiply_adds']:,}",
            f"{row['latency_us']:.1f} ({100 * (row['latency_ratio'] - 1):+.0f} %)",
            f"{row['examples_seen']:,}",
            duration(row["seconds_a_net"]),
            f"{row['time_ratio']:.3g}",
            interval(row["rejected_by_margin"], ".1f"),
        )
        for row in document["rows"]
    ]
    head = (
        "recipe",
        "parameters",
        "multiply-adds",
        "latency, us",
        "examples",
        "time a net",
        "x first",
        "rejected for 1 %, %",
    )
    note = (
        f"\nLatency with {document['latency_measured_with']}. (!): another size than the first row's, or a latency "
        "more than 5 % from it.\n"
    )
    return markdown(head, lines) + note + made_by(document)


def today(*documents: Document) -> str:
    """Return what `today` comes to on each set of digits."""
    lines = []
    for document in documents:
        row = next(row for row in document["rows"] if row["era"] == "today")
        lines.append(
            (
                digits(document),
                f"{row['test_size']:,}",
                str(len(row["seeds"])),
                with_range(row["test_mistakes"]),
                interval(row["test_error"], ".2f"),
                f"{{{row['new_digits']['low']:.2f}, {row['new_digits']['high']:.2f}}}",
            )
        )
    head = ("digits", "test digits", "seeds", "mistakes", "error, % [these digits]", "{new digits}")
    return markdown(head, lines) + made_by(*documents)


def alone(document: Document) -> str:
    """Return each tweak alone, the best first, beside the same without it."""
    rows = [row for row in document["rows"] if not row["control"] and row["builds_on"] is not None]
    rows.sort(key=lambda row: row["change_step"]["mean"])
    lines = [
        (
            row["label"],
            str(row["epochs"]),
            interval(row["test_mistakes"], ".1f", ".0f"),
            interval(row["change_step"], "+.1f", "+.0f"),
            verdict(row),
            f"{row['parameters']:,}" + ("" if row["same_size_and_latency"] else " (!)"),
            f"{row['time_ratio']:.3g}" + (" (t)" if row["backend"].startswith("torch") else ""),
        )
        for row in rows
    ]
    start = document["rows"][0]
    note = (
        f"\n`1989-essay` makes {interval(start['test_mistakes'], '.1f', '.0f')} mistakes; "
        f"{counted(len(start['seeds']), 'seed')} a row. `more-epochs` and `longer` are compared with 23 epochs. (!): "
        "another size, or a latency more than 5 % away. (t): trained by PyTorch, the others by the kernel.\n"
    )
    head = ("tweak", "epochs", "mistakes", "change at equal epochs", "verdict", "parameters", "time, x 1989-essay")
    return markdown(head, lines) + note + made_by(document)


def without(document: Document) -> str:
    """Return what the full set makes of the digits without each of its tweaks, the most missed first."""
    full, rows = document["rows"][1], list(document["rows"][2:])
    rows.sort(key=lambda row: -row["change_step"]["mean"])
    lines = [("all of them", str(full["epochs"]), interval(full["test_mistakes"], ".1f", ".0f"), "", "")]
    for row in rows:
        mistakes, change = interval(row["test_mistakes"], ".1f", ".0f"), interval(row["change_step"], "+.1f", "+.0f")
        lines.append((row["label"], str(row["epochs"]), mistakes, change, verdict(row)))
    head = ("recipe", "epochs", "mistakes", "change", "verdict")
    return markdown(head, lines) + made_by(document)


def decomposition(document: Document) -> str:
    """Return the cells of the decomposition, then what each cause removes."""
    lines = [
        (
            row["label"],
            f"{row['train_size']:,}",
            f"{row['examples_seen']:,}",
            interval(row["test_mistakes"], ".1f", ".0f"),
            interval(row["test_error"], ".2f"),
            f"{{{row['new_digits']['low']:.2f}, {row['new_digits']['high']:.2f}}}",
            row["verdict_1989"] or "",
        )
        for row in document["rows"]
    ]
    head = (
        "recipe",
        "training digits",
        "examples",
        "mistakes",
        "error, %",
        "{new digits}",
        "against the first row",
    )
    causes = [
        (part["part"], *(f"{part[which]['mean']:.0f} % {limits(part[which])}" for which in ("first", "last")))
        for part in document["parts"]
    ]
    parts = markdown(("cause", "removes, alone from 1989-essay", "removes, as the last to come"), causes)
    return markdown(head, lines) + "\n" + parts + made_by(document)


def steps(document: Document) -> list[dict[str, Any]]:
    """Return the rows of a ladder that are no controls."""
    return [row for row in document["rows"] if not row["control"]]


def labelled(document: Document, label: str) -> dict[str, Any] | None:
    """Return the row of a label, if the document has it."""
    return next((row for row in document["rows"] if row["label"] == label), None)


def titled(row: dict[str, Any]) -> str:
    """Call a row by its label, and by the era that it has reached."""
    era = row["era"]
    return f"{row['label']} ({era})" if era and era not in row["label"] else str(row["label"])


def mark(row: dict[str, Any]) -> str:
    """Write a verdict that says something."""
    return f"*{row['verdict_step']}*" if row["verdict_step"] in ("better", "worse") else ""


def limits(share: dict[str, Any]) -> str:
    """Write the interval of a share for new digits."""
    return f"{{{share['low']:.0f}, {share['high']:.0f}}}"


def verdict(row: dict[str, Any]) -> str:
    """Write a row's verdict against the row that it builds on."""
    return row["verdict_step"] or ""


def digits(document: Document) -> str:
    """Name a document's digits: source and subset."""
    row = document["rows"][0]
    (subset,) = row["subsets"]
    return f"`{row['data']}`" + ("" if row["data"] == "usps" else f", subset `{subset}`")
