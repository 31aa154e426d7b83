"""Pages of accounts: people, offices, keys, one's own account, the audit trail."""
