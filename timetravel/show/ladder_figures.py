"""The figures of `modernize`: the error of each row, the digits that eras misread, and the decomposition."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from timetravel.show.figures import PALETTE, bar, canvas, style

if TYPE_CHECKING:
    from timetravel.studies.decompose import DecomposeResult
    from timetravel.studies.modernize import ModernizeResult
    from timetravel.studies.rows import Row
    from timetravel.studies.seen import Misread, Seen

TITLES = {
    "ladder": "From 1989 on, one tweak at a time ({data})",
    "alone": "Each tweak alone ({data})",
    "without": "The full set but each tweak ({data})",
}
MOST = 12  # digits of each kind in a row of pictures
KINDS = (("shared", "read wrongly by all nets"), ("repaired", "repaired since the era before"))


def errors(result: "ModernizeResult", *, dark: bool = False) -> Figure:
    """Draw the test error of every row with both intervals, and the essay's single seeds beside them."""
    first = result.rows[0]
    order = [*result.main, *result.controls]
    rows = [result.rows[place] for place in order]
    with style(dark):
        figure, axes = canvas("test error, %", "", TITLES[result.mode].format(data=first.data))
        figure.set_size_inches(7.0, 1.8 + 0.27 * len(rows))
        subset_rows(axes, rows, [result.evidence.new_digits[place] for place in order])
        places = {row.name: place for place, row in enumerate(rows)}
        for number, reference in enumerate(result.references):
            axes.plot(
                reference["test_error"]["mean"], places[reference["recipe"]] + 0.25, "D", ms=5, mfc="none",
                color=PALETTE[3], label="essay, 2022: one seed on its own subset" if number == 0 else None,
            )  # fmt: skip
        if result.controls:
            axes.axhline(len(result.main) - 0.5, color=PALETTE[4], lw=0.8, ls=":")
        figure.legend(loc="outside lower center", ncols=2)
    return figure


def subset_rows(axes: Axes, rows: "Sequence[Row]", new_digits: Sequence[tuple[float, float]]) -> None:
    """Draw errors from top to bottom: thick the interval over seeds, thin the one for new digits."""
    seeds = len(rows[0].runs)
    for place, (row, (low, high)) in enumerate(zip(rows, new_digits, strict=True)):
        error = row.test_error
        axes.plot([low, high], [place, place], "|-", color=PALETTE[1], lw=1.2, zorder=3,
                  label="95 % interval for new digits" if place == 0 else None)  # fmt: skip
        axes.errorbar(error.mean, place, xerr=bar(error), fmt="o", ms=4, color=PALETTE[0], lw=2.5, zorder=2,
                      label=f"mean of {seeds}, 95 % interval over seeds" if place == 0 else None)  # fmt: skip
        right = max(high, error.high or error.mean)
        axes.annotate(f"{error.mean:.2f}", (right, place), xytext=(4, -3), textcoords="offset points", fontsize=8)
    axes.set_yticks(range(len(rows)), [row.title for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(left=0)


def digits(seen: "Seen", *, dark: bool = False) -> Figure:
    """Subset, for every era, digits that all of its nets misread, and digits that it repairs."""
    shown: list[tuple[str, Sequence[Misread]]] = []
    for era in seen.eras:
        for kind, title in KINDS:
            found = getattr(era, kind)
            if found:
                shown.append((f"{era.name}: {len(found)} {title}", found[:MOST]))
    with style(dark):
        figure = Figure(figsize=(7.0, 0.4 + 1.05 * max(len(shown), 1)), layout="constrained")
        for part, (title, found) in zip(
            figure.subfigures(max(len(shown), 1), 1, squeeze=False)[:, 0], shown, strict=False
        ):
            part.suptitle(title, x=0.01, ha="left", fontsize=9)
            for axes, misread in zip(part.subplots(1, MOST, squeeze=False)[0], [*found, *[None] * MOST], strict=False):
                axes.set_axis_off()
                if misread is not None:
                    axes.imshow(misread.image, cmap="gray" if dark else "gray_r", vmin=-1, vmax=1)
                    axes.set_title(f"{misread.true} as {misread.read}", fontsize=7, pad=2)
    return figure


def decomposition(result: "DecomposeResult", *, dark: bool = False) -> Figure:
    """Draw the error of every cell with both intervals, 1989's number of digits above the most."""
    with style(dark):
        figure, axes = canvas("test error, %", "", f"Algorithm, training and data ({result.rows[0].data})")
        figure.set_size_inches(7.0, 1.8 + 0.3 * len(result.rows))
        subset_rows(axes, result.rows, result.evidence.new_digits)
        axes.set_yticks(range(len(result.rows)), [f"{row.label}, {row.train_size:,} digits" for row in result.rows])
        figure.legend(loc="outside lower center", ncols=2)
    return figure
