"""`timetravel extrapolate`: the essay's claims about 2055, with evidence, intervals and verdicts."""

import shlex
from pathlib import Path
from typing import Annotated, Any, Literal

from timetravel.commands import options as o
from timetravel.commands.reading import number
from timetravel.errors import UsageError

EXAMPLES = (
    "timetravel extrapolate --to 2055\n\n"
    "timetravel extrapolate --from 1989 --to 2022\n\n"
    "timetravel extrapolate --score mine.csv"
)
ASKED, CHANGED = "What is asked", "What it stands on"
TO = "The year to project to: 1990 to 2200. A past one is foretold as --from would have, beside what came."
SINCE = (
    "The year that a past --to is forecast from: 1989, 2012, 2016, 2020 or 2022. Of a future --to: whose best net the "
    "row 'training speed' trains again, 1989, 2022 or today."
)
QUANTITY = "Limit the tables of --long and the charts to one series, as parameters or compute.  \\[default: all]"
MILESTONES = "Your own CSV of milestones, in place of the package's, quantity by quantity."
SCORE = "A CSV of milestones that settles the ledger's statements, as far as they have come due."
LEDGER = "A CSV of your own statements, in place of the package's ledger."
ASSUME = "A TOML file that changes assumptions: a table for each name, with low and high, or value."


def _quantities() -> list[str]:
    from timetravel.projection.series import BY_NAME

    return list(BY_NAME)


@o.command()
def extrapolate(
    to: Annotated[Any, o.read_by(number("--to", int, 1990, 2200), TO, ASKED, "YEAR")] = 2055,
    *,
    from_: Annotated[
        Literal["1989", "2012", "2016", "2020", "2022", "today"], o.option(ASKED, SINCE, "--from")
    ] = "2022",
    quantity: Annotated[str | None, o.option(ASKED, QUANTITY, metavar="NAME", autocompletion=_quantities)] = None,
    milestones: Annotated[Path | None, o.option(CHANGED, MILESTONES, metavar="FILE")] = None,
    assume: Annotated[Path | None, o.option(CHANGED, ASSUME, metavar="FILE")] = None,
    score: Annotated[Path | None, o.option(CHANGED, SCORE, metavar="FILE")] = None,
    ledger: Annotated[Path | None, o.option(CHANGED, LEDGER, metavar="FILE")] = None,
) -> "o.Made":
    """Judge the essay's seven claims about 2055 against trends, limits and what was measured.

    Says how likely each is, how the method did before, and what will show whether it is right. Trains nothing.
    \f
    from_: 1989, 2012, 2016, 2020, 2022 or today. milestones, assume, score, ledger: files of your own, CSV but for the
    TOML of assume. The claims: Karpathy (2022), https://karpathy.github.io/2022/03/14/lecun1989/.

    >>> len(tt.extrapolate(2055).document["claims"])
    7
    """
    from timetravel.projection.inputs import checked_from, read_assumptions, read_figures, read_milestones
    from timetravel.projection.inputs import milestones as packaged
    from timetravel.projection.ledger import read
    from timetravel.projection.series import chosen

    files: dict[str, Any] = {
        "figures": read_milestones(Path(milestones)) if milestones else None,
        "assumptions": read_assumptions(Path(assume)) if assume else None,
        "score_by": read_figures(Path(score), "--score") if score else None,
        "ledger": read(Path(ledger)) if ledger else None,
    }
    named = chosen(quantity)
    past = checked_from(from_, to, files["figures"] or packaged())
    if past and (score or ledger):
        what = f"--score and --ledger settle statements about years ahead, and --to {to} is past."
        raise UsageError(what, "Leave out --to, or the two.")

    from timetravel.studies.extrapolate import Extrapolate

    given: dict[str, object] = {"--to": to, "--from": None if from_ == "2022" else from_, "--quantity": quantity}
    given |= {"--milestones": milestones, "--assume": assume, "--score": score, "--ledger": ledger}
    words = [str(word) for option in given.items() if option[1] is not None for word in option]
    line = shlex.join(["timetravel", "extrapolate", *words])
    found = Extrapolate(to=to, since=from_, chosen=named, typed=line, **files).result()
    return {"command": "extrapolate", **found}
