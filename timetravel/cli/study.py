"""What the three training commands have in common: from options to a setup, from a study to its output."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from timetravel.cli.consoles import errors, results
from timetravel.cli.options import at_least_one, parse_seeds, parse_subsets, parse_test
from timetravel.cli.output import check_folder, emit, make_provenance
from timetravel.cli.progress import Progress, describe

if TYPE_CHECKING:
    from rich.console import RenderableType

    from timetravel.studies.setup import Result, Setup, Study

Kind = TypeVar("Kind", bound="Result")


@dataclass(frozen=True)
class Options:
    """The shared options of one call, checked where that needs neither digits nor PyTorch."""

    data: str
    data_root: Path | None
    subset: str
    test: str
    seeds: str
    backend: Literal["auto", "native", "torch"]
    device: Literal["cpu", "cuda", "mps"]
    workers: int | None
    fresh: bool
    dry_run: bool
    out: Path | None
    as_json: bool
    quiet: bool


def set_up(
    options: Options,
    sizes: list[int] | None = None,
    progress: Progress | None = None,
    *,
    subsets: int = 1,
    by_class: bool = False,
) -> "Setup":
    """Check everything that can be checked, then load the digits, and only then PyTorch."""
    from timetravel.digits import TEST_SIZE_1989, TRAIN_SIZE_1989, check_subset, open_source
    from timetravel.digits.subsets import checked_size

    seeds, test = parse_seeds(options.seeds), parse_test(options.test)
    at_least_one("--workers", options.workers)
    names = parse_subsets(options.subset, subsets)
    for subset in names:
        check_subset(options.data, subset)
    source = open_source(options.data, options.data_root)
    checked_size(None if test == TEST_SIZE_1989 else test, TEST_SIZE_1989, source.test_count, "test")
    for size in sizes or []:
        checked_size(size, TRAIN_SIZE_1989, source.train_count, "training")
    if not options.dry_run:
        check_folder(options.out)
    if not options.quiet:
        for warning in source.warnings:
            errors().print(f"Warning: {warning}", style="yellow", markup=False)

    from timetravel.engine.collect import Workshop
    from timetravel.engine.provenance import available_cores
    from timetravel.engine.store import Store
    from timetravel.studies.setup import Setup

    workshop = Workshop(Store(), options.backend, options.device, options.workers or available_cores(), options.fresh)
    return Setup(source, names, test, seeds, workshop, progress or Progress(options.quiet), by_class=by_class)


def carry_out(
    study: "Study[Kind]", setup: "Setup", options: Options, render: "Callable[[Kind], RenderableType]"
) -> "Kind | None":
    """Run a study and show what it found; with --dry-run only say what it would do."""
    if options.dry_run:
        from timetravel.engine.collect import make_plan

        plan = make_plan(setup.jobs(study.entries()), setup.workshop, watched=study.watched)
        for line in ["Dry run: nothing is trained or written.", *describe(plan)]:
            results().print(line, markup=False)
        return None
    try:
        result = study.run()
    finally:
        setup.progress.ended()
    facts = make_provenance(
        workers=setup.workshop.workers,
        store=str(setup.workshop.store.folder),
        digits=unique(
            {
                "data": entry.data or setup.source.name,
                "train": setup.digits(entry.size, entry.data, subset).fingerprint,
                "test": setup.test_digits(entry.data).fingerprint,
            }
            for entry in study.entries()
            for subset in setup.subsets
        ),
    )
    emit(
        result, lambda: render(result), as_json=options.as_json, quiet=options.quiet, out=options.out, provenance=facts
    )
    return result


def unique(found: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """Return each of some digits once."""
    return list({tuple(digits.values()): digits for digits in found}.values())
