"""One series in one year under one scenario."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from timetravel.projection.futures import Band, Futures, band_of_logs
from timetravel.projection.series import Series
from timetravel.projection.two_points import LAST_YEAR, naive

MOST_STEPS: Final = 12  # years on the way that are computed
KINDS: Final = {
    "naive": "arithmetic: the essay's 10,000,000 times in 33 years; its square for compute",
    "trend": "extrapolation of the records, no limits",
    "limited": "extrapolation, bent by the assumed limits",
}


@dataclass(frozen=True)
class Outlook:
    """Where a scenario puts a series in a year. `last` is the record it stands on, of the year `standing`.

    `binding`: the share of the limited futures that each limit bends. Values are in the series' unit. `credit`: whose
    figure the record is that it starts from, with its source.
    """

    series: Series
    scenario: str
    year: int
    band: Band
    in_2022: float
    last: float
    standing: int
    binding: dict[str, float]
    credit: str

    @property
    def year_in_2022(self) -> int:
        """Of which year the record is that stands for 2022: an older one where the figures end before."""
        return min(LAST_YEAR, self.standing)

    @property
    def kind(self) -> str:
        """What it is."""
        return KINDS[self.scenario]


def outlook(futures: Futures, series: Series, scenario: str, year: int) -> Outlook | None:
    """Return a series in a year up to the target; None where the essay, asked for its rule, says nothing of it."""
    record = futures.records[series.name]
    base = 10 ** record.at(min(LAST_YEAR, record.last))
    binding: dict[str, float] = {}
    if scenario == "naive":
        if series.claimed is None:
            return None
        found = Band(None, naive(base, series.claimed, year), None)
    elif scenario == "trend":
        found = band_of_logs(futures.trend(series.name, year))
        if record.unit_spread is None:
            found = Band(None, found.middle, None)
    else:
        found = band_of_logs(futures.limited(series.name, year))
        binding = futures.binding(series.name, year) if year == futures.to else {}
    credit = record.credit(min(LAST_YEAR, record.last) if scenario == "naive" else record.last)
    return Outlook(series, scenario, year, found, base, 10 ** record.values[-1], record.last, binding, credit)


def outlooks(futures: Futures, chosen: Sequence[Series], scenarios: Sequence[str]) -> list[Outlook]:
    """Return the chosen series in the target year under every scenario."""
    found = [outlook(futures, series, scenario, futures.to) for series in chosen for scenario in scenarios]
    return [one for one in found if one is not None]


def path(futures: Futures, series: Series, scenario: str) -> list[Outlook]:
    """Return the way from the last record to the target, in steps of whole years."""
    first = futures.records[series.name].last + 1 if scenario != "naive" else LAST_YEAR + 1
    step = -(-(futures.to - first + 1) // MOST_STEPS)
    years = [*range(first, futures.to, step), futures.to]
    found = [outlook(futures, series, scenario, year) for year in years]
    return [one for one in found if one is not None]
