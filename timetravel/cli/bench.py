"""`timetravel bench`: how fast this machine is at it."""

from typing import Annotated

import typer

from timetravel.cli import options as o
from timetravel.cli.consoles import errors
from timetravel.cli.output import emit, make_provenance

EXAMPLES = "[dim]timetravel bench[/dim]\n\n[dim]timetravel bench --json > bench.json[/dim]"


def bench(
    repeats: Annotated[int, typer.Option("--repeats", help="Rounds; the medians over them are shown.")] = 5,
    workers: o.Workers = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Time training and measuring here: the compiled kernel, PyTorch, and the bound that arithmetic sets."""
    o.at_least_one("--repeats", repeats)
    o.at_least_one("--workers", workers)
    note = errors()

    def heard(text: str) -> None:
        if not quiet:
            note.print(text, style="dim", markup=False)

    heard(f"Timing everything in turn, {repeats} rounds: about {10 + 10 * repeats} s.")
    from timetravel.digits import open_source
    from timetravel.engine import native_backend
    from timetravel.engine.provenance import available_cores
    from timetravel.show import tables
    from timetravel.studies.bench import bench as measure

    if problem := native_backend.missing():
        heard(f"Backend: torch ({problem}).")
        heard(native_backend.HOW_TO_BUILD)
    source = open_source("mnist")
    result = measure(source.training_digits(), source.test_digits(), workers or available_cores(), repeats, heard)
    emit(result, lambda: tables.bench(result), as_json=as_json, quiet=quiet, out=None, provenance=make_provenance())
