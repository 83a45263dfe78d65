"""The essay's game played backwards: a report from a past year about a later one, and how it fared."""

from collections.abc import Mapping, Sequence
from statistics import median

from timetravel.numbers import interval, plainly, rough_time
from timetravel.projection.futures import Futures, band
from timetravel.projection.hindcasts import backtest
from timetravel.projection.outlook import best
from timetravel.projection.packaged import Row, plain
from timetravel.projection.series import BY_NAME, FIRST_YEAR, LAST_YEAR, TRAINING_TIME, figure
from timetravel.projection.trends import Record


def replay(futures: Futures, whole: Mapping[str, Record], figures: Sequence[Row], origin: int) -> Row:
    """Return what somebody at the end of `origin` would have foretold for the target year, beside what came.

    futures: theirs, with the figures and limits of then. whole: the records with what came. The prediction is that with
    limits; `trend` is the one without.
    """
    to, rows = futures.to, []
    for name, record in futures.records.items():
        if to > whole[name].last:
            continue  # what came is not known
        cell = backtest(futures, name, to, whole[name].at(to))
        made = {part: cell["limited"][part] for part in ("predicted", "low", "high", "error_oom", "inside")}
        rows.append(
            {
                "quantity": name,
                "label": BY_NAME[name].label,
                "unit": BY_NAME[name].unit,
                "then": plain(10 ** record.values[-1]),
                **made,
                "trend": {part: cell[part] for part in ("predicted", "low", "high")},
                "came": cell["actual"],
                "unchanged_error_oom": cell["errors_oom"]["nothing changes"],
                "source": whole[name].credit(to),
            }
        )
    inside = sum(row["inside"] for row in rows)
    errors, unchanged = ([abs(row[part]) for row in rows] for part in ("error_oom", "unchanged_error_oom"))
    free = sum(row["trend"]["low"] <= row["came"] <= row["trend"]["high"] for row in rows)
    device = _device(futures, figures, origin)
    found: Row = {"standing": origin, "to": to, "rows": rows, "inside": inside, "with_interval": len(rows)}
    found |= {"inside_without_limits": free}
    found |= {"median_error_oom": plain(median(errors)), "median_unchanged_error_oom": plain(median(unchanged))}
    return found | {"device": device, "finding": _finding(found, device)}


def _device(futures: Futures, figures: Sequence[Row], origin: int) -> Row:
    """Return how long the best net of a year takes on a personal device of the target, as foretold, and what came.

    What came is known for the 1989 net alone: the essay's 90 seconds of 2022.
    """
    net = best(str(origin), figures)[0]
    known = origin == FIRST_YEAR and futures.to >= LAST_YEAR
    return {
        "net": net["name"],
        **plain(band(futures.seconds(net["value"], futures.to))),
        "unit": "s",
        "came": figure(TRAINING_TIME, LAST_YEAR) if known else None,
    }


def _finding(found: Row, device: Row) -> str:
    told = (
        f"From the end of {found['standing']}, with the figures of then and limits that could have been stated, the "
        f"80 % intervals for {found['to']} hold {found['inside']} of {found['with_interval']} actual figures "
        f"({found['inside_without_limits']} without limits). The typical error is a factor of "
        f"{plainly(10 ** found['median_error_oom'])}, that of 'nothing changes' "
        f"{plainly(10 ** found['median_unchanged_error_oom'])}."
    )
    if device["came"]:
        times = interval(device["value"], device["low"], device["high"], "rough_time")
        came = rough_time(device["came"])
        told += f" The network of 1989 was to train in {times} by hardware alone; in 2022 it took {came}."
    return told
