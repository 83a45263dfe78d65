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
    whether the first table stands before the fold, and leads: before the pictures.
    """

    name: str
    title: str
    command: str
    published: str = ""
    charts: Sequence[str] = ("figure",)
    tables: Sequence[str] = ()
    opened: bool = False
    leads: bool = False


@dataclass(frozen=True)
class Part:
    """A chapter with its document, if there is one; `origin`: a user's own file, or what else is theirs."""

    chapter: Chapter
    document: Document | None = None
    origin: str = ""


PROJECTION: Final = "extrapolate"  # published by no file: it is computed, without training
FANS: Final = ("size", "compute", "sensitivity")
BARE: Final = ("figure", "mistakes")
CHAPTERS: Final = (
    Chapter("paper", "1989 on its own digits", "train --era 1989 --data usps", "train-usps", BARE, opened=True),
    Chapter("ladder", "From 1989 to today, one tweak at a time", "modernize --tweaks all", "modernize-mnist"),
    Chapter("data", "More digits", "scale-data", "scale-data-mnist", tables=("The laws",)),
    Chapter("size", "A larger net", "scale-model", "scale-model-mnist", ("figure", "depth"), ("Deeper",)),
    Chapter("labels", "A large net in place of labels", "foundation", "foundation-usps", ("figure", "cost")),
    Chapter(
        "future", "2055, claim by claim", "extrapolate --to 2055", PROJECTION, FANS, ("The seven claims",), True, True
    ),
    Chapter("gaps", "What the paper leaves open", "interpretations --data usps"),
    Chapter("search", "A search for better numbers", "tune"),
    Chapter("duel", "Two recipes on the same digits", "compare"),
    Chapter("speed", "How fast it trains", "bench"),
)


def kind(document: Document) -> tuple[Any, ...]:
    """Return what two documents have in common where one can stand in the other's place."""
    first = (document.get("rows") or [{}])[0]
    net = first["recipe"] if document["command"] == "train" else None
    return document["command"], document.get("mode"), first.get("data", document.get("data")), net


def placed(
    projection: Document, own: Sequence[tuple[str, Document]], kept: Sequence[tuple[str, Document]] = ()
) -> list[Part]:
    """Return the parts of the page: a user's documents, by their files, in place of the package's of their kind.

    The others follow the chapter of their command, and so does what is kept, where the package has a document of its
    own. projection: what `timetravel extrapolate --to 2055` finds.
    """
    parts, left = [], list(own)
    for chapter in CHAPTERS:
        source = chapter.published
        ours = None if not source else projection if source == PROJECTION else published.read(source)
        same = [one for one in left if one[1]["command"] == chapter.command.split()[0]]
        left = [one for one in left if one not in same]
        beside = [one for one in kept if one[1]["command"] == chapter.command.split()[0]]
        kept = [one for one in kept if one not in beside]
        if ours is None:
            same, beside = same or beside, []
        alike = [one for one in same if ours is None or ours is projection or kind(one[1]) == kind(ours)]
        if not alike:
            kept_here = ours is projection and any(one["here"] for one in projection["shares"])
            parts.append(Part(chapter, ours, "your kept runs" if kept_here else ""))
        names = iter(
            [chapter.name] * bool(alike) + [f"{chapter.name}-{place}" for place in range(len(same) + len(beside))]
        )
        parts += [Part(replace(chapter, name=next(names)), document, file) for file, document in alike]
        others = [*(one for one in same if one not in alike), *beside]
        parts += [Part(titled(document, next(names)), document, file) for file, document in others]
    return parts + [Part(titled(one, f"own-{place}"), one, file) for place, (file, one) in enumerate(left)]


def titled(document: Document, name: str) -> Chapter:
    """Return a chapter for a document that has no place in the story."""
    return Chapter(name, f"Beside it: timetravel {document['command']}", document["command"])
