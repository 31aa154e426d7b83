"""Displacement tracking in the browser: operations, rounds, what came in, what went out."""
