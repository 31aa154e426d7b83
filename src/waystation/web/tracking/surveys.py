"""Published surveys of households' needs: which there are, and their protected shares."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import polars as pl
from django.db.models import QuerySet

from waystation.release.hna_rows import hna_rows
from waystation.tracking.needs import NeedsByArea
from waystation.web.tracking import storage
from waystation.web.tracking.editions import edition_of
from waystation.web.tracking.models import NeedsSurvey, Operation


def needs_path(survey: NeedsSurvey) -> Path:
    """Return the file of the protected shares of a survey."""
    folder = storage.operation_folder(survey.operation) / "needs" / str(survey.pk)
    return folder / "needs.parquet"


def current_surveys(operations: QuerySet[Operation]) -> QuerySet[NeedsSurvey]:
    """Return the surveys that hold, of some operations, newest year first."""
    return NeedsSurvey.objects.filter(operation__in=operations, is_current=True).select_related(
        "operation"
    )


def needs_of(survey: NeedsSurvey) -> pl.DataFrame:
    """Return the protected shares of a survey, shape ``NeedsByArea``."""
    return _needs(needs_path(survey))


@lru_cache(maxsize=32)
def _needs(path: Path) -> pl.DataFrame:
    return pl.read_parquet(path)


def rows_of_surveys(surveys: Iterable[NeedsSurvey], groups: frozenset[str]) -> pl.DataFrame:
    """Return the rows of surveys as the HNA API lays them out.

    Args:
        surveys: The surveys.
        groups: Population groups in small letters; empty for all.
    """
    found = [NeedsByArea.empty_frame()]
    units = []
    for survey in surveys:
        needs = needs_of(survey)
        if groups:
            needs = needs.filter(pl.col("stratum").str.to_lowercase().is_in(list(groups)))
        found.append(needs)
        if survey.operation.edition:
            units.append(edition_of(survey.operation).frame("units"))
    # Two operations of a country may list the same units.
    named = pl.concat(units, how="diagonal_relaxed") if units else None
    return hna_rows(pl.concat(found), named)


def surveys_of_operation(operation: Operation) -> list[NeedsSurvey]:
    """Return the surveys that hold of an operation, newest year first."""
    return list(operation.needs_surveys.filter(is_current=True))


def surveys_by_key(keys: Iterable[int]) -> list[NeedsSurvey]:
    """Return the surveys of a link that was signed; those withdrawn since are left out."""
    found = NeedsSurvey.objects.filter(pk__in=list(keys), is_current=True)
    return list(found.select_related("operation"))
