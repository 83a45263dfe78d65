"""The Markdown blocks of README.md and docs/, each made from published results (the JSON that commands print)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from timetravel.paper import PRESENTATIONS
from timetravel.words import counted, duration

Document = Mapping[str, Any]


def ladder(document: Document) -> str:
    """Return the README's picture of the ladder, as plain text of at most 100 columns."""
    first = document["rows"][0]
    head = ("recipe", "passes", "test error, %", "mistakes", "change", "verdict", "against 1st")
    table = [head]
    for label, row in zip(rungs(document), document["rows"], strict=True):
        table.append(
            (
                label,
                str(row["passes"]),
                interval(row["test_error"], ".2f"),
                interval(row["test_mistakes"], ".1f", ".0f"),
                interval(row["change_step"], "+.1f", "+.0f"),
                row["verdict_step"] or "",
                "" if row["change_1989"] is None else f"{row['change_1989']['mean']:+.1f}",
            )
        )
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join(f"{cell:{'>' if i else '<'}{widths[i]}}" for i, cell in enumerate(row)) for row in table]
    lines.insert(1, "-" * len(lines[0]))
    note = (
        f"{first['data']}: {first['train_size']:,} training digits, {first['test_size']:,} test digits, "
        f"{counted(len(first['seeds']), 'seed')} a row: mean [95 % interval over seeds].\n"
        "Change: in mistakes against the row above, paired by seed. Verdict: for new digits, after Holm."
    )
    return "\n".join(["```text", f"$ {typed(document)}", "", *map(str.rstrip, lines), "", note, "```"])


def draws(test_first: Document, train_first: Document) -> str:
    """Return what the essay's two possible draws give beside the essay's single seed."""
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
    head = ("draw", "test mistakes", f"seeds with {told} or fewer", "training mistakes", "test loss", "training loss")
    return markdown(head, [essays, *lines]) + made_by(test_first, train_first)


def essay(document: Document) -> str:
    """Return the essay's ladder beside ours on the essay's digits."""
    told = {reference["recipe"]: reference for reference in document["references"]}
    lines, before = [], None
    for label, row in zip(rungs(document), document["rows"], strict=True):
        reference = told[row["recipe"]]
        now = reference["test_mistakes"]["mean"]
        lines.append(
            (
                label,
                str(row["passes"]),
                str(now),
                with_range(row["test_mistakes"]),
                "" if before is None else f"{now - before:+}",
                interval(row["change_step"], "+.1f", "+.0f"),
                str(reference["train_mistakes"]["mean"]),
                with_range(row["train_mistakes"]),
            )
        )
        before = now
    seeds = counted(len(document["rows"][0]["seeds"]), "seed")
    head = (
        "recipe",
        "passes",
        "essay: test mistakes",
        f"we find, {seeds}",
        "essay: step",
        "we find: step",
        "essay: training mistakes",
        "we find",
    )
    return markdown(head, lines) + made_by(document)


def ladders(mnist: Document, essays: Document, usps: Document) -> str:
    """Return the ladder on three sets of digits side by side."""
    documents = (mnist, essays, usps)
    lines = []
    for rung, label in enumerate(rungs(mnist)):
        lines.append((label, *(interval(d["rows"][rung]["test_mistakes"], ".1f", ".0f") for d in documents)))
    whole = [d["rows"][-1]["test_mistakes"]["mean"] / d["rows"][0]["test_mistakes"]["mean"] - 1 for d in documents]
    lines.append(("**all of it**", *(f"**{100 * share:+.0f} %**" for share in whole)))
    head = ("recipe", "`mnist`", "`mnist`, `karpathy-test-first`", "`usps`")
    return markdown(head, lines) + made_by(*documents)


def data_curve(document: Document) -> str:
    """Return the mistakes of each era at each number of training digits."""
    rows = document["rows"]
    eras = list(dict.fromkeys(row["recipe"] for row in rows))
    lines = []
    for size in sorted({row["train_size"] for row in rows}):
        cells = [f"{size:,}"]
        for name in eras:
            (row,) = [row for row in rows if (row["recipe"], row["train_size"]) == (name, size)]
            cells += [str(row["passes"]), interval(row["test_mistakes"], ".1f", ".0f")]
        lines.append(tuple(cells))
    head = ["training digits"]
    for name in eras:
        head += [f"`{name}`: passes", "test mistakes"]
    return markdown(head, lines) + made_by(document)


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
        ("8 seeds on all workers, measured after every pass, a net", "study_us"),
    ):
        us = document[key]
        lines.append((name, f"{us:,.2f}", f"{us / bound:,.2f}", duration(us * PRESENTATIONS / 1e6)))
    for name, key in (
        ("preparing shifts and dropout", "prepare_us"),
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
        f"{document['evaluate_share_of_a_pass']:.2f} of an SGD pass. {document['provenance']['processor']}."
    )
    head = ("what", "us a presentation and net", "x bound", "23 passes")
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
    """Return the best readings by the folds, and what each option comes to at its best."""
    head = ("reading", "mistakes on five folds (each seed)", "training error, %")
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
    """Return the readings nearest to the paper's figures. Read off the test split: descriptive."""
    (told,) = document["references"]
    names = ("train_loss", "test_loss", "train_error", "test_error", "rejected_for_1pct")
    shown = (".5f", ".4f", ".2f", ".2f", ".1f")
    head = ("reading", "MSE, train", "MSE, test", "error, train, %", "error, test, %", "rejected for 1 %, %")
    lines = [("**the paper**", *("" if told[n] is None else f"{told[n]['mean']:g}" for n in names))]
    for row in document["rows"][:8]:
        cells = [f"{row[name]['mean']:{digits}}" for name, digits in zip(names, shown, strict=True)]
        lines.append(("; ".join(row["options"].values()), *cells))
    return markdown(head, lines) + "\n" + worth(document, "test_error", ".2f") + made_by(document)


def worth(document: Document, key: str, shown: str) -> str:
    """Return, for every option of every gap, the figure of the best reading that has it."""
    lines = []
    for gap, option in dict.fromkeys((g, o) for row in document["rows"] for g, o in row["options"].items()):
        best = min(row[key]["mean"] for row in document["rows"] if row["options"].get(gap) == option)
        lines.append((gap, option, f"{best:{shown}}"))
    title = {"mistakes_on_folds": "least mistakes on the folds", "test_error": "least test error, %"}[key]
    return markdown(("gap", "option", title), lines)


BLOCKS: Final[dict[str, tuple[Callable[..., str], tuple[str, ...]]]] = {
    "ladder": (ladder, ("modernize-mnist",)),
    "numbers:draws": (draws, ("train-1989-essay-karpathy-test-first", "train-1989-essay-karpathy-train-first")),
    "numbers:essay": (essay, ("modernize-karpathy-test-first",)),
    "numbers:ladders": (ladders, ("modernize-mnist", "modernize-karpathy-test-first", "modernize-usps")),
    "numbers:paper": (paper, ("train-usps",)),
    "numbers:choice": (choice, ("readings-choice",)),
    "numbers:reconstruction": (reconstruction, ("readings-reconstruction",)),
    "numbers:reconstruction-fc": (reconstruction, ("readings-reconstruction-fc",)),
    "numbers:data-curve": (data_curve, ("scale-data-mnist",)),
    "numbers:speed": (speed, ("bench",)),
}


def rungs(document: Document) -> list[str]:
    """Return how a ladder's rows are called."""
    return [row["label"] for row in document["rows"]]


def interval(estimate: Mapping[str, Any] | None, shown: str, within: str | None = None) -> str:
    """Write an estimate as '91.8 [85, 99]'; nothing where there is none."""
    if estimate is None:
        return ""
    mean, low, high = (estimate[part] for part in ("mean", "low", "high"))
    shown, within = (text.replace(".", "z.") for text in (shown, within or shown))  # z: no negative zero
    return f"{mean:{shown}}" if low is None else f"{mean:{shown}} [{low:{within}}, {high:{within}}]"


def with_range(estimate: Mapping[str, Any]) -> str:
    """Write an estimate of mistakes with its lowest and highest seed."""
    return f"{interval(estimate, '.1f', '.0f')}, {min(estimate['values'])} to {max(estimate['values'])}"


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ["---"] * len(head), *rows))


def typed(document: Document) -> str:
    """Return the command that made a document, without the option that made it one."""
    return str(document["provenance"]["command_line"]).removesuffix(" --json")


def made_by(*documents: Document) -> str:
    """Say which commands made a table."""
    return f"\nMade by {', '.join(f'`{typed(document)}`' for document in documents)}."
