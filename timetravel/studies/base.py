"""The one shape of a study: jobs go out, runs come in, a document comes back; and the one function that carries it out.

A document is plain data, the public JSON: whatever a table or a chart shows stands in it.
"""

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from timetravel.engine import provenance
from timetravel.engine.runs import Job, Run
from timetravel.errors import TimetravelError
from timetravel.files import clean
from timetravel.numbers import counted

if TYPE_CHECKING:
    from timetravel.engine.collect import Plan, Progress, Workshop
    from timetravel.studies.setup import Setup

SCHEMA = 2  # of the public JSON documents
Document = dict[str, Any]


class Study(ABC):
    """Something that can be planned, carried out and told as a document."""

    command: ClassVar[str]
    watched: ClassVar[bool] = False  # whether its runs are measured after every epoch
    minutes: float | None = None  # after which it stops, unless it is told otherwise
    telling: float = 0.05  # seconds, about, that it takes to tell of one run when all are made
    setup: "Setup | None" = None  # its digits and runs, where it is given them
    measures: ClassVar[bool] = True  # whether machine and time are part of its result

    @property
    def changed(self) -> str:
        """Say what every net has in place of what 1989 or its recipe had."""
        return self.setup.changed if self.setup else ""

    def jobs(self) -> list[Job]:
        """Return the runs that it needs; none for a study that trains nothing."""
        return []

    @abstractmethod
    def result(self, runs: Sequence[Run]) -> Document:
        """Return what the runs show, one for every job in their order: a finding, rows, and what else there is."""

    def rounds(self) -> Generator[Sequence[Job], Sequence[Run], Document]:
        """Yield jobs, receive their runs, and return the document: once, unless the next jobs depend on the last."""
        runs = yield self.jobs()
        return self.result(runs)

    def interim(self, runs: Mapping[object, Run]) -> Document | None:
        """Return what its first screen needs of the runs that are finished; None where that is too little, as here."""
        del runs
        return None

    def shortened(self, runs: Mapping[object, Run]) -> tuple[Self, list[Run]] | None:
        """Return the study of what is finished, given runs by their identity, and its runs in the order of its jobs.

        None where that is too little, or, as here, where nothing can be said before the end.
        """
        del runs
        return None

    def plan(self, workshop: "Workshop") -> "Plan":
        """Return what carrying it out would do."""
        from timetravel.engine.collect import make_plan

        return make_plan(self.jobs(), workshop, watched=self.watched)


def document_of(content: Mapping[str, Any], made_by: str) -> Document:
    """Return what no study made as a document. made_by: the command or call, unless the content says what to type."""
    made = {} if "typed" in content else {"command_line": made_by}
    found: Document = clean({"schema": SCHEMA, **made, **content})
    return found


def carry_out(
    study: Study, workshop: "Workshop", progress: "Progress", command_line: str = "", minutes: float | None = None
) -> Document:
    """Make the runs of a study, those kept before excepted, and return its document with where it comes from.

    At Ctrl-C and after `minutes` the document is of what is finished, and says so in `stopped`; with nothing to tell,
    Ctrl-C is raised on. Raises what training raises: UsageError for a recipe that can't be trained here,
    TimetravelError where a run can't be kept or the time is too short, DataError for a damaged one.
    """
    until = math.inf if minutes is None else time.monotonic() + 60 * minutes
    digits: dict[tuple[str, ...], dict[str, str]] = {}  # fingerprints, of digits framed as their recipe says
    rounds = study.rounds()
    try:
        jobs = next(rounds)
        while True:
            runs = []
            if jobs:
                from timetravel.engine.collect import Stopped, collect  # PyTorch, which not every study needs

                try:
                    runs = collect(jobs, workshop, progress, watched=study.watched, until=until)
                except Stopped as stopped:
                    end = early(study, stopped.runs, in_time=stopped.in_time)
                    break
            for job in (job.framed() for job in jobs):
                used = {"data": job.digits.name, "train": job.digits.fingerprint, "test": job.test.fingerprint}
                digits[tuple(used.values())] = used
            jobs = rounds.send(runs)
    except StopIteration as done:
        end = done.value
    except KeyboardInterrupt:  # between rounds
        end = early(study, {}, in_time=False)
    finally:
        progress.ended()
    changed = {"changed": study.changed} if study.changed else {}
    document: Document = {"schema": SCHEMA, "command": study.command, **changed, **end}
    if study.measures:
        document["provenance"] = {
            **provenance.machine(),
            "command_line": command_line,
            "finished": provenance.now(),
            "peak_memory_mb": provenance.peak_memory_mb(),
            "threads_allowed": provenance.available_cores(),
            "workers": workshop.workers,
            "store": str(workshop.store.folder),
            "digits": list(digits.values()),
        }
    cleaned: Document = clean(document)
    if digits and "stopped" not in cleaned:
        try:
            workshop.store.keep_result(cleaned)
        except TimetravelError as error:  # it is shown all the same
            workshop.warn(f"The page will not show this result. {error.message}")
    return cleaned


def early(study: Study, runs: Mapping[object, Run], *, in_time: bool) -> Document:
    """Return what a study that was stopped has to tell, with why; raises where that is nothing."""
    if found := study.shortened(runs):
        fewer, its_runs = found
        why = "the time was up" if in_time else "Ctrl-C"
        return {**fewer.result(its_runs), "stopped": {"why": why, "runs": len(its_runs), "of": len(study.jobs())}}
    if in_time:
        kept = counted(len(runs), "finished run")
        raise TimetravelError(
            f"The time was up before there was anything to tell; {kept} of {len(study.jobs()):,} are kept.",
            "Type the same command again: it goes on from them. Or give it more --minutes.",
        )
    raise KeyboardInterrupt
