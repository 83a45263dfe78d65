"""How the blocks of README.md and docs/ are written."""

from collections.abc import Mapping, Sequence
from typing import Any

Document = Mapping[str, Any]


def interval(estimate: Mapping[str, Any] | None, shown: str, within: str | None = None) -> str:
    """Write an estimate as '91.8 [85, 99]'; nothing where there is none."""
    if estimate is None:
        return ""
    mean, low, high = (estimate[part] for part in ("mean", "low", "high"))
    shown, within = (text.replace(".", "z.") for text in (shown, within or shown))  # z: no negative zero
    return f"{mean:{shown}}" if low is None else f"{mean:{shown}} [{low:{within}}, {high:{within}}]"


def error(row: Mapping[str, Any]) -> str:
    """Write a row's test error in percent with both intervals: these digits in brackets, new ones in braces."""
    new = row["new_digits"]
    return f"{interval(row['test_error'], '.2f')} {{{new['low']:.2f}, {new['high']:.2f}}}"


def factor(value: float) -> str:
    """Write by which factor something is missed."""
    return f"x {value:.2f}" if value < 100 else "x > 100"


def with_range(estimate: Mapping[str, Any]) -> str:
    """Write an estimate of mistakes with its lowest and highest seed."""
    return f"{interval(estimate, '.1f', '.0f')}, {min(estimate['values'])} to {max(estimate['values'])}"


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ["---"] * len(head), *rows))


def typed(document: Document) -> str:
    """Return the command that made a document, without the option that made it one."""
    return str(document["provenance"]["command_line"]).removesuffix(" --json")


def made_by(*documents: Document) -> str:
    """Say which commands made a table."""
    return f"\nMade by {', '.join(f'`{typed(document)}`' for document in documents)}."
