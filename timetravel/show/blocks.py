"""The Markdown blocks of README.md and docs/, each made from published results (the JSON that commands print)."""

from collections.abc import Callable
from typing import Final

from timetravel.numbers import counted, duration
from timetravel.paper import EXAMPLES_SEEN
from timetravel.show import curve_blocks, ladder_blocks, model_blocks
from timetravel.show.markdown import Document, interval, made_by, markdown, with_range


def subsets(test_first: Document, train_first: Document) -> str:
    """Return what the essay's two possible subsets give beside the essay's single seed."""
    essay = next(r for r in test_first["references"] if r["recipe"] == "1989-essay")
    told = essay["test_mistakes"]["mean"]
    lines = []
    for name, document in (("test first", test_first), ("train first", train_first)):
        (row,) = document["rows"]
        few = sum(value <= told for value in row["test_mistakes"]["values"])
        lines.append(
            (
                f"`karpathy-{name.replace(' ', '-')}`, {counted(len(row['seeds']), 'seed')}",
                with_range(row["test_mistakes"]),
                f"{few} of {len(row['seeds'])}",
                with_range(row["train_mistakes"]),
                interval(row["test_loss"], ".3f"),
                interval(row["train_loss"], ".4f"),
            )
        )
    essays = (
        "the essay, 1 seed",
        str(told),
        "",
        str(essay["train_mistakes"]["mean"]),
        f"{essay['test_loss']['mean']:.3f}",
        f"{essay['train_loss']['mean']:.4f}",
    )
    head = ("subset", "test mistakes", f"seeds with {told} or fewer", "training mistakes", "test loss", "training loss")
    return markdown(head, [essays, *lines]) + made_by(test_first, train_first)


def speed(document: Document) -> str:
    """Return what `timetravel bench` measured."""
    bound = document["bound_us"]
    lines = []
    for name, key in (
        ("the arithmetic alone, at the rate of `sgemm`: the bound", "bound_us"),
        ("(a) eager PyTorch loop, oneDNN at its default", "eager_us"),
        ("(b) torch backend, 1 net", "torch_1_us"),
        ("(b) torch backend, 8 nets, a net", "torch_8_us"),
        ("(c) compiled kernel, SGD", "native_us"),
        ("(d) compiled kernel, AdamW, dropout, shifts, all prepared", "native_adamw_us"),
        ("8 seeds on all workers, measured after every epoch, a net", "study_us"),
    ):
        us = document[key]
        lines.append((name, f"{us:,.2f}", f"{us / bound:,.2f}", duration(us * EXAMPLES_SEEN / 1e6)))
    for name, key in (
        ("preparing shifts and dropout", "prepare_us"),
        ("preparing the distortions and the mixup of `today`", "distort_us"),
        ("(e) measuring, compiled kernel", "evaluate_us"),
        ("(e) measuring, PyTorch", "torch_evaluate_us"),
        ("one image alone, compiled kernel", "latency_us"),
        ("one image alone, PyTorch", "torch_latency_us"),
    ):
        lines.append((name, f"{document[key]:,.2f}", f"{document[key] / bound:,.2f}", ""))
    ratios = (
        f"`sgemm`: {document['sgemm_gflops']:.0f} GFLOP/s. Eager loop / kernel: {document['eager_over_native']:.0f}. "
        f"One eager seed / 8 seeds with the kernel on {document['workers']} cores: "
        f"{document['eager_seed_over_8_seeds']:.0f}. Measuring 9,298 digits: "
        f"{document['evaluate_share_of_an_epoch']:.2f} of an SGD epoch. {document['provenance']['processor']}."
    )
    head = ("what", "us an example and net", "x bound", "23 epochs")
    return markdown(head, lines) + f"\n{ratios}\n" + made_by(document)


FIGURES: Final = (
    ("MSE, train", "train_loss", ".5f"),
    ("MSE, test", "test_loss", ".4f"),
    ("error, train, %", "train_error", ".2f"),
    ("error, test, %", "test_error", ".2f"),
    ("mistakes, train", "train_mistakes", ".1f"),
    ("mistakes, test", "test_mistakes", ".1f"),
    ("rejected for 1 % error, %", "rejected_for_1pct", ".1f"),
)


def paper(document: Document) -> str:
    """Return both nets of the paper beside ours, and ours on the essay's substitute digits."""
    told = {row["net"]: row for row in document["references"] if row["recipe"] == "1989"}
    ours = {row["net"]: row for row in document["rows"] if row["data"] == "usps"}
    (substitute,) = [row for row in document["rows"] if row["data"] != "usps"]
    lines = []
    for name, key, shown in FIGURES:
        cells = [name]
        for net in ("lecun1989", "fully-connected"):
            published, found = told[net][key], ours[net][key]
            here = interval(found, shown)
            if published is not None:
                among = min(found["values"]) <= published["mean"] <= max(found["values"])
                here += ", *yes*" if among else ", *no*"
            cells += ["" if published is None else f"{published['mean']:g}", here]
        lines.append((*cells, interval(substitute[key], shown)))
    head = (
        "",
        "paper",
        f"here, {counted(len(ours['lecun1989']['seeds']), 'seed')}",
        "paper, fully connected",
        "here, fully connected",
        "the convolutional net on MNIST, the essay's substitute",
    )
    note = "\n*yes*, *no*: whether the paper's value lies between our lowest and highest seed.\n"
    return markdown(head, lines) + note + made_by(document)


def choice(document: Document) -> str:
    """Return the best interpretations by the folds, and what each option comes to at its best."""
    head = ("interpretation", "mistakes on five folds (each seed)", "training error, %")
    lines = [
        (
            "; ".join(row["options"].values()),
            f"{row['mistakes_on_folds']['mean']:.1f} ({', '.join(map(str, row['mistakes_on_folds']['values']))})",
            f"{row['train_error']['mean']:.2f}",
        )
        for row in document["rows"][:8]
    ]
    return markdown(head, lines) + "\n" + worth(document, "mistakes_on_folds", ".1f") + made_by(document)


def reconstruction(document: Document) -> str:
    """Return the interpretations nearest to the paper's figures. Read off the test split: descriptive."""
    (told,) = document["references"]
    names = ("train_loss", "test_loss", "train_error", "test_error", "rejected_for_1pct")
    shown = (".5f", ".4f", ".2f", ".2f", ".1f")
    head = ("interpretation", "MSE, train", "MSE, test", "error, train, %", "error, test, %", "rejected for 1 %, %")
    lines = [("**the paper**", *("" if told[n] is None else f"{told[n]['mean']:g}" for n in names))]
    for row in document["rows"][:8]:
        cells = [f"{row[name]['mean']:{digits}}" for name, digits in zip(names, shown, strict=True)]
        lines.append(("; ".join(row["options"].values()), *cells))
    return markdown(head, lines) + "\n" + worth(document, "test_error", ".2f") + made_by(document)


def worth(document: Document, key: str, shown: str) -> str:
    """Return, for every option of every gap, the figure of the best interpretation that has it."""
    lines = []
    for gap, option in dict.fromkeys((g, o) for row in document["rows"] for g, o in row["options"].items()):
        best = min(row[key]["mean"] for row in document["rows"] if row["options"].get(gap) == option)
        lines.append((gap, option, f"{best:{shown}}"))
    title = {"mistakes_on_folds": "least mistakes on the folds", "test_error": "least test error, %"}[key]
    return markdown(("gap", "option", title), lines)


LADDERS: Final = ("modernize-mnist", "modernize-usps", "modernize-karpathy-test-first")
TODAYS: Final = (
    "train-today-karpathy-test-first",
    "train-today-karpathy-train-first",
    "train-today-full-0",
    "train-today-full-1",
    "train-today-full-2",
    "modernize-usps",
)
BLOCKS: Final[dict[str, tuple[Callable[..., str], tuple[str, ...]]]] = {
    "ladder": (ladder_blocks.ladder, ("modernize-mnist",)),
    "numbers:subsets": (subsets, ("train-1989-essay-karpathy-test-first", "train-1989-essay-karpathy-train-first")),
    "numbers:essay": (ladder_blocks.essay, ("modernize-karpathy-test-first",)),
    "numbers:ladders": (ladder_blocks.ladders, LADDERS),
    "numbers:controls": (ladder_blocks.controls, LADDERS),
    "numbers:removed": (ladder_blocks.removed, LADDERS),
    "numbers:costs": (ladder_blocks.costs, ("modernize-mnist",)),
    "numbers:today": (ladder_blocks.today, TODAYS),
    "numbers:alone": (ladder_blocks.alone, ("modernize-alone",)),
    "numbers:without": (ladder_blocks.without, ("modernize-without",)),
    "numbers:decomposition": (ladder_blocks.decomposition, ("decompose-mnist",)),
    "numbers:paper": (paper, ("train-usps",)),
    "numbers:choice": (choice, ("interpretations-choice",)),
    "numbers:reconstruction": (reconstruction, ("interpretations-reconstruction",)),
    "numbers:reconstruction-fc": (reconstruction, ("interpretations-reconstruction-fc",)),
    "numbers:data-curve": (curve_blocks.data_curve, ("scale-data-mnist",)),
    "numbers:laws": (curve_blocks.laws, ("scale-data-mnist",)),
    "numbers:predicted": (curve_blocks.checks, ("scale-data-mnist",)),
    "numbers:curve-epochs": (curve_blocks.data_curve, ("scale-data-epochs",)),
    "numbers:laws-epochs": (curve_blocks.laws, ("scale-data-epochs",)),
    "numbers:predicted-epochs": (curve_blocks.checks, ("scale-data-epochs",)),
    "numbers:closing": (curve_blocks.closing, ("scale-data-mnist", "scale-data-max")),
    "numbers:essay-data": (curve_blocks.essay, ("scale-data-essay",)),
    "numbers:widths": (model_blocks.widths, ("scale-model-mnist",)),
    "numbers:depths": (model_blocks.depths, ("scale-model-mnist",)),
    "numbers:size-and-data": (model_blocks.removed, ("scale-model-mnist",)),
    "numbers:best-of-1989": (model_blocks.best, ("scale-model-mnist",)),
    "numbers:speed": (speed, ("bench",)),
}
