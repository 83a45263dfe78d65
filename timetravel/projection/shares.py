"""Shares of mistakes that a cause removes, from the package's published results; and such shares pooled."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, Final

from timetravel import published
from timetravel.digits import TRAIN_SIZE_1989
from timetravel.errors import DataError
from timetravel.numbers import counted
from timetravel.numbers import interval as written
from timetravel.projection.packaged import Row
from timetravel.stats.pooling import Pooled, pooled

LADDERS: Final = ("modernize-mnist", "modernize-usps", "modernize-karpathy-test-first")
CURVES: Final = ("scale-data-mnist", "scale-data-essay", "scale-data-max", "scale-data-examples", "scale-model-mnist")
ESSAY_NET: Final = "1989-essay"
LATER: Final = ("2022", "today")
SIMILAR: Final = 0.2  # examples seen, as a share
AGAIN: Final = "Install the package again."
NEW_DIGITS: Final = "95 % interval, new nets and new digits"
Ends = Sequence[float]  # mean, low and high, percent


def share(cause: str, what: str, ends: Ends, source: str, interval: str = NEW_DIGITS, **more: Any) -> Row:
    """Return the share of mistakes that a cause (tweaks, data, size or both) removes, percent.

    `ends`: mean, low and high. `what`: against what, on what. More: `command` makes one's own, empty where no command
    here does; `here`: from this machine's kept runs; `era`: whose recipe it is of; `against`, `data`: the net and the
    digits that tweaks are measured by; `apart`: why it is not pooled with others, where it is not.
    """
    about = {"cause": cause, "what": what, "interval": interval, "source": source}
    reduction = dict(zip(("mean", "low", "high"), map(float, ends), strict=True))
    rest = {"command": "", "era": "", "against": "1989", "data": "", "here": False, "apart": ""}
    return about | rest | more | {"reduction_percent": reduction}


def published_shares() -> list[Row]:
    """Return the shares of the published ladders (steps of later eras), learning curves and widths.

    Raises DataError, which names the file, for one that is missing or without what is read from it.
    """
    return [*chain(*(shares(name, ladder) for name in LADDERS), *(shares(name, curve) for name in CURVES))]


def shares(name: str, of: Callable[[Row], Iterator[Row]]) -> list[Row]:
    """Return the shares that `of` finds in a published result; DataError: none, or a damaged one."""
    try:
        document = published.read(name)
        command = document["provenance"]["command_line"].removesuffix(" --json")
        source = {"source": f"published with the package: {name}.json", "command": command}
        found = [one | source for one in of(document)]
    except (AttributeError, KeyError, IndexError, StopIteration, RuntimeError, TypeError, ValueError) as error:
        raise DataError(f"The published {name}.json is damaged: {error!r}.", AGAIN) from error
    if not found:
        raise DataError(f"The published {name}.json has no shares of mistakes.", AGAIN)
    return found


def _share(cause: str, what: str, reduction: Row, **more: Any) -> Row:
    return share(cause, what, [reduction[end] for end in ("mean", "low", "high")], "", **more)


def ladder(document: Row) -> Iterator[Row]:
    """Yield what later eras remove of the first row's mistakes, and of the essay's net of 1989."""
    first = document["rows"][0]["era"]
    for row in document["rows"]:
        if row["era"] in LATER:
            against = {first: row["reduction_1989"]}
            if first != ESSAY_NET:
                against[ESSAY_NET] = document["reduction_of_1989_essay"][row["era"]]
            digits = f"{row['test_size']:,} digits of {row['data']}, {counted(len(row['seeds']), 'seed')}"
            digits += "".join(f", subset {name}" for name in row["subsets"] if isinstance(name, str))
            for base, reduction in against.items():
                about = {"era": row["era"], "against": base, "data": row["data"]}
                yield _share("tweaks", f"{row['era']} against {base}, {digits}", reduction, **about)


def curve(document: Row) -> Iterator[Row]:
    """Yield what more digits, and larger nets, remove.

    More digits are pooled only where each is shown as often: with fewer epochs the training does not grow with the
    data, and with more it grows for another reason.
    """
    for one in document["reduction"]:
        if one["cause"] != "data":
            what = f"{one['parameters']:,} parameters on {one['train_size']:,} digits, against 9,760 on 7,291"
            yield _share(one["cause"], what, one)
            continue
        few, of = one.get("against", TRAIN_SIZE_1989), {key: one[key] for key in ("era", "parameters") if key in one}
        rows = [row for row in document["rows"] if all(row[key] == value for key, value in of.items())]
        epochs, row = {row["train_size"]: row["epochs"] for row in rows}, rows[0]
        before, after = epochs[few], epochs[one["train_size"]]
        apart = "" if before == after else f"{after} epochs in place of {before}"
        if apart and abs(after * one["train_size"] / (before * few) - 1) < SIMILAR:
            apart += ", as many examples in all: the training does not grow with the data"
        what = f"{one['train_size']:,} digits against {few:,}, {row['test_size']:,} test digits of {row['data']}"
        era = one.get("era", "2022")
        yield _share("data", f"{era}: {what}, {after} epochs", one, era=era, data=row["data"], apart=apart)


def ends_of(one: Row) -> tuple[float, float, float]:
    """Return a share's mean, low and high, percent."""
    reduction = one["reduction_percent"]
    return reduction["mean"], reduction["low"], reduction["high"]


def told(one: Row) -> str:
    """Write a share with its interval: '47 % [42, 52]'."""
    return written(*ends_of(one), ".0f", gap=" % ")


def pool(found: Sequence[Row]) -> Pooled | None:
    """Pool shares; None for one alone."""
    return pooled([ends_of(one) for one in found]) if len(found) > 1 else None


def middle(found: Sequence[Row]) -> float:
    """Return the mean of shares pooled, or of one alone."""
    together = pool(found)
    return together.mean if together else ends_of(found[0])[0]
