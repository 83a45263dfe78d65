"""Finished results as Rich tables, made to be read from 60 columns on."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from timetravel.show.pictures import picture_row
from timetravel.stats import Estimate
from timetravel.words import counted, duration

if TYPE_CHECKING:
    from timetravel.studies.bench import BenchResult
    from timetravel.studies.modernize import ModernizeResult
    from timetravel.studies.scale_data import ScaleDataResult
    from timetravel.studies.train import TrainResult

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
    return f"{mean}\n[{estimate.low:{sign}{within}}, {estimate.high:{sign}{within}}]"


def mistakes(estimate: Estimate, sign: str = "") -> str:
    """Write a mean number of mistakes, or a change in it, with its interval."""
    return spread(estimate, ".1f", ".0f", sign)


def error(estimate: Estimate) -> str:
    """Write an error in percent with its interval."""
    return spread(estimate, ".2f", ".1f" if estimate.mean >= 10 else ".2f")


def train(result: "TrainResult") -> RenderableType:
    """Show the paper, the essay and this run side by side, the time against three days, and the worst mistakes."""
    row = result.row
    table = new_table(
        f"{row.label} on {row.data}: {row.train_size:,} training digits, {counted(row.recipe.passes, 'pass')}",
        "",
        *[reference_name(reference) for reference in result.references],
        f"this run, {counted(len(row.runs), 'seed')}",
    )
    for name, key, digits in (
        ("train loss", "train_loss", ".2e"),
        ("train error, %", "train_error", ".2f"),
        ("train mistakes", "train_mistakes", ".1f"),
        ("test loss", "test_loss", ".2e"),
        ("test error, %", "test_error", ".2f"),
        ("test mistakes", "test_mistakes", ".1f"),
    ):
        published = [published_value(reference, key, digits) for reference in result.references]
        table.add_row(name, *published, spread(getattr(row, key), digits))
    sizes = [f"{reference['test_size']:,}" for reference in result.references]
    table.add_row("test digits", *sizes, f"{row.test_size:,}")
    table.add_row("digits of", *[reference["data"] for reference in result.references], row.data)
    times = [duration(ref["seconds"]) if ref["seconds"] else "" for ref in result.references]
    table.add_row("time a net", *times, duration(row.seconds_a_run))
    rates = [f"{r['presentations'] / r['seconds']:,.2g}" if r["seconds"] else "" for r in result.references]
    table.add_row("digits shown a second", *rates, f"{row.runs[0].presentations / row.seconds_a_run:,.0f}")
    lines: list[RenderableType] = [table]
    if len(row.runs) > 1:
        lines.append(Text(INTERVALS, style="dim"))
    if row.recipe.loss == "cross-entropy":
        lines.append(Text("This run's loss is cross-entropy in nats; 1989's is a squared error.", style="dim"))
    if result.mistakes:
        lines.append(Text(f"\nRead wrongly most often, by {counted(len(row.runs), 'net')}:", style="bold"))
        captions = [f"{m.true} read as {m.read}" for m in result.mistakes]
        lines.append(picture_row([m.image for m in result.mistakes], captions))
    return Group(*lines, Text(f"\n{result.finding}", style="bold"))


def modernize(result: "ModernizeResult") -> RenderableType:
    """Show the ladder: every rung with its change against the row above and against the first row."""
    first = result.rows[0]
    table = new_table(
        f"The ladder on {first.data}: {first.train_size:,} training digits, {first.test_size:,} test digits, "
        f"{counted(len(first.runs), 'seed')} a row",
        "recipe",
        "passes",
        "test error, %",
        "mistakes",
        "change",
        "against\nfirst row",
        "essay",
    )
    essay = {reference["recipe"]: reference for reference in result.references}
    for rung, row in enumerate(result.rows):
        step, whole = result.change_step(rung), result.change_1989(rung)
        table.add_row(
            Text(row.label),
            str(row.recipe.passes),
            error(row.test_error),
            mistakes(row.test_mistakes),
            mistakes(step, "+") if step else "",
            mistakes(whole, "+") if whole else "",
            published_value(essay[row.name], "test_mistakes", ".0f") if row.name in essay else "",
        )
    return Group(table, Text(ladder_note(result), style="dim"), Text(f"\n{result.finding}", style="bold"))


def ladder_note(result: "ModernizeResult") -> str:
    """Say what the columns hold."""
    if len(result.rows[0].runs) == 1:
        note = "Change in mistakes. One seed a row: nothing here can be told from chance."
    else:
        note = f"Change in mistakes, paired by seed. {INTERVALS}"
    if result.references:
        note += " Essay: the published mistakes of one seed on karpathy-test-first."
    return note


def scale_data(result: "ScaleDataResult") -> RenderableType:
    """Show the curves as a table, then the table that the program exists for."""
    eras = list(dict.fromkeys(row.name for row in result.rows))
    first = result.rows[0]
    curve = new_table(
        f"Test error in % on {first.data} ({first.test_size:,} test digits, {counted(len(first.runs), 'seed')})",
        "training digits",
        *eras,
    )
    for size in sorted({row.train_size for row in result.rows}):
        by_era = {row.name: row for row in result.rows if row.train_size == size}
        curve.add_row(f"{size:,}", *[error(by_era[name].test_error) for name in eras])
    closing = new_table(
        "What data and tweaks are worth",
        "recipe",
        "mistakes",
        "error, %",
        "change",
        "training",
        "inference",
    )
    for cell in result.cells:
        row = cell.row
        closing.add_row(
            Text(f"{row.label}\n{row.train_size:,} digits"),
            mistakes(row.test_mistakes),
            error(row.test_error),
            mistakes(cell.change, "+") if cell.change else "",
            f"{row.runs[0].presentations:,}\n{duration(row.seconds_a_run)}",
            f"{row.to_dict()['multiply_adds']:,}",
        )
    note = (
        f"Change in mistakes against the first row, paired by seed. {INTERVALS}"
        if len(first.runs) > 1
        else ("One seed a row: nothing here can be told from chance.")
    )
    note += " Training: presentations and seconds of one net. Inference: multiply-adds of one digit."
    return Group(curve, closing, Text(note, style="dim"), Text(f"\n{result.finding}", style="bold"))


def bench(result: "BenchResult") -> RenderableType:
    """Show times, multiples of the bound and what 1989's 23 passes would take."""
    table = new_table(f"One thread, medians of {result.repeats} rounds", "", "us a digit", "x bound", "23 passes")
    for name, us, trains in (
        ("the arithmetic at sgemm's rate (the bound)", result.bound_us, True),
        ("eager PyTorch loop", result.eager_us, True),
        ("torch backend, 1 net", result.torch_1_us, True),
        ("torch backend, 8 nets, a net", result.torch_8_us, True),
        ("compiled kernel, SGD", result.native_us, True),
        ("compiled kernel, AdamW, dropout, shifts", result.native_adamw_us, True),
        (f"8 seeds on {result.workers} workers, measured, a net", result.study_us, True),
        ("preparing shifts and dropout", result.prepare_us, False),
        ("measuring, compiled kernel", result.evaluate_us, False),
        ("measuring, PyTorch", result.torch_evaluate_us, False),
        ("one image alone, compiled kernel", result.latency_us, False),
        ("one image alone, PyTorch", result.torch_latency_us, False),
    ):
        if us is None:
            table.add_row(name, "not built", "", "")
        else:
            passes = duration(us * 167_693 / 1e6) if trains else ""
            table.add_row(name, f"{us:,.2f}" if us < 100 else f"{us:,.0f}", f"{us / result.bound_us:,.2f}", passes)
    images = 1e6 / (result.latency_us or result.torch_latency_us)
    note = (
        f"numpy's float32 matrix product runs at {result.sgemm_gflops:.0f} GFLOP/s on one thread. "
        f"One image at a time makes {images:,.0f} digits a second; the paper's signal processor made 30."
    )
    return Group(table, Text(note, style="dim"), Text(f"\n{result.finding}", style="bold"))


def reference_name(reference: Mapping[str, Any]) -> str:
    """Name a published row in a column's head."""
    return {"1989": "paper\n1989", "1989-essay": "essay\n1989 recipe", "2022": "essay\n2022 recipe"}[
        reference["recipe"]
    ]


def published_value(reference: Mapping[str, Any], key: str, digits: str) -> str:
    """Write a published figure; counts as whole numbers."""
    value = reference[key]
    if value is None:
        return ""
    return f"{value['mean']:.0f}" if key.endswith("mistakes") else f"{value['mean']:{digits}}"
