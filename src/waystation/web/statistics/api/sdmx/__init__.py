"""SDMX over HTTP: REST 1.5 (SDMX 2.1) and REST 2.1 (SDMX 3.0)."""
