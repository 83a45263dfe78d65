"""The charts of `timetravel modernize`: the error of each row, or of each cell, and the digits that eras misread."""

from collections.abc import Mapping
from typing import Any, Final

import altair as alt

from timetravel.report.charts import shares
from timetravel.report.charts.style import KEY, coloured, data, digits, frame, intervals, joined, measured, named, tips
from timetravel.report.grid import Pictures
from timetravel.report.tables.modernize import titled

Document = Mapping[str, Any]
TITLES: Final = {
    "ladder": "From 1989 on, one tweak at a time ({data})",
    "alone": "Each tweak alone ({data})",
    "without": "The full set but each tweak ({data})",
    "decompose": "Algorithm, training and data ({data})",
}
MOST: Final = 12  # digits of each kind in a row of pictures
KINDS: Final = (("shared", "read wrongly by all nets"), ("repaired", "repaired since the era before"))


def charts(document: Document) -> dict[str, Any]:
    """Return the errors, or the shares, and where there are pictures the digits that the eras misread and repair."""
    if document["mode"] == "shares":
        return shares.charts(document)
    shown = []
    for name, era in document.get("misread", {}).items():
        for kind, title in KINDS:
            if few := [one for one in era[kind] if "pixels" in one][:MOST]:
                captions = [f"{one['true']} as {one['read_as']}" for one in few]
                shown.append(Pictures(f"{name}: {len(era[kind])} {title}", [one["pixels"] for one in few], captions))
    drawn: dict[str, Any] = {"figure": errors(document)}
    if shown:
        drawn["digits"] = digits(shown, MOST, "Digits that whole eras misread, and that they repair")
    return drawn | ({"power": power(document)} if document.get("power") else {})


def power(document: Document) -> Any:
    """Draw the change that would be resolved against the number of runs, a line a number of test digits."""
    shown = [{**point, "line": f"{point['digits']:,} test digits"} for point in document["power"]]
    x = alt.X("runs:Q", title="runs a row", axis=alt.Axis(values=sorted({point["runs"] for point in shown})))
    y = alt.Y("detectable:Q", title="change in mistakes of 10,000")
    told = [alt.Tooltip(name, title=title) for name, title in (("line:N", "with"), ("runs:Q", "runs"))]
    told.append(alt.Tooltip("detectable:Q", title="change", format=",.1f"))
    base = data(shown).encode(x, y, **coloured(point["line"] for point in shown), tooltip=told)
    names = named(shown, "runs", "detectable", logarithmic=False)
    return frame(*joined(base), names, title="The change that more runs and more test digits would resolve")


def errors(document: Document) -> Any:
    """Draw test errors from top to bottom: thick the interval over these runs, thin the one for new runs and digits.

    Controls come last; the published single seeds stand beside the rows of a mode, and cells say their digits.
    """
    cells = document["mode"] == "decompose"
    rows = sorted(document["rows"], key=lambda row: row.get("control", False))
    names = [f"{row['label']}, {row['train_size']:,} digits" if cells else titled(row) for row in rows]
    shown = [measured(row, row=name) for name, row in zip(names, rows, strict=True)]
    far = [max(one[end] or 0 for end in ("mean", "high", "new high")) for one in shown]
    most = max((end for end, row in zip(far, rows, strict=True) if not row.get("failure")), default=max(far))
    for one, end in zip(shown, far, strict=True):  # its number, and where that stands; what collapsed shrinks no others
        off = (one["mean"] or 0) > most
        one |= {"end": 0 if off else end, "told": f"{one['mean'] or 0:.2f}{', off the axis' if off else ''}"}
    y = alt.Y("row:N", title=None, sort=names)
    x = alt.X("mean:Q", title="test error, %", scale=alt.Scale(domain=[0, most]))
    base = data(shown).encode(y, tooltip=tips("row", mean="test error, %"))
    numbers = base.mark_text(align="left", dx=6, style="soft").encode(x="end:Q", text="told:N")
    layers = [*intervals(base, "x"), base.mark_point(style="first", filled=True, clip=True).encode(x), numbers]
    key, places = [KEY], dict(zip(((row["recipe"], row["net"]) for row in rows), names, strict=True))
    told = [each for each in document["references"] if not cells and (each["recipe"], each["net"]) in places]
    if told:
        published = [
            {"row": places[each["recipe"], each["net"]], "mean": each["test_error"]["mean"], "source": each["source"]}
            for each in told
        ]
        marks = data(published).mark_point(style="second", shape="diamond", size=75)
        layers.append(marks.encode(x, y, tooltip=["row:N", "mean:Q", "source:N"]))
        key.append("Diamond: published, one seed on its own subset.")
    if controls := [name for name, row in zip(names, rows, strict=True) if row.get("control")]:
        edge = data([{"row": controls[0], "told": "controls: trained longer"}]).encode(y)
        layers.append(edge.mark_rule(style="soft", strokeDash=[2, 3], yOffset=-11))
        words = edge.mark_text(style="soft", align="right", fontSize=11, yOffset=-18)
        layers.append(words.encode(x=alt.value("width"), text="told:N"))
    title = TITLES[document["mode"]].format(data=rows[0]["data"])
    return frame(*layers, title=title, key=key, height=120 + 22 * len(rows))
