"""Many rows of one record at once, for acts that take one audit event with their count.

The only place in tracking where rows are written without their records: every caller is an
action that records one event for all of them, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet

from waystation.web.audit.models import bulk_writes

# Parameters of one statement that every database takes, with room for the values.
MOST_KEYS = 900


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


def change_many(
    records: QuerySet[Any], values: Mapping[str, Any], *, keys: Sequence[int] | None = None
) -> int:
    """Set fields of records to the same values, inside the transaction of the act.

    Args:
        records: Which.
        values: By the names of the fields.
        keys: Only those of these keys, however many; all of them when None.

    Returns:
        How many were changed.
    """
    with bulk_writes():
        if keys is None:
            return records.update(**values)
        parts = (keys[first : first + MOST_KEYS] for first in range(0, len(keys), MOST_KEYS))
        return sum(records.filter(pk__in=part).update(**values) for part in parts)


def _field(model: type[Model], name: str) -> Any:
    return model._meta.get_field(name)
