"""Triggers that refuse to change or delete published versions, for both databases."""

from __future__ import annotations

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLES = ("tracking_snapshot", "tracking_withdrawal")
SAYS = "what was published is never changed"
FUNCTION = (
    "CREATE OR REPLACE FUNCTION tracking_published_refuse() RETURNS trigger "
    f"LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{SAYS}' "
    "USING ERRCODE = 'integrity_constraint_violation'; END $$"
)


def statements(vendor: str) -> list[str]:
    """Return what adds the triggers to a database of this make."""
    if vendor != "postgresql":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{what} BEFORE {what} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{SAYS}'); END"
            for table in TABLES
            for what in ("UPDATE", "DELETE")
        ]
    return [
        FUNCTION,
        *(
            f"CREATE OR REPLACE TRIGGER {table}_no_{name} BEFORE {what} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION tracking_published_refuse()"
            for table in TABLES
            for name, what, each in (
                ("change", "UPDATE OR DELETE", "ROW"),
                ("truncate", "TRUNCATE", "STATEMENT"),
            )
        ),
    ]


def install(_apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    """Add the triggers; a migration that rebuilds a table on SQLite must run this again."""
    for statement in statements(editor.connection.vendor):
        editor.execute(statement, params=None)
