"""How files are written: whole or not at all, and as JSON that every reader understands."""

import contextlib
import json
import math
import os
import tempfile
from pathlib import Path
from typing import Any


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under a temporary name in its folder, then rename it, so that nobody sees half of it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)  # noqa: PTH101  (mkstemp's files are private; results are not)
        os.replace(temporary, path)  # noqa: PTH105
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108
        raise


def clean(value: Any) -> Any:
    """Replace what JSON can't hold, a float that is no number, by null; tuples become lists."""
    if isinstance(value, dict):
        return {key: clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def digest(values: dict[str, Any]) -> str:
    """Return the sha256 of plain values, written as canonical JSON."""
    import hashlib  # help does without it

    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
