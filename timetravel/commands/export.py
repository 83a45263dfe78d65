"""`timetravel export`: a trained net as a file that other programs read."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal

import typer

from timetravel.commands import options as o
from timetravel.commands.nets import NET, find
from timetravel.errors import TimetravelError

TO = "What kind of file."
OUT = "The file to write.  \\[default: named after the net, here]"
EXAMPLES = (
    "timetravel export 1989 --to onnx\n\ntimetravel export today --to json --out today.json\n\n"
    "timetravel export results.json:1/3 --out mine.safetensors"
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
    Returns what was written, in a sentence; the file says what it reads and answers. Raises UsageError for a name that
    no net has, DataError for what is missing or damaged, TimetravelError where the file can't be written or the
    packages onnx and onnxruntime are missing.

    >>> tt.export("1989", to="json", out="net.json").split(":")[0]
    'Written net.json'
    """
    found = find(net)
    if lacking := [name for name in ("onnx", "onnxruntime") if to == "onnx" and find_spec(name) is None]:
        raise TimetravelError(f"--to onnx needs {' and '.join(lacking)}.", "Type: pip install onnx onnxruntime")
    named = (
        re.sub(r"[^\w+=.]+", "-", found.label.replace(",", "")).lstrip("-.")[:100] or "net"
    )  # a label may hold any sign, as ../
    path = Path(out or f"{named}.{to}")
    from timetravel.digits import open_source
    from timetravel.engine.netfiles import read_back, written
    from timetravel.engine.plain import layers
    from timetravel.report.files import check_file, write

    check_file(path, f"net.{to}")
    images = open_source("mnist").test_digits().framed(found.recipe.window, found.recipe.deslant).images
    outputs, content = layers(found.recipe, found.weights, images)["output"], written(found, to)
    write({path.name: content}, path.parent)
    differ = float(abs(read_back(path, to, images) - outputs).max())
    if not differ <= MOST * max(1, float(abs(outputs).max())):
        path.unlink()
        told = f"What was written to {path} answers otherwise than the net, by {differ:.1g} at most; it is removed."
        raise TimetravelError(told, "Please report this with the output of `timetravel --version`.")
    same = f"differ by at most {differ:.0e}" if differ else "are the same"
    return (
        f"Written {path}: {len(content) / 1000:,.0f} kB; loaded back, the outputs for {len(images):,} digits {same}.\n"
    )
