"""A survey of households at the sites, as a form tool exports it; no personal data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from waystation.tracking.exercise.history import History
from waystation.tracking.exercise.people import NEEDS, SEX_AGE, SEX_AGE_SHARES, split_whole

SECTORS = ("food_security", "wash", "health", "shelter", "education", "protection")
PER_SITE = 4
MOST_SITES = 400


def write_needs_survey(history: History, path: Path, rng: np.random.Generator) -> None:
    """Write one row a household interviewed at a sample of the sites of the last round.

    Sites are drawn with chances in proportion to their households, and each household
    answers for as many as its ``weight`` says: the weights of a site add up to its true
    households, divided by the site's chance of being drawn. Severity is 0 (none) to 4.
    """
    households = history.figures["idp_households"][-1]
    persons = history.figures["idp_individuals"][-1]
    open_sites = np.flatnonzero(history.is_covered[-1] & (households >= PER_SITE))
    chance = np.minimum(1, MOST_SITES * households[open_sites] / households[open_sites].sum())
    drawn = open_sites[rng.random(len(open_sites)) < chance]
    chance_of = dict(zip(open_sites.tolist(), chance.tolist(), strict=True))
    site = np.repeat(drawn, PER_SITE)
    size = np.maximum(1, rng.poisson(np.maximum(persons[site] / households[site] - 1, 0.2)) + 1)
    bands = split_whole(size, rng.dirichlet(np.array(SEX_AGE_SHARES) * 6, len(site)) + 1e-6)
    weight = households[site] / PER_SITE / np.array([chance_of[s] for s in site.tolist()])
    hardship = rng.normal(0, 0.5, history.sites.height)[site]
    severity = {
        f"hh_severity_{sector}": np.clip(
            np.round(1.7 + hardship + rng.normal(0, 0.8, len(site))), 0, 4
        ).astype(int)
        for sector in SECTORS
    }
    chosen = np.argsort(rng.gumbel(0, 1, (len(site), len(NEEDS))), axis=1)[:, :3]
    frame = pl.DataFrame(
        {
            "_index": np.arange(1, len(site) + 1),
            "response_sensitivity": ["made_up"] * len(site),
            "m0302_meta_adm0_pcode": ["XWS"] * len(site),
            "m0303_meta_adm1_pcode": history.sites["admin1_code"].to_numpy()[site],
            "m0304_meta_adm2_pcode": history.sites["admin2_code"].to_numpy()[site],
            "m0305_meta_adm3_pcode": history.sites["admin3_code"].to_numpy()[site],
            "m0445_loc_site_id_ssid": history.sites["location_id"].to_numpy()[site],
            "m0489_meta_survey_round": [f"HH_{len(history.dates):02d}"] * len(site),
            "m1855_meta_assessment_date": [history.dates[-1].isoformat()] * len(site),
            "hh_size": size,
            **{f"hh_num_{band}": bands[:, i].astype(int) for i, band in enumerate(SEX_AGE)},
            "hh_priority_needs": [" ".join(NEEDS[c] for c in row) for row in chosen.tolist()],
            **severity,
            "weight": np.round(weight, 4),
        }
    )
    frame.write_csv(path)
