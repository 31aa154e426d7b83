"""Intake: what turns the cells of a mapped sheet into submissions, by kind of value."""
