"""`timetravel interpretations`: what the gaps in the paper could mean."""

from typing import Annotated, Literal

import typer

from timetravel.cli import options as o
from timetravel.cli.output import emit, make_provenance
from timetravel.cli.study import Options, set_up

EXAMPLES = (
    "[dim]timetravel interpretations --study choice --data usps[/dim]\n\n"
    "[dim]timetravel interpretations --study reconstruction --data usps --out interpretations/[/dim]"
)


def interpretations(
    study: Annotated[
        Literal["choice", "reconstruction"],
        typer.Option(
            "--study",
            help="choice: the least error on five folds of the training digits; reconstruction: all beside the paper's "
            "figures, read off the test split.",
        ),
    ] = "choice",
    net: Annotated[
        Literal["lecun1989", "fully-connected"], typer.Option("--net", help="Which of the paper's two nets.")
    ] = "lecun1989",
    data: o.Data = "usps",
    data_root: o.DataRoot = None,
    subset: o.Subset = "0",
    seeds: o.Seeds = "2",
    backend: o.Backend = "auto",
    workers: o.Workers = None,
    fresh: o.Fresh = False,
    dry_run: o.DryRun = False,
    out: o.Out = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Read the paper in every way its gaps allow: which interpretation errs least, which comes nearest to its figures."""
    options = Options(
        data, data_root, subset, "2007", seeds, backend, "cpu", workers, fresh, dry_run, out, as_json, quiet
    )
    setup = set_up(options)

    from timetravel.cli.consoles import results
    from timetravel.cli.progress import describe
    from timetravel.engine.collect import make_plan
    from timetravel.show import tables
    from timetravel.studies.interpretations import Interpretations

    work = Interpretations(setup, study, net)
    if dry_run:
        lines = describe(make_plan(work.jobs(), setup.workshop))
        for line in ["Dry run: nothing is trained or written.", *lines, "The side gaps around the best come on top."]:
            results().print(line, markup=False)
        return
    try:
        result = work.run()
    finally:
        setup.progress.ended()
    emit(
        result,
        lambda: tables.interpretations(result),
        as_json=as_json,
        quiet=quiet,
        out=out,
        provenance=make_provenance(),
    )
