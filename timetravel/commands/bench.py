"""`timetravel bench`: how fast this machine is at it."""

from typing import Annotated, Any

from timetravel.commands import options as o
from timetravel.commands.reading import number
from timetravel.errors import UsageError

ROUNDS = "Rounds; the medians over them are shown."
EXAMPLES = "timetravel bench\n\ntimetravel bench --json > bench.json\n\ntimetravel bench --device cuda"


@o.command("device", "workers")
def bench(
    call: o.Call, repeats: Annotated[Any, o.read_by(number("--repeats", int, 1), ROUNDS, metavar="N")] = 5
) -> "o.Made":
    """Time training and measuring here: the compiled kernel, PyTorch, and the bound that arithmetic sets.

    With --device cuda: how many examples a second a card trains, by how many nets it trains at once.
    \f
    repeats: rounds. Raises UsageError for a device that can't be timed.

    >>> tt.bench(repeats=0)
    Traceback (most recent call last):
    timetravel.errors.UsageError: --repeats 0 is not allowed.
    Allowed: whole numbers from 1 on.
    """
    from timetravel.digits import open_source

    source = open_source("mnist")
    call.ready()
    from timetravel.engine.provenance import available_cores
    from timetravel.engine.train import choose_backend
    from timetravel.studies.bench import ESSAY, Bench, CardBench

    choice = choose_backend(ESSAY, device=call.device)
    if choice.name != "cuda" and choice.device != "cpu":
        raise UsageError(f"--device {call.device} can't be timed: {choice.reason}.", "Allowed here: cpu and auto.")
    kind = CardBench if choice.name == "cuda" else Bench
    workers = call.workers or available_cores()
    return kind(source.training_digits(), source.test_digits(), workers, repeats, call.note)
