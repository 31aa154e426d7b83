"""Defects put into honest reports, each at a known cell, as missions really send them."""

from __future__ import annotations

import numpy as np

from waystation.tracking.exercise.country import Country
from waystation.tracking.exercise.figure_defects import (
    spoil_answers,
    spoil_figures,
    spoil_habits,
)
from waystation.tracking.exercise.history import History
from waystation.tracking.exercise.injection import Injector
from waystation.tracking.exercise.layouts import Office
from waystation.tracking.exercise.place_defects import spoil_places, spoil_positions
from waystation.tracking.exercise.reports import Draft
from waystation.tracking.exercise.row_defects import spoil_files, spoil_identity


def inject_defects(
    country: Country,
    history: History,
    offices: tuple[Office, ...],
    draft: Draft,
    rng: np.random.Generator,
) -> Injector:
    """Change the draft in place and return what was changed.

    Defects that need many free rows come first; a site gets one defect in three rounds.
    """
    inject = Injector(country, history, offices, draft, rng)
    spoil_habits(inject)
    spoil_figures(inject)
    spoil_files(inject)
    spoil_places(inject)
    spoil_positions(inject)
    spoil_identity(inject)
    spoil_answers(inject)
    return inject
