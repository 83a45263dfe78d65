"""The rows of scale-model, and what is said of them."""

from types import SimpleNamespace
from typing import Any, cast

from timetravel.engine.runs import Run
from timetravel.eras import ERAS
from timetravel.studies.scale_model import ScaleModel, causes, finding, gradients, remarks
from timetravel.studies.setup import Entry, Setup

SHAPE = {"width": 1.0, "depth": 0, "residual": False, "normalization": "none"}


def entries(*asked: tuple[float, ...], available: int = 60_000, era: str = "2022") -> list[Entry]:
    setup = cast(Setup, SimpleNamespace(source=SimpleNamespace(train_count=available)))
    widths, depths, sizes = cast(Any, asked or ((0.5, 1, 2, 4), (0, 4, 16), ()))
    return ScaleModel(setup, ERAS[era], widths, depths, sizes, 23).entries()


def test_the_rows_are_widths_at_two_sizes_and_depths_in_three_ways() -> None:
    made = entries()
    assert [(e.recipe.width, e.size) for e in made[:8]] == [(w, n) for n in (7291, 50_000) for w in (0.5, 1, 2, 4)]
    ways = ("plain", "residual", "residual-normalized")
    assert [e.name for e in made[8:]] == [f"depth-{depth}-{way}" for depth in (4, 16) for way in ways]
    assert {(e.recipe.width, e.size) for e in made[8:]} == {(1, 7291)}
    assert len({(e.recipe, e.size) for e in made}) == len(made)
    shown = {e.recipe.epochs * e.size for e in made if e.size is not None}
    assert max(shown) / min(shown) < 1.15
    (few,) = {e.recipe.but(**SHAPE) for e in made if e.size == 7291}  # they differ in their shape alone
    assert (few.batch_size, few.optimizer, few.schedule, few.epochs) == (32, "adamw", "cosine", 23)


def test_width_1_is_always_there_and_depth_0_is_no_row_of_its_own() -> None:
    assert [e.name for e in entries((4.0, 4.0), (0,), (500,))] == ["width-1", "width-4"]


def test_every_era_is_batched() -> None:
    for name in ERAS:
        recipe = entries(era=name)[0].recipe
        assert (recipe.batch_size, recipe.epochs, recipe.dropout) == (32, 23, 0.0), name


def test_a_source_with_few_digits_has_one_size() -> None:
    for available, sizes in ((20_000, [7291, 20_000]), (7291, [7291]), (36, [36])):
        assert sorted({e.size for e in entries(available=available)}) == sizes


def test_gradients_are_medians_over_seeds_at_the_start_and_over_epochs() -> None:
    def told(*norms: tuple[tuple[float, float], ...]) -> list[float | None]:
        return list(gradients([cast(Run, SimpleNamespace(gradient_norms=of_run)) for of_run in norms]).values())

    # Of the first layer, of the last one, and their ratio: at the start, then in training.
    assert told(((1, 2), (3, 4), (5, 4)), ((3, 2), (9, 4), (9, 4))) == [2, 2, 1, 6, 4, 1.5]
    assert told(()) == [None] * 6
    assert told(((float("inf"), 0.0),)) == [None, 0, None] * 2
    assert told(((0.0, 1.0), (0.0, 0.0), (0.0, 0.0))) == [0, 1, 0, 0, 0, None]


def row(width: float, size: int, mistakes: int, depth: int = 0, **more: Any) -> dict[str, Any]:
    removed = 100 * (1 - mistakes / 40)
    of_base = {"mean": removed, "low": removed - 9, "high": removed + 9} if mistakes != 40 else None
    return {
        "label": f"depth {depth}, plain" if depth else f"width {width:g}", "width": width, "depth": depth,
        "train_size": size, "test_size": 400, "epochs": 23, "parameters": round(9760 * width**2),
        "seeds": list(range(6)),
        "test_mistakes": {"mean": mistakes}, "test_error": {"mean": mistakes / 4}, "diverged": [], "collapsed": [],
        "reduction_base": of_base, **more,
    }  # fmt: skip


ROWS = [row(1, 100, 40), row(4, 100, 20), row(1, 500, 30), row(4, 500, 10)]


def said(*rows: dict[str, Any]) -> str:
    return " ".join([finding(rows[0], "2022", causes(rows, rows[0])), *remarks(rows, {"best": None})])


def test_the_causes_are_shares_of_the_mistakes_of_width_1_on_the_fewest_digits() -> None:
    found = causes(ROWS, ROWS[0])
    told = [(part["cause"], part["train_size"], part["parameters"], part["mean"]) for part in found]
    assert told == [("size", 100, 156160, 50), ("data", 500, 9760, 25), ("both", 500, 156160, 75)]
    assert [part["cause"] for part in causes(ROWS[:2], ROWS[0])] == ["size"]
    assert [part["cause"] for part in causes(ROWS[::2], ROWS[0])] == ["data"]
    assert causes(ROWS[:1], ROWS[0]) == []
    words = said(*ROWS)
    for part in ("size (16 times the parameters) removes 50 % [41, 59]", "data (5 times the digits) removes 25 % ["):
        assert part in words


def test_failures_and_the_deepest_nets_are_told_and_of_one_row_its_mistakes_alone() -> None:
    deep = row(1, 100, 360, 8, collapsed=[0, 1])
    words = said(ROWS[0], row(1, 100, 38, 2, diverged=[3]), deep)
    assert " Depth 2, plain diverged with 1 seed; depth 8, plain collapsed with 2 seeds. " in words
    assert " With 8 further layers the error is 90 % plain." in words
    assert said(ROWS[0]) == (
        "The net of 1989, trained as 2022 on 100 digits for 23 epochs, makes 40 mistakes on 400 test digits; "
        "neither size nor data were to remove any."
    )
