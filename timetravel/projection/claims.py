"""The essay's seven claims about 2055, each with its evidence, a number with an interval, and a verdict by rule."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from timetravel.projection.futures import SECONDS_A_MINUTE, Futures, band, band_of_logs
from timetravel.projection.limits import limits
from timetravel.projection.measured import DATA_COMMAND, LADDERS, SIZE_COMMAND, Share
from timetravel.projection.numbers import rough, rough_time, significant
from timetravel.projection.numbers import short as two_digits
from timetravel.projection.series import CLAIM
from timetravel.projection.traveller import best
from timetravel.projection.two_points import LAST_YEAR
from timetravel.projection.verdicts import (
    FAILS,
    HALF,
    HOLDS,
    HOLDS_SO_FAR,
    IN_PART,
    NOT_MEASURED,
    Claim,
    by_futures,
    by_shares,
    chance,
)  # fmt: skip

ESSAY: Final = (
    "Karpathy (2022), Deep Neural Nets: 33 years ago and 33 years from now, "
    "https://karpathy.github.io/2022/03/14/lecun1989/"
)
ASSUMED: Final = "milestones.csv and assumptions.csv of the package, or the files given in their place"
B_PARTS: Final = ("parameters", "parameters-vision", "tokens", "images")


def claims(futures: Futures, shares: Sequence[Share]) -> tuple[Claim, ...]:
    """Judge all seven."""
    return (
        only_bigger(futures.to),
        ten_million(futures),
        one_minute(futures),
        tweaks(shares),
        more_data(shares),
        infrastructure(shares),
        no_more_training(),
    )


def only_bigger(to: int) -> Claim:
    """A: nets are the same on the macro level, only bigger."""
    return Claim(
        id="A",
        short="same nets, only bigger",
        claim=f"the nets of {to} are those of {LAST_YEAR}, only bigger",
        verdict=HOLDS_SO_FAR,
        kind="opinion",
        about="no number measures it",
        value=None, low=None, high=None, unit="", interval="", shown="no number",
        changes="a leading net not trained by gradients",
        changes_more="A leading net that is not made of differentiable layers, or is not trained by gradients through "
        "them. Attention, sparse experts, new optimizers and reinforcement learning are judged to be changes within.",
        evidence=(
            "Here the same program trains the net of 1989 and its recipes of 2022 and today: layers, a loss, "
            "back-propagation, steps.",
            "The largest nets of the milestones up to 2026 are still layers trained by gradients (a judgement).",
        ),
        sources=(ESSAY, "milestones.csv of the package"),
    )  # fmt: skip


def ten_million(futures: Futures) -> Claim:
    """B: data sets and models are 10,000,000 times larger."""
    evidence, chances, unbent, value = [], [], [], None
    for name in B_PARTS:
        if name not in futures.records:
            continue
        record = futures.records[name]
        base = record.at(min(LAST_YEAR, record.last))
        unbent.append(float(np.mean(futures.trend(name, futures.to) - base >= np.log10(CLAIM))))
        bent = futures.limited(name, futures.to) - base
        chances.append(float(np.mean(bent >= np.log10(CLAIM))))
        of_it = band_of_logs(bent)
        value = value or of_it
        evidence.append(
            f"{record.series.label}: {rough(of_it.middle)} times {LAST_YEAR}'s [{rough(of_it.low or 0)}, "
            f"{rough(of_it.high or 0)}] with limits; 10,000,000 times in {chance(chances[-1])} of the limited "
            f"futures and in {chance(unbent[-1])} of those without limits."
        )
    assert value is not None
    evidence.append(
        "Arithmetic: both at once, as a dense net of PaLM's kind, takes 2.5e38 operations: 480 times what all "
        "electricity of 2024 could do in a year at the CMOS limit."
    )
    return Claim(
        id="B",
        short="data and models 10,000,000x larger",
        claim=f"data sets and models of {futures.to} are 10,000,000 times {LAST_YEAR}'s",
        verdict=by_futures(chances),
        kind="extrapolation",
        about=f"parameters of the largest net, times {LAST_YEAR}'s, limited futures",
        value=significant(value.middle, 2), low=significant(value.low or 0, 2), high=significant(value.high or 0, 2),
        unit=f"times {LAST_YEAR}",
        interval="10 % and 90 % quantiles of the limited futures",
        shown=f"{rough(value.middle)}x [{rough(value.low or 0)}, {rough(value.high or 0)}]",
        changes=f"no limits (then: {by_futures(unbent)}), far sparser nets, data in pixels",
        changes_more="Nets of which far less than a fiftieth works on an example (`sparsity`); examples that machines "
        "make without end (`synthetic`); 1 % of the world product and more for one run (`budget_share`); counting "
        f"data sets in pixels or seconds of film. By the trends alone, without limits, it would read "
        f"'{by_futures(unbent)}'.",
        evidence=tuple(evidence),
        sources=(ESSAY, ASSUMED, limits()["CMOS limit"].credit, limits()["world electricity"].credit),
    )  # fmt: skip


def one_minute(futures: Futures) -> Claim:
    """C: 2022's best models train in about a minute on a personal device."""
    evidence, needed, chances, value = [], [], [], None
    vision, largest = best("2022")
    for one in (vision, largest):
        seconds = futures.seconds(one.value, futures.to, since=LAST_YEAR)
        hardware = band(futures.seconds(one.value, futures.to))
        chances.append(float(np.mean(seconds <= SECONDS_A_MINUTE)))
        of_it = band(seconds)
        value = value or of_it
        rate = (hardware.middle / SECONDS_A_MINUTE) ** (1 / (futures.to - LAST_YEAR))
        needed.append(f"{two_digits(rate)} ({one.name})")
        evidence.append(
            f"{one.name} ({two_digits(one.value)} FLOP): {rough_time(of_it.middle)} [{rough_time(of_it.low or 0)}, "
            f"{rough_time(of_it.high or 0)}], a minute or less in {chance(chances[-1])} of the futures; by hardware "
            f"alone {rough_time(hardware.middle)}."
        )
    assert value is not None
    return Claim(
        id="C",
        short=f"{LAST_YEAR}'s best in a minute on a device",
        claim=f"{LAST_YEAR}'s best trains in a minute on a personal device of {futures.to}",
        verdict=by_futures(chances),
        kind="extrapolation",
        about=f"seconds to train {vision.name}, {LAST_YEAR}'s best image classifier, on a device of {futures.to}",
        value=significant(value.middle, 2), low=significant(value.low or 0, 2), high=significant(value.high or 0, 2),
        unit="s",
        interval="10 % and 90 % quantiles of the limited futures",
        shown=f"{rough_time(value.middle)} [{rough_time(value.low or 0)}, {rough_time(value.high or 0)}]",
        changes="the pace of algorithms; chips alone can't",
        changes_more="It hangs on `algorithm_growth`: a minute takes algorithms that gain "
        f"{' and '.join(needed)} times a year for {futures.to - LAST_YEAR} years. A device of kilowatts, or chips past "
        "the CMOS limit, would help as well. The essay's own pair, a workstation and a laptop, was one small net "
        "on one processor: much easier.",
        evidence=tuple(evidence),
        sources=(ESSAY, vision.credit, largest.credit, ASSUMED),
    )  # fmt: skip


def tweaks(shares: Sequence[Share]) -> Claim:
    """D: tweaks alone about halve the error."""
    own = [one for one in shares if one.cause == "tweaks"]
    kept = limits()["error kept by ResNet-50"]
    resnet = 100 * (1 - kept.value)
    main = next((one for one in own if not one.here), own[0] if own else None)
    verdict = by_shares([*((one.low, one.high) for one in own), (resnet, resnet)], at_least=True)
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
    """E: data alone gives modest gains; read here as fewer than half of the mistakes."""
    own = [one for one in shares if one.cause == "data"]
    exponent = limits()["data exponent"]
    fewer = [100 * (1 - (50_000 / 7_291) ** -each) for each in (exponent.low or 0, exponent.value, exponent.high or 0)]
    law = Share(
        "data", "seven times the examples by published laws", fewer[1], fewer[0], fewer[2],
        f"arithmetic on {exponent.credit}", DATA_COMMAND, "range of the published exponent",
    )  # fmt: skip
    judged = [*own, law]
    return measured_claim(
        "E",
        "data alone gives modest gains",
        "data alone gives modest gains",
        by_shares([(one.low, one.high) for one in judged], at_least=False),
        judged[0],
        own,
        judged,
        f"your own: `{DATA_COMMAND}`",
        "7x data removing half the errors",
        "A learning curve on which seven times the data, and nothing else, removes half of the mistakes or more. "
        "'Modest' is our reading: fewer than half. Digits are a small task; on others the exponent may be larger.",
        (),
        (exponent.credit,),
    )


def infrastructure(shares: Sequence[Share]) -> Claim:
    """F: beyond that, gains need infrastructure and research."""
    own = [one for one in shares if one.cause == "size"]
    part = limits()["share from compute"]
    published = Share(
        "compute", "share of language-model gains that compute brought, 2014-2023",
        100 * part.value, 100 * (part.low or 0), 100 * (part.high or 0), part.credit, SIZE_COMMAND, "published range",
    )  # fmt: skip
    size_helps = bool(own) and all(one.low > 0 for one in own)
    compute_leads = published.low >= HALF
    main = max(own, key=lambda one: one.mean, default=published)
    both = [one for one in shares if one.cause == "both"]
    missing = () if own else (f"Size is not measured yet: `{SIZE_COMMAND}` does it.",)
    return measured_claim(
        "F",
        "more takes infrastructure, research",
        "gains beyond that take infrastructure and research",
        HOLDS if size_helps and compute_leads else IN_PART if size_helps or compute_leads else FAILS,
        main,
        own,
        [*own, *both, published],
        f"your own: `{SIZE_COMMAND}`",
        "better large nets without more compute",
        "Leading results from runs that cost no more than those before. The part about research is not measured, and "
        "recipes and compute don't come apart: what recipes give grows with scale (Gundlach et al. 2025, "
        "https://arxiv.org/abs/2511.21622).",
        (
            "Published: four companies plan to spend 6.5e11 dollars of capital in 2026, half a percent of the world "
            "product, not all of it for nets.",
            *missing,
        ),
        (part.credit, limits()["capital spending"].credit),
    )


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
) -> Claim:
    """Make a claim that rests on shares of mistakes removed: `found` by the package, `evidence` all that is told."""
    lines = [
        f"{one.what}: {one.mean:.0f} % [{one.low:.0f}, {one.high:.0f}], {one.source}; your own: `{one.command}`."
        for one in evidence
    ]
    return Claim(
        letter, short, claim, verdict, "measured" if main in found else "published",
        missing if main is None else main.what,
        None if main is None else significant(main.mean, 2),
        None if main is None else significant(main.low, 2),
        None if main is None else significant(main.high, 2),
        "%",
        "" if main is None else main.interval,
        missing if main is None else f"{main.mean:.0f} % [{main.low:.0f}, {main.high:.0f}]",
        changes, more, (*lines, *also),
        tuple(dict.fromkeys((ESSAY, *sources, *(one.source for one in found)))),
    )  # fmt: skip


def no_more_training() -> Claim:
    """G: training from scratch fades."""
    part = limits()["built on another"]
    return Claim(
        id="G",
        short="training from scratch fades",
        claim="training from scratch fades: finetuning, distilling, asking",
        verdict=NOT_MEASURED,
        kind="nothing yet",
        about="a later version's `timetravel foundation` measures it on digits",
        value=None, low=None, high=None, unit="", interval="",
        shown="-",
        changes="a later `timetravel foundation`",
        changes_more="A measurement in miniature, which a later version's `timetravel foundation` will make: pretrain, "
        "finetune, distil. Published counts lean half its way: the field is filled in unevenly.",
        evidence=(
            f"Published: {100 * part.value:.0f} % [{100 * (part.low or 0):.0f}, {100 * (part.high or 0):.0f}] of "
            "notable models of 2022 to 2025 name a model they build on, 0 to 14 % before; new bases are still trained.",
        ),
        sources=(ESSAY, part.credit),
    )  # fmt: skip
