"""Fitting tables to margins, blocks and net totals: what flow estimates are built from.

Arrays in, a `Fit` out, which says how far each margin was missed. `proportional` has iterative
proportional fitting, `maximisation` the same models by conditional maximisation, `net` fits to
net totals by entropy, `nearest` the nearest table in absolute or squared difference.
"""
