"""Pages that set an operation up: its settings, its places, its master list."""
