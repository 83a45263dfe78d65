"""The chapters of the page, in order: what each shows, and which document stands in it, the package's or a user's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from timetravel import published

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Chapter:
    """A chapter: the command that makes it, the package's document of it, and what of a document it shows.

    published: a name in timetravel/published, PROJECTION, or none where only a user's own document fills it. charts:
    names of charts, the first before the fold; tables: titles of sections that stand beside the first screen's; opened:
    whether the first table stands before the fold.
    """

    name: str
    title: str
    command: str
    published: str = ""
    charts: Sequence[str] = ("figure",)
    tables: Sequence[str] = ()
    opened: bool = False


@dataclass(frozen=True)
class Part:
    """A chapter with its document, if there is one; `origin`: a user's own file, or what else is theirs."""

    chapter: Chapter
    document: Document | None = None
    origin: str = ""


PROJECTION: Final = "extrapolate"  # published by no file: it is computed, without training
CHAPTERS: Final = (
    Chapter(
        "paper",
        "1989 on its own digits",
        "timetravel train --era 1989 --data usps",
        "train-usps",
        ("figure", "mistakes"),
        opened=True,
    ),
    Chapter(
        "ladder",
        "From 1989 to today, one tweak at a time",
        "timetravel modernize --tweaks all",
        "modernize-mnist",
        tables=("Against the first row",),
    ),
    Chapter("data", "More digits", "timetravel scale-data", "scale-data-mnist", tables=("The laws",)),
    Chapter("size", "A larger net", "timetravel scale-model", "scale-model-mnist", ("figure", "depth"), ("Deeper",)),
    Chapter(
        "future",
        "2055, claim by claim",
        "timetravel extrapolate --to 2055",
        PROJECTION,
        ("compute", "size", "data", "hardware"),
        ("The seven claims",),
        opened=True,
    ),
    Chapter("gaps", "What the paper leaves open", "timetravel interpretations --data usps"),
    Chapter("search", "A search for better numbers", "timetravel tune"),
    Chapter("duel", "Two recipes on the same digits", "timetravel compare"),
    Chapter("speed", "How fast it trains", "timetravel bench"),
)
MEASURED: Final = {
    "Runs": (
        "Every row is several nets, one a seed. A mean stands with two 95 % intervals: over these very runs, and, "
        "wider, for new runs and new test digits."
    ),
    "Paired tests": (
        "Rows share their seeds, subsets and test digits, so that a change is judged run by run and digit by digit, "
        "and corrected for how many changes a table tests. Not resolved: the experiment is too small to tell."
    ),
    "Folds": (
        "What is chosen is chosen on five folds of the training digits. The test digits are read once, when nothing "
        "is left to choose."
    ),
    "Digits": (
        "`usps` has the originals of 1989: 7,291 to train on and 2,007 to test. `mnist` gives each run its own 7,291 "
        "of 60,000, and 10,000 to test."
    ),
}


def kind(document: Document) -> tuple[Any, ...]:
    """Return what two documents have in common where one can stand in the other's place."""
    first = (document.get("rows") or [{}])[0]
    net = first["recipe"] if document["command"] == "train" else None
    return document["command"], document.get("mode"), first.get("data"), net


def placed(projection: Document, own: Sequence[tuple[str, Document]]) -> list[Part]:
    """Return the parts of the page: a user's documents, by their files, in place of the package's of their kind.

    The others follow the chapter of their command. projection: what `timetravel extrapolate --to 2055` finds.
    """
    parts, left = [], list(own)
    for chapter in CHAPTERS:
        source = chapter.published
        ours = None if not source else projection if source == PROJECTION else published.read(source)
        same = [one for one in left if one[1]["command"] == chapter.command.split()[1]]
        left = [one for one in left if one not in same]
        alike = [one for one in same if ours is None or ours is projection or kind(one[1]) == kind(ours)]
        if not alike:
            parts.append(Part(chapter, ours, "your kept runs" if ours is projection and projection["rows"] else ""))
        names = iter([chapter.name] * bool(alike) + [f"{chapter.name}-{place}" for place in range(len(same))])
        parts += [Part(replace(chapter, name=next(names)), document, file) for file, document in alike]
        others = (one for one in same if one not in alike)
        parts += [Part(titled(document, next(names)), document, file) for file, document in others]
    return parts + [Part(titled(one, f"own-{place}"), one, file) for place, (file, one) in enumerate(left)]


def titled(document: Document, name: str) -> Chapter:
    """Return a chapter for a document that has no place in the story."""
    typed = f"timetravel {document['command']}"
    return Chapter(name, f"Beside it: {typed}", typed)
