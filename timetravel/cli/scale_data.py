"""`timetravel scale-data`: error against the number of training digits."""

from typing import Annotated, Literal

import typer

from timetravel.cli import options as o
from timetravel.cli.consoles import errors
from timetravel.cli.study import Options, carry_out, set_up
from timetravel.errors import UsageError

EXAMPLES = (
    "[dim]timetravel scale-data[/dim]\n\n"
    "[dim]timetravel scale-data --sizes 7291,50000 --eras 2022,today --seeds 6[/dim]\n\n"
    "[dim]timetravel scale-data --predict 1000000 --error 0.5 --label-cost 0.05[/dim]\n\n"
    "[dim]timetravel scale-data --subset karpathy-test-first --sizes 7291,50000 --budget essay --seeds 6[/dim]"
)
QUESTIONS = "Questions"


def scale_data(
    sizes: Annotated[
        str | None,
        typer.Option(
            "--sizes",
            help="Training digits, with commas; max: the default and all there are.  "
            "\\[default: seven steps from 1,000 to 50,000, if there are so many]",
            show_default=False,
        ),
    ] = None,
    eras: Annotated[str, typer.Option("--eras", help="Whose recipes, with commas.")] = "1989-essay,2022,today",
    budget: Annotated[
        Literal["examples", "epochs", "essay"],
        typer.Option(
            "--budget",
            help="How long to train on more than 7,291 digits: as many examples as on 7,291, the recipe's own "
            "epochs, or the essay's 100 epochs.",
        ),
    ] = "examples",
    predict: Annotated[
        str | None,
        typer.Option(
            "--predict",
            help="Tell the error at these numbers of digits, with commas.",
            show_default=False,
            rich_help_panel=QUESTIONS,
        ),
    ] = None,
    error: Annotated[
        str | None,
        typer.Option(
            "--error",
            help="Tell how many labelled digits these errors take, in %, with commas.",
            show_default=False,
            rich_help_panel=QUESTIONS,
        ),
    ] = None,
    label_cost: Annotated[
        float | None,
        typer.Option(
            "--label-cost",
            metavar="DOLLARS",
            help="What one label costs, to put a price on --error's digits.",
            show_default=False,
            rich_help_panel=QUESTIONS,
        ),
    ] = None,
    data: o.Data = "mnist",
    data_root: o.DataRoot = None,
    subset: o.Subset = "0",
    subsets: Annotated[
        int,
        typer.Option(
            "--subsets", help="How many subsets of training digits, from --subset on.", rich_help_panel=o.DIGITS
        ),
    ] = 1,
    test: o.Test = "2007",
    seeds: o.Seeds = "3",
    backend: o.Backend = "auto",
    device: o.Device = "cpu",
    workers: o.Workers = None,
    fresh: o.Fresh = False,
    dry_run: o.DryRun = False,
    out: o.Out = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Cheat with data: how the error of each era falls as the training digits grow in number, and by which law.

    The law is chosen by how well it predicts the largest sizes from the smaller ones.
    """
    from timetravel.eras import parse_eras

    chosen = parse_eras(eras)
    wanted = None if sizes is None or sizes == "max" else o.parse_sizes(sizes)
    if label_cost is not None and not (error and 0 < label_cost < float("inf")):
        raise UsageError(f"--label-cost {label_cost:g} prices no digits.", "Give --error 0.5 --label-cost 0.05.")
    asked = tuple(o.parse_sizes(predict, "--predict", "1000000")) if predict else ()
    needed = tuple(o.parse_errors(error)) if error else ()
    options = Options(
        data, data_root, subset, test, seeds, backend, device, workers, fresh, dry_run, out, as_json, quiet
    )
    setup = set_up(options, wanted or [], subsets=subsets, by_class=True)

    from timetravel.show import curves
    from timetravel.studies.scale_data import Questions, ScaleData, sizes_up_to

    count = setup.source.train_count
    wanted = wanted or sizes_up_to(count) + ([count] if sizes == "max" else [])
    questions = Questions(asked, needed, label_cost)
    study = ScaleData(setup, chosen, wanted, budget, questions)
    if not quiet and (note := study.note()):
        errors().print(note, style="dim", markup=False)
    carry_out(study, setup, options, curves.scale_data)
