"""What `timetravel scale-data` shows: the errors by size, their laws, and what these predict."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from timetravel.numbers import listed, significant
from timetravel.report.grid import Cell, Column, Grid, Interval, Section, Value, mean, number, word
from timetravel.report.render import text
from timetravel.report.tables import OVER_RUNS, grounds, new_digits, runs, verdicts

Document = Mapping[str, Any]
SCENARIO = "Scenario: beyond ten times the sizes that were measured."
ESSAY = (
    "The essay's are single seeds on its own subset, karpathy-test-first, with 100 epochs over 50,000 digits. Inside: "
    "in our interval for new nets and new digits."
)
LAWS = (
    "Laws are fitted to counts of mistakes (quasi-binomial) and chosen by how little they miss the largest sizes, "
    "unseen by them. They speak of this test set, and of this budget: where more digits are shown no more often, a "
    "floor may be the training's and not the data's. Intervals: replicates of the means around the law, with the "
    "spread of {}."
)
CHART = "Error against training digits on logarithmic axes, with the laws and their bands."
ERA, SIZE = word("recipe", "era"), number("training digits", "train_size")


def sections(document: Document) -> list[Section]:
    """Return what was found with the errors by size and what was asked of the laws; then the laws and their record."""
    laws, asked = laws_of(document), answers(document)
    chosen = [f"{curve['era']}, {curve.get('law') or 'none'}" for curve in document["curves_fitted"]]
    notes = [
        *document["method"][:-1],
        *([f"Laws, with their numbers in --long: {'; '.join(chosen)}."] if laws else []),
        *([SCENARIO] if asked else []),
    ]
    made = [
        Section("", document["finding"], [by_size(document), *asked], notes, charts=[("figure", CHART)]),
    ]
    if laws:
        made.append(Section("The laws", "", laws, law_notes(document), long=True))
    if checked := of_curves(document, "checks"):
        measured = number("measured, %", "truth", ".2f")
        columns = [ERA, word("law", "law"), SIZE, ("predicted, %", _predicted), measured, _yes_or_no("inside")]
        inside = sum(found["inside"] for found in checked)
        sentence = f"Predicted from the smaller sizes alone: {inside} of {len(checked)} inside their intervals."
        made.append(Section("Predicted and measured", sentence, [Grid.of("", checked, columns)], long=True))
    columns = [
        SIZE,
        word("recipe", "recipe"),
        number("examples seen", "examples_seen"),
        mean("mistakes", "test_mistakes", ",.1f", ",.0f"),
        mean("change in mistakes", "change_base", "+,.1f", "+,.0f"),
        *verdicts("_base"),
    ]
    rows = sorted(document["rows"], key=itemgetter("train_size"))
    base = next((row for row in rows if not row["change_base"]), rows[0])
    notes = [f"Changes: from {base['recipe']} with {base['train_size']:,} digits. Mistakes: {OVER_RUNS}"]
    made.append(Section("Mistakes and examples seen", "", [Grid.of("", rows, columns)], notes, long=True))
    return [*made, *beside_the_essay(document), grounds(document)]


def _yes_or_no(key: str, head: str = "") -> Column:
    return head or key, lambda row: "yes" if row[key] else "no"


def by_size(document: Document) -> Grid:
    """Return the learning curves: a row a size, a column an era."""
    first, rows = document["rows"][0], document["rows"]
    lines: dict[int, dict[str, Any]] = {size: {"train_size": size} for size in sorted({r["train_size"] for r in rows})}
    for row in rows:
        lines[row["train_size"]][row["recipe"]] = new_digits(row)
    columns = [SIZE]
    columns += [(era, itemgetter(era)) for era in dict.fromkeys(row["recipe"] for row in rows)]
    counts = f"{first['test_size']:,} test digits, {runs(first)} each"
    return Grid.of(f"Test error in % on {first['data']}: {counts}", list(lines.values()), columns)


def laws_of(document: Document) -> list[Grid]:
    """Return the law chosen for each era, its numbers, and how well each law predicted the sizes held out."""
    curves = document["curves_fitted"]
    judged = dict.fromkeys(law for curve in curves for law in curve["held_out_factor"] or ())
    rows: list[dict[str, Cell]] = []
    for curve in curves:
        exponent, misses = curve.get("exponent"), curve["held_out_factor"] or {}
        unsure = curve.get("floor_identified") is False
        floor = "not identified" if unsure else Interval.of(exponent and curve["constant"], ".2f")
        chosen = {"recipe": curve["era"], "law": curve.get("law") or "none", "exponent": Interval.of(exponent, ".2f")}
        rows.append({**chosen, "floor, %": floor, **{f"{law} misses": factor(misses.get(law)) for law in judged}})
    columns: list[Column] = [(head, itemgetter(head)) for head in rows[0]]
    title = "The law of each curve, and by which factor each law misses the largest sizes"
    return [Grid.of(title, rows, columns)] if judged else []


def factor(miss: float | None) -> Cell:
    """Return the cell of a factor; a law that misses by more than 100 is told as that."""
    return "> 100" if miss and miss > 100 else Value(miss, ".2f")


def law_notes(document: Document) -> list[str]:
    """Say how laws were chosen, which were refused and why, and whether the eras fall at one rate."""
    first, curves = document["rows"][0], document["curves_fitted"]
    spread = "seeds and of the law's misses; the luck of the one subset is not in them"
    if len(first["subsets"]) > 1:
        spread = "subsets and of the law's misses"
    elif len(first["seeds"]) == 1:
        spread = "a binomial's count or of the law's misses: one run a size tells no more"
    notes = [LAWS.format(spread)]
    notes += [f"No law for {curve['era']}: {curve['refused']}." for curve in curves if curve["refused"]]
    if bent := [curve["era"] for curve in curves if curve.get("power_law_holds") is False]:
        notes.append(f"No exponents are compared for {listed(bent)}: a plain power law misses there by half.")
    for pair in document["exponents"]:
        difference = text(Interval.of(pair["difference"], "+.2f"))
        less = " less ".join(reversed(pair["eras"]))
        notes.append(f"Exponents of plain power laws, {less}: {difference}, {pair['verdict']}.")
    return notes


def of_curves(document: Document, key: str) -> list[Document]:
    """Return the checks or the answers of all curves, each with its era and its law."""
    curves = document["curves_fitted"]
    return [{**found, "era": c["era"], "law": c["checked_law"]} for c in curves for found in c.get(key, ())]


def _predicted(found: Document) -> Cell:
    return Interval.of(found["error"], ".2f") if found["error"] else "nothing: the law leaves 0 to 100 %"


def amount(head: str, part: str) -> Column:
    """Return the column of an amount, to two significant digits; 'never' where a law does not get there."""
    return head, lambda row: "never" if row[part] is None else Value(significant(row[part], 2), ",.0f")


def answers(document: Document) -> list[Grid]:
    """Return the errors, and the numbers of digits and the price of their labels, that were asked for."""
    grids, needed = [], []
    if told := of_curves(document, "predictions"):
        columns = [ERA, SIZE, ("error, %", _predicted), _yes_or_no("scenario")]
        grids.append(Grid.of("Predicted, with 95 % prediction intervals", told, columns))
    for found in of_curves(document, "digits_needed"):
        scenario = found["scenario"] and found["digits"]["mean"] is not None
        for what, key in (("digits", "digits"), ("labels, dollars", "cost")):
            if key in found:
                needed.append({**found, **found[key], "what": what, "scenario": scenario})
    if needed:
        columns = [ERA, number("error, %", "error", "g"), word("what", "what"), amount("it takes", "mean")]
        columns += [amount("at least", "low"), amount("at most", "high"), _yes_or_no("scenario")]
        grids.append(Grid.of("Labelled digits that an error takes, with 95 % intervals", needed, columns))
    return grids


def beside_the_essay(document: Document) -> list[Section]:
    """Return the essay's figures beside rows of the same recipe and numbers of digits, to train and test on."""
    told = {(row["recipe"], row["train_size"]): row for row in document["references"]}
    pairs = []
    for row in document["rows"]:
        essay = told.get((row["recipe"], row["train_size"]))
        if essay and essay["test_size"] == row["test_size"]:
            error, new = essay["test_error"]["mean"], row["new_digits"]
            inside = new["low"] <= error <= new["high"]
            pairs.append({**row, "essay": essay["test_mistakes"]["mean"], "essay_error": error, "inside": inside})
    columns: list[Column] = [
        ("recipe", lambda row: f"{row['recipe']}, {row['train_size']:,} digits"),
        number("epochs here", "epochs"),
        number("essay's mistakes", "essay"),
        mean("mistakes here", "test_mistakes", ",.1f", ",.0f"),
        number("essay's error, %", "essay_error", ".2f"),
        ("error here, %", new_digits),
        _yes_or_no("inside", "essay inside"),
    ]
    return [Section("Beside the essay", "", [Grid.of("", pairs, columns)], [ESSAY], long=True)] if pairs else []
