"""Charts by command, drawn with Vega-Altair from documents alone."""

import json
import pkgutil
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any, Final

from timetravel.errors import TimetravelError
from timetravel.report.tables import name_of, sections

# In JSON, what no SVG can hold, and what ends vl-convert, and Python with it: control characters and the like.
UNWRITABLE: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\u(?:00[01][0-9a-f]|fff[ef])")
ROOM: Final = 10**11  # bytes of address space, most of which vl-convert's JavaScript reserves
CLIP: Final = re.compile(r'(?<=["#])clip\d+')
COLOUR: Final = re.compile(r'( (?:fill|stroke)=")(#[0-9a-fA-F]{6})(?=")')


@dataclass(frozen=True)
class Chart:
    """A chart with its alternative text. A notebook shows it; it is written as SVG and PNG, light or dark."""

    altair: Any  # altair.LayerChart or VConcatChart, light
    alternative: str

    def to_dict(self, *, dark: bool = False) -> dict[str, Any]:
        """Return the Vega-Lite specification, its data within."""
        from timetravel.report.charts.style import theme

        return {**self.altair.to_dict(validate=False), "config": theme(dark)}  # each part was checked when made

    @cached_property
    def light(self) -> str:
        """The chart as an SVG, laid out once: the dark one differs in its colours alone, and PNGs are drawn from it.

        Without what its marks tell one by one: a picture says that in its alternative text.
        """
        bare = _without_tips(self.to_dict())
        return self.drawn(bare | {"config": bare["config"] | {"aria": False}})

    @staticmethod
    def drawn(chart: Mapping[str, Any]) -> str:
        """Return a Vega-Lite specification as an SVG."""
        specification = UNWRITABLE.sub(r"\1\\ufffd", json.dumps(chart))
        made = converted("vegalite_to_svg", specification, allowed_base_urls=[])
        names: dict[str, str] = {}  # Vega numbers clips on from chart to chart; here each chart counts its own
        return CLIP.sub(lambda clip: names.setdefault(clip[0], f"clip{len(names)}"), made)

    def svg(self, *, dark: bool = False, tips: bool = False) -> bytes:
        """Return an SVG file of the chart, on demand with what each mark tells (light only)."""
        from timetravel.report.charts.style import DARK, DAY, LIGHT, NIGHT

        if tips:
            return self.drawn(self.to_dict()).encode()
        if not dark:
            return self.light.encode()
        night = dict(zip(map(str.lower, (*DAY, *LIGHT)), (*NIGHT, *DARK), strict=True))
        return COLOUR.sub(lambda found: found[1] + night.get(found[2].lower(), found[2]), self.light).encode()

    def png(self, *, dark: bool = False, scale: float = 2) -> bytes:
        """Return a PNG file of the chart, some 700 pixels wide times `scale`."""
        drawn = self.svg(dark=dark).decode()
        made: bytes = converted("svg_to_png", drawn, scale=scale)
        return made

    def _repr_mimebundle_(self, *args: Any, **more: Any) -> Any:
        return self.altair._repr_mimebundle_(*args, **more)


def _without_tips(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _without_tips(value) for key, value in part.items() if key != "tooltip"}
    return [_without_tips(one) for one in part] if isinstance(part, list) else part


def converted(to: str, given: str, **how: Any) -> Any:
    """Return what vl-convert makes of a chart; raises TimetravelError where the system gives it too little."""
    with suppress(ImportError):  # Windows
        from resource import RLIMIT_AS, getrlimit

        if 0 <= getrlimit(RLIMIT_AS)[0] < ROOM:  # it would abort, and Python with it
            raise TimetravelError("Charts need more address space than is allowed.", "Type: ulimit -v unlimited")
    try:
        return getattr(package("vl_convert", "vl-convert-python"), to)(given, **how)
    except ValueError as error:
        told = f"A chart can't be drawn: {str(error).splitlines()[-1]}."
        raise TimetravelError(told, "Allow more files and processes at once: ulimit -n 1024") from error


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
    told = {name: words for section in sections(document) for name, words in section.charts}
    for name, words in told.items():  # set in place: Altair's own ways to say so copy the whole chart
        drawn[name].description, drawn[name].config = words, theme(False)
    return {name: Chart(chart, told[name]) for name, chart in drawn.items() if name in told}


def files(document: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the charts of a document by file name: SVG, light and dark, and PNG, light."""
    made: dict[str, bytes] = {}
    for name, chart in charts(document).items():
        made |= {f"{name}.svg": chart.svg(), f"{name}-dark.svg": chart.svg(dark=True), f"{name}.png": chart.png()}
    return made
