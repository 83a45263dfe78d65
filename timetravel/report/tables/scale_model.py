"""What `timetravel scale-model` shows: wide nets, what size and data remove, deep nets, costs, and 1989's computer."""

from collections.abc import Mapping, Sequence
from typing import Any

from timetravel.numbers import counted
from timetravel.report.grid import Column, Grid, Interval, Section, Value, mean, number, word
from timetravel.report.tables import calibration, new_digits

Document = Mapping[str, Any]
CAUSES = {"size": "the widest net, the same digits", "data": "width 1, the most digits", "both": "both"}
NEW = (
    "Errors: in brackets the 95 % interval for new nets and new digits, by a two-way bootstrap over seeds and digits, "
    "unadjusted. Change: in mistakes, paired by seed. Verdicts: by that bootstrap, Holm-corrected over the table."
)
LUCK = "The best of many rows on the same test digits owes a little to luck."
COSTS = (
    "Latency: one image alone, by {instrument} on one thread, median of interleaved rounds; its own steps outweigh the "
    "arithmetic of small nets. In 1989: one digit at the 12.5 million multiply-adds a second of the paper's signal "
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


def sections(document: Document) -> list[Section]:
    """Return what was found with the wide nets and what size and data remove; then deep nets, costs and 1989's."""
    rows, base = document["rows"], tuple(document["base"].values())
    wide = [row for row in rows if not row["depth"]]
    deep = [row for row in rows if row["depth"] or (row["recipe"], row["train_size"]) == base]
    notes = [NEW, LUCK if len(rows[0]["seeds"]) > 1 else "One seed a row: an anecdote."]
    notes += calibration(document)
    made = [Section("", document["finding"], [widths(document, wide)], notes, charts=[("figure", FIGURE)])]
    if document["reduction"]:
        made.append(Section("Size, data, or both", "", [reduction(document)]))
    if len(deep) > 1:
        made.append(Section("Deeper", "", depths(document, deep), [GRADIENTS], long=True, charts=[("depth", DEPTH)]))
    return [*made, costs(document), within_1989(document["best_of_1989"])]


def widths(document: Document, wide: Sequence[Document]) -> Grid:
    """Return the error of every width at every number of digits, against width 1 on the fewest."""
    first = wide[0]
    title = (
        f"The net of 1989 at other widths, on {first['data']}: {first['test_size']:,} test digits, "
        f"{counted(len(first['seeds']), 'seed')} a row"
    )
    against = f"against width 1, {document['base']['train_size']:,} digits"
    mistakes = mean("mistakes", "test_mistakes", ".1f", ".0f")
    return Grid.of(title, wide, [word("net", "label"), SIZE, PARAMETERS, mistakes, *compared(against)])


def compared(against: str) -> list[Column]:
    """Return the columns of the error, the change in mistakes against the base, and the verdict."""
    return [ERROR, mean(f"change {against}", "change_base", "+.1f", "+.0f"), word("verdict", "verdict_base")]


def reduction(document: Document) -> Grid:
    """Return which share of the base's mistakes size, data and both remove."""
    title = f"Removed of the mistakes of width 1 with {document['base']['train_size']:,} digits"
    share: Column = (
        "reduction of mistakes, %", lambda part: "not told" if part["mean"] is None else Interval.of(part, ".0f"),
    )  # fmt: skip
    by: Column = ("by", lambda part: CAUSES[part["cause"]])
    return Grid.of(title, document["reduction"], [by, PARAMETERS, SIZE, share])


def depths(document: Document, deep: Sequence[Document]) -> list[Grid]:
    """Return the error of deeper nets against the net without further layers, and how far gradients reach in them."""

    def failed(row: Document) -> str:
        return f"{len({*row['diverged'], *row['collapsed']})} of {len(row['seeds'])}"

    def first(when: str) -> Column:
        length = f"gradient_first_{when}"
        return when.replace("_", " "), lambda row: "not told" if row[length] is None else Value(row[length], "short")

    net: Column = ("net", lambda row: row["label"] if row["depth"] else "depth 0")
    title = f"The net of 1989 deeper, with {document['base']['train_size']:,} digits"
    errors = [net, PARAMETERS, *compared("against depth 0"), ("diverged or collapsed seeds", failed)]
    gradients = [net]
    for when in ("at_start", "in_training"):
        times = f"{when.replace('_', ' ')}, times the last layer's"
        gradients += [first(when), number(times, f"gradient_ratio_{when}", "short")]
    return [Grid.of(title, deep, errors), Grid.of("The gradient of the first layer", deep, gradients)]


def costs(document: Document) -> Section:
    """Return what a net of each row costs to use and to train."""
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
    return Section("What it costs", "", [Grid.of("", document["rows"], columns)], [note], long=True, charts=drawn)


def within_1989(best: Document) -> Section:
    """Return what 1989's computer could have reached, on any number of digits and on 1989's."""
    asked = {"any digits": best["best"], "at most 7,291 digits": best["best_on_1989s_number_of_digits"]}
    columns = [
        word("on", "on"),
        word("row", "row"),
        word("from", "from"),
        SIZE,
        TRAINING,
        ("of the budget, %", lambda p: Value(100 * p["training_multiply_adds"] / best["multiply_adds"], "short")),
        mean("error, %", "test_error"),
    ]
    grid = Grid.of("", [{**point, "on": on} for on, point in asked.items() if point], columns)
    count = f"{best['rows_within']} of {best['rows_considered']} rows"
    sentence = f"{count} fit the budget of {best['multiply_adds']:.3g} multiply-adds."
    return Section("What 1989's computer could have reached", sentence, [grid], long=True)
