"""By what everything grew since 1989 and is foretold to grow: the table beside the claims."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from timetravel.projection.futures import Draws, Futures, band
from timetravel.projection.hindcasts import assumptions_of
from timetravel.projection.outlook import best
from timetravel.projection.packaged import Row, limits, plain
from timetravel.projection.series import FIRST_YEAR, LAST_YEAR, TRAINING_TIME, figure, figures

BINDING: Final = 0.25  # of the futures: a limit that bends fewer is not named
FACTORS: Final = (  # series, its name here, the paper's figure in essay.csv, and by what the essay says that it grew
    ("parameters-vision", "parameters, images", "parameters", 1e6),
    ("parameters", "parameters, any", None, None),
    ("images", "training images", "images", 1e5),
    ("tokens", "tokens", None, None),
    ("compute", "training compute", None, None),
    ("cost", "dearest run", None, None),
)


def factors(futures: Futures, figures: Sequence[Row], since: str) -> list[Row]:
    """Return by what everything grew and is foretold to grow, a row a quantity: 1989, 2022, now, the target year.

    since: whose best net is trained again on a device.
    """
    rows = [_of_series(futures, *of) for of in FACTORS]
    rows.insert(3, _pixels(futures))
    return [*rows, _device(futures), _again(futures, best(since, figures)[0])]


def _factor(what: str, unit: str, first: Row | None, in_2022: float, now: float | None, **more: object) -> Row:
    """Return a row: a first figure (year and value), 2022's, today's, and the factors between them."""
    found: Row = {"what": what, "unit": unit, "first": first, "in_2022": in_2022, "so_far": now}
    found |= {"came": first and in_2022 / first["value"], "since": now and now / in_2022}
    told = {"essay": None, "claimed": None, "foretold": None, "limit": "-", "rule": "", "sources": ()} | more
    return plain(found | told)  # type: ignore[no-any-return]


def _of_series(futures: Futures, name: str, what: str, paper: str | None, essay: float | None) -> Row:
    record = futures.records[name]
    draws = futures.limited(name, futures.to) - record.at(record.base)
    if paper:
        first = {"year": FIRST_YEAR, "value": figure(paper, FIRST_YEAR)}
        source = figures()[paper, FIRST_YEAR]["source"]
    else:
        year = max(FIRST_YEAR, record.first)
        first, source = {"year": year, "value": 10 ** record.at(year)}, record.credit(year)
    rule = (
        f"the largest figure dated until the end of {record.base} over that of {first['year']}; the largest so far "
        f"over it; {futures.to}: the trend from the end of {record.last}, bent by limits, over it"
    )
    begun = "" if first["year"] == FIRST_YEAR else f", from {first['year']}"
    return _factor(
        f"{what}{begun}",
        record.series.unit,
        first,
        record.in_2022,
        10**record.so_far,
        essay=essay,
        claimed=record.series.claimed,
        foretold=band(draws, logs=True),
        limit=_held_back(futures, name),
        rule=rule,
        sources=tuple(dict.fromkeys((source, record.credit(record.base), record.credit(record.last + 1)))),
    )


def _held_back(futures: Futures, name: str) -> str:
    """Name the limit that bends a series most often, where it bends a quarter of the futures or more."""
    shares = futures.binding(name, futures.to)
    first = max(shares, key=lambda one: shares[one])
    return first if shares[first] >= BINDING else "-"


def _pixels(futures: Futures) -> Row:
    record, each = futures.records["images"], figures()["pixels an image", LAST_YEAR]
    growth = futures.grown("pixels_growth", "image_stock", futures.to)
    draws = futures.limited("images", futures.to) - record.at(record.base) + np.log10(growth)
    return _factor(
        "pixels, at 384x384",
        "pixel values",
        {"year": FIRST_YEAR, "value": figure("pixels in all", FIRST_YEAR)},
        record.in_2022 * each["value"],
        10**record.so_far * each["value"],
        essay=1e8,
        foretold=band(draws, logs=True),
        limit=_held_back(futures, "images"),
        rule="training images times the essay's pixels an image of 2022; from then on images times pixels_growth",
        sources=(each["source"], futures.assumptions["pixels_growth"].source),
    )


def _device(futures: Futures) -> Row:
    then = assumptions_of(FIRST_YEAR)["device_speed"]
    now = futures.device(LAST_YEAR)
    return _factor(
        "device speed",
        "FLOP/s",
        {"year": FIRST_YEAR, "value": then.middle},
        float(np.median(now)),
        limits()["gaming GPU of 2025"]["value"],
        foretold=band(futures.device(futures.to) / now),
        limit="chips",
        rule="device_speed, grown by the assumed gain of computing per dollar, up to its watts at the CMOS limit",
        sources=(then.source, futures.assumptions["device_speed"].source, limits()["gaming GPU of 2025"]["source"]),
    )


def _again(futures: Futures, net: Row) -> Row:
    """Return how much faster the past's best trains on a personal device: the 1989 net then, another one ahead."""
    days = figure(TRAINING_TIME, FIRST_YEAR)
    year = max(net["year"], LAST_YEAR)
    then: Draws = futures.seconds(net["value"], year)
    faster = then / futures.seconds(net["value"], futures.to, since=year)
    found = _factor(
        "training speed",
        "times faster",
        None,
        1.0,
        None,
        essay=3e3,
        foretold=band(faster),
        limit="algorithms",
        rule=f"came: the 1989 net, 3 days over 90 s; {futures.to}: {net['name']} on a personal device, {year} "
        f"over {futures.to}, by gains of hardware and of algorithms",
        sources=(*(figures()[TRAINING_TIME, year]["source"] for year in (FIRST_YEAR, LAST_YEAR)), net["credit"]),
    )
    return found | {
        "came": plain(days / figure(TRAINING_TIME, LAST_YEAR)),
        "net": net["name"],
        "seconds": plain(band(then / faster)),
    }
