"""Pictures as people have them, decoded to grey levels."""

import io
import warnings
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from timetravel.digits.ink import WORKING
from timetravel.errors import DataError, printable
from timetravel.files import contents

FORMATS: Final = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
ENDINGS: Final = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif")
LARGEST: Final = 100_000_000  # pixels
BYTES: Final = 4 * LARGEST
LONG: Final = 2 * WORKING  # pixels of a long side that are enough: pictures of twice as many are reduced
MIXED: Final = ("L", "LA", "RGB", "RGBA", "CMYK")  # modes whose pixels have a mean: reduced before they are converted
ALLOWED: Final = "Allowed are PNG, JPEG, WebP, BMP and GIF, of at most 100 megapixels."


class Picture(NamedTuple):
    """A decoded picture. grey: uint8 (height, width), 0 black .. 255 white; animated: there are further frames."""

    grey: NDArray[np.uint8]
    animated: bool


def listed(path: Path) -> list[Path]:
    """Return a file, or the pictures that lie in a folder, by name. Raises DataError for a folder without."""
    try:
        found = sorted(each for each in path.iterdir() if each.suffix.lower() in ENDINGS) if path.is_dir() else [path]
    except OSError as error:
        raise DataError(f"{path} can't be read: {error.strerror}.", "Choose another folder.") from error
    if not found:
        raise DataError(f"There is no picture in the folder {path}.", ALLOWED)
    return found


def read(path: Path) -> Picture:
    """Decode a file; raises DataError, as decode does."""
    name = printable(path)
    return decode(contents(path, name, "Give the path of a picture.", most=BYTES), name)


def decode(content: bytes, name: str) -> Picture:
    """Decode the content of a file, the first frame of one that moves, turned as its camera says.

    Raises DataError for what is no picture, is cut off or damaged, or holds more than LARGEST pixels, which are counted
    before they are decoded.
    """
    if not content:
        raise DataError(f"{name} is empty.", ALLOWED)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of fewer pixels than are allowed here, and of odd details
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                if image.width * image.height > LARGEST:
                    raise Image.DecompressionBombError
                animated = bool(getattr(image, "is_animated", False))
                image.draft("L", (LONG, LONG))  # a JPEG is decoded no larger than is of use
                return Picture(grey_of(image), animated)
    except UnidentifiedImageError as error:
        raise DataError(f"{name} is no picture that can be read.", ALLOWED) from error
    except Image.DecompressionBombError as error:
        raise DataError(f"{name} has too many pixels.", ALLOWED) from error
    except Exception as error:  # whatever a decoder meets in what is cut off or damaged
        raise DataError(f"{name} is cut off or damaged: {str(error).rstrip('.')}.", ALLOWED) from error


def grey_of(image: Image.Image) -> NDArray[np.uint8]:
    """Return a picture's grey levels, uint8 (height, width), on white where it is transparent."""
    keyed = "transparency" in image.info  # a colour, or places of a palette, that must not be mixed with others
    image = ImageOps.exif_transpose(image if keyed or image.mode not in MIXED else reduced(image))
    if image.mode.startswith("I"):  # 16 bits
        image = Image.fromarray(np.clip(np.asarray(image) // 257, 0, 255).astype(np.uint8))
    elif "A" in image.mode.upper() or keyed:
        image = reduced(image.convert("RGBA"))
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = (image.convert("RGB") if image.mode == "CMYK" else image).convert("L")
    return np.asarray(reduced(image))


def reduced(image: Image.Image) -> Image.Image:
    """Return a picture that is more than large enough with as many pixels as are of use, each the mean of several."""
    step = max(image.size) // LONG
    return image.reduce(step) if step > 1 else image


def of_value(value: Any, name: str) -> Picture:
    """Return a PIL image, or an array uint8 (height, width) or with 3 or 4 colours last, as a picture; DataError."""
    if not isinstance(value, Image.Image):
        levels = np.asarray(value)
        if levels.dtype != np.uint8 or not levels.size or levels.shape[2:] not in ((), (3,), (4,)) or levels.ndim < 2:
            told = f"{name} is an array of {levels.dtype}, {levels.shape}."
            raise DataError(told, "Allowed are uint8 (height, width), (height, width, 3) and (height, width, 4).")
        value = Image.fromarray(levels)
    return Picture(grey_of(value), animated=False)
