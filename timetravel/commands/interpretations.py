"""`timetravel interpretations`: what the gaps in the paper could mean."""

from typing import Annotated, Literal

import typer

from timetravel.commands import options as o
from timetravel.commands.setup import set_up

EXAMPLES = (
    "timetravel interpretations --study choice --data usps\n\n"
    "timetravel interpretations --study reconstruction --data usps --out interpretations/"
)
STUDY = (
    "choice: the least error on five folds of the training digits; reconstruction: all beside the paper's figures, "
    "read off the test split."
)
Net = Annotated[Literal["lecun1989", "fully-connected"], typer.Option(help="Which of the paper's two nets.")]


@o.command(*o.ON_FOLDS, data="usps")
def interpretations(
    call: o.Call,
    study: Annotated[Literal["choice", "reconstruction"], typer.Option(help=STUDY)] = "choice",
    *,
    net: Net = "lecun1989",
) -> "o.Made":
    """Interpret the paper in every way its gaps allow: what errs least, and what comes nearest to its figures.
    \f
    study: choice never meets a test digit; reconstruction chooses nothing. Raises DataError where usps is missing:
    `timetravel data fetch usps`. LeCun et al. (1989), https://doi.org/10.1162/neco.1989.1.4.541.

    >>> tt.interpretations("choices")
    Traceback (most recent call last):
    timetravel.errors.UsageError: --study 'choices' is not allowed. Did you mean choice?
    Allowed: choice, reconstruction.
    """
    setup = set_up(call, folds=True)
    from timetravel.studies.interpretations import Interpretations

    return Interpretations(setup, study, net)
