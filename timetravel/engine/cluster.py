"""A Ray cluster as a concurrent.futures.Executor; Ray is the extra `cluster`. https://docs.ray.io"""

import re
import signal
import socket
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import Any, Final

from timetravel.engine.executor import Part
from timetravel.errors import UsageError

ADDRESS: Final = re.compile(r"auto|(?:ray://)?([^:/\s]+|\[[0-9a-fA-F:]+\]):([0-9]{1,5})")
ADDRESSES: Final = "Allowed: auto (the cluster of this machine), ray://HOST:10001, or HOST:6379, of the head node."
ANSWER: Final = 5.0  # seconds that an address has to answer
RETRIES: Final = 100  # of a chunk whose workers are lost
SHARED: Final = 16  # sets of digits that the cluster holds


class RayExecutor(Executor):
    """Sends calls to a Ray cluster, one a core; those of a lost worker are made again elsewhere.

    workers: how many cores the cluster has now. Raises UsageError where no cluster of Ray's own version answers.
    """

    def __init__(self, address: str) -> None:
        try:
            import ray
        except ImportError:
            raise UsageError("--cluster needs Ray, which is not here.", "Type: pip install 'ray[client]'") from None
        self.ray: Any = ray
        if not ray.is_initialized():
            connect(ray, address)
        self.workers = max(1, int(self.ray.cluster_resources().get("CPU", 1)))
        self.parts: OrderedDict[str, Any] = OrderedDict()  # digits that the cluster holds

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call a function on a core of the cluster; digits go to each machine once."""
        told = [self.shared(each) if isinstance(each, Part) else each for each in args]
        task = self.ray.remote(num_cpus=1, max_retries=RETRIES)(fn)
        future: Future[Any] = task.remote(*told, **kwargs).future()
        return future

    def shared(self, part: Part) -> Any:
        """Return Ray's reference to digits."""
        if part.fingerprint not in self.parts:
            self.parts[part.fingerprint] = self.ray.put(part)
        self.parts.move_to_end(part.fingerprint)
        while len(self.parts) > SHARED:
            self.parts.popitem(last=False)
        return self.parts[part.fingerprint]


def connect(ray: Any, address: str) -> None:
    """Connect to a cluster; raises UsageError where that can't be."""
    if not (found := ADDRESS.fullmatch(address)):
        raise UsageError(f"--cluster {address} is no address of a cluster.", ADDRESSES)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        if found[1]:  # where nobody answers, Ray waits long or ends the process
            socket.create_connection((found[1].strip("[]"), int(found[2])), ANSWER).close()
        ray.init(address, log_to_driver=False, logging_level="ERROR", configure_logging=False)
    except Exception as error:
        why = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UsageError(f"--cluster {address}: no cluster can be used there: {why}.", ADDRESSES) from error
    finally:
        for number, handler in handlers.items():
            with suppress(ValueError):  # not the main thread
                signal.signal(number, handler)
