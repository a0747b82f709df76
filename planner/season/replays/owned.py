"""Goods that were owned all along: left lying where the plan had fetched them from, or returned.

Reads stock counts, the plan's transfers and sales. Knows nothing of orders or money.
"""

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.season.days import KEYS

TRANSFER = "transfer"


def unmoved_units(
    placement: pd.DataFrame | None, stock: pd.DataFrame, keys: pd.DataFrame, *, scope: Scope
) -> np.ndarray:
    """Return what the plan counted on from warehouses elsewhere and what still lies there.

    Parameters
    ----------
    placement : DataFrame or None
        Table `Placement` of the plan; without it nothing was counted on.
    stock : DataFrame
        Table `Stock`; several snapshots may stand in it.
    keys : DataFrame
        market, sku: the rows to return.
    scope : Scope

    Returns
    -------
    ndarray, shape (n_sku,)
        [units]

    Notes
    -----
    ``planned - (lay there on the planning day - lies there now)``, at most what lies there now, of
    all markets that fetch there; each has its share of it by what was planned for it.
    A warehouse of a market of the campaign is left out, since its goods are counted there; so is
    one that nobody has counted since the planning day.
    """
    if placement is None or placement.empty:
        return np.zeros(len(keys))
    homes = {house.warehouse: house.market for house in scope.seller.warehouses}
    moves = placement[(placement["move"] == TRANSFER) & (placement["units"] > 0)]
    moves = moves[~moves["from_place"].map(homes).isin(scope.markets)]
    moves = moves.groupby([*KEYS, "from_place"], as_index=False)["units"].sum()
    looking = pd.Timestamp(scope.last_day(3))
    was = _lying(stock[stock["as_of"] <= looking], moves)
    now = _lying(stock[stock["as_of"] > looking], moves).fillna(0.0)
    gone = (was - now).clip(lower=0.0).fillna(0.0)
    planned = moves.groupby(["from_place", "sku"])["units"].transform("sum")
    kept = np.minimum((planned - gone).clip(lower=0.0), now) * moves["units"] / planned
    sums = moves.assign(kept=kept).groupby(KEYS)["kept"].sum()
    return sums.reindex(pd.MultiIndex.from_frame(keys[KEYS]), fill_value=0.0).to_numpy(dtype=float)


def again_units(
    sold: np.ndarray, came: np.ndarray, carton: np.ndarray, rates: pd.DataFrame
) -> np.ndarray:
    """Return what of the units that came were sold in the window before, and returned.

    Parameters
    ----------
    sold, came : ndarray, shape (n_sku, n_days)
        Sold, and on the shelf besides the campaign's order and parcels never delivered. [units]
    carton : ndarray, shape (n_sku,)
        A lot of a carton and more is no return; 1 where cartons tell nothing. [units]
    rates : DataFrame
        return_rate, lag_days and resale_rate, row by row; unknown ones count no returns.

    Returns
    -------
    ndarray, shape (n_sku,)
        [units]

    Notes
    -----
    ``return rate * resale rate * sold`` up to `lag_days` before the window ends, at most what the
    shelf shows came.

    Examples
    --------
    10 a day over four days at 20 %, back after two: of the first two days 4 come back; 3 are seen.

    >>> rates = pd.DataFrame({"return_rate": [0.2], "lag_days": [2.0], "resale_rate": [1.0]})
    >>> again_units(np.full((1, 4), 10.0), np.array([[0, 0, 2, 1.0]]), np.array([50.0]), rates)
    array([3.])
    """
    lag = np.ceil(rates["lag_days"].to_numpy(dtype=float))
    in_time = np.arange(sold.shape[1]) + np.nan_to_num(lag)[:, None] < sold.shape[1]
    share = (rates["return_rate"] * rates["resale_rate"]).to_numpy(dtype=float)
    share = np.where(np.isnan(lag), 0.0, np.nan_to_num(share))
    is_small = (came < carton[:, None]) | (carton[:, None] <= 1)
    seen = np.where(is_small, np.maximum(came, 0.0), 0.0).sum(axis=1)
    return np.minimum(share * (sold * in_time).sum(axis=1), seen)


def _lying(stock: pd.DataFrame, moves: pd.DataFrame) -> pd.Series:
    """Return what lies on the shelf at each move's source by its newest count; NaN without one."""
    newest = stock.groupby("warehouse")["as_of"].transform("max")
    rows = stock[(stock["as_of"] == newest) & (stock["stage"] == "on_hand")]
    units = rows.groupby(["warehouse", "sku"])["units"].sum()
    places = pd.MultiIndex.from_frame(moves[["from_place", "sku"]])
    found = pd.Series(units.reindex(places).to_numpy(dtype=float), index=moves.index)
    is_counted = moves["from_place"].isin(stock["warehouse"])
    return found.mask(found.isna() & is_counted, 0.0)
