"""Laws of error against data: planted ones are found again, and the fit is the least deviance's."""

import numpy as np
import pytest
from scipy import optimize

from timetravel.stats.laws import FLOOR, LAWS, LOGARITHM, POWER, dispersion, fit

SIZES = np.array([1000, 2000, 4000, 7291, 15000, 30000, 50000], dtype=float)


def test_a_planted_curve_is_recovered() -> None:
    for law, scale, exponent, constant in ((POWER, 0.9, 0.35, 0), (FLOOR, 2.0, 0.5, 0.004), (POWER, 0.3, 0.2, 0)):
        shares = scale * SIZES**-exponent + constant
        found = fit(law, SIZES, shares)
        assert found == pytest.approx([scale, exponent, constant], rel=1e-6, abs=1e-9)
        assert law.curve(found, SIZES) == pytest.approx(shares)
    assert fit(LOGARITHM, SIZES, 0.2 - 0.015 * np.log(SIZES)) == pytest.approx([0.015, 0.0, 0.2])


def test_the_fit_minimizes_the_quasi_binomial_deviance() -> None:
    rng = np.random.default_rng(0)
    shares = rng.binomial(2007, 1.5 * SIZES**-0.4 + 0.005) / 2007

    def deviance(values: np.ndarray) -> float:
        scale, exponent, constant = values
        expected = np.clip(scale * SIZES**-exponent + constant, 1e-9, 1 - 1e-9)
        return float(-(shares * np.log(expected) + (1 - shares) * np.log(1 - expected)).sum())

    # As good as a general optimizer finds, on a grid of exponents.
    start, bounds = [1.0, 0.3, 0.001], [(1e-6, 50), (0.02, 2.0), (0, 0.1)]
    for name in ("L-BFGS-B", "Nelder-Mead"):
        best = optimize.minimize(deviance, start, bounds=bounds, method=name)
        assert deviance(fit(FLOOR, SIZES, shares)) <= best.fun + 1e-6


def test_no_floor_is_below_zero_and_no_curve_rises() -> None:
    assert fit(FLOOR, SIZES, 0.5 * SIZES**-0.3 - 0.01)[2] == 0
    rising = np.linspace(0.01, 0.05, len(SIZES))
    for law in LAWS:
        curve = law.curve(fit(law, SIZES, rising), SIZES)
        assert np.all(np.diff(curve) <= 1e-12)


def test_many_curves_are_fitted_at_once_as_one_by_one() -> None:
    rng = np.random.default_rng(1)
    many = np.abs(1.2 * SIZES**-0.4 + rng.normal(0, 0.002, (5, len(SIZES))))
    for law in LAWS:
        assert fit(law, SIZES, many) == pytest.approx(np.array([fit(law, SIZES, one) for one in many]))


def test_the_dispersion_of_binomial_counts_is_about_one() -> None:
    rng = np.random.default_rng(2)
    truth = 1.2 * SIZES**-0.4
    found = []
    for _ in range(200):
        shares = rng.binomial(2007, truth) / 2007
        found.append(dispersion(POWER, fit(POWER, SIZES, shares), SIZES, shares, 2007))
    assert np.mean(found) == pytest.approx(1, abs=0.15)
