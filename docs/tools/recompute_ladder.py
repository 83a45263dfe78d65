"""Computes a ladder's changes, intervals, p and verdicts once more, from the kept outputs of its nets.

    timetravel modernize --tweaks all --json > results.json
    python docs/tools/recompute_ladder.py results.json FOLDER_OF_KEPT_RUNS

An independent check: it needs numpy, and nothing of timetravel or scipy. It reads the outputs itself, writes crossed
random effects as sums of squares, and has a Student's t of its own. It ends with 'agrees', or says which rows differ by
more than a millionth and exits with 1.
"""

import argparse
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np

CLOSE = 1e-6  # relative
FEWEST = 6  # runs for a verdict, and digits that are read differently
NOTHING = 1e-12  # a mean square that is rounding alone
TYPES = {"F32": "<f4", "U8": "u1"}


def tensors(path: Path) -> dict[str, np.ndarray]:
    """Read a safetensors file: 8 bytes that count those of a JSON header, the header, then the arrays' bytes."""
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    found = {}
    for name, about in json.loads(content[8:start]).items():
        if name != "__metadata__":
            first, last = about["data_offsets"]
            flat = np.frombuffer(content[start + first : start + last], TYPES[about["dtype"]])
            found[name] = flat.reshape(about["shape"])
    return found


def nets(row: dict[str, Any], store: Path) -> tuple[np.ndarray, list[bool]]:
    """Return what a row's nets misread, 0 or 1 (runs, digits), and which of them neither diverged nor collapsed."""
    lines, fine = [], []
    for run in row["runs"]:
        kept = tensors(store / run["key"][:2] / f"{run['key']}.{run['test_digits'][:16]}.safetensors")
        outputs, labels = kept["outputs"], kept["labels"]
        right = (outputs.argmax(axis=1) == labels) & np.isfinite(outputs).all(axis=1)
        lines.append(np.where(right, 0.0, 1.0))
        fine.append(run["sound"])
    return np.vstack(lines), fine if any(fine) else [True] * len(fine)


def beta_fraction(x: float, a: float, b: float, terms: int = 1000) -> float:
    """Return the continued fraction of the incomplete beta function (DLMF 8.17.22), from its last term to its first."""
    value = 1.0
    for place in range(terms, 0, -1):
        m, odd = divmod(place, 2)
        if odd:
            term = -(a + m) * (a + b + m) / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) / ((a + 2 * m - 1) * (a + 2 * m))
        value = 1 + term * x / value
    return 1 / value


def two_tails(t: float, freedom: float) -> float:
    """Return the probability that Student's t is as far from 0 as `t`: the incomplete beta I_x(freedom/2, 1/2)."""
    if t == 0:
        return 1.0
    a, b, square = freedom / 2, 0.5, t * t
    x, rest = freedom / (freedom + square), square / (freedom + square)
    log_x, log_rest = -math.log1p(square / freedom), math.log(rest)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * log_x + b * log_rest)
    if x < (a + 1) / (a + b + 2):
        return front * beta_fraction(x, a, b) / a
    return 1 - front * beta_fraction(rest, b, a) / b


def quantile(freedom: float) -> float:
    """Return the t that 95 % lie within, by halving."""
    low, high = 0.0, 1000.0
    while high - low > 1e-13 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if two_tails(middle, freedom) > 0.05 else (low, middle)
    return high


def analysis(table: np.ndarray) -> tuple[float, float] | None:
    """Return the standard error of the mean of a table (runs, digits), and Satterthwaite's degrees of freedom.

    A classical two-way table without replication: sums of squares of runs, of digits and of what is left.
    """
    runs, digits = table.shape
    middle = table.sum() ** 2 / table.size
    of_runs = (table.sum(axis=1) ** 2).sum() / digits - middle
    of_digits = (table.sum(axis=0) ** 2).sum() / runs - middle
    left = max((table**2).sum() - middle - of_runs - of_digits, 0.0)
    if runs == 1:
        square = of_digits / (digits - 1)
        return (math.sqrt(square / digits), digits - 1) if square > NOTHING else None
    counts = runs - 1, digits - 1, (runs - 1) * (digits - 1)
    squares = of_runs / counts[0], of_digits / counts[1], left / counts[2]
    if max(squares) < NOTHING:
        return None
    noise = sum(square**2 / count for square, count in zip(squares, counts, strict=True))
    variance = max(squares[0] + squares[1] - squares[2], math.sqrt(noise))  # no less than one degree of freedom
    return math.sqrt(variance / table.size), min(variance**2 / noise, 2 * (runs - 1))  # at most twice the runs' own


def mcnemar(table: np.ndarray) -> float:
    """Return the exact two-sided p of two nets: of n digits that one alone misreads, k or fewer are the new one's."""
    new, old = int((table > 0).sum()), int((table < 0).sum())
    tail = sum(math.comb(new + old, k) for k in range(min(new, old) + 1))
    return min(1.0, float(2 * tail / 2 ** (new + old)))


def step(row: dict[str, Any], base: dict[str, Any], store: Path) -> dict[str, Any]:
    """Return the change of a row against the one that it builds on, with what it lacks for a verdict."""
    (wrong, fine), (before, base_fine) = nets(row, store), nets(base, store)
    use = np.array(fine) & np.array(base_fine)
    if not use.any():
        use[:] = True
    changes = (wrong - before)[use]
    digits = [run["digits"] for run in row["runs"]]
    if 1 < len(set(digits)) < len(digits):  # several seeds on each of several subsets: a mean a subset
        of = np.array(digits)[use]
        changes = np.vstack([changes[of == one].mean(axis=0) for one in dict.fromkeys(of.tolist())])
    count, differ = changes.shape[1], int(np.abs(changes).any(axis=0).sum())
    found: dict[str, Any] = {"label": row["label"], "mean": count * changes.mean(), "runs": len(changes)}
    found |= {"low": None, "high": None, "p": None, "open": ""}
    if failed := row["failure"] or (base["failure"] and f"base: {base['failure']}"):
        return found | {"open": failed}
    if told := analysis(changes):
        error, freedom = told
        half = quantile(freedom) * error * count
        found |= {"low": found["mean"] - half, "high": found["mean"] + half}
        found["p"] = two_tails(changes.mean() / error, freedom)
    if len(changes) == 1:
        found["p"] = mcnemar(changes[0])
    if not differ:
        found["open"] = "same answers"
    elif len(changes) < FEWEST:
        found["open"] = "too few runs"
    elif differ < FEWEST or told is None:
        found["open"] = "too few digits differ"
    return found


def judge(family: list[dict[str, Any]]) -> None:
    """Give the steps of a family their verdicts, by Holm's method: the smallest p first, while each is small enough."""
    able = sorted((one for one in family if not one["open"]), key=lambda one: one["p"])
    stands = True
    for place, one in enumerate(able):
        stands = stands and one["p"] <= 0.05 / (len(able) - place)
        one["verdict"] = ("better" if one["mean"] < 0 else "worse") if stands else "not resolved"
    for one in family:
        one["verdict"] = one["open"] or one["verdict"]


def same(first: float | None, second: float | None) -> bool:
    """Whether two numbers are equal to a millionth, or both lacking."""
    if first is None or second is None:
        return first is second
    return abs(first - second) <= CLOSE * max(abs(first), abs(second)) + 1e-12


def differences(row: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Return what a row of the result tells otherwise than was found."""
    told = {**{part: row["change_step"][part] for part in ("mean", "low", "high")}, "p": row["p_step"]}
    differ = [f"{part} {value}, found {found[part]}" for part, value in told.items() if not same(value, found[part])]
    if row["verdict_step"] != found["verdict"]:
        differ.append(f"{row['verdict_step']}, found {found['verdict']}")
    return differ


def main() -> None:
    """Compute the steps of a ladder, print them, and say whether the result tells the same."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("results", type=Path, help="what `timetravel modernize --json` printed")
    parser.add_argument("store", type=Path, help="the folder of kept runs, as provenance.store in it says")
    given = parser.parse_args()
    rows = json.loads(given.results.read_text(encoding="utf-8"))["rows"]
    by_recipe = {row["recipe"]: row for row in rows}
    wrong = []
    print(f"{'step':28} {'runs':>4} {'change':>8} {'95 % interval':>20} {'p':>9}  verdict")
    for control in (False, True):  # two families of tests: the steps, and the same rows trained longer
        chosen = [row for row in rows if row["builds_on"] and row["control"] == control]
        family = [step(row, by_recipe[row["builds_on"]], given.store) for row in chosen]
        judge(family)
        for row, found in zip(chosen, family, strict=True):
            ends = "" if found["low"] is None else f"{found['low']:+.2f} to {found['high']:+.2f}"
            p = "" if found["p"] is None else f"{found['p']:.3g}"
            line = f"{found['label']:28} {found['runs']:4} {found['mean']:+8.2f} {ends:>20} {p:>9}"
            print(f"{line}  {found['verdict']}")
            wrong += [f"{row['label']}: the result says {one}" for one in differences(row, found)]
    print("\n".join(wrong) if wrong else "agrees")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
