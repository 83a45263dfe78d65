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
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import timetravel
from timetravel.errors import DataError, TimetravelError, UsageError
from timetravel.tweaks import parse_tweaks
from timetravel.words import counted

Document = Mapping[str, Any]

FOLDER: Final = Path("timetravel", "published")
# What makes each published result; --json is added.
COMMANDS: Final[dict[str, str]] = {
    "train-1989-essay-karpathy-test-first": "train --era 1989-essay --draw karpathy-test-first --seeds 20",
    "train-1989-essay-karpathy-train-first": "train --era 1989-essay --draw karpathy-train-first --seeds 20",
    "train-usps": "train --era 1989 --data usps --seeds 20",
    "modernize-mnist": "modernize --tweaks all",
    "modernize-karpathy-test-first": "modernize --tweaks all --draw karpathy-test-first --seeds 10",
    "modernize-usps": "modernize --tweaks all --data usps --seeds 10",
    "scale-data-mnist": "scale-data --seeds 10",
}
BLOCK: Final = re.compile(
    r"(<!-- (?P<open>ladder|numbers:(?P<name>[\w-]+)) -->\n).*?(<!-- /(?:ladder|numbers) -->)", re.S
)


def ladder(document: Document) -> str:
    """Return the README's picture of the ladder, as plain text of at most 100 columns."""
    first = document["rows"][0]
    head = ("recipe", "passes", "test error, %", "mistakes", "change", "against 1st row")
    table = [head]
    for label, row, change in zip(rungs(document), document["rows"], document["changes"], strict=True):
        table.append(
            (
                label,
                str(row["passes"]),
                interval(row["test_error"], ".2f"),
                interval(row["test_mistakes"], ".1f", ".0f"),
                interval(change["step"], "+.1f", "+.0f"),
                interval(change["against_1989"], "+.1f", "+.0f"),
            )
        )
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join(f"{cell:{'>' if i else '<'}{widths[i]}}" for i, cell in enumerate(row)) for row in table]
    lines.insert(1, "-" * len(lines[0]))
    note = (
        f"{first['data']}: {first['train_size']:,} training digits, {first['test_size']:,} test digits, "
        f"{counted(len(first['seeds']), 'seed')} a row: mean [95 % interval over seeds].\n"
        "Change: in mistakes against the row above, paired by seed."
    )
    return "\n".join(["```text", f"$ {typed(document)}", "", *map(str.rstrip, lines), "", note, "```"])


def draws(test_first: Document, train_first: Document) -> str:
    """Return what the essay's two possible draws give beside the essay's single seed."""
    essay = next(r for r in test_first["references"] if r["recipe"] == "1989-essay")
    told = essay["test_mistakes"]["mean"]
    lines = []
    for name, document in (("test first", test_first), ("train first", train_first)):
        (row,) = document["rows"]
        few = sum(value <= told for value in row["test_mistakes"]["values"])
        lines.append(
            (
                f"`karpathy-{name.replace(' ', '-')}`, {counted(len(row['seeds']), 'seed')}",
                with_range(row["test_mistakes"]),
                f"{few} of {len(row['seeds'])}",
                with_range(row["train_mistakes"]),
                interval(row["test_loss"], ".3f"),
                interval(row["train_loss"], ".4f"),
            )
        )
    essays = (
        "the essay, 1 seed",
        str(told),
        "",
        str(essay["train_mistakes"]["mean"]),
        f"{essay['test_loss']['mean']:.3f}",
        f"{essay['train_loss']['mean']:.4f}",
    )
    head = ("draw", "test mistakes", f"seeds with {told} or fewer", "training mistakes", "test loss", "training loss")
    return markdown(head, [essays, *lines]) + made_by(test_first, train_first)


def essay(document: Document) -> str:
    """Return the essay's ladder beside ours on the essay's digits."""
    told = {reference["recipe"]: reference for reference in document["references"]}
    lines, before = [], None
    for label, row, change in zip(rungs(document), document["rows"], document["changes"], strict=True):
        reference = told[row["recipe"]]
        now = reference["test_mistakes"]["mean"]
        lines.append(
            (
                label,
                str(row["passes"]),
                str(now),
                with_range(row["test_mistakes"]),
                "" if before is None else f"{now - before:+}",
                interval(change["step"], "+.1f", "+.0f"),
                str(reference["train_mistakes"]["mean"]),
                with_range(row["train_mistakes"]),
            )
        )
        before = now
    seeds = counted(len(document["rows"][0]["seeds"]), "seed")
    head = (
        "recipe",
        "passes",
        "essay: test mistakes",
        f"we find, {seeds}",
        "essay: step",
        "we find: step",
        "essay: training mistakes",
        "we find",
    )
    return markdown(head, lines) + made_by(document)


def ladders(mnist: Document, essays: Document, usps: Document) -> str:
    """Return the ladder on three sets of digits side by side."""
    documents = (mnist, essays, usps)
    lines = []
    for rung, label in enumerate(rungs(mnist)):
        lines.append((label, *(interval(d["rows"][rung]["test_mistakes"], ".1f", ".0f") for d in documents)))
    whole = [d["rows"][-1]["test_mistakes"]["mean"] / d["rows"][0]["test_mistakes"]["mean"] - 1 for d in documents]
    lines.append(("**all of it**", *(f"**{100 * share:+.0f} %**" for share in whole)))
    head = ("recipe", "`mnist`", "`mnist`, `karpathy-test-first`", "`usps`")
    return markdown(head, lines) + made_by(*documents)


def usps(document: Document) -> str:
    """Return the paper's figures beside ours on the digits of 1989."""
    (row,) = document["rows"]
    paper = next(reference for reference in document["references"] if reference["recipe"] == "1989")
    lines = []
    for name, key, shown in (
        ("training mistakes", "train_mistakes", ".1f"),
        ("training error, %", "train_error", ".2f"),
        ("training loss", "train_loss", ".4f"),
        ("test mistakes", "test_mistakes", ".1f"),
        ("test error, %", "test_error", ".2f"),
        ("test loss", "test_loss", ".3f"),
    ):
        value = paper[key]["mean"]
        lines.append((name, str(value) if isinstance(value, int) else f"{value:{shown}}", interval(row[key], shown)))
    head = ("", "paper", f"`{row['recipe']}` here, {counted(len(row['seeds']), 'seed')}")
    return markdown(head, lines) + made_by(document)


def data_curve(document: Document) -> str:
    """Return the mistakes of each era at each number of training digits."""
    rows = document["rows"]
    eras = list(dict.fromkeys(row["recipe"] for row in rows))
    lines = []
    for size in sorted({row["train_size"] for row in rows}):
        cells = [f"{size:,}"]
        for name in eras:
            (row,) = [row for row in rows if (row["recipe"], row["train_size"]) == (name, size)]
            cells += [str(row["passes"]), interval(row["test_mistakes"], ".1f", ".0f")]
        lines.append(tuple(cells))
    head = ["training digits"]
    for name in eras:
        head += [f"`{name}`: passes", "test mistakes"]
    return markdown(head, lines) + made_by(document)


BLOCKS: Final[dict[str, tuple[Callable[..., str], tuple[str, ...]]]] = {
    "ladder": (ladder, ("modernize-mnist",)),
    "numbers:draws": (draws, ("train-1989-essay-karpathy-test-first", "train-1989-essay-karpathy-train-first")),
    "numbers:essay": (essay, ("modernize-karpathy-test-first",)),
    "numbers:ladders": (ladders, ("modernize-mnist", "modernize-karpathy-test-first", "modernize-usps")),
    "numbers:usps": (usps, ("train-usps",)),
    "numbers:data-curve": (data_curve, ("scale-data-mnist",)),
}


def rungs(document: Document) -> list[str]:
    """Return how a ladder's rows are called: the start by its name, the others by the tweak that they add."""
    return [document["rows"][0]["recipe"], *(f"+ {tweak.name}" for tweak in parse_tweaks("all"))]


def interval(estimate: Mapping[str, Any] | None, shown: str, within: str | None = None) -> str:
    """Write an estimate as '91.8 [85, 99]'; nothing where there is none."""
    if estimate is None:
        return ""
    mean, low, high = (estimate[part] for part in ("mean", "low", "high"))
    shown, within = (text.replace(".", "z.") for text in (shown, within or shown))  # z: no negative zero
    return f"{mean:{shown}}" if low is None else f"{mean:{shown}} [{low:{within}}, {high:{within}}]"


def with_range(estimate: Mapping[str, Any]) -> str:
    """Write an estimate of mistakes with its lowest and highest seed."""
    return f"{interval(estimate, '.1f', '.0f')}, {min(estimate['values'])} to {max(estimate['values'])}"


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ["---"] * len(head), *rows))


def typed(document: Document) -> str:
    """Return the command that made a document, without the option that made it one."""
    return str(document["provenance"]["command_line"]).removesuffix(" --json")


def made_by(*documents: Document) -> str:
    """Say which commands made a table."""
    return f"\nMade by {', '.join(f'`{typed(document)}`' for document in documents)}."


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
    provenance = {name: value for name, value in document["provenance"].items() if name != "store"}
    return {name: value for name, value in document.items() if name != "curves"} | {"provenance": provenance}


def remake(root: Path) -> None:
    """Run the commands of all published results, with this very package and a fresh store, and keep what they print."""
    from timetravel.engine import native_backend
    from timetravel.engine.store import write_whole

    if problem := native_backend.missing():
        raise TimetravelError(f"Remaking takes hours without the kernel: {problem}.", native_backend.HOW_TO_BUILD)
    with tempfile.TemporaryDirectory() as store:
        package = str(Path(timetravel.__file__).parents[1])
        settings = os.environ | {"TIMETRAVEL_STORE": store, "PYTHONPATH": package}
        for name, command in COMMANDS.items():
            if "usps" in command.split() and not os.environ.get("TIMETRAVEL_DATA"):
                sys.stderr.write(f"{name} stays as it is: TIMETRAVEL_DATA names no folder with the USPS digits.\n")
                continue
            sys.stderr.write(f"timetravel {command}\n")
            arguments = [sys.executable, "-m", "timetravel", *command.split(), "--json"]
            made = subprocess.run(arguments, cwd=store, env=settings, stdout=subprocess.PIPE, text=True, check=False)
            if made.returncode:
                raise TimetravelError(f"`timetravel {command}` ended with exit code {made.returncode}.")
            text = json.dumps(trimmed(json.loads(made.stdout)), indent=1) + "\n"
            write_whole(root / FOLDER / f"{name}.json", text.encode())


def main(arguments: Sequence[str] | None = None) -> None:
    """Write all blocks of the checkout in the current folder anew."""
    parser = argparse.ArgumentParser(prog="python -m timetravel.show.published", description=main.__doc__)
    parser.add_argument("--remake", action="store_true", help="first make all published results again (minutes)")
    chosen = parser.parse_args(arguments)
    root = Path.cwd()
    if not (root / FOLDER).is_dir() or not (root / "README.md").is_file():
        parser.error(f"{root} is not the top of a checkout of timetravel")
    try:
        if chosen.remake:
            remake(root)
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
