"""`timetravel compare`: two saved results, row by row."""

from pathlib import Path
from typing import Annotated

import typer

from timetravel.commands import options as o
from timetravel.commands.saved import intact, saved

EXAMPLES = "timetravel compare a.json b.json\n\ntimetravel compare a/results.json b/results.json --long --out compared/"


@o.command()
def compare(
    a: Annotated[Path, typer.Argument(help="A results.json, or what --json printed.")],
    b: Annotated[Path, typer.Argument(help="Another, whose rows are compared with those of the first.")],
) -> "o.Made":
    """Compare two saved results row by row, run by run and digit by digit. Trains nothing: their runs must be kept.
    \f
    a, b: results, or files of them. Raises UsageError where no rows go together, DataError where runs are not kept.
    Dietterich (1998), https://doi.org/10.1162/089976698300017197.

    >>> a, b = (tt.train(each, data=few, seeds=1, epochs=2, progress=False) for each in ("1989", "1989-essay"))
    >>> tt.compare(a, b).document["rows"][0]["runs_used"]
    1
    """
    documents = [getattr(each, "document", None) or saved(Path(each)) for each in (a, b)]
    names = [name if hasattr(each, "document") else str(each) for name, each in (("a", a), ("b", b))]
    from timetravel.engine.store import Store
    from timetravel.studies.compare import Result
    from timetravel.studies.compare import compare as of_results

    with intact(" or ".join(names)):
        found = of_results(Result(names[0], documents[0]), Result(names[1], documents[1]), Store())
    return {"command": "compare", **found}
