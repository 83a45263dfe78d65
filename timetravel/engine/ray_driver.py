"""The process that holds the connection to a Ray cluster, for it ends when the head node does, without a word.

A script of its own, told an address; it imports nothing of timetravel. On stdin it reads pickled calls (number, call,
parts) until the end; on stdout it writes pickled answers (number, result, error), each as it comes. A call is bytes, a
pickled function with its arguments; parts are further ones (name, bytes), which each machine is sent once; a result is
bytes, a pickled value and error of the function's own. Number 0 answers how many cores there are.
"""

import os
import pickle
import sys
import threading
from collections import OrderedDict
from functools import partial
from importlib import import_module
from queue import SimpleQueue
from typing import Any, Final

RETRIES: Final = 100  # of a call whose workers are lost
HELD: Final = 16  # parts that the cluster holds
# A result comes in so many pieces: Ray sends those below 100 kB at once, and others stay on the worker's machine, to be
# lost with it, until they are asked for.
PIECES, PIECE = 16, 95_000


def call(pickled: bytes, *parts: bytes) -> list[bytes]:
    """Carry out a call, on a worker; returns its result in pieces."""
    try:
        function, given = pickle.loads(pickled)
        result = pickle.dumps((function(*given, *map(pickle.loads, parts)), None))
    except Exception as error:
        result = pickle.dumps((None, error))
    size = max(PIECE, -(-len(result) // PIECES))
    return [result[place * size : (place + 1) * size] for place in range(PIECES)]


def main(address: str) -> None:
    """Connect, then pass calls on and answers back."""
    calls, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):  # Ray prints to them
        os.dup2(nowhere, stream)

    def answer(number: int, result: Any, error: BaseException | None = None) -> None:
        told = (" ".join(str(error).split())[:400] or type(error).__name__) if error else None
        pickle.dump((number, result, told), answers)
        answers.flush()

    def ready(known: tuple[int, Any], _: object) -> None:
        done.put(known)

    def tell() -> None:
        while True:
            number, pieces = done.get()
            try:
                answer(number, b"".join(ray.get(pieces)))
            except Exception as error:  # Ray's own, or that of a lost connection
                answer(number, None, error)

    try:
        ray: Any = import_module("ray")
        ray.init(address, log_to_driver=False)
        answer(0, int(ray.cluster_resources().get("CPU", 0)))
    except Exception as error:
        answer(0, None, error)
        return
    task, held = ray.remote(num_cpus=1, max_retries=RETRIES, num_returns=PIECES)(call), OrderedDict[str, Any]()
    done: SimpleQueue[tuple[int, Any]] = SimpleQueue()
    threading.Thread(target=tell, daemon=True).start()
    while True:
        try:
            number, pickled, parts = pickle.load(calls)
        except EOFError:
            return
        for name, part in parts:
            held[name] = held.pop(name, None) or ray.put(part)
        pieces = task.remote(pickled, *(held[name] for name, _ in parts))
        pieces[-1].future().add_done_callback(partial(ready, (number, pieces)))
        while len(held) > HELD:
            held.popitem(last=False)


if __name__ == "__main__":
    main(sys.argv[1])
