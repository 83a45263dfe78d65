"""What `timetravel modernize` shows: rows and what each changes, costs, the digits of eras, and the decomposition."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from timetravel.numbers import counted
from timetravel.report.grid import Column, Grid, Interval, Pictures, Section, Value, mean, number, word
from timetravel.report.tables import OVER_RUNS, VARIED, grounds, new_digits, runs, scope, varied, verdicts
from timetravel.report.tables import shares as of_shares

Row = Mapping[str, Any]
TITLES: Final = {  # of the rows; what each is compared with
    "ladder": ("Each row adds a tweak to the one above, on {data}", "change in mistakes from the row above"),
    "alone": ("Each tweak alone on {data}", "change in mistakes from the same without it"),
    "without": ("All tweaks but one, on {data}", "change in mistakes from all of them"),
}
REDUCTION: Final = "Reduction: the share of the other row's mistakes that is gone, with its interval."
LISTS: Final = {
    "shared": "Read wrongly by all {nets} of {era}: {count}",
    "repaired": "Read rightly by most nets of {era}, wrongly by most of the era before: {count}",
    "broken": "Read wrongly by most nets of {era}, rightly by most of the era before: {count}",
}


def titled(row: Row) -> str:
    """Call a row by its label, and by the era that it has reached."""
    era = row["era"]
    return f"{row['label']} ({era})" if era and era not in row["label"] else row["label"]


NAME: Final[Column] = ("recipe", titled)
EPOCHS: Final = number("epochs", "epochs")
SEEN: Final = number("examples seen", "examples_seen")
ERROR: Final[Column] = ("test error, %", new_digits)
MISTAKES: Final[Column] = ("mistakes", lambda row: Value(row["test_mistakes"]["mean"], ",.1f"))
SHOWN: Final = 8  # tweaks alone on the first screen
OVER: Final[list[Column]] = [
    mean("test mistakes", "test_mistakes", ",.1f", ",.0f"),
    ("of the 2,007", lambda row: Interval.of(row.get("mistakes_of_2007"), ",.1f", ",.0f")),
]
FIRST: Final = [
    mean("against the first row, mistakes", "change_1989", "+,.1f", "+,.0f"),
    *verdicts("_1989", "verdict against the first row"),
]


def sections(document: Mapping[str, Any]) -> list[Section]:
    """Return the finding with the rows of the mode, then what the first screen leaves out."""
    mode = document["mode"]
    if mode == "decompose":
        return decomposition(document)
    if mode == "shares":
        return of_shares.sections(document)
    title, against = TITLES[mode]
    rows, controls = ordered(document), [row for row in document["rows"] if row["control"]]
    title = measured(document, f"{title}: {{train_size:,}} training digits")
    grid = whole = changes(rows, title, against)
    if mode == "without":  # there is no full set to compare the full set with
        blank = [*whole.rows[1][:2], *([""] * len(whole.rows[1][2:]))]
        grid = whole = replace(whole, rows=[whole.rows[0], blank, *whole.rows[2:]])
    notes = [*scope(document, grid), *document["remarks"]]
    if mode == "alone":
        notes.append(
            "Without it: the same recipe less the tweak, trained as long, unless the tweak is longer training."
        )
    first = {"alone": 1, "without": 2}.get(mode, len(rows))  # rows that tweaks are compared with
    if len(rows) > SHOWN + first:
        grid = replace(whole, rows=whole.rows[: SHOWN + first])
        notes.append(f"The first {SHOWN} of {len(rows) - first}; --long shows them all.")
    charts = [("figure", "The test error of every row, with both intervals.")]
    made = [Section("", document["finding"], [grid], notes, charts=charts)]
    if "latency_measured_with" not in document:  # it is still being made
        return made
    if grid is not whole:
        made.append(Section("Every tweak", "", [replace(whole, title="")], long=True))
    if controls:
        grid = changes(controls, "", "change in mistakes from fewer epochs")
        made.append(Section("Controls: the same, trained longer", "", [grid], long=True))
    shares = [*reduction("the row that it builds on", "step"), *reduction("the first row", "1989")]
    parts = (("Mistakes", [*OVER, *FIRST]), ("Which share of the mistakes is gone", shares))
    told = [Grid.of(title, [*rows, *controls], [NAME, *columns]) for title, columns in parts]
    made.append(Section("Against the first row", "", told, [f"{OVER_RUNS} {REDUCTION}"], True))
    made += [grounds(document), *spread(document, rows), *beside_the_published(document, rows)]
    return [*made, costs(document), eras(document)]


def measured(document: Mapping[str, Any], title: str) -> str:
    """Complete a title with the digits and the seeds of the rows."""
    first = document["rows"][0]
    return f"{title}, {{test_size:,}} test digits, {runs(first)} a row".format(**first)


def ordered(document: Mapping[str, Any]) -> list[Row]:
    """Return the rows that are no controls: a ladder as it climbs, tweaks by what they are worth, the best first."""
    rows = [row for row in document["rows"] if not row["control"]]
    starts, sign = {"ladder": (len(rows), 1), "alone": (1, 1), "without": (2, -1)}[document["mode"]]

    def worth(row: Row) -> float:
        change = row["change_step"]["mean"]
        return float("inf") if change is None else sign * float(change)

    return [*rows[:starts], *sorted(rows[starts:], key=worth)]


def changes(rows: Sequence[Row], title: str, against: str) -> Grid:
    """Return rows with their errors, and the changes from the row that each builds on."""
    return Grid.of(title, rows, [NAME, ERROR, mean(against, "change_step", "+,.1f", "+,.0f"), *verdicts("_step")])


def spread(document: Mapping[str, Any], rows: Sequence[Row]) -> list[Section]:
    """Return what the mistakes of each row vary by, and which changes how many runs and test digits would resolve."""
    grids, notes, power = varied(rows), [VARIED], document.get("power")
    if not grids:
        return []
    if power:
        of_digits = sorted({point["digits"] for point in power})
        by = {(point["runs"], point["digits"]): Value(point["detectable"], ",.0f") for point in power}
        lines = [
            [Value(runs), *(by[runs, digits] for digits in of_digits)]
            for runs in sorted({point["runs"] for point in power})
        ]
        head = ["runs a row", *(f"{digits:,} test digits" for digits in of_digits)]
        grids.append(Grid("The change that would be resolved, in mistakes of 10,000", head, lines, ()))
        notes.append(
            "Resolved: in four of five such experiments, for the median step, at the level that this table asks for."
        )
    lacking = [row for row in rows if row.get("runs_to_resolve_step")]
    change = mean("change, mistakes", "change_step", "+,.1f", "+,.0f")
    needed = number("runs a row that would resolve such a change", "runs_to_resolve_step")
    grids += [Grid.of("What is not resolved", lacking, [NAME, change, needed])] if lacking else []
    charts = [("power", "The change that would be resolved, against the number of runs.")] if power else []
    return [Section("What the mistakes vary by", "", grids, notes, True, charts)]


def reduction(base: str, key: str) -> list[Column]:
    """Return the columns of the share of another row's mistakes that is gone, and of the p of the verdict."""
    return [
        mean(f"reduction from {base}, %", f"reduction_{key}", ".0f"),
        number(f"p against {base}", f"p_{key}", ".2g"),
    ]


def beside_the_published(document: Mapping[str, Any], rows: Sequence[Row]) -> list[Section]:
    """Return the rows that the paper or the essay has, too, beside what they published."""
    told = {(reference["recipe"], reference["net"]): reference for reference in document["references"]}
    both = [{**row, "published": told[key]} for row in rows if (key := (row["recipe"], row["net"])) in told]

    def published(what: str, key: str, form: str) -> Column:
        return f"published {what}", lambda row: Interval.of(row["published"].get(key), form)

    def beside(what: str, key: str) -> list[Column]:
        return [
            NAME,
            published(what, key, ".0f"),
            mean(f"{what} here", key, ",.1f", ",.0f"),
            (
                f"{what} here, lowest to highest run",
                lambda row: f"{min(row[key]['values']):,} to {max(row[key]['values']):,}",
            ),
        ]

    both = [row | {"test_mistakes": row.get("mistakes_of_2007") or row["test_mistakes"]} for row in both]
    tested, trained = beside("mistakes of 2,007", "test_mistakes"), beside("training mistakes", "train_mistakes")
    if any(reference.get("change_step") for reference in told.values()):
        tested += [published("change", "change_step", "+.0f")]
    grids = [Grid.of("On test digits", both, tested), Grid.of("On training digits", both, trained)]
    note = "Published: one seed each; the 2022 essay's on its own subset (here --subset karpathy-test-first)."
    return [Section("Beside the published figures", "", grids, [note], True)] if told else []


def costs(document: Mapping[str, Any]) -> Section:
    """Return what each row costs, to use and to train, and how many digits it would have to reject."""
    use: list[Column] = [
        NAME,
        number("parameters", "parameters"),
        number("multiply-adds of one digit", "multiply_adds"),
        number("latency, us", "latency_us", ".1f"),
        ("latency against the first row's, %", lambda row: Value(100 * (row["latency_ratio"] - 1), "+.0f")),
        ("size and latency", lambda row: "same" if row["same_size_and_latency"] else "another"),
        mean("rejected for 1 % error, %", "rejected_by_margin", ".1f"),
    ]
    training = [
        NAME,
        EPOCHS,
        SEEN,
        number("time a net", "seconds_a_net", "duration"),
        number("times the first row's", "time_ratio", ".3g"),
        word("trained by", "backend"),
    ]
    notes = (
        f"Latency: one picture alone, by {document['latency_measured_with']}, medians of rounds in which the rows take "
        "turns; against the first row's: the median of the rounds' own ratios. Another: a size that is not the first "
        "row's, or a latency more than 5 % from it. Rejected: digits to leave unread, by the difference of the two "
        "largest outputs, for 1 % error on the others.",
        "Examples seen: by one net, its teachers included. Times compare only where the same backend trained.",
    )
    grids = [Grid.of("To use", document["rows"], use), Grid.of("To train", document["rows"], training)]
    return Section("What it costs", "", grids, notes, True)


def eras(document: Mapping[str, Any]) -> Section:
    """Return how many digits each era's nets all misread, repair and break, with pictures of the last era's."""
    head = (
        "era",
        "nets",
        "digits read wrongly by all its nets",
        "repaired of the era before",
        "broken of the era before",
    )
    counts = [
        [name, Value(era["nets"]), *(Value(len(era[kind])) for kind in LISTS)]
        for name, era in document["misread"].items()
    ]
    parts: list[Grid | Pictures] = [Grid("", head, counts)]
    name, era = list(document["misread"].items())[-1]
    for kind, words in LISTS.items():
        shown = [digit for digit in era[kind] if "pixels" in digit]
        if shown:
            captions = [f"{digit['true']} read as {digit['read_as']}" for digit in shown]
            title = words.format(nets=counted(era["nets"], "net"), era=name, count=len(era[kind]))
            parts.append(Pictures(title, [digit["pixels"] for digit in shown], captions))
    charts = [("digits", "Digits that whole eras misread, and that they repair.")] if len(parts) > 1 else []
    note = "Repaired: read rightly by most nets of the era, wrongly by most of the era before. Broken: the opposite."
    return Section("Digits that whole eras misread", "", parts, [note], True, charts)


def decomposition(document: Mapping[str, Any]) -> list[Section]:
    """Return what each cause removes and every cell, then the intervals for new digits."""
    first, rows = document["rows"][0], document["rows"]
    causes = [
        word("cause", "part"),
        mean(f"alone, from {first['label']}", "first", ".0f"),
        mean("as the last to come, of the mistakes then left", "last", ".0f"),
    ]
    name = [word("recipe", "label"), number("training digits", "train_size")]
    removes = "What each cause removes of the mistakes, %, with the 95 % interval"
    title = measured(document, "Algorithm, training and data on {data}")
    cells = Grid.of(title, rows, [*name, ERROR, MISTAKES])
    notes = scope(document, cells)
    if len({row["train_size"] for row in rows}) > 1:
        notes.append("With more digits a recipe sees about as many examples as with 1989's, in whole epochs.")
    against = Grid.of("Mistakes", rows, [*name, SEEN, *FIRST])
    told = Grid.of("Which share of the mistakes is gone", rows, [*name, *OVER, *reduction("the first row", "1989")])
    charts = [("figure", "The test error of every cell, with both intervals.")]
    return [
        Section("", document["finding"], [Grid.of(removes, document["parts"], causes), cells], notes, charts=charts),
        Section("Against the first row", "", [against, told], [f"{OVER_RUNS} {REDUCTION}"], True),
        grounds(document),
    ]
