"""Where a result comes from: versions, machine, time."""

import datetime
import functools
import math
import os
import platform
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from timetravel.version import __version__


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
    names = re.findall(r"^model name\s*:(.*)", _text(Path("/proc/cpuinfo")), re.MULTILINE)
    return names[0].strip() if names else platform.processor() or platform.machine()


def _text(path: Path) -> str:
    """Return what the system tells in a file; nothing where it tells nobody, or not this user."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def available_cores() -> int:
    """Return how many cores this process may use, whole ones."""
    return max(1, math.ceil(core_time()))


def core_time() -> float:
    """Return how many seconds of cores this process may use in a second: by its affinity, and its groups' quotas.

    Linux control groups: https://docs.kernel.org/admin-guide/cgroup-v2.html, cpu.max; and cpu.cfs_quota_us before.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    return min([float(cores), *quotas()])


def quotas(root: Path = Path("/sys/fs/cgroup"), groups: Path = Path("/proc/self/cgroup")) -> Iterator[float]:
    """Yield the quota of each control group that this process is in, in cores."""
    for line in _text(groups).splitlines():
        _, controllers, path = line.split(":", 2)
        folder = root / "cpu" if "cpu" in controllers.split(",") else root
        inner = folder / path.lstrip("/")
        for group in dict.fromkeys((folder, *(each for each in (inner, *inner.parents) if folder in each.parents))):
            names = ("cpu.cfs_quota_us", "cpu.cfs_period_us") if "cpu" in controllers.split(",") else ("cpu.max",)
            quota, period, *_ = [*" ".join(_text(group / name) for name in names).split(), "", ""]
            if quota.isdecimal() and period.isdecimal():
                yield int(quota) / int(period)


def now() -> str:
    """Return the time of day in UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def peak_memory_mb() -> float | None:
    """Return the most memory that this process has held, in MB; None where the platform does not tell (Windows)."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3), 1)
