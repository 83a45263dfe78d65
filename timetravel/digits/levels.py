"""What the grey levels of somebody's digits mean: told, or read off what they fill; what stays doubtful is refused."""

import math
from collections.abc import Iterable, Mapping
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
ROUNDING: Final = 1e-3  # of the range: so far beyond an end may a level lie
BRIGHT: Final = 0.75  # of the range: so far the brightest pixel of one split reaches at least
DIM: Final = 0.6  # and that of the other split, and of every second picture; FAINT: where the range is told
FAINT: Final = 0.25
LIGHT: Final = 0.25  # of the range: every fifth pixel, at least, is nearer to the background
MOST_INK: Final = 0.6  # of a picture's pixels: where more are bright, and its rim more than its middle, its ink is dark
FEW: Final = 0.1  # of the pictures: so many may look like that
ALLOWED: Final = (
    "Allowed are digits whose background is one end of a usual range and whose brightest pixel is near the other: "
    + listed([f"{low:g} to {high:g}" for low, high in USUAL])
    + "."
)


Splits = Mapping[str, NDArray[Any]]  # pictures (n, height, width), by the name of what they are


@dataclass(frozen=True)
class Told:
    """What somebody says of their digits.

    levels: the lowest and the highest level there can be; inverted: the highest is the background; transpose: rows are
    columns, as in EMNIST's files.
    """

    levels: Scale | None = None
    inverted: bool = False
    transpose: bool = False

    @property
    def options(self) -> list[str]:
        """The same as it is typed."""
        levels = ["--levels", ":".join(f"{end:.10g}" for end in self.levels)] if self.levels else []
        return [*levels, *(f"--{name}" for name in ("inverted", "transpose") if getattr(self, name))]


NOTHING: Final = Told()


def parse_levels(given: Any) -> Scale:
    """Read '0:16', or (0, 16), as the lowest and the highest level. Raises UsageError."""
    text = given.strip() if isinstance(given, str) else ":".join(map(str, given if np.iterable(given) else [given]))
    allowed = "Type the lowest and the highest level that there can be: --levels 0:16."
    if "," in text:
        mended = text.replace(",", "." if ":" in text else ":")
        raise UsageError(f"--levels {text}: a comma has no meaning here.", f"Type --levels {mended}.")
    try:
        low, high = map(float, text.split(":"))
    except ValueError:
        raise UsageError(f"--levels {text} is not LOW:HIGH.", allowed) from None
    if not math.isfinite(high - low) or low == high:
        raise UsageError(f"--levels {text} is no range.", allowed)
    if low > high:
        hint = f"If the background is {low:g} and full ink {high:g}: --levels {high:g}:{low:g} --inverted."
        raise UsageError(f"--levels {text} runs backwards.", hint)
    return low, high


def scale_of(splits: Splits, told: Told = NOTHING) -> Scale:
    """Return the levels of the background and of full ink, the same for all splits, which are given by their names.

    Raises DataError, which begins with a split's name and may have a picture, for levels beyond those told, or that
    fill no usual range, for dark ink that is not told, for blank pictures, and where the splits differ.
    """
    ends = {where: _ends(images, where) for where, images in splits.items()}
    if told.levels is not None:
        scale, slack = _turned(told.levels, told), ROUNDING * (told.levels[1] - told.levels[0])
        for where, (least, most) in ends.items():
            if least < told.levels[0] - slack or most > told.levels[1] + slack:
                seen = f"{where}: grey levels run from {least:g} to {most:g}, beyond {' '.join(told.options[:2])}."
                raise _doubt(seen, where, splits, ends, told)
    else:
        if not (usual := _filled(ends.values(), told)):
            raise _unusual(splits, ends, told)
        scale = usual[0]
    for where in splits:
        _check(where, splits, ends, scale, told)
    return scale


def _turned(scale: Scale, told: Told) -> Scale:
    """Return two ends, the background first."""
    return scale[::-1] if told.inverted else scale


def _ends(images: NDArray[Any], where: str) -> Scale:
    """Return the least and the highest level of a split."""
    if images.dtype.kind not in "uif":
        raise DataError(f"{where}: grey levels are {images.dtype}.", ALLOWED)
    least, most = float(images.min()), float(images.max())
    told = f"{where}: grey levels ({images.dtype}) run from {least:g} to {most:g}"
    if not math.isfinite(most - least):
        none = f"{int((~np.isfinite(images)).sum()):,} of them are no finite numbers."
        raise DataError(f"{told}; {none}", "Allowed are numbers. If these are background: np.nan_to_num(images).")
    if least == most:
        raise DataError(f"{told}: the pictures are blank.", ALLOWED)
    return least, most


def _filled(ends: Iterable[Scale], told: Told) -> list[Scale]:
    """Return the usual ranges, background first, that splits of these levels fill; one that is reached comes first."""
    found, turned = [], [_turned(each, told) for each in ends]
    for low, high in (_turned(scale, told) for scale in USUAL):
        shares = [[(end - low) / (high - low) for end in each] for each in turned]
        fills = all(abs(paper) <= ROUNDING and DIM <= ink <= 1 + ROUNDING for paper, ink in shares)
        if fills and max(ink for _, ink in shares) >= BRIGHT:
            found.append((low, high))
    return sorted(found, key=lambda scale: scale[1] not in [ink for _, ink in turned])  # of 0 to 15 and 0 to 16


def _unusual(splits: Splits, ends: Mapping[str, Scale], told: Told) -> DataError:
    """Say why no usual range is filled: by one split, or by both alike."""
    odd = [where for where, each in ends.items() if not _filled([each], told)]
    where = odd[0] if odd else min(ends, key=lambda name: ends[name][1] - ends[name][0])
    seen = f"{where}: grey levels ({splits[where].dtype}) run from {ends[where][0]:g} to {ends[where][1]:g}"
    if not odd:
        other = next(f"{least:g} to {most:g}" for name, (least, most) in ends.items() if name != where)
        return _doubt(f"{seen}, in the other split from {other}.", where, splits, ends, told, "Allowed is one range.")
    other_way = replace(told, inverted=not told.inverted)
    if turned := _filled([ends[where]], other_way):
        return _dark(seen, splits[where], turned[0], told)
    wrapped = " If they were bytes: images.view('uint8')." if splits[where].dtype == np.int8 else ""
    return _doubt(f"{seen}, which fills no usual range.", where, splits, ends, told, ALLOWED + wrapped)


def _check(where: str, splits: Splits, ends: Mapping[str, Scale], scale: Scale, told: Told) -> None:
    """Refuse pictures that are blank or faint on this scale, whose ink is dark, or whose background is no end of it."""
    images = splits[where]
    seen = f"{where}: grey levels ({images.dtype}) run from {ends[where][0]:g} to {ends[where][1]:g}"
    some = images[:: -(-images.size // BLOCK_PIXELS)].astype(np.float32)
    shares = (some - np.float32(scale[0])) / np.float32(scale[1] - scale[0])
    blank = float((shares.max(axis=(1, 2)) == shares.min(axis=(1, 2))).mean())
    if blank > 0.5:
        raise DataError(f"{seen}, but {percent(blank)} of the pictures are blank.", "Allowed are pictures with ink.")
    dark = float(_dark_ink(shares).mean())
    if dark > 0.5:
        raise _dark(seen, images, scale[::-1], told)
    if dark > FEW:
        mend = "Allowed is one way for all: turn these pictures over."
        raise DataError(f"{seen}, with dark ink on a bright background in {percent(dark)} of the pictures.", mend)
    reached, paper = float(np.median(shares.max(axis=(1, 2)))), float(np.quantile(shares, 0.2))
    levels = [scale[0] + share * (scale[1] - scale[0]) for share in (reached, paper)]
    if reached < (FAINT if told.levels else DIM):
        raise _doubt(f"{seen}, but most pictures do not go beyond {levels[0]:.3g}.", where, splits, ends, told)
    if paper > LIGHT and not told.levels:
        raise _doubt(f"{seen}, but the background is near {levels[1]:.3g}, no end.", where, splits, ends, told)


def _dark_ink(shares: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which pictures, shares of ink, are bright above all at their rim."""
    rim = (shares[:, [0, -1]].mean(axis=(1, 2)) + shares[:, :, [0, -1]].mean(axis=(1, 2))) / 2
    return ((shares > 0.5).mean(axis=(1, 2)) > MOST_INK) & (rim > shares.mean(axis=(1, 2)))


def _dark(seen: str, images: NDArray[Any], scale: Scale, told: Told) -> DataError:
    """Say that ink and background are the other way round. scale: that way."""
    if told.inverted:
        told, hint = replace(told, inverted=False), "Leave --inverted out."
        seen = f"{seen}, bright ink on a dark background already."
    else:
        told, hint = replace(told, inverted=True), "--inverted turns them over."
        seen = f"{seen}, and most pixels are bright: dark ink on a bright background."
    return DataError(seen, hint, _pictures(images, scale, told))


def _doubt(
    seen: str, where: str, splits: Splits, ends: Mapping[str, Scale], told: Told, allowed: str = ALLOWED
) -> DataError:
    """Say what was seen, and how it can be told that all levels that there are make up the range."""
    least, most = min(low for low, _ in ends.values()), max(high for _, high in ends.values())
    digits = 4 - math.floor(math.log10(most - least))
    whole = round(least, digits), round(most, digits)
    some = splits[where][:: -(-splits[where].size // BLOCK_PIXELS)].astype(np.float32)
    dark = _dark_ink((some - np.float32(least)) / np.float32(most - least)).mean() > 0.5
    said = Told(whole, told.inverted or bool(dark), told.transpose)
    paper, ink = _turned(whole, said)
    hint = f"{allowed} If {paper:.10g} is the background and {ink:.10g} full ink: {' '.join(said.options)}."
    return DataError(seen, hint, _pictures(splits[where], (paper, ink), said))


def _pictures(images: NDArray[Any], scale: Scale, told: Told) -> tuple[NDArray[np.float32], list[str]]:
    """Return three digits as they would be read, and how."""
    rows = np.unique(np.linspace(0, len(images) - 1, 3).astype(int))
    how = f"by {' '.join(told.options)}" if told.options else "as they are"
    return to_16x16(to_signed(images[rows], scale)), [how] * len(rows)
