"""What speaks for and against the essay's claims: parts, evidence, needs, sensitivity, the ledger, and all sources."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from timetravel.numbers import chance, counted, percent, rough_time, short
from timetravel.report.grid import Column, Grid, Section, number, word

Row = Mapping[str, Any]
HOLDS: Final = {True: "yes", False: "no", None: "open"}


def sections(document: Row) -> list[Section]:
    """Return the sections about the claims, all of them for the long form."""
    return [part(document) for part in (_claims, _needs, _sensitivity, _ledger)]


def words(names: str) -> list[Column]:
    """Return columns of words whose heads are their names in the rows, given with commas."""
    return [word(name, name) for name in names.split(", ")]


def chapter(title: str, parts: Sequence[Grid], *notes: str, charts: Sequence[tuple[str, str]] = ()) -> Section:
    """Return a section of the long form, without the tables that have no rows."""
    return Section(title, parts=[one for one in parts if one.rows], notes=notes, long=True, charts=charts)


def likely(row: Row) -> str:
    """Write a probability in percent and in words; nothing where there is none."""
    found = row["probability"]
    if found is None:
        return ""
    return f"{chance(found)}, {row['words']}" if row.get("words") else chance(found)


def amount(value: float, unit: str) -> str:
    """Write a value in a unit: seconds as people say them."""
    return rough_time(value) if unit == "s" else f"{value:.0f} %" if unit == "%" else short(value)


def _claims(document: Row) -> Section:
    """Return the seven claims in full, a table each, and what the words of verdicts and probabilities mean."""
    scale = [(one["words"], percent(one["low"]), percent(one["high"])) for one in document["scale"]]
    return chapter(
        "The seven claims",
        [
            *(Grid(_title(one), ("", "what is known"), list(_told(one)), (0, 1)) for one in document["claims"]),
            Grid("The words", ("verdict", "means"), list(document["verdicts"].items()), (0, 1)),
            Grid("Words for probabilities", ("words", "from", "to"), scale),
        ],
        "Measured here: by the package on digits, on this machine. Published here: so measured, and published with "
        "the package. Published: by others. Extrapolation: trends carried on, bent by assumed limits. Record: what is "
        "seen so far.",
    )


def _title(claim: Row) -> str:
    return f"{claim['id']}: {claim['claim']}"


def _told(claim: Row) -> Iterator[tuple[str, str]]:
    """Yield what is known of a claim, piece by piece: verdict, parts, evidence, what would change it, sources."""
    yield "verdict", "; ".join(filter(None, (claim["verdict"], likely(claim), f"rests on: {claim['kind']}")))
    for part in claim["parts"]:
        told = "; ".join(filter(None, (HOLDS[part["holds"]], part["shown"], likely(part))))
        yield "part", f"{part['part']}: {told}"
    yield from (("evidence", piece) for piece in claim["evidence"])
    yield "would change it", claim["changes"]
    yield from (("source", source) for source in claim["sources"])


def _needs(document: Row) -> Section:
    columns = words("what, needed, now, source")
    grids = [Grid.of(_title(one), one["needs"], columns) for one in document["claims"]]
    return chapter(
        "What would have to be true", grids, f"Worked backwards from {document['to']}, for each claim to hold."
    )


def _sensitivity(document: Row) -> Section:
    grids = []
    for one in document["claims"]:
        if found := one["sensitivity"]:
            told = [{**bar, **{f"at_{end}": amount(bar[f"at_{end}"], found["unit"]) for end in ("low", "high")}}
                    for bar in found["bars"]]  # fmt: skip
            columns = [word("moved alone", "what"), *words("low, high"), word("then, at low", "at_low")]
            title = f"{one['id']}: {found['measure']}, {found['unit']}; else {amount(found['base'], found['unit'])}"
            grids.append(Grid.of(title, told, [*columns, word("then, at high", "at_high")]))
    alternative = (
        "A tornado chart a claim: from the claim's number, how far it moves to either side as one assumption after the "
        "other is set to the low and the high end of its range; the widest bar stands first."
    )
    note = "Each assumption is moved alone, to the two ends of its range; the others stay as they are."
    return chapter("What the numbers hang on", grids, note, charts=[("sensitivity", alternative)] if grids else ())


def scored(score: Row) -> str:
    """Say how the statements that have come due did."""
    return (
        f"{counted(score['due'], 'statement')} have come due, {score['hindcasts']} of them hindcasts: Brier score "
        f"{score['brier']:.2f} (0 is perfect), against {score['brier_of_base_rate']:.2f} for the same chance each time."
    )


def _ledger(document: Row) -> Section:
    """Return the dated statements, how each is resolved, and how those that have come due did."""
    rows, score = document["ledger"], document["ledger_score"]
    said: list[Column] = [*words("claim, statement"), ("probability", likely), word("settled by", "table")]
    open_ones = [one for one in rows if one["outcome"] is None]
    grids, charts = [Grid.of("The statements that are open", open_ones, said)], []
    notes = [
        "Probabilities are fixed when a statement is issued; `timetravel extrapolate --score FILE` settles those that "
        "have come due. ledger.csv has all of them, with how each is settled and what came.",
    ]
    if score:
        bins: list[Column] = [
            ("said", lambda one: f"{percent(one['low'])} to {percent(one['high'])}"),
            number("statements", "count"),
            ("mean probability", lambda one: "-" if one["forecast"] is None else percent(one["forecast"])),
            ("came true", lambda one: "-" if one["came"] is None else percent(one["came"])),
        ]
        grids.append(Grid.of("Calibration of the statements that have come due", score["bins"], bins))
        notes.append(f"{scored(score)} Of those given 60 % or more, {percent(score['sure'])} came true.")
        alternative = (
            "The share of statements that came true against the probability that was said of them, a point a bin, its "
            "size the number of statements; on the diagonal a forecaster is calibrated."
        )
        charts = [("calibration", alternative)]
    return chapter("The ledger", grids, *notes, charts=charts)


def origins(document: Row) -> Section:
    """Return where every number of the first screen comes from."""

    def valued(head: str, key: str) -> Column:
        return head, lambda one: "-" if one[key] is None else short(one[key])

    sources: Column = ("sources", lambda one: "; ".join(one["sources"]))
    first: Column = (
        "first",
        lambda one: f"{short(one['first']['value'])} ({one['first']['year']})" if one["first"] else "-",
    )
    figures = [*words("what, unit"), first, valued("2022", "in_2022"), valued("so far", "so_far")]
    figures += [valued("claimed for 33 years, times", "claimed")]
    about = [word("", "id"), *words("about"), word("number", "shown"), *words("interval, kind"), sources]
    return chapter(
        "Where the numbers come from",
        [
            Grid.of("The figures behind the factors", document["factors"], figures),
            Grid.of("The rules behind the factors", document["factors"], [*words("what, rule"), sources]),
            Grid.of("The numbers behind the claims", document["claims"], about),
        ],
    )
