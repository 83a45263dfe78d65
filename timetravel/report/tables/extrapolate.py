"""What `timetravel extrapolate` shows first: the finding, seven claims in a sentence each, and one table of factors.

Or, for a year that is past, how a forecast made then has fared. What `--long` adds is in extrapolate_claims (what each
claim rests on, and the ledger) and in extrapolate_grounds (the method's record, the projection and their sources).
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from timetravel.numbers import chance, rough, short
from timetravel.report.grid import Column, Grid, Interval, Section, Value, number, word
from timetravel.report.tables import extrapolate_claims as of_claims
from timetravel.report.tables import extrapolate_grounds as grounds

Document = Mapping[str, Any]
COLUMNS: Final = (
    "quantity", "label", "unit", "domain", "scenario", "kind", "year", "value", "low", "high", "in_2022",
    "standing_in", "last_record", "source",
)  # fmt: skip
FORECAST: Final = (
    "quantity", "label", "unit", "then", "predicted", "low", "high", "came", "error_oom", "unchanged_error_oom",
    "inside", "source",
)  # fmt: skip
LEDGER: Final = (
    "id", "issued", "standing", "claim", "statement", "quantity", "threshold", "unit", "due", "probability", "words",
    "resolves", "table", "link", "outcome", "actual", "source",
)  # fmt: skip


def sections(document: Document) -> list[Section]:
    """Return the first screen, then every table of the report."""
    if document["replay"]:
        return [_replay(document)]
    return [_claims(document), _factors(document), *of_claims.sections(document), *grounds.sections(document)]


def files(document: Document) -> dict[str, bytes]:
    """Return projection.csv, the way to the target, ledger.csv, and milestones.csv as a user's own file has them."""
    if document["replay"]:
        return {"forecast.csv": _csv(FORECAST, document["replay"]["rows"]), "milestones.csv": _milestones(document)}
    facts = {(one["quantity"], one["scenario"]): one for one in document["projection"]}
    parts = ("year", "value", "low", "high")
    way = [
        facts[path["quantity"], path["scenario"]] | dict(zip(parts, values, strict=True))
        for path in document["paths"]
        for values in zip(path["years"], path["value"], path["low"], path["high"], strict=True)
    ]
    tables = {"projection.csv": _csv(COLUMNS, way), "ledger.csv": _csv(LEDGER, document["ledger"])}
    return tables | {"milestones.csv": _milestones(document)}


def _milestones(document: Document) -> bytes:
    used = [
        one | {"estimated": "yes" if one["estimated"] else "no", "value": f"{one['value']:.10g}"}
        for one in document["milestones"]
    ]
    return _csv([name for name in used[0] if name != "time"], used)


def _csv(columns: Sequence[str], rows: Iterable[Document]) -> bytes:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()


def _claims(document: Document) -> Section:
    """Return the finding, and of each claim its verdict with a sentence, in one column: so that it fits a screen."""

    def told(one: Document) -> str:
        likely = f", {chance(one['probability'])}" if one["verdict"] == one["words"] else ""
        return f"{one['short'][0].upper()}{one['short'][1:]}: {one['verdict']}{likely}. {one['sentence']}"

    columns = [word("", "id"), (f"His claims about {document['to']}: verdict, and what is known", told)]
    own = document["scored_by_own"] and document["ledger_score"]
    finding = " ".join([*([of_claims.scored(own)] if own else []), document["finding"]])
    return Section("", finding, [Grid.of("", document["claims"], columns)])


def _factors(document: Document) -> Section:
    def factor(head: str, key: str) -> Column:
        return head, lambda one: _times(one[key], short)

    def ahead(one: Document) -> str:
        value, *ends = [_times((one["foretold"] or {}).get(part), rough) for part in ("value", "low", "high")]
        return value if "-" in ends else f"{value} [{', '.join(ends)}]"

    to = document["to"]
    columns = [word("", "what"), factor("essay", "essay"), factor("actual", "came")]
    columns += [factor("to 2026", "since"), (f"to {to} [80 %]", ahead), word("limit", "limit")]
    made = [[cell(one) for _, cell in columns] for one in document["factors"]]
    title = f"Growth, times: 1989 to 2022 (essay, actual), 2022 to 2026, 2022 to {to}"
    grid = Grid(title, [head for head, _ in columns], made, (0, len(columns) - 1))
    known = (
        "[ ]: of D to G 95 % intervals of measurements, else 80 % of simulated futures. Limits are often our own "
        "guesses. 3e5: 300,000. More: --long, --out DIR."
    )
    return Section("", parts=[grid], notes=[*grounds.in_short(document), known])


def _times(factor: float | None, form: Any) -> str:
    """Write a factor: '600', '1e7', and for what falls '1/4e6'; '-' for none."""
    if factor is None:
        return "-"
    return (f"1/{form(1 / factor)}" if factor < 1 else form(factor)).replace(".0e", "e")


def _measured(row: Document) -> str:
    """Name what is measured, with its unit where that is one word that the name has not."""
    label, unit = row["label"], row["unit"]
    return label if unit in label or not unit.isalpha() else f"{label}, {unit}"


def _replay(document: Document) -> Section:
    """Return how a forecast made in a year that is past has fared."""
    told = document["replay"]
    standing, to = told["standing"], told["to"]
    columns: list[Column] = [
        ("", _measured),
        number(f"in {standing}", "then", "short"),
        (f"predicted, {to} [80 %]", lambda one: Interval(one["predicted"], one["low"], one["high"], "rough")),
        number("actual", "came", "short"),
        ("error", lambda one: Value(one["error_oom"], "+.1f")),
        ("unchanged", lambda one: Value(one["unchanged_error_oom"], "+.1f")),
    ]
    title = f"The largest of {to}, predicted from {standing}"
    notes = (
        "Error: predicted less actual, in factors of ten; unchanged: the same if nothing had changed. [ ]: 80 % of "
        "10,000 simulated futures. 3e5 is 300,000. Next: timetravel extrapolate --to 2055.",
    )
    seen = f"What was predicted for {to} from {standing}, with its 80 % interval, against what came, a line each."
    return Section("", told["finding"], [Grid.of(title, told["rows"], columns)], notes, charts=[("replay", seen)])
