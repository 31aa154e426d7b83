"""Names of places matched to the units of a list, with a score, a decision and a reason."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from waystation.errors import MissingColumns
from waystation.geography.boundaries import units_at_points
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
_ANSWERS = ["matched_code", "score", "decision", "reason", "candidates"]
_ASKED = ["country", "level", "name", "parent_code", "code", "point_code"]


class Gazetteer:
    """The names of administrative units, asked in batches.

    Names are compared within their country and level, in four forms (`name_forms`), by weights
    that were fitted on misspelt names of 139 countries (`name_scores`). A parent is a hint: a
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
            frame: ``country`` (ISO 3166-1 alpha-3), ``level`` (1, 2, ...) and ``name``; where
                known also ``parent_code`` (in either prefix style), ``code``, ``latitude`` and
                ``longitude`` (degrees). Other columns are kept.

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
        questions = self._described(
            asked.unique(maintain_order=True).with_row_index("question")
        )
        answers = decided(questions.drop("parent"), self._candidates(questions))
        found = asked.join(
            answers.select(*_ASKED, *_ANSWERS),
            on=_ASKED,
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
        return frame.with_columns(found.select(_ANSWERS))

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
        text = [pl.col(c).cast(pl.String).str.strip_chars() for c in ("country", "name")]
        codes = [pl.col(c).cast(pl.String).str.strip_chars() for c in ("parent_code", "code")]
        asked = frame.with_columns(absent).select(
            pl.col("country").cast(pl.String).str.strip_chars().str.to_uppercase(),
            pl.col("level").cast(pl.Int64, strict=False),
            *text[1:],
            *(pl.when(code != "").then(code) for code in codes),
            pl.col("latitude", "longitude").cast(pl.Float64, strict=False),
        )
        return asked.with_columns(point_code=self._codes_of_points(asked)).select(_ASKED)

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
        column = "code" if kind == "code" else f"{kind}_code"
        place = ["country", "level", column]
        units = self._index.units.select(
            "country", "level", pl.col("code").alias("_code"),
            pl.col("unit").alias(f"{kind}_unit"), pl.col("name").alias(f"{kind}_name"),
        )  # fmt: skip
        if questions[column].null_count() == questions.height:
            matched = pl.Series([None] * questions.height, dtype=pl.String)
        else:
            asked = questions.select("country", "level", code=pl.col(place[-1]))
            matched = repaired_pcodes(asked, self._units)["matched_code"]
        return (
            questions.with_columns(_code=matched)
            .join(units, on=["country", "level", "_code"], how="left", maintain_order="left")
            .drop("_code")
        )

    def _candidates(self, questions: pl.DataFrame) -> pl.DataFrame:
        units = self._index.units.select("unit", "code", "name", "above")
        found = candidates(questions, self._index)
        return found.join(units, on="unit", maintain_order="left")
