"""The pieces that a judged claim is made of: parts, what would have to be true, and what moves its number."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from timetravel.numbers import compact, significant
from timetravel.projection.futures import Futures
from timetravel.projection.packaged import Row


def part(what: str, holds: bool | None, shown: str, probability: float | None = None) -> Row:
    """Return a part of a claim. holds: None where it is open."""
    return {"part": what, "holds": holds, "shown": shown, "probability": probability}


def need(what: str, needed: str, now: str, source: str) -> Row:
    """Return what would have to be true for a claim to hold, and what is."""
    return {"what": what, "needed": needed, "now": now, "source": source}


def bar(what: str, low: tuple[str, float], high: tuple[str, float]) -> Row:
    """Return a bar of a sensitivity chart: what something was set to, each with the measure then."""
    ends = {"at_low": significant(low[1], 3), "at_high": significant(high[1], 3)}
    return {"what": what, "low": low[0], "high": high[0], **ends}


def sensitivity(measure: str, unit: str, base: float, bars: Iterable[Row]) -> Row:
    """Return how a measure moves with what it rests on, the widest bar first; those of no width are left out."""

    def width(one: Row) -> float:
        low, high = sorted((one["at_low"], one["at_high"]))
        return float(high / low if unit == "times" and low > 0 else high - low)

    moving = sorted((one for one in bars if one["at_low"] != one["at_high"]), key=width, reverse=True)
    return {"measure": measure, "unit": unit, "base": significant(base), "bars": moving}


def over_ranges(futures: Futures, names: Sequence[str], of: Callable[[Futures], float], measure: str, unit: str) -> Row:
    """Return how a measure moves when each assumption alone is held at the low and at the high end of its range."""
    bars = []
    for name in names:
        one = futures.assumptions[name]
        low, high = ((compact(value), of(replace(futures, held={name: value}))) for value in (one.low, one.high))
        bars.append(bar(name.replace("_", " "), low, high))
    return sensitivity(measure, unit, of(futures), bars)
