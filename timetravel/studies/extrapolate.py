"""The projection report: the essay's seven claims against trends, limits and what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from timetravel.engine.runs import Run
from timetravel.engine.store import Store
from timetravel.projection import outlook
from timetravel.projection.claims import claims, finding
from timetravel.projection.futures import Futures
from timetravel.projection.hindcasts import GRID, backtests, scores
from timetravel.projection.inputs import COLUMNS, Assumption, checked_from, defaults, milestones
from timetravel.projection.kept import kept_runs, published_times, time_line, times_of, tweaks_of
from timetravel.projection.measured import published_shares
from timetravel.projection.packaged import Row, cited, limits, plain
from timetravel.projection.series import CLAIM, FIRST_YEAR, RULE, SERIES, Series, checked_year, line
from timetravel.projection.series import figures as essay
from timetravel.projection.trends import fits, record
from timetravel.projection.verdicts import VERDICTS
from timetravel.studies.base import Document, Study


@dataclass(frozen=True)
class Extrapolate(Study):
    """A year ahead, what is looked back at from it, and what the projection stands on. It trains nothing.

    `since`: 1989, 2022 or today. `scenario`: one only, or None for all. `figures`, `assumptions`: a user's own, or None
    for the package's. `store`: the folder of kept runs (None: the run store's own). `typed`: the command for all this.
    """

    command: ClassVar[str] = "extrapolate"
    measures: ClassVar[bool] = False
    to: int = 2055
    since: str = "2022"
    scenario: str | None = None
    chosen: tuple[Series, ...] = SERIES
    figures: tuple[Row, ...] | None = None
    assumptions: Mapping[str, Assumption] | None = None
    store: Path | None = None
    typed: str = "timetravel extrapolate"

    def result(self, runs: Sequence[Run] = ()) -> Document:  # noqa: ARG002
        """Project to the year and judge the essay's claims.

        Raises UsageError for a year out of range or not after the one looked back at, and for milestones that are too
        few for a trend; DataError for published results that are damaged.
        """
        to, figures = checked_year(self.to), self.figures or milestones()
        checked_from(self.since, to, figures)
        whole = {series.name: record(series, figures) for series in SERIES}
        standing_now = {name: one.standing(to) for name, one in whole.items()}
        futures = Futures(to, standing_now, self.assumptions or defaults())
        kept, notes = kept_runs(Store(self.store))
        times, left_out = times_of(kept)
        shares = [*published_shares(), *tweaks_of(kept)]
        judged = claims(futures, figures, shares)
        scenarios = (self.scenario,) if self.scenario else outlook.SCENARIOS
        names, quantities = ({getattr(one, part) for one in self.chosen} for part in ("name", "quantity"))
        tested = backtests([whole[one.name] for one in self.chosen])
        met = [one for one in outlook.crossings(futures) if one["quantity"] in names]
        fitted = [line(name, to) for name, year in essay() if year == FIRST_YEAR]
        fitted += [time_line(row, to) for row in times if FIRST_YEAR < row["year"] < to]
        rates = [row | {"period": "{period_from:.4}-{period_to:.4}".format(**row)} for row in cited("growth_rates")]
        fastest = min((row["seconds_a_net"]["median"] for row in times), default=None)
        errors = ("error_oom", "line_error_oom")
        return {
            "to": to,
            "from": self.since,
            "scenarios": scenarios,
            "scenarios_are": {name: outlook.KINDS[name] for name in scenarios},
            "quantities": [series.name for series in self.chosen],
            "finding": finding(judged, to),
            "claims": judged,
            "verdicts": VERDICTS,
            "projection": outlook.outlooks(futures, self.chosen, scenarios),
            "paths": [outlook.path(futures, series.name, name) for series in self.chosen for name in scenarios],
            "series": [outlook.standing(futures, one, whole[one.name], figures, met) for one in self.chosen],
            "milestones": [{name: one[name] for name in COLUMNS} | {"time": plain(one["time"])} for one in figures],
            "backtests": [one | {name: round(one[name], 3) for name in errors} for one in tested],
            "backtest_grid": GRID,
            "score": scores(tested),
            "crossings": met,
            "limits": list(limits().values()),
            "trends": [one for one in fits(figures) if one["quantity"] in quantities],
            "published_rates": [row for row in rates if row["quantity"] in quantities],
            "traveller": {name: outlook.sights(futures, figures, self.since, name) for name in scenarios},
            "repeats": outlook.repeats(futures, figures, self.since),
            "mirror": outlook.mirror(futures, figures, fastest),
            "shares": shares,
            "assumptions": [vars(one) | {"allowed": [one.least, one.most]} for one in futures.assumptions.values()],
            "rows": times,
            "references": published_times(),
            "two_points": {"rule": RULE, "yearly_factor_claimed": plain(CLAIM ** (1 / 33)), "lines": fitted},
            "notes": [*notes, *left_out],
            "typed": self.typed,
        }
