"""What `timetravel foundation` shows: the error of each way by human labels, the bill, and what it stands on."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from timetravel.numbers import listed, significant
from timetravel.report.grid import Column, Grid, Interval, Section, Value, mean, number, word
from timetravel.report.tables import grounds, new_digits, verdicts

Document = Mapping[str, Any]
FIRST = (0, 100)  # human labels on the first screen, beside all of them
EVERY = (0, 10, 100, 1000)  # in the long form
SHOWN = (  # ways on the first screen
    *("scratch-1989", "scratch-today", "zero-shot", "own-labels", "web-adapted", "web-whole", "contrast-probe"),
    *("distilled", "web-distilled"),
)
ASKED = ("zero-shot", "free-text", "not-widened")  # the last two in the long form
ROWS = (
    "From scratch: a net of 9,760 parameters, trained on the labelled digits alone. Zero-shot: a foundation as it is. "
    "Nearest class prototype, linear probe, finetuning: fitted to the labelled digits. Teaching: a net of 9,760 "
    "parameters learns its answers (distillation). All unlabelled digits serve, too, in: {}."
)
NETS = "Trained from scratch and taught: nets of 9,760 parameters. --long: every way, what it costs, licences."
PAYS = "Training from scratch errs as little as a way without any label only with as many human labels as follow."
BILL = (
    "Parameters trained, time and multiply-adds of training: of this step, the foundation's own training apart. "
    "Multiply-adds, bytes and time of a digit: of the finished reader."
)
SEEN = "A foundation that knew the test digits would lead more on them than on digits that it can't have seen."
AGAINST = "From today, trained from scratch on as many human labels; without labels, on all of them."
FACTS = (
    "{label}. Training data: {trained_on}. Licence: {licence}. {parameters:,} parameters. Source: {source} "
    "{link} (sha256 {digest:.12})."
)
POOL = "Pretraining here used {digits:,} digits of {data}."
FIGURE = "Error against human labels on logarithmic axes, a line a way, with intervals; without labels at the left."
COST = "Error against the multiply-adds of one digit on logarithmic axes, with the Pareto front."
WAY, LABELS = word("way", "label"), number("human labels", "labels")
MISTAKES, ERROR = mean("mistakes", "test_mistakes", ",.1f", ",.0f"), ("error, %", new_digits)
CHANGE = mean("change in mistakes", "change_scratch", "+,.1f", "+,.0f")
COSTS: list[Column] = [
    number("unlabelled digits", "unlabelled"),
    number("parameters trained", "parameters_trained"),
    ("time to train", lambda row: Value(row["seconds"] or None, "duration")),
    number("multiply-adds to train", "training_multiply_adds", "short"),
    number("multiply-adds a digit", "multiply_adds", "short"),
    number("bytes", "bytes", "short"),
    number("us a digit", "inference_us", "short"),
    number("dollars", "cost", ",.2f"),
]
SEEN_ON: list[Column] = [
    *(word("digits", "digits"), number("of them", "size"), mean("foundation", "foundation_error")),
    *(mean("trained net", "trained_error"), mean("difference", "gap"), word("trained net is", "trained")),
]


def sections(document: Document) -> list[Section]:
    """Return errors by human labels, and where training from scratch stops paying; then the bill and the grounds."""
    rows, prices = document["rows"], document["prices"]
    first = [row for row in rows if row["recipe"] in SHOWN]
    every = [row for row in rows if row["recipe"] not in ASKED[1:]]
    taught = [one for one in document["crossings"] if one["way"].endswith("distilled")]
    remarks = [note for note in (*document["remarks"], pays(taught), NETS, *document["method"][:-1]) if note]
    drawn = [("figure", FIGURE), ("cost", COST)]
    units = {"label_cost": "a label", "compute_cost": "an hour of computing"}
    priced = [f"{prices[key]:g} {unit}" for key, unit in units.items() if prices and prices.get(key)]
    paid = [f"Dollars: {listed(priced)}."] if priced else []
    facts = [*map(FACTS.format_map, document["foundations"]), POOL.format_map(document["pool"])]
    asked = [row for row in rows if row["recipe"] in ASKED]
    parts: list[tuple[str, Sequence[Any], list[Column], Sequence[str]]] = [
        ("The bill", rows, [WAY, LABELS, *COSTS], [BILL, *paid]),
        ("Against today from scratch", rows, [WAY, LABELS, MISTAKES, ERROR, CHANGE, *verdicts("_scratch")], [AGAINST]),
        ("How the foundation is asked", asked, [WAY, MISTAKES, ERROR], []),
        ("Does it know these digits? Errors in %", document["seen"], SEEN_ON, [SEEN]),
        ("The foundations", [], [], facts),
        ("What was chosen, and on what", [], [], document["chosen"]),
    ]
    made = [Section("", document["finding"], [by_labels(document, first, FIRST, mistakes)], remarks, charts=drawn)]
    told = [ROWS.format(unlabelled(every)), " ".join([PAYS, pays(document["crossings"])])]
    made.append(Section("Every way", "", [by_labels(document, every, EVERY, new_digits)], told, long=True))
    for title, shown, columns, below in parts:
        grids = [Grid.of("", shown, columns)] if shown else []
        made += [Section(title, "", grids, below, long=True)] if grids or not columns else []
    return [*made, grounds(document)]


def mistakes(row: Document) -> Interval:
    """Return the cell of a row's mistakes with its interval for new draws, nets and digits."""
    low, high = (row["new_digits"][end] * row["test_size"] / 100 for end in ("low", "high"))
    return Interval(row["test_mistakes"]["mean"], low, high, ",.0f")


def by_labels(
    document: Document, rows: Sequence[Document], counts: Sequence[int], cell: Callable[[Document], Interval]
) -> Grid:
    """Return the errors: a row a way, a column a number of human labels: those of `counts` that there are, and all."""
    ways: dict[tuple[str, str], dict[Any, Any]] = {}
    for row in rows:
        ways.setdefault((row["recipe"], row["foundation"]), {"label": row["label"]})[row["labels"]] = cell(row)
    known = sorted({row["labels"] for row in rows})
    shown = [count for count in known if len(known) <= 1 + len(counts) or count in (*counts, known[-1])]
    columns = [WAY, *((f"{n:,}", lambda way, n=n: way.get(n, Interval(None))) for n in shown)]
    what = "Mistakes on" if cell is mistakes else "Error in % on"
    title = f"{what} {document['test_size']:,} test digits of {document['data']}, by the number of human labels"
    return Grid.of(title, list(ways.values()), columns)


def unlabelled(rows: Sequence[Document]) -> str:
    """Say which ways used digits that nobody labelled."""
    return "; ".join(dict.fromkeys(row["label"] for row in rows if row["unlabelled"])) or "none"


def pays(crossings: Sequence[Document]) -> str:
    """Say with how many human labels today from scratch errs as little as each way without any."""
    told = []
    for one in crossings:
        found, beyond = one["labels"] or {}, f"more than {one['most']:,}"
        parts = (found.get(end) for end in ("mean", "low", "high"))
        ends = [beyond if part is None else f"{significant(part, 2):,.0f}" for part in parts]
        number = ends[0] if ends[1] == beyond else "{} [{}, {}]".format(*ends)
        told.append(f"{one['label']}, without labels ({one['error']:.2f} %): today, from scratch, takes {number}.")
    return " ".join(told)
