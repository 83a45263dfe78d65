"""Numbers of any size for people: two significant digits are all that a two-point rule deserves."""

from typing import Final


def short(value: float) -> str:
    """Return a positive value to two significant digits: '0.031', '90', '1,700', from 10,000 on '2.4e8'; 0 is '0'."""
    rounded = float(f"{value:.1e}")
    if rounded == 0:
        return "0"
    if 10 <= rounded < 10_000:
        return f"{rounded:,.0f}"
    if 0.001 <= rounded < 10:
        return f"{rounded:#.2g}"
    mantissa, exponent = f"{rounded:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def rough(value: float) -> str:
    """Return a positive value to one significant digit, all that an extrapolation deserves: '0.02', '600', '7e15'."""
    rounded = float(f"{value:.0e}")
    if rounded == 0:
        return "0"
    if 0.001 <= rounded < 10_000:
        return f"{rounded:,.0f}" if rounded >= 1 else f"{rounded:g}"
    mantissa, exponent = f"{rounded:.0e}".split("e")
    return f"{mantissa}e{int(exponent)}"


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
