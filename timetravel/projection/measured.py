"""Claims D, E and F, about shares of mistakes removed, published with the package and of this machine's kept runs."""

import math
from collections.abc import Sequence
from typing import Final

from timetravel.digits import TRAIN_SIZE_1989
from timetravel.numbers import interval, significant
from timetravel.numbers import short as two_digits
from timetravel.projection import verdicts
from timetravel.projection.packaged import Row, cited, limits
from timetravel.projection.pieces import bar, need, part, sensitivity
from timetravel.projection.shares import ESSAY_NET, ends_of, middle, pool, share, told
from timetravel.projection.trends import fit
from timetravel.projection.verdicts import HALF

YEARS: Final = 33  # from the paper to the essay
RESNET: Final = 0.196, 50_000, 6  # error of the recipe of 2021 (80.4 % right), photographs that measured it, years
POOLED: Final = "95 % interval of the mean of {} estimates, random effects"


def _resting(main: Row, own: Sequence[Row], others: Sequence[Row], facts: Sequence[Row], *more: str) -> Row:
    """Return what a claim says of the share that it shows, `main`, and its evidence.

    That is a sentence for each share, measured by the package (`own`) or others, with the command that makes one's own
    where there is one, and more sentences. The sources, of `facts` as well, are each named once.
    """
    evidence = []
    for one in (*own, *others):
        yours = f"; your own: `{one['command']}`." if one["command"] else "."
        apart = f" Not pooled: {one['apart']}." if one["apart"] else ""
        evidence.append(f"{one['what']}: {told(one)}, {one['source']}{yours}{apart}")
    mean, low, high = ends_of(main)
    return {
        "kind": "measured here" if main["here"] else "published here",
        "about": main["what"],
        **dict(zip(("value", "low", "high"), (significant(end, 2) for end in (mean, low, high)), strict=True)),
        "unit": "%",
        "interval": main["interval"],
        "shown": f"{interval(mean, low, high, '.0f')} %",
        "evidence": [*evidence, *more],
        "sources": tuple(dict.fromkeys(one["source"] for one in (*facts, *own))),
    }


def tweaks(found: Sequence[Row]) -> Row:
    """D: tweaks alone about halve the error.

    The number shown is 2022 against 1989 on mnist, of one's own kept runs where there are such.
    """
    own, resnet = [one for one in found if one["cause"] == "tweaks"], large_net()
    main = max(
        own, key=lambda one: (one["data"] == "mnist", one["era"] == "2022", one["against"] == "1989", one["here"])
    )

    def sets(against: str = "1989", era: str = "2022") -> list[Row]:
        alike = [one for one in own if not one["here"] and (one["against"], one["era"]) == (against, era)]
        return [*reversed({one["data"]: one for one in reversed(alike)}.values()), resnet]

    settings = sets()
    base = "1989", middle(settings)
    bars = [bar("compared with", base, (ESSAY_NET, middle(sets(ESSAY_NET))))]
    bars += [bar("recipe compared", ("2022", base[1]), ("today", middle(sets(era="today"))))]
    bars += _each_left_out(settings, [one["data"] for one in settings])
    *_, years = RESNET
    yearly = 100 * (1 - limits()["error kept by ResNet-50"]["value"] ** (1 / years))
    needs = [
        need(main["what"], f"{HALF:.0f} % or more, whole interval", told(main), main["source"]),
        need("on a net of 2022's size", f"{HALF:.0f} % or more, whole interval", told(resnet), resnet["source"]),
        need(
            f"fewer errors a year, for {YEARS} years",
            f"{100 * (1 - 0.5 ** (1 / YEARS)):.1f} %",
            f"{yearly:.1f} % (ResNet-50, {years} years)",
            resnet["source"],
        ),
    ]
    resting = _resting(
        main, own, [resnet], [resnet],
        "Shares on one data set have the same test digits, and both nets of 1989 are compared with the same later "
        "nets: they are not independent. Three data sets are too few for the chance of a new one; ResNet-50's pace of "
        f"{yearly:.1f} % a year halves errors in {math.log(2) / -math.log(1 - yearly / 100):.0f} years.",
    )  # fmt: skip
    rest = resting | {
        "sentence": f"{main['era']}'s make {told(main)} fewer mistakes on digits than {main['against']}'s; ResNet-50's "
        f"{ends_of(resnet)[0]:.0f} % in {years} years.",
        "parts": [part(one["what"], _half(one), told(one)) for one in (*own, resnet)],
        "sensitivity": sensitivity("mistakes removed, data sets pooled", "%", base[1], bars),
        "needs": needs,
    }
    return verdicts.judged("D", verdicts.by_parts(_half(one) for one in (*own, resnet)), rest)


def large_net() -> Row:
    """Return what recipes of 2021 removed of ResNet-50's errors of 2015, published: the one large net.

    The interval is arithmetic: two errors, each counted on 50,000 photographs, taken for independent.
    """
    kept, (error, photographs, years) = limits()["error kept by ResNet-50"], RESNET
    before = error / kept["value"]
    sure = 1.96 * kept["value"] * math.sqrt((1 / error + 1 / before - 2) / photographs)
    ends = [100 * (1 - kept["value"] - shift * sure) for shift in (0, 1, -1)]
    what = (
        f"ResNet-50 with recipes of 2021 against those of 2015, {photographs:,} photographs (ImageNet), {years} years"
    )
    return share("tweaks", what, ends, kept["source"], "95 % interval, new photographs", data="ImageNet")


def _half(one: Row) -> bool | None:
    return verdicts.at_least_half(*ends_of(one)[1:])


def _each_left_out(found: Sequence[Row], names: Sequence[str]) -> list[Row]:
    """Return a bar for each share: the others pooled without it, and itself alone."""
    return [
        bar(name, ("left out", middle([other for other in found if other is not one])), ("alone", middle([one])))
        for one, name in zip(found, names, strict=True)
        if len(found) > 1
    ]


def more_data(found: Sequence[Row]) -> Row:
    """E: data alone gives modest gains; read here as a gain, and of fewer than half of the mistakes.

    The number shown pools the curves on which each digit is shown as often.
    """
    own = [one for one in found if one["cause"] == "data"]
    curves, apart = ([one for one in own if bool(one["apart"]) is aside] for aside in (False, True))
    together = pool(curves)
    main = curves[0]
    if together:
        about = f"7 times the digits, each shown as often, 9,760 weights: {len(curves)} recipes pooled"
        ends = together.mean, *together.interval
        main = share("data", about, ends, main["source"], POOLED.format(len(curves)))
    exponent = limits()["data exponent"]
    law = share(
        "data",
        "seven times the examples by published laws",
        _fewer(50_000 / TRAIN_SIZE_1989),
        f"arithmetic on {exponent['source']}",
        "range of the published exponent",
    )
    parts = [main, *(curves if together else ()), law]
    _, low_ten, high_ten = _fewer(10)
    narrow = (
        f"Seven times the data at the largest published exponent is {ends_of(law)[2]:.2f} %, against {HALF:.0f}: the "
        f"rule is narrow there. For ten times the data the same exponents give {low_ten:.0f} to {high_ten:.0f} %."
    )
    shared = (
        "The curves that are pooled have the same test digits and the same training digits; the chance is of another "
        "recipe on such digits, not of another task."
    )
    bars = _each_left_out(curves, [one["era"] for one in curves])
    for name, chosen in (
        ("curves with other epochs", [one for one in apart if "examples" not in one["apart"]]),
        ("curves on as many examples in all", [one for one in apart if "examples" in one["apart"]]),
    ):
        if chosen:
            bars.append(bar(name, ("left out", middle(curves)), ("pooled as well", middle([*curves, *chosen]))))
    most = math.log(2) / math.log(50_000 / TRAIN_SIZE_1989)
    exponents = interval(exponent["value"], exponent["low"], exponent["high"], ".2f")
    rest = _resting(main, own, [law], [exponent], shared, narrow) | {
        "sentence": f"Seven times the digits removed {told(main)} of a small network's mistakes.",
        "probability": together.chance(0, HALF) if together else None,
        "parts": [part(one["what"], _modest(one), told(one)) for one in parts],
        "sensitivity": sensitivity("mistakes removed, curves pooled", "%", middle(curves), bars),
        "needs": [
            need("a gain: mistakes removed", "more than 0 %, whole interval", told(main), main["source"]),
            need("a modest one: mistakes removed", f"under {HALF:.0f} %, whole interval", told(main), main["source"]),
            need("exponent of the data, for 7 times", f"under {most:.2f}", exponents, exponent["source"]),
            need("exponent of the data, for 10 times", f"under {math.log10(2):.2f}", exponents, exponent["source"]),
        ],
    }
    return verdicts.judged("E", verdicts.by_modest_gains([ends_of(one)[1:] for one in parts]), rest)


def _modest(one: Row) -> bool | None:
    _, low, high = ends_of(one)
    return True if low > 0 and high < HALF else False if low >= HALF or high <= 0 else None


def _fewer(times: float) -> list[float]:
    """Return the mistakes that so many times the examples remove by the published exponent: middle, low, high; %."""
    return [100 * (1 - times ** -limits()["data exponent"][end]) for end in ("value", "low", "high")]


def infrastructure(found: Sequence[Row], figures: Sequence[Row]) -> Row:
    """F: beyond that, gains need infrastructure and research: larger nets, compute, algorithms, ever dearer runs."""
    own, both, recipes = ([one for one in found if one["cause"] == cause] for cause in ("size", "both", "tweaks"))
    brought, spent, product = (limits()[name] for name in ("share from compute", "capital spending", "world product"))
    ends = [100 * brought[end] for end in ("value", "low", "high")]
    expected, came = (row for row in cited("growth_rates") if row["quantity"] == "effective compute")
    about = "share of language-model gains that {} brought, 2014-2023", brought["source"], "published range"
    compute = share("compute", about[0].format("compute"), ends, *about[1:])
    left = [100 - ends[place] for place in (0, 2, 1)]
    research = share("algorithms", about[0].format("algorithms (research)"), left, *about[1:])
    line = fit([one for one in figures if one["quantity"] == "training cost"])
    cost = line and interval(line["growth_per_year"], line["low"], line["high"])
    size = max(own, key=lambda one: ends_of(one)[0])
    fixed = [one for one in recipes if (one["here"], one["era"], one["against"]) == (False, "2022", "1989")]
    gave = "; ".join([told(research), *(f"here {told(one)}" for one in fixed)])
    needs = [
        need("larger nets: mistakes removed", "more than 0 %, whole interval", told(size), size["source"]),
        need("gains that compute brought", f"{HALF:.0f} % or more, whole range", told(compute), compute["source"]),
        need("gains of research: algorithms; recipes", "all more than 0 %, whole interval", gave, research["source"]),
        need(
            "cost of a large run, times a year", "above 1, whole interval", cost or "too few figures", "milestones.csv"
        ),
    ]
    above = [_above(one) for one in (research, *fixed)]
    holds = [
        _above(size),
        _half(compute),
        False if False in above else None if None in above else True,
        verdicts.above(line["low"], line["high"], 1.0) if line else None,
    ]
    rest = _resting(
        size,
        own,
        [*both, compute, research],
        [brought, spent],
        *(f"What recipes give with data and size fixed: {told(one)} ({one['what']})." for one in fixed),
        f"Published: four companies plan to spend {two_digits(spent['value'])} dollars of capital in 2026, "
        f"{100 * spent['value'] / product['value']:.1f} % of the world product, not all of it for nets.",
        "Recipes and compute don't come apart fully: what recipes give grows with scale.",
        f"Against compute's large share: effective compute was to grow {expected['growth_per_year']:g} times a year "
        f"({expected['source']}); {came['growth_per_year']:g} came ({came['source']}), most of the gap by algorithms.",
    ) | {
        "sentence": f"A larger network errs {told(size)} less; runs cost {cost or 'some'} times as much a year.",
        "parts": [part(one["what"], so, one["now"]) for one, so in zip(needs, holds, strict=True)],
        "needs": needs,
        "sensitivity": sensitivity(
            "mistakes that size removes", "%", ends_of(size)[0],
            [bar("size and data", ("size alone", ends_of(size)[0]), ("both", ends_of(one)[0])) for one in both],
        ),
    }  # fmt: skip
    return verdicts.judged("F", verdicts.by_parts(holds), rest)


def _above(one: Row) -> bool | None:
    return verdicts.above(*ends_of(one)[1:])
