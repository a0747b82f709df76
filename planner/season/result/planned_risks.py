"""What running out, leftovers, storage and refusal are to cost each SKU, as the plan knows it.

Known as soon as the plan is made, so that an order can be judged by it; what they did cost is
told after the campaign. Nobody knows how likely a refusal is: its figure is the whole loss.
"""

import numpy as np
import pandas as pd

from planner.season.days import KEYS

STORAGE = "storage"
"""Cost term in which the plan pays for stock that stands."""


def planned_risks(
    plan: pd.DataFrame, economics: pd.DataFrame, costs: pd.DataFrame, gates: pd.DataFrame
) -> pd.DataFrame:
    """Return what each SKU's four risks are to cost by the plan, as they stand when it is made.

    Parameters
    ----------
    plan, economics, costs, gates : DataFrame
        Tables `StockPlan`, `UnitEconomics`, `CostLines` and `Gates`.

    Returns
    -------
    DataFrame
        Rows of `plan`: market, sku, currency, stock_out_cost, dead_stock_cost, over_storage_cost,
        refusal_cost; unknown is NaN.

    Notes
    -----
    ``stock out = units missed * under cost``; ``dead stock = units left * over cost``; both are
    means over the demand draws, storage is that of the plan. A refusal stands with all that the
    gates keep from being lost: it is no mean.
    """
    worth = economics[[*KEYS, "under_cost", "over_cost"]]
    frame = plan[[*KEYS, "currency", "lost_units", "leftover_units"]].merge(
        worth, on=KEYS, how="left"
    )
    storage = costs[costs["term"] == STORAGE]
    saved = gates[gates["blocks"] != ""].groupby(KEYS)["saved_cost"].max()
    places = pd.MultiIndex.from_frame(frame[KEYS])
    return frame[[*KEYS, "currency"]].assign(
        stock_out_cost=frame["lost_units"] * frame["under_cost"].clip(lower=0),
        dead_stock_cost=frame["leftover_units"] * frame["over_cost"].clip(lower=0),
        over_storage_cost=_at(storage.set_index(KEYS)["amount_cost"], places),
        refusal_cost=_refusals(saved, gates, places),
    )


def _at(amounts: pd.Series, places: pd.MultiIndex) -> np.ndarray:
    return amounts.groupby(level=KEYS).sum(min_count=1).reindex(places).to_numpy(dtype=float)


def _refusals(saved: pd.Series, gates: pd.DataFrame, places: pd.MultiIndex) -> np.ndarray:
    """Return the loss that the gates avoid: none where every gate of a SKU is passed."""
    judged = pd.MultiIndex.from_frame(gates[KEYS].drop_duplicates())
    shut = pd.MultiIndex.from_frame(gates.loc[gates["blocks"] != "", KEYS].drop_duplicates())
    worth = saved.reindex(places).to_numpy(dtype=float)
    return np.where(places.isin(shut), worth, np.where(places.isin(judged), 0.0, np.nan))
