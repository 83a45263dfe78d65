"""`timetravel page`: the whole story as one HTML file."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

from timetravel.commands import options as o
from timetravel.errors import DataError, printable

EXAMPLES = "timetravel page --open\n\ntimetravel page --from mine/results.json --out story.html"
OUT = "The file to write."
FROM = "A result of your own, a results.json, in place of the package's of its kind or beside it. Repeatable."
NO_TRAINING = "Leave out what trains 1989 in the browser, and its digits."


@o.command("")
def page(
    call: o.Call,
    out: Annotated[Path, o.option(None, OUT, "--out", metavar="FILE")] = Path("page.html"),
    *,
    from_: Annotated[list[Path] | None, o.option(None, FROM, "--from", metavar="FILE")] = None,
    no_training: Annotated[bool, o.option(None, NO_TRAINING, "--no-training")] = False,
    open_: Annotated[bool, o.option(None, "Show it in the browser.", "--open")] = False,
) -> Path:
    """Write one HTML file that tells the whole story in pictures and tables, and needs no network. Trains nothing.

    It shows the package's published results, beside them your own last ones, as kept, and others by --from.
    \f
    from_: files of results; open_: show it. Returns the file. Raises DataError for a result that can't be read,
    UsageError and TimetravelError where the page can't be written.

    >>> tt.page("page.html", no_training=True)
    PosixPath('page.html')
    """
    from timetravel.commands.extrapolate import extrapolate
    from timetravel.commands.saved import intact, saved
    from timetravel.engine.store import Store
    from timetravel.report.files import check_file, write
    from timetravel.report.page import page as rendered
    from timetravel.report.page import shown
    from timetravel.report.page.chapters import kind, placed
    from timetravel.report.render import markdown
    from timetravel.report.tables import sections

    out, own, told = Path(out), [], []
    check_file(out, "page.html")
    for file in map(Path, from_ or ()):
        own.append((printable(file), document := saved(file)))
        with intact(str(file)):
            kind(document)
    kept = []
    for file in (store := Store()).results():
        try:
            store.verify(file)
            document = saved(file)
            with intact(printable(file)):
                sections(document)
            kept.append((f"your last run, kept as {printable(file)}", document))
        except DataError as error:
            call.warn(f"Left out: {error.message}")
    parts = placed(extrapolate.make(), own, kept)
    for part in (part for part in parts if part.document):
        with intact(part.origin) if part.origin else nullcontext():
            told.append(shown(part))
            markdown(told[-1]["sections"])  # so that a number that can't be written is told with its file
    text = rendered(told, [part for part in parts if not part.document], training=not no_training)
    write({out.name: text.encode()}, out.parent)
    if open_:
        import webbrowser

        webbrowser.open(out.resolve().as_uri())
    return out
