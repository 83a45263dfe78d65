"""`timetravel bench`: how fast this machine is at it."""

from typing import Annotated

import typer

from timetravel.cli import options as o
from timetravel.cli.progress import Progress
from timetravel.cli.run import perform

EXAMPLES = "timetravel bench\n\ntimetravel bench --json > bench.json"


@o.with_options("workers", "dry_run", *o.OUTPUTS)
def bench(
    repeats: Annotated[int, typer.Option(min=1, help="Rounds; the medians over them are shown.")] = 5,
    *,
    options: o.Options,
) -> None:
    """Time training and measuring here: the compiled kernel, PyTorch, and the bound that arithmetic sets."""
    from timetravel.cli.output import check_folder
    from timetravel.digits import open_source
    from timetravel.engine import native_backend
    from timetravel.engine.provenance import available_cores
    from timetravel.studies.bench import Bench

    source, note = open_source("mnist"), Progress(options.quiet).note
    workers = options.workers or available_cores()
    study = Bench(source.training_digits(), source.test_digits(), workers, repeats, note)
    if not options.dry_run:
        check_folder(options.out)
        note(f"Timing everything in turn, {repeats} rounds: about {10 + 10 * repeats} s.")
    if problem := native_backend.missing():
        note(f"Backend: torch ({problem}).\n{native_backend.HOW_TO_BUILD}")
    perform(study, options)
