"""The essay's seven claims about 2055, each with its evidence, and what they come to."""

from collections.abc import Sequence
from typing import Final

from timetravel.numbers import listed
from timetravel.projection import verdicts
from timetravel.projection.foundations import from_scratch
from timetravel.projection.futures import Futures
from timetravel.projection.larger import ten_million
from timetravel.projection.macro import macro
from timetravel.projection.measured import infrastructure, more_data, tweaks
from timetravel.projection.minute import one_minute
from timetravel.projection.packaged import Row

ESSAYS_YEAR: Final = 2055
NUMBERS: Final = ("none", "one", "two", "three", "four", "five", "six", "seven")


def claims(futures: Futures, figures: Sequence[Row], shares: Sequence[Row]) -> list[Row]:
    """Judge all seven. `figures`: the milestones that the futures' records were made of.

    Raises DataError for a published result that is damaged.
    """
    return [
        macro(figures, futures.to),
        ten_million(futures, figures),
        one_minute(futures, figures),
        tweaks(shares),
        more_data(shares),
        infrastructure(shares, figures),
        from_scratch(),
    ]


def finding(found: Sequence[Row], to: int) -> str:
    """Say what the verdicts come to."""
    counts = {word: sum(one["verdict"] == word for one in found) for word in (*verdicts.VERDICTS, *verdicts.CHANCES)}
    told = [
        f"{NUMBERS[count]} {verdicts.PLURAL[word] if count > 1 else verdicts.SINGULAR[word]}"
        for word, count in counts.items()
        if count
    ]
    taken = "" if to == ESSAYS_YEAR else f", taken for {to}"
    return (
        f"In 2022 Andrej Karpathy wrote how deep learning will look back from {ESSAYS_YEAR}. Of his seven "
        f"claims{taken}, by what is known today, {listed(told)}."
    )
