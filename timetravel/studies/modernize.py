"""The ladder: 1989's recipe with one tweak after another, at the same data and the same net size."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from timetravel import paper
from timetravel.eras import ERAS
from timetravel.stats import Estimate, paired_change
from timetravel.studies.evidence import weigh
from timetravel.studies.result import StudyResult
from timetravel.studies.rows import Row, references
from timetravel.studies.setup import Entry, Setup
from timetravel.tweaks import Tweak, climb
from timetravel.words import counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

START = "1989-essay"


@dataclass(frozen=True)
class ModernizeResult(StudyResult):
    """The rungs of the ladder."""

    def change_step(self, rung: int) -> Estimate | None:
        """Return the change in test mistakes against the row above, seed by seed."""
        return self.change(rung, rung - 1)

    def change_1989(self, rung: int) -> Estimate | None:
        """Return the change in test mistakes against the first row, seed by seed."""
        return self.change(rung, 0)

    def change(self, rung: int, base: int) -> Estimate | None:
        """Return the paired change in test mistakes between two rows."""
        if rung == 0:
            return None
        return paired_change(self.rows[rung].test_mistakes.values, self.rows[base].test_mistakes.values)

    def to_dict(self) -> dict[str, Any]:
        """Return the public JSON document; each row says its changes, their p, and the verdicts."""
        document = super().to_dict()
        for rung, row in enumerate(document["rows"]):
            for name, base, change in (
                ("step", rung - 1, self.change_step(rung)),
                ("1989", 0, self.change_1989(rung)),
            ):
                found = self.evidence.comparisons.get((rung, base))
                row[f"change_{name}"] = change and change.to_dict()
                row[f"p_{name}"] = found and found.p
                row[f"verdict_{name}"] = found and found.verdict
        calibration = self.evidence.calibration
        document["calibration"] = calibration and dict(zip(("not_resolved", "of"), calibration, strict=True))
        return document

    def plot(self, *, dark: bool = False) -> "Figure":
        """Draw the error of each rung with its interval."""
        from timetravel.show import figures

        return figures.ladder(self, dark=dark)


class Modernize:
    """The study: 1989-essay, then each tweak on top of those before it."""

    watched = False  # whether its runs are measured after every pass

    def __init__(self, setup: Setup, tweaks: Sequence[Tweak]) -> None:
        self.setup, self.tweaks = setup, tweaks

    def entries(self) -> list[Entry]:
        """Return a row for each rung; a rung that equals an era bears its name."""
        names = [START]
        for tweak in self.tweaks:
            names.append(f"{names[-1]}+{tweak.name}")
        entries = []
        for name, recipe in zip(names, climb(ERAS[START].recipe, self.tweaks), strict=True):
            era = next((era.name for era in ERAS.values() if era.recipe == recipe), None)
            label = START if name == START else f"+ {name.rpartition('+')[2]}"
            entries.append(Entry(era or name, label, era, recipe))
        return entries

    def run(self) -> ModernizeResult:
        """Train every rung and compare them."""
        rows = self.setup.rows(self.entries())
        published = references([row.name for row in rows], train_size=paper.TRAINING_DIGITS, like=rows[0])
        pairs = dict.fromkeys(pair for rung in range(1, len(rows)) for pair in ((rung, rung - 1), (rung, 0)))
        return ModernizeResult(
            command="modernize",
            rows=tuple(rows),
            references=tuple(published),
            finding=finding(rows),
            evidence=weigh(rows, list(pairs)),
        )


def finding(rows: Sequence[Row]) -> str:
    """Say in a sentence what the whole ladder did, and how sure that is."""
    first, last = rows[0], rows[-1]
    if diverged := [row.label for row in rows if row.diverged]:
        return f"These rows diverged, so nothing can be said of them: {', '.join(diverged)}."
    before, after = first.test_mistakes, last.test_mistakes
    share = 100 * (1 - after.mean / before.mean) if before.mean else 0.0
    change = paired_change(after.values, before.values)
    seeds = len(first.runs)
    sentence = (
        f"{counted(len(rows) - 1, 'tweak')} took {first.label} from {before.mean:.4g} to {after.mean:.4g} mistakes of "
        f"{first.test_size:,} on {first.data}: {abs(share):.0f} % {'fewer' if share >= 0 else 'more'}, "
        f"with the same {first.data} digits and a net of the same size"
    )
    if change.low is None:
        return f"{sentence}. One seed is an anecdote: use --seeds 10."
    interval = f"{change.mean:+.1f} [{change.low:+.1f}, {change.high:+.1f}]"
    return f"{sentence} (a change of {interval} over {seeds} paired seeds)."
