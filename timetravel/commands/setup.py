"""From what was asked for to what a study is given, and where its runs are made."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from timetravel.commands.options import Call
from timetravel.commands.reading import typed
from timetravel.errors import UsageError

if TYPE_CHECKING:
    from timetravel.digits import Source, Told
    from timetravel.engine.collect import Workshop
    from timetravel.recipes import Recipe
    from timetravel.studies.setup import Setup


def set_up(call: Call, sizes: Sequence[int] = (), *, by_class: bool = False, folds: bool = False) -> "Setup":
    """Check everything that can be checked, then load the digits, and only then PyTorch.

    folds: choices are made on folds of the training digits, so that there is one subset.
    """
    from timetravel.digits import TEST_SIZE_1989, TRAIN_SIZE_1989
    from timetravel.digits.subsets import checked_size, named_subsets

    named = typed(call.subset) if call.subset is not None else "0" if folds else ""
    names = named_subsets(getattr(call.data, "name", call.data), named) if named else []
    if folds and len(names) > 1:
        raise UsageError(f"--subset {named}: folds are made of a single subset.", "Name one.")
    source = source_of(call)
    checked_size(None if call.test == TEST_SIZE_1989 else call.test, TEST_SIZE_1989, source.test_count, "test")
    for size in (*sizes, *([call.size] if call.size else [])):
        checked_size(size, TRAIN_SIZE_1989, source.train_count, "training")
    call.ready()
    introduce(call, source)
    with ThreadPoolExecutor(1) as beside:
        loaded = beside.submit(source.load, "train")  # while PyTorch is imported, which takes as long
        from timetravel.studies.setup import Setup
    loaded.result()
    return Setup(source, names, call.test, call.seeds, by_class=by_class, size=call.size, epochs=call.epochs)


def source_of(call: Call) -> "Source":
    """Open the digits. Raises UsageError where there are none of that name, DataError where they are damaged."""
    from timetravel.digits import Source, open_source

    if isinstance(call.data, Source):
        if late := said(call).options:
            raise UsageError(f"{call.data} is open: {late} comes too late.", "Say it to timetravel.digits().")
        return call.data
    if not isinstance(call.data, str | Path):
        told = f"--data: a {type(call.data).__name__} is no source of digits."
        raise UsageError(told, "Give a name, a path, or timetravel.digits(images, labels).")
    return open_source(str(call.data), call.data_root and Path(call.data_root), said(call))


def said(call: Call) -> "Told":
    """Return what is said of one's own digits."""
    from timetravel.digits import Told

    return Told(call.levels, call.inverted, call.transpose)


def introduce(call: Call, source: "Source") -> None:
    """Tell how one's own digits were read, and what is to be known of any."""
    if source.remark:
        call.note(source.remark)
    for warning in source.warnings:
        call.warn(warning)


def open_workshop(call: Call, executor: Executor | None = None) -> "Workshop":
    """Return where runs are made and kept. Raises UsageError where a cluster can't be used."""
    from timetravel.engine.collect import Workshop
    from timetravel.engine.provenance import available_cores
    from timetravel.engine.store import Store

    cores, away = available_cores(), executor is not None or call.cluster is not None
    if executor is not None and not isinstance(executor, Executor):
        raise UsageError(f"executor: a {type(executor).__name__} is no concurrent.futures.Executor.", "Leave it out.")
    if executor is not None and call.cluster is not None:
        raise UsageError("A cluster and an executor are two places to train.", "Give one of them.")
    if away and call.device != "cpu":
        raise UsageError(f"--device {call.device} is this machine's: a cluster trains on processors.", "Leave it out.")
    if call.cluster is not None:
        from timetravel.engine.cluster import RayExecutor

        executor = RayExecutor(call.cluster)
        cores = executor.workers
    store = Store(read_only=getattr(call, "dry_run", False))
    return Workshop(store, call.backend, call.device, call.workers or cores, call.fresh, call.warn, executor)


def with_changes(call: Call, recipe: "Recipe", given: Any) -> "Recipe":
    """Return a recipe with what --set and --epochs say; warns of values that it makes no use of. Raises UsageError.

    given: texts as NAME=VALUE, or values by name.
    """
    from timetravel.recipes import changed
    from timetravel.studies.budgets import longer
    from timetravel.studies.space import written

    changes = [written(*change) for change in given.items()] if isinstance(given, Mapping) else list(given or ())
    made = changed(recipe, [*changes, *([f"epochs={call.epochs}"] if call.epochs else [])])  # set once, not twice
    made = longer(changed(recipe, changes), made.epochs)
    for name in (change.partition("=")[0].strip() for change in changes):
        if not made.settings()[name].used(made):
            call.warn(f"{name} has no effect on this recipe.")
    return made
