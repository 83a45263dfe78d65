"""The types of the public JSON documents; docs/reference/results.schema.json is generated from them.

Errors and shares are in percent, times in seconds, unless a name says otherwise. A document may hold more than this.
"""

from typing import Annotated, Any, Final, Literal, NotRequired, TypedDict

Number = float | None  # null where it is no finite number
Verdict = Annotated[
    str | None,
    "better, worse, not resolved, too few runs, too few digits differ, same answers, or how many nets failed.",
]
Share = Annotated[dict[str, Number] | None, "Percent: mean, and low and high for new runs and new digits."]
Calibration = Annotated[dict[str, int] | None, "Comparisons of rows with themselves that read 'not resolved'."]
Method = Annotated[list[str], "What the intervals speak of, and how verdicts are made."]


class Estimate(TypedDict):
    """A mean with its 95 % interval."""

    mean: Annotated[Number, "Over the runs whose nets did neither diverge nor collapse, if there are any."]
    low: Annotated[Number, "Lower end of the 95 % t interval of the mean; null for one run, and where all are equal."]
    high: Number
    values: Annotated[list[Number], "One value a run, in the order of runs."]


class Change(TypedDict):
    """A paired difference in test mistakes, with the 95 % interval of the test that gives its verdict."""

    mean: Number
    low: Annotated[Number, "For new runs and new digits; null where nothing varies, and where nets failed."]
    high: Number
    values: Annotated[list[Number], "A difference a run, or a subset, over the runs whose nets failed in neither row."]


class Run(TypedDict):
    """A run of a row: a seed with its subset of training digits."""

    seed: int
    digits: Annotated[str, "Fingerprint of its training digits."]
    key: Annotated[str, "What its net is kept by."]


class Row(TypedDict):
    """What measured and published rows share."""

    recipe: str
    label: str
    era: Annotated[str | None, "The era whose recipe this is, if it is one."]
    net: Annotated[str, "lecun1989, fully-connected, micro-vit, or own: and the name of one's own."]
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
    scale-model with `_base` for width 1 on the fewest digits. What is not required is in some documents only, or was
    not in those of earlier versions.
    """

    seeds: list[int]
    runs: NotRequired[list[Run]]
    test_digits: NotRequired[Annotated[str, "Fingerprint of the test digits, before a recipe frames them."]]
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
    mistakes_of_2007: NotRequired[Annotated[Estimate | None, "On as many test digits as in 1989, where more measure."]]
    rejected_for_1pct: NotRequired[
        Annotated[Estimate, "train: percent to reject for 1 % error on the rest, by the paper's thresholds."]
    ]
    rejected_by_margin: NotRequired[Annotated[Estimate, "The same, by the difference of the two largest outputs."]]
    rejected_new_digits: NotRequired[Annotated[dict[str, float] | None, "On usps: interval of what is rejected."]]
    new_digits: Annotated[dict[str, float], "95 % interval of the test error for new runs and new digits."]
    variances: NotRequired[
        Annotated[
            dict[str, Number] | None,
            "Standard deviations of the test mistakes of one run: by runs, digits, the rest; by subsets and seeds, "
            "where every seed trains on several subsets. Null for one run.",
        ]
    ]
    diverged: Annotated[list[int], "Seeds whose loss stopped being a number."]
    collapsed: NotRequired[Annotated[list[int], "Seeds whose nets read no better than the commonest digit would."]]
    failure: NotRequired[Annotated[str, "How many nets diverged or collapsed; empty where none did."]]
    settings: Annotated[dict[str, Any], "What differs from the defaults of a recipe."]
    control: NotRequired[Annotated[bool, "modernize: the row that it builds on, trained longer."]]
    change_step: NotRequired[Change | None]
    reduction_step: NotRequired[Share]
    p_step: NotRequired[Annotated[Number, "Of the change, uncorrected; of one run McNemar's exact one."]]
    verdict_step: NotRequired[Verdict]
    detectable_step: NotRequired[Annotated[Number, "Mistakes that would be resolved four times in five."]]
    runs_to_resolve_step: NotRequired[Annotated[int | None, "Runs a row that such a change takes, up to 1,000."]]
    latency_us: NotRequired[Annotated[float, "Of one picture alone, median of rounds in turn with the other rows."]]
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
    stopped: NotRequired[Annotated[dict[str, Any], "Why it ended early, after how many of how many runs."]]
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
        "method": Method,
        "speed_up": Annotated[float, "How many times faster than 1989's machine a net was trained."],
        "curves": NotRequired[Annotated[dict[str, list[dict[str, Number]]], "By seed: a point an epoch."]],
        "mistakes": Annotated[Records, "Digits that most nets misread, with 256 grey levels in base64."],
    },
    "modernize": {
        **ROWS,
        "mode": Literal["ladder", "alone", "without", "shares", "decompose"],
        "method": Method,
        "calibration": Calibration,
        "power": NotRequired[
            Annotated[Records, "The change that the median step would resolve, of 10,000, by runs and test digits."]
        ],
        "to_settle": NotRequired[Annotated[str, "How many runs a row would resolve what is not."]],
        "shares": NotRequired[
            Annotated[Records, "shares: what each tweak changes; reduction_share is its part in the whole, the last."]
        ],
        "failed": NotRequired[Annotated[Records, "shares: sets of tweaks whose nets diverged or collapsed."]],
        "parts": NotRequired[Annotated[Records, "decompose: what each cause removes, alone and as the last."]],
        "cells": NotRequired[Annotated[Records, "The closing table, each cell against the first."]],
    },
    "scale-data": {
        **ROWS,
        "budget": Literal["epochs", "examples", "essay"],
        "curves_fitted": Annotated[Records, "By era, the law of its curve, or why there is none."],
        "exponents": Records,
        "reduction": Records,
        "label_cost": Annotated[Number, "Dollars a label."],
        "method": Method,
        "calibration": Calibration,
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
        "method": Method,
        "calibration": Calibration,
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
