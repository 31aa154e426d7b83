"""229 areas: what another program gives for them, and what has been published."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.library.statistics.flows.golden import cases, matrix, square, stocks

from waystation.statistics.flows.choices import Choices, Totals
from waystation.statistics.flows.estimate import estimate_flows

pytestmark = pytest.mark.usefixtures("statistics_data")

UNREACHABLE = {"1990": ("CUW", 4519), "2000": ("SXM", 5074)}
# Method, choices, and how far a cell may be: the peer ends its fit early and rounds by chance.
METHODS = {
    "sd_drop_neg": ("stock-diff-drop", None, 1e-6),
    "sd_rev_neg": ("stock-diff-reverse", None, 1e-6),
    "mig_rate": ("migration-rate", None, 1e-6),
    "da_min_open": ("da-min-open", Totals.OPEN, 1e-3),
    "da_min_closed": ("da-min-closed", None, 2.0),
    "da_indep_closed": ("da-indep-closed", None, 2.0),
}


@pytest.mark.parametrize("column", METHODS)
@pytest.mark.parametrize("case", cases("real_n229"), ids=lambda case: case.name)
def test_the_world_of_227_areas(case, column):
    method, totals, tolerance = METHODS[column]
    names, expected = matrix(case / f"output_{column}.csv.gz")
    vitals = pl.read_csv(case / "input_bd.csv.gz", null_values=[])
    vitals = vitals.rename({vitals.columns[0]: "area"})
    start, end = stocks(case / "input_start.csv.gz"), stocks(case / "input_end.csv.gz")
    estimate = estimate_flows(start, end, vitals, method=method, choices=Choices(totals=totals))
    flows = square(estimate.flows, names)
    np.testing.assert_allclose(flows, expected, rtol=0, atol=tolerance)
    assert flows.sum() == pytest.approx(expected.sum(), rel=1e-6)
    if method.endswith("closed"):
        area, missed = UNREACHABLE[case.name]
        worst = estimate.report.misfits.filter(pl.col("margin") == "birthplace").row(
            0, named=True
        )
        assert (worst["area"], round(worst["reached"] - worst["wanted"])) == (area, missed)
        assert estimate.report.not_fitted == (area,)
        told = estimate.findings.filter(pl.col("code") == "STA-308")
        assert told["place"].to_list() == [area]
    else:
        assert estimate.report.not_fitted == ()
