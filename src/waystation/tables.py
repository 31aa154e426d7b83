"""What every table schema shares: a base class, column kinds, codebook text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import dataframely as dy
import polars as pl

from waystation.errors import BrokenRules, InvalidTable, MissingColumns


class Table(dy.Schema):
    """A declared table: the columns, types, units and key that travel between areas.

    Columns beyond the declared ones are allowed where the subclass's docstring says so.
    """

    @classmethod
    def require(cls, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the frame with its declared columns checked and cast, others untouched.

        Args:
            frame: Any frame that claims to be this table.

        Returns:
            The declared columns first, in schema order, then the others in theirs.

        Raises:
            MissingColumns: If a declared column is absent.
            BrokenRules: If rows break a rule of the schema (null, range, key).
            InvalidTable: If a column cannot be cast to its declared type.
        """
        missing = [name for name in cls.column_names() if name not in frame.columns]
        if missing:
            raise MissingColumns(table=cls.__name__, columns=", ".join(missing))
        try:
            checked = cls.validate(frame, cast=True)
        except dy.exc.ValidationError as error:
            raise BrokenRules(table=cls.__name__, rules=" ".join(str(error).split())) from error
        except (dy.exc.SchemaError, pl.exceptions.PolarsError) as error:
            reason = " ".join(str(error).split())
            raise InvalidTable(table=cls.__name__, reason=reason) from error
        others = [name for name in frame.columns if name not in cls.column_names()]
        return pl.DataFrame(checked).with_columns(frame.select(others)) if others else checked

    @classmethod
    def complete(cls, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the frame with absent nullable columns added as nulls, declared ones first."""
        declared = cls.columns()
        absent = [
            pl.lit(None, dtype=column.dtype).alias(name)
            for name, column in declared.items()
            if name not in frame.columns and column.nullable
        ]
        others = [name for name in frame.columns if name not in declared]
        present = [n for n in declared if n in frame.columns or declared[n].nullable]
        return frame.with_columns(absent).select(*present, *others)

    @classmethod
    def empty_frame(cls) -> pl.DataFrame:
        """Return the table with no rows."""
        return pl.DataFrame(schema={name: c.dtype for name, c in cls.columns().items()})

    @classmethod
    def codebook(cls) -> list[CodebookRow]:
        """Return one row a column: name, type, unit, whether null is allowed, meaning."""
        keys = set(cls.primary_key())
        return [
            CodebookRow(
                column=name,
                kind=str(column.dtype),
                unit=(column.metadata or {}).get("unit", ""),
                is_key=name in keys,
                is_nullable=column.nullable,
                meaning=column.description or "",
            )
            for name, column in cls.columns().items()
        ]


@dataclass(frozen=True, slots=True)
class CodebookRow:
    """What a reader must know of one column."""

    column: str
    kind: str
    unit: str
    is_key: bool
    is_nullable: bool
    meaning: str


def text(meaning: str, *, nullable: bool = True, **kwargs: Any) -> dy.String:
    """Return a text column."""
    return dy.String(nullable=nullable, description=meaning, **kwargs)


def iso3(meaning: str, *, nullable: bool = False, **kwargs: Any) -> dy.String:
    """Return a column of ISO 3166-1 alpha-3 country codes."""
    return dy.String(nullable=nullable, regex=r"^[A-Z]{3}$", description=meaning, **kwargs)


def whole(meaning: str, *, nullable: bool = True, unit: str = "", **kwargs: Any) -> dy.Int64:
    """Return a column of whole numbers."""
    return dy.Int64(nullable=nullable, description=meaning, metadata={"unit": unit}, **kwargs)


def number(meaning: str, *, nullable: bool = True, unit: str = "", **kwargs: Any) -> dy.Float64:
    """Return a column of numbers, exact for whole ones up to 2**53."""
    return dy.Float64(nullable=nullable, description=meaning, metadata={"unit": unit}, **kwargs)


def day(meaning: str, *, nullable: bool = True, **kwargs: Any) -> dy.Date:
    """Return a column of dates."""
    return dy.Date(nullable=nullable, description=meaning, **kwargs)


def claim(meaning: str, *, nullable: bool = False, **kwargs: Any) -> dy.Bool:
    """Return a column of true or false."""
    return dy.Bool(nullable=nullable, description=meaning, **kwargs)
