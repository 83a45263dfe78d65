"""What the tests of the projection share."""

from dataclasses import replace

import pytest

from timetravel.projection.futures import Futures
from timetravel.projection.inputs import defaults, milestones
from timetravel.projection.series import SERIES
from timetravel.projection.trends import record


@pytest.fixture(scope="session")
def records():
    return {series.name: record(series, milestones()) for series in SERIES}


@pytest.fixture(scope="session")
def futures(records):
    """Return what makes futures with some assumptions fixed to a value."""

    def made(to=2055, **changes):
        held = {name: replace(defaults()[name], low=value, high=value) for name, value in changes.items()}
        return Futures(to, records, defaults() | held)

    return made
