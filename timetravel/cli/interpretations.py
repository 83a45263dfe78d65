"""`timetravel interpretations`: what the gaps in the paper could mean."""

from typing import Annotated, Literal

import typer

from timetravel.cli import options as o
from timetravel.cli.run import perform

EXAMPLES = (
    "timetravel interpretations --study choice --data usps\n\n"
    "timetravel interpretations --study reconstruction --data usps --out interpretations/"
)
STUDY = (
    "choice: the least error on five folds of the training digits; reconstruction: all beside the paper's figures, "
    "read off the test split."
)
Net = Annotated[Literal["lecun1989", "fully-connected"], typer.Option(help="Which of the paper's two nets.")]


@o.with_options(*o.ON_FOLDS, data="usps")
def interpretations(
    study: Annotated[Literal["choice", "reconstruction"], typer.Option(help=STUDY)] = "choice",
    net: Net = "lecun1989",
    *,
    options: o.Options,
) -> None:
    """Interpret the paper in every way its gaps allow: what errs least, and what comes nearest to its figures."""
    from timetravel.api import calls

    perform(calls.interpretations(options, study, net=net), options)
