"""The kernel, built again with the address and undefined-behaviour sanitizers, runs every path without a report."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HARNESS = Path(__file__).with_name("kernel_harness.py")
SOURCES = HARNESS.parents[2] / "timetravel" / "engine" / "kernel"


def run(*command, **environment):
    command = [str(part) for part in command]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_no_path_trips_a_sanitizer(tmp_path):
    beside = Path(sys.executable).parent / "cmake"
    compiler, cmake = shutil.which("g++"), str(beside) if beside.exists() else shutil.which("cmake")
    if compiler is None or cmake is None or importlib.util.find_spec("nanobind") is None:
        pytest.skip("needs g++, cmake and the package nanobind, to build the kernel a second time")
    libraries = [run(compiler, f"-print-file-name=lib{name}.so").stdout.strip() for name in ("asan", "ubsan")]
    if not all(Path(library).is_absolute() for library in libraries):
        pytest.skip("needs the sanitizers' libraries of g++")
    watching = {"LD_PRELOAD": " ".join(libraries), "ASAN_OPTIONS": "detect_leaks=0", "OPENBLAS_NUM_THREADS": "1"}
    build = tmp_path / "build"  # one: what was compiled for both is linked again for the baseline alone
    for baseline_only in ("OFF", "ON"):
        options = ["-DTIMETRAVEL_SANITIZE=ON", f"-DTIMETRAVEL_BASELINE_ONLY={baseline_only}"]
        python = f"-DPython_EXECUTABLE={sys.executable}"
        configured = run(cmake, "-S", SOURCES, "-B", build, python, *options, CXX=compiler)
        assert configured.returncode == 0, configured.stderr
        built = run(cmake, "--build", build, "--parallel", "2")
        assert built.returncode == 0, built.stdout + built.stderr
        watched = run(sys.executable, HARNESS, build, **watching, UBSAN_OPTIONS="print_stacktrace=1")
        assert watched.returncode == 0, watched.stdout + watched.stderr
        assert "every path ran" in watched.stdout
        assert "runtime error" not in watched.stderr
        assert "Sanitizer" not in watched.stderr
