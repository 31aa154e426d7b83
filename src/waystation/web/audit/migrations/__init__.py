"""Database changes of the audit trail."""
