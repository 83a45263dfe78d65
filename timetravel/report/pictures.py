"""Digits as pictures in the terminal: two pixels a character, in greys where there is colour."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.style import Style
from rich.table import Table
from rich.text import Text

INK = -0.25
"""Without colour, pixels above this grey level are drawn."""

BLOCKS = " ▄▀█"
"""Neither, lower, upper and both halves of a character drawn."""
ASCII = " .'#"

GAP = 2
WIDEST_CAPTION = 24


def digit_picture(image: NDArray[np.float32], colour: bool = True, blocks: bool = True) -> Text:
    """Draw one digit, (height, width) in [-1, 1], as half as many lines of `width` characters: 16x16 gives 8.

    colour: greys, the upper pixel in the foreground of "▀" and the lower in its background; without, pixels
    above INK as block characters, or as plain ASCII where `blocks` is False.
    """
    pixels = np.asarray(image, dtype=np.float32)
    if len(pixels) % 2:
        pixels = np.vstack([pixels, np.full_like(pixels[:1], -1)])
    picture = Text(no_wrap=True, overflow="crop", end="")
    for line, (upper, lower) in enumerate(zip(pixels[::2], pixels[1::2], strict=True)):
        if line:
            picture.append("\n")
        if colour:
            _append_greys(picture, upper, lower)
        else:
            shades = 2 * (upper > INK).astype(int) + (lower > INK)
            picture.append("".join((BLOCKS if blocks else ASCII)[shade] for shade in shades))
    return picture


def picture_row(images: Sequence[NDArray[np.float32]] | NDArray[np.float32], captions: Sequence[str]) -> "Row":
    """Lay digits, each (16, 16) in [-1, 1], side by side with a caption under each ('true 4, read as 9').

    Wraps to the console's width when printed; draws in greys, blocks or plain ASCII as that console can.
    Raises ValueError unless there is one caption an image.
    """
    if len(images) != len(captions):
        raise ValueError(f"{len(images)} images but {len(captions)} captions")
    return Row(list(images), list(captions))


class Row:
    """Pictures with captions, laid out when printed; made by picture_row."""

    def __init__(self, images: list[NDArray[np.float32]], captions: list[str]) -> None:
        self.images = images
        self.captions = captions
        widest = max((image.shape[1] for image in images), default=0)
        self.cell = max(widest, min(max(map(len, captions), default=0), WIDEST_CAPTION))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        width = max(1, len(self.images) * (self.cell + GAP) - GAP)
        return Measurement(min(self.cell, options.max_width), min(width, options.max_width))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        colour = console.color_system is not None and not console.no_color
        per_line = max(1, (options.max_width + GAP) // (self.cell + GAP))
        for start in range(0, len(self.images), per_line):
            if start:
                yield Text()
            yield from self._line(slice(start, start + per_line), colour, not options.ascii_only)

    def _line(self, part: slice, colour: bool, blocks: bool) -> Iterator[Table]:
        grid = Table.grid(padding=(0, GAP, 0, 0))
        for _ in self.images[part]:
            grid.add_column(width=self.cell, no_wrap=False)
        grid.add_row(*(digit_picture(image, colour, blocks) for image in self.images[part]))
        grid.add_row(*(Text(caption) for caption in self.captions[part]))
        yield grid


def _append_greys(picture: Text, upper: NDArray[np.float32], lower: NDArray[np.float32]) -> None:
    for above, below in zip(_greys(upper), _greys(lower), strict=True):
        picture.append("▀", Style(color=f"rgb({above},{above},{above})", bgcolor=f"rgb({below},{below},{below})"))


def _greys(levels: NDArray[np.float32]) -> list[int]:
    """Return grey levels in [-1, 1] as 0..255."""
    return [int(level) for level in np.rint((np.clip(levels, -1, 1) + 1) * 127.5)]
