"""What a call returns: the document, its tables and charts, and the runs behind it."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from timetravel.commands.reading import parse_folder
from timetravel.commands.saved import intact, saved
from timetravel.engine.runs import Run, read
from timetravel.errors import DataError, UsageError, plainly
from timetravel.numbers import nearest

if TYPE_CHECKING:
    import pandas as pd


class Reading(NamedTuple):
    """What a net reads: the digits, int64 (n,), and its output units, float32 (n, 10)."""

    digits: np.ndarray
    outputs: np.ndarray


class Trained(Run):
    """A finished run, whose net can be asked."""

    @plainly
    def predict(self, images: Any, *, levels: Any = None, inverted: bool = False, transpose: bool = False) -> Reading:
        """Read images, (n, height, width): uint8 from 0 to 255 or floats from 0 to 1 or -1 to 1, ink high.

        levels, inverted, transpose: as in `digits`. The images are brought to 16x16 as the recipe says. A digit is the
        most active unit's. Raises DataError for another shape or other grey levels.

        >>> run = tt.train("1989-essay", data=few, seeds=1, epochs=3, progress=False).runs[0]
        >>> run.predict(np.zeros((2, 28, 28), dtype="uint8")).outputs.shape
        (2, 10)
        """
        from timetravel.digits import Told
        from timetravel.digits.sources.own import pool_of
        from timetravel.engine.train import choose_backend, read_by

        pool = pool_of(images, "images", Told(levels, inverted, transpose))
        prepared = pool.prepared(np.arange(len(pool)), self.recipe.window, self.recipe.deslant)
        choice = choose_backend(self.recipe, "torch" if self.backend.startswith("torch") else "auto")
        outputs = read_by(self.recipe, self.weights, prepared, choice)
        return Reading(read(outputs), outputs)


class Result:
    """A result: what was found, its tables and charts, the document that says it all, and the runs behind it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def __repr__(self) -> str:
        stopped = self.document.get("stopped")
        note = f" Stopped, for {stopped['why']}, after {stopped['runs']} of {stopped['of']} nets." if stopped else ""
        return f"{self.document.get('finding') or self.document['command']}{note}"

    def _repr_html_(self) -> str:
        from timetravel.report.render import in_a_cell
        from timetravel.report.tables import sections

        return in_a_cell(sections(self.document))

    @plainly
    def table(self) -> "pd.DataFrame":
        """Return its rows, measured and published, as the table.csv of `--out` has them: errors in percent.

        >>> found = tt.train("1989-essay", data=few, seeds=2, epochs=3, progress=False)
        >>> found.table()[["kind", "label"]].iloc[0].to_list()
        ['measured', '1989-essay, epochs 3 for 23']
        """
        import io

        import pandas as pd

        from timetravel.report.tables import files

        return pd.read_csv(io.BytesIO(next(iter(files(self.document).values()))))

    @plainly
    def chart(self, name: str | None = None) -> Any:
        """Return its first chart, or the one of a name. Raises UsageError where there is none."""
        from timetravel.report.charts import charts

        drawn = charts(self.document)
        if not drawn or name not in (None, *drawn):
            guess = nearest(name or "", drawn)
            told = f"{self.document['command']} has no chart{f' {name!r}' if name else ''}.{guess}"
            raise UsageError(told, f"Charts: {', '.join(drawn) or 'none'}.") from None
        return drawn[name or next(iter(drawn))]

    @cached_property
    def runs(self) -> list[Trained]:
        """The runs of its rows, in their order: weights by name, float32, and outputs, float32 (test digits, 10).

        Raises DataError where one is no longer kept.
        """
        from timetravel.engine.store import Store

        store, found = Store(), []
        with intact("The result"):
            for row in self.document.get("rows", ()):
                for told in row.get("runs", ()):
                    if not (run := store.run(told["key"], told["test_digits"])):
                        lost = f"The net of seed {told['seed']} of {row['label']} is not kept in {store.folder}."
                        made_by = self.document.get("provenance", {}).get("command_line", "")
                        raise DataError(lost, f"This makes it again: {made_by}") from None
                    found.append(Trained(**vars(run)))
        return found

    @plainly
    def save(self, folder: str | Path) -> Path:
        """Write what `--out` writes: results.json, report.md, report.html, table.csv and the charts.

        Returns the folder. Raises UsageError or TimetravelError where it can't be written.
        """
        from timetravel.report.files import check_folder, write_files

        out = parse_folder(folder)
        check_folder(out)
        write_files(self.document, out, "")
        return out


@plainly
def load(file: str | Path) -> Result:
    """Return a saved result; its runs where they are still kept. Raises DataError for what is none, or damaged.

    >>> tt.load("results.json")
    Traceback (most recent call last):
    ...
    timetravel.errors.DataError: results.json can't be read: No such file or directory.
    Give the path of a results.json.
    """
    from timetravel.report.tables import sections

    document = saved(Path(file))
    with intact(str(file)):
        sections(document)
    return Result(document)
