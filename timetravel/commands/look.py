"""`timetravel look`: one trained net, its mistakes and its maps."""

from typing import Annotated, Any

import typer

from timetravel.commands import options as o
from timetravel.commands.nets import NET, find
from timetravel.commands.reading import number
from timetravel.commands.setup import introduce, source_of

DIGIT = "Which test digit its maps are shown of, counted from 0."
EXAMPLES = (
    "timetravel look 1989\n\ntimetravel look today --digit 18 --long\n\n"
    "timetravel look results.json --data usps --out looked/"
)


@o.command(*o.WHOSE, "test")
def look(
    call: o.Call,
    net: Annotated[str, typer.Argument(metavar="RUN", help=NET)],
    *,
    digit: Annotated[Any, o.read_by(number("--digit", int, 0), DIGIT, metavar="N")] = 0,
) -> "o.Made":
    """Look at a trained net: what it takes for what, its surest mistakes, its kernels, its maps of a digit.
    \f
    net: an era, the key of a kept run, or a file of a result or a net. Raises UsageError for a name that no net has,
    DataError for what is missing or damaged.

    >>> tt.look("1989", test=100).document["confusion"][4][9]
    0
    """
    found, source = find(net), source_of(call)
    call.ready()
    introduce(call, source)
    from timetravel.studies.look import look as of_net

    digits = source.test_digits(size=call.test).framed(found.recipe.window, found.recipe.deslant)
    return of_net(found, digits, digit)
