"""Waystation: the open system for the work of a migration organisation."""

__version__ = "0.1.0"
