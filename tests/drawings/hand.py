"""The motor model: from a plan to the moving point of a pen, as one person writes it once."""

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drawings.strokes import Plan

Floats = NDArray[np.float64]
PAD = 280  # pixels on each side of the pad
PURPOSES = ("hand", "points", "ends", "motion", "place", "pen", "photo", "paper", "light", "noise")
STEP = 0.005  # between points of a path, in heights of the digit
TOOLS = {"mouse": (0.011, 0.5), "finger": (0.005, 0.55), "pen": (0.004, 0.45)}  # wobble in heights, usual pressure


class Pose(NamedTuple):
    """Where, how large and how turned to write, in place of each drawing's own; None leaves its own.

    place: the middle of the ink, (x, y) as shares of the pad; ink that would leave the pad is moved back onto it.
    size: the ink's longer side as a share of the pad. angle: degrees, clockwise.
    """

    place: tuple[float, float] | None = None
    size: float | None = None
    angle: float | None = None


class Written(NamedTuple):
    """What was written: strokes (n, 4) of x, y, seconds and pressure on the pad, with the tool and its width."""

    strokes: list[Floats]
    tool: str
    width: float


def stream(seed: int, number: int, purpose: str) -> np.random.Generator:
    """Return the generator of one drawing's draws for one purpose, so that no draw disturbs another."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, number, PURPOSES.index(purpose)])))


def written(plan: Plan, seed: int, number: int, pose: Pose | None = None) -> Written:
    """Write a plan once. Positions come to a hundredth of a pixel, times to a millisecond: the same on any machine."""
    pen, motion, ends = (stream(seed, number, purpose) for purpose in ("pen", "motion", "ends"))
    tool = list(TOOLS)[pen.integers(len(TOOLS))]
    pace = float(np.exp(motion.normal(math.log(3.0), 0.35)))  # heights a second
    pause, rate, clock, moved = motion.uniform(0.08, 0.3), motion.choice([60, 90, 120]), 0.0, []
    for path in paths(plan, seed, number):
        trace = in_time(extended(path, ends), pace, TOOLS[tool][0], motion)
        seconds = np.arange(len(trace)) / 1000
        seen = np.unique(np.append(np.arange(0, len(trace), 1000 / rate).astype(int), len(trace) - 1))
        pressure = pressed(trace, TOOLS[tool][1], motion) if tool == "pen" else np.full(len(trace), 0.5)
        moved.append(np.column_stack([trace, clock + seconds, pressure])[seen])
        clock += seconds[-1] + pause
    return placed(moved, tool, seed, number, pose or Pose())


def paths(plan: Plan, seed: int, number: int) -> list[Floats]:
    """Return each stroke's path as this hand shapes it: (n, 2), STEP apart, in heights of the digit."""
    hand, points = stream(seed, number, "hand"), stream(seed, number, "points")
    slant, bend = float(np.clip(hand.normal(0.1, 0.14), -0.15, 0.4)), float(hand.normal(0, 0.03))
    aspect = 0.66 * float(np.exp(hand.normal(0, 0.13)))
    care = float(np.clip(np.exp(hand.normal(math.log(0.022), 0.35)), 0.01, 0.04))
    made = []
    for stroke in plan.strokes:
        marks = stroke.split()
        spots = np.array([[float(part) / 100 for part in mark.split(",")] for mark in marks if mark != "|"])
        corners = [at - 1 - marks[:at].count("|") for at, mark in enumerate(marks) if mark == "|"]
        shift = points.normal(0, care * 0.6, 2)
        drift = points.normal(0, care, spots.shape)
        for at in range(1, len(drift)):  # a hand errs the same way for a while
            drift[at] = 0.6 * drift[at - 1] + 0.8 * drift[at]
        x, y = ((spots - 0.5) * [aspect, 1.0] + shift + drift).T
        shaped = np.column_stack([x - slant * y + bend * np.cos(math.pi * y), y])
        made.append(evenly(smooth(shaped, corners)))
    return made


def smooth(points: Floats, corners: list[int], steps: int = 40) -> Floats:
    """Return a curve through the points, broken at the corners: cubic Bezier pieces that follow circles.

    At each point it has the direction of the circle through it and its neighbours. steps: points of each piece.
    """
    pieces = []
    for first, last in pairwise([0, *corners, len(points) - 1]):
        run = points[first : last + 1]
        chords = np.diff(run, axis=0)
        lengths = np.maximum(np.linalg.norm(chords, axis=1), 1e-6)
        along = chords / lengths[:, None]
        inner = along[:-1] / lengths[:-1, None] + along[1:] / lengths[1:, None]
        inner /= np.maximum(np.linalg.norm(inner, axis=1), 1e-9)[:, None]
        if len(run) > 2:
            ends = [2 * (chord @ way) * chord - way for chord, way in ((along[0], inner[0]), (along[-1], inner[-1]))]
        else:
            ends = [along[0], along[0]]
        ways = np.vstack([ends[0], inner, ends[1]])
        for at, length in enumerate(lengths):
            turn = max(1e-3, min(2.6, math.acos(float(np.clip(ways[at] @ ways[at + 1], -1, 1)))))
            handle = length * 2 / 3 * math.tan(turn / 4) / math.sin(turn / 2)
            t = np.linspace(0, 1, steps)[:, None]
            before, after = run[at] + handle * ways[at], run[at + 1] - handle * ways[at + 1]
            bends = 3 * t * (1 - t) ** 2 * before + 3 * t * t * (1 - t) * after
            pieces.append((1 - t) ** 3 * run[at] + bends + t**3 * run[at + 1])
    return np.vstack(pieces)


def evenly(path: Floats) -> Floats:
    """Return the path with points STEP apart."""
    along = np.append(0, np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1)))
    spots = np.linspace(0, along[-1], max(8, round(along[-1] / STEP)))
    return np.column_stack([np.interp(spots, along, axis) for axis in path.T])


def extended(path: Floats, ends: np.random.Generator) -> Floats:
    """Let the pen land and leave a little early or late, in the direction that it has."""
    for _ in range(2):  # the start, then, turned round, the end
        path, steps = path[::-1], round(float(np.clip(ends.normal(0.008, 0.02), -0.03, 0.06)) / STEP)
        if steps < 0 and len(path) > 40:
            path = path[:steps]
        elif steps > 0:
            path = np.vstack([path, path[-1] + np.arange(1, steps + 1)[:, None] * (path[-1] - path[-6]) / 5])
    return path


def in_time(path: Floats, pace: float, wobble: float, motion: np.random.Generator) -> Floats:
    """Return where the pen is each millisecond: slower in bends and at the ends, smoothed and a little unsteady."""
    reach = 8
    heading = np.unwrap(np.arctan2(*np.diff(path, axis=0).T[::-1]))
    bent = np.abs(np.pad(heading, reach, mode="edge")[2 * reach :] - np.pad(heading, reach, mode="edge")[: -2 * reach])
    speed = pace * np.clip((bent / (2 * reach * STEP) / 4 + 1e-3) ** (-1 / 3), 0.35, 1.5)
    at = np.arange(len(speed)) * STEP
    speed *= np.minimum(1, 0.35 + np.minimum(at, at[-1] - at) / 0.15)
    when = np.append(0, np.cumsum(STEP / blurred(speed, 6)))
    moments = np.arange(0, when[-1], 0.001)
    trace = np.column_stack([blurred(np.interp(moments, when, axis), motion.uniform(6, 20)) for axis in path.T])
    amount = wobble * float(np.exp(motion.normal(0, 0.3))) * math.sqrt(2 * math.sqrt(math.pi) * 35)
    spare = 105  # samples beyond both ends, where the smoothing would otherwise see one draw many times
    draws = motion.normal(0, 1, (2, len(trace) + 2 * spare))
    return trace + amount * np.column_stack([blurred(axis, 35)[spare:-spare] for axis in draws])


def blurred(values: Floats, width: float) -> Floats:
    """Smooth by a Gaussian of that standard deviation, in samples; the ends are continued."""
    reach = math.ceil(3 * width)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    smoothed: Floats = np.convolve(np.pad(values, reach, mode="edge"), kernel / kernel.sum(), mode="valid")
    return smoothed


def pressed(trace: Floats, usual: float, motion: np.random.Generator) -> Floats:
    """Return a pen's pressure: rising and falling at the ends, lighter where it is fast."""
    speed = blurred(np.append(0, np.linalg.norm(np.diff(trace, axis=0), axis=1)), 15)
    spots = np.arange(len(trace))
    ramp = np.minimum(1, 0.3 + np.minimum(spots, spots[::-1]) / 60)
    light = 1.25 - 0.5 * speed / (float(speed.max()) + 1e-9)
    return np.asarray(np.clip(usual * ramp * light + motion.normal(0, 0.03), 0.05, 1))


def placed(strokes: list[Floats], tool: str, seed: int, number: int, pose: Pose) -> Written:
    """Turn, size and place the strokes on the pad, whole."""
    place, pen = stream(seed, number, "place"), stream(seed, number, "pen").spawn(1)[0]
    own_angle = float(np.clip(place.normal(0, 3.5), -9, 9))
    own_size = float(place.uniform(0.4, 0.82))
    own_middle = 0.5 + np.clip(place.normal(0, 0.07, 2), -0.18, 0.18)
    size = own_size if pose.size is None else pose.size
    angle = math.radians(own_angle if pose.angle is None else pose.angle)
    middle = np.array(own_middle if pose.place is None else pose.place) * PAD
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    turned = [each[:, :2] @ turn for each in strokes]
    low, high = np.min([each.min(0) for each in turned], 0), np.max([each.max(0) for each in turned], 0)
    # A pen does not grow with the digit, but who writes small takes a finer one.
    width = round(min(float(pen.uniform(8, 20)), 0.13 * size * PAD), 1)
    scale = (size * PAD - width) / float((high - low).max())
    half = (high - low) * scale / 2 + width / 2 + 1
    middle = np.clip(middle, np.minimum(half, PAD / 2), np.maximum(PAD - half, PAD / 2))
    on_pad = [(each - (low + high) / 2) * scale + middle for each in turned]
    told = [np.column_stack([spots, each[:, 2:]]) for spots, each in zip(on_pad, strokes, strict=True)]
    return Written([rounded(each) for each in told], tool, width)


def rounded(stroke: Floats) -> Floats:
    """Return x and y to a hundredth of a pixel, seconds to a thousandth and pressure to a hundredth."""
    return np.column_stack([np.round(stroke[:, :2], 2), np.round(stroke[:, 2], 3), np.round(stroke[:, 3], 2)])
