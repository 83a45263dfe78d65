"""What `timetravel scale-model` shows: wide nets, what size and data remove, deep nets, costs, and 1989's computer."""

from collections.abc import Mapping, Sequence
from typing import Any

from timetravel.report.grid import Cell, Column, Grid, Interval, Section, Value, mean, number, word
from timetravel.report.tables import grounds, new_digits, runs, scope, verdicts

Document = Mapping[str, Any]
CAUSES = {"size": "the widest net, the same digits", "data": "width 1, the most digits", "both": "both"}
LUCK = "The best of many rows on the same test digits owes a little to luck."
COSTS = (
    "Latency: one picture alone, by {instrument} on one thread, median of interleaved rounds; its own steps outweigh "
    "the arithmetic of small nets. In 1989: one digit at the 12.5 million multiply-adds a second of the paper's signal "
    "processor, at its peak. Training: three times the multiply-adds of a digit for every example (forward, and "
    "backward to weights and to inputs)."
)
GRADIENTS = (
    "Gradient: how long that of the first layer's weights is on the first batch, and in the median over the first "
    "batches of all epochs; and as a multiple of the last layer's. Medians over seeds."
)
FIGURE = "Error against parameters, a curve a number of training digits."
JOINT = "Error over data and size, and error against the computing of training with its frontier."
DEPTH = "Gradients and error against the number of further layers."
SIZE, PARAMETERS = number("training digits", "train_size"), number("parameters", "parameters")
TRAINING = number("training, multiply-adds", "training_multiply_adds", "short")
ERROR: Column = ("error, %", new_digits)
VERDICT = verdicts("_base")


def sections(document: Document) -> list[Section]:
    """Return what was found with the wide nets and what size and data remove; then deep nets, costs and 1989's."""
    rows, base = document["rows"], document["base"]
    wide = [row for row in rows if not row["depth"]]
    first, fewest = wide[0], f"{base['train_size']:,} digits"
    counts = f"{first['test_size']:,} test digits, {runs(first)} a row"
    title = f"The net of 1989, narrower and wider, on {first['data']}: {counts}"
    columns = [word("net", "label"), SIZE, PARAMETERS, ERROR, _change(f"width 1, {fewest}"), *VERDICT]
    grid = Grid.of(title, wide, columns)
    notes = [*document.get("remarks", ()), *scope(document, grid), LUCK]
    made = [Section("", document["finding"], [grid], notes, charts=[("figure", FIGURE)])]
    if document["reduction"]:
        columns = [("by", lambda part: CAUSES[part["cause"]]), PARAMETERS, SIZE, ("reduction of mistakes, %", _removed)]
        grid = Grid.of(f"Reduction of the mistakes of width 1 with {fewest}", document["reduction"], columns)
        made.append(Section("Size, data, or both", "", [grid], long=True))
    deep = [row for row in rows if row["depth"] or (row["recipe"], row["train_size"]) == tuple(base.values())]
    if len(deep) > 1:
        grids = depths(deep, f"The net of 1989 deeper, with {fewest}")
        made.append(Section("Deeper", "", grids, [GRADIENTS], long=True, charts=[("depth", DEPTH)]))
    columns = [
        ("net", lambda row: f"{row['label']}, {row['train_size']:,} digits"),
        number("multiply-adds a digit", "multiply_adds"),
        number("latency, us", "latency_us", ".0f"),
        number("in 1989, ms", "ms_on_1989s_processor", ".1f"),
        TRAINING,
        number("time a net", "seconds_a_net", "duration"),
    ]
    note = COSTS.format(instrument=document["latency_measured_with"])
    drawn = [("joint", JOINT)] if document.get("points") else []
    made.append(Section("What it costs", "", [Grid.of("", rows, columns)], [note], long=True, charts=drawn))
    return [*made, within_1989(document["best_of_1989"]), grounds(document)]


def _change(base: str) -> Column:
    return mean(f"change in mistakes from {base}", "change_base", "+,.1f", "+,.0f")


def _removed(part: Document) -> Cell:
    return "not told" if part["mean"] is None else Interval.of(part, ".0f")


def depths(deep: Sequence[Document], title: str) -> list[Grid]:
    """Return the error of deeper nets against the net without further layers, and how far gradients reach in them."""

    def first(when: str) -> Column:
        length = f"gradient_first_{when}"
        return when.replace("_", " "), lambda row: "not told" if row[length] is None else Value(row[length], "short")

    net: Column = ("net", lambda row: row["label"] if row["depth"] else "depth 0")
    errors: list[Column] = [
        *(net, PARAMETERS, ERROR, _change("depth 0"), *VERDICT),
        ("diverged or collapsed seeds", lambda r: f"{len({*r['diverged'], *r['collapsed']})} of {len(r['seeds'])}"),
    ]
    gradients = [net]
    for when in ("at_start", "in_training"):
        times = f"{when.replace('_', ' ')}, times the last layer's"
        gradients += [first(when), number(times, f"gradient_ratio_{when}", "short")]
    return [Grid.of(title, deep, errors), Grid.of("The gradient of the first layer", deep, gradients)]


def within_1989(best: Document) -> Section:
    """Return what 1989's computer could have reached, on any number of digits and on 1989's."""
    asked = {"any digits": best["best"], "at most 7,291 digits": best["best_on_1989s_number_of_digits"]}
    share: Column = (
        "of the budget, %",
        lambda p: Value(100 * p["training_multiply_adds"] / best["multiply_adds"], "short"),
    )
    names = [word(name, name) for name in ("on", "row", "from")]
    columns = [*names, SIZE, TRAINING, share, mean("error, %", "test_error")]
    grid = Grid.of("", [{**point, "on": on} for on, point in asked.items() if point], columns)
    count = f"{best['rows_within']} of {best['rows_considered']} rows"
    sentence = f"{count} fit the budget of {best['multiply_adds']:.3g} multiply-adds."
    return Section("What 1989's computer could have reached", sentence, [grid], long=True)
