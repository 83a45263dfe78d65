"""Writes docs/reference/results.schema.json from the types of the documents: `python docs/tools/schema.py`."""

import json
import types
from pathlib import Path
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from timetravel.studies.documents import DOCUMENTS, Document, DryRun

PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"}, int: {"type": "integer"}, float: {"type": "number"}, bool: {"type": "boolean"},
    type(None): {"type": "null"}, Any: {},
}  # fmt: skip


def of(kind: Any, defs: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of a type; those of TypedDicts are collected in `defs`."""
    if kind in PLAIN:
        return dict(PLAIN[kind])
    if is_typeddict(kind):
        if kind.__name__ not in defs:
            defs[kind.__name__] = {}  # for types that hold themselves
            hints = get_type_hints(kind, include_extras=True)
            defs[kind.__name__] = {"description": kind.__doc__} | of_fields(hints, defs)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return of(inner[0], defs) | {"description": inner[1]}
    if origin in (NotRequired, Required):
        return of(inner[0], defs)
    return {
        Literal: lambda: {"enum": list(inner)},
        Union: lambda: {"anyOf": [of(part, defs) for part in inner]},
        types.UnionType: lambda: {"anyOf": [of(part, defs) for part in inner]},
        list: lambda: {"type": "array", "items": of(inner[0], defs)},
        dict: lambda: {"type": "object", "additionalProperties": of(inner[1], defs)},
    }[origin]()


def of_fields(fields: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of fields by name; further ones are allowed."""
    return {
        "type": "object",
        "required": sorted(name for name, kind in fields.items() if get_origin(kind) is not NotRequired),
        "properties": {name: of(kind, defs) for name, kind in fields.items()},
    }


def schema() -> dict[str, Any]:
    """Return the schema of all documents: of those whose command is known, its fields; of others what all have."""
    defs: dict[str, Any] = {}
    kinds = {command: of_fields(fields, defs) for command, fields in DOCUMENTS.items()}
    dry = {"required": ["dry_run"]}
    cases = [
        {"if": {"properties": {"command": {"const": command}}, "not": dry}, "then": kind}
        for command, kind in kinds.items()
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "timetravel: what commands print with --json and write to results.json",
        **of(Document, defs),
        "allOf": [*cases, {"if": dry, "then": of(DryRun, defs)}],
        "$defs": dict(sorted(defs.items())),
    }


if __name__ == "__main__":
    Path("docs", "reference", "results.schema.json").write_text(json.dumps(schema(), indent=1) + "\n", encoding="utf-8")
