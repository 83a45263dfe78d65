"""`timetravel predict`: what each era's net reads in pictures."""

import sys
from collections.abc import Callable
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from timetravel.commands import options as o
from timetravel.commands.nets import NET, find
from timetravel.errors import UsageError, printable

if TYPE_CHECKING:
    from timetravel.digits.pictures import Picture

EXAMPLES = (
    "timetravel predict seven.png\n\ntimetravel predict envelope.jpg --split --show\n\n"
    "timetravel predict scans/ --net today --net results.json --json"
)
PICTURES = "Pictures (PNG, JPEG, WebP, BMP, GIF), folders of them, or - for standard input."
INSTEAD = f"Which net reads, in place of all that come with the package; repeatable. {NET}"
SPLIT = "Read every digit of a picture, from left to right, as of a ZIP code."
SHOW = "Draw the 16x16 pixels that the nets saw."


@o.command()
def predict(
    pictures: Annotated[list[Path], typer.Argument(metavar="PICTURE", help=PICTURES)],
    *,
    net: Annotated[list[str] | None, o.option(None, INSTEAD, metavar="NET")] = None,
    split: Annotated[bool, o.option(None, SPLIT, "--split")] = False,
    show: Annotated[bool, o.option(None, SHOW, "--show")] = False,
) -> "o.Made":
    """Read the digit in a picture, or several, by the nets of 1989, 2022 and today. Trains nothing.

    Dark on light or light on dark, anywhere in the picture, drawn, scanned or photographed.
    \f
    pictures: a path or several, arrays, uint8 (height, width) or with 3 or 4 colours, or PIL images. net: names of nets
    as on the command line. Raises DataError for what is no picture, UsageError for a name that no net has.

    >>> tt.predict(255 - 255 * np.eye(40, dtype="uint8")).document["pictures"][0]["groups"]
    1
    """
    from timetravel.published.nets import NAMES

    nets = [find(name) for name in dict.fromkeys(net or NAMES)]
    given = sources(pictures if isinstance(pictures, list | tuple) else [pictures])
    from timetravel.studies.predict import predict as of_pictures

    return {"command": "predict", **of_pictures(given, nets, split=split, show=show)}


def sources(given: list[Any]) -> dict[str, Callable[[], "Picture"]]:
    """Return what decodes each picture, by its name. Raises UsageError where there is none."""
    from timetravel.digits import pictures

    if not given:
        raise UsageError("There is no picture.", PICTURES)
    made: dict[Any, tuple[str, Callable[[], Picture]]] = {}  # by what it is: the same file twice is one
    for number, each in enumerate(given, 1):
        name = f"picture {number}"
        if not isinstance(each, str | Path):
            made[number] = name, partial(pictures.of_value, each, name)
        elif str(each) != "-":
            made |= {path: (printable(path), partial(pictures.read, path)) for path in pictures.listed(Path(each))}
        elif sys.stdin.isatty():
            raise UsageError("Nothing is piped to standard input.", "Type: timetravel predict - < picture.png")
        else:
            made["-"] = (
                "standard input",
                lambda: pictures.decode(sys.stdin.buffer.read(pictures.BYTES), "standard input"),
            )
    found: dict[str, Callable[[], Picture]] = {}
    for name, decode in made.values():  # names that differ in unprintable bytes alone are numbered
        names = chain([name], (f"{name} ({place})" for place in count(2)))
        found[next(each for each in names if each not in found)] = decode
    return found
