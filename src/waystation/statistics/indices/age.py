"""Age profiles of migration: level, peak, breadth and asymmetry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from waystation.errors import InvalidChoice, UnusableArray
from waystation.statistics.flows.fitting.margins import FloatArray, require_amounts

_YOUNGEST, _OLDEST = 5, 65  # between these lies the peak of ages that move for work
_HALF_BREADTH = 5


@dataclass(frozen=True, slots=True)
class AgeIndices:
    """Shape of migration intensities by single year of age.

    Attributes:
        gross_migration_rate: Sum of the intensities over all ages.
        peak_intensity: Largest intensity between 5 and 65, per 100.
        peak_age: Age at which it is.
        peak_breadth: Sum of the intensities at the peak and 5 ages either side, per 100.
        peak_share: That as a percentage of the gross migration rate.
        steepest_rise: Age after the largest rise from one age to the next, up to the peak.
        steepest_fall: Age after the largest fall, from the peak on.
        asymmetry: The first of these by the second.
    """

    gross_migration_rate: float
    peak_intensity: float
    peak_age: int
    peak_breadth: float
    peak_share: float
    steepest_rise: int
    steepest_fall: int
    asymmetry: float


def age_indices(
    ages: ArrayLike, intensities: ArrayLike, *, variant: str = "textbook"
) -> AgeIndices:
    """Describe an age profile of migration.

    Args:
        ages: Single years of age, ascending without gaps.
        intensities: Migrants by population at each age, as a fraction.
        variant: ``"textbook"``, or ``"migest"``, which takes the peak age over all ages, the
            breadth around the age used as a position from 1 (one year too young where ages
            begin at 0), and the changes between 5 and 65 only.

    Returns:
        The indices.

    Raises:
        InvalidChoice: If the variant is neither.
        UnusableArray: If ages have gaps, intensities are missing or negative, or none lies
            between 5 and 65.

    Source:
        Bell et al. (2002), Journal of the Royal Statistical Society A 165(3); Bernard, Bell
        and Charles-Edwards (2014), Population and Development Review 40(2).
    """
    if variant not in ("textbook", "migest"):
        raise InvalidChoice(value=variant, option="variant", choices="textbook, migest")
    years = np.asarray(ages, dtype=np.int64)
    rates = require_amounts(intensities, "intensities", shape=years.shape)
    if years.ndim != 1 or (np.diff(years) != 1).any():
        raise UnusableArray(name="ages", reason="give single years, ascending, without gaps")
    inside = (years > _YOUNGEST) & (years < _OLDEST)
    if not rates[inside].any():
        raise UnusableArray(name="intensities", reason="none is above 0 between 5 and 65")
    gross = float(rates.sum())
    peak = int(np.where(inside, rates, -1.0).argmax())
    peak_age = int(years[peak if variant == "textbook" else int(rates.argmax())])
    centre = peak if variant == "textbook" else peak_age - 1
    around = rates[max(0, centre - _HALF_BREADTH) : centre + _HALF_BREADTH + 1]
    breadth = 100 * float(around.sum())
    rise, fall = _steepest(years, rates, inside, peak, variant)
    return AgeIndices(
        gross_migration_rate=gross,
        peak_intensity=100 * float(rates[peak]),
        peak_age=peak_age,
        peak_breadth=breadth,
        peak_share=breadth / gross,
        steepest_rise=rise,
        steepest_fall=fall,
        asymmetry=rise / fall,
    )


def _steepest(
    years: np.ndarray[tuple[int], np.dtype[np.int64]],
    rates: FloatArray,
    inside: np.ndarray[tuple[int], np.dtype[np.bool_]],
    peak: int,
    variant: str,
) -> tuple[int, int]:
    change = np.diff(rates, prepend=rates[:1])
    before, after = np.where(inside, change, 0.0), np.where(inside, change, 0.0)
    if variant == "textbook":
        before[peak + 1 :], after[: peak + 1] = 0.0, 0.0
    return int(years[before.argmax()]), int(years[after.argmin()])
