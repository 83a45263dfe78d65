"""Training from scratch beside nets that were trained on other things: the essay's last claim, on the task of 1989.

Karpathy (2022), https://karpathy.github.io/2022/03/14/lecun1989/: "you will not want to train any neural networks at
all". Ways (see ways.py) that share digits, draws of human labels and test digits; what is no run of the engine, the
store keeps as well.
"""

import hashlib
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, product
from typing import Any, Final, Self

import numpy as np

from timetravel.digits import Digits
from timetravel.engine import adapt
from timetravel.engine.collect import Plan, Workshop, estimate_seconds, make_plan
from timetravel.engine.plain import Floats, layers, shares
from timetravel.engine.recognizer import Backbone
from timetravel.engine.runs import Job, Run, read
from timetravel.engine.store import Store
from timetravel.eras import ERAS, TODAY
from timetravel.numbers import counted
from timetravel.studies import evidence
from timetravel.studies.base import Document, Study
from timetravel.studies.bill import SCRATCH, Cell, Prices, Result, Told, called, digest_of
from timetravel.studies.joint import frontier
from timetravel.studies.rows import seconds_of, told_of
from timetravel.studies.setup import Setup
from timetravel.studies.unseen import unseen
from timetravel.studies.ways import CONTRAST, RECOGNIZER, WAYS, WEB, labelled, probe, prototypes, standardized

PUPIL: Final = ERAS["distilled"].recipe.but(labels="people")  # its targets are the study's own
RECIPES: Final = {"scratch-1989": ERAS["1989"].recipe, "scratch-today": ERAS[TODAY].recipe}
METHOD: Final = (
    "Intervals (95 %) are for new draws of human labels, for new seeds of nets, and for new test digits: {draws}, each "
    "with every class in its share. A reader of which nothing is drawn has an interval for new test digits alone."
)
CHOSEN: Final = (
    "PP-OCRv6 looks at a digit as its own pipeline would: enlarged to 40x40, framed by 6 white pixels, scaled to "
    "48x48, widened with zeros to 160. No label chose that.",
    "Logistic regression: its penalty was set beforehand, at C = 0.01 with 7,291 labels, and weighs as much beside the "
    "mean loss with fewer; by the human labels of usps's training digits C = 0.003 would be best.",
    "Taught nets: today's recipe as it is. Targets: the teacher's probabilities for the undistorted digit (Hinton, "
    "Vinyals and Dean 2015, https://arxiv.org/abs/1503.02531).",
)


class Foundation(Study):
    """The study. Two rounds of jobs: what needs no teacher, then, when the foundations have read, the taught nets.

    readers: the foundations at hand, by their part, the recognizer and one for contrast; pool: what the MNIST net is
    trained on. counts: human labels, beside all that there are. heard: told of what is no run; warn: of damage.
    """

    command = "foundation"
    setup: Setup

    def __init__(
        self,
        setup: Setup,
        pool: Digits,
        counts: Sequence[int],
        readers: Mapping[str, Backbone],
        prices: Prices | None,
        *,
        remarks: Sequence[str] = (),
        full: bool = False,
        fresh: bool = False,
        minutes: float | None = None,
        heard: Callable[[str], None] = lambda _: None,
        warn: Callable[[str], None] = warnings.warn,
    ) -> None:
        self.setup, self.pool, self.readers, self.prices = setup, pool, readers, prices
        self.full, self.remarks, self.limit, self.heard = full, list(remarks), minutes, heard
        self.digits, self.test = setup.digits(), setup.test
        self.kept = partial(Store().derived, fresh=fresh, warn=warn)
        self.classes, self.most = len(np.unique(self.digits.labels)), len(self.digits)
        self.counts = sorted({*counts, self.most})
        self.web = setup.trained(adapt.WEB)
        self.found: dict[Cell, dict[int, Result]] = defaultdict(dict)
        self.targets: dict[Cell, dict[int, Floats]] = defaultdict(dict)
        self.seconds_a_digit: dict[str, float] = {}  # of looking, by foundation
        self.width_of: dict[str, int] = {}  # of features
        self.weights: dict[str, dict[int, dict[str, Floats]]] = defaultdict(dict)
        self.lot: list[tuple[str, int, Job]] = []  # of the round that is on
        self.asked: list[Job] = []  # in all rounds
        self.runs: list[Run] = []  # finished, of all rounds

    def cells(self, *names: str, draws: Sequence[int] = ()) -> Iterator[tuple[str, int, int]]:
        """Yield ways with each number of labels that they take, draw by draw, so that all stand early."""
        for draw, name, count in product(draws or self.setup.seeds, names, self.counts):
            if WAYS[name].takes(count, self.classes) and (WAYS[name].foundation in (*self.readers, "", WEB)):
                yield name, count, draw

    def places(self, count: int, draw: int) -> np.ndarray:
        """Return which training digits people label in a draw."""
        return labelled(self.digits.labels, count, draw)

    def from_scratch(self) -> list[tuple[str, int, Job]]:
        """Return the jobs that need no teacher: the MNIST net and what people's labels alone train."""
        jobs = [("web-untouched", 0, Job(self.web, self.pool, self.test, seed, WEB)) for seed in self.setup.seeds]
        for name, count, draw in self.cells(*RECIPES):
            recipe, own = self.setup.trained(RECIPES[name]), self.digits.take(self.places(count, draw))
            jobs.append((name, count, Job(recipe, own, self.test, draw, WAYS[name].label)))
        return jobs

    def taught(self) -> list[tuple[str, int, Job]]:
        """Return the jobs of the nets of 1989 that the foundations teach, as far as these have read."""
        recipe = self.setup.trained(PUPIL)
        return [
            (name, count, Job(recipe, self.digits.taught(targets), self.test, draw, self.label(name)))
            for name, count, draw in self.cells("distilled", "web-distilled")
            if (targets := self.targets[name, count].get(draw)) is not None
        ]

    def jobs(self) -> list[Job]:
        """Return the jobs that are known so far: those of the first round, and then also of the taught nets."""
        return self.asked

    def rounds(self) -> Generator[Sequence[Job], Sequence[Run], Document]:
        """Yield what needs no teacher, ask the foundations, and yield what they teach."""
        ends = time.monotonic() + 60 * self.limit if self.limit else np.inf
        self.take((yield self.round(self.from_scratch())))
        for _ in chain(self.ask_recognizer(), self.ask_contrast(), self.ask_web()):  # a step at a time
            if time.monotonic() > ends:
                break
        self.take((yield self.round(self.taught())))
        return self.result(())

    def round(self, lot: list[tuple[str, int, Job]]) -> list[Job]:
        """Begin a round; returns its jobs."""
        self.lot = lot
        jobs = [job for _, _, job in lot]
        self.asked += jobs
        return jobs

    def take(self, runs: Sequence[Run]) -> None:
        """Note what the runs of a round read, in the order of its jobs."""
        for (name, count, job), run in zip(self.lot, runs, strict=True):
            looked = len(self.digits) * self.seconds_a_digit.get(WAYS[name].foundation, 0.0)  # its teacher did
            of_run = told_of(run, job.digits.fingerprint)
            made = Result(run.misread, seconds_of(run) + looked, run.examples_seen, of_run)
            self.found[name, count][job.seed] = made
            self.runs.append(run)
            if (name, count) in (("web-untouched", 0), (SCRATCH, self.most)):
                self.weights[name][job.seed] = run.weights

    def shortened(self, runs: Mapping[object, Run]) -> tuple[Self, list[Run]] | None:
        """Return this study with what is finished."""
        done = [(part, runs[job]) for part in self.lot if (job := part[2].framed().identity) in runs]
        self.lot = [part for part, _ in done]
        self.take([run for _, run in done])
        return (self, self.runs) if self.found.get((SCRATCH, self.most)) else None

    def note(self, name: str, count: int, draw: int, answers: np.ndarray, seconds: float, examples: int = 0) -> None:
        """Note what a reader answers to the test digits, the seconds that it took to make, and the examples shown."""
        self.found[name, count][draw] = Result(answers != self.test.labels, seconds, examples)

    def looked(self, part: str) -> list[dict[str, np.ndarray]]:
        """Return what a foundation sees in the training digits and in the test digits, and a recognizer reads there."""
        found, spent = [], 0.0
        for digits in (self.digits, self.test):
            arrays, seconds = self.look(part, digits.images)
            found.append(arrays)
            spent += seconds
        self.width_of[part] = found[0]["features"].shape[1]
        self.seconds_a_digit[part] = spent / (len(self.digits) + len(self.test))
        return found

    def look(self, part: str, images: Floats, *, widened: bool = True) -> tuple[dict[str, np.ndarray], float]:
        """Let a foundation look at images, or remember what it saw; returns that and how many seconds it took."""
        reader = self.readers[part]
        self.heard(f"{reader.name} looks at {counted(len(images), 'digit')}.")
        seen = hashlib.sha256(np.ascontiguousarray(images).data).hexdigest()
        about = {"net": reader.digest, "images": seen, "widened": widened}
        return self.kept(about, partial(reader.look, images, widened=widened))

    def ask_recognizer(self) -> Iterator[None]:
        """Let the recognizer read as it is, then through prototypes and probes of its features."""
        if RECOGNIZER not in self.readers:
            return
        seen, asked = self.looked(RECOGNIZER)
        yield
        narrow, _ = self.look(RECOGNIZER, self.test.images, widened=False)
        answers = {"zero-shot": asked["likely"].argmax(axis=1), "free-text": asked["free"]}
        answers |= {"not-widened": narrow["likely"].argmax(axis=1)}
        for name in (name for name in answers if 0 in self.counts):
            self.note(name, 0, self.setup.seeds[0], answers[name], 0.0)
        own = seen["likely"].argmax(axis=1)
        yield from self.probes(("prototypes", "probe", "own-labels"), seen["features"], asked["features"], own)

    def ask_contrast(self) -> Iterator[None]:
        """Probe the features of a net that was trained on something else."""
        if CONTRAST in self.readers:
            seen, asked = self.looked(CONTRAST)
            yield from self.probes(("contrast-probe",), seen["features"], asked["features"])

    def ask_web(self) -> Iterator[None]:
        """Let each draw's MNIST net be probed, finetuned, and adapted without labels."""
        nets, frame = self.weights["web-untouched"], (self.web.window, self.web.deslant)
        images, test = (each.framed(*frame).images for each in (self.digits, self.test))
        for draw, net in nets.items():
            seen, asked = (layers(self.web, net, each)["h3"] for each in (images, test))
            yield from self.probes(("web-prototypes", "web-probe"), seen, asked, draws=(draw,))
        for name, count, draw in self.cells("web-adapted", "web-last", "web-whole"):
            places = self.places(count, draw)
            make: Any = partial(adapt.adapted, self.web, nets[draw], images, seed=draw)
            if count:
                own, labels = images[places], self.digits.labels[places]
                make = partial(adapt.finetuned, self.web, nets[draw], own, labels, last=name == "web-last", seed=draw)
            about: Document = {
                "net": digest_of(nets[draw]),
                "settings": adapt.settings(),
                "digits": self.digits.fingerprint,
                **{"way": name, "labels": count, "draw": draw},
            }
            self.heard(f"{self.label(name)}: {counted(count, 'label')}, draw {draw}.")
            weights, seconds = self.kept(about, make)
            answers = read(layers(self.web, weights, test)["output"])
            self.note(name, count, draw, answers, seconds, adapt.examples(count or self.most))
            if name != "web-last":
                told = shares(self.web, layers(self.web, weights, images)["output"])
                self.targets["web-distilled", count][draw] = told
            yield

    def probes(
        self,
        names: Sequence[str],
        seen: Floats,
        asked: Floats,
        own: np.ndarray | None = None,
        draws: Sequence[int] = (),
    ) -> Iterator[None]:
        """Read by prototypes and by linear probes of features; `own`: a foundation's labels, for a probe on these."""
        even = standardized(seen)
        seen, asked = even(seen), even(asked)
        for name, count, draw in self.cells(*names, draws=draws):
            places, began = self.places(count, draw), time.perf_counter()
            labels = self.digits.labels[places]
            if name == "own-labels" and own is not None:
                mixed = own.copy()
                mixed[places] = labels
                fitted = probe(seen, mixed)
                self.targets["distilled", count][draw] = fitted(seen)
                answers = fitted(asked).argmax(axis=1)
            elif name.endswith("prototypes"):
                answers = prototypes(seen[places], labels)(asked)
            else:
                answers = probe(seen[places], labels)(asked).argmax(axis=1)
            looked = self.most if name == "own-labels" else count
            reading = looked * self.seconds_a_digit.get(WAYS[name].foundation, 0.0)
            self.note(name, count, draw, answers, time.perf_counter() - began + reading)
            yield

    def label(self, name: str) -> str:
        """Return how tables call a way."""
        return WAYS[name].label.format(called(WAYS[name], self.readers))

    def plan(self, workshop: Workshop) -> Plan:
        """Say what is left: what is no run is counted by the nets' time an example."""
        jobs = [job for _, _, job in self.from_scratch()]
        first = make_plan(jobs, workshop)
        taught = Job(self.setup.trained(PUPIL), self.digits, self.test, 0)
        pupils = [replace(taught, seed=draw) for _, _, draw in self.cells("distilled", "web-distilled")]
        once = replace(jobs[0], digits=self.digits, recipe=self.web.but(epochs=1))
        tuned = [once for _ in self.cells("web-adapted", "web-last", "web-whole")]

        def seconds() -> float:
            return first.seconds + estimate_seconds([*pupils, *tuned], workshop)

        return Plan(first.kept, (*first.missing, *pupils), first.choices, seconds)

    def result(self, runs: Sequence[Run]) -> Document:
        """Return what each way reads with each number of labels, at what cost, and when from scratch stops paying."""
        del runs  # noted as they came
        told = Told(self.found, self.digits, self.test, self.readers, self.web, self.width_of, self.seconds_a_digit)
        rows = told.rows(self.prices, self.setup.trained(PUPIL), RECIPES)
        counts = [row for row in rows if row["multiply_adds"]]
        return {
            "data": self.digits.name,
            "train_size": self.most,
            "test_size": len(self.test),
            "pool": {"data": self.pool.name, "digits": len(self.pool)},
            "foundations": told.foundations(self.pool, next(iter(self.weights["web-untouched"].values()), None)),
            "rows": rows,
            "frontier": [rows.index(row) for row in frontier(counts, "multiply_adds")],
            "crossings": told.crossings(),
            "seen": self.seen(),
            "prices": self.prices and {"label_cost": self.prices.label, "compute_cost": self.prices.hour},
            "chosen": [*CHOSEN, *adapt.settings()],
            "remarks": self.remarks,
            "method": [METHOD.format(draws=counted(len(self.setup.seeds), "draw")), evidence.VERDICTS],
            "references": [],
            "finding": told.finding(rows),
        }

    def seen(self) -> list[Document]:
        """Return, of a full study, how the recognizer reads digits that it can't have seen."""
        nets = list(self.weights[SCRATCH].values())
        if not (self.full and nets and RECOGNIZER in self.readers):
            return []

        def reads(images: Floats) -> np.ndarray:
            return np.asarray(self.look(RECOGNIZER, images)[0]["likely"].argmax(axis=1))

        return unseen(reads, self.test, self.setup.trained(RECIPES[SCRATCH]), nets)
