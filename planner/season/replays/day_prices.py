"""What a unit earns on each day of a campaign: with its price locked as it was, and with it free.

Arrays of one row per market and SKU, one column per day. Knows nothing of stock or orders.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.season.days import KEYS
from planner.season.replays.day_grid import columns_of_days, matrix
from planner.season.replays.replay import Money
from planner.season.result.paid import LOCKED_PHASE, Paid
from planner.supply.quantity.value_curves import exit_ladders

UNREGISTERED = ("refuse", "raise_price")
"""Advice under which a SKU should have been sold outside the campaign, or dearer."""


class DayPrices(NamedTuple):
    """Prices and demand by day, each of shape (n_sku, n_days)."""

    locked: np.ndarray
    """What buyers paid on the mean: while the lock bound, and on the other days. [currency/unit]"""
    free: np.ndarray
    """The same with the ordinary price where the lock lost money. [currency/unit]"""
    free_wanted: np.ndarray
    """Demand with the ordinary line on those days. [units]"""


def day_prices(
    paid: Paid,
    ordinary: np.ndarray,
    money: pd.DataFrame,
    *,
    locks: pd.DataFrame,
    baseline: pd.DataFrame,
    days: pd.DataFrame,
    wanted: np.ndarray,
) -> DayPrices:
    """Return what each day's units were paid, and would have been had no price been locked.

    Parameters
    ----------
    paid : Paid
    ordinary : ndarray, shape (n_sku,)
        [currency/unit]
    money : DataFrame
        Table `UnitEconomics` of the rows to return.
    locks, baseline : DataFrame
        Tables `PriceLocks` and `BaselineDaily`.
    days : DataFrame
        market, day, phase: the window.
    wanted : ndarray, shape (n_sku, n_days)
        Demand as it was. [units]

    Notes
    -----
    The lock binds days of one phase only; on the others demand and price stay as they were. It is
    lifted where it was advised against and the ordinary line would have earned more.
    """
    keys, columns = money[KEYS], columns_of_days(days)
    every = keys.merge(days.assign(bound=days["phase"].eq(LOCKED_PHASE)), on="market")
    is_bound = matrix(every, keys, columns, "bound") > 0
    line = baseline.groupby([*KEYS, "day"], as_index=False)["baseline_units"].sum()
    usual = np.minimum(matrix(line, keys, columns, "baseline_units"), wanted)
    landed, selling, price = (
        money[name].to_numpy(dtype=float) for name in ("landed_cost", "selling_cost", "price")
    )
    rate = 1.0 - selling / price
    bound, freed = (np.where(is_bound, part, 0.0).sum(axis=1) for part in (wanted, usual))
    gain, loss = (ordinary * rate - landed) * freed, (paid.locked * rate - landed) * bound
    advised = locks[locks["advice"].isin(UNREGISTERED)]
    is_advised = pd.MultiIndex.from_frame(keys).isin(pd.MultiIndex.from_frame(advised[KEYS]))
    is_better = is_advised & (ordinary > paid.locked) & (gain > np.maximum(loss, 0.0))
    is_free = is_better[:, None] & is_bound
    locked = np.where(is_bound, paid.locked[:, None], paid.other[:, None])
    return DayPrices(
        locked, np.where(is_free, ordinary[:, None], locked), np.where(is_free, usual, wanted)
    )


def money_by_day(
    prices: DayPrices,
    money: pd.DataFrame,
    exits: pd.DataFrame,
    once: pd.DataFrame | None = None,
) -> Money:
    """Return what a unit brings and costs.

    Parameters
    ----------
    prices : DayPrices
    money, exits : DataFrame
        Tables `UnitEconomics`, of the same rows, and `Exits`.
    once : DataFrame, optional
        market, sku, once_cost, see `cost_rates.paid_once`; nothing is paid once without it.

    Notes
    -----
    Selling cost is taken as the plan's share of the price, whatever the price of the day.
    """
    price, selling, landed, leftover, under, margin = (
        money[name].to_numpy(dtype=float)
        for name in ("price", "selling_cost", "landed_cost", "leftover_revenue", "under_cost",
                     "margin_profit")
    )  # fmt: skip
    rate = (1.0 - selling / price)[:, None]
    room, revenue = exit_ladders(exits, pd.MultiIndex.from_frame(money[KEYS]), leftover)
    fees = np.zeros(len(money))
    if once is not None:
        paid = money[KEYS].merge(once, on=KEYS, how="left")["once_cost"]
        fees = paid.fillna(0.0).to_numpy(dtype=float)
    return Money(
        net_price=prices.locked * rate,
        free_net_price=prices.free * rate,
        landed_cost=landed,
        exit_units=room,
        exit_revenue=revenue,
        penalty_cost=np.nan_to_num(under - margin),
        returned_revenue=leftover,
        once_cost=fees,
    )
