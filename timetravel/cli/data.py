"""`timetravel data`: which digits are here, and how to get the others."""

from dataclasses import replace
from typing import Annotated, Any, Literal

import typer

from timetravel.api.consoles import errors, results
from timetravel.cli import options as o
from timetravel.cli.commands import Command, Group
from timetravel.cli.run import tell
from timetravel.commands.options import WHOSE, read_by
from timetravel.commands.reading import number
from timetravel.commands.setup import source_of

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    help="See, get, check and look at the digits.",
    epilog="timetravel data list\n\ntimetravel data fetch usps\n\ntimetravel data show usps --digit 4\n\n"
    "timetravel data show digits.npz",
)


@app.command("list", cls=Command)
@o.with_options("data_root", "as_json")
def list_(*, options: o.Options) -> None:
    """List the sources of digits: what is here, where, how many, in what state."""
    from timetravel.digits.inventory import inventory

    found = inventory(options.data_root)
    tell({"command": "data list", "sources": [vars(status) | {"ready": status.ready} for status in found]}, options)


@app.command(cls=Command)
@o.with_options("data_root")
def fetch(
    name: Annotated[str, typer.Argument(help="usps, the original digits of 1989.")], *, options: o.Options
) -> None:
    """Download a source into the data folder."""
    from timetravel.digits import inventory

    path = inventory.fetch(name, options.data_root)
    results().print(f"{name} is ready: {path}", markup=False, soft_wrap=True)


@app.command(cls=Command)
@o.with_options("data_root")
def verify(*, options: o.Options) -> None:
    """Check every file against its published content; exit code 3 if one is damaged."""
    from timetravel.digits import inventory

    checks = inventory.verify(options.data_root)
    for check in checks:
        state = "ok     " if check.ok else "DAMAGED"
        results().print(f"{state}  {check.what}: {check.note or check.found}", markup=False, soft_wrap=True)
    if any(not check.ok for check in checks):
        remedy = "usps by `timetravel data fetch usps`; the package by installing it again."
        errors().print(f"Get what is damaged anew: {remedy}", markup=False)
        raise typer.Exit(3)


@app.command(cls=Command)
@o.with_options(*WHOSE, "subset")
def show(
    context: typer.Context,
    path: Annotated[str | None, typer.Argument(metavar="PATH", help="Your own digits, in place of --data.")] = None,
    split: Annotated[Literal["train", "test"], typer.Option(help="Which of the two splits.")] = "train",
    digit: Annotated[Any, read_by(number("--digit", int, 0, 9), "Only this digit, 0 to 9.", metavar="N")] = None,
    count: Annotated[Any, read_by(number("--count", int, 1), "How many to draw.", metavar="N")] = "10",
    *,
    options: o.Options,
) -> None:
    """Draw digits in the terminal, as the net sees them: 16x16; of your own, say how they were read."""
    import numpy as np

    from timetravel.errors import UsageError
    from timetravel.report.pictures import PictureRow

    given = context.get_parameter_source("data")
    if path is not None and given is not None and given.name == "COMMANDLINE":
        raise UsageError(f"{path} and --data {options.data} are two sources.", "Give one.")
    source = source_of(options if path is None else replace(options, data=path))
    for warning in source.warnings:
        options.warn(warning)
    if source.remark:
        results().print(source.remark, markup=False)
    subset = options.subset or "0"
    digits = source.training_digits(subset) if split == "train" else source.test_digits(subset)
    chosen = np.flatnonzero(digits.labels == digit if digit is not None else digits.labels >= 0)[:count]
    if not len(chosen):
        raise UsageError(f"{digits.name} has no {digit} in its {split} digits.", "Choose another digit.")
    captions = [f"a {label}" for label in digits.labels[chosen]]
    results().print(PictureRow(digits.images[chosen], captions))
