"""The one shape of a study: jobs go out, runs come in, a document comes back; and the one function that carries it out.

A document is plain data, the public JSON: whatever a table or a chart shows stands in it.
"""

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from timetravel.engine import provenance
from timetravel.engine.runs import Job, Run
from timetravel.files import clean

if TYPE_CHECKING:
    from timetravel.engine.collect import Plan, Progress, Workshop

SCHEMA = 2  # of the public JSON documents
Document = dict[str, Any]


class Study(ABC):
    """Something that can be planned, carried out and told as a document."""

    command: ClassVar[str]
    watched: ClassVar[bool] = False  # whether its runs are measured after every epoch
    measures: ClassVar[bool] = True  # whether machine and time are part of its result

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

    def plan(self, workshop: "Workshop") -> "Plan":
        """Return what carrying it out would do."""
        from timetravel.engine.collect import make_plan

        return make_plan(self.jobs(), workshop, watched=self.watched)


def carry_out(study: Study, workshop: "Workshop", progress: "Progress", command_line: str = "") -> Document:
    """Make the runs of a study, those kept before excepted, and return its document with where it comes from.

    Raises what training raises: UsageError for a recipe that can't be trained here, TimetravelError where a run can't
    be kept, DataError for a damaged one.
    """
    digits: dict[tuple[str, ...], dict[str, str]] = {}  # fingerprints, of digits framed as their recipe says
    rounds = study.rounds()
    try:
        jobs = next(rounds)
        while True:
            runs = []
            if jobs:
                from timetravel.engine.collect import collect  # PyTorch, which a study that trains nothing does without

                runs = collect(jobs, workshop, progress, watched=study.watched)
            for job in (job.framed() for job in jobs):
                used = {"data": job.digits.name, "train": job.digits.fingerprint, "test": job.test.fingerprint}
                digits[tuple(used.values())] = used
            jobs = rounds.send(runs)
    except StopIteration as end:
        document: Document = {"schema": SCHEMA, "command": study.command, **end.value}
    finally:
        progress.ended()
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
    return cleaned
