"""Order-averaged shares on made-up answers of nets, against oracles that know nothing of the program."""

from collections.abc import Callable
from itertools import combinations, permutations
from math import factorial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from timetravel.digits import Digits, open_source
from timetravel.engine.runs import Figures, Run
from timetravel.eras import ERAS
from timetravel.errors import UsageError
from timetravel.ladders import ESSAY_LADDER, TODAY_LADDER, parse_tweaks
from timetravel.studies.setup import Setup
from timetravel.studies.shares import Shares, coalitions, orders_of, players_of

Wrong = Callable[[frozenset[str], int], np.ndarray]  # which test digits the net of a set of tweaks and a seed misreads
DIGITS, SEEDS = 200, 7
NEED_EACH_OTHER = "softmax,label-smoothing,mini-batches,sam,shift"


@pytest.fixture
def setup(tmp_path: Path, few_mnist: tuple[Digits, Digits]) -> Callable[[int], Setup]:
    """Digits of one's own with so many seeds."""
    digits, test = few_mnist
    path = tmp_path / "own.npz"
    np.savez(path, train_images=digits.images[:60], train_labels=digits.labels[:60], test_images=test.images,
             test_labels=test.labels)  # fmt: skip
    return lambda seeds: Setup(open_source(str(path)), [], "full", range(seeds))


def runs(study: Shares, wrong: Wrong) -> list[Run]:
    """Return the nets of a study's jobs, that misread what they shall; None stands for one answer to everything."""
    made = []
    sets = [each for orders in study.orders for each in coalitions(orders)]
    for job, places in zip([job.framed() for job in study.jobs()], sets, strict=True):
        mistaken = wrong(frozenset(name for place in places for name in study.players[place]), job.seed)
        answers = np.zeros(DIGITS, dtype=int) if mistaken is None else (job.test.labels + mistaken) % 10
        count = int((answers != job.test.labels).sum())
        run = Run(
            recipe=job.recipe, seed=job.seed, digits=job.digits.fingerprint, test_digits=job.test.fingerprint,
            labels=job.test.labels, train=Figures(0.1, 1, 60), test=Figures(0.1, count, DIGITS),
            outputs=np.eye(10, dtype=np.float32)[answers], weights={}, examples_seen=1, seconds=1.0, beside=1,
            backend="native-1", diverged=None, curve=(),
        )  # fmt: skip
        made.append(run)
    return made


def table(names: frozenset[str], seed: int) -> np.ndarray:
    """Misread fewer digits with more tweaks, each worth another share, some only together."""
    share = 0.5 * 0.8 ** len(names) * (0.5 if {"adamw", "dropout"} <= names else 1.0) * (1.3 if "shift" in names else 1)
    rng = np.random.default_rng([seed, *sorted(map(len, names))])
    return rng.random(DIGITS) < share


def by_sets(wrong: Wrong, names: tuple[str, ...], seed: int) -> dict[str, float]:
    """Return Shapley values of mistakes by their formula over sets."""
    worth = {
        frozenset(some): int(wrong(frozenset(some), seed).sum())
        for count in range(len(names) + 1)
        for some in combinations(names, count)
    }
    value = dict.fromkeys(names, 0.0)
    for name in names:
        for some, mistakes in worth.items():
            if name not in some:
                chance = factorial(len(some)) * factorial(len(names) - 1 - len(some)) / factorial(len(names))
                value[name] += chance * (worth[some | {name}] - mistakes)
    return value


def by_label(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["label"]: row for row in document["shares"]}


def test_few_tweaks_have_their_exact_shares_which_sum_to_the_whole(setup: Callable[[int], Setup]) -> None:
    study = Shares(setup(SEEDS), parse_tweaks("essay"))
    assert not study.sampled
    assert len(study.jobs()) == 16 * SEEDS
    found = by_label(study.result(runs(study, table)))
    whole = found.pop("all of it")
    assert set(found) == set(ESSAY_LADDER)
    expected = [by_sets(table, ESSAY_LADDER, seed) for seed in range(SEEDS)]
    for name, row in found.items():
        np.testing.assert_allclose(row["change_share"]["values"], [of_seed[name] for of_seed in expected])
        assert row["change_share"]["low"] < row["change_share"]["mean"] < row["change_share"]["high"]
        share = row["reduction_share"]
        assert share["mean"] == pytest.approx(100 * row["change_share"]["mean"] / whole["change_share"]["mean"])
        assert share["low"] < share["mean"] < share["high"]
    ends = [table(frozenset(names), seed).sum() for seed in range(SEEDS) for names in ((), ESSAY_LADDER)]
    assert whole["change_share"]["values"] == [b - a for a, b in zip(ends[::2], ends[1::2], strict=True)]
    for key, total in (("change_share", whole["change_share"]["mean"]), ("reduction_share", 100)):
        assert sum(row[key]["mean"] for row in found.values()) == pytest.approx(total)


def test_a_tweak_that_harms_has_a_negative_share(setup: Callable[[int], Setup]) -> None:
    def wrong(names: frozenset[str], seed: int) -> np.ndarray:
        rng = np.random.default_rng([seed, len(names)])
        return rng.random(DIGITS) < 0.4 - 0.3 * ("adamw" in names) + 0.1 * ("shift" in names)

    study = Shares(setup(SEEDS), parse_tweaks("adamw,shift"))
    document = study.result(runs(study, wrong))
    found = by_label(document)
    assert found["shift"]["reduction_share"]["high"] < 0
    assert [found[name]["verdict_share"] for name in ("adamw", "shift")] == ["better", "worse"]
    assert ". The largest shares of that: " in document["finding"]


def test_what_is_no_reduction_has_no_shares(setup: Callable[[int], Setup]) -> None:
    study = Shares(setup(SEEDS), parse_tweaks("adamw,shift"))
    document = study.result(
        runs(study, lambda names, seed: np.random.default_rng([seed, len(names)]).random(DIGITS) < 0.3)
    )
    assert {row["reduction_share"]["mean"] for row in document["shares"]} == {None}
    assert "there are no shares" in document["finding"]


def test_orders_in_which_a_net_collapsed_are_left_out_and_told(setup: Callable[[int], Setup]) -> None:
    def wrong(names: frozenset[str], seed: int) -> Any:
        return None if "dropout" in names and "adamw" not in names else table(names, seed)

    study = Shares(setup(SEEDS), parse_tweaks("essay"))
    document = study.result(runs(study, wrong))
    found = by_label(document)
    orders = [order for order in permutations(ESSAY_LADDER) if order.index("adamw") < order.index("dropout")]
    for name in ESSAY_LADDER:
        changes = [
            table(frozenset(order[: order.index(name) + 1]), seed).sum() * 1.0
            - table(frozenset(order[: order.index(name)]), seed).sum()
            for order in orders
            for seed in range(SEEDS)
        ]
        assert found[name]["change_share"]["mean"] == pytest.approx(np.mean(changes))
    told = f" Nets failed on {12 * SEEDS} of {24 * SEEDS} orders, which are left out."
    assert document["finding"].endswith(told)


def test_where_too_few_orders_are_left_it_says_so_in_place_of_numbers(setup: Callable[[int], Setup]) -> None:
    study = Shares(setup(20), parse_tweaks("softmax,adamw,shift,dropout,mini-batches"))
    assert study.sampled

    def bad(names: frozenset[str], seed: int) -> Any:
        return None if len(names) == 2 and seed > 2 else table(names, seed)

    document = study.result(runs(study, bad))
    assert document["finding"].startswith("No shares are told: it takes 6 runs")
    assert document["finding"].endswith("; 3 have. Nets failed on 17 of 20 orders, which are left out.")
    assert {row["change_share"] for row in document["shares"]} == {None}


def test_orders_are_drawn_from_the_seed_and_put_needs_first(setup: Callable[[int], Setup]) -> None:
    players = players_of(parse_tweaks(NEED_EACH_OTHER).names)
    drawn = {}
    for seed in range(40):
        (order,) = drawn[seed] = orders_of(players, seed)
        names = [players[place][0] for place in order]
        assert sorted(names) == sorted(NEED_EACH_OTHER.split(","))
        assert names.index("softmax") < names.index("label-smoothing")
        assert names.index("mini-batches") < names.index("sam")
    assert drawn == {seed: orders_of(players, seed) for seed in range(40)}
    assert len({tuple(orders) for orders in drawn.values()}) > 20  # of the 30 that there are
    study = Shares(setup(3), parse_tweaks(NEED_EACH_OTHER))
    assert study.orders == [drawn[seed] for seed in range(3)]


def test_all_orders_that_fit_are_equally_likely() -> None:
    players = players_of(("softmax", "label-smoothing", "shift"))
    fitting = [order for order in permutations(range(3)) if order.index(0) < order.index(1)]
    assert orders_of(players, None) == fitting
    drawn = [orders_of(players, seed)[0] for seed in range(600)]
    assert all(160 < drawn.count(order) < 240 for order in fitting)


def test_a_tweak_and_what_only_undoes_it_are_one_and_longer_training_is_left_out(setup: Callable[[int], Setup]) -> None:
    study = Shares(setup(1), parse_tweaks("all"))
    assert ("dropout", "no-dropout") in study.players
    others = [name for name in TODAY_LADDER if name not in ("dropout", "no-dropout", "longer", "deslant")]
    assert [player[0] for player in study.players if len(player) == 1] == others
    for words in (
        "longer is left out: it only",
        "deslant is left out: it changes nothing",
        "dropout and no-dropout count",
    ):
        assert any(remark.startswith(words) for remark in study.remarks), words
    assert players_of(["softmax", "label-smoothing"]) == [
        ("softmax",),
        ("label-smoothing",),
    ]  # needs, but undoes nothing
    for alone in ("dropout,no-dropout", "softmax,longer", "longer"):
        with pytest.raises(UsageError, match="nothing to share out"):
            Shares(setup(1), parse_tweaks(alone))


def test_all_sets_are_trained_equally_long_run_by_run_from_the_start_to_all(setup: Callable[[int], Setup]) -> None:
    study = Shares(setup(2), parse_tweaks("all"))
    jobs = study.jobs()
    assert {job.recipe.epochs for job in jobs} == {80}
    assert [job.seed for job in jobs] == sorted(job.seed for job in jobs)
    each = len(study.players) + 1
    assert jobs[0].recipe == jobs[each].recipe == ERAS["1989-essay"].recipe.but(epochs=80)
    full = ERAS["today"].recipe.but(epochs=80, window=1.0, deslant=0.0)  # stored as 16x16
    assert jobs[each - 1].recipe == jobs[-1].recipe == full


def test_what_is_finished_is_told_as_if_it_were_all(setup: Callable[[int], Setup]) -> None:
    for tweaks in ("softmax,shift", "softmax,adamw,shift,dropout,mini-batches"):
        study = Shares(setup(8), parse_tweaks(tweaks))
        made = runs(study, table)
        each = len(made) // 8
        kept = {run.identity: run for run in made[: 7 * each] if run is not made[2 * each + 1]}
        assert study.shortened({}) is None
        assert study.interim({}) is None
        shorter = study.shortened(kept)
        assert shorter is not None
        fewer, its_runs = shorter
        assert [run.seed for run in its_runs] == [seed for seed in (0, 1, 3, 4, 5, 6) for _ in range(each)]
        document = fewer.result(its_runs)
        same = Shares(Setup(study.setup.source, [], "full", (0, 1, 3, 4, 5, 6)), parse_tweaks(tweaks))
        assert document["shares"] == same.result(runs(same, table))["shares"]
        assert study.interim(kept) == {"command": "modernize", **document}
