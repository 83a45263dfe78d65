"""Where one learning curve reaches an error: the number of labels at which training from scratch errs as little."""

from collections.abc import Mapping

import numpy as np

from timetravel.seeds import generator

REPLICATES = 1000


def crossing(curve: Mapping[int, np.ndarray], other: np.ndarray) -> dict[str, float | None]:
    """Return the labels at which a curve errs as little as another reader, with a 95 % bootstrap interval.

    curve: by number of labels, which of its runs misread which digit, bool (runs, digits); other: the same of the
    reader. Runs and digits are drawn anew together; between two sizes the error is a power of the labels. None: more
    labels than the curve has.
    """
    sizes, rng = np.log(sorted(curve)), generator(0, "bootstrap")
    tables = [curve[size].astype(np.float32) for size in sorted(curve)] + [other.astype(np.float32)]
    count = other.shape[1]
    weights = np.vstack([np.ones(count), rng.multinomial(count, np.full(count, 1 / count), REPLICATES)])
    means = []
    for table in tables:
        of_runs = weights.astype(np.float32) @ table.T / count  # (replicates, runs)
        drawn = rng.integers(table.shape[0], size=of_runs.shape)
        drawn[0] = np.arange(table.shape[0])  # the measurement itself
        means.append(np.log(np.maximum(np.take_along_axis(of_runs, drawn, 1).mean(axis=1), 0.5 / count)))
    *errors, reached = means
    found = np.full(len(weights), np.inf)
    below = np.array(errors) <= reached
    found[below[0]] = np.exp(sizes[0])
    for place in range(1, len(errors)):
        first = below[place] & np.isinf(found)
        share = (errors[place - 1] - reached)[first] / np.maximum(errors[place - 1] - errors[place], 1e-12)[first]
        found[first] = np.exp(sizes[place - 1] + share * (sizes[place] - sizes[place - 1]))
    low, high = (float(np.sort(found[1:])[round(share * (REPLICATES - 1))]) for share in (0.025, 0.975))
    return {
        name: value if np.isfinite(value) else None
        for name, value in {"mean": float(found[0]), "low": low, "high": high}.items()
    }
