"""Order pieces: the worth of a supply cut at whole cartons, as pieces of one slope each.

Knows worth curves and cartons. Knows nothing of ways or limits.
"""

import numpy as np
import pandas as pd

from planner.supply.quantity.value_curves import Curves, worth_at

PACK_TOLERANCE = 1e-9
"""A need of 2.0000000001 cartons is one of 2. [cartons]"""
LEAST_SHARE = 1e-3
"""Of the best unit's earnings, what one that a rule asks for counts for even if it earns less."""


def worth_pieces(
    curves: Curves, carton: np.ndarray, first: np.ndarray, most: np.ndarray
) -> pd.DataFrame:
    """Return the pieces of worth between whole cartons, from the minimum order on.

    Parameters
    ----------
    curves : Curves
    carton : ndarray, shape (n_sku,)
        Units in a carton. [units]
    first, most : ndarray, shape (n_sku,)
        Where the first piece ends, and the last. [cartons]

    Returns
    -------
    DataFrame
        row, units, slope [currency/unit].

    Notes
    -----
    Every piece ends at a full carton and the first at the minimum order, so that the programme
    without whole numbers all but has them, and nothing is lost: between two breakpoints the
    curve is straight.
    """
    counts = curves.units / carton[:, None]
    corners = [np.floor(counts + PACK_TOLERANCE), np.ceil(counts - PACK_TOLERANCE)]
    counts = np.column_stack([*corners, first, most])
    counts = np.clip(counts, np.minimum(first, most)[:, None], most[:, None])
    counts = np.sort(np.column_stack([np.zeros(len(most)), counts]), axis=1)
    units = counts * carton[:, None]
    value = np.column_stack([worth_at(curves, column) for column in units.T])
    size = np.diff(units, axis=1)
    row, piece = np.nonzero(size > 0)
    slope = np.diff(value, axis=1)[row, piece] / size[row, piece]
    return pd.DataFrame({"row": row, "units": size[row, piece], "slope": slope})


def net_pieces(pieces: pd.DataFrame, paid: np.ndarray) -> pd.DataFrame:
    """Return pieces with their slope net of cost: unknown ones first, and none for nothing.

    Parameters
    ----------
    pieces : DataFrame
        As `worth_pieces` gave them.
    paid : ndarray, shape (n_sku,)
        Cost of a unit on the cheapest way. [currency/unit]
    """
    net = pieces["slope"] - paid[pieces["row"]]
    top = float(net.max()) if net.notna().any() else 1.0
    slope = net.fillna(top).clip(lower=LEAST_SHARE * max(abs(top), 1.0))
    return pieces.assign(slope=slope)
