"""Two saved results, row by row: what B's nets misread against A's, over the runs of the same seed and digits."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np

from timetravel.engine.runs import read
from timetravel.engine.store import Store
from timetravel.errors import DataError, UsageError
from timetravel.numbers import counted
from timetravel.studies.base import Document
from timetravel.studies.evidence import VERDICTS, Comparison, judged, paired, without_verdict
from timetravel.studies.rows import means

ALIKE: Final = ("label", "data", "train_size")  # what rows that are compared have in common
METHOD: Final = (
    "Over runs of the same seed and training digits. Intervals (95 %) are for new test digits and, of several runs, "
    "for new runs: other seeds, and other training digits where theirs differ."
)


@dataclass(frozen=True)
class Result:
    """A saved result, and its file as it was named."""

    file: str
    document: Document

    @property
    def made_by(self) -> str:
        """The command that made it."""
        return str(self.document.get("provenance", {}).get("command_line", "an unknown command"))

    @property
    def rows(self) -> list[Document]:
        """Its rows. Raises DataError unless each says its runs."""
        rows: list[Document] = self.document.get("rows") or []
        if rows and all(isinstance(row.get("runs"), list) and row["runs"] for row in rows):
            return rows
        hint = "Compare results of train, modernize, scale-data or scale-model, made by this version."
        raise DataError(f"{self.file} does not say from which runs its rows come.", hint)

    def nets(self, row: Document, runs: list[Document], store: Store) -> tuple[np.ndarray, np.ndarray]:
        """Return what the nets of some runs misread, float (runs, digits), and which are sound, bool (runs,).

        Raises DataError where the answers of one are not kept.
        """
        wrong, sound = [], []
        for run in runs:
            if (kept := store.answers_of(run["key"], run["test_digits"])) is None:
                told = f"{row['label']} in {self.file}: the net of seed {run['seed']} is not kept in {store.folder}."
                raise DataError(told, f"This command makes it again: {self.made_by}")
            outputs, labels = kept
            wrong.append(read(outputs) != labels)
            sound.append(run["sound"])
        return np.array(wrong, dtype=float), np.array(sound)


def compare(a: Result, b: Result, store: Store) -> Document:
    """Return what B's rows change against A's: a document but for its schema and command.

    Raises UsageError for rows that can't be compared, DataError for runs that are not kept.
    """
    pairs = alike(a, b)
    found = [against(a, b, old, new, store) for old, new in pairs]
    verdicts = judged({place: comparison for place, (comparison, _) in enumerate(found)})
    rows = [told | verdicts[place].to_dict("against_a") for place, (_, told) in enumerate(found)]
    alone = [row["label"] for i, one in enumerate((a, b)) for row in one.rows if row not in [pair[i] for pair in pairs]]
    left_out = sum(row["runs_left_out"] for row in rows)
    return {
        "finding": finding(rows, f"{b.file} against {a.file}"),
        "files": {name: {"file": one.file, "made_by": one.made_by} for name, one in (("a", a), ("b", b))},
        "rows": rows,
        "method": [METHOD, VERDICTS],
        "remarks": [
            *([f"Left out: {counted(left_out, 'run')} without a like in the other file."] if left_out else []),
            *([f"Rows without a like in the other file: {', '.join(alone)}."] if alone else []),
        ],
    }


def alike(a: Result, b: Result) -> list[tuple[Document, Document]]:
    """Return the rows to compare: those of the same label and digits, or else all by place. Raises UsageError."""
    named = {tuple(row[name] for name in ALIKE): row for row in a.rows}
    pairs = [(old, row) for row in b.rows if (old := named.get(tuple(row[name] for name in ALIKE)))]
    of_train = a.document["command"] == b.document["command"] == "train"  # where the first row is what was asked for
    if pairs or len(a.rows) == len(b.rows) or of_train:
        return pairs or list(zip(a.rows, b.rows, strict=False))
    raise UsageError(
        f"{a.file} and {b.file} have no row of the same label and training digits, and not equally many rows.",
        "Compare results of the same command.",
    )


def against(a: Result, b: Result, old: Document, new: Document, store: Store) -> tuple[Comparison, Document]:
    """Compare a row of B with one of A; returns what the document says of the two besides."""
    label = new["label"] if new["label"] == old["label"] else f"{new['label']} against {old['label']}"
    if old["test_digits"] != new["test_digits"]:
        theirs = [f"{row['test_size']:,} of {row['data']} ({row['test_digits'][:8]})" for row in (old, new)]
        told = f"{label}: the test digits differ, {theirs[0]} in {a.file}, {theirs[1]} in {b.file}."
        raise UsageError(told, "Give both commands the same --data, --test and --subset.")
    of_a, of_b = ({(run["seed"], run["digits"]): run for run in row["runs"]} for row in (old, new))
    both = [name for name in of_a if name in of_b]
    if not both:
        told = f"{label}: no seed has the same training digits in {a.file} and {b.file}."
        raise UsageError(told, "Give both commands the same --data, --seeds, --subset and number of training digits.")
    before, fine = a.nets(old, [of_a[name] for name in both], store)
    wrong, sound = b.nets(new, [of_b[name] for name in both], store)
    sound &= fine
    used = sound if sound.any() else ~sound
    before, wrong, subsets = before[used], wrong[used], np.array([digits for _, digits in both])[used].tolist()
    if 1 < len(set(subsets)) < len(subsets):  # several seeds on each of several subsets
        before, wrong = means(before, subsets), means(wrong, subsets)
    found = paired(wrong, before)
    if not sound.all() and found.open != "same answers":
        found = without_verdict(found, f"{counted(int((~sound).sum()), 'run')} of {len(both)} failed")
    return found, {
        "label": label,
        **{name: new[name] for name in ("data", "train_size", "test_size")},
        "mistakes_of_a": float(before.sum(axis=1).mean()),
        "mistakes_of_b": float(wrong.sum(axis=1).mean()),
        "runs_used": len(both),
        "runs_left_out": len(of_a) + len(of_b) - 2 * len(both),
    }


def finding(rows: list[Document], files: str) -> str:
    """Say in a sentence what was found."""
    if len(rows) == 1:
        told = "{label}: {change_against_a[mean]:+,.1f} mistakes of {test_size:,}, {verdict_against_a}"
        return f"{told.format(**rows[0])} ({files})."
    verdicts = Counter(row["verdict_against_a"] for row in rows)
    return f"Of {len(rows)} rows {', '.join(f'{count} {said}' for said, count in verdicts.items())} ({files})."
