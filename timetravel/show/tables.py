"""Finished results as Rich tables, made to be read from 60 columns on."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from timetravel.numbers import counted, duration
from timetravel.report.pictures import picture_row
from timetravel.stats.estimates import Estimate

if TYPE_CHECKING:
    from timetravel.studies.evidence import Comparison
    from timetravel.studies.interpretations import InterpretationsResult
    from timetravel.studies.train import TrainResult

Column = tuple[str, Mapping[str, Any] | None]
AMONG = " Marked: whether the paper's value lies between our lowest and highest seed."
NEW_DIGITS = (
    "In braces: the 95 % interval for new digits, by a two-way bootstrap over seeds and digits, unadjusted. "
    "Verdicts: paired differences by that bootstrap, Holm-corrected over the table."
)
INTERVALS = "Intervals: 95 % t intervals of the mean over seeds, on these test digits."


def new_table(title: str, *columns: str) -> Table:
    """Return a table whose first column is text and whose others are numbers; narrow ones fold, nothing is cut."""
    table = Table(title=title, box=box.SIMPLE_HEAD, title_style="bold", title_justify="left", padding=(0, 1, 0, 0))
    for place, column in enumerate(columns):
        longest = max(map(len, column.split()), default=1)
        table.add_column(column, justify="right" if place else "left", overflow="fold", min_width=longest)
    return table


def spread(estimate: Estimate, digits: str = ".1f", within: str | None = None, sign: str = "") -> str:
    """Write a mean and, below it, its interval, which needs fewer digits: '82.3' over '[80, 85]'."""
    mean = f"{estimate.mean:{sign}{digits}}"
    if estimate.low is None or estimate.high is None:
        return mean
    within = within or digits
    if not sign:  # only a change can be below 0
        estimate = replace(estimate, low=max(estimate.low, 0.0), high=estimate.high)
    return f"{mean}\n[{estimate.low:{sign}{within}}, {estimate.high:{sign}{within}}]"


def mistakes(estimate: Estimate, sign: str = "") -> str:
    """Write a mean number of mistakes, or a change in it, with its interval."""
    return spread(estimate, ".1f", ".0f", sign)


def error(estimate: Estimate, new_digits: tuple[float, float]) -> str:
    """Write an error in percent with its two intervals: for these digits, and, in braces, for new ones."""
    digits = ".1f" if estimate.mean >= 1 else ".2f"
    low, high = new_digits
    return f"{spread(estimate, '.2f', digits)}\n{{{low:{digits}}, {high:{digits}}}}"


def change(estimate: Estimate | None, comparison: "Comparison | None") -> str:
    """Write a change in mistakes with its interval and its verdict."""
    if estimate is None or comparison is None:
        return ""
    return f"{mistakes(estimate, '+')}\n{comparison.verdict}"


FIGURES = (  # of a row: what it is called, its name, how it is written
    ("train loss, 1e-3", "train_loss", 1e3, ".2f", ".2f"),
    ("train error, %", "train_error", 1, ".2f", ".2f"),
    ("train mistakes", "train_mistakes", 1, ".1f", ".0f"),
    ("test loss, 1e-3", "test_loss", 1e3, ".1f", ".1f"),
    ("test error, %", "test_error", 1, ".2f", ".2f"),
    ("test mistakes", "test_mistakes", 1, ".1f", ".0f"),
    ("rejected for 1 %, %", "rejected_for_1pct", 1, ".1f", ".1f"),
)


def train(result: "TrainResult") -> RenderableType:
    """Show this run beside the paper and the essay, its rivals, and the worst mistakes."""
    row, rows = result.row, result.to_dict()["rows"]
    columns: list[Column] = [("paper\n1989", result.reference("1989"))]
    columns += [(f"essay 2022\n{r['recipe']}", r) for r in result.references if r["recipe"] != "1989"]
    columns += [(f"this run\n{counted(len(row.runs), 'seed')}", rows[0])]
    columns += [(f"same,\non {other['data']}", other) for other in rows if other["data"] != row.data]
    title = (
        f"{row.label} on {row.data}: {counted(row.train_size, 'training digit')}, {counted(row.recipe.epochs, 'epoch')}"
    )
    lines: list[RenderableType] = [side_by_side(title, columns, rows[0])]
    for rival in rows:
        if rival["net"] != row.recipe.net:
            pair: list[Column] = [("paper\n1989", result.reference("1989", rival["net"])), ("this run", rival)]
            lines.append(side_by_side(f"{rival['label']} on {rival['data']}", pair, rival))
    if len(row.runs) > 1:
        note = f"{INTERVALS} In braces: the 95 % interval for new digits, by a two-way bootstrap over seeds and digits."
        lines.append(Text(f"{note}{AMONG if row.data == 'usps' else ''}", style="dim"))
    if row.recipe.loss == "cross-entropy":
        lines.append(Text("This run's loss is cross-entropy in nats; 1989's is a squared error.", style="dim"))
    if result.mistakes:
        worst = result.mistakes[:8]
        lines.append(Text(f"\nRead wrongly most often, by {counted(len(row.runs), 'net')}:", style="bold"))
        lines.append(picture_row([m.image for m in worst], [f"{m.true} read as {m.read}" for m in worst]))
    return Group(*lines, Text(f"\n{result.finding}", style="bold"))


def side_by_side(title: str, columns: list[Column], measured: Mapping[str, Any]) -> Table:
    """Set rows in their JSON form beside each other, a figure a line; mark the paper's values that are among ours."""
    marked = measured["data"] == "usps" and len(measured["seeds"]) > 1
    table = new_table(title, "", *[name for name, _ in columns], *(["paper\namong\nseeds"] if marked else []))
    for name, key, scale, digits, within in FIGURES:
        cells = [figure(row and row[key], scale, digits, within) + braces(row, key) for _, row in columns]
        table.add_row(name, *cells, *([among(columns[0][1], measured, key)] if marked else []))
    for name, write in COSTS:
        table.add_row(name, *["" if row is None else write(row) for _, row in columns])
    return table


def figure(found: Mapping[str, Any] | None, scale: float, digits: str, within: str) -> str:
    """Write one figure, with its interval if it has one. What was published as a count stays one."""
    if found is None or found["mean"] is None:
        return ""
    mean, low, high = (None if found[part] is None else scale * found[part] for part in ("mean", "low", "high"))
    if found["mean"] == found["values"][0] and isinstance(found["mean"], int):
        return str(found["mean"])
    return spread(Estimate((), mean or 0.0, low, high), digits, within)


def braces(row: Mapping[str, Any] | None, key: str) -> str:
    """Write the interval for new digits below a figure that has one."""
    found = row and row.get({"test_error": "new_digits", "rejected_for_1pct": "rejected_new_digits"}.get(key, ""))
    return f"\n{{{found['low']:.1f}, {found['high']:.1f}}}" if found else ""


def among(paper: Mapping[str, Any] | None, measured: Mapping[str, Any], key: str) -> str:
    """Say whether the paper's value lies between the lowest and the highest of our seeds."""
    if paper is None or paper[key] is None or None in measured[key]["values"]:
        return ""
    values = measured[key]["values"]
    return "yes" if min(values) <= paper[key]["mean"] <= max(values) else "no"


def rate(row: Mapping[str, Any]) -> str:
    """Write how many examples a net makes in a second."""
    if not row["seconds_a_net"]:
        return ""
    value = row["examples_seen"] / row["seconds_a_net"]
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


COSTS: tuple[tuple[str, Callable[[Mapping[str, Any]], str]], ...] = (
    ("epochs", lambda row: str(row["epochs"] or "")),
    ("examples", lambda row: f"{row['examples_seen']:,}" if row["examples_seen"] else ""),
    ("time a net", lambda row: duration(row["seconds_a_net"]) if row["seconds_a_net"] else ""),
    ("digits a second", rate),
    ("test digits", lambda row: f"{row['data']}\n{row['test_size']:,}"),
)


def interpretations(result: "InterpretationsResult", most: int = 15) -> RenderableType:
    """Show the best interpretations, or those nearest to the paper, and what each option is worth at its best."""
    columns = {
        "choice": (("mistakes on\nfive folds", "mistakes_on_folds", ".1f"), ("train\nerror, %", "train_error", ".2f")),
        "reconstruction": (
            ("train\nloss", "train_loss", ".1e"),
            ("test\nloss", "test_loss", ".1e"),
            ("train\nerror, %", "train_error", ".2f"),
            ("test\nerror, %", "test_error", ".2f"),
            ("test\nmistakes", "test_mistakes", ".0f"),
            ("rejected\n%", "rejected_for_1pct", ".1f"),
        ),
    }[result.study]
    table = new_table(
        f"Interpretations of the paper: the {result.study}", "interpretation", *[name for name, _, _ in columns]
    )
    for told in result.references:
        table.add_row("the paper, 1989", *[figure(told[key], 1, digits, digits) for _, key, digits in columns])
    for row in result.rows[:most]:
        cells = [f"{row[key]['mean']:{digits}}" for _, key, digits in columns]
        table.add_row("; ".join(row["options"].values()), *cells)
    worth = new_table("What each option comes to at its best", "gap", columns[0][0], columns[-1][0])
    for gap, option in dict.fromkeys((g, o) for row in result.rows for g, o in row["options"].items()):
        best = next(row for row in result.rows if row["options"].get(gap) == option)
        cells = [f"{best[key]['mean']:{digits}}" for _, key, digits in (columns[0], columns[-1])]
        worth.add_row(f"{gap}: {option}", *cells)
    note = (
        f"{len(result.rows)} interpretations in all, {min(most, len(result.rows))} shown; --out DIR writes every one."
    )
    return Group(table, worth, Text(note, style="dim"), Text(f"\n{result.finding}", style="bold"))
