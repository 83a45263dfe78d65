"""Digits as pictures in the terminal: two pixels a character, in greys where there is colour."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rich.console import Console, ConsoleOptions, RenderResult
from rich.style import Style
from rich.table import Table
from rich.text import Text

from timetravel.digits.pixels import levels

INK = -0.25  # without colour, pixels above this grey level are drawn
BLOCKS = " ▄▀█"  # neither, lower, upper and both halves of a character drawn
ASCII = " .'#"
GAP, SMALL, WIDEST_CAPTION = 2, 8, 24  # characters; small pictures stand closer


def digit_picture(image: NDArray[np.float32], colour: bool = True, blocks: bool = True) -> Text:
    """Draw one digit, (height, width) in [-1, 1], as half as many lines of `width` characters: 16x16 gives 8.

    colour: greys, the upper pixel in the foreground of "▀" and the lower in its background; without, pixels
    above INK (above 0 where the corner is no paper, as in kernels) as block characters, or as plain ASCII where
    `blocks` is False.
    """
    odd, ink = len(image) % 2, INK if image[0, 0] == -1 else 0
    if odd:
        image = np.vstack([image, np.full_like(image[:1], -1)])
    picture = Text(no_wrap=True, overflow="crop", end="")
    for line, (upper, lower) in enumerate(zip(image[::2], image[1::2], strict=True)):
        picture.append("\n" if line else "")
        if colour:
            for above, below in levels(np.stack([upper, lower])).T.tolist():
                ground = None if odd and 2 * line + 2 == len(image) else f"rgb({below},{below},{below})"
                picture.append("▀", Style(color=f"rgb({above},{above},{above})", bgcolor=ground))
        else:
            shades = 2 * (upper > ink).astype(int) + (lower > ink)
            picture.append("".join((BLOCKS if blocks else ASCII)[shade] for shade in shades))
    return picture


class PictureRow:
    """Digits, each (16, 16) in [-1, 1], side by side with a caption under each ('true 4, read as 9').

    Wraps to the console's width when printed; draws in greys, blocks or plain ASCII as that console can.
    Raises ValueError unless there is one caption an image.
    """

    def __init__(self, images: Sequence[NDArray[np.float32]] | NDArray[np.float32], captions: Sequence[str]) -> None:
        self.pairs = list(zip(images, captions, strict=True))
        widest_caption = max(map(len, "\n".join(captions).split("\n")))
        self.cell = max([min(widest_caption, WIDEST_CAPTION), *(image.shape[1] for image in images)])
        self.gap = GAP if self.cell > SMALL else 1

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        colour = console.color_system is not None and not console.no_color
        most = max(1, (options.max_width + self.gap) // (self.cell + self.gap))
        per_line = -(-len(self.pairs) // max(1, -(-len(self.pairs) // most))) or 1  # lines of like length
        for start in range(0, len(self.pairs), per_line):
            if start:
                yield Text()
            images, captions = zip(*self.pairs[start : start + per_line], strict=True)
            grid = Table.grid(padding=(0, self.gap, 0, 0))
            for _ in images:
                grid.add_column(width=self.cell, no_wrap=False)
            grid.add_row(*(digit_picture(image, colour, not options.ascii_only) for image in images))
            if any(captions):
                grid.add_row(*map(Text, captions))
            yield grid
