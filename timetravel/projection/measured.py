"""Claims D, E and F, about shares of mistakes removed, published with the package and of this machine's kept runs.

Claim G, about training from scratch, rests on the published result of `foundation` alone.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

from timetravel import published
from timetravel.digits import TRAIN_SIZE_1989
from timetravel.errors import DataError
from timetravel.numbers import interval, listed, significant
from timetravel.numbers import short as two_digits
from timetravel.projection import verdicts
from timetravel.projection.packaged import Row, limits
from timetravel.projection.verdicts import HALF

FEWEST_SEEDS: Final = 6  # for a verdict
LADDERS: Final = {"mnist": "timetravel modernize --tweaks all", "usps": "timetravel modernize --tweaks all --data usps"}
FOUNDATION: Final = "foundation-usps"
FEW, SHOWN = 1000, 100  # human labels of claim G: at most, and of the number that is shown
PARTS: Final = ("few labels", "no label", "all labels")  # of claim G
AGAIN: Final = "Install the package again."
NEW_DIGITS: Final = "95 % interval, new nets and new digits"


def share(cause: str, what: str, ends: Sequence[float], source: str, interval: str = NEW_DIGITS, **more: Any) -> Row:
    """Return the share of mistakes that a cause (tweaks, data, size or both) removes, percent.

    `ends`: mean, low and high. `what`: against what, on what. More: `command` makes one's own, empty where no command
    here does; `here`: from this machine's kept runs; `era`: whose recipe it is of, where a cause has several.
    """
    about = {"cause": cause, "what": what, "interval": interval, "source": source}
    reduction = dict(zip(("mean", "low", "high"), ends, strict=True))
    return about | {"command": "", "era": "", "here": False} | more | {"reduction_percent": reduction}


def published_shares() -> list[Row]:
    """Return the shares of the published ladders (steps of later eras), learning curve and widths.

    Raises DataError, which names the file, for one that is missing or without what is read from it.
    """
    ladders = [
        shares(f"modernize-{data}", "rows", command, f"{{era}} against 1989 on {data}, {{nets}} seeds")
        for data, command in LADDERS.items()
    ]
    curve = "{era}: {train_size:,} digits against {against:,}"
    widths = "{parameters:,} parameters on {train_size:,} digits, against 9,760 on 7,291"
    data = shares("scale-data-mnist", "reduction", "timetravel scale-data", curve)
    return [*chain(*ladders), *data, *shares("scale-model-mnist", "reduction", "timetravel scale-model", widths)]


def shares(name: str, part: str, command: str, what: str) -> list[Row]:
    """Return the shares in a list of a published result, `what` filled in by row; DataError: none, or one damaged."""
    document, source, found = published.read(name), f"published with the package: {name}.json", []
    try:
        for row in document[part]:
            told, measured, era = row, row, row.get("era") or ""
            if part == "rows":
                told, measured = row | {"nets": len(row["seeds"])}, row["reduction_1989"]
                if era not in ("2022", "today") or measured is None:
                    continue
            ends = [float(measured[end]) for end in ("mean", "low", "high")]
            cause = row.get("cause", "tweaks")
            found.append(share(cause, what.format(**told), ends, source, command=command, era=era))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"The published {name}.json is damaged: {part} {error}.", AGAIN) from error
    if not found:
        raise DataError(f"The published {name}.json has no shares of mistakes in {part!r}.", AGAIN)
    return found


def _ends(one: Row) -> tuple[float, float]:
    return one["reduction_percent"]["low"], one["reduction_percent"]["high"]


def _resting(main: Row, own: Sequence[Row], others: Sequence[Row], facts: Sequence[Row], *more: str) -> Row:
    """Return what a claim says of the share that it shows, `main`, and its evidence.

    That is a sentence for each share, measured by the package (`own`) or others, with the command that makes one's own
    where there is one, and more sentences. The sources, of `facts` as well, are each named once.
    """
    evidence = []
    for one in (*own, *others):
        mean, low, high = one["reduction_percent"].values()
        yours = f"; your own: `{one['command']}`." if one["command"] else "."
        evidence.append(f"{one['what']}: {mean:.0f} % [{low:.0f}, {high:.0f}], {one['source']}{yours}")
    mean, low, high = main["reduction_percent"].values()
    return {
        "kind": "measured here" if main["here"] else "published here",
        "about": main["what"],
        **dict(zip(("value", "low", "high"), (significant(end, 2) for end in (mean, low, high)), strict=True)),
        "unit": "%",
        "interval": main["interval"],
        "shown": f"{interval(mean, low, high, '.0f')} %",
        "evidence": (*evidence, *more),
        "sources": tuple(dict.fromkeys((verdicts.ESSAY, *(one["source"] for one in (*facts, *own))))),
    }


def tweaks(found: Sequence[Row]) -> Row:
    """D: tweaks alone about halve the error."""
    own = [one for one in found if one["cause"] == "tweaks"]
    kept = limits()["error kept by ResNet-50"]
    resnet = 100 * (1 - kept["value"])
    large = f"Published: ResNet-50 with recipes of 2021 makes {resnet:.0f} % fewer errors than in 2015, same data."
    resting = _resting(next((one for one in own if one["here"]), own[0]), own, (), [kept], large)
    rest = {"sources": resting["sources"], **resting}  # in the order that the JSON has
    return verdicts.judged("D", verdicts.by_halves([*map(_ends, own), (resnet, resnet)]), {}, rest)


def more_data(found: Sequence[Row]) -> Row:
    """E: data alone gives modest gains; read here as a gain, and of fewer than half of the mistakes.

    The number shown is the learning curve's with the recipe of 2022, the one that claim D shows as well.
    """
    own = [one for one in found if one["cause"] == "data"]
    exponent = limits()["data exponent"]
    law = share(
        "data",
        "seven times the examples by published laws",
        _fewer(50_000 / TRAIN_SIZE_1989),
        f"arithmetic on {exponent['source']}",
        "range of the published exponent",
    )
    _, low_ten, high_ten = _fewer(10)
    narrow = (
        f"Seven times the data at the largest published exponent is {_ends(law)[1]:.2f} %, against {HALF:.0f}: the "
        f"rule is narrow there. For ten times the data the same exponents give {low_ten:.0f} to {high_ten:.0f} %."
    )
    resting = _resting(next(one for one in own if one["era"] == "2022"), own, [law], [exponent], narrow)
    return verdicts.judged("E", verdicts.by_modest_gains([*map(_ends, own), _ends(law)]), {}, resting)


def _fewer(times: float) -> list[float]:
    """Return the mistakes that so many times the examples remove by the published exponent: middle, low, high; %."""
    return [100 * (1 - times ** -limits()["data exponent"][part]) for part in ("value", "low", "high")]


def infrastructure(found: Sequence[Row]) -> Row:
    """F: beyond that, gains need infrastructure and research. Only the part about infrastructure is judged."""
    own, both = ([one for one in found if one["cause"] == cause] for cause in ("size", "both"))
    part, spent, product = (limits()[name] for name in ("share from compute", "capital spending", "world product"))
    compute = share(
        "compute",
        "share of language-model gains that compute brought, 2014-2023",
        [100 * part[end] for end in ("value", "low", "high")],
        part["source"],
        "published range",
    )
    resting = _resting(
        max(own, key=lambda one: one["reduction_percent"]["mean"]),
        own,
        [*both, compute],
        [part, spent],
        "Research is not measured: the verdict is on the infrastructure part alone.",
        f"Published: four companies plan to spend {two_digits(spent['value'])} dollars of capital in 2026, "
        f"{100 * spent['value'] / product['value']:.1f} % of the world product, not all of it for nets.",
    )
    resting["shown"] += " (infrastructure part)"
    return verdicts.judged("F", verdicts.by_infrastructure([*map(_ends, own)], _ends(compute)), {}, resting)


def from_scratch() -> Row:
    """G: training from scratch fades; judged against today's recipe from scratch, by the published result alone.

    Its parts: at every number of human labels up to FEW some way of a foundation is better; the small net taught
    without any errs no more than with all (whole interval of the change); with all labels some way is better. The
    contrast is left out, as it was chosen not to help. DataError, which names the file: it is missing or damaged.
    """
    document, built = published.read(FOUNDATION), limits()["built on another"]
    try:
        base = {row["labels"]: row for row in document["rows"] if row["recipe"] == "scratch-today"}
        taught = {row["labels"]: row for row in document["rows"] if row["recipe"] == "distilled"}
        most, few = max(base), [n for n in sorted(base) if n <= FEW]
        change, removed = taught[0]["change_scratch"], taught[SHOWN]["reduction_scratch"]
        mean, low, high = (float(removed[end]) for end in ("mean", "low", "high"))
        none = True if change["high"] <= 0 else False if change["low"] > 0 else None
        told = f"{taught[0]['label']}, {change['mean']:+.1f} [{change['low']:+.0f}, {change['high']:+.0f}] mistakes"
        evidence = [f"No human label: {told} from today's, trained from scratch on all {most:,}."]
        sides = []
        for n in (*few, most):
            ways = [row for row in document["rows"] if row["foundation"] and row["labels"] == n]
            ways = [row for row in ways if row["recipe"] != "contrast-probe"]
            best = min(ways, key=lambda row: (row["verdict_scratch"] != "better", row["test_mistakes"]["mean"]))
            sides.append({"better": True, "worse": False}.get(best["verdict_scratch"]))
            made, scratch = (row["test_mistakes"]["mean"] for row in (best, base[n]))
            told = f"{best['label']}, {made:,.1f} mistakes; today, from scratch, {scratch:,.1f}"
            evidence.append(f"{n:,} human labels: {told} ({best['verdict_scratch']}).")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"The published {FOUNDATION}.json is damaged: rows {error}.", AGAIN) from error
    parts = dict(zip(PARTS, (sides[0] if len({*sides[:-1]}) == 1 else None, none, sides[-1]), strict=True))
    unsure = [part for part, side in parts.items() if side is None]
    named = f"the open part resolved: {listed(unsure)}" if unsure else "another foundation, or another task"
    counts = f"{100 * built['value']:.0f} % [{100 * built['low']:.0f}, {100 * built['high']:.0f}]"
    rest = {
        "kind": "published here",
        "about": f"mistakes of today, from scratch on {SHOWN} human labels, that are gone: {taught[SHOWN]['label']}",
        **dict(zip(("value", "low", "high"), (significant(end, 2) for end in (mean, low, high)), strict=True)),
        "unit": "%",
        "interval": NEW_DIGITS,
        "shown": f"{interval(mean, low, high, '.0f')} %",
        "evidence": (
            *evidence,
            "Your own: `timetravel foundation`.",
            f"Published: {counts} of notable models of 2022 to 2025 name a model they build on, 0 to 14 % before; new "
            "bases are still trained.",
        ),
        "sources": (verdicts.ESSAY, f"published with the package: {FOUNDATION}.json", built["source"]),
    }
    return verdicts.judged("G", verdicts.by_parts(list(parts.values())), {}, rest, moves=named)
