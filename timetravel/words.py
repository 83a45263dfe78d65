"""Small help with words for people: the nearest name, numbers in words."""

import difflib
from collections.abc import Iterable, Sequence


def nearest(name: str, names: Iterable[str], cutoff: float = 0.5) -> str:
    """Return ' Did you mean x?' for the nearest name, or nothing."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=cutoff)
    return f" Did you mean {close[0]}?" if close else ""


def counted(count: int, noun: str) -> str:
    """Return '1 seed', '8 seeds', '167,693 examples'."""
    return f"{count:,} {noun if count == 1 else f'{noun}s'}"


def listed(names: Sequence[str]) -> str:
    """Return 'a', 'a and b' or 'a, b and c'."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def duration(seconds: float) -> str:
    """Return a length of time as people say it: '12 ms', '0.8 s', '42 s', '3 min 20 s', '2 h 5 min', '3 days'."""
    if seconds < 0.095:
        return f"{seconds * 1e3:.2g} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    if whole < 86400:
        minutes = round(seconds / 60)
        return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
    days = seconds / 86400
    return f"{days:.3g} days" if days < 1000 else f"{days / 365.25:,.0f} years"
