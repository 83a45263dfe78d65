"""What `timetravel modernize --show` shows: a recipe, as `--recipe` reads it."""

from collections.abc import Mapping
from typing import Any

from timetravel.report.grid import Section


def sections(document: Mapping[str, Any]) -> list[Section]:
    """Return the recipe's lines."""
    return [Section("", notes=document["toml"].splitlines())]


def files(document: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the recipe as a file."""
    return {f"{document['era']}.toml": document["toml"].encode()}
