"""How people at a site divide by sex, age, reason, origin, shelter and period, adding up."""

from __future__ import annotations

import numpy as np

SEX_AGE = (
    "male_under_1", "male_1_5", "male_6_17", "male_18_59", "male_60_plus",
    "female_under_1", "female_1_5", "female_6_17", "female_18_59", "female_60_plus",
)  # fmt: skip
SEX_AGE_SHARES = (0.022, 0.088, 0.172, 0.168, 0.024, 0.021, 0.087, 0.170, 0.216, 0.032)
REASONS = ("conflict", "disaster", "insecurity", "other")
SHELTERS = (
    "camp", "host_family", "rented", "makeshift", "school", "public_building", "open_air",
)  # fmt: skip
SITE_TYPES = ("host_community", "camp", "informal_settlement", "collective_centre")
SHELTER_SHARES = {
    "host_community": (0.0, 0.62, 0.24, 0.06, 0.01, 0.02, 0.05),
    "camp": (0.82, 0.02, 0.01, 0.11, 0.01, 0.01, 0.02),
    "informal_settlement": (0.05, 0.06, 0.03, 0.66, 0.01, 0.01, 0.18),
    "collective_centre": (0.02, 0.03, 0.02, 0.06, 0.49, 0.36, 0.02),
}
NEEDS = (
    "food", "water", "shelter", "health", "nfi", "cash", "sanitation", "education",
    "livelihood", "protection",
)  # fmt: skip
NEED_SHARES = (0.24, 0.17, 0.15, 0.11, 0.09, 0.08, 0.06, 0.04, 0.04, 0.02)
PREFIX = "idp_individuals"
MEN = ("male_18_59", "male_60_plus")
WOMEN = ("female_18_59", "female_60_plus")

Figures = dict[str, np.ndarray]


def split_whole(totals: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return whole parts of whole totals, in proportion to shares, that add up exactly.

    Args:
        totals: Whole numbers, shape (n,).
        shares: Weights, shape (n, k), not negative.

    Returns:
        Parts, shape (n, k); largest remainders are rounded up first.
    """
    weight = shares / shares.sum(axis=1, keepdims=True)
    exact = totals[:, None] * weight
    parts = np.floor(exact)
    rest = (totals - parts.sum(axis=1)).astype(int)
    rank = np.argsort(np.argsort(-(exact - parts), axis=1, kind="stable"), axis=1)
    return np.asarray(parts + (rank < rest[:, None]))


def jittered(shares: np.ndarray, spread: float, rng: np.random.Generator) -> np.ndarray:
    """Return shares moved a little, as a recount would find them."""
    return np.asarray(shares * np.exp(rng.normal(0, spread, shares.shape)))


def sex_age_figures(persons: np.ndarray, shares: np.ndarray) -> Figures:
    """Return bands, sexes and age groups of persons; each adds up to persons."""
    bands = split_whole(persons, shares)
    found = {f"{PREFIX}__sex_age__{b}": bands[:, i] for i, b in enumerate(SEX_AGE)}
    found[f"{PREFIX}__sex__male"] = bands[:, :5].sum(axis=1)
    found[f"{PREFIX}__sex__female"] = bands[:, 5:].sum(axis=1)
    men = bands[:, [SEX_AGE.index(b) for b in MEN]].sum(axis=1)
    women = bands[:, [SEX_AGE.index(b) for b in WOMEN]].sum(axis=1)
    found[f"{PREFIX}__age_group__men"] = men
    found[f"{PREFIX}__age_group__women"] = women
    found[f"{PREFIX}__age_group__children"] = persons - men - women
    return found


def partition_figures(
    persons: np.ndarray, shares: np.ndarray, dimension: str, categories: tuple[str, ...]
) -> Figures:
    """Return the persons by category of one dimension, adding up to persons."""
    parts = split_whole(persons, shares)
    return {f"{PREFIX}__{dimension}__{c}": parts[:, i] for i, c in enumerate(categories)}
