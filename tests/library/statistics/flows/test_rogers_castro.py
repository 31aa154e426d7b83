"""Rogers-Castro schedules: values by hand, known parameters found again, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest

from waystation.errors import InvalidChoice, UnusableArray
from waystation.statistics.flows.rogers_castro import (
    fit_rogers_castro,
    rogers_castro,
    schedule_ratios,
)

# The fundamental parameters of Rogers and Castro (1981).
SEVEN = {"a1": 0.02, "alpha1": 0.1, "a2": 0.06, "alpha2": 0.1, "mu2": 20.0, "lambda2": 0.4}
SEVEN |= {"c": 0.003}
RETIREMENT = {"a3": 0.01, "alpha3": 0.5, "mu3": 65.0, "lambda3": 0.2}
OLD_AGE = {"a4": 0.0005, "lambda4": 0.03}
AGES = np.arange(86)


def test_values_by_hand():
    at_20 = 0.02 * math.exp(-2) + 0.06 * math.exp(-1) + 0.003
    assert rogers_castro([20], SEVEN) == pytest.approx([at_20])
    assert rogers_castro([0], {"c": 0.5}) == pytest.approx([0.5])
    assert rogers_castro([10], OLD_AGE) == pytest.approx([0.0005 * math.exp(0.3)])


@pytest.mark.parametrize(
    ("number", "more"),
    [(7, {}), (9, OLD_AGE), (11, RETIREMENT), (13, RETIREMENT | OLD_AGE)],
)
def test_known_parameters_are_found_again(number, more):
    truth = SEVEN | more
    schedule = fit_rogers_castro(AGES, rogers_castro(AGES, truth), parameters=number)
    assert len(schedule.parameters) == number
    for name, value in truth.items():
        assert schedule.parameters[name] == pytest.approx(value, rel=1e-4)
    assert schedule.relative_error < 1e-6
    assert schedule.is_converged


def test_one_age_far_off_does_not_bend_the_schedule():
    noise = np.random.default_rng(1).gamma(400, 1 / 400, AGES.size)
    rates = rogers_castro(AGES, SEVEN) * noise
    rates[40] *= 4
    robust = fit_rogers_castro(AGES, rates)
    plain = fit_rogers_castro(AGES, rates, robust=False)
    truth = rogers_castro(AGES, SEVEN)
    assert 40.0 in robust.outliers
    assert np.abs(robust.fitted - truth).max() < np.abs(plain.fitted - truth).max()
    for name, value in SEVEN.items():
        assert robust.parameters[name] == pytest.approx(value, rel=0.15)


def test_the_unit_of_rates_does_not_matter_and_runs_agree():
    rates = rogers_castro(AGES, SEVEN) * np.random.default_rng(2).gamma(400, 1 / 400, 86)
    one, thousand = fit_rogers_castro(AGES, rates), fit_rogers_castro(AGES, rates * 1000)
    assert thousand.parameters["a2"] == pytest.approx(one.parameters["a2"] * 1000, rel=1e-6)
    assert fit_rogers_castro(AGES, rates).parameters == one.parameters
    assert one.relative_error > 1


def test_ratios_by_hand():
    ratios = schedule_ratios(SEVEN)
    assert ratios.peaking == 20
    assert ratios.child_dependency == pytest.approx(1 / 3)
    assert ratios.labour_asymmetry == pytest.approx(4)
    assert ratios.regularity == pytest.approx(1)


def test_what_cannot_be_is_refused():
    with pytest.raises(InvalidChoice):
        fit_rogers_castro(AGES, np.ones(86), parameters=8)
    with pytest.raises(UnusableArray):
        fit_rogers_castro(AGES[:7], np.ones(7))
    with pytest.raises(UnusableArray):
        fit_rogers_castro(AGES, np.zeros(86))
    with pytest.raises(UnusableArray, match="a2 needs"):
        rogers_castro(AGES, {"a2": 1.0, "alpha2": 0.1})
    with pytest.raises(InvalidChoice):
        rogers_castro(AGES, {"a5": 1.0})
    with pytest.raises(UnusableArray):
        schedule_ratios({**SEVEN, "a1": 0.0})
