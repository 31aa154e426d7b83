"""Writes to the surveys of households' needs that an operation publishes."""

from __future__ import annotations

import io
from collections.abc import Iterable

import polars as pl
from django.db import transaction

from waystation.errors import InvalidChoice
from waystation.folders import write_file_whole
from waystation.tracking.needs import FEWEST_HOUSEHOLDS, protected_needs, read_needs
from waystation.web.accounts.models import User
from waystation.web.audit.actions import record
from waystation.web.tracking import storage
from waystation.web.tracking.models import NeedsSurvey, Operation
from waystation.web.tracking.surveys import needs_path


@transaction.atomic
def add_needs_survey(
    operation: Operation,
    name: str,
    chunks: Iterable[bytes],
    *,
    by: User | None,
    year: int | None = None,
    stratum: str = "",
    fewest: int = FEWEST_HOUSEHOLDS,
) -> NeedsSurvey:
    """Take in a table of household needs and publish its shares by area, protected.

    It takes the place of surveys of the same year that share a population group with it. The
    same bytes under the same minimum are the same survey: nothing changes.

    Args:
        operation: The operation.
        name: Name of the file.
        chunks: Its bytes.
        by: Who sends it.
        year: Year, where the table does not say.
        stratum: Population group, where the table does not say.
        fewest: Households that a share must rest on.

    Raises:
        UnusableInput: If it is no table of household needs.
        InvalidTable: If its values are not what its columns say.
        InvalidChoice: If it is of another country, or of several years.
    """
    kept = storage.keep_file(operation, name, chunks)
    path = storage.file_path(operation, kept.sha256, kept.name)
    needs = protected_needs(read_needs(path, year=year, stratum=stratum), fewest=fewest)
    years = needs["year"].unique().sort().to_list()
    _require_one(needs["country"].unique().to_list(), "country", operation.country)
    _require_one(years, "year", "one in a table")
    groups = needs["stratum"].unique().sort().to_list()
    formers = operation.needs_surveys.filter(year=years[0], is_current=True)
    for former in formers.select_for_update():
        is_same = former.sha256 == kept.sha256 and former.groups == groups
        if is_same and former.fewest_households == fewest:
            return former
        if set(former.groups) & set(groups):
            _withdraw(former, by=by)
    interviewed = int(needs.unique(["admin2_code", "stratum"])["interviewed"].sum())
    survey = NeedsSurvey.objects.create(
        operation=operation, name=kept.name, sha256=kept.sha256, year=years[0], groups=groups,
        fewest_households=fewest, areas=needs["admin2_code"].n_unique(), households=interviewed,
        figures=needs.height, withheld=needs["percent"].null_count(), sent_by=by,
    )  # fmt: skip
    _write(needs, survey)
    record("needs.publish", by, survey, {"sha256": kept.sha256, "year": years[0]})
    return survey


@transaction.atomic
def withdraw_needs_survey(survey: NeedsSurvey, *, by: User | None) -> None:
    """Take a survey out of what is published; its file stays."""
    if survey.is_current:
        _withdraw(survey, by=by)


def _withdraw(survey: NeedsSurvey, *, by: User | None) -> None:
    survey.is_current = False
    survey.save(update_fields=["is_current"])
    record("needs.withdraw", by, survey, {})


def _write(needs: pl.DataFrame, survey: NeedsSurvey) -> None:
    buffer = io.BytesIO()
    needs.write_parquet(buffer)
    write_file_whole(needs_path(survey), buffer.getvalue())


def _require_one(found: list[object], option: str, choices: str) -> None:
    if len(found) != 1 or (option == "country" and found != [choices]):
        value = ", ".join(str(value) for value in found[:5])
        raise InvalidChoice(value=value, option=option, choices=choices)
