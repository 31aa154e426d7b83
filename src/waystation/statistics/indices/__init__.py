"""Indices of migration: how much, how unequal, how far, at which age, to whose gain.

Definitions are those of the literature. Where the R package migest 2.0.5 computes another
figure under the same name, ``variant="migest"`` gives that one for comparison.
"""
