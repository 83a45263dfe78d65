"""What the tests of the projection share."""

from dataclasses import replace

import pytest

from timetravel.projection.futures import Futures
from timetravel.projection.inputs import defaults, milestones, whole_until
from timetravel.projection.series import SERIES
from timetravel.projection.trends import learnt, record


@pytest.fixture(scope="session")
def whole():
    """Return the records of all series, with whole years, before their spreads are learnt."""
    return {series.name: record(series, milestones(), whole_until(milestones())) for series in SERIES}


@pytest.fixture(scope="session")
def records(whole):
    return learnt(whole)


@pytest.fixture(scope="session")
def futures(records):
    """Return what makes futures with some assumptions fixed to a value."""

    def made(to=2055, **changes):
        held = {name: replace(defaults()[name], low=value, high=value) for name, value in changes.items()}
        return Futures(to, records, defaults() | held)

    return made
