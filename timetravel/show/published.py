"""The numbers in README.md and docs/: Markdown made from the results in timetravel/published/.

A page holds a block between two comments, `<!-- numbers:NAME -->` and `<!-- /numbers -->` (in the README
`<!-- ladder -->` and `<!-- /ladder -->`). At the top of a checkout, `python -m timetravel.show.published` writes all
blocks anew, and with `--remake` it first trains everything again, in a store of its own.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import timetravel
from timetravel.errors import DataError, TimetravelError, UsageError
from timetravel.show.blocks import BLOCKS
from timetravel.show.markdown import Document

FOLDER: Final = Path("timetravel", "published")
# What makes each published result; --json is added.
COMMANDS: Final[dict[str, str]] = {
    "train-1989-essay-karpathy-test-first": "train --era 1989-essay --subset karpathy-test-first --seeds 20",
    "train-1989-essay-karpathy-train-first": "train --era 1989-essay --subset karpathy-train-first --seeds 20",
    "train-usps": "train --era 1989 --data usps --seeds 20",
    "interpretations-choice": "interpretations --study choice --data usps --seeds 2",
    "interpretations-reconstruction": "interpretations --study reconstruction --data usps --seeds 2",
    "interpretations-reconstruction-fc": "interpretations --study reconstruction --net fully-connected --data usps --seeds 2",
    "modernize-mnist": "modernize --tweaks all",
    "modernize-karpathy-test-first": "modernize --tweaks essay --subset karpathy-test-first",
    "modernize-usps": "modernize --tweaks all --data usps",
    "modernize-alone": "modernize --tweaks all --mode alone --test full --seeds 6",
    "decompose-mnist": "modernize --mode decompose --seeds 6",
    "train-today-karpathy-test-first": "train --era today --subset karpathy-test-first --seeds 10",
    "train-today-karpathy-train-first": "train --era today --subset karpathy-train-first --seeds 10",
    "train-today-full-0": "train --era today --test full --seeds 6",
    "train-today-full-1": "train --era today --test full --seeds 6 --subset 1",
    "train-today-full-2": "train --era today --test full --seeds 6 --subset 2",
    "modernize-without": "modernize --tweaks all --mode without --seeds 6",
    "scale-data-mnist": "scale-data --seeds 6",
    "scale-data-epochs": "scale-data --budget epochs --seeds 3",
    "scale-data-essay": "scale-data --subset karpathy-test-first --sizes 7291,50000 --budget essay --seeds 6",
    "scale-data-max": "scale-data --eras today --sizes 7291,60000 --budget essay --test full --seeds 6",
    "scale-model-mnist": "scale-model --seeds 6",
    "bench": "bench",
}
BLOCK: Final = re.compile(
    r"(<!-- (?P<open>ladder|numbers:(?P<name>[\w-]+)) -->\n).*?(<!-- /(?:ladder|numbers) -->)", re.S
)


def read(name: str, root: Path) -> Document:
    """Return a published result; raises DataError if it is missing or damaged."""
    path = root / FOLDER / f"{name}.json"
    try:
        document: Document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        remedy = "Make it with `python -m timetravel.show.published --remake`."
        raise DataError(f"The published result {path} can't be read: {error}.", remedy) from error
    return document


def block(name: str, root: Path) -> str:
    """Return the content of a block; raises DataError if its results are missing, UsageError for an unknown name."""
    if name not in BLOCKS:
        raise UsageError(f"There is no block {name!r}.", f"Blocks: {', '.join(BLOCKS)}.")
    make, names = BLOCKS[name]
    return make(*(read(result, root) for result in names))


def pages(root: Path) -> list[Path]:
    """Return the pages that may hold blocks."""
    return [root / "README.md", *sorted((root / "docs").glob("*.md"))]


def names_of_blocks(text: str) -> list[str]:
    """Return the names of the blocks that a page holds."""
    return [match["open"] for match in BLOCK.finditer(text)]


def renewed(text: str, root: Path) -> str:
    """Return a page with all its blocks written anew."""
    return BLOCK.sub(lambda match: f"{match[1]}{block(match['open'], root)}\n{match[4]}", text)


def trimmed(document: dict[str, Any]) -> dict[str, Any]:
    """Return a result without what no page needs: the curves, and where the store was."""
    provenance = {name: value for name, value in document["provenance"].items() if name not in ("store", "storage")}
    return {name: value for name, value in document.items() if name != "curves"} | {"provenance": provenance}


def remake(root: Path, kept: Path | None, names: Sequence[str]) -> None:
    """Run the commands of published results, with this very package, and keep what they print.

    Everything is trained in a fresh store, or in `kept`, from which an interrupted remake goes on. Raises UsageError
    for a name that nothing is published under.
    """
    if unknown := sorted(set(names) - set(COMMANDS)):
        raise UsageError(f"Nothing is published as {', '.join(unknown)}.", f"Published: {', '.join(COMMANDS)}.")
    from timetravel.engine import native_backend
    from timetravel.files import write_whole

    if problem := native_backend.missing():
        raise TimetravelError(f"Remaking takes hours without the kernel: {problem}.", native_backend.HOW_TO_BUILD)
    with tempfile.TemporaryDirectory() as scratch:
        store = str(((kept or Path(scratch)) / "runs").absolute())
        package = str(Path(timetravel.__file__).parents[1])
        settings = os.environ | {"TIMETRAVEL_STORE": store, "PYTHONPATH": package}
        for name in names:
            command = COMMANDS[name]
            if "usps" in command.split() and not os.environ.get("TIMETRAVEL_DATA"):
                sys.stderr.write(f"{name} stays as it is: TIMETRAVEL_DATA names no folder with the USPS digits.\n")
                continue
            sys.stderr.write(f"timetravel {command}\n")
            arguments = [sys.executable, "-m", "timetravel", *command.split(), "--json"]
            made = subprocess.run(arguments, cwd=scratch, env=settings, stdout=subprocess.PIPE, text=True, check=False)
            if made.returncode:
                raise TimetravelError(f"`timetravel {command}` ended with exit code {made.returncode}.")
            text = json.dumps(trimmed(json.loads(made.stdout)), indent=1) + "\n"
            write_whole(root / FOLDER / f"{name}.json", text.encode())


def main(arguments: Sequence[str] | None = None) -> None:
    """Write all blocks of the checkout in the current folder anew."""
    parser = argparse.ArgumentParser(prog="python -m timetravel.show.published", description=main.__doc__)
    parser.add_argument(
        "--remake", nargs="*", metavar="NAME", help="first make these published results again, or all (an hour)"
    )
    parser.add_argument(
        "--store", type=Path, help="with --remake: keep the runs here, and go on from those that are kept"
    )
    chosen = parser.parse_args(arguments)
    root = Path.cwd()
    if not (root / FOLDER).is_dir() or not (root / "README.md").is_file():
        parser.error(f"{root} is not the top of a checkout of timetravel")
    try:
        if chosen.remake is not None:
            remake(root, chosen.store, chosen.remake or list(COMMANDS))
        for path in pages(root):
            before = path.read_text(encoding="utf-8")
            after = renewed(before, root)
            if after != before:
                path.write_text(after, encoding="utf-8")
                sys.stderr.write(f"{path.relative_to(root)} has new numbers.\n")
    except TimetravelError as error:
        sys.exit(f"{error.message} {error.hint}")


if __name__ == "__main__":
    main()
