"""Knowing: what the best order earns, and how much more one earns that knows demand beforehand.

Newsvendor arithmetic over worlds for SKUs whose economics are known. What there is to know,
and how unsure it is, says `missing_facts`.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.supply.quantity import newsvendor
from planner.supply.quantity.newsvendor import KEYS
from planner.supply.quantity.position import HORIZON_PHASES, available_by_world


class Case(NamedTuple):
    """SKUs whose economics are known: row i of every part is the same market and SKU."""

    keys: pd.MultiIndex
    demand: np.ndarray
    """Shape (n_sku, n_draws). [units]"""
    stock: np.ndarray
    """Shape (n_sku, n_draws). [units]"""
    margin: np.ndarray
    over: np.ndarray
    penalty: np.ndarray


def known_case(draws: pd.DataFrame, position: pd.DataFrame, economics: pd.DataFrame) -> Case:
    """Return the SKUs whose economics are known, with demand and stock world by world.

    Parameters
    ----------
    draws, position, economics : DataFrame
        Tables `DemandDraws`, `StockPosition` and `UnitEconomics`.
    """
    keys, demand = newsvendor.market_draws(draws, phases=HORIZON_PHASES)
    _, stock = available_by_world(position, draws)
    money = economics.set_index(KEYS).reindex(keys)
    margin, over = money["margin_profit"].to_numpy(), money["over_cost"].to_numpy()
    penalty = (money["under_cost"] - money["margin_profit"]).to_numpy()
    is_known = ~np.isnan(margin) & ~np.isnan(over)
    parts = (keys, demand, stock, margin, over, penalty)
    return Case(*(part[is_known] for part in parts))


def best_order(case: Case) -> np.ndarray:
    """Return the order that earns most, shape (n_sku,). [units]."""
    ratio = newsvendor.critical_ratio(case.margin + case.penalty, np.maximum(case.over, 0.0))
    needed = np.maximum(case.demand - case.stock, 0.0)
    return newsvendor.optimal_units(needed, np.nan_to_num(ratio))


def profit_of(case: Case, order: np.ndarray) -> np.ndarray:
    """Return the expected profit of an order, shape (n_sku,). [currency]."""
    return newsvendor.expected_profit(
        case.demand,
        case.stock + order[:, None],
        margin_profit=case.margin,
        over_cost=case.over,
        penalty_cost=case.penalty,
    )


def best_profit(
    case: Case, *, margin: np.ndarray | None = None, over: np.ndarray | None = None
) -> np.ndarray:
    """Return the expected profit of the best order of each SKU, at other costs if given.

    Returns
    -------
    ndarray, shape (n_sku,)
        [currency]
    """
    priced = case._replace(
        margin=case.margin if margin is None else margin, over=case.over if over is None else over
    )
    return profit_of(priced, best_order(priced))


def loss_of_not_knowing(case: Case) -> np.ndarray:
    """Return what the best order earns less than an order that knew demand, shape (n_sku,)."""
    pays = (case.margin + case.penalty > 0)[:, None]
    known = case.stock + np.maximum(case.demand - case.stock, 0.0) * pays
    clairvoyant = newsvendor.expected_profit(
        case.demand,
        known,
        margin_profit=case.margin,
        over_cost=case.over,
        penalty_cost=case.penalty,
    )
    return np.maximum(clairvoyant - best_profit(case), 0.0)
