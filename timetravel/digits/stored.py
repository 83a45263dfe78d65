"""Files of digits of one's own, read to arrays as they are stored: the one place that knows their names.

What a file is, its first bytes say; what it is for, its name. unpack.KINDS tells in words what is read.
"""

import re
import zipfile
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from timetravel.digits import tables
from timetravel.digits.unpack import KINDS, SUFFIXES, check_total, idx_file, named, opened
from timetravel.errors import DataError

Arrays = Sequence[NDArray[Any]]  # training images and labels, test images and labels; or images and labels only
Groups = dict[tuple[str, ...], dict[str, list[Path]]]  # by kind, split and content; by name without endings

IDX_NAMES: Final = (
    *("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    *("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
)
NPZ_NAMES: Final = (
    ("train_images", "train_labels", "test_images", "test_labels"),
    ("x_train", "y_train", "x_test", "y_test"),
    *(("images", "labels"), ("data", "target"), ("x", "y")),
)
SPLITS: Final = {"train": "train", "training": "train", "test": "test", "testing": "test", "t10k": "test"}
_SPLIT = re.compile(r"(?<![a-z])(train|test|t10k)")
_SHARD = re.compile(r"-(\d+)-of-(\d+)$")


def read(path: Path) -> Arrays:
    """Return the two or four arrays of a folder or file as they are stored. Raises DataError, which names the file."""
    with named(path):
        return _folder(path) if path.is_dir() else _file(path)


def _file(path: Path) -> Arrays:
    with opened(path) as file:
        head, packed = file.peek(4)[:4], type(file).__module__ in SUFFIXES
    kind = ".npz" if head[:2] == b"PK" else ".parquet" if head == b"PAR1" else path.suffix.lower()
    if kind in (".npz", ".parquet"):
        if packed:
            raise DataError(f"{path} is packed twice.", f"Unpack it, and give the {kind} file.")
        return _npz(path) if kind == ".npz" else tables.read_parquet([path])
    if head[:2] == b"\0\0" or not head:
        told = "is one IDX file of four" if head else "is empty"
        raise DataError(f"{path} {told}.", f"Give their folder. {KINDS}")
    return tables.read_csv(path)


def _folder(folder: Path, depth: int = 0) -> Arrays:
    entries = _visible(folder)
    inner = [path for path in entries if path.is_dir()]
    same = [p for path in inner if re.search(r"idx|\.csv|\.parquet", path.name) for p in _visible(path)]  # as Kaggle's
    files = [path for path in entries if path not in inner] + same
    groups: Groups = {}
    for path in sorted(files, key=lambda path: path.suffix in SUFFIXES.values()):  # those that are not packed first
        bare = re.sub(r"\.(gz|xz|bz2)$", "", path.name.lower())
        split, content, ending = _SPLIT.search(bare), re.search("image|label", bare), re.search(r"\.[a-z]+$", bare)
        kind = ending[0] if ending else ".idx"
        name = _SHARD.sub("", re.sub(r"([-._]idx\d?\b.*|\.[a-z]+)$", "", bare))
        key = SPLITS[split[0]] if split else "", content[0] if content and kind in (".idx", ".tsv") else ""
        groups.setdefault((kind, *key), {}).setdefault(name, []).append(path)
    found = _idx(folder, groups) or _tables(folder, groups) or _by_class(folder)
    if not found and (len(inner) != 1 or depth > 2):
        names = ", ".join(path.name for path in entries)[:200] or "nothing"
        raise DataError(f"{folder} holds {names}: no digits that can be read.", KINDS)
    return found or _folder(inner[0], depth + 1)


def _visible(folder: Path) -> list[Path]:
    """Return what lies in a folder, by name, without what systems, and torchvision of old, put there for themselves."""
    return sorted(path for path in folder.iterdir() if not re.match(r"\.|__|processed$", path.name))


def _one(folder: Path, group: dict[str, list[Path]]) -> list[Path]:
    """Return the places of the one file of a group: several that differ in packing, or its parts."""
    (first, *_), *more = group.values()
    if more:
        told = f"{folder} holds {first.name} and {more[0][0].name}: either may be meant."
        raise DataError(told, "Leave the files of one set there, or put them into a folder of their own.")
    return next(iter(group.values()))


def _idx(folder: Path, groups: Groups) -> Arrays:
    """Read the four files that names say; nothing where there are none of them."""
    arrays = []
    parts = [(split, content) for split in ("train", "test") for content in ("image", "label")]
    for part, name in zip(parts, IDX_NAMES, strict=True) if any((".idx", *part) in groups for part in parts) else ():
        group = groups.get((".idx", *part)) or (groups.get((".tsv", *part)) if part[1] == "label" else None)
        if not group:
            told = f"{folder / name} is missing."
            raise DataError(told, f"Allowed is another name that says {' and '.join(part)}. {KINDS}")
        path = _one(folder, group)[0]
        array = tables.rows(path)[1] if (".idx", *part) not in groups else idx_file(path)
        table = part[1] == "label" and array.ndim == 2 and array.shape[1] == 8  # QMNIST's: class, writer, ...
        arrays.append(array[:, 0] if table else array)
    return arrays


def _tables(folder: Path, groups: Groups) -> Arrays:
    """Read the tables to train and to test on, or the only one; nothing where there are none."""
    for kind in (".parquet", ".csv", ".tsv"):
        found = [groups[key] for key in ((kind, "train", ""), (kind, "test", ""), (kind, "", "")) if key in groups]
        if found:
            places = [_one(folder, group) for group in found[:2]]
            read = _shards if kind == ".parquet" else lambda paths: tables.read_csv(paths[0])
            return [array for paths in places for array in read(paths)]
    return ()


def _shards(paths: list[Path]) -> tables.Pair:
    numbers = [found.groups() for path in paths if (found := _SHARD.search(path.stem))]
    wanted = int(numbers[0][1]) if numbers else 0
    if len(paths) != (wanted or 1) or [int(number) for number, _ in numbers] != list(range(wanted)):
        raise DataError(f"{paths[0]}: parts of it are missing, or there are others.", "Put all of its parts there.")
    return tables.read_parquet(paths)


def _by_class(folder: Path) -> Arrays:
    """Read pictures from a folder for each digit, or from such folders to train and to test on; nothing elsewhere."""
    inner = [path for path in _visible(folder) if path.is_dir()]
    splits = sorted((SPLITS[path.name.lower()], path) for path in inner if path.name.lower() in SPLITS)
    if [split for split, _ in splits] == ["test", "train"]:
        test, train = (_by_class(path) for _, path in splits)
        return [*train, *test] if train and test else ()
    odd = [path.name for path in inner if not re.fullmatch("[0-9]", path.name)]
    if len(odd) == len(inner):
        return ()
    if odd:
        told = f"{folder} holds folders that are no digits: {', '.join(odd)[:200]}."
        raise DataError(told, "Allowed are the folders 0 to 9. Move the others away.")
    from timetravel.digits import pictures  # which takes long to load

    files = [path for each in inner for path in _visible(each) if path.suffix.lower() in pictures.ENDINGS]
    images = tables.stacked(((str(path), pictures.read(path)) for path in files), str(folder))
    return images, np.array([int(path.parent.name) for path in files])


def _npz(path: Path) -> Arrays:
    with opened(path) as file, zipfile.ZipFile(file) as archive:
        members = {member.filename.removesuffix(".npy").lower(): member for member in archive.infolist()}
        for wanted in NPZ_NAMES:
            if members.keys() >= set(wanted):
                check_total(sum(members[name].file_size for name in wanted), str(path))
                return [_array(archive, members[name], path) for name in wanted]
    raise DataError(f"{path} holds {', '.join(sorted(members))[:200] or 'nothing'}.", KINDS)


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> NDArray[Any]:
    """Return an array, once its header asks for no more than is there, nor for Python objects."""
    name = member.filename.removesuffix(".npy")
    with archive.open(member) as file:
        headers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
        shape, _, kind = headers[npy.read_magic(file)](file)
        # A value of no width counts as a byte: any number of them would fit into nothing.
        expected, found = prod(shape) * max(kind.itemsize, 1), member.file_size - file.tell()
    if kind.hasobject:
        told = f"{path}: the array {name} holds Python objects, which are never read."
        raise DataError(told, f"Allowed are arrays of numbers: np.stack({name}).astype(float).")
    if expected != found:
        raise DataError(f"{path}: the array {name} asks for {expected:,} bytes; {found:,} are there.", KINDS)
    with archive.open(member) as file:
        array: NDArray[Any] = npy.read_array(file, allow_pickle=False)
    return array
