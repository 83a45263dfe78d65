"""What every training study returns: rows, references, a finding, and the views of them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from timetravel.studies.evidence import Evidence
from timetravel.studies.rows import Row

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

SCHEMA = 1
ESTIMATES = (
    "test_error",
    "train_error",
    "test_mistakes",
    "train_mistakes",
    "test_loss",
    "train_loss",
    "rejected_for_1pct",
    "rejected_by_margin",
)


@dataclass(frozen=True)
class StudyResult(ABC):
    """Finished rows beside the published ones. Nothing is computed while it is shown."""

    command: str
    rows: tuple[Row, ...]
    references: tuple[Mapping[str, Any], ...]
    finding: str
    evidence: Evidence

    def to_dict(self) -> dict[str, Any]:
        """Return the public JSON document."""
        return {
            "schema": SCHEMA,
            "command": self.command,
            "rows": [row.to_dict() | self.evidence.of_row(i) for i, row in enumerate(self.rows)],
            "references": [dict(reference) for reference in self.references],
            "finding": self.finding,
        } | self.extra()

    def extra(self) -> dict[str, Any]:
        """Return what this study's document has beside the common part."""
        return {}

    @abstractmethod
    def plot(self, *, dark: bool = False) -> "Figure":
        """Draw the result."""

    def plots(self, *, dark: bool = False) -> "dict[str, Figure]":
        """Draw all figures of the result, by file name."""
        return {"figure": self.plot(dark=dark)}

    def table(self) -> "pd.DataFrame":
        """Return the rows, measured and published, as one flat table: a mean, a low and a high column an estimate."""
        import pandas as pd

        records = []
        for kind, row in [("measured", row) for row in self.to_dict()["rows"]] + [
            ("published", dict(row)) for row in self.references
        ]:
            record: dict[str, Any] = {"kind": kind}
            for name, value in row.items():
                if name in ESTIMATES:
                    for part in ("mean", "low", "high"):
                        record[f"{name}_{part}"] = None if value is None else value[part]
                elif isinstance(value, list):
                    record[name] = " ".join(map(str, value))
                elif name.startswith(("new_digits", "rejected_new_digits", "change_", "reduction_")):
                    parts = value or dict.fromkeys(("mean", "low", "high"))
                    record |= {f"{name}_{part}": parts[part] for part in ("mean", "low", "high") if part in parts}
                elif name not in ("settings",):
                    record[name] = value
            records.append(record)
        return pd.DataFrame(records)
