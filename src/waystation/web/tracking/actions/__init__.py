"""Writes to tracking: one function, one transaction, one audit event."""
