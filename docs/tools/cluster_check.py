"""Measures a Ray cluster of this machine beside the same cores' threads, and what one run costs whoever sends it.

python docs/tools/cluster_check.py RUNS, with Ray installed and nothing else running.
"""

import pickle
import subprocess
import sys
import tempfile
import time
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from timetravel.digits import open_source
from timetravel.engine.cluster import RayExecutor
from timetravel.engine.collect import Workshop, collect
from timetravel.engine.provenance import available_cores
from timetravel.engine.runs import Job, Run
from timetravel.engine.store import Store
from timetravel.eras import ERAS

NODES = Path(__file__).parents[2] / "tests" / "ray_nodes.py"


class Silent:
    """Hears nothing."""

    def __getattr__(self, _: str) -> Any:
        return lambda *_: None


class Canned(Executor):
    """Gives every chunk the same answer at once, as it would travel: the cost of sending and keeping alone."""

    def __init__(self, run: Run) -> None:
        self.answer = pickle.dumps(run)

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Answer as if it were made."""
        del fn, kwargs
        future, (_, order, *parts) = Future[Any](), args
        pickle.dumps(parts)
        run = pickle.loads(self.answer)
        runs, *_ = pickle.loads(order)
        future.set_result([run.__class__(**vars(run) | {"seed": seed, "digits": name}) for _, name, _, seed in runs])
        return future


def seconds(jobs: list[Job], executor: Executor | None, workers: int) -> float:
    """Make runs into a new store."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        collect(jobs, Workshop(Store(Path(folder)), workers=workers, fresh=True, executor=executor), Silent())
    return time.perf_counter() - began


def main(count: int) -> None:
    """Measure and print."""
    cores, source, recipe = available_cores(), open_source("mnist"), ERAS["1989"].recipe
    test = source.test_digits(size="full")
    began = time.perf_counter()
    jobs = [Job(recipe, source.training_digits(subset=str(seed)), test, seed) for seed in range(count)]
    print(f"digits of a run: {(time.perf_counter() - began) / count * 1e3:.1f} ms", flush=True)
    asked = [sys.executable, str(NODES), str(cores), "20087"]
    with subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as nodes:
        assert nodes.stdout is not None
        ray = RayExecutor(nodes.stdout.readline().strip())
        seconds(jobs[: 4 * cores], ray, cores)  # starts the workers
        there, here = seconds(jobs, ray, cores), seconds(jobs, None, cores)
        print(f"{count} runs of 1989: cluster {there:.1f} s, threads {here:.1f} s: {here / there:.1%}", flush=True)
        del ray
        nodes.communicate("end\n")
    with tempfile.TemporaryDirectory() as folder:
        (run,) = collect(jobs[:1], Workshop(Store(Path(folder))), Silent())
        kept = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    for what, given in (
        ("own digits", jobs),
        ("the same digits", [Job(recipe, jobs[0].digits, test, s) for s in range(count)]),
    ):
        print(f"a run with {what}, sent and kept: {seconds(given, Canned(run), cores) / count * 1e3:.1f} ms")
    print(f"a run travels as {len(pickle.dumps(run)):,} bytes and is kept in {kept:,}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
