"""Pool worth: four ways of sharing a warehouse among channels, in money, on the same draws.

Knows what each way sells. Decides nothing: which units are kept for whom stands in
`channels`.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.supply.quantity.position import horizon_days
from planner.supply.sharing.protection import by_means, sell_low_first, sell_mixed
from planner.supply.sharing.seats import Case, Seat

HOURS_A_DAY = 24


class _Money(NamedTuple):
    """Sums over the SKUs of a warehouse."""

    profit: float
    mixed: float
    lost: float
    oversold: float


def compare_pooling(
    house: str,
    channels: list[Seat],
    groups: np.ndarray,
    cases: list[Case],
    sync_hours: float | None,
    scope: Scope,
) -> list[dict[str, object]]:
    """Return rows of table `PoolWorth`, without market and currency, for one warehouse.

    Parameters
    ----------
    house : str
    channels : list of Seat
        Best first.
    groups : ndarray of int, shape (n_channel,)
        Number of the pool of each channel.
    cases : list of Case
        Its SKUs; those of unknown money count in units only.
    sync_hours : float or None
        Hours until all channels know that the stock is gone. [hours]
    scope : Scope
    """
    days = horizon_days(scope)[next(shop.market for shop in scope.shops if shop.warehouse == house)]
    penalty_rate = scope.policy.stock_out_penalty_rate
    alone, together = np.arange(len(channels)), np.zeros(len(channels), dtype=int)
    is_one = bool(channels[0].pool) and len(set(groups)) == 1
    ways = {
        "protected": (groups, True, True),
        "split": (alone, False, True),
        "pooled": (together, False, is_one),
        "opened": (together, True, is_one),
    }
    sums: dict[str, _Money] = {}
    for name, (of_group, keeps, _) in ways.items():
        if name == "opened" and np.array_equal(of_group, groups):
            sums[name] = sums["protected"]
            continue
        sums[name] = _money(cases, of_group, keeps, name, sync_hours, days)
    known = {name: sums[name].profit for name in ways if ways[name][2]}
    best = max(known, key=lambda name: known[name]) if not np.isnan(sum(known.values())) else ""
    unpriced = sum(not case.is_priced for case in cases)
    return [
        {
            "warehouse": house,
            "pooling": name,
            "expected_profit": money.profit,
            "mixed_profit": money.mixed,
            "lost_units": money.lost,
            "oversold_units": money.oversold,
            "is_agreed": ways[name][2],
            "is_best": name == best,
            "reason": _worth_told(name, ways[name][2], money, unpriced, penalty_rate),
        }
        for name, money in sums.items()
    ]


def free_for_all_cost(pools: pd.DataFrame) -> dict[str, float]:
    """Return by warehouse what is lost if nobody parts its stock and all channels draw freely.

    Parameters
    ----------
    pools : DataFrame
        Table `PoolWorth`.

    Returns
    -------
    dict of str to float
        ``profit of the best way of sharing - profit of one open pool``, if the channels that earn
        less sell first; NaN where a profit is unknown. [currency]
    """
    best = pools.groupby("warehouse")["expected_profit"].max()
    lost = best - pools[pools["pooling"] == "pooled"].set_index("warehouse")["expected_profit"]
    return {str(house): float(cost) for house, cost in lost.items()}


def _money(
    cases: list[Case],
    groups: np.ndarray,
    keeps: bool,
    name: str,
    sync_hours: float | None,
    days: int,
) -> _Money:
    """Return the sums of one way; all SKUs are sold at once, their worlds side by side."""
    beyond = np.concatenate([case.beyond for case in cases], axis=1)
    shape = (len(beyond), len(cases), -1)
    given = np.array([
        by_means(case.beyond, case.free_units)
        if name == "split"
        else case.parted(groups)
        for case in cases
    ])  # fmt: skip
    n_draws = beyond.shape[1] // len(cases)
    sold, mixed = np.zeros(beyond.shape), np.zeros(beyond.shape)
    oversold = np.zeros(len(cases))
    for group in range(given.shape[1]):
        own = np.flatnonzero(groups == group)
        levels = [case.levels(own) if keeps else np.zeros(len(own) - 1) for case in cases]
        kept = np.repeat(np.array(levels).T, n_draws, axis=1)
        stock = np.repeat(given[:, group], n_draws).astype(float)
        sold[own] = sell_low_first(beyond[own], stock, kept).units
        mixed[own] = sell_mixed(beyond[own], stock, kept, releases=days).units
        if len(own) > 1:
            short = np.maximum(beyond[own].sum(axis=0) - stock, 0.0).reshape(len(cases), -1)
            oversold += _oversold(cases, short, sync_hours)
    means = [units.reshape(shape).mean(axis=2).T for units in (sold, mixed)]
    return _summed(cases, *means, oversold)


def _oversold(cases: list[Case], short: np.ndarray, sync_hours: float | None) -> np.ndarray:
    hours = np.nan if sync_hours is None else sync_hours
    lag = np.array([case.daily_units for case in cases]) * hours / HOURS_A_DAY
    return np.minimum(short, lag[:, None]).mean(axis=1)


def _summed(cases: list[Case], sold: np.ndarray, mixed: np.ndarray, oversold: np.ndarray) -> _Money:
    """Return the sums over SKUs, of mean units sold by SKU and channel beyond those promised."""
    profits, lost = [], 0.0
    for case, *ways, over in zip(cases, sold, mixed, oversold, strict=True):
        promised = np.minimum(case.demand, case.locked[:, None]).mean(axis=1)
        wanted = float(case.demand.mean(axis=1).sum())
        lost += wanted - float((promised + ways[0]).sum())
        if case.is_priced:
            fixed = (case.left_worth - case.landed_cost) * case.stock_units
            fixed -= case.penalty * (wanted + np.nan_to_num(over))
            profits.append([fixed + case.worth @ (promised + units) for units in ways])
    profit, mix = np.sum(profits, axis=0) if profits else (np.nan, np.nan)
    return _Money(float(profit), float(mix), max(lost, 0.0), float(oversold.sum()))


def _worth_told(
    name: str, is_agreed: bool, money: _Money, unpriced: int, penalty_rate: float
) -> str:
    parts = [f"reason.pooling_{name}"]
    if not is_agreed:
        parts.append("reason.pool_not_told")
    if np.isnan(money.oversold):
        parts.append("reason.oversell_unknown")
    elif money.oversold and not penalty_rate:
        parts.append("reason.oversell_unpriced")
    if unpriced:
        parts.append(f"reason.pool_skus_unpriced|n={unpriced}")
    return ";".join(parts)
