"""The projection report: the essay's seven claims against trends, limits and what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from timetravel.engine.store import default_folder
from timetravel.projection.assumptions import Assumption, defaults
from timetravel.projection.claims import claims
from timetravel.projection.crossings import Crossing, crossings
from timetravel.projection.futures import Futures
from timetravel.projection.hindcasts import GRID, Backtest, Score, backtests, by_horizon, score
from timetravel.projection.kept import TimeRow, kept_runs, published_times, times_of, tweaks_of
from timetravel.projection.limits import Rate, rates
from timetravel.projection.measured import Share, published
from timetravel.projection.milestones import Milestone, milestones
from timetravel.projection.outlook import Outlook, outlooks, path
from timetravel.projection.series import SERIES, Series
from timetravel.projection.traveller import SCENARIOS, Mirror, Sight, checked_from, mirror, repeats, sights
from timetravel.projection.trends import Fit, Record, fits, record
from timetravel.projection.two_points import FIRST_YEAR, RULE, Line, checked_year, published_lines
from timetravel.projection.verdicts import VERDICTS, Claim

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

SCHEMA = 1  # of the public JSON documents


@dataclass(frozen=True)
class ExtrapolateResult:
    """Everything that the report shows. `whole` are the records with all their years, for figures and backtests."""

    to: int
    since: str  # the year looked back at: 1989, 2022 or today
    scenarios: tuple[str, ...]
    chosen: tuple[Series, ...]
    figures: tuple[Milestone, ...]
    whole: Mapping[str, Record]
    futures: Futures
    claims: tuple[Claim, ...]
    outlooks: tuple[Outlook, ...]
    backtests: tuple[Backtest, ...]
    score: Score | None
    crossings: tuple[Crossing, ...]
    fits: tuple[Fit, ...]
    rates: tuple[Rate, ...]
    sights: Mapping[str, Sequence[Sight]]  # sizes, by scenario
    repeats: tuple[Sight, ...]  # times and costs, by the assumptions
    mirror: tuple[Mirror, ...]
    shares: tuple[Share, ...]
    rows: tuple[TimeRow, ...]
    references: tuple[Mapping[str, Any], ...]
    lines: tuple[Line, ...]
    finding: str
    notes: tuple[str, ...]
    typed: str  # the command that makes it again
    command: str = "extrapolate"

    @cached_property
    def by_horizon(self) -> dict[tuple[int, int], Score]:
        """The backtests' summary by how many years they look ahead."""
        return by_horizon(self.backtests)

    @cached_property
    def paths(self) -> dict[tuple[str, str], list[Outlook]]:
        """The way of every chosen series to the target, by series and scenario."""
        return {
            (series.name, scenario): path(self.futures, series, scenario)
            for series in self.chosen
            for scenario in self.scenarios
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the public JSON document."""
        from timetravel.projection import document

        return {
            "schema": SCHEMA,
            "command": self.command,
            "to": self.to,
            "from": self.since,
            "scenarios": list(self.scenarios),
            "quantities": [series.name for series in self.chosen],
            "finding": self.finding,
            "claims": [claim.to_dict() for claim in self.claims],
            "verdicts": VERDICTS,
            "projection": [document.outlook(one) for one in self.outlooks],
            "backtests": [document.backtest(one) for one in self.backtests],
            "backtest_grid": [list(cell) for cell in GRID],
            "score": document.scores(self.score, self.by_horizon),
            "crossings": [document.crossing(one) for one in self.crossings],
            "trends": [document.fit(one) for one in self.fits],
            "published_rates": [document.rate(one) for one in self.rates],
            "traveller": {name: [document.sight(one) for one in own] for name, own in self.sights.items()},
            "repeats": [document.sight(one) for one in self.repeats],
            "mirror": [document.mirror(one) for one in self.mirror],
            "shares": [share.to_dict() for share in self.shares],
            "assumptions": [document.assumption(one) for one in self.futures.assumptions.values()],
            "rows": [row.to_dict() for row in self.rows],
            "references": [dict(reference) for reference in self.references],
            "two_points": {"rule": RULE, "lines": [document.line(one, self.to) for one in self.lines]},
        }

    def table(self) -> "pd.DataFrame":
        """Return the way of every chosen series to the target, a row a year and scenario."""
        import pandas as pd

        from timetravel.projection import document

        rows = [document.outlook_row(one) for own in self.paths.values() for one in own]
        return pd.DataFrame(rows, columns=list(document.OUTLOOK_COLUMNS))

    def plots(self, *, dark: bool = False) -> "dict[str, Figure]":
        """Draw the fan charts and the backtests, by file name."""
        from timetravel.show import projection_figures

        return projection_figures.figures_of(self, dark=dark)


@dataclass(frozen=True)
class Question:
    """What is asked of the projection. `store`: the folder of kept runs (None: the run store's own)."""

    to: int = 2055
    since: str = "2022"
    scenario: str | None = None
    chosen: tuple[Series, ...] = SERIES
    figures: tuple[Milestone, ...] | None = None
    assumptions: Mapping[str, Assumption] | None = None
    store: Path | None = None
    typed: str = "timetravel extrapolate"


def extrapolate(asked: Question) -> ExtrapolateResult:
    """Project to a year and judge the essay's claims.

    Raises UsageError for a year out of range or not after the one looked back at, and for milestones that are too few
    for a trend; DataError for published results that are damaged.
    """
    to = checked_year(asked.to)
    figures = asked.figures or milestones()
    checked_from(asked.since, to, figures)
    whole = {series.name: record(series, figures) for series in SERIES}
    standing = {name: one.until(min(one.last, to - 1)).checked(to) for name, one in whole.items()}
    futures = Futures(to, standing, asked.assumptions or defaults())
    runs, notes = kept_runs(asked.store or default_folder())
    rows, left_out = times_of(runs)
    shares = [*published(), *tweaks_of(runs)]
    judged = claims(futures, figures, shares)
    scenarios = (asked.scenario,) if asked.scenario else SCENARIOS
    names = [series.name for series in asked.chosen]
    tested = [one for one in backtests(list(whole.values())) if one.series.name in names]
    met = tuple(one for one in crossings(futures) if one.series in names)
    quantities = {series.quantity for series in asked.chosen}
    lines = [*published_lines(), *(row.line() for row in rows if FIRST_YEAR < row.runs[0].year < to)]
    return ExtrapolateResult(
        to=to,
        since=asked.since,
        scenarios=scenarios,
        chosen=asked.chosen,
        figures=figures,
        whole=whole,
        futures=futures,
        claims=judged,
        outlooks=tuple(outlooks(futures, asked.chosen, scenarios)),
        backtests=tuple(tested),
        score=score(tested),
        crossings=met,
        fits=tuple(one for one in fits(figures) if one.quantity in quantities),
        rates=tuple(one for one in rates() if one.quantity in quantities),
        sights={name: sights(futures, figures, asked.since, name) for name in scenarios},
        repeats=tuple(repeats(futures, figures, asked.since)),
        mirror=tuple(mirror(futures, figures, rows)),
        shares=tuple(shares),
        rows=tuple(rows),
        references=tuple(published_times()),
        lines=tuple(lines),
        finding=finding(judged, to),
        notes=(*notes, *left_out),
        typed=asked.typed,
    )


def finding(judged: Sequence[Claim], to: int) -> str:
    """Say what the verdicts come to."""
    parts = [
        f"{', '.join(claim.id for claim in judged if claim.verdict == verdict)}: {verdict}"
        for verdict in VERDICTS
        if any(claim.verdict == verdict for claim in judged)
    ]
    return f"Of the essay's claims about {to}, {'; '.join(parts)}."
