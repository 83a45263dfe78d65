"""Any bytes, and valid files that were changed anywhere, are read or refused in words, in little memory."""

import gzip
import io
import resource
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from timetravel.digits import open_source
from timetravel.errors import DataError, UsageError

COUNT = 12
MOST = 500_000  # kB that memory may grow by


def files() -> dict[str, dict[str, bytes]]:
    """Valid files of each form, the one to change first."""
    pool = open_source("mnist").load("train")
    images, labels = pool.pixels[:COUNT, ::2, ::2], pool.labels[:COUNT].astype(np.uint8)
    packed, pictures, idx = io.BytesIO(), [], {}
    np.savez_compressed(packed, images=images, labels=labels)
    for image in images:
        file = io.BytesIO()
        Image.fromarray(image).save(file, "PNG")
        pictures.append(file.getvalue())
    for name, array in (("images-idx3", images), ("labels-idx1", labels)):
        content = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()
        idx |= {f"{split}-{name}-ubyte": content for split in ("train", "t10k")}
    rows = np.column_stack([labels, images.reshape(COUNT, -1)]).tolist()
    csv = "\n".join(",".join(map(str, row)) for row in rows).encode()
    header = ",".join(["label", *(f"pixel{at}" for at in range(196))]).encode() + b"\n"
    found = {
        "idx": idx,
        "idx.gz": {"train-images.gz": gzip.compress(idx["train-images-idx3-ubyte"])} | idx,
        "npz": {"mine.npz": packed.getvalue()},
        "csv": {"mine.csv": header + csv},
        "plain": {"mine.csv": csv},
        "classes": {
            f"{label}/{at}.png": content for at, (label, content) in enumerate(zip(labels, pictures, strict=True))
        },
    }
    found["idx.gz"].pop("train-images-idx3-ubyte")
    with suppress(ImportError):
        import pyarrow as pa
        from pyarrow import parquet

        file = io.BytesIO()
        parquet.write_table(pa.table({"image": [{"bytes": each} for each in pictures], "label": labels}), file)
        found["parquet"] = {"mine.parquet": file.getvalue()}
    return found


@st.composite
def changed(draw, content: bytes) -> bytes:
    """Return bytes with a few changes: bits turned, parts left out, repeated or replaced."""
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, max(0, len(content) - 1)))
        size = draw(st.sampled_from((0, 1, 4, 100)))
        part = draw(
            st.one_of(st.binary(max_size=8), st.just(content[place : place + size] * 2), st.just(b"\xff" * size))
        )
        content = content[:place] + part + content[place + size :]
    return content


def tried(path) -> None:
    """Open a path, and allow what a user is told."""
    with suppress(DataError, UsageError):
        open_source(str(path)).test_digits()


def put(folder, contents) -> None:
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@pytest.fixture(scope="module")
def valid():
    return files()


def attempt(data, valid, tmp_path) -> None:
    kind = data.draw(st.sampled_from([*valid, "any"]))
    if kind == "any":
        name = data.draw(st.sampled_from(("mine", "mine.csv", "mine.npz", "mine.parquet", "mine.png")))
        (tmp_path / name).write_bytes(data.draw(st.binary(max_size=60)))
        return tried(tmp_path / name)
    folder, (name, *_) = tmp_path / kind, valid[kind]
    if not folder.exists():
        put(folder, valid[kind])
        open_source(str(folder if len(valid[kind]) > 1 else folder / name)).test_digits()  # as long as it is valid
    (folder / name).write_bytes(data.draw(changed(valid[kind][name])))
    return tried(folder if len(valid[kind]) > 1 else folder / name)


@settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_file_causes_another_error_than_one_in_words(tmp_path, valid, data):
    attempt(data, valid, tmp_path)


@pytest.mark.slow
@settings(deadline=None, max_examples=1200, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_file_of_many_causes_another_error_or_takes_much_memory(tmp_path, valid, data):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    attempt(data, valid, tmp_path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST
