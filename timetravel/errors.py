"""The errors a user can cause, each with what to type next and the exit code of the command."""

from collections.abc import Callable
from functools import wraps
from typing import Any


class TimetravelError(Exception):
    """The work failed (exit code 1). `message` says what was wrong, `hint` what to do next.

    pictures: digits, float32 (k, 16, 16) in [-1, 1], that show what is meant, and their captions.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "", pictures: tuple[Any, list[str]] | None = None) -> None:
        super().__init__(message)
        self.message, self.hint, self.pictures = message, hint, pictures
        if hint:
            self.add_note(hint)  # a traceback shows it


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
