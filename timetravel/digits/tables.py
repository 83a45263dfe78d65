"""Tables of one's own digits, one a row: CSV as Kaggle has it, parquet with pictures as the Hugging Face hub has it."""

import io
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from timetravel.digits.unpack import KINDS, check_total, opened
from timetravel.errors import DataError

Pair = tuple[NDArray[Any], NDArray[Any]]  # images and labels

LABELS: Final = ("label", "labels", "class", "target", "digit", "y")  # names of the column of labels
NUMBERING: Final = ("", "unnamed: 0", "id", "imageid", "index")  # names of columns that number the rows
ROWS: Final = 1000  # that are read at a time
LONGEST: Final = 2**17  # characters of a line
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)


def read_csv(path: Path) -> Pair:
    """Return images (n, pixels) and labels (n,) of a CSV. Raises DataError naming file, line, column and value."""
    names, values = rows(path)
    place = _place(path, names, values)
    left_out = [place, *(at for at, name in enumerate(names) if name.lower() in NUMBERING)]
    if len(left_out) == len(values[0]):
        raise DataError(f"{path} has labels and no grey levels.", KINDS)
    return np.delete(values, left_out, axis=1), values[:, place]


def rows(path: Path) -> tuple[list[str], NDArray[Any]]:
    """Return the names of a CSV's columns, none where its first line has numbers, and its numbers (n, columns)."""
    blocks: list[NDArray[Any]] = []
    with opened(path) as file:
        wide = file.peek(2)[:2] in (b"\xff\xfe", b"\xfe\xff")  # as Excel's "Unicode text"
        text = io.TextIOWrapper(file, encoding="utf-16" if wide else "utf-8-sig", errors="replace")
        lines = _lines(text, path)
        first = next(lines, (0, ""))
        separator = next((each for each in ";\t," if each in first[1]), None)  # None: spaces
        names = _cells(first[1], separator)
        if len(names) < 2 or not "".join(names).isprintable() or first[1].lstrip()[0] in "<{[%@":
            raise DataError(f"{path} holds no digits that can be read.", KINDS)
        numbered = names in ([*map(str, range(len(names)))], [*map(str, range(1, len(names) + 1))])
        header = numbered or not all(map(_NUMBER.fullmatch, names))
        lines = lines if header else chain([first], lines)
        names = names if header else [f"column {at + 1}" for at in range(len(names))]
        while block := list(islice(lines, ROWS)):
            blocks.append(_numbers(path, block, separator, names))
            check_total(sum(map(len, blocks)) * len(names) * max(each.itemsize for each in blocks), str(path))
    if not blocks:
        raise DataError(f"{path} has a header and no digit.", KINDS)
    return names if header else [], np.concatenate(blocks)


def _lines(text: io.TextIOWrapper, path: Path) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(iter(lambda: text.readline(LONGEST), ""), 1):
        if len(line) >= LONGEST:
            raise DataError(f"{path}: line {number} has {LONGEST:,} characters or more.", KINDS)
        if line.strip():
            yield number, line


def _cells(line: str, separator: str | None) -> list[str]:
    line = line if separator in (None, ",") else line.replace(",", ".")  # decimal commas
    return [re.sub(r'^"(.*)"$', r"\1", cell.strip()) for cell in line.split(separator)]


def _numbers(path: Path, lines: Sequence[tuple[int, str]], separator: str | None, names: list[str]) -> NDArray[Any]:
    """Return the numbers of some lines, in the smallest whole type that holds them or as floats. Raises DataError."""
    import pandas as pd  # which takes long to load

    text, decimal = io.StringIO("".join(line for _, line in lines)), "." if separator in (None, ",") else ","
    options: dict[str, Any] = {"sep": separator or r"\s+", "decimal": decimal, "skipinitialspace": True}
    try:
        frame = pd.read_csv(text, header=None, dtype=np.float64, **options)
        values: NDArray[Any] = frame.to_numpy()
        if values.shape == (len(lines), len(names)) and np.isfinite(values).all():
            whole = (np.rint(values) == values).all() and np.abs(values).max() < 2**31
            ends = (np.min_scalar_type(int(end)) for end in (values.min(), values.max())) if whole else ()
            return values.astype(np.result_type(*ends)) if whole else values
    except ValueError:
        pass
    hint = f"Allowed are numbers, as many in each line, below a header or none. {KINDS}"
    for number, line in lines:
        cells = _cells(line, separator)
        if len(cells) != len(names):
            raise DataError(f"{path}: line {number} has {len(cells)} values, the first {len(names)}.", hint)
        for name, cell in zip(names, cells, strict=True):
            if not _NUMBER.fullmatch(cell):
                raise DataError(f"{path}: line {number}, {name[:40]}: {cell[:40]!r} is no number.", hint)
    raise DataError(f"{path}: lines {lines[0][0]} to {lines[-1][0]} can't be read as numbers.", hint)


def _place(path: Path, names: list[str], values: NDArray[Any]) -> int:
    """Return the column of labels: by its name, or that end of rows without names which holds classes."""
    width = values.shape[1]
    found = [at for at, name in enumerate(names) if name.lower() in LABELS]
    if not names and (math.isqrt(width) ** 2 != width or math.isqrt(width - 1) ** 2 == width - 1):
        ends = (0, width - 1)
        found = [at for at in ends if np.isin(values[:, at], range(10)).all() and np.ptp(values[:, at])] or [0]
    if len(found) == 1:
        return found[0]
    told = f": either of columns {found[0] + 1} and {found[1] + 1} may hold them" if found else ""
    other = path.with_name(path.name.replace("test", "train"))
    beside = f"Give {other}: a part is kept to test on. " if other != path and other.is_file() else ""
    named = f"Allowed is a column named {', '.join(LABELS)}, or no header and labels first."
    hint = f"{'' if found else beside}{named} {KINDS}"
    raise DataError(f"{path} has no labels{told}.", hint)


def read_parquet(paths: Sequence[Path]) -> Pair:
    """Return images (n, height, width) and labels (n,) of a parquet file, or of several that follow one another."""
    labels: list[Any] = []
    pictures = chain.from_iterable(_pictures(path, labels) for path in paths)
    return stacked(pictures, str(paths[0])), np.array(labels)


def _pictures(path: Path, labels: list[Any]) -> Iterator[tuple[str, Any]]:
    """Give the name of each picture in a file, and it, decoded; take down its label."""
    from timetravel.digits.pictures import decode  # which takes long to load

    try:
        from pyarrow import parquet
    except ImportError:
        told = f"{path}: parquet is read with pyarrow, which is missing."
        raise DataError(told, "Type pip install 'timetravel-1989[parquet]'.") from None
    with opened(path) as content, parquet.ParquetFile(content) as file:
        groups = (file.metadata.row_group(at) for at in range(file.metadata.num_row_groups))
        check_total(sum(group.total_byte_size for group in groups), str(path))
        images = [each.name for each in file.schema_arrow if str(each.type).startswith(("struct<bytes: bin", "binary"))]
        columns = [*images, *(name for name in file.schema_arrow.names if name.lower() in LABELS)]
        if len(images) != 1 or len(columns) != 2:
            told = f"{path} holds the columns {', '.join(file.schema_arrow.names)[:200]}."
            hint = f"Allowed are a column of pictures' bytes and one named {', '.join(LABELS)}."
            mend = f"If each column is a pixel: pandas.read_parquet('{path}').to_csv('digits.csv', index=False)."
            raise DataError(told, f"{hint} {mend} {KINDS}")
        batches = file.iter_batches(ROWS, columns=columns)
        pairs = (zip(*(batch.column(name).to_pylist() for name in columns), strict=True) for batch in batches)
        for row, (image, label) in enumerate(chain.from_iterable(pairs), 1):
            picture = image.get("bytes") if isinstance(image, dict) else image
            if picture is None or label is None:
                what = "label" if picture else "picture"
                raise DataError(f"{path}, row {row} has no {what}.", "Allowed are rows that have both.")
            labels.append(label)
            yield f"{path}, row {row}", decode(picture, f"{path}, row {row}")


def stacked(pictures: Iterable[tuple[str, Any]], where: str) -> NDArray[Any]:
    """Return pictures, each a name and a Picture, as (n, height, width). Raises DataError."""
    found: list[NDArray[Any]] = []
    for name, (grey, animated) in pictures:
        found.append(grey)
        if animated or grey.shape != found[0].shape:
            sizes = ", the first ".join("x".join(map(str, each.shape)) for each in (grey, found[0]))
            told = f"{name} {'moves' if animated else f'has {sizes} pixels'}."
            raise DataError(told, "Allowed are pictures of one size that stand still.")
        check_total(len(found) * grey.size, name)
    if not found:
        raise DataError(f"{where} holds no pictures.", KINDS)
    return np.stack(found)
