"""Make what the page trains 1989 with: `python docs/tools/wasm.py kernel` and `python docs/tools/wasm.py seeds`.

kernel: timetravel/report/page/kernel.wasm, from the compiled kernel's own headers, by emscripten (Debian and Ubuntu:
apt install emscripten). The same em++ makes the same bytes; the packaged file is that of 3.1.6.

seeds: timetravel/report/page/seeds.json, what nets of 1,000 seeds misread after every epoch, trained natively on the
page's digits with their 8 bits. It takes some ten minutes.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from timetravel.engine.provenance import available_cores
from timetravel.engine.train import Hooks, train
from timetravel.eras import era
from timetravel.files import write_whole
from timetravel.report.page.training import ERA, HERE, page_digits

KERNEL = Path(__file__).parents[2] / "timetravel" / "engine" / "kernel" / "wasm.cpp"  # an installed package has none
# The arithmetic's options are those of CMakeLists.txt. One fixed memory holds the digits, and nothing is imported.
OPTIONS = (
    "-std=c++20 -O3 -msimd128 -fno-math-errno -fno-trapping-math -fno-signed-zeros -ffp-contract=fast -fno-exceptions "
    "-fno-rtti --no-entry -sSTANDALONE_WASM -sINITIAL_MEMORY=16MB -sTOTAL_STACK=256KB "
    "-sEXPORTED_FUNCTIONS=_set_options,_estimate,_train,_forward -Wl,--export=__heap_base"
)
SEEDS = 1000


def build(to: Path) -> str:
    """Compile the kernel and return which compiler did; raises OSError where it is missing or fails."""
    compiler = shutil.which("em++")
    if compiler is None:
        raise OSError("em++ is missing: install emscripten")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}  # em++ is Python too
    for options in ([str(KERNEL), *OPTIONS.split(), "-o", str(to)], ["--version"]):
        done = subprocess.run([compiler, *options], env=plain, check=False, capture_output=True, text=True)
        if done.returncode:
            raise OSError(done.stderr)
    return done.stdout.splitlines()[0]


def seeds() -> bytes:
    """Train natively, and return the document."""
    recipe, (digits, test) = era(ERA).recipe, page_digits()
    watched = Hooks(epoch_done=lambda *_: None)
    runs = train(recipe, digits, range(SEEDS), test=test, workers=available_cores(), hooks=watched)
    epochs = list(zip(*(run.curve for run in runs), strict=True))
    document = {
        "made_by": "python docs/tools/wasm.py seeds",
        "recipe": recipe.to_dict(),
        "digits": [digits.fingerprint, test.fingerprint],
        "seeds": SEEDS,
        "test": [[min(of), max(of)] for points in epochs for of in [[point.test.mistakes for point in points]]],
    }
    return (json.dumps(document) + "\n").encode()


def main() -> int:
    """Make what the command line names; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("kernel", "seeds"))
    parser.add_argument("--to", type=Path, default=None, help="the file to write (default: the packaged one)")
    options = parser.parse_args()
    if options.what == "seeds":
        write_whole(options.to or HERE / "seeds.json", seeds())
        return 0
    to = options.to or HERE / "kernel.wasm"
    try:
        compiler = build(to)
    except OSError as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"{to}: {to.stat().st_size:,} bytes by {compiler}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
