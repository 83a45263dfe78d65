"""`python -m timetravel` is `timetravel`. Signals come first, so that none meets the program unprepared."""

import contextlib
import os
import signal
import sys
import threading
import time
from typing import Any

LATER = 1.0  # seconds after which a signal is no longer taken for the first one


class Signals:
    """Ctrl-C, SIGTERM, SIGHUP: the first raises KeyboardInterrupt, a later one ends the process where it stands.

    What the parent has it ignore (nohup) stays ignored. Whatever an interrupt leads to, as an error of a module that
    was half imported, ends quietly.
    """

    def __init__(self) -> None:
        self.first: float | None = None
        sys.excepthook, sys.unraisablehook = self.uncaught, self.dropped
        known = (getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP"))
        self.heard = [number for number in known if number and signal.getsignal(number) != signal.SIG_IGN]
        for number in self.heard:
            signal.signal(number, self.hear)

    def hear(self, *_: object) -> None:
        """Handle a signal."""
        now = time.monotonic()
        if self.first is None:
            self.first = now
            raise KeyboardInterrupt
        if now - self.first > LATER:
            if sys.__stderr__ and sys.__stderr__.isatty():
                os.write(2, b"\x1b[?25h\n")  # the cursor, which a bar hides
            os._exit(130)

    def uncaught(self, *error: Any) -> None:
        """Stand for sys.excepthook."""
        self.leave() if self.first else sys.__excepthook__(*error)

    def dropped(self, told: Any) -> None:
        """Stand for sys.unraisablehook: an interrupt that fell where Python drops errors comes once more."""
        if not self.first:
            sys.__unraisablehook__(told)
        elif issubclass(told.exc_type, KeyboardInterrupt) and os.name != "nt":  # where kill would end it
            self.first = None
            threading.Timer(0.02, os.kill, (os.getpid(), self.heard[0])).start()

    def leave(self) -> None:
        """End after an interrupt, without the ends of modules that were half imported."""
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        os._exit(130)


def main() -> None:
    """Run the command line (the entry point)."""
    signals = Signals()
    try:
        from timetravel.cli.app import main as run

        run()
    finally:
        if signals.first:
            signals.leave()
        for number in signals.heard:  # nothing is left to stop
            signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    main()
