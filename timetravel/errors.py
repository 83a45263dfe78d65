"""The errors a user can cause, each with what to type next and the exit code of the command."""


class TimetravelError(Exception):
    """The work failed (exit code 1). `message` says what was wrong, `hint` what to do next."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(TimetravelError):
    """The command line asks for something that is not allowed (exit code 2)."""

    exit_code = 2


class DataError(TimetravelError):
    """Digits, or kept runs, are missing or damaged (exit code 3)."""

    exit_code = 3
