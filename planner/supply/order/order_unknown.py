"""Order unknown: how far goods may go of which nobody knows what a unit earns.

They come after all that is known to earn: they take the room that is left, never a container of
their own, and a dear way only if the seller's other goods could bear it. Else they wait.
"""

import numpy as np
import pandas as pd

from planner.supply.charges.way_choice import known_cost

DEAR_MODES = ("air", "express")
"""Ways that a unit of unknown worth takes only if the usual unit could pay for them."""


def are_unknown(value: np.ndarray, fixed: np.ndarray, is_firm: np.ndarray) -> np.ndarray:
    """Return of which SKUs units are asked for although nobody knows what they earn.

    Parameters
    ----------
    value : ndarray, shape (n_sku, n_points)
        Worth of supply; NaN where unknown. [currency]
    fixed : ndarray, shape (n_sku,)
        Units that a rule asks for; NaN where worth decides. [units]
    is_firm : ndarray of bool, shape (n_sku,)
        Whether people decided on them, who may know what they earn.
    """
    return np.isnan(value).any(axis=1) & (np.nan_to_num(fixed) > 0) & ~is_firm


def usual_room(slopes: np.ndarray, goods: pd.DataFrame) -> float:
    """Return the share of its price that the usual unit has left for carriage and profit.

    Parameters
    ----------
    slopes : ndarray, shape (n_sku, n_points)
        Worth of one unit more; the first is a sale net of its own costs. [currency/unit]
    goods : DataFrame, shape (n_sku, ...)
        price and unit_cost by SKU, in the same order. [currency/unit]

    Returns
    -------
    float
        Median over the SKUs whose price, cost and worth are known; NaN where there is none.
    """
    price = goods["price"].to_numpy(dtype=float)
    share = (slopes[:, 0] - goods["unit_cost"].to_numpy(dtype=float)) / price
    known = share[np.isfinite(share)]
    return float(np.median(known)) if len(known) else np.nan


def too_dear(
    routes: pd.DataFrame, unknown: np.ndarray, slopes: np.ndarray, goods: pd.DataFrame
) -> pd.Series:
    """Return which ways a unit of unknown worth may not take.

    Parameters
    ----------
    routes : DataFrame
        As `order_ways.routes_of` gave them.
    unknown : ndarray of bool, shape (n_sku,)
        See `are_unknown`.
    slopes, goods
        As in `usual_room`.

    Returns
    -------
    Series of bool
        A way by air or express whose carriage is not known, or is more than `usual_room` of the
        unit's price. False of all goods that are known to earn.

    Notes
    -----
    A way that is cheap by its kind is taken even if nobody gave its price: a seller who knows no
    cost at all still gets quantities.
    """
    row = routes["row"].to_numpy()
    price = goods["price"].to_numpy(dtype=float)[row]
    carriage = known_cost(routes.assign(landed_cost=np.nan))
    bears = carriage.to_numpy(dtype=float) <= usual_room(slopes, goods) * price
    return pd.Series(unknown[row] & routes["mode"].isin(DEAR_MODES) & ~bears, index=routes.index)


def waiting(dear: pd.DataFrame, keys: pd.MultiIndex) -> pd.Series:
    """Return by market and SKU why it waits, blank where it does not.

    Parameters
    ----------
    dear : DataFrame
        The ways that `too_dear` shut.
    keys : MultiIndex
        market and sku of every row to be told.
    """
    first = dear.sort_values(["row", "freight", "mode"]).drop_duplicates("row")
    told = pd.Series("", index=keys, dtype="str")
    for way in first.itertuples():
        known = not np.isnan(way.freight)
        facts = f"mode={way.mode}" + (f"|carriage={way.freight:.10g}" if known else "")
        term = "reason.waits_for_cost" if known else "reason.waits_for_price"
        currency = f"|currency={way.currency}" if known else ""
        told.iloc[way.row] = f"{term}|{facts}{currency}"
    return told
