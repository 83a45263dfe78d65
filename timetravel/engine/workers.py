"""Many runs at once: one net a thread, through concurrent.futures' Executor."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Stopped(Exception):  # noqa: N818  (a request, not an error)
    """The user stopped the work; raised inside a worker to leave its run."""


def spread(work: Callable[[T], R], items: Sequence[T], workers: int, stop: threading.Event) -> list[R]:
    """Do `work` on every item on at most `workers` threads and return the results in order.

    The first failure, or Ctrl-C, sets `stop`, drops what has not begun and is raised once running work has left.
    """
    if not items:
        return []
    with ThreadPoolExecutor(max_workers=min(workers, len(items))) as pool:
        futures: list[Future[R]] = [pool.submit(work, item) for item in items]
        try:
            for future in as_completed(futures):
                future.result()
        except BaseException:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return [future.result() for future in futures]
