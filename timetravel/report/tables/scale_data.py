"""What `timetravel scale-data` shows: the errors by size, their laws, what these predict, and the closing table."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from timetravel.numbers import counted, listed, significant
from timetravel.report.grid import Cell, Column, Grid, Interval, Section, Value, mean, number, word
from timetravel.report.render import text
from timetravel.report.tables import INTERVALS, calibration, closing, new_digits

Document = Mapping[str, Any]
NEW = "Errors: in brackets the 95 % interval for new nets and new digits, by a bootstrap over seeds and digits."
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
SUBSETS = INTERVALS.replace("seeds", "subsets, each the mean of its seeds")
CHART = "Error against training digits on logarithmic axes, with the laws and their bands."
SIZE = number("training digits", "train_size")


def sections(document: Document) -> list[Section]:
    """Return what was found with the errors by size and what was asked of the laws; then the laws and their record."""
    laws, asked, checked = laws_of(document), answers(document), of_curves(document, "checks")
    chosen = [f"{curve['era']}, {curve.get('law') or 'none'}" for curve in document["curves_fitted"]]
    notes = [NEW, *([f"Laws: {'; '.join(chosen)}."] if laws else []), *([SCENARIO] if asked else [])]
    made = [
        Section("", document["finding"], [by_size(document), *asked], notes, charts=[("figure", CHART)]),
        closing.section(document, "What tweaks and data are worth"),
    ]
    made += [Section("The laws", "", laws, law_notes(document), long=True)] if laws else []
    made += [checks(checked)] if checked else []
    over = [SUBSETS if len(document["rows"][0]["subsets"]) > 1 else INTERVALS, *calibration(document)]
    made.append(Section("Errors and examples seen", "", [in_full(document)], over, long=True))
    return [*made, *beside_the_essay(document)]


def by_size(document: Document) -> Grid:
    """Return the learning curves: a row a size, a column an era."""
    first, rows = document["rows"][0], document["rows"]
    at = {(row["recipe"], row["train_size"]): row for row in rows}

    def measured(era: str) -> Column:
        return era, lambda size: new_digits(at[era, size])

    columns: list[Column] = [("training digits", lambda size: Value(size, ",d"))]
    columns += map(measured, dict.fromkeys(era for era, _ in at))
    subsets = f"{counted(len(first['subsets']), 'subset')}, " if len(first["subsets"]) > 1 else ""
    counts = f"{first['test_size']:,} test digits, {subsets}{counted(len(first['seeds']), 'seed')}"
    return Grid.of(f"Test error in % on {first['data']}: {counts}", sorted({size for _, size in at}), columns)


def laws_of(document: Document) -> list[Grid]:
    """Return the law chosen for each era, its numbers, and how well each law predicted the sizes held out."""
    curves = document["curves_fitted"]

    def floor(curve: Document) -> Cell:
        unsure = curve.get("floor_identified") is False
        return "not identified" if unsure else Interval.of(curve.get("exponent") and curve["constant"], ".2f")

    def misses(law: str) -> Column:
        return f"{law} misses", lambda curve: Value((curve["held_out_factor"] or {}).get(law), ".3g")

    columns: list[Column] = [
        word("recipe", "era"),
        ("law", lambda curve: curve.get("law") or "none"),
        ("exponent", lambda curve: Interval.of(curve.get("exponent"), ".2f")),
        ("floor, %", floor),
        *map(misses, dict.fromkeys(law for curve in curves for law in curve["held_out_factor"] or ())),
    ]
    title = "The law of each curve, and by which factor each law misses the largest sizes"
    return [Grid.of(title, curves, columns)] if len(columns) > 4 else []


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


def answers(document: Document) -> list[Grid]:
    """Return the errors, and the numbers of digits and their price, that were asked for."""
    grids = []
    scenario: Column = ("scenario", lambda found: "yes" if found["scenario"] else "no")
    if predicted := of_curves(document, "predictions"):
        columns = [word("recipe", "era"), SIZE, ("error, %", predicted_error), scenario]
        grids.append(Grid.of("Predicted, with 95 % prediction intervals", predicted, columns))
    if needed := list(amounts(of_curves(document, "digits_needed"))):
        columns = [word("recipe", "era"), number("error, %", "error", "g"), word("what", "what")]
        columns += [*map(amount, ("mean", "low", "high")), scenario]
        grids.append(Grid.of("Labelled digits that an error takes, with 95 % intervals", needed, columns))
    return grids


def predicted_error(found: Document) -> Cell:
    """Return the cell of a prediction."""
    return Interval.of(found["error"], ".2f") if found["error"] else "nothing: the law leaves 0 to 100 %"


def amounts(needed: Sequence[Document]) -> Iterator[Document]:
    """Yield what errors take, a row for the digits, and one for the price of their labels where it was asked for."""
    for found in needed:
        for what, key in (("digits", "digits"), ("labels, dollars", "cost")):
            if key in found:
                scenario = found["scenario"] and found["digits"]["mean"] is not None
                yield {**found, **found[key], "what": what, "scenario": scenario}


def amount(part: str) -> Column:
    """Return the column of an amount, to two significant digits; 'never' where a law does not get there."""
    head = {"mean": "it takes", "low": "at least", "high": "at most"}[part]
    return head, lambda row: "never" if row[part] is None else Value(significant(row[part], 2), ",.0f")


def checks(checked: Sequence[Document]) -> Section:
    """Return what each law predicted of the largest sizes from the smaller ones, beside what was measured."""
    columns = [
        word("recipe", "era"),
        word("law", "law"),
        SIZE,
        ("predicted, %", predicted_error),
        number("measured, %", "truth", ".2f"),
        ("inside", lambda found: "yes" if found["inside"] else "no"),
    ]
    inside = sum(found["inside"] for found in checked)
    sentence = f"Predicted from the smaller sizes alone: {inside} of {len(checked)} inside their intervals."
    return Section("Predicted and measured", sentence, [Grid.of("", checked, columns)], long=True)


def in_full(document: Document) -> Grid:
    """Return every row: the examples seen, the mistakes, and the error with both intervals."""
    columns = [
        SIZE,
        word("recipe", "recipe"),
        number("examples seen", "examples_seen"),
        mean("mistakes", "test_mistakes", ".1f", ".0f"),
        mean("error, %", "test_error"),
        ("error for new digits, %", new_digits),
    ]
    return Grid.of("", sorted(document["rows"], key=lambda row: int(row["train_size"])), columns)


def beside_the_essay(document: Document) -> list[Section]:
    """Return the essay's figures beside the rows of the same recipe and number of digits, where there are any."""
    told = {(row["recipe"], row["train_size"]): row for row in document["references"]}
    pairs = []
    for row in document["rows"]:
        if essay := told.get((row["recipe"], row["train_size"])):
            error, new = essay["test_error"]["mean"], row["new_digits"]
            inside = "yes" if new["low"] <= error <= new["high"] else "no"
            pairs.append({**row, "essay": essay["test_mistakes"]["mean"], "essay_error": error, "inside": inside})
    columns: list[Column] = [
        ("recipe", lambda row: f"{row['recipe']}, {row['train_size']:,} digits"),
        number("epochs here", "epochs"),
        number("essay's mistakes", "essay"),
        mean("mistakes here", "test_mistakes", ".1f", ".0f"),
        number("essay's error, %", "essay_error", ".2f"),
        ("error here for new digits, %", new_digits),
        word("essay inside", "inside"),
    ]
    return [Section("Beside the essay", "", [Grid.of("", pairs, columns)], [ESSAY], long=True)] if pairs else []
