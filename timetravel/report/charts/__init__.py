"""Charts by command, drawn from documents alone."""

import io
import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from timetravel.report.tables import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def charts(document: Mapping[str, Any], *, dark: bool = False) -> "dict[str, Figure]":
    """Return the charts of a document by name, in the house style; none where its command has none."""
    from timetravel.report.charts.style import style

    if name_of(document) not in {found.name for found in pkgutil.iter_modules(__path__)}:
        return {}
    module = import_module(f"{__name__}.{name_of(document)}")
    with style(dark):
        drawn: dict[str, Figure] = module.charts(document, dark=dark)
    return drawn


def files(document: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the charts of a document as PNG and SVG, light and dark, by file name."""
    from timetravel.report.charts.style import style

    made = {}
    for dark in (False, True):
        with style(dark):
            for name, figure in charts(document, dark=dark).items():
                for kind in ("png", "svg"):
                    stream = io.BytesIO()
                    metadata = {"Date": None} if kind == "svg" else {"Software": None}
                    figure.savefig(stream, format=kind, dpi=160, metadata=metadata)
                    made[f"{name}{'-dark' if dark else ''}.{kind}"] = stream.getvalue()
    return made
