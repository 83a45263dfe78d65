"""The process that holds the connection to a Ray cluster, for it ends when the head node does, without a word.

A script of its own, told its address; it imports nothing of timetravel. On stdin it reads pickled calls (number, call,
parts) until the end; on stdout it writes answers (number, answer, error) in the order in which they come. A call is
pickled bytes of a function and its arguments; parts are further arguments (name, bytes), which each machine is sent
once; an answer is pickled, too. Number 0 answers how many cores there are.
"""

import os
import pickle
import sys
import threading
from collections import OrderedDict
from functools import partial
from importlib import import_module
from typing import Any, Final

RETRIES: Final = 100  # of a call whose workers are lost
HELD: Final = 16  # parts that the cluster holds


def call(pickled: bytes, *parts: bytes) -> bytes:
    """Carry out a call, on a worker; returns the pickled result and None, or None and the error."""
    try:
        function, given = pickle.loads(pickled)
        return pickle.dumps((function(*given, *map(pickle.loads, parts)), None))
    except Exception as error:
        return pickle.dumps((None, error))


def main(address: str) -> None:
    """Connect, then pass calls on and answers back."""
    calls, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):  # Ray prints to them
        os.dup2(nowhere, stream)
    one_at_a_time = threading.Lock()

    def answer(number: int, result: Any, error: str | None = None) -> None:
        with one_at_a_time:
            pickle.dump((number, result, error), answers)
            answers.flush()

    def told(number: int, future: Any) -> None:
        error = future.exception()
        answer(number, None, worded(error)) if error else answer(number, future.result())

    try:
        ray: Any = import_module("ray")
        ray.init(address, log_to_driver=False)
        answer(0, int(ray.cluster_resources().get("CPU", 0)))
    except Exception as error:
        answer(0, None, worded(error))
        return
    task, held = ray.remote(num_cpus=1, max_retries=RETRIES)(call), OrderedDict[str, Any]()
    while True:
        try:
            number, pickled, parts = pickle.load(calls)
        except EOFError:
            return
        for name, part in parts:
            held[name] = held.pop(name, None) or ray.put(part)
        future = task.remote(pickled, *(held[name] for name, _ in parts)).future()
        future.add_done_callback(partial(told, number))
        while len(held) > HELD:
            held.popitem(last=False)


def worded(error: BaseException) -> str:
    """Return the first line of what went wrong."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


if __name__ == "__main__":
    main(sys.argv[1])
