"""Solve a network of weights for its potentials, exactly and the same way every time."""

from __future__ import annotations

import numpy as np

from waystation.statistics.flows.arrays import Array


def potentials_of_network(weights: Array, demand: Array) -> Array:
    """Return x with ``sum_j w_ij (x_i - x_j) = demand_i``, where the last x is 0.

    Nodes are eliminated one after the other, each handing its ties and its demand on to the
    others. Nothing is subtracted from the weights, so that small ones keep all their digits
    beside large ones, where a general solver loses them; and no threaded library is called,
    so that the answer does not depend on the number of threads.

    Args:
        weights: n x n, symmetric, at least 0; the diagonal is not looked at.
        demand: n; of nodes that are tied together the sum is 0.

    Source:
        Grassmann, Taksar and Heyman (1985), Operations Research 33: elimination without
        subtraction.
    """
    ties = np.array(weights, dtype=float)
    carried = np.array(demand, dtype=float)
    size = len(carried)
    totals = np.zeros(size)
    for node in range(size - 1):
        rest = slice(node + 1, size)
        row = ties[node, rest]
        totals[node] = row.sum()
        if totals[node] <= 0.0:
            continue
        share = row / totals[node]
        ties[rest, rest] += share[:, None] * row
        carried[rest] += share * carried[node]
    answer = np.zeros(size)
    for node in range(size - 2, -1, -1):
        if totals[node] > 0.0:
            rest = slice(node + 1, size)
            pulled = float((ties[node, rest] * answer[rest]).sum())
            answer[node] = (carried[node] + pulled) / totals[node]
    return answer
