"""Transport: which units move between places so that all of them together are worth most.

Knows what a unit is worth where it lies and elsewhere, as steps that fall, and what moving it
costs. Knows nothing of warehouses, markets or days; those are `placement`.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import linprog

from planner.errors import PlanningError
from planner.supply.places.shelves import Steps

TIE_COST = 1e-6
"""Added to the cost of a move, so that one that gains nothing is not made. [currency/unit]"""


class Node(NamedTuple):
    """One SKU at one place: what each unit that leaves costs, and what each that comes is worth."""

    gives: Steps
    takes: Steps


def transported(arcs: pd.DataFrame, nodes: list[Node]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which units move where, at the greatest worth net of the moves.

    Parameters
    ----------
    arcs : DataFrame
        start, end (places in `nodes`), unit_cost: moves that can be taken. [currency/unit]
    nodes : list of Node

    Returns
    -------
    units : ndarray of int, shape (n_arcs,)
        [units]
    given, taken : ndarray, shape (n_nodes,)
        Net units that leave a place, and that come to it. [units]

    Raises
    ------
    PlanningError
        If the solver gives no answer.
    """
    n_nodes, n_arcs = len(nodes), len(arcs)
    if not n_arcs:
        return np.empty(0, dtype=int), np.zeros(n_nodes), np.zeros(n_nodes)
    gives, takes = [node.gives for node in nodes], [node.takes for node in nodes]
    give_at = np.repeat(np.arange(n_nodes), [len(steps.units) for steps in gives])
    take_at = np.repeat(np.arange(n_nodes), [len(steps.units) for steps in takes])
    give_most = np.concatenate([steps.units for steps in gives])
    take_most = np.concatenate([steps.units for steps in takes])
    start, end = arcs["start"].to_numpy(), arcs["end"].to_numpy()
    cost = np.concatenate([
        arcs["unit_cost"].to_numpy() + TIE_COST,
        *(steps.worth for steps in gives),
        *(-steps.worth for steps in takes),
    ])  # fmt: skip
    arc = np.arange(n_arcs)
    later = n_arcs + np.arange(len(give_at) + len(take_at))
    signs = np.repeat([1.0, -1.0, 1.0, -1.0], [n_arcs, n_arcs, len(give_at), len(take_at)])
    rows = np.concatenate([end, start, give_at, take_at])
    columns = np.concatenate([arc, arc, later])
    balance = sparse.csr_array((signs, (rows, columns)), shape=(n_nodes, len(cost)))
    leaves = sparse.csr_array((np.ones(n_arcs), (start, arc)), shape=(n_nodes, len(cost)))
    most = np.concatenate([np.full(n_arcs, np.inf), give_most, take_most])
    answer = linprog(
        cost,
        A_ub=leaves,
        b_ub=[steps.units.sum() for steps in gives],
        A_eq=balance,
        b_eq=np.zeros(n_nodes),
        bounds=np.column_stack([np.zeros(len(cost)), most]),
        method="highs-ds",
    )
    if answer.x is None:
        raise PlanningError(f"the transfers could not be weighed: {answer.message}")
    units = np.round(answer.x[:n_arcs]).astype(int)
    net = np.bincount(end, units, n_nodes) - np.bincount(start, units, n_nodes)
    return units, np.maximum(-net, 0.0), np.maximum(net, 0.0)
