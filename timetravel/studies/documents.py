"""The types of the public JSON documents; docs/results.schema.json is generated from them.

Errors and shares are in percent, times in seconds, unless a name says otherwise. A document may hold more than this.
"""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

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
    """A row that was trained here."""

    chosen: NotRequired[Annotated[str, "How the recipe's numbers were chosen, and on what."]]
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
    rejected_for_1pct: Annotated[Estimate, "Percent to reject for 1 % error on the rest, by the paper's thresholds."]
    rejected_by_margin: NotRequired[Annotated[Estimate, "The same, by the difference of the two largest outputs."]]
    new_digits: Annotated[dict[str, float], "95 % interval of the test error for new nets and new digits."]
    diverged: Annotated[list[int], "Seeds whose loss stopped being a number."]
    collapsed: NotRequired[Annotated[list[int], "Seeds whose nets read no better than the commonest digit would."]]
    settings: Annotated[dict[str, Any], "What differs from the defaults of a recipe."]
    rejected_new_digits: NotRequired[
        Annotated[dict[str, float] | None, "train, on usps: interval of what is rejected."]
    ]
    builds_on: NotRequired[Annotated[str | None, "modernize: the row that this one changes."]]
    control: NotRequired[Annotated[bool, "modernize: the row that it builds on, trained longer."]]
    change_step: NotRequired[Annotated[Estimate | None, "modernize: in test mistakes, against the row it builds on."]]
    change_1989: NotRequired[Annotated[Estimate | None, "modernize: against the first row."]]
    change_base: NotRequired[Annotated[Estimate | None, "scale-model: against width 1 on the fewest digits."]]
    reduction_step: NotRequired[Share]
    reduction_1989: NotRequired[Share]
    reduction_base: NotRequired[Share]
    p_step: NotRequired[Annotated[Number, "Of the change, by the two-way bootstrap, uncorrected."]]
    p_1989: NotRequired[Number]
    p_base: NotRequired[Number]
    verdict_step: NotRequired[Annotated[Verdict, "Holm-corrected over the table."]]
    verdict_1989: NotRequired[Verdict]
    verdict_base: NotRequired[Verdict]
    latency_us: NotRequired[Annotated[float, "Of one image alone, median of rounds in turn with the other rows."]]
    latency_ratio: NotRequired[Annotated[float, "To the first row's."]]
    time_ratio: NotRequired[Annotated[float, "Seconds a net, to the first row's."]]
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


class Found(Document):
    """What every study has."""

    finding: Annotated[str, "One sentence that says what was found."]


class Rows(Found):
    """What studies of rows have: train, modernize, scale-data, scale-model."""

    rows: list[MeasuredRow]
    references: list[PublishedRow]


class Train(Rows):
    """`timetravel train`."""

    speed_up: Annotated[float, "How many times faster than 1989's machine a net was trained."]
    curves: NotRequired[Annotated[dict[str, list[dict[str, Number]]], "By seed: a point an epoch."]]
    rejection_curves: NotRequired[list[list[dict[str, list[float]]]]]
    mistakes: Annotated[list[dict[str, Any]], "Digits that most nets misread, with 256 grey levels in base64."]


class Modernize(Rows):
    """`timetravel modernize`, in all its modes."""

    mode: Literal["ladder", "alone", "without", "decompose"]
    calibration: Annotated[dict[str, int] | None, "Comparisons of rows with themselves that read 'not resolved'."]
    remarks: NotRequired[list[str]]
    reduction_of_1989_essay: NotRequired[dict[str, Share]]
    misread: NotRequired[dict[str, Any]]
    parts: NotRequired[Annotated[list[dict[str, Any]], "decompose: what each cause removes, alone and as the last."]]
    cells: NotRequired[Annotated[list[dict[str, Any]], "The closing table, each cell against the first."]]


class ScaleData(Rows):
    """`timetravel scale-data`."""

    budget: Literal["examples", "epochs", "essay"]
    curves_fitted: Annotated[list[dict[str, Any]], "By era, the law of its curve, or why there is none."]
    exponents: list[dict[str, Any]]
    reduction: list[dict[str, Any]]
    label_cost: Annotated[Number, "Dollars a label."]
    cells: list[dict[str, Any]]


class ScaleModel(Rows):
    """`timetravel scale-model`."""

    base: Annotated[dict[str, Any], "The row that all are compared with."]
    best_of_1989: Annotated[dict[str, Any], "The best row that three days of 1989's signal processor could train."]
    frontier: Annotated[list[dict[str, Any]], "The rows that nothing as cheap to train beats."]
    reduction: list[dict[str, Any]]


class Interpretations(Found):
    """`timetravel interpretations`."""

    study: Literal["choice", "reconstruction"]
    rows: list[dict[str, Any]]
    references: list[PublishedRow]


class Tune(Found):
    """`timetravel tune`."""

    era: str
    folds: int
    seeds: list[int]
    space: list[dict[str, Any]]
    rows: Annotated[list[dict[str, Any]], "The trials, best first."]
    measure_on_test: Annotated[str, "The command that measures the best on test digits."]


class Bench(Found):
    """`timetravel bench`: microseconds an example and net, on one thread unless said otherwise; or a card's rates."""

    sgemm_gflops: NotRequired[float]
    bound_us: NotRequired[Annotated[float, "The arithmetic at the rate of numpy's float32 matrix product."]]
    workers: int
    repeats: NotRequired[int]
    card: NotRequired[Annotated[str, "The CUDA card, if one was timed: rows by how many nets it trains at once."]]


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


class Extrapolate(Found):
    """`timetravel extrapolate`. Low and high are the 10 % and 90 % quantiles."""

    to: Annotated[int, "The target year."]
    claims: list[Claim]
    projection: Annotated[list[dict[str, Any]], "Each quantity in the target year under each scenario."]
    backtests: Annotated[list[dict[str, Any]], "What the method would have said; errors in orders of magnitude."]
    assumptions: list[dict[str, Any]]


class Tweaks(Document):
    """`timetravel modernize --list`."""

    tweaks: list[dict[str, Any]]


class DataList(Document):
    """`timetravel data list`."""

    sources: list[dict[str, Any]]


DOCUMENTS = {
    "train": Train, "modernize": Modernize, "scale-data": ScaleData, "scale-model": ScaleModel,
    "interpretations": Interpretations, "tune": Tune, "bench": Bench, "extrapolate": Extrapolate, "tweaks": Tweaks,
    "data list": DataList,
}  # fmt: skip
