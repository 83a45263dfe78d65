"""Claims D, E and F, about shares of mistakes: judged by whole intervals, own or published."""

from collections.abc import Sequence
from typing import Final

from timetravel.digits import TRAIN_SIZE_1989
from timetravel.numbers import short as two_digits
from timetravel.numbers import significant
from timetravel.projection.far_claims import ESSAY
from timetravel.projection.limits import limits
from timetravel.projection.measured import DATA_COMMAND, LADDERS, SIZE_COMMAND, Share
from timetravel.projection.two_points import LAST_YEAR
from timetravel.projection.verdicts import (
    HALF,
    NOT_MEASURED,
    Claim,
    Interval,
    by_halves,
    by_infrastructure,
    by_modest_gains,
)

MORE: Final = 50_000  # digits of the learning curve's largest part, against 7,291


def tweaks(shares: Sequence[Share]) -> Claim:
    """D: tweaks alone about halve the error."""
    own = [one for one in shares if one.cause == "tweaks"]
    kept = limits()["error kept by ResNet-50"]
    resnet = 100 * (1 - kept.value)
    main = next((one for one in own if one.here), own[0] if own else None)
    verdict = by_halves([*intervals(own), (resnet, resnet)])
    return measured_claim(
        "D",
        "tweaks alone halve the error",
        f"tweaks alone halve the error of {LAST_YEAR}'s models",
        verdict if main else NOT_MEASURED,
        main,
        own,
        own,
        f"make it with `{LADDERS['mnist']}`",
        "a ladder on a large net",
        "Ladders on nets of 2022's size, at fixed data and size, with the whole interval on one side of a half. What "
        "is measured is the net of 1989 on digits; on larger nets less is known: what recipes give grows with scale.",
        (f"Published: ResNet-50 with recipes of 2021 makes {resnet:.0f} % fewer errors than in 2015, same data.",),
        (kept.credit,),
    )


def more_data(shares: Sequence[Share]) -> Claim:
    """E: data alone gives modest gains; read here as a gain, and of fewer than half of the mistakes.

    The number shown is the learning curve's with the recipe of 2022, the one that claim D shows as well.
    """
    own = [one for one in shares if one.cause == "data"]
    exponent = limits()["data exponent"]
    middle, low, high = fewer(MORE / TRAIN_SIZE_1989)
    law = Share(
        "data", "seven times the examples by published laws", middle, low, high, f"arithmetic on {exponent.credit}",
        interval="range of the published exponent",
    )  # fmt: skip
    judged = [*own, law]
    _, low_ten, high_ten = fewer(10)
    return measured_claim(
        "E",
        "data alone gives modest gains",
        "data alone gives modest gains",
        by_modest_gains(intervals(judged)),
        next((one for one in own if one.era == "2022"), judged[0]),
        own,
        judged,
        f"your own: `{DATA_COMMAND}`",
        "a gain with its whole interval above 0, or half removed",
        "Learning curves whose whole intervals lie above zero: that more data helps at all is not resolved on every "
        "curve. Or one on which seven times the data, and nothing else, removes half of the mistakes. 'Modest' is our "
        "reading: fewer than half, and above zero. Digits are a small task; on others the exponent may be larger.",
        (
            f"Seven times the data at the largest published exponent is {high:.2f} %, against {HALF:.0f}: the rule is "
            f"narrow there. For ten times the data the same exponents give {low_ten:.0f} to {high_ten:.0f} %.",
        ),
        (exponent.credit,),
    )


def fewer(times: float) -> tuple[float, float, float]:
    """Return the mistakes that so many times the examples remove by the published exponent: middle, low, high; %."""
    exponent = limits()["data exponent"]
    middle, low, high = (
        100 * (1 - times**-each) for each in (exponent.value, exponent.low or 0, exponent.high or exponent.value)
    )
    return middle, low, high


def infrastructure(shares: Sequence[Share]) -> Claim:
    """F: beyond that, gains need infrastructure and research. Only the part about infrastructure is judged."""
    own = [one for one in shares if one.cause == "size"]
    part = limits()["share from compute"]
    published = Share(
        "compute", "share of language-model gains that compute brought, 2014-2023",
        100 * part.value, 100 * (part.low or 0), 100 * (part.high or 0), part.credit, interval="published range",
    )  # fmt: skip
    main = max(own, key=lambda one: one.mean, default=published)
    both = [one for one in shares if one.cause == "both"]
    missing = () if own else (f"Size is not measured yet: `{SIZE_COMMAND}` does it.",)
    spent, product = limits()["capital spending"], limits()["world product"]
    return measured_claim(
        "F",
        "more takes infrastructure, research",
        "gains beyond that take infrastructure and research",
        by_infrastructure(intervals(own), (published.low, published.high)),
        main,
        own,
        [*own, *both, published],
        f"your own: `{SIZE_COMMAND}`",
        "research measured",
        "A measurement of research, without which it holds in part at most. Against the infrastructure part: leading "
        "results from runs that cost no more than those before. Recipes and compute don't come apart: what recipes "
        "give grows with scale (Gundlach et al. 2025, https://arxiv.org/abs/2511.21622).",
        (
            "Research is not measured: the verdict is on the infrastructure part alone.",
            f"Published: four companies plan to spend {two_digits(spent.value)} dollars of capital in 2026, "
            f"{100 * spent.value / product.value:.1f} % of the world product, not all of it for nets.",
            *missing,
        ),
        (part.credit, spent.credit),
        part=" (infrastructure part)",
    )


def intervals(shares: Sequence[Share]) -> list[Interval]:
    """Return the lows and highs."""
    return [(one.low, one.high) for one in shares]


def measured_claim(
    letter: str,
    short: str,
    claim: str,
    verdict: str,
    main: Share | None,
    found: Sequence[Share],
    evidence: Sequence[Share],
    missing: str,
    changes: str,
    more: str,
    also: tuple[str, ...],
    sources: tuple[str, ...],
    part: str = "",
) -> Claim:
    """Make a claim that rests on shares of mistakes removed: `found` by the package, `evidence` all that is told.

    `part`: which part of the claim the number is of, where it is not the whole.
    """
    lines = [
        f"{one.what}: {one.mean:.0f} % [{one.low:.0f}, {one.high:.0f}], {one.source}"
        + (f"; your own: `{one.command}`." if one.command else ".")
        for one in evidence
    ]
    kind = "published" if main not in found or main is None else "measured here" if main.here else "published here"
    return Claim(
        letter, short, claim, verdict, kind,
        missing if main is None else main.what,
        None if main is None else significant(main.mean, 2),
        None if main is None else significant(main.low, 2),
        None if main is None else significant(main.high, 2),
        "%",
        "" if main is None else main.interval,
        missing if main is None else f"{main.mean:.0f} % [{main.low:.0f}, {main.high:.0f}]{part}",
        changes, more, (*lines, *also),
        tuple(dict.fromkeys((ESSAY, *sources, *(one.source for one in found)))),
    )  # fmt: skip
