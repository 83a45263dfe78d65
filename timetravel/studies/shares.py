"""What each tweak is worth whatever its place: its share of the mistakes removed, as a mean over orders of the tweaks.

These are Shapley values (Shapley 1953, A Value for n-Person Games). For few tweaks every set of them is trained; for
more, the sets along orders that are drawn at random (Castro, Gomez and Tejada 2009,
https://doi.org/10.1016/j.cor.2008.04.004). Orders in which a net fails are left out: one such net misreads more digits
than all tweaks together repair.
"""

import math
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from itertools import permutations
from typing import Any, Final, Self

import numpy as np

from timetravel.engine.runs import Job, Run
from timetravel.eras import ERAS
from timetravel.errors import UsageError
from timetravel.ladders import Chosen, check_digits, climb
from timetravel.numbers import counted, interval, listed
from timetravel.seeds import generator
from timetravel.stats.crossed import ratio
from timetravel.stats.estimates import FEWEST_RUNS
from timetravel.studies import evidence
from timetravel.studies.base import Document, Study
from timetravel.studies.budgets import longer
from timetravel.studies.ladders import START, only_lengthens
from timetravel.studies.rows import Row
from timetravel.studies.setup import Entry, Setup
from timetravel.tweaks import TWEAKS, Tweak

MOST_EXACT: Final = 4  # players of which every set is trained
ORDERS: Final = 60  # where there are more, unless seeds are named
MINUTES: Final = 20.0
Player = tuple[str, ...]  # a tweak, or one with what undoes it
Order = tuple[int, ...]  # of players, by their places
Coalition = frozenset[int]
Nets = Sequence[Mapping[Coalition, Run]]  # of each run
TOO_MANY: Final = f"it takes {FEWEST_RUNS} runs that have an order without nets that diverged or collapsed"


class Shares(Study):
    """The study: sets of tweaks on 1989-essay, all trained equally long, those of a run with its digits and seed."""

    command = "modernize"
    setup: Setup

    def __init__(self, setup: Setup, chosen: Chosen) -> None:
        """Raise UsageError for a single player, and for tweaks that need more training digits than there are."""
        check_digits(chosen.tweaks, len(setup.digits()))
        left_out = {name: "it only lengthens training" for name in chosen.names if only_lengthens(name, chosen)}
        if not setup.digits().can_be_framed:
            framing = [name for name in chosen.names if set(chosen.known[name].changes) <= {"window", "deslant"}]
            left_out |= dict.fromkeys(framing, "it changes nothing, as these images are stored as 16x16")
        self.setup, self.known, self.names = (
            setup,
            chosen.known,
            [name for name in chosen.names if name not in left_out],
        )
        self.players = players_of(self.names, self.known)
        if len(self.players) < 2:
            raise UsageError(
                f"There is nothing to share out: only {listed(self.names) or 'longer training'} is left.",
                "Name two tweaks or more that neither lengthen training alone nor undo another; or essay, or all.",
            )
        self.sampled = len(self.players) > MOST_EXACT
        self.minutes = MINUTES if self.sampled else None
        self.epochs = setup.epochs or climb(ERAS[START].recipe, self.names, self.known)[-1].epochs
        self.orders = [orders_of(self.players, seed if self.sampled else None, self.known) for _, seed in setup.runs]
        self.shown: tuple[int, Document | None] = 0, None
        self.remarks = [f"{name} is added: {by} needs it." for name, by in chosen.added.items()]
        self.remarks += [f"{name} is left out: {why}." for name, why in left_out.items()]
        pairs = [player for player in self.players if len(player) > 1]
        self.remarks += [f"{listed(pair)} count as one: the last only undoes what the first sets." for pair in pairs]

    def entry(self, coalition: Coalition, label: str = "") -> Entry:
        """Return a set of tweaks, applied in the order of the ladder and trained as long as all others."""
        names = [name for name in self.names if any(name in self.players[place] for place in coalition)]
        recipe = longer(climb(ERAS[START].recipe, names, self.known)[-1], self.epochs)
        chosen = "; ".join(dict.fromkeys(self.known[name].chosen for name in names)) or ERAS[START].chosen
        return Entry("+".join([START, *names]), label or " + ".join(names) or START, None, recipe, chosen=chosen)

    @cached_property
    def planned(self) -> list[list[Job]]:
        """What each run trains: the sets of tweaks on its orders, each once."""
        labels = [f"order {seed}" if self.sampled else "" for _, seed in self.setup.runs]
        return [
            self.setup.only([place]).jobs([self.entry(coalition, label) for coalition in coalitions(orders)])
            for place, (orders, label) in enumerate(zip(self.orders, labels, strict=True))
        ]

    def jobs(self) -> list[Job]:
        """Return the jobs of all runs, run by run."""
        return [job for jobs in self.planned for job in jobs]

    def shortened(self, runs: Mapping[Any, Run]) -> tuple[Self, list[Run]] | None:
        """Return the study of those runs whose sets are all finished, given nets by identity, and their nets."""
        wanted = [[job.framed().identity for job in jobs] for jobs in self.planned]
        places = [place for place, jobs in enumerate(wanted) if all(job in runs for job in jobs)]
        fewer = copy(self)
        fewer.setup = self.setup.only(places)
        fewer.orders, fewer.planned = [self.orders[p] for p in places], [self.planned[p] for p in places]
        return (fewer, [runs[job] for place in places for job in wanted[place]]) if places else None

    def interim(self, runs: Mapping[Any, Run]) -> Document | None:
        """Return what those runs show whose sets are all finished; made anew when there are more of them."""
        found = self.shortened(runs)
        if found and len(found[0].orders) > self.shown[0]:
            self.shown = len(found[0].orders), {"command": self.command, **found[0].result(found[1])}
        return self.shown[1]

    def result(self, runs: Sequence[Run]) -> Document:
        """Share the whole change out, without the orders in which a net failed."""
        left, (empty, full) = iter(runs), (frozenset[int](), frozenset(range(len(self.players))))
        nets: Nets = [{coalition: next(left) for coalition in coalitions(orders)} for orders in self.orders]
        ends = [self.entry(empty), self.entry(full, "all of them")]
        rows = self.setup.rows(ends, [of[end] for of in nets for end in (empty, full)])
        failed = [{c for c, net in of.items() if not net.sound} for of in nets]
        sound = [
            [order for order in orders if bad.isdisjoint(along(order))]
            for orders, bad in zip(self.orders, failed, strict=True)
        ]
        every = sum(map(len, self.orders))
        left_out = every - sum(map(len, sound))
        values, labels = self.changes(nets, sound, rows[0]), [*map(listed, self.players), "all of it"]
        enough = not left_out or len(values) >= FEWEST_RUNS
        told = share_out(values) if enough else [None] * len(labels)
        shares = [{"label": label, **evidence.compared("share", one)} for label, one in zip(labels, told, strict=True)]
        return {
            "rows": [row.to_dict() | evidence.new_digits(row) for row in rows],
            "references": [],
            "finding": (finding(shares, rows[0]) if enough else f"No shares are told: {TOO_MANY}; {len(values)} have.")
            + (
                f" Nets failed on {left_out} of {sum(map(len, self.orders)):,} orders, which are left out."
                * bool(left_out)
            ),
            "to_settle": evidence.to_settle({label: one for label, one in zip(labels[:-1], told, strict=False) if one}),
            "mode": "shares",
            "shares": shares,
            "method": [self.method(), self.setup.method(), evidence.VERDICTS],
            "remarks": self.remarks,
            "calibration": None,
        }

    def changes(self, nets: Nets, orders: Sequence[Sequence[Order]], row: Row) -> np.ndarray:
        """Return how each player changes whether a digit is misread, a mean over a run's orders.

        Float (runs, players, digits), of the runs that have an order; of several subsets each counts as one run.
        """
        found = np.zeros((len(nets), len(self.players), len(row.test)))
        for place, own in enumerate(orders):
            wrong = {coalition: net.misread.astype(float) for coalition, net in nets[place].items()}
            for order in own:
                found[place, list(order)] += np.diff([wrong[c] for c in along(order)], axis=0) / len(own)
        return row.units(found, np.array([len(own) > 0 for own in orders]))

    def method(self) -> str:
        """Say how shares come about."""
        bound = any(set(self.known[name].needs) - set(player) for player in self.players for name in player)
        needs = ", each tweak after those that it needs" if bound else ""
        how = f"{counted(len(self.orders[0]), 'order')}{needs}: {len(coalitions(self.orders[0]))} nets a run"
        if self.sampled:
            how = (
                f"{counted(len(self.orders), 'order')} drawn at random{needs}, one a run: intervals are for new orders"
            )
        return (
            f"A share is a tweak's part in the change from {START} to all of them (Shapley value): what it changes as "
            f"it joins those before it, a mean over {how}. All nets are trained {counted(self.epochs, 'epoch')}."
        )


def players_of(names: Sequence[str], known: Mapping[str, Tweak] = TWEAKS) -> list[Player]:
    """Join a tweak that does nothing but set back what one that it needs sets, to the start's values, to that one."""
    players: list[Player] = []
    for name in names:
        changes = known[name].changes
        back = all(value == getattr(ERAS[START].recipe, setting) for setting, value in changes.items())
        undone = {other for other in known[name].needs if back and set(changes) <= set(known[other].changes)}
        home = next((place for place, player in enumerate(players) if undone & set(player)), None)
        if home is None:
            players.append((name,))
        else:
            players[home] += (name,)
    return players


def orders_of(players: Sequence[Player], seed: int | None, known: Mapping[str, Tweak] = TWEAKS) -> list[Order]:
    """Return the orders in which every tweak comes after those that it needs: all, or one at random by a seed."""
    home = {name: place for place, player in enumerate(players) for name in player}
    needs = [{home[need] for name in each for need in known[name].needs} - {home[each[0]]} for each in players]

    def fits(order: Order) -> bool:
        return all(needs[player] <= set(order[:place]) for place, player in enumerate(order))

    if seed is None:
        return [order for order in permutations(range(len(players))) if fits(order)]
    rng = generator(seed, "orders")
    while not fits(order := tuple(rng.permutation(len(players)).tolist())):
        pass  # so that all that fit are equally likely
    return [order]


def along(order: Order) -> list[Coalition]:
    """Return the sets of tweaks on an order, from none to all."""
    return [frozenset(order[:count]) for count in range(len(order) + 1)]


def coalitions(orders: Sequence[Order]) -> list[Coalition]:
    """Return the sets of tweaks on several orders, each once."""
    return list(dict.fromkeys(coalition for order in orders for coalition in along(order)))


def share_out(values: np.ndarray) -> list[evidence.Comparison]:
    """Return what each player changes, with a verdict, and last the whole, given changes (runs, players, digits).

    The reduction of each is its share of the whole, percent.
    """
    whole = values.sum(axis=1)
    none = np.zeros_like(whole)
    found = evidence.judged({place: evidence.paired(values[:, place], none) for place in range(values.shape[1])})
    told = [replace(one, reduction=share_of(values[:, place], whole)) for place, one in found.items()]
    total = evidence.paired(whole, none)
    ends = total.effect.interval()
    return [*told, replace(total, reduction={**evidence.NOTHING, "mean": 100.0 if ends and ends[1] < 0 else None})]


def share_of(change: np.ndarray, whole: np.ndarray) -> evidence.Share:
    """Return which share of the whole reduction one change makes, percent; none where the whole may be no reduction."""
    if found := ratio(-change, -whole, -math.inf):
        return dict(zip(("mean", "low", "high"), (100 * of for of in found), strict=True))
    return evidence.NOTHING


def finding(shares: Sequence[Mapping[str, Any]], start: Row) -> str:
    """Say what all tweaks change together, and which have the largest shares of it."""
    *each, whole = shares
    change = whole["change_share"]
    text = (
        f"Together {counted(len(each), 'tweak')} change the {start.test_mistakes.mean:,.0f} mistakes of {START} "
        f"on {len(start.test):,} test digits of {start.data} by "
        f"{interval(change['mean'], change['low'], change['high'], '+,.0f')}, all trained "
        f"{counted(start.recipe.epochs, 'epoch')}."
    )
    if whole["reduction_share"]["mean"] is None:
        return f"{text} That this is a reduction is not resolved, so there are no shares of it."
    told = [row for row in each if row["reduction_share"]["mean"] is not None]  # none where nothing varies
    best = sorted(told, key=lambda row: float(row["change_share"]["mean"]))[:3]
    largest = listed([f"{row['label']} {interval(**row['reduction_share'], form='.0f', gap=' % ')}" for row in best])
    return f"{text} The largest shares of that: {largest}."
