"""Names of places matched to the units of a list, with a score, a decision and a reason."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl

from waystation.errors import MissingColumns
from waystation.geography.boundaries import units_at_points
from waystation.geography.countries import iso3_by_text
from waystation.geography.name_decisions import decided
from waystation.geography.name_evidence import candidates
from waystation.geography.name_index import NameIndex
from waystation.geography.pcodes import repaired_pcodes
from waystation.geography.units import read_units

_OPTIONAL = {
    "parent_code": pl.String,
    "code": pl.String,
    "latitude": pl.Float64,
    "longitude": pl.Float64,
}
_WORTH_A_THREAD = 2500  # questions
_ANSWERS = ["matched_code", "score", "decision", "reason", "candidates"]
_ASKED = ["country", "level", "name", "parent_code", "code", "point_code"]


class Gazetteer:
    """The names of administrative units, asked in batches.

    Names are compared within their country and level, in four forms (`name_forms`), by weights
    that were fitted on misspelt names of 60 countries (`name_scores`); the scores then held on
    the others. A parent is a hint: a
    clearly better match under another parent wins, and the reason says so.

    What it cannot know: an exonym that the list does not give (Tripoli for Tarabulus) is far
    from it in every form; give it in ``names``. A misspelling that is another unit's name is
    that unit's.

    Args:
        units: Shape ``Units``; of several lists, concatenated.
        boundaries: Shape ``Boundaries``; where given, coordinates vote.
    """

    def __init__(self, units: pl.DataFrame, boundaries: pl.DataFrame | None = None) -> None:
        self._index = NameIndex(units)
        self._labels = self._index.units.select("code", "name", "above")
        self._countries_listed = frozenset(units["country"].unique())
        self._units = units
        self._boundaries = boundaries

    @classmethod
    def read(cls, *paths: Path | str) -> Gazetteer:
        """Return the gazetteer of p-code lists, COD-AB tables or boundary files.

        Raises:
            UnusableInput: If a file cannot be read as a list of units.
        """
        return cls(read_units(*(Path(path) for path in paths)))

    def match(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Match names to units.

        Args:
            frame: ``country`` (ISO 3166-1 alpha-3, or its name), ``level`` (1, 2, ...) and
                ``name``; where known also ``parent_code`` (in either prefix style), ``code``,
                ``latitude`` and ``longitude`` (degrees). Other columns are kept.

        Returns:
            The rows in their order, with

            - ``matched_code``: code of the unit as the list writes it; null where the decision
              is none. With review it is the likeliest unit, not yet a match.
            - ``score``: how probable it is that this unit is meant, 0 to 1.
            - ``decision``: exact (same name once, or code and name agree), accepted (near
              enough), review (a person must choose), none (nothing is near).
            - ``reason``: why, in words a person can act on.
            - ``candidates``: up to five units, best first, each with code, name and score.

        Raises:
            MissingColumns: If country, level or name is absent.
        """
        asked = self._asked(frame)
        # What no row gives need not be compared.
        given = [name for name in _ASKED if asked[name].null_count() < asked.height]
        questions = asked.unique(given or None, keep="any").sort("country", "level")
        found = asked.select(given or _ASKED).join(
            self._answers(questions),
            on=given or _ASKED,
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
        return frame.with_columns(found.select(_ANSWERS))

    def _answers(self, questions: pl.DataFrame) -> pl.DataFrame:
        """Answer distinct questions, sorted by country and level, in as many threads as pay."""
        size = max(_WORTH_A_THREAD, -(-questions.height // (os.cpu_count() or 1)))
        parts = list(questions.iter_slices(size))
        if len(parts) < 2:
            return self._answered(questions)
        with ThreadPoolExecutor(len(parts)) as threads:
            return pl.concat(threads.map(self._answered, parts))

    def _answered(self, questions: pl.DataFrame) -> pl.DataFrame:
        described = self._described(questions.with_row_index("question"))
        answers = decided(described.drop("parent"), self._candidates(described))
        return answers.select(*_ASKED, *_ANSWERS)

    def _asked(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return what is asked in each row, cleaned, and the unit that its point lies in."""
        missing = [name for name in ("country", "level", "name") if name not in frame.columns]
        if missing:
            raise MissingColumns(table="names", columns=", ".join(missing))
        absent = [
            pl.lit(None, dtype=kind).alias(name)
            for name, kind in _OPTIONAL.items()
            if name not in frame.columns
        ]
        country, name = (
            pl.col(c).cast(pl.String).str.strip_chars() for c in ("country", "name")
        )
        codes = [pl.col(c).cast(pl.String).str.strip_chars() for c in ("parent_code", "code")]
        asked = frame.with_columns(absent).select(
            country.str.to_uppercase(),
            pl.col("level").cast(pl.Int64, strict=False),
            name,
            *(pl.when(code != "").then(code) for code in codes),
            pl.col("latitude", "longitude").cast(pl.Float64, strict=False),
        )
        asked = asked.with_columns(country=self._countries(asked["country"]))
        return asked.with_columns(point_code=self._codes_of_points(asked)).select(_ASKED)

    def _countries(self, asked: pl.Series) -> pl.Series:
        """Return ISO 3166-1 alpha-3 codes for names and alpha-2 codes that the list lacks."""
        others = pl.Series(sorted(set(asked.unique().drop_nulls()) - self._countries_listed))
        if others.is_empty():
            return asked
        known = iso3_by_text(others.cast(pl.String))
        return asked.replace(others.filter(known.is_not_null()), known.drop_nulls())

    def _codes_of_points(self, asked: pl.DataFrame) -> pl.Series:
        nowhere = pl.Series([None] * asked.height, dtype=pl.String)
        if self._boundaries is None or asked["latitude"].null_count() == asked.height:
            return nowhere
        points = units_at_points(asked, self._boundaries)
        levels = sorted(set(self._boundaries["level"].to_list()) - {0})
        code = pl.coalesce(
            pl.when(pl.col("level") == level).then(f"admin{level}_code") for level in levels
        )
        return points.select(code.alias("point_code")).to_series() if levels else nowhere

    def _described(self, questions: pl.DataFrame) -> pl.DataFrame:
        """Return the questions with what the list says of the codes given."""
        described = questions.with_columns(
            *self._index.parents_of_codes(questions, "parent_code"),
            pl.col("question").cast(pl.Int64),
            has_list=self._index.has_block(questions),
            has_name=pl.col("name").fill_null("").str.contains(r"[\p{L}\p{N}]"),
        )
        for column in ("code", "point"):
            described = self._with_unit_of_code(described, column)
        return described

    def _with_unit_of_code(self, questions: pl.DataFrame, kind: str) -> pl.DataFrame:
        """Add the unit that a code means, and its name, null where it means none."""
        column = "code" if kind == "code" else "point_code"
        unit, name = f"{kind}_unit", f"{kind}_name"
        if questions[column].null_count() == questions.height:
            return questions.with_columns(
                pl.lit(None, pl.Int64).alias(unit), pl.lit(None, pl.String).alias(name)
            )
        asked = questions.select("country", "level", code=pl.col(column))
        place = ["country", "level", "matched_code"]
        units = self._index.units.select(
            "country", "level", pl.col("code").alias("matched_code"),
            pl.col("unit").cast(pl.Int64).alias(unit), pl.col("name").alias(name),
        )  # fmt: skip
        found = repaired_pcodes(asked, self._units).join(
            units, on=place, how="left", maintain_order="left"
        )
        return questions.with_columns(found[unit], found[name])

    def _candidates(self, questions: pl.DataFrame) -> pl.DataFrame:
        found = candidates(questions, self._index)
        return found.with_columns(*self._labels[found["unit"].to_numpy()])
