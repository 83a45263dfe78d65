"""Writes the generated parts of README.md and docs/ anew: `python docs/tools/pages.py`, at the top of a checkout.

A page holds a block between `<!-- NAME -->` and `<!-- /NAME -->`, where NAME is
- `screen:RESULT`, what a command prints first, from a result in timetravel/published/;
- `picture:RESULT`, the same screen as a picture, which is written to docs/screens/;
- `table:RESULT/TITLE`, the tables of one section of it, or one table, by the title, as Markdown; without, the first.
docs/reference/commands.md comes from the command line's own declarations, docs/reference/python.md from docstrings,
docs/reference/glossary.md from the page that the package writes, docs/screens/page.png by page_picture.py, where stale.
With `--remake` the published results are made again.
"""

import argparse
import inspect
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import timetravel
from timetravel import published
from timetravel.api.functions import SHARED
from timetravel.api.results import Result, Trained
from timetravel.errors import DataError
from timetravel.report import render
from timetravel.report.grid import Section
from timetravel.report.page import source
from timetravel.report.tables import sections

FOLDER: Final = Path("timetravel", "published")
EXAMPLES: Final = Path(__file__).parents[1] / "results"  # what tune and compare made, as their pages say
# What makes each published result; --json is added.
COMMANDS: Final[dict[str, str]] = {
    "train-1989-essay-karpathy-test-first": "train --era 1989-essay --subset karpathy-test-first --seeds 20",
    "train-1989-essay-karpathy-train-first": "train --era 1989-essay --subset karpathy-train-first --seeds 20",
    "train-usps": "train --era 1989 --data usps --seeds 20",
    "interpretations-choice": "interpretations --study choice --data usps --seeds 2",
    "interpretations-reconstruction": "interpretations --study reconstruction --data usps --seeds 2",
    "interpretations-reconstruction-fc": (
        "interpretations --study reconstruction --net fully-connected --data usps --seeds 2"
    ),
    "modernize-mnist": "modernize --tweaks all",
    "modernize-karpathy-test-first": "modernize --tweaks essay --subset karpathy-test-first",
    "modernize-usps": "modernize --tweaks all --data usps",
    "modernize-alone": "modernize --tweaks all --mode alone",
    "decompose-mnist": "modernize --mode decompose --seeds 6",
    "train-today-karpathy-test-first": "train --era today --subset karpathy-test-first --seeds 10",
    "train-today-karpathy-train-first": "train --era today --subset karpathy-train-first --seeds 10",
    "train-today-subsets": "train --era today --subset 0-3 --seeds 3",
    "train-1989-essay-subsets": "train --era 1989-essay --subset 0-5 --seeds 4",
    "modernize-shares-essay": "modernize --tweaks essay --mode shares",
    "modernize-without": "modernize --tweaks all --mode without --seeds 6",
    "scale-data-mnist": "scale-data --seeds 6",
    "scale-data-examples": "scale-data --budget examples --seeds 6",
    "scale-data-essay": (
        "scale-data --subset karpathy-test-first --sizes 7291,50000 --budget essay --test 2007 --seeds 10"
    ),
    "scale-data-max": "scale-data --eras today --sizes 7291,60000 --budget essay --seeds 10",
    "scale-model-mnist": "scale-model --seeds 6",
    "foundation-usps": "foundation --full",
    "bench": "bench",
}
BLOCK: Final = re.compile(r"(<!-- (?P<name>(?:screen|picture|table):[^>]+) -->\n).*?(<!-- /(?P=name) -->)", re.S)
HEAD: Final = """# Every command and option

Made from the program's own declarations by `python docs/tools/pages.py`; a test fails when it is out of date. An option
wins over its environment variable, and that over the default. `TIMETRAVEL_STORE` names the folder of kept runs and has
no option. `timetravel --install-completion` teaches your shell to complete commands, eras, tweaks and sources.

| exit code | means |
| --- | --- |
| 0 | done |
| 1 | the work failed: every run diverged, or a file can't be written |
| 2 | the command line asks for something that does not exist or is not allowed |
| 3 | digits, kept runs or a saved result are missing or damaged |
| 130 | stopped with Ctrl-C; finished runs are kept |

"""
PYTHON_HEAD: Final = """# From Python

```python
import timetravel as tt

found = tt.modernize("essay", seeds=6)
found  # in a notebook: the finding and the first table
found.table()  # a pandas DataFrame
found.chart()  # an Altair chart
found.document  # all of it, as --json prints it
```

Every command is one call with the options of the command line, and returns a [`Result`](#result). In the examples
`few` is a source of 500 digits, `tt.digits(images, labels)`. [docs/examples](../examples) has a script a study, and
[the essay in ten cells](../examples/essay.ipynb). Made from docstrings by `python docs/tools/pages.py`.
"""
PYTHON_END: Final = """## The engine underneath

`timetravel.engine.train.train(recipe, digits, seeds=[0, 1], test=test)` trains one net a seed, prints nothing, keeps
nothing and returns runs. The digits are those of a source: `source = tt.digits("mnist")`, then
`source.training_digits(subset="0")` and `source.test_digits()`; their `images` are float32 (n, 16, 16), their `labels`
int64 (n,), both read-only. `timetravel.engine.collect.collect` does the same for many jobs, with the store and a
progress. `timetravel.nets.build(recipe)` returns the PyTorch module, and `timetravel.nets.load_lane(net, 0,
run.weights)` puts a run's weights into it. A run has `recipe`, `seed`, `weights`, `outputs`, `labels`, `predictions`,
`train` and `test` (mistakes, size, error, loss), `seconds` and `provenance`. [How it works](../how-it-works.md) tells
the rest.
"""
VALUES: Final = {
    "tt.ERAS": "The eras by name, each with its `recipe`, `reason`, `source` and `link`",
    "tt.TWEAKS": "The tweaks by name, each a `Tweak` with its source",
    "tt.__version__": "The version, a text",
}


def document(name: str) -> dict[str, Any]:
    """Return a published result, or an example of the pages; the projection is made anew, as where no run is kept."""
    if (example := EXAMPLES / f"{name}.json").exists():
        found: dict[str, Any] = json.loads(example.read_text(encoding="utf-8"))
        return found
    return projection() if name == "extrapolate" else published.read(name)


@cache
def projection() -> dict[str, Any]:
    """Return what `timetravel extrapolate` finds where no run is kept."""
    with tempfile.TemporaryDirectory() as nothing:
        command = [sys.executable, "-m", "timetravel", "extrapolate", "--to", "2055", "--json"]
        settings = os.environ | {"TIMETRAVEL_STORE": nothing}
        made = subprocess.run(command, env=settings, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(made.stdout)
    return found


def typed_for(found: dict[str, Any]) -> str:
    """Return the command that a result is of, as a reader types it."""
    return str(found.get("typed") or found.get("provenance", found)["command_line"]).removesuffix(" --json")


def block(name: str) -> str:
    """Return the content of a block; raises DataError where there is no such result, section or table."""
    kind, _, what = name.partition(":")
    result, _, title = what.partition("/")
    found = document(result)
    typed = typed_for(found)
    if kind == "screen":
        return f"```text\n$ {typed}\n\n{render.plain(sections(found), long=False).strip()}\n```"
    if kind == "picture":
        return f"![{typed} prints: {found['finding']}](screens/{result}.svg)"
    for section in sections(found):
        grids = section.grids
        chosen = grids[:1] if not title else [one for one in grids if title in (section.title, one.title)]
        if chosen:
            notes = section.notes if title in ("", section.title) else ()
            return f"{render.markdown([Section('', '', chosen, notes)])}\n\nMade by `{typed}`."
    raise DataError(f"{result} has no table {title!r}.", "Correct the page's comment.")


def commands() -> str:
    """Return docs/reference/commands.md."""
    from typer.cli import get_docs_for_click
    from typer.main import get_command

    from timetravel.cli.app import app

    command = get_command(app)
    with command.make_context("timetravel", [], resilient_parsing=True) as context:
        made = get_docs_for_click(obj=command, ctx=context, name="timetravel")
    made = re.sub(r"\s*\f.*?(?=\n\*\*Usage)", "\n", made, flags=re.S)  # what is said to those who call it from Python
    return (
        HEAD + made.partition("\n\n")[2].replace("&#x27;", "'").replace("&gt;", ">").replace("\\[", "[").strip() + "\n"
    )


def python() -> str:
    """Return docs/reference/python.md."""
    names = [name for name in timetravel.__all__ if name != "Result"]
    calls = sorted(name for name in names if inspect.isroutine(called(getattr(timetravel, name))))
    parts = [PYTHON_HEAD, *(entry(f"## `tt.{name}`", getattr(timetravel, name)) for name in calls)]
    parts += [f"## {SHARED.strip().replace(': ', f'{chr(10)}{chr(10)}', 1)}\n"]
    parts += [entry(f"## `tt.{name}`", getattr(timetravel, name)) for name in names if name not in calls]
    for kind in (Result, Trained):
        parts.append(f"## {kind.__name__}\n\n{inspect.getdoc(kind)}\n")
        public = [name for name in vars(kind) if not name.startswith("_")]
        parts += [entry(f"### `{kind.__name__}.{name}`", vars(kind)[name]) for name in public]
    return "\n".join([*parts, PYTHON_END])


def called(thing: Any) -> Any:
    """Return what holds the signature and the docstring: of a module that can be called, its type's function."""
    return type(thing).__call__ if inspect.ismodule(thing) else thing


def entry(head: str, thing: Any) -> str:
    """Return what is said of a public name: how it is called, its docstring, and the example in it."""
    name, thing = head.split("`")[1], called(thing)
    if name in VALUES:
        listed = f": {', '.join(f'`{key}`' for key in thing)}" if isinstance(thing, dict) else ""
        return f"{head}\n\n{textwrap.fill(f'{VALUES[name]}{listed}.', 120, break_on_hyphens=False)}\n"
    said = (inspect.getdoc(thing) or "").replace(SHARED.strip(), "")
    prose, prompt, example = said.partition(">>> ")
    parts = [head, prose.strip()]
    if callable(thing):
        known = inspect.signature(thing)
        shown = [each.replace(annotation=known.empty) for key, each in known.parameters.items() if key != "self"]
        line = f"{name}{known.replace(parameters=shown, return_annotation=known.empty)}"
        line = textwrap.fill(line, 110, subsequent_indent="    ", break_on_hyphens=False)
        parts.insert(1, f"```text\n{line}\n```")
    if example:
        parts.append(f"```python\n{prompt}{example.strip()}\n```")
    return "\n\n".join(parts) + "\n"


def picture(name: str) -> str:
    """Return what a command prints first, in a terminal 80 wide, as SVG that asks no server for a font."""
    from rich._export_format import CONSOLE_SVG_FORMAT
    from rich.console import Console

    found = document(name)
    terminal = {"record": True, "force_terminal": True, "color_system": "truecolor", "_environ": {}}
    console = Console(width=80, file=io.StringIO(), **terminal)
    console.print(render.rich(sections(found)))
    form = re.sub(r"@font-face {{.*?}}\n", "", CONSOLE_SVG_FORMAT, flags=re.S).replace("Fira Code, ", "")
    return console.export_svg(title=typed_for(found), code_format=form, unique_id=name)


def pages(root: Path) -> dict[Path, str]:
    """Return every page with its new text."""
    found = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    made = {path: path.read_text(encoding="utf-8") for path in found}
    pictures = {name for text in made.values() for name in re.findall(r"<!-- picture:(\S+) -->", text)}
    made = {
        path: BLOCK.sub(lambda match: f"{match[1]}{block(match['name'])}\n{match[3]}", text)
        for path, text in made.items()
    }
    made |= {root / "docs" / "screens" / f"{name}.svg": picture(name) for name in pictures}
    reference = root / "docs" / "reference"
    made |= {reference / "commands.md": commands(), reference / "python.md": python()}
    return made | {reference / "glossary.md": str(source("glossary.md"))}


def trimmed(found: dict[str, Any]) -> dict[str, Any]:
    """Return a result without what no page needs: the curves of single nets, and where the store was."""
    provenance = {name: value for name, value in found["provenance"].items() if name != "store"}
    left_out = ("curves", "rejection_curves")
    return {name: value for name, value in found.items() if name not in left_out} | {"provenance": provenance}


def remake(root: Path, store: Path, names: Sequence[str]) -> None:
    """Run the commands of published results with this very package, and keep what they print."""
    package = str(Path(timetravel.__file__).parents[1])
    settings = os.environ | {"TIMETRAVEL_STORE": str(store.absolute()), "PYTHONPATH": package}
    for name in names:
        command = COMMANDS[name]
        sys.stderr.write(f"timetravel {command}\n")
        arguments = [sys.executable, "-m", "timetravel", *command.split(), "--json"]
        made = subprocess.run(arguments, env=settings, stdout=subprocess.PIPE, text=True, check=True)
        text = json.dumps(trimmed(json.loads(made.stdout)), indent=1) + "\n"
        (root / FOLDER / f"{name}.json").write_text(text, encoding="utf-8")


def main() -> None:
    """Write all generated parts of the checkout in the current folder anew."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument(
        "--remake",
        nargs="*",
        metavar="NAME",
        choices=COMMANDS,
        help="first make these published results, or all, again",
    )
    parser.add_argument("--store", type=Path, default=Path("build", "runs"), help="with --remake: where runs are kept")
    chosen = parser.parse_args()
    root = Path.cwd()
    if not (root / FOLDER).is_dir():
        parser.error(f"{root} is not the top of a checkout of timetravel")
    if chosen.remake is not None:
        remake(root, chosen.store, chosen.remake or list(COMMANDS))
    for path, text in pages(root).items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stderr.write(f"{path.relative_to(root)} is new.\n")
    subprocess.run([sys.executable, str(Path(__file__).with_name("page_picture.py"))], check=True)


if __name__ == "__main__":
    main()
