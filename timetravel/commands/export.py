"""`timetravel export`: a trained net as a file that other programs read."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from timetravel.commands import options as o
from timetravel.commands.nets import NET, find
from timetravel.errors import TimetravelError, UsageError

TO = "What kind of file: safetensors, onnx, or json."
OUT = "The file to write.  \\[default: named after the net, here]"
EXAMPLES = (
    "timetravel export 1989 --to onnx\n\ntimetravel export today --to json --out today.json\n\n"
    "timetravel export results.json:1/3 --to safetensors --out mine.safetensors"
)
MOST = 1e-4  # of the largest output, that what is loaded back may differ by: float noise


@o.command()
def export(
    net: Annotated[str, typer.Argument(metavar="RUN", help=NET)],
    *,
    to: Annotated[Literal["safetensors", "onnx", "json"], o.option(None, TO)] = "safetensors",
    out: Annotated[Path | None, o.option(None, OUT, metavar="FILE")] = None,
) -> str:
    """Write a trained net as a file, load it back, and compare what both answer to 2,007 test digits of mnist.
    \f
    Returns what was written, in a sentence. What the file reads and answers stands in it. Raises UsageError for a name
    that no net has, DataError for what is missing or damaged, TimetravelError where the file can't be written or onnx
    or onnxruntime is missing.

    >>> print(tt.export("1989", to="json"))
    """
    import numpy as np

    from timetravel.digits import open_source
    from timetravel.engine import netfiles
    from timetravel.engine.plain import layers
    from timetravel.report.files import check_folder, write

    found = find(net)
    netfiles.missing(to)
    path = Path(out or f"{found.label.replace(', ', '-').replace(' ', '-')}.{to}")
    if path.is_dir():
        raise UsageError(f"--out {path} is a folder.", f"Name a file, as {path / f'net.{to}'}.")
    check_folder(path.parent)
    test = open_source("mnist").test_digits().framed(found.recipe.window, found.recipe.deslant)
    ours = layers(found.recipe, found.weights, test.images)["output"]
    content = netfiles.written(found, to)
    write({path.name: content}, path.parent)
    differ = float(np.abs(netfiles.read_back(path, to, test.images) - ours).max())
    if not differ <= MOST * max(1, float(np.abs(ours).max())):
        path.unlink()
        told = f"What was written to {path} answers otherwise than the net, by {differ:.1g} at most; it is removed."
        raise TimetravelError(told, "Please report this with the output of `timetravel --version`.")
    same = f"differ by at most {differ:.0e}" if differ else "are the same"
    return f"Written {path}: {len(content) / 1000:,.0f} kB; loaded back, the outputs for {len(test):,} digits {same}.\n"
