"""What readers of digits misread and cost, by the ways that made them, as the document of `foundation` has it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import mean
from typing import Any, NamedTuple

import numpy as np

from timetravel import nets
from timetravel.digits import Digits
from timetravel.engine.latency import latencies
from timetravel.engine.plain import Floats
from timetravel.engine.recognizer import Backbone
from timetravel.files import digest
from timetravel.recipes import Recipe
from timetravel.stats.crossing import crossing
from timetravel.studies import evidence
from timetravel.studies.base import Document
from timetravel.studies.joint import PARTS_OF_TRAINING
from timetravel.studies.trials import mistakes
from timetravel.studies.ways import UNLABELLED, WAYS, WEB, Way

Cell = tuple[str, int]  # a way and a number of human labels
SCRATCH = "scratch-today"
FACTS = ("name", "label", "trained_on", "licence", "source", "link", "digest", "parameters", "multiply_adds")


class Result(NamedTuple):
    """Which test digits a reader misreads, bool (digits,), the seconds that it took to make, and examples shown.

    run: what is said of the run that made it, where one did.
    """

    misread: np.ndarray
    seconds: float
    examples: int = 0
    run: Document | None = None


class Prices(NamedTuple):
    """What a human label and an hour of computing cost, in dollars."""

    label: float = 0.0
    hour: float = 0.0


def called(way: Way, readers: Mapping[str, Backbone]) -> str:
    """Return the name of a way's foundation."""
    return readers[way.foundation].name if way.foundation in readers else way.foundation


@dataclass(frozen=True)
class Told:
    """What is told of results by way, number of labels and draw.

    features, seconds_a_digit: of each foundation, how many it gives and how long it looks at a digit.
    """

    found: Mapping[Cell, Mapping[int, Result]]
    digits: Digits
    test: Digits
    readers: Mapping[str, Backbone]
    web: Recipe
    features: Mapping[str, int]
    seconds_a_digit: Mapping[str, float]

    @cached_property
    def wrong(self) -> dict[Cell, np.ndarray]:
        """Which test digits each draw's reader misreads, float (draws, digits), in the order of ways and labels.

        Of readers that are all the same, as where nothing is drawn, one.
        """
        cells = sorted((cell for cell in self.found if self.found[cell]), key=lambda c: (list(WAYS).index(c[0]), c[1]))
        every = {cell: np.stack([one.misread for one in self.found[cell].values()]) for cell in cells}
        return {
            cell: (wrong[:1] if (wrong == wrong[0]).all() else wrong).astype(float) for cell, wrong in every.items()
        }

    def beside(self, cell: Cell) -> evidence.Comparison:
        """Compare a way with today from scratch with as many labels, draw by draw; without labels, with all of them.

        A single reader is beside each draw.
        """
        both = self.wrong[cell], self.wrong[SCRATCH, cell[1] or len(self.digits)]
        draws = (max if 1 in map(len, both) else min)(map(len, both))
        return evidence.paired(*(np.resize(one, (draws, one.shape[1])) for one in both))

    def rows(self, prices: Prices | None, pupil: Recipe, scratch: Mapping[str, Recipe]) -> list[Document]:
        """Return the rows in the public JSON format. pupil, scratch: recipes of the nets that are 1989's in size."""
        known = {**scratch, "web": self.web, "pupil": pupil}
        ours = [kind for kind in known if kind != "web"]  # timed apart: where PyTorch alone reads one, it reads all
        us = dict(zip(ours, latencies([known[kind] for kind in ours]).us, strict=True))
        us["web"] = latencies([self.web]).us[0]
        able = [
            cell for cell in self.wrong if cell[0] != SCRATCH and (SCRATCH, cell[1] or len(self.digits)) in self.wrong
        ]
        verdicts = evidence.judged({cell: self.beside(cell) for cell in able})
        rows = []
        for (name, count), wrong in self.wrong.items():
            way, results = WAYS[name], self.found[name, count]
            kind = "pupil" if way.pupil else "web" if way.foundation == WEB else name
            seconds = mean(one.seconds for one in results.values())
            reader = self.other(way) if kind not in known else self.net(way, known[kind], us[kind], results.values())
            rows.append(
                {
                    "recipe": name,
                    "label": way.label.format(called(way, self.readers)),
                    "foundation": called(way, self.readers),
                    "labels": count,
                    "unlabelled": len(self.digits) - count if way.spare else 0,
                    "draws": list(results),
                    "readers": len(wrong),
                    "runs": [one.run for one in results.values() if one.run],
                    "test_size": len(self.test),
                    "test_mistakes": mistakes(wrong).to_dict(),
                    "test_error": mistakes(wrong, percent=True).to_dict(),
                    "new_digits": evidence.interval_of(wrong),
                    **evidence.compared("scratch", verdicts.get((name, count))),
                    **reader,
                    "seconds": seconds,
                    "cost": prices and count * prices.label + seconds / 3600 * prices.hour,
                    "settings": way.settings,
                }
            )
        return rows

    def other(self, way: Way) -> Document:
        """Return the size and the costs of a net of others, with what was trained on its features."""
        reader, head = self.readers[way.foundation], 0
        if way.trained == "head":
            head = 10 * (self.features[way.foundation] + 1)
        return {
            "parameters_trained": head,
            "parameters": reader.parameters + head,
            "bytes": reader.size + 4 * head,
            "multiply_adds": reader.multiply_adds,
            "training_multiply_adds": None,
            "inference_us": 1e6 * self.seconds_a_digit[way.foundation],
        }

    def net(self, way: Way, recipe: Recipe, us: float, results: Any) -> Document:
        """Return the size and the costs of a net that was made here; of a finetuned one, apart from its pretraining."""
        net = nets.build(recipe)
        size, parts = nets.count(net), {name: values.numel() for name, values in net.named_parameters()}
        head = parts["output_weight"] + parts["output_bias"]
        trained = {"nothing": 0, "head": head, "last layers": head + parts["h3_weight"] + parts["h3_bias"]}
        trained |= {"below the output": size.parameters - head, "all": size.parameters}
        examples = 0 if way.trained == "nothing" else mean(one.examples for one in results)
        return {
            "parameters_trained": trained[way.trained],
            "parameters": size.parameters,
            "bytes": 4 * size.parameters,
            "multiply_adds": size.multiply_adds,
            "training_multiply_adds": round(PARTS_OF_TRAINING * size.multiply_adds * examples),
            "inference_us": us,
        }

    def foundations(self, pool: Digits, weights: Mapping[str, Floats] | None) -> list[Document]:
        """Return what is known of the foundations; of the one that is made here, by one of its nets."""
        size = nets.count(nets.build(self.web))
        found = [{name: getattr(one, name) for name in FACTS} | {"bytes": one.size} for one in self.readers.values()]
        if not weights:
            return found
        made = (
            *(WEB, f"MNIST net, {self.web.width:g} times as wide as 1989's"),
            f"{len(pool):,} training digits of {pool.name}, none of them among those to be read",
            *("the package's", "made here", "", digest_of(weights), size.parameters, size.multiply_adds),
        )
        return [*found, dict(zip(FACTS, made, strict=True)) | {"bytes": 4 * size.parameters}]

    def crossings(self) -> list[Document]:
        """Return with how many human labels today from scratch errs as little as each way without any."""
        curve = {count: wrong for (name, count), wrong in self.wrong.items() if name == SCRATCH}
        return [
            {
                "way": name,
                "label": WAYS[name].label.format(called(WAYS[name], self.readers)),
                "foundation": called(WAYS[name], self.readers),
                "error": 100 * float(self.wrong[name, 0].mean()),
                "labels": crossing(curve, self.wrong[name, 0]),
                "most": len(self.digits),
            }
            for name in UNLABELLED
            if curve and (name, 0) in self.wrong
        ]

    def finding(self, rows: Sequence[Document]) -> str:
        """Say what 1989's net reads without human labels, beside its teacher and today from scratch with all labels."""
        by = {(row["recipe"], row["labels"]): row for row in rows}

        def told(name: str, count: int) -> str:
            row = by[name, count]
            low, high = (row["new_digits"][end] * row["test_size"] / 100 for end in ("low", "high"))
            return f"{row['test_mistakes']['mean']:,.1f} [{low:,.0f}, {high:,.0f}]"

        where, most = f"{len(self.test):,} test digits of {self.digits.name}", len(self.digits)
        name = next((name for name in ("distilled", "web-distilled") if (name, 0) in by), "")
        if not name:
            return (
                f"Today, from scratch, misreads {told(SCRATCH, most)} of {where}; no foundation has taught a net yet."
            )
        itself = {"distilled": "zero-shot", "web-distilled": "web-adapted"}[name]
        teacher = by[name, 0]["foundation"]
        return (
            f"Without one human label, 1989's net taught by {teacher} misreads {told(name, 0)} of {where}, and "
            f"{teacher} itself {told(itself, 0)}. Today, from scratch, with all {most:,} labels: {told(SCRATCH, most)} "
            f"({by[name, 0]['verdict_scratch']})."
        )


def digest_of(weights: Mapping[str, Floats]) -> str:
    """Return the sha256 of a net's weights."""
    return digest({name: hashlib.sha256(values.tobytes()).hexdigest() for name, values in weights.items()})
