"""Train the digit net of 1989 as its authors did, as 2022 would, and argue about 2055."""

__version__ = "0.1.0"
