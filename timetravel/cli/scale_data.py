"""`timetravel scale-data`: error against the number of training digits."""

from typing import Annotated, Any, Literal

import typer

from timetravel.cli import options as o
from timetravel.cli.run import note, perform, set_up
from timetravel.errors import UsageError

EXAMPLES = (
    "timetravel scale-data\n\n"
    "timetravel scale-data --sizes 7291,50000 --eras 2022,today --seeds 6\n\n"
    "timetravel scale-data --predict 1000000 --error 0.5 --label-cost 0.05\n\n"
    "timetravel scale-data --subset karpathy-test-first --sizes 7291,50000 --budget essay --seeds 6"
)
QUESTIONS = "Questions"
MOST_SUBSETS = 20
parse_errors = o.comma_list(
    "--error", "an error in percent", "numbers above 0 and below 100, with commas: --error 1,0.5", o.error_in_percent
)


@o.with_options(seeds=o.SEEDS["scale-data"])
def scale_data(
    sizes: Annotated[
        Any,
        typer.Option(
            help="Training digits, with commas; max: the default and all there are.  "
            "\\[default: seven steps from 1,000 to 50,000, if there are so many]",
            show_default=False,
            metavar="TEXT",
            parser=o.parse_sizes("--sizes", "max"),
        ),
    ] = None,
    eras: Annotated[str, typer.Option(help="Whose recipes, with commas.")] = "1989-essay,2022,today",
    budget: Annotated[
        Literal["examples", "epochs", "essay"],
        typer.Option(
            help="How long to train on more than 7,291 digits: as many examples as on 7,291, the recipe's own "
            "epochs, or the essay's 100 epochs.",
        ),
    ] = "examples",
    predict: Annotated[
        Any,
        typer.Option(
            help="Tell the error at these numbers of digits, with commas.",
            show_default=False,
            rich_help_panel=QUESTIONS,
            metavar="TEXT",
            parser=o.parse_sizes("--predict"),
        ),
    ] = None,
    error: Annotated[
        Any,
        typer.Option(
            help="Tell how many labelled digits these errors take, in %, with commas.",
            show_default=False,
            rich_help_panel=QUESTIONS,
            metavar="TEXT",
            parser=parse_errors,
        ),
    ] = None,
    label_cost: Annotated[
        float | None,
        typer.Option(
            metavar="DOLLARS",
            help="What one label costs, to put a price on --error's digits.",
            show_default=False,
            rich_help_panel=QUESTIONS,
        ),
    ] = None,
    subsets: Annotated[
        int,
        typer.Option(
            min=1,
            max=MOST_SUBSETS,
            help="How many subsets of training digits, from --subset on.",
            rich_help_panel=o.DIGITS,
        ),
    ] = 1,
    *,
    options: o.Options,
) -> None:
    """Cheat with data: how the error of each era falls as the training digits grow in number, and by which law.

    The law is chosen by how well it predicts the largest sizes from the smaller ones.
    """
    from timetravel.eras import parse_eras

    chosen = parse_eras(eras)
    if label_cost is not None and not (error and 0 < label_cost < float("inf")):
        raise UsageError(f"--label-cost {label_cost:g} prices no digits.", "Give --error 0.5 --label-cost 0.05.")
    wanted = [] if sizes in (None, ("max",)) else list(sizes)
    setup = set_up(options, wanted, several(options.subset, subsets), by_class=True)

    from timetravel.stats.curves import Questions
    from timetravel.studies.scale_data import ScaleData, sizes_up_to

    count = setup.source.train_count
    wanted = wanted or sizes_up_to(count) + ([count] if sizes else [])
    study = ScaleData(setup, chosen, wanted, budget, Questions(predict or (), error or (), label_cost))
    note(options, *study.remarks)
    perform(study, options)


def several(subset: str, count: int) -> list[str]:
    """Return `count` subsets from one on; raises UsageError where that one has no successor."""
    if count == 1:
        return [subset]
    if not o.NUMBER.fullmatch(subset):
        raise UsageError(f"--subsets {count}: {subset} is a single subset.", "Leave --subset out, or --subsets.")
    return [str(int(subset) + i) for i in range(count)]
