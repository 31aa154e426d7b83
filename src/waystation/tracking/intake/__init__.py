"""Intake: what turns the cells of a mapped file into submissions, by kind of value."""

from __future__ import annotations

from waystation.tracking.intake.files import submissions_from_file

__all__ = ["submissions_from_file"]
