"""Many rows of one record at once: what ``bulk_create`` does, without an object a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model


def add_many(
    model: type[Model],
    same: Mapping[str, Any],
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> None:
    """Add rows, inside the transaction of the act that writes them.

    Twenty thousand fixes are forty thousand rows; objects made of them take most of the time
    and tell nothing that the rows do not.

    Args:
        model: The record.
        same: Values of the fields that all rows share, by the names of the fields.
        names: The other fields, all of them text.
        rows: One text, or None, for each of ``names``.
    """
    columns: list[str] = []
    shared: list[Any] = []
    for name, value in same.items():
        field = _field(model, name)
        columns.append(field.column)
        shared.append(field.get_db_prep_save(value, connection))
    columns += [_field(model, name).column for name in names]
    quoted = ", ".join(connection.ops.quote_name(column) for column in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    places = ", ".join(["%s"] * len(columns))
    sql = f"INSERT INTO {table} ({quoted}) VALUES ({places})"  # noqa: S608  # names of our own fields
    with connection.cursor() as cursor:
        cursor.executemany(sql, [(*shared, *row) for row in rows])


def _field(model: type[Model], name: str) -> Any:
    return model._meta.get_field(name)
