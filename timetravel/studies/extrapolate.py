"""The projection report: the essay's seven claims against trends, limits and what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from timetravel.engine.runs import Run
from timetravel.engine.store import Store
from timetravel.projection import outlook
from timetravel.projection.claims import claims, finding
from timetravel.projection.factors import factors
from timetravel.projection.futures import Futures
from timetravel.projection.hindcasts import backtests, scores, stood
from timetravel.projection.inputs import COLUMNS, Assumption, checked_from, defaults, milestones, whole_until
from timetravel.projection.kept import kept_runs, tweaks_of
from timetravel.projection.ledger import read, scored, statements
from timetravel.projection.packaged import Row, cited, limits, plain
from timetravel.projection.replay import replay
from timetravel.projection.series import SERIES, Series
from timetravel.projection.shares import published_shares
from timetravel.projection.trends import Record, checked_reach, learnt, record
from timetravel.projection.verdicts import VERDICTS
from timetravel.projection.words import SCALE
from timetravel.studies.base import Document, Study


@dataclass(frozen=True)
class Extrapolate(Study):
    """A year ahead, what is looked back at from it, and what the projection stands on. It trains nothing.

    `since`: whose best is looked back at, 1989, 2022 or today; for a year that is past, where one stands. `figures`,
    `assumptions`, `ledger`: a user's own, or None for the package's. `score_by`: figures that settle its statements.
    `store`: the folder of kept runs (None: the run store's own). `typed`: the command for all this.
    """

    command: ClassVar[str] = "extrapolate"
    measures: ClassVar[bool] = False
    to: int = 2055
    since: str = "2022"
    chosen: tuple[Series, ...] = SERIES
    figures: tuple[Row, ...] | None = None
    assumptions: Mapping[str, Assumption] | None = None
    ledger: tuple[Row, ...] | None = None
    score_by: tuple[Row, ...] | None = None
    store: Path | None = None
    typed: str = "timetravel extrapolate"

    def result(self, runs: Sequence[Run] = ()) -> Document:  # noqa: ARG002
        """Project to the year and judge the essay's claims; or, for a year that is past, say how that fared.

        Raises UsageError for a year that is not after the one looked back at, and for milestones that are too few for a
        trend; DataError for published results that are damaged.
        """
        figures = self.figures or milestones()
        past = checked_from(self.since, self.to, figures)
        until = whole_until(figures)
        whole = {series.name: record(series, figures, until) for series in SERIES}
        if past:
            return self._past(whole, figures)
        futures = Futures(self.to, learnt(whole), self.assumptions or defaults())
        checked_reach(futures.records, self.to)
        return self._ahead(futures, whole, figures)

    def _past(self, whole: Mapping[str, Record], figures: Sequence[Row]) -> Document:
        origin = int(self.since)
        futures = stood(origin, self.to, whole)
        found = replay(futures, whole, figures, origin)
        return {
            "to": self.to,
            "from": self.since,
            "finding": found["finding"],
            "replay": found,
            "milestones": _used(figures),
            "typed": self.typed,
        }

    def _ahead(self, futures: Futures, whole: Mapping[str, Record], figures: Sequence[Row]) -> Document:
        store = Store(self.store)
        kept, notes = kept_runs(store)
        own, unlike = tweaks_of(kept, store)
        shares = [*published_shares(), *own]
        judged = claims(futures, figures, shares)
        names, quantities = ({getattr(one, part) for one in self.chosen} for part in ("name", "quantity"))
        tested = [one for one in backtests(whole) if one["quantity"] in names]
        rates = [row | {"period": "{period_from:.4}-{period_to:.4}".format(**row)} for row in cited("growth_rates")]
        stated = statements(self.ledger or read(), self.score_by or ())
        return {
            "to": self.to,
            "from": self.since,
            "quantities": [series.name for series in self.chosen],
            "finding": finding(judged, self.to),
            "claims": judged,
            "verdicts": VERDICTS,
            "scale": [{"words": words, "low": low, "high": high} for words, low, high in SCALE],
            "factors": factors(futures, figures, self.since),
            "projection": outlook.outlooks(futures, self.chosen),
            "paths": [outlook.path(futures, one.name, name) for one in self.chosen for name in outlook.SCENARIOS],
            "series": [outlook.standing(futures, one, figures) for one in self.chosen],
            "milestones": _used(figures),
            "backtests": tested,
            "score": scores(tested),
            "scored_by_own": bool(self.score_by),
            "limits": list(limits().values()),
            "published_rates": [row for row in rates if row["quantity"] in quantities or self.chosen == SERIES],
            "ledger": stated,
            "ledger_score": scored(stated),
            "replay": None,
            "shares": shares,
            "assumptions": [vars(one) | {"allowed": [one.least, one.most]} for one in futures.assumptions.values()],
            "notes": [*notes, *unlike],
            "typed": self.typed,
        }


def _used(figures: Sequence[Row]) -> list[Row]:
    return [{name: one[name] for name in COLUMNS} | {"time": plain(one["time"])} for one in figures]
