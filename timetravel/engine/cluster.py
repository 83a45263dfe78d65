"""A Ray cluster as a concurrent.futures.Executor; Ray is the extra `cluster`. https://docs.ray.io"""

import pickle
import re
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import IO, Any, Final

from timetravel.engine.executor import Part
from timetravel.errors import UsageError

DRIVER: Final = Path(__file__).with_name("ray_driver.py")
ADDRESS: Final = re.compile(r"auto|(?:ray://)?([^:/\s]+):([0-9]{1,5})")
ADDRESSES: Final = "Allowed: auto (the cluster of this machine), and of a head node ray://HOST:10001 or HOST:6379."
ANSWER, CONNECTED = 5.0, 60.0  # seconds that an address has to answer, and then Ray
LOST: Final = "the connection to its head node was lost"


class RayExecutor(Executor):
    """Sends calls to a Ray cluster, one a core, through a process of its own; those of a lost worker are made again.

    workers: how many cores the cluster had at first. Raises UsageError where no cluster can be used.
    """

    def __init__(self, address: str) -> None:
        if find_spec("ray") is None:
            raise UsageError("--cluster needs Ray, which is not installed.", "Type: pip install 'ray[client]'")
        if not (found := ADDRESS.fullmatch(str(address))):
            raise UsageError(f"--cluster {address!r} is no address of a cluster.", ADDRESSES)
        try:
            if found[1]:  # where nobody answers, Ray waits for long
                socket.create_connection((found[1], int(found[2])), ANSWER).close()
        except (OSError, OverflowError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or error
            raise UsageError(f"--cluster {address}: nobody answers there ({why}).", ADDRESSES) from None
        command, pipe = [sys.executable, "-P", str(DRIVER), address], subprocess.PIPE
        self.driver = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is not for it
            cwd=Path(sys.executable).parent,  # workers look there for modules, too, so not where the user stands
        )  # fmt: skip
        weakref.finalize(self, ended, self.driver)
        self.numbers, self.futures = count(1), {0: Future[Any]()}
        threading.Thread(target=listen, args=(self.driver.stdout, self.futures), daemon=True).start()
        try:
            self.workers = max(1, self.futures[0].result(CONNECTED))
        except (BrokenExecutor, TimeoutError) as error:
            why = str(error).partition(". ")[0].rstrip(".") or "no Ray cluster answers there"
            hint = "Install the same versions on every machine." if why.startswith("Version") else ADDRESSES
            raise UsageError(f"--cluster {address} can't be used: {why}.", hint) from None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call a function, known there by its name, with arguments of which digits come last."""
        plain = [each for each in args if not isinstance(each, Part)]
        parts = [(each.fingerprint, pickle.dumps(each)) for each in args if isinstance(each, Part)]
        future = self.futures[number := next(self.numbers)] = Future[Any]()
        try:
            assert self.driver.stdin
            pickle.dump((number, pickle.dumps((partial(fn, **kwargs), plain)), parts), self.driver.stdin)
            self.driver.stdin.flush()
        except OSError:
            raise BrokenExecutor(LOST) from None
        return future


def listen(answers: IO[bytes], futures: dict[int, Future[Any]]) -> None:
    """Hand answers to those who wait for them, until the driver ends."""
    with answers, suppress(EOFError, OSError, pickle.UnpicklingError):
        while True:
            number, result, error = pickle.load(answers)
            settle(futures.pop(number), error and BrokenExecutor(error), result)
    for future in list(futures.values()):
        settle(future, BrokenExecutor(LOST))


def settle(future: Future[Any], error: Exception | None, result: Any = None) -> None:
    """Give a future its result, or its error, unless it was called off."""
    try:
        if isinstance(result, bytes):
            result, error = pickle.loads(result)
    except Exception as problem:  # whatever unpickling meets
        error = problem
    if future.set_running_or_notify_cancel():
        future.set_exception(error) if error else future.set_result(result)


def ended(driver: "subprocess.Popen[bytes]") -> None:
    """Let the driver end, and with it what the cluster still does for it."""
    assert driver.stdin
    with suppress(OSError):
        driver.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        driver.wait(10)
