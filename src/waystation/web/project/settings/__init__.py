"""Settings: base, and what local, test and production add."""
