"""Takes the picture of the page that the README shows: `python docs/tools/page_picture.py`, in a checkout.

Needs Playwright and Chromium. The PNG carries the digest of what it was made of, so that a test sees when it is stale.
"""

import hashlib
import io
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image, PngImagePlugin
from playwright.sync_api import sync_playwright

import timetravel as tt
from timetravel.files import write_whole

sys.path.insert(0, "tests")
from drawings import PAD, drawings

PICTURE: Final = Path("docs", "screens", "page.png")
SHOWN: Final = 4  # the digit that is written
MADE_OF: Final = ("report/page/*.j2", "report/page/*.css", "report/page/pad.*", "published/nets/*.safetensors")


def digest(root: Path) -> str:
    """Return what names the parts of the package that the picture shows."""
    files = sorted({file for pattern in MADE_OF for file in (root / "timetravel").glob(pattern)})
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def taken(page_file: Path) -> bytes:
    """Return the screenshot of the pad with a digit written on it."""
    strokes = next(one.strokes for one in drawings(40) if one.label == SHOWN)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.goto(page_file.as_uri())
        page.locator("#part-pad").scroll_into_view_if_needed()
        page.evaluate("document.querySelector('#part-pad').scrollIntoView()")
        box = page.locator("#pad-canvas").bounding_box()
        assert box
        for stroke in strokes:
            places = [(box["x"] + x * box["width"] / PAD, box["y"] + y * box["width"] / PAD) for x, y, *_ in stroke]
            page.mouse.move(*places[0])
            page.mouse.down()
            for place in places:
                page.mouse.move(*place)
            page.mouse.up()
        page.wait_for_timeout(500)
        picture = page.screenshot()
        browser.close()
    return picture


def main() -> None:
    """Take the picture and write it, in few colours, unless the one that is there is not stale."""
    root = Path.cwd()
    if (root / PICTURE).exists() and Image.open(root / PICTURE).info.get("made of") == digest(root):
        return
    with tempfile.TemporaryDirectory() as folder:
        tt.page(out=(file := Path(folder) / "page.html"), no_training=True)
        picture = taken(file)
    told, content = PngImagePlugin.PngInfo(), io.BytesIO()
    told.add_text("made of", digest(root))
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(64).save(content, "PNG", pnginfo=told, optimize=True)
    write_whole(root / PICTURE, content.getvalue())


if __name__ == "__main__":
    main()
