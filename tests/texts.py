"""What was printed, without what depends on the width of a terminal."""

import re


def words(text: str) -> str:
    """A panel's or a table's words in one line."""
    return " ".join(text.replace("│", " ").split())


def flat(text: str) -> str:
    """A text without any spaces and lines, for what may break within a word, as a long path does."""
    return re.sub(r"[\s│]", "", text)
