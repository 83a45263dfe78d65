"""`timetravel data`: which digits are here, and how to get the others."""

from typing import Annotated

import typer

from timetravel.cli import options as o
from timetravel.cli.consoles import errors, results

app = typer.Typer(
    no_args_is_help=True,
    help="See, get, check and look at the digits.",
    epilog="[dim]timetravel data list[/dim]\n\n[dim]timetravel data fetch usps[/dim]\n\n"
    "[dim]timetravel data show --data usps --digit 4[/dim]",
)


@app.command("list")
def list_(data_root: o.DataRoot = None) -> None:
    """List the sources of digits: what is here, where, how many, in what state."""
    from rich.table import Table

    from timetravel.digits.inventory import inventory

    table = Table(box=None, padding=(0, 1))
    for column in ("source", "digits", "state", "where"):
        table.add_column(column, overflow="fold")
    found = inventory(data_root)
    for status in found:
        counts = f"{status.train_count:,} + {status.test_count:,}" if status.train_count else ""
        table.add_row(status.name, counts, status.state, status.where)
    results().print(table)
    for status in (s for s in found if not s.ready):
        results().print(f"{status.name}: {status.how}", markup=False)


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="usps, the original digits of 1989.")],
    data_root: o.DataRoot = None,
) -> None:
    """Download a source into the data folder."""
    from timetravel.digits import inventory

    path = inventory.fetch(name, data_root)
    results().print(f"{name} is ready: {path}", markup=False, soft_wrap=True)


@app.command()
def verify(data_root: o.DataRoot = None) -> None:
    """Check every file against its published content; exit code 3 if one is damaged."""
    from timetravel.digits import inventory

    checks = inventory.verify(data_root)
    for check in checks:
        results().print(
            f"{'ok     ' if check.ok else 'DAMAGED'}  {check.what}: {check.note or check.found}",
            markup=False,
            soft_wrap=True,
        )
    if any(not check.ok for check in checks):
        errors().print(
            "Get what is damaged anew: usps by `timetravel data fetch usps`; the package by installing it again.",
            markup=False,
        )
        raise typer.Exit(3)


@app.command()
def show(
    data: o.Data = "mnist",
    data_root: o.DataRoot = None,
    subset: o.Subset = "0",
    split: Annotated[str, typer.Option("--split", help="train or test.")] = "train",
    digit: Annotated[int | None, typer.Option("--digit", help="Only this digit, 0 to 9.")] = None,
    count: Annotated[int, typer.Option("--count", help="How many to subset.")] = 10,
) -> None:
    """Draw digits in the terminal, as the net sees them: 16x16."""
    import numpy as np

    from timetravel.digits import open_source
    from timetravel.errors import UsageError
    from timetravel.report.pictures import picture_row

    if split not in ("train", "test"):
        raise UsageError(f"--split {split} does not exist.", "Allowed: train, test.")
    if digit is not None and not 0 <= digit <= 9:
        raise UsageError(f"--digit {digit} is not a digit.", "Allowed: 0 to 9.")
    o.at_least_one("--count", count)
    source = open_source(data, data_root)
    digits = source.training_digits(subset) if split == "train" else source.test_digits(subset)
    chosen = np.flatnonzero(digits.labels == digit if digit is not None else digits.labels >= 0)[:count]
    if not len(chosen):
        raise UsageError(f"{digits.name} has no {digit} in its {split} digits.", "Choose another digit.")
    captions = [f"a {label}" for label in digits.labels[chosen]]
    results().print(picture_row(list(digits.images[chosen]), captions))
