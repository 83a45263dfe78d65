"""What the grey levels of somebody's digits mean: told, or read off what they fill; what stays doubtful is refused."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from timetravel.digits.prepare import BLOCK_PIXELS, Scale, to_16x16, to_signed
from timetravel.errors import DataError, UsageError
from timetravel.numbers import listed, percent

# Background and full ink, as digits are published: tanh nets, shares of ink, shares less a half, UCI's counts of ink in
# 4x4 blocks and their four bits, percent, bytes, 16 bits.
USUAL: Final[tuple[Scale, ...]] = (
    (-1, 1), (0, 1), (-0.5, 0.5), (0, 15), (0, 16), (0, 100), (0, 255), (0, 65535),
)  # fmt: skip
HUGE: Final = 1e30  # no levels differ by so much, nor by so little as one part of it
ROUNDING: Final = 1e-3  # of the range: so far beyond an end may a level lie
BRIGHT: Final = 0.75  # of the range: so far the brightest pixel of one split reaches at least
DIM, FAINT = 0.6, 0.25  # and that of the other split, and of every second picture; where the range is told
LIGHT: Final = 0.25  # of the range: every fifth pixel, at least, is nearer to the background
RIM: Final = 0.6  # of the range: where a picture's rim is brighter, and brighter than the whole, its ink is dark
FEW: Final = 0.1  # of the pictures: so many may look like that
ALLOWED: Final = (
    "Allowed are a background at one end and the brightest pixels near the other of "
    + listed([f"{low:g} to {high:g}" for low, high in USUAL]).replace(" and ", " or ")
    + "."
)


@dataclass(frozen=True)
class Told:
    """What somebody says of their digits; UsageError for levels that are no range.

    levels: the lowest and the highest that there can be, (0, 16) or '0:16'; inverted: the highest is the background;
    transpose: rows are columns, as in EMNIST's files.
    """

    levels: Any = None
    inverted: bool = False
    transpose: bool = False

    def __post_init__(self) -> None:
        if self.levels is not None:
            vars(self)["levels"] = _range(self.levels)

    @property
    def options(self) -> str:
        """The same as it is typed."""
        levels = [f"--levels {self.levels[0]:.10g}:{self.levels[1]:.10g}"] if self.levels else []
        return " ".join([*levels, *(f"--{name}" for name in ("inverted", "transpose") if getattr(self, name))])

    def turned(self, scale: Scale) -> Scale:
        """Return two ends, the background first."""
        return scale[::-1] if self.inverted else scale


NOTHING: Final = Told()


def _range(given: Any) -> Scale:
    text = given.strip() if isinstance(given, str) else ":".join(map(str, given if np.iterable(given) else [given]))
    allowed = "Type the lowest and the highest level that there can be: --levels 0:16."
    if "," in text:
        mended = text.replace(",", "." if ":" in text else ":")
        raise UsageError(f"--levels {text}: a comma has no meaning here.", f"Type --levels {mended}.")
    try:
        low, high = map(float, text.split(":"))
        if not 1 / HUGE < abs(high - low) < HUGE:
            raise ValueError
    except ValueError:
        raise UsageError(f"--levels {text or repr('')} is no range LOW:HIGH.", allowed) from None
    if low > high:
        hint = f"If the background is {low:g} and full ink {high:g}: --levels {high:g}:{low:g} --inverted."
        raise UsageError(f"--levels {text} runs backwards.", hint)
    return low, high


def scale_of(splits: Mapping[str, NDArray[Any]], told: Told = NOTHING) -> Scale:
    """Return the levels of the background and of full ink, the same for all splits, which are given by their names.

    Raises DataError, which begins with a split's name and may have pictures, for levels beyond those told, or that
    fill no usual range, for dark ink that is not told, for blank pictures, and where the splits differ.
    """
    ends = {where: _ends(images, where) for where, images in splits.items()}
    ends = dict(sorted(ends.items(), key=lambda each: each[1][1] - each[1][0]))  # so that the fainter is shown
    found = _filled(ends.values(), told)
    alone = {where: _filled([each], told) for where, each in ends.items()}
    unfilled, two = f", beyond {Told(told.levels).options}" if told.levels else ", which fills no usual range", False
    for where, (least, most) in ends.items():
        images = splits[where]
        if found:
            wrong = _wrong(images, found[0], told)
        elif two := all(alone.values()):
            wrong = ", those of the other split from {:g} to {:g}: two ranges".format(*list(ends.values())[-1])
        else:
            wrong = "" if alone[where] else unfilled
        if wrong:
            seen = f"{where}: grey levels ({images.dtype}) run from {least:g} to {most:g}{wrong}."
            refusal = _refusal(seen, images, [ends[where]] if two else ends.values(), told)
            if two:  # no single range is right: the same for both would make one of them blank
                ways = (f"{name}: (images - {min(each[0]):g}) / {np.ptp(each[0]):g}" for name, each in alone.items())
                refusal.hint = f"Allowed is one range for both splits. Bring each to 0 to 1. {'; '.join(ways)}."
            raise refusal
    return found[0]


def _ends(images: NDArray[Any], where: str) -> Scale:
    """Return the least and the highest level of a split."""
    least, most = float(images.min()), float(images.max())
    told = f"{where}: grey levels ({images.dtype}) run from {least:g} to {most:g}"
    if not most - least < HUGE:
        none = f"{int((~(np.abs(images.astype(float)) < HUGE)).sum()):,} of them are no numbers, or huge."
        raise DataError(f"{told}; {none}", "Allowed are numbers. If these are background: np.nan_to_num(images).")
    if most - least < 1 / HUGE:
        raise DataError(f"{told}: the pictures are blank.", ALLOWED)
    return least, most


def _filled(ends: Collection[Scale], told: Told) -> list[Scale]:
    """Return the ranges, background first, that splits of these levels fill; one that is reached comes first."""
    found, turned = [], [told.turned(each) for each in ends]
    for low, high in map(told.turned, [told.levels] if told.levels else USUAL):
        shares = [[(end - low) / (high - low) for end in each] for each in turned]
        within = all(-ROUNDING <= share <= 1 + ROUNDING for each in shares for share in each)
        fills = max(ink for _, ink in shares) >= BRIGHT and all(
            paper <= ROUNDING and ink >= DIM for paper, ink in shares
        )
        if within and (fills or told.levels):
            found.append((low, high))
    return sorted(found, key=lambda scale: scale[1] not in [ink for _, ink in turned])  # of 0 to 15 and 0 to 16


def _shares(images: NDArray[Any], scale: Scale) -> NDArray[np.float64]:
    """Return the shares of ink of some of the pictures, evenly taken."""
    some = images[:: -(-images.size // BLOCK_PIXELS)].astype(np.float64)
    return (some - scale[0]) / (scale[1] - scale[0])


def _dark_ink(shares: NDArray[np.float64]) -> float:
    """Return the share of pictures that are bright at their rim above all."""
    rim = (shares[:, [0, -1]].mean(axis=(1, 2)) + shares[:, :, [0, -1]].mean(axis=(1, 2))) / 2
    return float((rim > np.maximum(RIM, shares.mean(axis=(1, 2)))).mean())


def _wrong(images: NDArray[Any], scale: Scale, told: Told) -> str:
    """Say what speaks against a range: blank or faint pictures, dark ink, a background that is no end; or nothing."""
    shares = _shares(images, scale)
    brightest, dark = shares.max(axis=(1, 2)), _dark_ink(shares)
    reached, paper = float(np.median(brightest)), float(np.quantile(shares, 0.2))
    low, most, ground = (f"{scale[0] + share * (scale[1] - scale[0]):.3g}" for share in (0, reached, paper))
    if (blank := float((brightest == shares.min(axis=(1, 2))).mean())) > 0.5:
        return f", and {percent(blank)} of the pictures are blank"
    if reached < (FAINT if told.levels else DIM):
        return f", but most pictures stay within {low} to {most} (if that is the range: np.clip cuts the rest)"
    if dark > 0.5:
        return f", with {'bright ink on a dark' if told.inverted else 'dark ink on a bright'} background"
    if dark > FEW and not told.levels:
        return f", and {percent(dark)} of the pictures have ink and background the other way round: turn them over"
    return f", but the background is near {ground}, no end" if paper > LIGHT and not told.levels else ""


def _refusal(seen: str, images: NDArray[Any], ends: Collection[Scale], told: Told) -> DataError:
    """Say what was seen, how it can be told that the levels that there are make up the range, and show three digits."""
    least, most = min(low for low, _ in ends), max(high for _, high in ends)
    digits = 4 - math.floor(math.log10(most - least))
    whole = round(least, digits), round(most, digits)
    said = Told(None, _dark_ink(_shares(images, whole)) > 0.5, told.transpose)
    usual = _filled(ends, said) if said.inverted != told.inverted else []
    said = said if usual else replace(said, levels=whole)
    paper, ink = usual[0] if usual else said.turned(whole)
    how = said.options or "leave --inverted out"
    wrapped = " If bytes became these: images.view('uint8')." if images.dtype == np.int8 else ""
    hint = f"{ALLOWED}{wrapped} If {paper:.10g} is the background and {ink:.10g} full ink: {how}."
    rows = np.unique(np.linspace(0, len(images) - 1, 3).astype(int))
    pictures = to_16x16(to_signed(images[rows], (paper, ink)))
    return DataError(seen, hint, (pictures, [f"by {said.options}" if said.options else "as they are"] * len(rows)))
