"""The charts of `timetravel train`: errors after every epoch, errors against rejection, the worst mistakes."""

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from timetravel.report.charts.style import PALETTE, canvas, digits

Document = Mapping[str, Any]


def charts(document: Document, *, dark: bool = False) -> dict[str, Figure]:
    """Return the charts of a document by name; those only that it has data for."""
    drawn = {}
    if any(document.get("curves", {}).values()):
        drawn["figure"] = learning_curve(document)
    if document.get("rejection_curves"):
        drawn["rejection"] = rejection(document)
    if document["mistakes"] and "pixels" in document["mistakes"][0]:
        captions = [f"{m['true']} read as {m['read_as']}\nby {m['wrong']} of {m['nets']}" for m in document["mistakes"]]
        drawn["mistakes"] = digits(document["mistakes"], captions, dark)
    return drawn


def learning_curve(document: Document) -> Figure:
    """Draw the errors after every epoch: the mean over seeds, and all seeds between the edges of the band."""
    row = document["rows"][0]
    curves = [curve for curve in document["curves"].values() if curve]
    epochs = range(1, min(map(len, curves)) + 1)
    title = f"{row['label']} on {row['data']}, epoch by epoch"
    figure, axes = canvas("epochs over the training digits", "error, %", title)
    paper = next(reference for reference in document["references"] if reference["recipe"] == "1989")
    for name, colour, marker in (("test", PALETTE[0], "o"), ("train", PALETTE[1], "s")):
        columns = [[curve[epoch - 1][f"{name}_error"] for curve in curves] for epoch in epochs]
        means = [sum(column) / len(column) for column in columns]
        axes.plot(epochs, means, color=colour, label=f"{name}: mean of {len(curves)}")
        axes.fill_between(epochs, list(map(min, columns)), list(map(max, columns)), color=colour, alpha=0.25, lw=0)
        look: Any = {"label": f"paper, 1989: {name}", "clip_on": False, "zorder": 5}
        axes.plot(paper["epochs"], paper[f"{name}_error"]["mean"], marker, mfc="none", color=PALETTE[3], **look)
    axes.set_ylim(bottom=0)
    axes.legend(title="band: lowest to highest seed", title_fontsize=9)
    return figure


def rejection(document: Document) -> Figure:
    """Draw the error that is left against the share rejected by the paper's thresholds, a line a net."""
    first = document["rows"][0]
    pairs = zip(document["rows"], document["rejection_curves"], strict=True)
    nets = {row["net"]: curves for row, curves in pairs if row["data"] == first["data"]}
    title = f"Rejecting doubtful digits ({first['data']})"
    figure, axes = canvas("test digits rejected, %", "error on the others, %", title)
    for place, (net, curves) in enumerate(nets.items()):
        for order, curve in enumerate(curves):
            label = f"{net}: {len(curves)} nets" if order == 0 else None
            axes.plot(curve["rejected"], curve["error"], color=PALETTE[place], lw=0.8, alpha=0.7, label=label)
        for paper in document["references"]:
            if (paper["recipe"], paper["net"]) == ("1989", net) and paper["rejected_for_1pct"]:
                look: Any = {"mfc": "none", "color": PALETTE[3], "label": f"paper, 1989: {net}"}
                axes.plot(paper["rejected_for_1pct"]["mean"], 1.0, "os"[place], **look)
    axes.axhline(1.0, color=PALETTE[3], lw=0.6, ls=":")
    axes.set_xlim(0, 40)
    axes.set_ylim(bottom=0)
    axes.legend()
    return figure
