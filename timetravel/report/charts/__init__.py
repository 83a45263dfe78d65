"""Charts by command, drawn with Vega-Altair from documents alone."""

import json
import pkgutil
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from timetravel.errors import TimetravelError
from timetravel.report.tables import name_of, sections

# In JSON, what no SVG can hold, and what ends vl-convert, and Python with it: control characters and the like.
UNWRITABLE: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\u(?:00[01][0-9a-f]|fff[ef])")
CLIP: Final = re.compile(r'(?<=["#])clip\d+')


@dataclass(frozen=True)
class Chart:
    """A chart with its alternative text. A notebook shows it; it is written as SVG and PNG, light or dark."""

    altair: Any  # altair.LayerChart or VConcatChart, light
    alternative: str

    def to_dict(self, *, dark: bool = False) -> dict[str, Any]:
        """Return the Vega-Lite specification, its data within."""
        from timetravel.report.charts.style import theme

        return {**self.altair.to_dict(), "config": theme(dark)}

    def svg(self, *, dark: bool = False) -> bytes:
        """Return an SVG file of the chart."""
        made: str = written("vegalite_to_svg", self.to_dict(dark=dark))
        names: dict[str, str] = {}  # Vega numbers clips on from chart to chart; here each chart counts its own
        return CLIP.sub(lambda clip: names.setdefault(clip[0], f"clip{len(names)}"), made).encode()

    def png(self, *, dark: bool = False, scale: float = 2) -> bytes:
        """Return a PNG file of the chart, some 700 pixels wide times `scale`."""
        made: bytes = written("vegalite_to_png", self.to_dict(dark=dark), scale=scale)
        return made

    def _repr_mimebundle_(self, *args: Any, **more: Any) -> Any:
        return self.altair._repr_mimebundle_(*args, **more)


def written(how: str, specification: Mapping[str, Any], **more: Any) -> Any:
    """Have vl-convert write a chart; nothing is fetched from anywhere."""
    made = getattr(package("vl_convert", "vl-convert-python"), how)
    return made(UNWRITABLE.sub(r"\1\\ufffd", json.dumps(specification)), allowed_base_urls=[], **more)


def package(module: str, name: str) -> Any:
    """Import what draws charts; raises TimetravelError where it is missing."""
    try:
        return import_module(module)
    except ImportError as error:
        raise TimetravelError(f"Charts need the package {name}: {error}.", f"Type: pip install {name}") from None


def charts(document: Mapping[str, Any]) -> dict[str, Chart]:
    """Return the charts of a document by name; none where its command has none.

    Raises TimetravelError where Altair is missing.
    """
    if name_of(document) not in {found.name for found in pkgutil.iter_modules(__path__)}:
        return {}
    package("altair", "altair")
    from timetravel.report.charts.style import theme

    drawn = import_module(f"{__name__}.{name_of(document)}").charts(document)
    return {
        name: Chart(drawn[name].properties(description=words).configure(**theme(False)), words)
        for section in sections(document)
        for name, words in section.charts
    }


def files(document: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the charts of a document as PNG and SVG, light and dark, by file name."""
    made: dict[str, bytes] = {}
    for name, chart in charts(document).items():
        for ending, dark in (("", False), ("-dark", True)):
            made |= {f"{name}{ending}.svg": chart.svg(dark=dark), f"{name}{ending}.png": chart.png(dark=dark)}
    return made
