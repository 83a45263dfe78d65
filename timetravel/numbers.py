"""How names and numbers are written for people, everywhere: tables, sentences, messages and files.

It lies below everything else because the sentences of results are part of their documents.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final


def nearest(name: str, names: Iterable[str], cutoff: float = 0.5) -> str:
    """Return ' Did you mean x?' for the nearest name, or nothing."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=cutoff)
    return f" Did you mean {close[0]}?" if close else ""


def with_point(text: str) -> str:
    """Return ' Did you mean 0.1?' for a number with a decimal comma, 0,1, or nothing."""
    return f" Did you mean {text.strip().replace(',', '.')}?" if re.fullmatch(r"\s*[+-]?\d+,\d+\s*", text) else ""


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
    whole, minutes = round(seconds), round(seconds / 60)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s".removesuffix(" 0 s")
    if whole < 86400:
        return f"{minutes // 60} h {minutes % 60} min".removesuffix(" 0 min")
    days = seconds / 86400
    return f"{days:.3g} days" if days < 1000 else f"{days / 365.25:,.0f} years"


def _digits(value: float, count: int) -> str:
    rounded = float(f"{value:.{count - 1}e}")
    if rounded == 0:
        return "0"
    if 10 ** (count - 1) <= rounded < 10_000:
        return f"{rounded:,.0f}"
    if 0.001 <= rounded < 10:
        return f"{rounded:#.{count}g}"
    mantissa, exponent = f"{rounded:.{count - 1}e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def short(value: float) -> str:
    """Return a positive value to two significant digits: '0.031', '90', '1,700', from 10,000 on '2.4e8'; 0 is '0'."""
    return _digits(value, 2)


def rough(value: float) -> str:
    """Return a positive value to one significant digit, all that an extrapolation deserves: '0.02', '600', '7e15'."""
    return _digits(value, 1)


LARGE: Final = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def plainly(value: float) -> str:
    """Return a value to one significant digit as a newspaper writes it: '70,000', '1 million', '3 billion', '2e16'."""
    rounded = float(f"{value:.0e}")
    if not 1 <= rounded < 1e15:
        return rough(value)
    size, name = next(((size, name) for size, name in LARGE if rounded >= size), (1.0, ""))
    return f"{rounded / size:,.0f} {name}".strip()


LENGTHS: Final = ((365.25 * 86400, "years"), (86400, "days"), (3600, "h"), (60, "min"), (0.0, "s"))


def rough_time(seconds: float) -> str:
    """Return a length of time to one or two significant digits: '9e-6 s', '0.2 s', '6 min', '8 days', '270 days'."""
    size, name = next((size, name) for size, name in LENGTHS if seconds >= size)
    value = seconds / (size or 1.0)
    if not 0.001 <= value < 10_000:
        return f"{rough(value)} {name}"
    return f"{float(f'{value:.1e}'):,g} {name}"


def exact(value: float) -> str:
    """Return a published value as it was published if that has up to six digits ('63,660'), else short."""
    if value == round(value) and 1 <= value < 1_000_000:
        return f"{value:,.0f}"
    return short(value)


def times(factor: float) -> str:
    """Return a factor: '1,700', '2.4e8', and for what falls '1/2,900'."""
    return f"1/{short(1 / factor)}" if factor < 1 else short(factor)


def significant(value: float, digits: int = 6) -> float:
    """Round to significant digits: more would claim more than the figures hold, and differ between machines."""
    return float(f"{value:.{digits}g}")


def compact(value: float, form: str = "g") -> str:
    """Return a number by a format spec, its exponent without plus and zero: '1e8', '0.03', '1.6e14'."""
    return format(value, form).replace("e+0", "e").replace("e+", "e")


def percent(share: float) -> str:
    """Return a share in whole percent: '38 %'."""
    return f"{100 * share:.0f} %"


def chance(share: float) -> str:
    """Return a probability: '38 %', 'under 1 %', 'over 99 %'."""
    if share < 0.01:
        return "under 1 %"
    return "over 99 %" if share > 0.99 else f"{100 * share:.0f} %"


FORMS: Final[dict[str, Callable[[float], str]]] = {
    "duration": duration, "short": short, "rough": rough, "rough_time": rough_time, "exact": exact, "times": times,
}  # fmt: skip


def write(value: float | None, form: str) -> str:
    """Write a number by a format spec, or by the name of one of FORMS; nothing for None, and never a negative zero."""
    if value is None:
        return ""
    if form in FORMS:
        return FORMS[form](value)
    sign = "+" if form.startswith("+") else ""
    return format(value, f"{sign}z{form.removeprefix(sign)}" if form.endswith("f") else form)


def interval(
    mean: float | None, low: float | None, high: float | None, form: str = ".1f", within: str = "", gap: str = " "
) -> str:
    """Write a mean with its interval, '82.3 [80, 85]'; `within` writes the ends, `gap` stands before them."""
    text = write(mean, form)
    if low is None or high is None or mean is None:
        return text
    return f"{text}{gap}[{write(low, within or form)}, {write(high, within or form)}]"
