"""`timetravel modernize`: what each tweak is worth."""

from typing import Annotated, Literal

import typer

from timetravel.cli import options as o
from timetravel.cli.consoles import errors, results
from timetravel.cli.study import Options, carry_out, set_up
from timetravel.errors import UsageError
from timetravel.ladders import NAMED, parse_tweaks
from timetravel.tweaks import TWEAKS

EXAMPLES = (
    "[dim]timetravel modernize --tweaks all[/dim]\n\n"
    "[dim]timetravel modernize --tweaks essay --data usps --out ladder/[/dim]\n\n"
    "[dim]timetravel modernize --tweaks momentum,muon,sam --mode alone[/dim]\n\n"
    "[dim]timetravel modernize --mode decompose --seeds 6[/dim]\n\n"
    "[dim]timetravel modernize --list[/dim]"
)


def _tweaks() -> list[str]:
    return [*NAMED, *TWEAKS]


def modernize(
    tweaks: Annotated[
        str,
        typer.Option(
            "--tweaks",
            help="all (up to today), essay (up to 2022), or a comma list (--list shows them).",
            autocompletion=_tweaks,
        ),
    ] = "all",
    mode: Annotated[
        Literal["ladder", "alone", "without", "decompose"],
        typer.Option(
            "--mode",
            help="ladder: one on top of another; alone: each on 1989-essay (all: every tweak there is); without: the "
            "full set but each; decompose: how much is algorithm, longer training and more data.",
        ),
    ] = "ladder",
    show: Annotated[
        bool, typer.Option("--list", help="Show all tweaks with their years and papers; do nothing.")
    ] = False,
    data: o.Data = "mnist",
    data_root: o.DataRoot = None,
    subset: o.Subset = "0",
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
    """Climb from 1989 to 2022 and to today one tweak at a time: same digits, same net size, and each step's worth."""
    if show:
        from timetravel.show import registry

        results().print(registry.tweaks())
        return
    if mode == "decompose" and tweaks != "all":
        raise UsageError("--mode decompose has rows of its own.", "Leave --tweaks out, or choose another mode.")
    chosen = parse_tweaks(tweaks, alone=mode == "alone")
    options = Options(
        data, data_root, subset, test, seeds, backend, device, workers, fresh, dry_run, out, as_json, quiet
    )
    setup = set_up(options)
    from timetravel.show import ladder
    from timetravel.studies.decompose import Decompose
    from timetravel.studies.modernize import Modernize

    if mode == "decompose":
        carry_out(Decompose(setup), setup, options, ladder.decompose)
    else:
        study = Modernize(setup, chosen, mode)
        for remark in [] if quiet else study.remarks:
            errors().print(remark, style="dim", markup=False)
        carry_out(study, setup, options, ladder.modernize)
