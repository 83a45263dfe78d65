"""Faults: processes killed, interrupted, and several on one store; the numbers are those of an undisturbed command.

Killed and competing processes are forked from one that has imported everything, as starting Python takes seconds.
"""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from timetravel.digits import Digits

TRIES = int(os.environ.get("TIMETRAVEL_TRIES", "8"))
KILLS = int(os.environ.get("TIMETRAVEL_KILLS", "5"))  # for each command
COMMANDS = {
    "train": "train --era 1989-essay --seeds 8 --epochs 20",
    "modernize": "modernize --tweaks softmax,adamw --seeds 3 --epochs 10",
    "scale-data": "scale-data --sizes 20,40 --seeds 2 --epochs 10",
    "tune": "tune --trials 3 --seeds 1 --epochs 10 --confirm 1 --search learning_rate=0.01:0.3:log",
    "interpretations": "interpretations --study reconstruction --net fully-connected --seeds 1 --epochs 1",
}
IN_BATCHES = "train --era 1989-essay --seeds 8 --epochs 2 --backend torch"
TIMES = {"provenance", "seconds", "seconds_a_net", "speed_up", "time_ratio", "latency_us", "latency_ratio"}
SERVER = """
import json, os, sys
import optuna
import timetravel.engine.collect, timetravel.report.render, timetravel.studies.tune
from timetravel.__main__ import main
import timetravel.cli.app
from timetravel.engine.store import Store, key
put = Store.put

def logged(self, run):
    put(self, run)
    with open(f"{self.folder}.puts", "a") as log:
        log.write(key(run, run.backend) + "\\n")

Store.put = logged
print(json.dumps([]), flush=True)
for line in sys.stdin:
    pids = []
    for words, out, store in json.loads(line):
        pid = os.fork()
        if not pid:
            for place, end in (1, ".out"), (2, ".err"):
                os.dup2(os.open(out + end, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), place)
            os.environ["TIMETRAVEL_STORE"] = store
            sys.argv = ["timetravel", *words]
            sys.stdin.close()
            main()
            sys.exit()
        pids.append(pid)
    print(json.dumps(pids), flush=True)
    sys.stdin.readline()  # until then who has ended keeps its number
    print(json.dumps([os.waitpid(pid, 0)[1] for pid in pids]), flush=True)
"""


class Server:
    """Starts commands at the same time, each with a store, and tells how they ended."""

    def __init__(self, own: Path) -> None:
        self.own, self.folder = own, own.parent
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  (ignored in the background)
        )  # fmt: skip
        assert self.told() == []

    def ended(self) -> list[int]:
        """Return how the commands ended, once they have."""
        self.say([])
        return self.told()

    def say(self, request: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()

    def told(self) -> list[int]:
        assert self.process.stdout is not None
        found: list[int] = json.loads(self.process.stdout.readline())
        return found

    def start(self, store: Path, *commands: str) -> list[int]:
        """Return the numbers of the processes."""
        words = [[*command.split(), "--data", str(self.own), "--json", "--quiet"] for command in commands]
        request = [[each, str(self.folder / str(place)), str(store)] for place, each in enumerate(words)]
        self.say(request)
        return self.told()

    def run(self, store: Path, *commands: str) -> list[Any]:
        """Return the documents of commands that run at the same time, without times."""
        self.start(store, *commands)
        assert self.ended() == [0] * len(commands), self.text(".err")
        return [timeless(json.loads((self.folder / f"{place}.out").read_text())) for place in range(len(commands))]

    def text(self, end: str) -> str:
        return (self.folder / f"0{end}").read_text()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, few_mnist: tuple[Digits, Digits]) -> Iterator[Server]:
    path, (digits, test) = tmp_path_factory.mktemp("server") / "own.npz", few_mnist
    np.savez(
        path,
        train_images=digits.images[:60], train_labels=digits.labels[:60],
        test_images=test.images[:30], test_labels=test.labels[:30],
    )  # fmt: skip
    made = Server(path)
    yield made
    made.process.kill()
    made.process.communicate()


def timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: timeless(item) for name, item in value.items() if name not in TIMES}
    if isinstance(value, str):
        return value.partition("; a net took ")[0]
    return [timeless(item) for item in value] if isinstance(value, list) else value


def kept(store: Path) -> dict[str, str]:
    """Return the arrays of a store by name, each checked against what its entry says; fails where one is torn."""
    found = {}
    for path in sorted(store.glob("??/*.json")):
        entry = json.loads(path.read_text())
        sum_of = hashlib.sha256(path.with_suffix(".safetensors").read_bytes()).hexdigest()
        assert entry["tensors"] == sum_of, path
        assert entry["key"] == path.stem
        found[path.name] = sum_of
    return found


def when_made(store: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in store.glob("??/*.json") if "." not in path.stem}


def locks(store: Path) -> list[Path]:
    return list((store / "locks").iterdir()) if (store / "locks").exists() else []


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_killed_command_keeps_what_is_finished_and_ends_with_the_undisturbed_numbers(
    command: str, server: Server, tmp_path: Path
) -> None:
    quiet, store = tmp_path / "quiet", tmp_path / "killed"
    began = time.monotonic()
    (document,) = server.run(quiet, command)
    whole, arrays = time.monotonic() - began, kept(quiet)
    rng, killed, rounds = random.Random(command), 0, 0
    while killed < KILLS:
        before = when_made(store)
        (pid,) = server.start(store, command)
        time.sleep(rng.uniform(0, whole if rounds % 2 else whole / 3))
        os.kill(pid, signal.SIGKILL)  # of a process that has ended it is a zombie's: no harm
        killed += server.ended() == [signal.SIGKILL]
        rounds += 1
        kept(store)
        assert {name: when_made(store).get(name) for name in before} == before  # kept as they were
        if len(when_made(store)) == len(when_made(quiet)):
            store = tmp_path / f"killed{rounds}"  # all is made: once more from the start
    assert server.run(store, command) == [document]
    assert kept(store) == arrays
    assert locks(store) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "count"), [("the same", 8), ("overlapping", 2), ("round by round", 2), ("in batches", 2)]
)
def test_processes_on_one_store_train_every_run_once(kind: str, count: int, server: Server, tmp_path: Path) -> None:
    command = {"round by round": COMMANDS["tune"], "in batches": IN_BATCHES}.get(kind, COMMANDS["modernize"])
    seeds = (lambda place: f" --seeds {2 + place}") if kind == "overlapping" else (lambda _: "")
    commands, store = [command + seeds(place) for place in range(count)], tmp_path / "store"
    alone = dict(zip(commands[:3], (server.run(tmp_path / "alone", each)[0] for each in commands[:3]), strict=False))
    assert server.run(store, *commands) == [alone[each] for each in commands]
    puts = Counter(Path(f"{store}.puts").read_text().split())
    assert puts.keys() == {name.removesuffix(".json") for name in when_made(store)}
    assert set(puts.values()) == {1}
    assert kept(store) == kept(tmp_path / "alone")
    assert locks(store) == []


@pytest.mark.slow
def test_workers_processes_and_interrupts_change_no_byte(server: Server, tmp_path: Path) -> None:
    command = COMMANDS["modernize"]
    (document,) = server.run(tmp_path / "one", f"{command} --workers 1")
    assert server.run(tmp_path / "many", f"{command} --workers 16") == [document]  # more than there are cores
    assert server.run(tmp_path / "two", *[f"{command} --workers 2"] * 2) == [document] * 2
    (pid,) = server.start(tmp_path / "stopped", command)
    while not when_made(tmp_path / "stopped"):
        time.sleep(0.01)
    os.kill(pid, signal.SIGTERM)
    assert server.ended() == [130 << 8]
    assert 0 < len(when_made(tmp_path / "stopped")) < len(when_made(tmp_path / "one"))
    assert server.run(tmp_path / "stopped", command) == [document]
    for name in ("many", "two", "stopped"):
        assert kept(tmp_path / name) == kept(tmp_path / "one")


@pytest.mark.slow
def test_signals_at_any_moment_end_quietly_and_leave_nothing_half_done(server: Server, tmp_path: Path) -> None:
    rng, store, out = random.Random(0), tmp_path / "store", tmp_path / "out"
    command = f"{COMMANDS['modernize']} --out {out}"
    began = time.monotonic()
    server.run(store, command)
    whole, kinds = time.monotonic() - began, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    codes = Counter[int]()
    for number in range(TRIES):
        (pid,) = server.start(store, command + " --fresh" * (number % 3 > 0))
        time.sleep(rng.uniform(0.05, whole))
        times = rng.choice((1, 2, 10))
        for _ in range(times):
            os.kill(pid, rng.choice(kinds))
            time.sleep(rng.uniform(0, 0.05))
        (status,) = server.ended()
        codes[status] += 1
        assert status in (0, 130 << 8), server.text(".err")
        quiet(server.text(".err"))
        kept(store)
        assert locks(store) == []
        assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []
    assert codes[130 << 8] > 0


@pytest.mark.slow
def test_signals_while_the_program_is_imported_end_quietly(own: Path) -> None:
    code = (
        "import timetravel.__main__ as program\n"
        "begin = program.Signals.__init__\n"
        "def ready(self):\n    begin(self)\n    print('ready', flush=True)\n"
        "program.Signals.__init__ = ready\n"
        "program.main()\n"
    )
    rng = random.Random(0)
    for number in range(TRIES):
        process = subprocess.Popen(
            [sys.executable, "-c", code, "train", "--data", str(own), "--seeds", "30", "--epochs", "300"],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(rng.uniform(0, 2.0))
        for _ in range((2, 10)[number % 2]):
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            time.sleep(rng.uniform(0, 0.05))
        _, stderr = process.communicate()
        assert process.returncode == 130, stderr
        quiet(stderr)


def quiet(stderr: str) -> None:
    assert "Traceback" not in stderr, stderr
    assert "Exception ignored" not in stderr, stderr
    assert "Error" not in stderr, stderr


def alone(code: str, ignored: bool = False) -> tuple[int, str, str]:
    """Run code in which `program` is the entry point and `work` stands for the command line."""
    before = (
        "import atexit, os, signal, sys, threading, time, types\n"
        "import timetravel.__main__ as program\n"
        "def command(work):\n"
        "    sys.modules['timetravel.cli.app'] = types.SimpleNamespace(main=work)\n"
        "    program.main()\n"
        "def send(number=signal.SIGINT):\n    os.kill(os.getpid(), number)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", before + code], capture_output=True, text=True, check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN if ignored else signal.SIG_DFL),
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_an_interrupt_ends_quietly_whatever_it_leads_to() -> None:
    dropped = (
        "class Gone:\n    def __del__(self):\n        send()\n"
        "def work():\n    Gone()\n    print('went on')\n    time.sleep(60)\n"
    )
    half = (
        "def work():\n    try:\n        send()\n    except KeyboardInterrupt:\n"
        "        print('told')\n        raise ImportError('half of a module')\n"
    )
    ending = "def work():\n    atexit.register(send)\n    atexit.register(print, 'told')\n"
    again = (
        "def work():\n    try:\n        send()\n    except KeyboardInterrupt:\n"
        "        for _ in range(10):\n            send(signal.SIGTERM)\n"
        "        print('told', flush=True)\n        time.sleep(1.1)\n        send()\n        print('never')\n"
    )
    assert alone(dropped + "command(work)") == (130, "went on\n", "")
    assert alone(half + "command(work)") == (130, "told\n", "")
    assert alone(ending + "command(work)") == (0, "told\n", "")
    assert alone(again + "command(work)") == (130, "told\n", "")


def test_what_the_parent_ignores_stays_ignored_and_errors_of_our_own_are_told() -> None:
    assert alone("def work():\n    send()\n    print('told')\ncommand(work)", ignored=True) == (0, "told\n", "")
    code, _, stderr = alone("def work():\n    raise ValueError('a fault')\ncommand(work)")
    assert code == 1
    assert "ValueError: a fault" in stderr
