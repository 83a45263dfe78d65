"""Locks that processes share through a folder, also one on a network: one of a name, held by one process at a time.

The protocol. A lock is a file that is made exclusively (no flock, which network folders may lack). It tells machine,
process, when that began, and a random token, and is read again to see that nobody took it away meanwhile; a thread
touches it every few seconds. It is stale as soon as its process
is gone, where that can be known: on its machine. Elsewhere it is stale when it was not touched for a minute by the
waiter's own clock, which never jumps, and one that says nothing yet after a few seconds; no two machines' clocks are
compared. A stale lock is renamed, looked at again
and deleted; if another process was faster and it is a new one, it is put back.

The limits. A process that stands still for a minute loses its locks to other machines, and a third process may come
before a lock is put back: a run is then trained twice, to the same numbers. One that is suspended on this machine is
waited for.
"""

import contextlib
import functools
import os
import platform
import threading
import time
import uuid
from pathlib import Path
from typing import Self

from timetravel.errors import TimetravelError

ELSEWHERE = "Free some space there, or set TIMETRAVEL_STORE to a folder that can be written."
BEAT, SILENT, POLL = 5.0, 60.0, 0.2  # seconds between two touches; until a lock is stale; between two tries
clock = time.monotonic
Sight = tuple[bytes, int]  # what a lock says, and when it was touched by the clock of its folder


class Lock:
    """A lock of a name in a folder, taken by try_acquire, or by `with`, which waits for it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / name
        self.owner = "\n".join([here(), str(os.getpid()), began(os.getpid()), uuid.uuid4().hex]).encode()
        self.seen: Sight | None = None  # somebody else's lock, and since when it looks like that
        self.since = 0.0

    def try_acquire(self) -> bool:
        """Take the lock, also a stale one, and say whether. Raises TimetravelError if it can't be written."""
        try:
            return self._made() or (self._stale() and self._made())
        except OSError as error:
            message = f"Runs can't be kept in {self.path.parent.parent}: {self.path}: {error.strerror}."
            raise TimetravelError(message, ELSEWHERE) from error

    def release(self) -> None:
        """Give the lock back, if this one has it."""
        _held.discard(self)
        with contextlib.suppress(OSError):
            if self.mine():
                self.path.unlink()

    def __enter__(self) -> Self:
        try:
            while not self.try_acquire():
                time.sleep(POLL)
        except BaseException:
            self.release()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _made(self) -> bool:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            file = self.path.open("xb", buffering=0)
        except FileExistsError:
            return False
        try:
            with file:
                file.write(self.owner)
        except BaseException:
            self.path.unlink(missing_ok=True)
            raise
        _held.add(self)
        beating()
        return self.mine()  # whoever stood still before writing may have lost it

    def mine(self) -> bool:
        """Say whether it is this one that lies in the folder."""
        now = look(self.path)
        return now is not None and now[0] == self.owner

    def _stale(self) -> bool:
        """Say whether the lock is free now, as it was stale and is removed."""
        if not (now := look(self.path)):
            return True
        if now != self.seen:
            self.seen, self.since = now, clock()
        there = alive(now[0])
        if there or (there is None and clock() - self.since < (SILENT if now[0] else BEAT)):
            return False
        aside = self.path.with_name(f".{self.path.name}.{uuid.uuid4().hex}")
        with contextlib.suppress(FileNotFoundError):
            self.path.rename(aside)
            if look(aside) != now:
                with contextlib.suppress(OSError):
                    self.path.hardlink_to(aside)
            with contextlib.suppress(OSError):  # a folder
                aside.unlink()
        return True


_held: set[Lock] = set()


@functools.cache
def beating() -> None:
    """Start the thread that touches the locks of this process, once."""

    def beat() -> None:
        while True:
            time.sleep(BEAT)
            for lock in _held.copy():
                with contextlib.suppress(OSError):
                    if lock.mine():
                        os.utime(lock.path)

    threading.Thread(target=beat, daemon=True).start()


def look(path: Path) -> Sight | None:
    """Return what a lock says, nothing for what is no file, and when it was touched; None where there is none."""
    if os.path.lexists(path) and not path.is_file():
        return b"", 0
    try:
        with path.open("rb") as file:  # opening asks the server of a network folder anew
            return file.read(), os.fstat(file.fileno()).st_mtime_ns
    except FileNotFoundError:
        return None


def alive(owner: bytes) -> bool | None:
    """Return whether the process that a lock tells is there; None where that can't be known."""
    try:
        host, pid, start, _ = owner.decode().split("\n")
        if host != here() or os.name == "nt":  # where signal 0 would end the process
            return None
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is another user's
        pass
    except (ValueError, OverflowError, OSError):  # nobody can have written that
        return None
    now = began(int(pid))
    return now == start if now and start else None


def began(pid: int) -> str:
    """Return when a process began, in the system's own units, so that a number that is used again is not taken for it.

    "ended" for one that nobody has waited for yet, nothing where the system does not tell.
    """
    try:
        told = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return "ended" if told[0] in "ZX" else told[19]
    except (OSError, IndexError):
        return ""


@functools.cache
def here() -> str:
    """Return what tells this machine since its start, and the container's processes, from others of the same name."""
    told = [platform.node()]
    with contextlib.suppress(OSError):
        told.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        told.append(os.readlink("/proc/self/ns/pid"))  # noqa: PTH115
    return " ".join(told)
