"""Nets of others in ONNX files: the package rapidocr's reader of text, and any that a user has. Nothing is fetched."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata, util
from itertools import groupby
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from timetravel.engine.plain import Floats
from timetravel.engine.provenance import available_cores
from timetravel.errors import DataError, TimetravelError
from timetravel.files import contents

WANTED = "A backbone is an ONNX file, its weights inside, with one input: pictures, float32 (n, 1 or 3, height, width)."
DIGITS = "0123456789"
EXTRA = "The extra foundation brings it: pip install rapidocr onnxruntime onnx"
BLOCK, OPEN, LINE, MOST = 32, 64, 160, 32_768  # pictures at a time, a side left open, a line's width, most features
FILE = 2_000_000_000  # bytes that an ONNX file may have
FLOATS = (1, 10, 11, 16)  # of ONNX: float32, float16, float64, bfloat16
FOUND = "Apache-2.0 (rapidocr's MODEL_LICENSES.md)", "private: whether it saw these digits is unknown"
READER: tuple[Any, ...] = (  # as it is in rapidocr 3.9.0 to 3.10.0; multiply-adds by shapes, as in the tests
    *("PP-OCRv6_rec_small.onnx", "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884"),
    *(545_767_392, "PP-OCRv6", "PP-OCRv6, a reader of text"),
    *("PaddlePaddle (2026), PP-OCRv6", "https://arxiv.org/abs/2606.13108", *FOUND),
)
PRINT: tuple[Any, ...] = (
    *("ch_ppocr_mobile_v2.0_cls_mobile.onnx", "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c"),
    *(6_259_952, "PP-OCR cls", "PP-OCR cls, for lines of print"),
    *("Du et al. (2020), PP-OCR", "https://arxiv.org/abs/2009.09941", *FOUND),
)


class MissingExtra(TimetravelError):  # noqa: N818
    """What the extra `foundation` installs is not here; the message says what to type."""


class Backbone:
    """A net in an ONNX file that looks at pictures; digest: its sha256, size: its bytes, parameters: its weights.

    multiply_adds: of a digit in the whole net (the reader's is widened), in convolutions and matrix products; None: not
    counted. warning: that these are other weights than were counted, or "".
    """

    def __init__(self, path: Path, facts: Sequence[str], multiply_adds: int | None = None) -> None:
        self.name, self.label, self.source, self.link, self.licence, self.trained_on = facts
        self.multiply_adds, self.warning = multiply_adds, ""
        if lacking := [package for package in ("onnx", "onnxruntime") if util.find_spec(package) is None]:
            raise MissingExtra(f"{self.name} needs the package {lacking[0]}. {EXTRA}")
        content = contents(path, str(path), WANTED, most=FILE)
        with _trouble(f"{path} is no ONNX net that can be used"):
            self._open(content)

    def _open(self, content: bytes) -> None:
        import onnx
        import onnxruntime

        self.digest, self.size = hashlib.sha256(content).hexdigest(), len(content)
        model = onnx.load_model_from_string(content)
        held = {each.name: each for each in model.graph.initializer}
        held |= {node.output[0]: node.attribute[0].t for node in model.graph.node if node.op_type == "Constant"}
        if any(each.external_data for each in held.values()):
            raise ValueError("its weights are in another file; export it with external_data=False")
        self.parameters = sum(prod(each.dims) for each in held.values() if each.data_type in FLOATS)
        signs = [each.value.splitlines() for each in model.metadata_props if each.key == "character"]
        self.signs = ["", *signs[0], " "] if signs else []  # the blank first
        names = [each.name for each in model.graph.output] or [""]
        self._output = self._inner = names[0]
        for node in model.graph.node:
            if node.op_type in ("MatMul", "Gemm") and node.input[1] in held:
                self._inner = node.input[0]
        if self._inner not in names:
            model.graph.output.append(onnx.helper.make_empty_tensor_value_info(self._inner))
        how = onnxruntime.SessionOptions()
        how.intra_op_num_threads, how.use_deterministic_compute = available_cores(), True
        how.log_severity_level = 4  # its warnings are no user's matter
        self._session = onnxruntime.InferenceSession(model.SerializeToString(), how, providers=["CPUExecutionProvider"])
        given, *others = self._session.get_inputs()
        sides = [side if isinstance(side, int) and side > 0 else 0 for side in given.shape]
        self._last = len(sides) == 4 and sides[3] in (1, 3) and sides[1] not in (1, 3)
        if self._last:
            sides.insert(1, sides.pop())
        if others or given.type != "tensor(float)" or len(sides) != 4 or sides[1] not in (0, 1, 3):
            raise ValueError("it takes " + ", ".join(f"{each.type} {each.shape}" for each in (given, *others)))
        self._input, self._batch, self._channels = given.name, sides[0], sides[1] or 3
        self._height, self._width = sides[2] or sides[3] or OPEN, sides[3] or sides[2] or OPEN

    def _run(self, told: list[str], images: Floats, width: int) -> list[Floats]:
        drawn = pictures(images, self._height, width).repeat(self._channels, axis=1)
        drawn = np.resize(drawn, (self._batch or len(images), *drawn.shape[1:]))  # a fixed n: some again
        with _trouble(f"{self.name} can't read digits"):
            fed = {self._input: np.moveaxis(drawn, 1, -1) if self._last else drawn}
            found = [np.asarray(each, dtype=np.float32) for each in self._session.run(told, fed)]
            for name, each in zip(told, found, strict=True):
                if each.shape[:1] != drawn.shape[:1]:
                    raise ValueError(f"{len(drawn)} of them give {name} of shape {each.shape}")
        return [each[: len(images)] for each in found]

    def look(self, images: Floats, *, widened: bool = True) -> dict[str, NDArray[Any]]:
        """Return what is seen in images, float32 (n, 16, 16) in [-1, 1].

        features: what the last layer of weights reads, its mean over time, or the flattened outputs, float32 (n, d). A
        reader of text also tells likely, the largest probability over time of each of the ten digits, normalized,
        float32 (n, 10), and free, the digit that its text is, int64 (n,), -1 for another. widened: a reader of text
        sees each digit with zeros at its right, as RapidOCR does. Raises DataError where the net fails,
        TimetravelError where the memory is too small.
        """
        made: dict[str, list[Any]] = defaultdict(list)
        for start in range(0, len(images), step := self._batch or BLOCK):
            block = images[start : start + step]
            told = [self._inner, *([self._output] if self.signs else [])]
            seen, *read = self._run(told, block, LINE if self.signs and widened else self._width)
            seen = (seen.mean(axis=1) if seen.ndim == 3 else seen).reshape(len(block), -1)
            if seen.shape[1] > MOST or not np.isfinite(seen).all():
                many = f"{self.name} gives {seen.shape[1]:,} numbers a digit; allowed are {MOST:,}, all finite."
                raise DataError(many, WANTED)
            made["features"].append(seen)
            for likely in read:
                made["likely"].append(self._digits(likely))
                made["free"].append([self._text(best) for best in likely.argmax(axis=2)])
        return {name: np.concatenate(parts) for name, parts in made.items()}

    def _digits(self, read: Floats) -> Floats:
        likely = read[:, :, [self.signs.index(sign) for sign in DIGITS]].max(axis=1)
        return np.asarray(likely / likely.sum(axis=1, keepdims=True))

    def _text(self, best: NDArray[np.int64]) -> int:
        """Return the digit that the likeliest sign of each time tells, without repeats and blanks; -1: another text."""
        text = "".join(self.signs[place] for place, _ in groupby(best))
        return DIGITS.find(text) if len(text) == 1 else -1


def recognizer() -> Backbone:
    """Return the reader of lines of text in the package rapidocr; raises MissingExtra."""
    return _packaged(*READER)


def print_backbone() -> Backbone:
    """Return the net there that was trained to tell whether a printed line is upside down; raises MissingExtra."""
    return _packaged(*PRINT)


def backbone(path: str | Path) -> Backbone:
    """Return the net in a user's file; raises DataError for what is none or takes no pictures, and MissingExtra."""
    unknown = "not known", "not known, nor whether it saw these digits"
    found = Backbone(Path(path), [Path(path).stem, f"{Path(path).stem}, your own", str(path), "", *unknown])
    found.signs = []  # only what it sees is asked for, whatever it reads
    return found


def _packaged(file: str, known: str, multiply_adds: int, *facts: str) -> Backbone:
    if (spec := util.find_spec("rapidocr")) is None:  # importing it would load OpenCV
        raise MissingExtra(f"{facts[0]} needs the package rapidocr. {EXTRA}")
    path, version = Path(*(spec.submodule_search_locations or ()), "models", file), metadata.version("rapidocr")
    if not path.is_file():
        raise MissingExtra(f"rapidocr {version} comes without {file}. Type: pip install rapidocr==3.10.0")
    found = Backbone(path, facts, multiply_adds)
    if found.digest != known:
        found.multiply_adds = None
        found.warning = f"rapidocr {version} has other weights: sha256 {found.digest[:16]}, not {known[:16]}."
    return found


@contextmanager
def _trouble(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # onnx and onnxruntime have their own for each cause
        if isinstance(error, MemoryError) or "alloc" in str(error).lower():
            raise TimetravelError(f"{what}: there is not enough memory.", "Close other programs.") from None
        raise DataError(f"{what}: {' '.join(str(error).split())[:200]}", WANTED) from None


def pictures(images: Floats, height: int, width: int) -> Floats:
    """Draw digits as RapidOCR would, (n, 1, height, width): dark on light, framed by white, widened with zeros."""
    from PIL import Image

    side, drawn = min(height, width), np.zeros((len(images), 1, height, width), dtype=np.float32)
    for place, levels in enumerate(np.rint((1 - images.clip(-1, 1)) * 127.5).astype(np.uint8)):
        sheet = Image.new("L", (52, 52), 255)
        sheet.paste(Image.fromarray(levels).resize((40, 40), Image.Resampling.BICUBIC), (6, 6))
        drawn[place, 0, :side, :side] = np.asarray(sheet.resize((side, side), Image.Resampling.BICUBIC)) / 127.5 - 1
    return drawn
