"""The essay's seven claims about 2055, each with its evidence, a number with an interval, and a verdict by rule."""

from collections.abc import Sequence

from timetravel.projection.far_claims import ESSAY, one_minute, ten_million
from timetravel.projection.futures import Futures
from timetravel.projection.measured import Share
from timetravel.projection.measured_claims import infrastructure, more_data, tweaks
from timetravel.projection.milestones import Milestone
from timetravel.projection.packaged import limits
from timetravel.projection.two_points import LAST_YEAR
from timetravel.projection.verdicts import HOLDS_SO_FAR, NOT_MEASURED, VERDICTS, Claim


def claims(futures: Futures, figures: Sequence[Milestone], shares: Sequence[Share]) -> list[Claim]:
    """Judge all seven. `figures`: the milestones that the futures' records were made of."""
    return [
        only_bigger(futures.to),
        ten_million(futures, figures),
        one_minute(futures, figures),
        tweaks(shares),
        more_data(shares),
        infrastructure(shares),
        no_more_training(),
    ]


def finding(judged: Sequence[Claim], to: int) -> str:
    """Say what the verdicts come to."""
    letters = {word: ", ".join(claim.id for claim in judged if claim.verdict == word) for word in VERDICTS}
    parts = [f"{of_it}: {word}" for word, of_it in letters.items() if of_it]
    return f"Of the essay's claims about {to}, {'; '.join(parts)}."


def only_bigger(to: int) -> Claim:
    """A: nets are the same on the macro level, only bigger."""
    return Claim(
        id="A",
        short="same nets, only bigger",
        claim=f"the nets of {to} are those of {LAST_YEAR}, only bigger",
        verdict=HOLDS_SO_FAR,
        kind="opinion",
        about="no number measures it",
        changes_short="a leading net not trained by gradients",
        changes="A leading net that is not made of differentiable layers, or is not trained by gradients through "
        "them. Attention, sparse experts, new optimizers and reinforcement learning are judged to be changes within.",
        evidence=(
            "Here the same program trains the net of 1989 and its recipes of 2022 and today: layers, a loss, "
            "back-propagation, steps.",
            "The largest nets of the milestones up to 2026 are still layers trained by gradients (a judgement).",
        ),
        sources=(ESSAY, "milestones.csv of the package"),
    )


def no_more_training() -> Claim:
    """G: training from scratch fades."""
    part = limits()["built on another"]
    return Claim(
        id="G",
        short="training from scratch fades",
        claim="training from scratch fades: finetuning, distilling, asking",
        verdict=NOT_MEASURED,
        kind="nothing yet",
        about="a later version's `timetravel foundation` measures it on digits",
        shown="-",
        changes_short="a later `timetravel foundation`",
        changes="A measurement in miniature, which a later version's `timetravel foundation` will make: pretrain, "
        "finetune, distil. Published counts lean half its way: the field is filled in unevenly.",
        evidence=(
            f"Published: {100 * part['value']:.0f} % [{100 * part['low']:.0f}, {100 * part['high']:.0f}] of "
            "notable models of 2022 to 2025 name a model they build on, 0 to 14 % before; new bases are still trained.",
        ),
        sources=(ESSAY, part["source"]),
    )
