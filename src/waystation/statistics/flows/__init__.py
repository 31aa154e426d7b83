"""Estimates of the flows between areas that nobody observes."""
