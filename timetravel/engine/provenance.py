"""Where a result comes from: versions, machine, time."""

import datetime
import functools
import os
import platform
import re
import resource
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from timetravel import __version__


@functools.cache
def machine() -> dict[str, Any]:
    """Return the versions and the machine that a number was made on; imports nothing heavy."""
    return {
        "timetravel": __version__,
        "python": platform.python_version(),
        "torch": metadata.version("torch"),
        "numpy": metadata.version("numpy"),
        "system": platform.platform(terse=True),
        "processor": processor(),
        "cores": available_cores(),
    }


def processor() -> str:
    """Return the processor's name as the system tells it."""
    on_linux = Path("/proc/cpuinfo")
    names = re.findall(r"^model name\s*:(.*)", on_linux.read_text(), re.MULTILINE) if on_linux.exists() else []
    return names[0].strip() if names else platform.processor() or platform.machine()


def available_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def now() -> str:
    """Return the time of day in UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def peak_memory_mb() -> float:
    """Return the most memory that this process has held, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3), 1)
