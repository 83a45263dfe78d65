"""The errors a user can cause, each with what to type next and the exit code of the command."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # and bytes of names that no text has


def printable(text: object) -> str:
    """Return a text, as the name of a file, with a question mark for all that can't be printed or put in a file."""
    return UNPRINTABLE.sub("?", str(text))


class TimetravelError(Exception):
    """The work failed (exit code 1). `message` says what was wrong, `hint` what to do next.

    pictures: digits, float32 (k, 16, 16) in [-1, 1], that show what is meant, and their captions.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "", pictures: tuple[Any, list[str]] | None = None) -> None:
        self.message, self.hint, self.pictures = printable(message), printable(hint), pictures
        super().__init__(self.message)
        if hint:
            self.add_note(self.hint)  # a traceback shows it


class UsageError(TimetravelError):
    """The command line asks for something that is not allowed (exit code 2)."""

    exit_code = 2


class DataError(TimetravelError):
    """Digits, or kept runs, are missing or damaged (exit code 3)."""

    exit_code = 3


def plainly(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a user's error end a function with what was wrong and what to do, without what went on inside."""

    @wraps(function)
    def called(*given: Any, **named: Any) -> Any:
        try:
            return function(*given, **named)
        except TimetravelError as error:
            raise error.with_traceback(None) from None
        except KeyboardInterrupt:
            told = "Stopped before there was anything to tell. Finished runs are kept."
            raise TimetravelError(told, "The same call goes on from them.") from None

    return called
