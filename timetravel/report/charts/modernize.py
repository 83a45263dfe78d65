"""The charts of `timetravel modernize`: the error of each row, or of each cell, and the digits that eras misread."""

from collections.abc import Mapping
from typing import Any, Final

from matplotlib.figure import Figure

from timetravel.report.charts import shares
from timetravel.report.charts.style import MARKERS, PALETTE, bar, canvas, style
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


def charts(document: Document, *, dark: bool = False) -> dict[str, Figure]:
    """Return the errors, or the shares, and where there are pictures the digits that the eras misread and repair."""
    if document["mode"] == "shares":
        return shares.charts(document, dark=dark)
    shown = {
        f"{name}: {len(era[kind])} {title}": digits
        for name, era in document.get("misread", {}).items()
        for kind, title in KINDS
        if (digits := [digit for digit in era[kind] if "pixels" in digit][:MOST])
    }
    drawn = {"figure": errors(document, dark)}
    drawn |= {"digits": misread(shown, dark)} if shown else {}
    return drawn | ({"power": power(document, dark)} if document.get("power") else {})


def power(document: Document, dark: bool) -> Figure:
    """Draw the change that would be resolved against the number of runs, a line a number of test digits."""
    with style(dark):
        figure, axes = canvas(
            "runs a row", "change in mistakes of 10,000", "What more runs and test digits would resolve"
        )
        for place, digits in enumerate(sorted({point["digits"] for point in document["power"]})):
            points = [point for point in document["power"] if point["digits"] == digits]
            x, y = ([point[axis] for point in points] for axis in ("runs", "detectable"))
            axes.plot(x, y, f"{MARKERS[place]}-", color=PALETTE[place], label=f"{digits:,} test digits")
            axes.set_xticks(x)
        axes.set_ylim(bottom=0)
        axes.legend()
    return figure


def errors(document: Document, dark: bool) -> Figure:
    """Draw test errors from top to bottom: thick the interval over these runs, thin the one for new runs and digits.

    Controls come last; the published single seeds stand beside the rows of a mode, and cells say their digits.
    """
    cells = document["mode"] == "decompose"
    rows = sorted(document["rows"], key=lambda row: row.get("control", False))
    with style(dark):
        figure, axes = canvas("test error, %", "", TITLES[document["mode"]].format(data=rows[0]["data"]))
        figure.set_size_inches(7.0, 1.8 + 0.27 * len(rows))
        for place, row in enumerate(rows):
            error, low, high = row["test_error"], row["new_digits"]["low"], row["new_digits"]["high"]
            mean_of = f"mean of {len(error['values'])}, 95 % interval over these runs"
            labels = ("95 % interval for new runs and digits", mean_of)
            new, own = labels if place == 0 else (None, None)
            axes.plot([low, high], [place, place], "|-", color=PALETTE[1], lw=1.2, zorder=3, label=new)
            axes.errorbar(
                error["mean"], place, xerr=bar(error), fmt="o", ms=4, color=PALETTE[0], lw=2.5, zorder=2, label=own
            )
            right = max(high, error["high"] or error["mean"])
            axes.annotate(f"{error['mean']:.2f}", (right, place), (4, -3), textcoords="offset points", fontsize=8)
        names = [f"{row['label']}, {row['train_size']:,} digits" if cells else titled(row) for row in rows]
        axes.set_yticks(range(len(rows)), names)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(left=0)
        places = {(row["recipe"], row["net"]): place for place, row in enumerate(rows)}
        told = [each for each in document["references"] if not cells and (each["recipe"], each["net"]) in places]
        if told:
            published = [each["test_error"]["mean"] for each in told]
            beside = [places[each["recipe"], each["net"]] + 0.25 for each in told]
            label = "published: one seed on its own subset"
            axes.plot(published, beside, "D", ms=5, mfc="none", color=PALETTE[3], label=label)
        if controls := sum(row.get("control", False) for row in rows):
            axes.axhline(len(rows) - controls - 0.5, color=PALETTE[4], lw=0.8, ls=":")
        figure.legend(loc="outside lower center", ncols=2)
    return figure


def misread(shown: Mapping[str, list[Mapping[str, Any]]], dark: bool) -> Figure:
    """Draw digits that all nets of an era misread, and digits that it repairs, a titled row a list."""
    from timetravel.digits.pixels import decoded

    with style(dark):
        figure = Figure(figsize=(7.0, 0.4 + 1.05 * len(shown)), layout="constrained")
        parts = figure.subfigures(len(shown), 1, squeeze=False)[:, 0]
        for part, (title, digits) in zip(parts, shown.items(), strict=True):
            part.suptitle(title, x=0.01, ha="left", fontsize=9)
            row = part.subplots(1, MOST, squeeze=False)[0]
            for axes in row:
                axes.set_axis_off()
            for axes, digit in zip(row, digits, strict=False):
                axes.imshow(decoded(digit["pixels"]), cmap="gray" if dark else "gray_r", vmin=-1, vmax=1)
                axes.set_title(f"{digit['true']} as {digit['read_as']}", fontsize=7, pad=2)
    return figure
