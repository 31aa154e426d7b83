"""The gravity model: known slopes found again, exact small cases, separation, refusals."""

from __future__ import annotations

import time

import numpy as np
import pytest

from waystation.errors import CollinearCovariate, UnusableArray
from waystation.statistics.flows.gravity import fit_gravity


def world(n, seed=3):
    generator = np.random.default_rng(seed)
    places = generator.uniform(0, 5000, (n, 2))
    distance = np.linalg.norm(places[:, None] - places[None], axis=2) + 50
    near = (distance < np.quantile(distance, 0.1 + 1 / n)) & ~np.eye(n, dtype=bool)
    covariates = {"log distance": np.log(distance), "contiguity": near.astype(float)}
    size = generator.normal(5, 1, n)[:, None] + generator.normal(5, 1, n)[None]
    mean = np.exp(size - 1.2 * np.log(distance) + 0.6 * near)
    np.fill_diagonal(mean, 0)
    return generator, mean, covariates


def slopes(model):
    return dict(model.coefficients.select("name", "estimate").rows())


def test_a_mean_without_error_is_found_exactly():
    _, mean, covariates = world(12)
    model = fit_gravity(mean, covariates)
    assert slopes(model) == pytest.approx({"log distance": -1.2, "contiguity": 0.6}, rel=1e-6)
    off = ~np.eye(12, dtype=bool)
    np.testing.assert_allclose(model.expected[off], mean[off], rtol=1e-6)
    assert np.isnan(np.diag(model.expected)).all()
    assert model.diagnostics.pseudo_r2 == pytest.approx(1, abs=1e-9)
    assert model.is_converged


def test_totals_of_origins_and_destinations_are_those_observed():
    generator, mean, covariates = world(20)
    flows = generator.poisson(mean).astype(float)
    expected = np.nan_to_num(fit_gravity(flows, covariates).expected)
    np.testing.assert_allclose(expected.sum(axis=1), flows.sum(axis=1), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(expected.sum(axis=0), flows.sum(axis=0), rtol=1e-5, atol=1e-6)


def test_known_slopes_lie_within_the_intervals():
    inside = 0
    for seed in range(40):
        generator = np.random.default_rng(seed)
        nearness = generator.normal(0, 1, (40, 40))
        nearness = (nearness + nearness.T) / 2
        sizes = generator.normal(2, 0.5, (2, 40))
        mean = np.exp(sizes[0][:, None] + sizes[1][None] + 0.5 * nearness)
        # Far more spread than Poisson, and shared by both directions of a pair.
        shared = generator.gamma(8, 1 / 8, mean.shape)
        shared = np.triu(shared) + np.triu(shared, 1).T
        model = fit_gravity(generator.poisson(mean * shared), {"nearness": nearness})
        row = model.coefficients.row(0, named=True)
        inside += row["low"] <= 0.5 <= row["high"]
        assert model.diagnostics.overdispersion > 2
    assert inside >= 34  # of 40, of which 38 are expected


def test_corridors_not_known_are_predicted_and_do_not_matter_to_the_fit():
    _, mean, covariates = world(12)
    flows = mean.copy()
    flows[2, 5] = flows[7, 1] = np.nan
    model = fit_gravity(flows, covariates)
    assert model.expected[2, 5] == pytest.approx(mean[2, 5], rel=1e-5)
    flows[3, :] = np.nan
    unknown = fit_gravity(flows, covariates)
    assert np.isnan(unknown.expected[3]).all()
    assert np.isnan(unknown.origin_effects[3])
    assert unknown.only_zeros_from == ()


def test_an_area_with_only_zeros_is_found_and_said():
    _, mean, covariates = world(10)
    mean[4, :] = 0
    mean[:, 6] = 0
    model = fit_gravity(mean, covariates, areas=[f"area {i}" for i in range(10)])
    assert model.only_zeros_from == ("area 4",)
    assert model.only_zeros_to == ("area 6",)
    assert model.origin_effects[4] == -np.inf
    assert np.nansum(model.expected[4]) == 0
    assert slopes(model)["log distance"] == pytest.approx(-1.2, rel=1e-5)


def test_the_largest_residual_is_named():
    _, mean, covariates = world(12)
    mean[3, 8] *= 30
    largest = fit_gravity(mean, covariates).diagnostics.largest_residuals.row(0, named=True)
    assert (largest["origin"], largest["destination"]) == ("3", "8")
    assert largest["residual"] > 0


def test_what_cannot_be_told_apart_is_refused():
    _, mean, covariates = world(8)
    by_origin = np.repeat(np.arange(8.0)[:, None], 8, axis=1)
    with pytest.raises(CollinearCovariate):
        fit_gravity(mean, {**covariates, "income of the origin": by_origin})
    with pytest.raises(CollinearCovariate):
        fit_gravity(mean, {**covariates, "again": 2 * covariates["log distance"]})


@pytest.mark.parametrize("flaw", ["negative", "zero", "shape", "infinite", "names"])
def test_bad_input_is_refused(flaw):
    _, mean, covariates = world(6)
    areas = None
    if flaw == "negative":
        mean[0, 1] = -1
    elif flaw == "zero":
        mean[:] = 0
    elif flaw == "shape":
        covariates["log distance"] = covariates["log distance"][:3]
    elif flaw == "infinite":
        covariates["log distance"] = covariates["log distance"].copy()
        covariates["log distance"][0, 1] = -np.inf
    else:
        areas = ["one"]
    with pytest.raises(UnusableArray):
        fit_gravity(mean, covariates, areas=areas)


def test_two_hundred_and_twenty_nine_areas_take_seconds():
    generator, mean, covariates = world(229)
    flows = generator.poisson(mean * generator.gamma(0.5, 2, mean.shape)).astype(float)
    begun = time.process_time()
    model = fit_gravity(flows, covariates)
    assert time.process_time() - begun < 8
    assert model.is_converged
    assert model.diagnostics.corridors == 229 * 228
    assert slopes(model)["log distance"] == pytest.approx(-1.2, abs=0.1)
