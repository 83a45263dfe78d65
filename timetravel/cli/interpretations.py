"""`timetravel interpretations`: what the gaps in the paper could mean."""

from typing import Annotated, Literal

import typer

from timetravel.cli import options as o
from timetravel.cli.run import perform, set_up

EXAMPLES = (
    "[dim]timetravel interpretations --study choice --data usps[/dim]\n\n"
    "[dim]timetravel interpretations --study reconstruction --data usps --out interpretations/[/dim]"
)


@o.with_options(
    "data", "data_root", "subset", "seeds", "backend", "workers", "fresh", "dry_run", *o.OUTPUTS,
    data="usps", seeds=o.SEEDS["interpretations"],
)  # fmt: skip
def interpretations(
    study: Annotated[
        Literal["choice", "reconstruction"],
        typer.Option(
            help="choice: the least error on five folds of the training digits; reconstruction: all beside the paper's "
            "figures, read off the test split.",
        ),
    ] = "choice",
    net: Annotated[Literal["lecun1989", "fully-connected"], typer.Option(help="Which of the paper's two nets.")] = (
        "lecun1989"
    ),
    *,
    options: o.Options,
) -> None:
    """Interpret the paper in every way its gaps allow: what errs least, and what comes nearest to its figures."""
    setup = set_up(options)
    from timetravel.studies.interpretations import Interpretations

    perform(Interpretations(setup, study, net), options)
