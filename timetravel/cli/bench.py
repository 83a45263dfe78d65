"""`timetravel bench`: how fast this machine is at it."""

from typing import Annotated, Any

from timetravel.cli import options as o
from timetravel.cli.progress import Progress
from timetravel.cli.run import loading, perform

ROUNDS = "Rounds; the medians over them are shown."
EXAMPLES = "timetravel bench\n\ntimetravel bench --json > bench.json\n\ntimetravel bench --device cuda"


@o.with_options("device", "workers", "dry_run", *o.OUTPUTS)
def bench(
    repeats: Annotated[Any, o.read_by(o.number("--repeats", int, 1), ROUNDS, metavar="N")] = "5",
    *,
    options: o.Options,
) -> None:
    """Time training and measuring here: the compiled kernel, PyTorch, and the bound that arithmetic sets.

    With --device cuda: how many examples a second a card trains, by how many nets it trains at once.
    """
    loading(options)
    from timetravel.cli.output import check_folder
    from timetravel.digits import open_source
    from timetravel.engine import native_backend
    from timetravel.engine.provenance import available_cores
    from timetravel.engine.train import choose_backend
    from timetravel.errors import UsageError
    from timetravel.studies.bench import ESSAY, Bench, CardBench

    source, note = open_source("mnist"), Progress(options.quiet).note
    workers = options.workers or available_cores()
    choice = choose_backend(ESSAY, device=options.device)
    if choice.name != "cuda" and choice.device != "cpu":
        raise UsageError(f"--device {options.device} can't be timed: {choice.reason}.", "Allowed here: cpu and auto.")
    kind = CardBench if choice.name == "cuda" else Bench
    study = kind(source.training_digits(), source.test_digits(), workers, repeats, note)
    if not options.dry_run:
        check_folder(options.out)
        rounds = f"{repeats} rounds: about {10 + 10 * repeats} s" if kind is Bench else "once: about a minute"
        note(f"Timing everything in turn, {rounds}.")
    if problem := native_backend.missing():
        note(f"Backend: torch ({problem}).\n{native_backend.HOW_TO_BUILD}")
    perform(study, options)
