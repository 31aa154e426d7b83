"""Pages of needs against presence."""
