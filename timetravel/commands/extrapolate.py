"""`timetravel extrapolate`: the essay's claims about 2055, with evidence, intervals and verdicts."""

import shlex
from pathlib import Path
from typing import Annotated, Any, Literal

from timetravel.commands import options as o
from timetravel.commands.reading import number

EXAMPLES = (
    "timetravel extrapolate --to 2055\n\n"
    "timetravel extrapolate --to 2040 --from today --quantity compute --long\n\n"
    "timetravel extrapolate --assume mine.toml --milestones mine.csv --out projection/"
)
ASKED, CHANGED = "What is asked", "What it stands on"
TO = "The year to project to: 2023 to 2200."
SINCE = "Whose best is looked back at from then."
SCENARIO = (
    "Show one only: naive (the essay's 10,000,000 times in 33 years), trend (records carried on), or limited (trends "
    "bent by limits).  \\[default: all]"
)
QUANTITY = (
    "Show one only: parameters, parameters-vision, tokens, images, compute, compute-vision, cost, price, energy or "
    "algorithms.  \\[default: all]"
)
MILESTONES = "Your own CSV of milestones, in place of the package's, quantity by quantity."
ASSUME = "A TOML file that changes assumptions: a table for each name, with low and high, or value."


def _quantities() -> list[str]:
    from timetravel.projection.series import BY_NAME

    return list(BY_NAME)


@o.command()
def extrapolate(
    to: Annotated[Any, o.read_by(number("--to", int, 2023, 2200), TO, ASKED, "YEAR")] = 2055,
    *,
    from_: Annotated[Literal["1989", "2022", "today"], o.option(ASKED, SINCE, "--from")] = "2022",
    scenario: Annotated[Literal["naive", "trend", "limited"] | None, o.option(ASKED, SCENARIO)] = None,
    quantity: Annotated[str | None, o.option(ASKED, QUANTITY, metavar="NAME", autocompletion=_quantities)] = None,
    milestones: Annotated[Path | None, o.option(CHANGED, MILESTONES, metavar="FILE")] = None,
    assume: Annotated[Path | None, o.option(CHANGED, ASSUME, metavar="FILE")] = None,
) -> "o.Made":
    """Judge the essay's seven claims about 2055 against trends, limits and what was measured.

    Begins with the verdicts, then how the method did in the past, then what it says. Trains nothing.
    \f
    from_: 1989, 2022 or today. milestones, assume: files of your own, CSV and TOML. The claims: Karpathy (2022),
    https://karpathy.github.io/2022/03/14/lecun1989/.

    >>> len(tt.extrapolate(2055).document["claims"])
    7
    """
    from timetravel.projection.inputs import read_assumptions, read_milestones
    from timetravel.projection.series import chosen

    series = chosen(quantity)
    own = read_milestones(Path(milestones)) if milestones else None
    assumed = read_assumptions(Path(assume)) if assume else None

    from timetravel.studies.extrapolate import Extrapolate

    given: dict[str, object] = {"--to": to, "--from": None if from_ == "2022" else from_, "--scenario": scenario}
    given |= {"--quantity": quantity, "--milestones": milestones, "--assume": assume}
    words = [str(word) for option in given.items() if option[1] is not None for word in option]
    line = shlex.join(["timetravel", "extrapolate", *words])
    found = Extrapolate(to, from_, scenario, series, own, assumed, typed=line).result()
    return {"command": "extrapolate", **found}
