"""`timetravel modernize`: the ladder of tweaks."""

from typing import Annotated

import typer

from timetravel.cli import options as o
from timetravel.cli.study import Options, carry_out, set_up
from timetravel.tweaks import TWEAKS, parse_tweaks

EXAMPLES = (
    "[dim]timetravel modernize --tweaks all[/dim]\n\n"
    "[dim]timetravel modernize --tweaks softmax,adamw --seeds 3[/dim]\n\n"
    "[dim]timetravel modernize --tweaks all --data usps --out ladder/[/dim]"
)


def _tweaks() -> list[str]:
    return ["all", *TWEAKS]


def modernize(
    tweaks: Annotated[
        str,
        typer.Option("--tweaks", help=f"all, or a comma list of {', '.join(TWEAKS)}.", autocompletion=_tweaks),
    ] = "all",
    data: o.Data = "mnist",
    data_root: o.DataRoot = None,
    draw: o.Draw = "0",
    test: o.Test = "2007",
    seeds: o.Seeds = "10",
    backend: o.Backend = "auto",
    device: o.Device = "cpu",
    workers: o.Workers = None,
    fresh: o.Fresh = False,
    dry_run: o.DryRun = False,
    out: o.Out = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Climb from 1989 to 2022 one tweak at a time: same digits, same net size, and each step's worth."""
    chosen = parse_tweaks(tweaks)
    options = Options(data, data_root, draw, test, seeds, backend, device, workers, fresh, dry_run, out, as_json, quiet)
    setup = set_up(options)

    from timetravel.show import tables
    from timetravel.studies.modernize import Modernize

    carry_out(Modernize(setup, chosen), setup, options, tables.modernize)
