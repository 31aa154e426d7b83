"""The layouts that offices use: which columns, in which language, in which kind of file."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from waystation.tracking.exercise.country import Country
from waystation.tracking.exercise.headings import HXL, KOBO, heading_of
from waystation.tracking.exercise.people import PREFIX, REASONS, SEX_AGE, SHELTERS
from waystation.tracking.exercise.words import category_name, folder_name

PLACE = (
    "admin1_name", "admin1_reported_code", "admin2_name", "admin2_reported_code",
    "admin3_name", "admin3_reported_code",
)  # fmt: skip
SITE = (
    "location_id",
    "location_name",
    "location_type",
    "location_status",
    "latitude",
    "longitude",
)
STOCK = ("idp_households", "idp_individuals")
SEX = (f"{PREFIX}__sex__male", f"{PREFIX}__sex__female")
BANDS = tuple(f"{PREFIX}__sex_age__{b}" for b in SEX_AGE)
REASON = tuple(f"{PREFIX}__reason__{r}" for r in REASONS)
SHELTER = tuple(f"{PREFIX}__shelter__{s}" for s in SHELTERS)
RETURN = ("returnee_households", "returnee_individuals")
RETURN_FROM = ("returnee_internal_individuals", "returnee_abroad_individuals")
FLOWS = (
    "arrival_households", "arrival_individuals",
    "departure_households", "departure_individuals",
)  # fmt: skip
NEED = ("need_1", "need_2", "need_3")
QUALITY = ("key_informants", "credibility", "access", "enumerator")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a form looks.

    Attributes:
        name: e.g. "workbook_en".
        language: en, fr or ar.
        suffix: "xlsx" or "csv".
        fields: Its columns, in order; fields of the draft.
        sheet: Name of the data sheet; None in a csv.
        first_row: Row of the first record, as a spreadsheet program numbers it.
        separator: Between the cells of a csv.
        encoding: Of a csv.
    """

    name: str
    language: str
    suffix: str
    fields: tuple[str, ...]
    sheet: str | None
    first_row: int
    separator: str = ","
    encoding: str = "utf-8-sig"


@dataclass(frozen=True, slots=True)
class Office:
    """An office, which reports one unit of the first level every round.

    Attributes:
        code: Code of the unit.
        folder_name: Its name as it stands in file names.
        layout: Its form.
        revised_from: Round, from 0, from which its form has the same columns in another
            order; None where it never changes.
    """

    code: str
    folder_name: str
    layout: Layout
    revised_from: int | None = None

    def layout_in(self, index: int) -> Layout:
        """Return the form in use in a round."""
        if self.revised_from is None or index < self.revised_from:
            return self.layout
        return replace(self.layout, fields=_in_other_order(self.layout))


def layouts(origins: tuple[str, ...], periods: tuple[str, ...]) -> tuple[Layout, ...]:
    """Return the six layouts; a country with other origins or years has other columns."""
    origin = tuple(f"{PREFIX}__origin__{o}" for o in origins)
    period = tuple(f"{PREFIX}__period__{p}" for p in periods)
    abroad = ("idp_previously_abroad_individuals",)
    return (
        Layout(
            "workbook_en", "en", "xlsx",
            ("collected_on", *PLACE, *SITE, *STOCK, *abroad, *SEX, *BANDS, *REASON, *SHELTER,
             *RETURN, *RETURN_FROM, *FLOWS, *NEED, *QUALITY),
            "Baseline data", 4,
        ),
        Layout(
            "workbook_fr", "fr", "xlsx",
            (*PLACE, *SITE, "collected_on", *STOCK, *SEX, *origin, *REASON, *RETURN, *FLOWS,
             *NEED, *QUALITY),
            "Données", 3,
        ),
        Layout(
            "workbook_ar", "ar", "xlsx",
            (*PLACE, *SITE, "collected_on", *STOCK, *SEX, *REASON, *SHELTER, *period, *RETURN,
             *NEED, *QUALITY),
            "البيانات", 4,
        ),
        Layout(
            "csv_en", "en", "csv",
            ("round_number", "collected_on", *PLACE, *SITE, *STOCK, *abroad, *BANDS, *REASON,
             *RETURN, *RETURN_FROM, *FLOWS, *NEED, *QUALITY),
            None, 2,
        ),
        Layout(
            "csv_fr", "fr", "csv",
            ("round_number", "collected_on", *PLACE, *SITE, *STOCK, *SEX, *origin, *period,
             *RETURN, *NEED, *QUALITY),
            None, 2, ";", "cp1252",
        ),
        Layout("kobo", "en", "csv", tuple(KOBO), None, 2, ",", "utf-8"),
    )  # fmt: skip


def _in_other_order(layout: Layout) -> tuple[str, ...]:
    """A tool sorts its columns by their codes; a person moves the last block to the front."""
    if layout.name == "kobo":
        return tuple(sorted(layout.fields, key=lambda field: KOBO[field]))
    return (*layout.fields[-len(QUALITY) :], *layout.fields[: -len(QUALITY)])


def offices_of(
    country: Country, kinds: tuple[Layout, ...], rounds: int, rng: np.random.Generator
) -> tuple[Office, ...]:
    """Return one office a first-level unit; each layout is in use, the rest is chance."""
    units = country.level(1)
    more = rng.integers(0, len(kinds), units.height - len(kinds)).tolist()
    chosen = rng.permutation([*range(len(kinds)), *more]).tolist()
    # Half of the offices revise their forms once, some time after the first round.
    revised = [int(rng.integers(1, rounds)) if rounds > 1 else None for _ in chosen]
    revises = rng.random(len(chosen)) < 0.5
    return tuple(
        Office(
            unit["code"],
            folder_name(unit["name_en"]),
            kinds[chosen[i]],
            revised[i] if revises[i] else None,
        )
        for i, unit in enumerate(units.iter_rows(named=True))
    )


def headings_of(layout: Layout, units1: pl.DataFrame) -> list[tuple[str, str]]:
    """Return group heading and heading of each column of a layout."""
    if layout.name == "kobo":
        return [("", KOBO[f]) for f in layout.fields]
    names = {
        category_name(row["name_fr"]): (row["name_en"], row["name_fr"], row["name_ar"])
        for row in units1.iter_rows(named=True)
    }
    found = [heading_of(field, layout.language, names) for field in layout.fields]
    if layout.name != "csv_en":
        return found
    # A csv has no merged headings: breakdowns bear their group in the same cell.
    return [
        ("", f"{group}: {heading}" if group.startswith("IDP") and group != "IDPs" else heading)
        for group, heading in found
    ]


def tags_of(layout: Layout) -> list[str]:
    """Return the HXL tag of each column, empty where the mission gives none."""
    return [HXL.get(field, "") for field in layout.fields]
