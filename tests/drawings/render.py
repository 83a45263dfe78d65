"""Pictures of what was written: as a canvas shows it, and as a photograph of paper or of a blackboard."""

import io
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from drawings.hand import PAD, Floats, Written, smooth, stream

Picture = NDArray[np.uint8]


def on_pad(work: Written, seed: int, number: int) -> Picture:
    """Return the pad's 280x280 grey pixels: white ink on black or black ink on white, as the drawing has it."""
    cover = covered([stroke[:, :2] for stroke in work.strokes], widths(work, work.width), (PAD, PAD))
    white_ink = stream(seed, number, "photo").random() < 0.5
    grey = np.round(255 * cover).astype(np.uint8)
    return grey if white_ink else 255 - grey


def widths(work: Written, width: float) -> list[Floats]:
    """Return the width at each point: a pen's goes with the pressure, a mouse's and a finger's stay."""
    if work.tool != "pen":
        return [np.full(len(stroke), width) for stroke in work.strokes]
    return [width * (0.6 + 0.7 * stroke[:, 3]) for stroke in work.strokes]


def covered(strokes: list[Floats], wide: list[Floats], shape: tuple[int, int]) -> Floats:
    """Return the share of each pixel that round pens of those widths cover, drawing straight from point to point.

    Nothing but sums, products and square roots, so that each pixel is the same on every machine.
    """
    cover = np.zeros(shape)
    for stroke, width in zip(strokes, wide, strict=True):
        for (x0, y0), (x1, y1), radius in zip(stroke, stroke[1:], (width[1:] + width[:-1]) / 4, strict=False):
            left, right = max(0, int(min(x0, x1) - radius - 1)), min(shape[1], int(max(x0, x1) + radius + 2))
            top, bottom = max(0, int(min(y0, y1) - radius - 1)), min(shape[0], int(max(y0, y1) + radius + 2))
            if left >= right or top >= bottom:
                continue
            x, y = np.arange(left, right) + 0.5 - x0, np.arange(top, bottom)[:, None] + 0.5 - y0
            dx, dy = x1 - x0, y1 - y0
            share = np.clip((x * dx + y * dy) / max(dx * dx + dy * dy, 1e-9), 0, 1)
            away = np.sqrt((x - share * dx) ** 2 + (y - share * dy) ** 2)
            part = cover[top:bottom, left:right]
            np.maximum(part, np.clip(radius + 0.5 - away, 0, 1), out=part)
    return cover


def photographed(work: Written, seed: int, number: int) -> Picture:
    """Return a grey photograph, 300 to 900 pixels a side: dark ink on light paper or light chalk on a dark board."""
    photo = stream(seed, number, "photo")
    on_board = photo.random() < 0.4
    longer = int(photo.integers(400, 901))
    shorter = max(300, int(longer * photo.uniform(0.65, 1)))
    height, width = (longer, shorter) if photo.random() < 0.5 else (shorter, longer)
    spots, scale = seen(work, height, width, photo)
    thin = 0.03 if on_board else 0.015  # chalk; a ball pen
    line = max(2.0, photo.uniform(thin, 0.07) * PAD * scale * min(1.0, work.width / 12))
    # On paper a line is smooth between the moments that a pad would have seen.
    fine = [smooth(each, [], 4) for each in spots]
    between = [(np.arange(len(each) - 1)[:, None] + np.linspace(0, 1, 4)).ravel() for each in spots]
    wide = [np.interp(at, np.arange(len(each)), each) for at, each in zip(between, widths(work, line), strict=True)]
    cover = covered(fine, wide, (height, width))
    grain = noise(photo, height, width, 1.5)
    if on_board:
        cover *= np.clip(photo.uniform(0.75, 1.0) + photo.uniform(0.1, 0.35) * grain, 0, 1)
    else:
        cover *= np.clip(photo.uniform(0.8, 1.0) + photo.uniform(0.0, 0.12) * grain, 0, 1)
    surface = ground(seed, number, height, width, on_board)
    ink = photo.uniform(0.72, 0.95) if on_board else photo.uniform(0.08, 0.38)
    light = lit(seed, number, height, width)
    return exposed((surface * (1 - cover) + ink * cover) * light, seed, number)


def seen(work: Written, height: int, width: int, photo: np.random.Generator) -> tuple[list[Floats], float]:
    """Return the strokes in the photograph's pixels, seen from a little aside, and the scale in its middle."""
    scale = min(height, width) / PAD * photo.uniform(0.8, 1.0)
    angle, tilt = math.radians(photo.uniform(-5, 5)), photo.uniform(-0.25, 0.25, 2)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    spots = []
    for stroke in work.strokes:
        flat = (stroke[:, :2] / PAD - 0.5) @ turn
        flat /= 1 + flat @ tilt[:, None]
        spots.append(flat * PAD * scale + [width / 2, height / 2])
    low, high = np.min([each.min(0) for each in spots], 0), np.max([each.max(0) for each in spots], 0)
    room = np.array([width, height])
    margin = 0.08 * min(height, width)
    moved = np.clip(photo.normal(0, 0.06, 2) * room, np.minimum(0, margin - low), np.maximum(0, room - margin - high))
    return [each + moved for each in spots], scale


def noise(draws: np.random.Generator, height: int, width: int, size: float) -> Floats:
    """Return smooth noise of about unit spread whose patches are `size` pixels."""
    rows, columns = max(2, math.ceil(height / size)), max(2, math.ceil(width / size))
    small = Image.fromarray(draws.normal(0, 1, (rows, columns)).astype(np.float32))
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC), dtype=np.float64)


def ground(seed: int, number: int, height: int, width: int, on_board: bool) -> Floats:
    """Return what is written on: fibrous light paper, or a dark board with chalk wiped about."""
    paper = stream(seed, number, "paper")
    fine, coarse = noise(paper, height, width, 2), noise(paper, height, width, min(height, width) / 4)
    if on_board:
        return paper.uniform(0.12, 0.28) + 0.012 * fine + paper.uniform(0.0, 0.035) * coarse
    return paper.uniform(0.78, 0.96) + paper.uniform(0.004, 0.018) * fine + paper.uniform(0.0, 0.012) * coarse


def lit(seed: int, number: int, height: int, width: int) -> Floats:
    """Return the light: stronger from one side, weaker in the corners, now and then with a soft shadow."""
    light = stream(seed, number, "light")
    y, x = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)
    angle, fall, corners = light.uniform(0, 2 * math.pi), light.uniform(0, 0.22), light.uniform(0, 0.1)
    level = 1 + fall * (x * math.cos(angle) + y * math.sin(angle)) - corners * (x * x + y * y)
    if light.random() < 0.3:  # the writer's own shadow
        side, edge, soft = light.uniform(0, 2 * math.pi), light.uniform(0.0, 0.6), light.uniform(0.1, 0.3)
        across = (x * math.cos(side) + y * math.sin(side) - edge) / soft
        level = level * (1 - light.uniform(0.08, 0.25) / (1 + np.exp(-across)))
    return np.asarray(level)


def exposed(scene: Floats, seed: int, number: int) -> Picture:
    """Return the scene (0 dark to 1 bright) as a camera keeps it: a little blurred, noisy, and compressed as JPEG."""
    camera = stream(seed, number, "noise")
    grey = Image.fromarray(np.clip(255 * scene, 0, 255).astype(np.uint8))
    soft = grey.filter(ImageFilter.GaussianBlur(camera.uniform(0.4, 0.0022 * min(scene.shape) + 0.5)))
    rough = np.asarray(soft, dtype=np.float64) + camera.normal(0, camera.uniform(1.5, 6), scene.shape)
    kept = io.BytesIO()
    Image.fromarray(np.clip(np.round(rough), 0, 255).astype(np.uint8)).save(
        kept, "JPEG", quality=int(camera.integers(40, 93))
    )
    return np.asarray(Image.open(kept))
