"""The names of all units of a list, ready to be compared with, and the pairs worth judging."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from waystation.geography.name_candidates import Asked, NameBlock, Whole
from waystation.geography.name_forms import FormTable, forms, readings
from waystation.geography.name_scores import Evidence, evidence


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of a question and a unit's name that could be meant, sorted by question.

    Attributes:
        question: Row of the question, ascending.
        unit: Row of the unit in the index.
        evidence: What speaks for and against, one row a pair.
    """

    question: Whole
    unit: Whole
    evidence: Evidence


class NameIndex:
    """Names by country and level.

    Attributes:
        units: One row a unit: ``unit`` (its row), ``country``, ``level``, ``code``, ``name``,
            ``parent_code``, ``parent`` and ``grandparent`` (numbers of codes, -1 for none), and
            ``above``, the name of the unit above, or its code where the list has no name.
    """

    def __init__(self, units: pl.DataFrame) -> None:
        units = units.select("country", "level", "code", "name", "names", "parent_code")
        units = units.sort("country", "level", "code").with_row_index("unit")
        self._parents = _parents(units)
        self._parent_keys = code_keys(self._parents, ["country"], "parent_code", "parent")
        self.units = self._with_ancestors(units)
        self._names = _name_rows(self.units)
        self._blocks, self._sizes = self._blocks_of(self._names)
        self._known = pl.DataFrame(
            list(self._blocks), schema={"country": pl.String, "level": pl.Int64}, orient="row"
        ).with_columns(has_block=pl.lit(value=True))
        self._forms = FormTable.of_forms(self._names)
        self._ancestors = (
            self.units["parent"].to_numpy(),
            self.units["grandparent"].to_numpy(),
        )

    def parents_of_codes(self, codes: pl.DataFrame, column: str) -> pl.DataFrame:
        """Return ``parent`` and ``parent_name`` of codes of units above, null if unknown."""
        numbers = with_code_numbers(codes, self._parent_keys, ["country"], column)
        return pl.DataFrame({"parent": numbers}).join(
            self._parents.select("parent", parent_name="above"),
            on="parent",
            how="left",
            maintain_order="left",
        )

    def has_block(self, questions: pl.DataFrame) -> pl.Series:
        """Return whether the list has the country and level of each question."""
        joined = questions.join(
            self._known, on=["country", "level"], how="left", maintain_order="left"
        )
        return joined["has_block"].fill_null(value=False)

    def pairs(self, questions: pl.DataFrame) -> Pairs:
        """Return what each question could mean.

        Args:
            questions: ``country``, ``level``, ``name`` and ``parent`` (number of the parent
                given; -1 for none), none null, of countries and levels in the list.

        Returns:
            Pairs sorted by question; none for a question that resembles nothing.
        """
        read = readings(questions["name"].unique(maintain_order=True))
        read = pl.concat([read, forms(read["reading"])], how="horizontal")
        read = read.filter(pl.col("fold") != "").with_row_index("reading_row")
        table = FormTable.of_forms(read)
        asked = questions.with_row_index("question").join(
            read.select("name", "reading_row"), on="name", maintain_order="left"
        )
        reading = asked["reading_row"].to_numpy()
        parents = asked["parent"].to_numpy()
        found = [
            self._pairs_of_block(
                (str(key[0]), int(key[1])), table, reading, parents, part["row"].to_numpy()
            )
            for key, part in asked.select("country", "level")
            .with_row_index("row")
            .group_by("country", "level", maintain_order=True)
        ]
        empty = np.zeros(0, dtype=np.int64)
        row = np.concatenate([empty, *(pair[0] for pair in found)])
        name_row = np.concatenate([empty, *(pair[1] for pair in found)])
        size = np.concatenate([empty, *(pair[2] for pair in found)])
        question = asked["question"].to_numpy()[row].astype(np.int64)
        order = np.argsort(question, kind="stable")
        row, name_row, size, question = (
            row[order],
            name_row[order],
            size[order],
            question[order],
        )
        unit = self._names["unit"].to_numpy()[name_row].astype(np.int64)
        weighed = evidence(
            table,
            self._forms,
            (reading[row], name_row),
            size=size,
            parent=self.parent_agrees(questions["parent"].to_numpy()[question], unit),
        )
        return Pairs(question=question, unit=unit, evidence=weighed)

    def _pairs_of_block(
        self,
        key: tuple[str, int],
        table: FormTable,
        reading: Whole,
        parents: Whole,
        part: Whole,
    ) -> tuple[Whole, Whole, Whole]:
        asked = Asked.of_forms(table, reading[part], parents[part])
        rows, names = self._blocks[key].candidates(asked)
        return part[rows], names, np.full(rows.size, self._sizes[key])

    def parent_agrees(self, given: Whole, unit: Whole) -> Whole:
        """Return 1 where the parent given is the unit's, -1 where not, 0 where none is given.

        Args:
            given: Numbers of the parents given, -1 for none.
            unit: Rows of the units, beside them.
        """
        agrees = np.zeros(given.size, dtype=bool)
        for ancestors in self._ancestors:
            agrees |= given == ancestors[unit]
        return np.where(given < 0, 0, np.where(agrees, 1, -1))

    def _with_ancestors(self, units: pl.DataFrame) -> pl.DataFrame:
        parents = self._parents.select("country", "parent_code", "parent", "above")
        units = units.join(
            parents, on=["country", "parent_code"], how="left", maintain_order="left"
        )
        ancestors = units.select("country", parent_code="code", grandparent="parent").unique(
            ["country", "parent_code"], keep="first", maintain_order=True
        )
        return units.join(
            ancestors, on=["country", "parent_code"], how="left", maintain_order="left"
        ).with_columns(pl.col("parent", "grandparent").fill_null(-1))

    def _blocks_of(
        self, names: pl.DataFrame
    ) -> tuple[dict[tuple[str, int], NameBlock], dict[tuple[str, int], int]]:
        blocks, sizes = {}, {}
        start = 0
        for key, part in names.group_by("country", "level", maintain_order=True):
            block = (str(key[0]), int(key[1]))
            blocks[block] = NameBlock(
                start=start,
                folds=part["fold"].to_list(),
                sounds=part["sound"].to_list(),
                bones=part["bones"].to_list(),
                parents=part.select("parent", "grandparent").to_numpy(),
            )
            sizes[block] = part["unit"].n_unique()
            start += part.height
        return blocks, sizes


def code_keys(units: pl.DataFrame, scope: list[str], column: str, number: str) -> pl.DataFrame:
    """Return the spellings by which a code is known: as written, and without its prefix.

    DTM writes NGA008 where the list has NG008, so the digits alone are a key too where only one
    code of the scope has them; the code as written goes first.

    Returns:
        ``scope``, ``key`` and ``number``, each key once.
    """
    whole = units.select(*scope, number, key=_as_key(pl.col(column)))
    bare = units.select(*scope, number, key=_without_prefix(_as_key(pl.col(column))))
    bare = bare.filter(pl.col(number).n_unique().over(*scope, "key") == 1)
    return (
        pl.concat([whole, bare])
        .drop_nulls("key")
        .unique([*scope, "key"], keep="first", maintain_order=True)
    )


def with_code_numbers(
    codes: pl.DataFrame, keys: pl.DataFrame, scope: list[str], column: str
) -> pl.Series:
    """Return the number of each code by its key as written, else without prefix, else null."""
    number = next(name for name in keys.columns if name not in {*scope, "key"})
    if codes[column].null_count() == codes.height:
        return pl.Series([None] * codes.height, dtype=keys.schema[number])
    asked = codes.select(*scope, column)
    distinct = asked.unique().with_columns(key=_as_key(pl.col(column)))
    bare = distinct.with_columns(_without_prefix(pl.col("key")))
    on = [*scope, "key"]
    known = [
        spelt.join(keys, on=on, how="left", maintain_order="left")[number]
        for spelt in (distinct, bare)
    ]
    distinct = distinct.with_columns(known[0].fill_null(known[1]))
    return asked.join(
        distinct, on=[*scope, column], how="left", maintain_order="left", nulls_equal=True
    )[number]


def _parents(units: pl.DataFrame) -> pl.DataFrame:
    """Return the units above: ``country``, ``parent_code``, its number, and its name."""
    names = units.select("country", parent_code="code", above="name").unique(
        ["country", "parent_code"], keep="first", maintain_order=True
    )
    return (
        units.select("country", "parent_code")
        .drop_nulls()
        .unique(maintain_order=True)
        .join(names, on=["country", "parent_code"], how="left", maintain_order="left")
        .with_columns(pl.int_range(pl.len()).alias("parent"))
        .with_columns(pl.coalesce("above", "parent_code"))
    )


def _as_key(code: pl.Expr) -> pl.Expr:
    return code.str.to_uppercase().str.replace_all(r"[\s\-_./]", "")


def _without_prefix(key: pl.Expr) -> pl.Expr:
    return key.str.replace(r"^[A-Z]{2,3}(\d)", "${1}")


def _name_rows(units: pl.DataFrame) -> pl.DataFrame:
    """Return all readings of all names of all units with their forms, by country and level."""
    listed = (
        units.select(
            "unit", "country", "level", "parent", "grandparent",
            name=pl.concat_list(pl.concat_list("name"), pl.col("names").fill_null([])),
        )
        .explode("name")
        .drop_nulls("name")
        .unique(maintain_order=True)
    )  # fmt: skip
    read = readings(listed["name"].unique(maintain_order=True))
    read = pl.concat([read, forms(read["reading"])], how="horizontal")
    return listed.join(read, on="name", maintain_order="left").filter(pl.col("fold") != "")
