"""Learning curves as Rich tables: the errors, their laws, what these predict, and the closing table."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from timetravel.numbers import counted, listed
from timetravel.show.closing import closing, closing_note
from timetravel.show.ladder import calibration
from timetravel.show.markdown import factor
from timetravel.show.tables import INTERVALS, NEW_DIGITS, error, new_table
from timetravel.stats.laws import LAWS

if TYPE_CHECKING:
    from timetravel.stats.predictions import Predicted
    from timetravel.studies.scale_data import ScaleDataResult


def scale_data(result: "ScaleDataResult") -> RenderableType:
    """Show the curves, the laws and their record, the answers, and the table that the program exists for."""
    parts: list[RenderableType] = [errors_by_size(result)]
    if len({row.train_size for row in result.rows}) > 2:
        parts += [laws(result), Text(law_note(result), style="dim")]
    if any(curve.checks for curve in result.curves):
        parts.append(checks(result))
    if any(curve.predictions for curve in result.curves):
        parts.append(predictions(result))
    if any(curve.needed for curve in result.curves):
        parts.append(digits_needed(result))
    parts += [closing(result.closing), Text(note(result), style="dim")]
    return Group(*parts, Text(f"\n{result.finding}", style="bold"))


def errors_by_size(result: "ScaleDataResult") -> Table:
    """Return the learning curves: a row a size, a column an era."""
    first = result.rows[0]
    eras = list(dict.fromkeys(row.name for row in result.rows))
    subsets = f"{counted(len(first.subsets), 'subset')}, " if len(first.subsets) > 1 else ""
    nets = counted(len({run.seed for run in first.runs}), "seed")
    title = f"Test error in % on {first.data} ({first.test_size:,} test digits, {subsets}{nets})"
    told = {(row["recipe"], row["train_size"]): row["test_error"]["mean"] for row in result.references}
    table = new_table(title, "training digits", *eras, *[f"essay\n{era}" for era in eras if beside(told, result, era)])
    for size in sorted({row.train_size for row in result.rows}):
        by_era = {row.name: place for place, row in enumerate(result.rows) if row.train_size == size}
        cells = [error(result.rows[by_era[era]].test_error, result.evidence.new_digits[by_era[era]]) for era in eras]
        essays = [(era, size) for era in eras if beside(told, result, era)]
        table.add_row(f"{size:,}", *cells, *[f"{told[pair]:.2f}" if pair in told else "" for pair in essays])
    return table


def beside(told: Mapping[tuple[str, int], float], result: "ScaleDataResult", era: str) -> bool:
    """Whether the essay has a figure for an era at one of the sizes."""
    return any((era, row.train_size) in told for row in result.rows)


def laws(result: "ScaleDataResult") -> Table:
    """Return the law chosen for each era, its numbers, and how well each law predicted the sizes held out."""
    table = new_table("The law of each curve", "recipe", "law", "exponent", "floor, %", "misses by")
    for curve in result.curves:
        known = [law for law in LAWS if law.name in curve.held_out]
        missed = "\n".join(f"{factor(curve.held_out[law.name])} {law.short}" for law in known)
        if curve.law is None:
            table.add_row(curve.era, Text("none"), "", "", missed)
            continue
        floor = ""
        if curve.law.has_exponent and curve.law.has_constant:
            floor = ranged(curve.parameter(2), 100) if curve.floor_identified else "not\nidentified"
        exponent = ranged(curve.parameter(1)) if curve.law.has_exponent else ""
        table.add_row(curve.era, Text(curve.law.name), exponent, floor, missed)
    return table


def ranged(found: Mapping[str, float], scale: float = 1) -> str:
    """Write a number with its interval below."""
    mean, low, high = (scale * found[part] for part in ("mean", "low", "high"))
    return f"{mean:.2f}\n[{low:.2f}, {high:.2f}]"


def law_note(result: "ScaleDataResult") -> str:
    """Say how laws were chosen, which were refused and why, and whether the eras fall at one rate."""
    sentences = [
        "Laws are fitted to counts of mistakes (quasi-binomial) and chosen by how little they miss the largest sizes, "
        "unseen by them; 'misses by' tells the factor for each. They speak of this test set, and of this budget: where "
        "more digits are shown no more often, a floor may be the training's and not the data's. Intervals: replicates "
        "of the means around the law, with the spread of " + spread_of(result)
    ]
    sentences += [f"No law for {curve.era}: {curve.refused}." for curve in result.curves if curve.refused]
    if bent := [curve.era for curve in result.curves if curve.law and curve.powers is None]:
        sentences.append(f"No exponents are compared for {listed(bent)}: a plain power law misses there by half.")
    for pair in result.exponents:
        low, high, mean = (pair.difference[part] for part in ("low", "high", "mean"))
        sentences.append(
            f"Exponents of plain power laws, {pair.eras[1]} less {pair.eras[0]}: {mean:+.2f} "
            f"[{low:+.2f}, {high:+.2f}], {pair.verdict}."
        )
    return " ".join(sentences)


def spread_of(result: "ScaleDataResult") -> str:
    """Say what the replicates' spread is read from."""
    first = result.rows[0]
    if first.independent < 2:
        return "a binomial's count or of the law's misses: one run a size tells no more."
    if len(first.subsets) > 1:
        return "subsets and of the law's misses."
    return "seeds and of the law's misses; the luck of the one subset is not in them."


def predicted(found: "Predicted") -> str:
    """Write a predicted error with its interval."""
    if found.error is None:
        return "nothing: the law leaves 0 to 100 %"
    return f"{found.error['mean']:.2f} [{found.error['low']:.2f}, {found.error['high']:.2f}]"


def checks(result: "ScaleDataResult") -> Table:
    """Return what each law predicted of the largest sizes from the smaller ones, beside what came."""
    every = [check for curve in result.curves for check in curve.checks]
    inside = sum(bool(check.inside) for check in every)
    table = new_table(
        f"Predicted from the smaller sizes alone: {inside} of {len(every)} inside",
        "recipe, law",
        "training digits",
        "predicted, %",
        "came, %",
        "inside",
    )
    for curve in result.curves:
        for check in curve.checks:
            table.add_row(
                Text(f"{curve.era}, {curve.checked_law.name}" if curve.checked_law else curve.era),
                f"{check.size:,}",
                predicted(check),
                f"{check.truth:.2f}",
                "yes" if check.inside else "no",
            )
    return table


def predictions(result: "ScaleDataResult") -> Table:
    """Return the errors that were asked for."""
    table = new_table("Predicted, 95 % prediction intervals", "recipe", "training digits", "error, %", "")
    for curve in result.curves:
        for found in curve.predictions:
            table.add_row(curve.era, f"{found.size:,}", predicted(found), "scenario" if found.scenario else "")
    return table


def digits_needed(result: "ScaleDataResult") -> Table:
    """Return the numbers of digits that were asked for, and their price."""
    priced = result.label_cost is not None
    table = new_table(
        "Labelled digits that an error takes", "recipe", "error, %", "digits", *(["labels, $"] if priced else []), ""
    )
    for curve in result.curves:
        for need in curve.needed:
            cells = [amount(need.digits)]
            if priced:
                cost = result.label_cost or 0.0
                cells.append(amount({part: n and n * cost for part, n in need.digits.items()}))
            word = "scenario" if need.scenario and need.digits["mean"] is not None else ""
            table.add_row(curve.era, f"{need.error:g}", *cells, word)
    return table


def amount(found: Mapping[str, float | None]) -> str:
    """Write an amount to two significant digits, with its interval; 'never' where a law does not get there."""

    def told(value: float | None) -> str:
        return "never" if value is None else f"{float(f'{value:.2g}'):,.0f}"

    return f"{told(found['mean'])}\n[{told(found['low'])}, {told(found['high'])}]"


def note(result: "ScaleDataResult") -> str:
    """Say what the closing table holds."""
    first = result.rows[0]
    if len(first.runs) == 1:
        return f"One seed a row. {closing_note(result.closing)}"
    over = INTERVALS.replace("seeds", "subsets, each the mean of its seeds") if len(first.subsets) > 1 else INTERVALS
    needs = (
        "" if first.independent >= 6 else f" A verdict needs six {'subsets' if len(first.subsets) > 1 else 'seeds'}."
    )
    essay = (
        " Essay: single seeds on karpathy-test-first, with 100 epochs over 50,000 digits." if result.references else ""
    )
    return f"{closing_note(result.closing)} {over} {NEW_DIGITS}{needs}{calibration(result.evidence)}{essay}"
