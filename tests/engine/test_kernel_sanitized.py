"""The kernel, built again with the address and undefined-behaviour sanitizers, runs every path without a report."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SOURCES = HERE.parents[1] / "timetravel" / "engine" / "kernel"


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def tool(name: str) -> str | None:
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name)


def runtime(compiler: str, library: str) -> str:
    return run(compiler, f"-print-file-name={library}").stdout.strip()


@pytest.mark.slow
@pytest.mark.parametrize("baseline_only", ["OFF", "ON"])
def test_no_path_trips_a_sanitizer(tmp_path: Path, baseline_only: str) -> None:
    compiler, cmake = shutil.which("g++"), tool("cmake")
    if compiler is None or cmake is None or importlib.util.find_spec("nanobind") is None:
        pytest.skip("needs g++, cmake and the package nanobind, to build the kernel a second time")
    libraries = [runtime(compiler, name) for name in ("libasan.so", "libubsan.so")]
    if not all(Path(library).is_absolute() for library in libraries):
        pytest.skip("needs the sanitizers' libraries of g++")

    options = ["-DTIMETRAVEL_SANITIZE=ON", f"-DTIMETRAVEL_BASELINE_ONLY={baseline_only}"]
    python = f"-DPython_EXECUTABLE={sys.executable}"
    configured = run(cmake, "-S", SOURCES, "-B", tmp_path, python, *options, CXX=compiler)
    assert configured.returncode == 0, configured.stderr
    built = run(cmake, "--build", tmp_path, "--parallel", "2")
    assert built.returncode == 0, built.stdout + built.stderr

    (module,) = tmp_path.glob("_kernel*.so")
    watched = run(
        sys.executable,
        HERE / "kernel_harness.py",
        module,
        LD_PRELOAD=" ".join(libraries),
        ASAN_OPTIONS="detect_leaks=0",
        UBSAN_OPTIONS="print_stacktrace=1",
        OPENBLAS_NUM_THREADS="1",
    )
    assert watched.returncode == 0, watched.stdout + watched.stderr
    assert "every path ran" in watched.stdout
    assert "runtime error" not in watched.stderr
    assert "Sanitizer" not in watched.stderr
