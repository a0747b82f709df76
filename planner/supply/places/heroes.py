"""Heroes: the SKUs of a market that must not run out.

Knows what goods earn at the locked price, and which of them the seller names. Knows nothing of
where help for them would come from; that is `reserves`.
"""

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.supply.quantity.newsvendor import KEYS, market_draws
from planner.supply.quantity.position import HORIZON_PHASES


def heroes_of(
    draws: pd.DataFrame,
    economics: pd.DataFrame,
    catalogue: pd.DataFrame,
    *,
    hero_share: float,
    scope: Scope,
    plan: pd.DataFrame | None = None,
    gates: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the SKUs of each market that must not run out.

    Parameters
    ----------
    draws, economics, catalogue : DataFrame
        Tables `DemandDraws`, `UnitEconomics`, `Catalogue`; a column `is_hero` of the catalogue
        names heroes of the seller's own.
    hero_share : float
        The bound `hero_profit`: goods that together earn this share of a market's profit.
    scope : Scope
    plan, gates : DataFrame, optional
        Tables `StockPlan` and `Gates`: a SKU that the plan blocks is a hero only if the seller
        names it, one whose order a gate blocks is none at all.

    Returns
    -------
    DataFrame
        market, sku, profit [currency], the best first: those that together earn `hero_share` of
        the market's expected profit, and those that the seller names.

    Notes
    -----
    Profit is that of the mean demand at the locked price; a SKU of unknown margin is no hero
    unless it is named.
    """
    keys, units = market_draws(draws, phases=HORIZON_PHASES)
    frame = keys.to_frame(index=False).assign(units=units.mean(axis=1))
    frame = frame[frame["market"].isin(scope.markets)]
    if gates is not None:
        frame = frame[~_among(frame, gates[gates["blocks"] == "order"])]
    frame = frame.merge(economics[[*KEYS, "margin_profit"]], on=KEYS, how="left")
    frame["profit"] = (frame["units"] * frame["margin_profit"]).clip(lower=0)
    if plan is not None and "is_blocked" in plan:
        stopped = _among(frame, plan[plan["is_blocked"].astype(bool)])
        frame["profit"] = frame["profit"].mask(stopped, 0.0)
    frame = frame.sort_values(["market", "profit", "sku"], ascending=[True, False, True])
    earned = frame["profit"].fillna(0.0).groupby(frame["market"])
    ahead = earned.cumsum() - frame["profit"].fillna(0.0)
    is_top = (ahead < hero_share * earned.transform("sum")) & (frame["profit"] > 0)
    if "is_hero" in catalogue:
        named = catalogue.loc[catalogue["is_hero"].fillna(False).astype(bool), "sku"]
        is_top |= frame["sku"].isin(named)
    return frame.loc[is_top, [*KEYS, "profit"]].reset_index(drop=True)


def _among(frame: pd.DataFrame, chosen: pd.DataFrame) -> np.ndarray:
    keys = pd.MultiIndex.from_frame(chosen[KEYS])
    return pd.MultiIndex.from_frame(frame[KEYS]).isin(keys)
