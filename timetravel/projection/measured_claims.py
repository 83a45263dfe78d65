"""Claims D, E and F, about shares of mistakes: judged by whole intervals, own or published."""

from collections.abc import Sequence
from typing import Any, Final

from timetravel.digits import TRAIN_SIZE_1989
from timetravel.numbers import interval, significant
from timetravel.numbers import short as two_digits
from timetravel.projection.far_claims import ESSAY
from timetravel.projection.measured import LADDERS, SIZE_COMMAND, Share
from timetravel.projection.packaged import Row, limits
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


def intervals(shares: Sequence[Share]) -> list[Interval]:
    """Return the lows and highs."""
    return [(one.low, one.high) for one in shares]


def evidence(shares: Sequence[Share]) -> list[str]:
    """Return a sentence for each share, with the command that makes one's own where there is one."""
    return [
        f"{one.what}: {one.mean:.0f} % [{one.low:.0f}, {one.high:.0f}], {one.source}"
        + (f"; your own: `{one.command}`." if one.command else ".")
        for one in shares
    ]


def sources(own: Sequence[Share], *others: Row) -> tuple[str, ...]:
    """Return the essay, others' sources, and where the package's own shares stand, each once."""
    return tuple(dict.fromkeys((ESSAY, *(one["source"] for one in others), *(one.source for one in own))))


def number(main: Share, own: Sequence[Share], part: str = "") -> dict[str, Any]:
    """Return what a claim says of the share that it shows. `part`: of which part of the claim, if not the whole."""
    return {
        "kind": "published" if main not in own else "measured here" if main.here else "published here",
        "about": main.what,
        "value": significant(main.mean, 2),
        "low": significant(main.low, 2),
        "high": significant(main.high, 2),
        "unit": "%",
        "interval": main.interval,
        "shown": f"{interval(main.mean, main.low, main.high, '.0f')} %{part}",
    }


def tweaks(shares: Sequence[Share]) -> Claim:
    """D: tweaks alone about halve the error."""
    own = [one for one in shares if one.cause == "tweaks"]
    kept = limits()["error kept by ResNet-50"]
    resnet = 100 * (1 - kept["value"])
    missing = f"make it with `{LADDERS['mnist']}`"
    main = next((one for one in own if one.here), own[0] if own else None)
    return Claim(
        id="D",
        short="tweaks alone halve the error",
        claim=f"tweaks alone halve the error of {LAST_YEAR}'s models",
        verdict=by_halves([*intervals(own), (resnet, resnet)]) if own else NOT_MEASURED,
        changes_short="a ladder on a large net",
        changes="Ladders on nets of 2022's size, at fixed data and size, with the whole interval on one side of a "
        "half. What is measured is the net of 1989 on digits; on larger nets less is known: what recipes give grows "
        "with scale.",
        evidence=(
            *evidence(own),
            f"Published: ResNet-50 with recipes of 2021 makes {resnet:.0f} % fewer errors than in 2015, same data.",
        ),
        sources=sources(own, kept),
        **(number(main, own) if main else {"kind": "published", "about": missing, "shown": missing, "unit": "%"}),
    )


def more_data(shares: Sequence[Share]) -> Claim:
    """E: data alone gives modest gains; read here as a gain, and of fewer than half of the mistakes.

    The number shown is the learning curve's with the recipe of 2022, the one that claim D shows as well.
    """
    own = [one for one in shares if one.cause == "data"]
    exponent = limits()["data exponent"]
    law = Share(
        "data",
        "seven times the examples by published laws",
        *fewer(MORE / TRAIN_SIZE_1989),
        f"arithmetic on {exponent['source']}",
        interval="range of the published exponent",
    )
    judged = [*own, law]
    _, low_ten, high_ten = fewer(10)
    return Claim(
        id="E",
        short="data alone gives modest gains",
        claim="data alone gives modest gains",
        verdict=by_modest_gains(intervals(judged)),
        changes_short="a gain with its whole interval above 0, or half removed",
        changes="Learning curves whose whole intervals lie above zero: that more data helps at all is not resolved on "
        "every curve. Or one on which seven times the data, and nothing else, removes half of the mistakes. 'Modest' "
        "is our reading: fewer than half, and above zero. Digits are a small task; on others the exponent may be "
        "larger.",
        evidence=(
            *evidence(judged),
            f"Seven times the data at the largest published exponent is {law.high:.2f} %, against {HALF:.0f}: the rule "
            f"is narrow there. For ten times the data the same exponents give {low_ten:.0f} to {high_ten:.0f} %.",
        ),
        sources=sources(own, exponent),
        **number(next((one for one in own if one.era == "2022"), judged[0]), own),
    )


def fewer(times: float) -> tuple[float, float, float]:
    """Return the mistakes that so many times the examples remove by the published exponent: middle, low, high; %."""
    exponent = limits()["data exponent"]
    middle, low, high = (100 * (1 - times ** -exponent[part]) for part in ("value", "low", "high"))
    return middle, low, high


def infrastructure(shares: Sequence[Share]) -> Claim:
    """F: beyond that, gains need infrastructure and research. Only the part about infrastructure is judged."""
    own = [one for one in shares if one.cause == "size"]
    both = [one for one in shares if one.cause == "both"]
    part, spent, product = (limits()[name] for name in ("share from compute", "capital spending", "world product"))
    published = Share(
        "compute",
        "share of language-model gains that compute brought, 2014-2023",
        100 * part["value"],
        100 * part["low"],
        100 * part["high"],
        part["source"],
        interval="published range",
    )
    missing = () if own else (f"Size is not measured yet: `{SIZE_COMMAND}` does it.",)
    return Claim(
        id="F",
        short="more takes infrastructure, research",
        claim="gains beyond that take infrastructure and research",
        verdict=by_infrastructure(intervals(own), (published.low, published.high)),
        changes_short="research measured",
        changes="A measurement of research, without which it holds in part at most. Against the infrastructure part: "
        "leading results from runs that cost no more than those before. Recipes and compute don't come apart: what "
        "recipes give grows with scale (Gundlach et al. 2025, https://arxiv.org/abs/2511.21622).",
        evidence=(
            *evidence([*own, *both, published]),
            "Research is not measured: the verdict is on the infrastructure part alone.",
            f"Published: four companies plan to spend {two_digits(spent['value'])} dollars of capital in 2026, "
            f"{100 * spent['value'] / product['value']:.1f} % of the world product, not all of it for nets.",
            *missing,
        ),
        sources=sources(own, part, spent),
        **number(max(own, key=lambda one: one.mean, default=published), own, " (infrastructure part)"),
    )
