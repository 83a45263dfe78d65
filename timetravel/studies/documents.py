"""The types of the public JSON documents; docs/results.schema.json is generated from them.

Errors and shares are in percent, times in seconds, unless a name says otherwise. A document may hold more than this.
"""

from typing import Annotated, Any, Final, Literal, NotRequired, TypedDict

Number = float | None  # null where it is no finite number
Verdict = Literal["better", "worse", "not resolved", "too few seeds"] | None
Share = Annotated[dict[str, Number] | None, "Percent: mean, and low and high for new nets and new digits."]


class Estimate(TypedDict):
    """A mean over seeds with its 95 % interval."""

    mean: Number
    low: Annotated[Number, "Lower end of the 95 % t interval of the mean; null for one seed."]
    high: Number
    values: Annotated[list[Number], "One value a seed, in the order of seeds."]


class Row(TypedDict):
    """What measured and published rows share."""

    recipe: str
    label: str
    era: Annotated[str | None, "The era whose recipe this is, if it is one."]
    net: Literal["lecun1989", "fully-connected", "micro-vit"]
    data: str
    subsets: Annotated[list[int | str], "Which digits are used."]
    train_size: Annotated[int, "Training digits."]
    test_size: Annotated[int, "Test digits."]
    epochs: int | None
    parameters: int
    multiply_adds: Annotated[int, "Of one digit forward."]


class MeasuredRow(Row):
    """A row that was trained here.

    What ends in `_step` compares with the row that it builds on; the same stands with `_1989` for the first row, and in
    scale-model with `_base` for width 1 on the fewest digits.
    """

    seeds: list[int]
    examples_seen: Annotated[int, "Of one run, by its teachers too."]
    seconds: Annotated[float, "Wall time of the row: training and measuring all its runs."]
    seconds_a_net: Annotated[float, "Of one net, on its share of the machine."]
    backend: Annotated[str, "Name and version of what trained."]
    test_error: Estimate
    train_error: Estimate
    test_mistakes: Estimate
    train_mistakes: Estimate
    test_loss: Estimate
    train_loss: Estimate
    rejected_for_1pct: NotRequired[
        Annotated[Estimate, "train: percent to reject for 1 % error on the rest, by the paper's thresholds."]
    ]
    rejected_by_margin: NotRequired[Annotated[Estimate, "The same, by the difference of the two largest outputs."]]
    rejected_new_digits: NotRequired[Annotated[dict[str, float] | None, "On usps: interval of what is rejected."]]
    new_digits: Annotated[dict[str, float], "95 % interval of the test error for new nets and new digits."]
    runs: NotRequired[Annotated[list[dict[str, Any]], "Seed, digits and key in the run store of each."]]
    test_digits: NotRequired[Annotated[str, "Fingerprint, before a recipe frames them."]]
    diverged: Annotated[list[int], "Seeds whose loss stopped being a number."]
    collapsed: NotRequired[Annotated[list[int], "Seeds whose nets read no better than the commonest digit would."]]
    settings: Annotated[dict[str, Any], "What differs from the defaults of a recipe."]
    control: NotRequired[Annotated[bool, "modernize: the row that it builds on, trained longer."]]
    change_step: NotRequired[Annotated[Estimate | None, "In test mistakes."]]
    reduction_step: NotRequired[Share]
    p_step: NotRequired[Annotated[Number, "Of the change, by the two-way bootstrap, uncorrected."]]
    verdict_step: NotRequired[Annotated[Verdict, "Holm-corrected over the table."]]
    latency_us: NotRequired[Annotated[float, "Of one image alone, median of rounds in turn with the other rows."]]
    latency_ratio: NotRequired[Annotated[float, "To the first row's; time_ratio is that of the seconds a net."]]
    same_size_and_latency: NotRequired[Annotated[bool, "As the first row's, the latency within 5 %."]]
    width: NotRequired[Annotated[float, "scale-model: times as many maps and hidden units as in 1989."]]
    depth: NotRequired[Annotated[int, "scale-model: further hidden layers."]]
    training_multiply_adds: NotRequired[Annotated[int, "scale-model: of one run: 3 x multiply_adds x examples."]]
    ms_on_1989s_processor: NotRequired[Annotated[float, "scale-model: of one digit."]]


class PublishedRow(Row):
    """A row of the paper or of the essay, in the shape of a measured one."""

    source: str
    link: str
    test_error: Estimate
    train_error: Estimate | None
    test_mistakes: Estimate | None
    train_mistakes: Estimate | None
    rejected_for_1pct: Estimate | None


class Document(TypedDict):
    """What every document has."""

    schema: Annotated[Literal[2], "Version of this format."]
    command: str
    provenance: NotRequired[Annotated[dict[str, Any], "Versions, machine, digits, times, memory, command line."]]


class DryRun(Document):
    """What a dry run says."""

    dry_run: Literal[True]
    runs_kept: int
    runs_to_train: int
    examples_to_see: int
    seconds: Annotated[float, "About how long it takes here."]
    backends: list[dict[str, str]]


class Claim(TypedDict):
    """One of the essay's claims, judged."""

    id: Literal["A", "B", "C", "D", "E", "F", "G"]
    claim: str
    verdict: str
    kind: Annotated[str, "What the number rests on."]
    value: Number
    low: Number
    high: Number
    interval: Annotated[str, "What low and high are."]
    changes: Annotated[str, "What would change the verdict."]
    sources: list[str]


FINDING: Final = {"finding": Annotated[str, "One sentence that says what was found."]}
ROWS: Final = {**FINDING, "rows": list[MeasuredRow], "references": list[PublishedRow]}
Records = list[dict[str, Any]]

DOCUMENTS: Final[dict[str, dict[str, Any]]] = {  # what each command's documents have besides, by its name
    "train": {
        **ROWS,
        "speed_up": Annotated[float, "How many times faster than 1989's machine a net was trained."],
        "curves": NotRequired[Annotated[dict[str, list[dict[str, Number]]], "By seed: a point an epoch."]],
        "mistakes": Annotated[Records, "Digits that most nets misread, with 256 grey levels in base64."],
    },
    "modernize": {
        **ROWS,
        "mode": Literal["ladder", "alone", "without", "shares", "decompose"],
        "calibration": Annotated[
            dict[str, int] | None, "Comparisons of rows with themselves that read 'not resolved'."
        ],
        "shares": NotRequired[
            Annotated[Records, "shares: what each tweak changes; reduction_share is its part in the whole, the last."]
        ],
        "failed": NotRequired[Annotated[Records, "shares: sets of tweaks whose nets diverged or collapsed."]],
        "parts": NotRequired[Annotated[Records, "decompose: what each cause removes, alone and as the last."]],
        "cells": NotRequired[Annotated[Records, "The closing table, each cell against the first."]],
    },
    "scale-data": {
        **ROWS,
        "budget": Literal["examples", "epochs", "essay"],
        "curves_fitted": Annotated[Records, "By era, the law of its curve, or why there is none."],
        "exponents": Records,
        "reduction": Records,
        "label_cost": Annotated[Number, "Dollars a label."],
        "cells": Records,
    },
    "scale-model": {
        **ROWS,
        "base": Annotated[dict[str, Any], "The row that all are compared with."],
        "best_of_1989": Annotated[
            dict[str, Any], "The best row that three days of 1989's signal processor could train."
        ],
        "frontier": Annotated[Records, "The rows that nothing as cheap to train beats."],
        "reduction": Records,
    },
    "interpretations": {
        **FINDING,
        "study": Literal["choice", "reconstruction"],
        "rows": Records,
        "references": list[PublishedRow],
    },
    "tune": {
        **FINDING,
        "era": str,
        "folds": int,
        "seeds": list[int],
        "space": Records,
        "rows": Annotated[Records, "The trials, best first."],
        "measure_on_test": Annotated[str, "The command that measures the best on test digits."],
    },
    "compare": {
        **FINDING,
        "files": Annotated[dict[str, dict[str, str]], "a and b: the file as named, and the command that made it."],
        "rows": Annotated[Records, "Mistakes of A and B a net, B's change with p and verdict, and runs used."],
    },
    "bench": {
        **FINDING,
        "workers": int,
        "card": NotRequired[Annotated[str, "The CUDA card, if one was timed: rows by nets at once, nothing below."]],
        "repeats": NotRequired[int],
        "sgemm_gflops": NotRequired[float],
        "bound_us": NotRequired[
            Annotated[
                float,
                "The arithmetic at the rate of numpy's float32 matrix product. As all that ends in `_us`: microseconds "
                "an example and net, on one thread unless said otherwise.",
            ]
        ],
    },
    "extrapolate": {
        **FINDING,
        "to": Annotated[int, "The target year."],
        "claims": list[Claim],
        "projection": Annotated[
            Records,
            "Each quantity in the target year under each scenario; low and high are the 10 % and 90 % quantiles.",
        ],
        "backtests": Annotated[Records, "What the method would have said; errors in orders of magnitude."],
        "assumptions": Records,
    },
    "tweaks": {"tweaks": Annotated[Records, "`timetravel modernize --list`."]},
    "data list": {"sources": Records},
}
