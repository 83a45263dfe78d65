"""`timetravel foundation`: from scratch, or by way of nets that were trained on other things."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from timetravel.commands import options as o
from timetravel.commands.reading import comma_list, number, parse_cost
from timetravel.commands.setup import introduce, set_up, source_of
from timetravel.errors import UsageError

if TYPE_CHECKING:
    from timetravel.digits import Digits
    from timetravel.digits.source import Source
    from timetravel.engine.recognizer import Backbone

EXAMPLES = (
    "timetravel foundation\n\n"
    "timetravel foundation --full\n\n"
    "timetravel foundation --labels 0,50,500 --label-cost 0.05 --compute-cost 0.10\n\n"
    "timetravel foundation --data digits.npz --pool letters.npz --backbone resnet.onnx"
)
SHARED: Final = tuple(name for name in o.EVERY if name != "subset")
LABELS = "Human labels, with commas.  \\[default: 0,10,100,1000 and all]"
FULL = "Also 30, 300 and 3,000 labels, and ten draws, as published; about an hour."
POOL = "What the net is trained on that is made here: a source of digits or a path."
BACKBONE = "A net of your own in an ONNX file, in place of the one for contrast."
LABEL_COST, COMPUTE_COST = "What a human label costs.", "What an hour of this machine costs."
FEW: Final = (0, 10, 100, 1000)
MANY: Final = (0, 10, 30, 100, 300, 1000, 3000)
ALL: Final = 10**9
DRAWS: Final = 10  # of a full study
allowed = "whole numbers from 0 on, with commas: --labels 0,10,100"
parse_labels = comma_list("--labels", "a number of labels", allowed, int, lambda count: 0 <= count <= ALL)


@o.command(*SHARED, data="usps")
def foundation(
    call: o.Call,
    labels: Annotated[Any, o.read_by(parse_labels, LABELS)] = None,
    *,
    full: Annotated[bool, o.option(None, FULL, "--full")] = False,
    pool: Annotated[str, o.option(None, POOL)] = "mnist",
    backbone: Annotated[Path | None, o.option(None, BACKBONE, metavar="FILE")] = None,
    label_cost: Annotated[Any, o.read_by(parse_cost, LABEL_COST, "Prices", "DOLLARS")] = None,
    compute_cost: Annotated[
        Any, o.read_by(number("--compute-cost", float, 0.0001), COMPUTE_COST, "Prices", "DOLLARS")
    ] = None,
) -> "o.Made":
    """Read 1989's digits with few human labels or none: by nets that learned something else, and nets that they teach.

    Without usps's digits at hand it rehearses on a part of MNIST.
    \f
    labels: numbers of human labels, a list; label_cost, compute_cost: dollars a label and an hour. The reader of text
    needs the extra foundation: pip install rapidocr onnxruntime onnx. Karpathy (2022),
    https://karpathy.github.io/2022/03/14/lecun1989/.

    >>> found = tt.foundation([0, 20], data=few, pool=few, seeds=1, epochs=1, progress=False)
    >>> found.document["rows"][0]["recipe"]
    'scratch-1989'
    """
    import numpy as np

    target, of_pool, rehearsal = digits_of(call, pool)
    call = replace(call, data=target, levels=None, inverted=False, transpose=False)  # type: ignore[arg-type]
    if full and call.usual_seeds:
        call = replace(call, seeds=tuple(range(DRAWS)))
    setup = set_up(call)
    most, classes = len(setup.digits()), len(np.unique(setup.digits().labels))
    wanted = labels or [count for count in (MANY if full else FEW) if count < most]
    if few := [count for count in wanted if 0 < count < classes or count > most]:
        told = f"--labels {few[0]}: allowed are 0, and {classes}, one a class, to {most:,}, all that there are."
        raise UsageError(told, "Type --labels 0,10,100.")
    from timetravel.digits.pool import apart
    from timetravel.studies.bill import Prices
    from timetravel.studies.foundation import Foundation

    others, left_out = apart(of_pool, setup.digits(), setup.test)
    told = f"{left_out:,} digits of the pool {of_pool.name} are among those to be read, and are left out."
    prices = Prices(label_cost or 0.0, compute_cost or 0.0) if label_cost or compute_cost else None
    return Foundation(
        setup,
        others,
        wanted,
        readers_of(call, backbone),
        prices,
        remarks=[*([rehearsal] if rehearsal else []), *([told] if left_out else [])],
        full=full,
        fresh=call.fresh,
        minutes=call.minutes,
        heard=call.note,
        warn=call.warn,
    )


def digits_of(call: o.Call, pool: str) -> "tuple[Source, Digits, str]":
    """Return the target, the pool, and what to know where it is a rehearsal, as without usps's digits."""
    from timetravel.digits.pool import Rehearsal
    from timetravel.digits.source import Missing

    try:
        target = source_of(call)
    except Missing as missing:
        call.warn(f"{missing.message} {missing.hint} Until then this rehearses on MNIST.")
        target = source_of(replace(call, data="mnist"))
    if target.name == pool == "mnist":
        return Rehearsal(target), Rehearsal.pool(target), f"A rehearsal: {Rehearsal.told}."
    source = source_of(replace(call, data=pool, levels=None, inverted=False, transpose=False))
    introduce(call, source)
    return target, source.training_digits("0", "full"), ""


def readers_of(call: o.Call, file: Path | None) -> "dict[str, Backbone]":
    """Return the foundations that are at hand: a reader of text, and one for contrast or of one's own."""
    from timetravel.engine.recognizer import MissingExtra, backbone, print_backbone, recognizer
    from timetravel.studies.ways import CONTRAST, RECOGNIZER

    found: dict[str, Backbone] = {}
    for part, opened in ((RECOGNIZER, recognizer), (CONTRAST, partial(backbone, file) if file else print_backbone)):
        try:
            found[part] = opened()
        except MissingExtra as missing:
            if part == CONTRAST and file:  # it was asked for
                raise
            if part == RECOGNIZER:
                call.warn(f"{missing.message}\nUntil then only the MNIST net is a foundation.")
        else:
            if found[part].warning:
                call.warn(found[part].warning)
    return found
