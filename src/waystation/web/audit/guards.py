"""Triggers that refuse to change or delete events, for both databases."""

from __future__ import annotations

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLE = "audit_event"
SQLITE = [
    f"CREATE TRIGGER IF NOT EXISTS audit_event_no_{what} BEFORE {what} ON {TABLE} "
    "BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END"
    for what in ("UPDATE", "DELETE")
]
POSTGRES = [
    "CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit events are never changed' "
    "USING ERRCODE = 'integrity_constraint_violation'; END $$",
    f"CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON {TABLE} "
    "FOR EACH ROW EXECUTE FUNCTION audit_event_refuse()",
    f"CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON {TABLE} "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()",
]


def install(_apps: object, editor: BaseDatabaseSchemaEditor) -> None:
    """Add the triggers; a migration that rebuilds the table on SQLite must run this again."""
    for statement in POSTGRES if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement, params=None)
