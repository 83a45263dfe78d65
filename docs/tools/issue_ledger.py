"""Writes the ledger's statements with their probabilities: `python docs/tools/issue_ledger.py`, in a checkout.

Writes timetravel/projection/ledger.csv. Run it once for each year that statements are issued for: a ledger whose
numbers move afterwards is none. What is stated follows one rule, for statements about years to come and for hindcasts
alike: every series that a public table goes on with, wherever its figures are as long and as recent as below, and of
its record the multiples in FACTORS, to one digit. They were chosen so that probabilities spread, with no look at what
came. A threshold that the figures have reached when the statement is written is left out.
"""

import csv
import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from timetravel.files import write_whole
from timetravel.numbers import significant
from timetravel.projection.futures import Futures
from timetravel.projection.hindcasts import stood
from timetravel.projection.inputs import defaults, milestones, of_series, whole_until
from timetravel.projection.ledger import COLUMNS, OWN
from timetravel.projection.packaged import Row
from timetravel.projection.series import SERIES, Series
from timetravel.projection.trends import FEWEST_FIGURES, FEWEST_YEARS, Record, learnt, record

ISSUED: Final = "2026-11-27"
DUE: Final = {2016: (2018, 2020), 2020: (2022, 2024), 2022: (2024, 2025), 2025: (2027, 2028, 2030)}  # by standing
OLDEST_FIGURE: Final = 1  # years before the standing that the newest figure may be
FACTORS: Final = ((2, (3,)), (3, (10,)), (99, (10, 100)))  # times the record, up to so many years ahead
SLOW_FACTORS: Final = ((2, (1.5,)), (3, (2,)), (99, (2, 3)))
SLOW: Final = ("price-performance", "memory of a device")
CLAIMS: Final = {  # the others: B
    "training cost": "F", "power of a run": "F", "price-performance": "C", "operations per joule": "C",
    "memory of a device": "C",
}  # fmt: skip
LEAST, MOST = 0.01, 0.99
MODELS: Final = ("Epoch AI, Data on AI Models", "https://epoch.ai/data/ai-models")
CHIPS: Final = ("Epoch AI, Machine Learning Hardware", "https://epoch.ai/data/machine-learning-hardware")
TABLES: Final = {  # by quantity: the public table, and what is read from it
    "parameters": (MODELS, "parameters, all experts counted"),
    "training compute": (MODELS, "training compute"),
    "training tokens": (MODELS, "training dataset size in tokens: different ones, not all that were seen"),
    "training images": (MODELS, "training dataset size in images: different ones, not all that were seen"),
    "training cost": (MODELS, "training compute cost, in dollars of 2023"),
    "active parameters": (MODELS, "parameters that work on a token"),
    "power of a run": (MODELS, "training power draw, in watts"),
    "price-performance": (CHIPS, "FP32 operations a second of a gaming card over its launch price in dollars of 2023"),
    "memory of a device": (CHIPS, "memory of a gaming card, in bytes"),
    "operations per joule": (CHIPS, "peak operations a second, dense, in the smallest number format, over watts"),
}


def issued() -> list[Row]:
    """Return the rows of ledger.csv, hindcasts first."""
    figures = milestones()
    records = {series.name: record(series, figures, whole_until(figures)) for series in SERIES}
    return [row for standing in DUE for row in _issued(standing, records)]


def _issued(standing: int, records: dict[str, Record]) -> Iterator[Row]:
    figures = milestones()
    now = standing == whole_until(figures)
    for due in DUE[standing]:
        futures = Futures(due, learnt(records), defaults()) if now else stood(standing, due, records)
        for series in SERIES:
            known = [one for one in of_series(series, figures) if now or one["year"] <= standing]
            if not _enough(series, known, standing):
                continue
            draws = futures.limited(series.name, due)
            best = max(one["value"] for one in known if one["year"] <= standing)
            for threshold in {significant(factor * best, 1): None for factor in _factors(series, due - standing)}:
                if threshold > max(one["value"] for one in known):
                    share = float(np.mean(draws >= math.log10(threshold)))
                    yield _row(series, standing, due, threshold, min(max(round(share, 2), LEAST), MOST))


def _enough(series: Series, known: list[Row], standing: int) -> bool:
    years = [one["year"] for one in known]
    if series.quantity not in TABLES or len(years) < FEWEST_FIGURES:
        return False
    return bool(standing - min(years) >= FEWEST_YEARS and standing - max(years) <= OLDEST_FIGURE)


def _factors(series: Series, ahead: int) -> tuple[float, ...]:
    factors = SLOW_FACTORS if series.quantity in SLOW else FACTORS
    return next(chosen for most, chosen in factors if ahead <= most)


def _row(series: Series, standing: int, due: int, threshold: float, probability: float) -> Row:
    (table, link), read = TABLES[series.quantity]
    of = f", models with the domain {' or '.join(series.domains)}" if series.domains else ""
    written = f"{threshold:g}".replace("e+0", "e").replace("e+", "e")
    return {
        "id": f"{standing}-{series.name}-{due}-{written}",
        "issued": ISSUED,
        "standing": standing,
        "claim": CLAIMS.get(series.quantity, "B"),
        "quantity": series.name,
        "threshold": written,
        "unit": series.unit,
        "due": due,
        "probability": probability,
        "resolves": (
            f"the largest of the table{of}, dated until {due}-12-31: {read}; put in the columns of milestones.csv; "
            "estimates count"
        ),
        "table": table,
        "link": link,
    }


def written() -> bytes:
    """Return ledger.csv."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(issued())
    return file.getvalue().encode()


if __name__ == "__main__":
    write_whole(Path(OWN), written())
