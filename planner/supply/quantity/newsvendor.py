"""Newsvendor: the quantity at which one unit more would lose what it might earn.

Pure arithmetic on demand draws: a matrix with one row per SKU and one column per
equally likely world. Nothing here loops over draws, rounds, or knows of lanes.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner.errors import PlanningError

KEYS = ["market", "sku"]
QUANTILE_TOLERANCE = 1e-9
"""A ratio of 0.3 times 10 draws is 3 draws, not 3.0000000000000004. [draws]"""


def market_draws(
    draws: pd.DataFrame, *, phases: tuple[str, ...]
) -> tuple[pd.MultiIndex, np.ndarray]:
    """Return demand by market and SKU, shops and phases added up world by world.

    Parameters
    ----------
    draws : DataFrame
        Table `DemandDraws`.
    phases : tuple of str
        Phases that count; a phase without rows has no days and adds nothing.

    Returns
    -------
    keys : MultiIndex, shape (n_sku,)
        market and sku of every row of `draws`, sorted.
    units : ndarray, shape (n_sku, n_draws)
        [units]

    Raises
    ------
    PlanningError
        If rows carry different numbers of draws, for then draw k is not the same world.
    """
    sizes = {len(row) for row in draws["draws"]}
    if len(sizes) > 1:
        raise PlanningError(
            f"demand draws differ in length ({', '.join(map(str, sorted(sizes)))}); "
            "draw every shop, SKU and phase with the same n_draws"
        )
    keys = pd.MultiIndex.from_frame(draws[KEYS].drop_duplicates().sort_values(KEYS))
    units = np.zeros((len(keys), sizes.pop() if sizes else 1))
    part = draws[draws["phase"].isin(phases)]
    if len(part):
        rows = keys.get_indexer(pd.MultiIndex.from_frame(part[KEYS]))
        worlds = np.stack(part["draws"].to_list())
        nth = pd.Series(rows).groupby(rows).cumcount().to_numpy()
        for place in range(nth.max() + 1):  # no key twice: a plain addition will do
            units[rows[nth == place]] += worlds[nth == place]
    return keys, units


def critical_ratio(under_cost: npt.ArrayLike, over_cost: npt.ArrayLike) -> np.ndarray:
    """Return the chance of no stock-out at which expected profit is largest.

    Parameters
    ----------
    under_cost, over_cost : array_like, shape (n_sku,)
        What a unit too few misses, and what a unit too many loses. [currency/unit]

    Returns
    -------
    ndarray, shape (n_sku,)
        0 where a sale earns nothing; NaN where a cost is unknown or neither side costs anything.

    Raises
    ------
    PlanningError
        If a leftover unit would earn money: every order would then be too small.

    Notes
    -----
    ``under / (under + over)``, clipped to 0 and 1.

    Examples
    --------
    >>> critical_ratio([6.0, -1.0], [2.0, 2.0]).tolist()
    [0.75, 0.0]
    """
    under, over = np.asarray(under_cost, dtype=float), np.asarray(over_cost, dtype=float)
    if np.any(over < 0):
        raise PlanningError(
            "over_cost is below zero: a unit left over would be worth more than it cost; "
            "give a leftover_value_rate of at most 1"
        )
    gain = np.maximum(under, 0.0)
    both = gain + over
    return np.divide(gain, both, out=np.full(both.shape, np.nan), where=both > 0)


def optimal_units(draws: np.ndarray, ratio: npt.ArrayLike) -> np.ndarray:
    """Return the smallest quantity that meets demand in at least this share of worlds.

    Parameters
    ----------
    draws : ndarray, shape (n_sku, n_draws)
        [units]
    ratio : array_like, scalar or shape (n_sku,) or (n_ratio, n_sku)
        Critical ratio or service level, 0 to 1; several to a SKU are read off one sorting.

    Returns
    -------
    ndarray, shape (n_sku,) or (n_ratio, n_sku)
        0 where the ratio is 0, NaN where it is NaN. [units]

    Examples
    --------
    >>> optimal_units(np.array([[40.0, 10.0, 30.0, 20.0]]), 0.75).tolist()
    [30.0]
    """
    n_draws = draws.shape[1]
    wanted = np.asarray(ratio, dtype=float)
    wanted = np.broadcast_to(wanted, (*wanted.shape[:-1], len(draws)))
    place = np.ceil(np.nan_to_num(wanted) * n_draws - QUANTILE_TOLERANCE).astype(int)
    inside = np.clip(place - 1, 0, max(n_draws - 1, 0))
    units = np.sort(draws, axis=1)[np.arange(len(draws)), inside]
    return np.where(np.isnan(wanted), np.nan, np.where(place > 0, units, 0.0))


def expected_sold(draws: np.ndarray, units: npt.ArrayLike) -> np.ndarray:
    """Return the mean units sold from a stock of `units`.

    Parameters
    ----------
    draws : ndarray, shape (n_sku, n_draws)
    units : array_like, shape (n_sku,) or (n_sku, n_draws)
        Stock, the same in every world or world by world. [units]

    Examples
    --------
    >>> expected_sold(np.array([[10.0, 30.0]]), [20.0]).tolist()
    [15.0]
    """
    return np.minimum(draws, _by_world(units)).mean(axis=1)


def expected_lost(draws: np.ndarray, units: npt.ArrayLike) -> np.ndarray:
    """Return the mean units asked for and not there."""
    return np.maximum(draws - _by_world(units), 0.0).mean(axis=1)


def expected_leftover(draws: np.ndarray, units: npt.ArrayLike) -> np.ndarray:
    """Return the mean units left when demand is over."""
    return np.maximum(_by_world(units) - draws, 0.0).mean(axis=1)


def implied_level(draws: np.ndarray, units: npt.ArrayLike) -> np.ndarray:
    """Return the share of worlds in which a stock of `units` lasts."""
    return (draws <= _by_world(units) + QUANTILE_TOLERANCE).mean(axis=1)


def expected_profit(
    draws: np.ndarray,
    units: npt.ArrayLike,
    *,
    margin_profit: npt.ArrayLike,
    over_cost: npt.ArrayLike,
    penalty_cost: npt.ArrayLike = 0.0,
) -> np.ndarray:
    """Return the mean profit of a stock of `units`.

    Parameters
    ----------
    draws : ndarray, shape (n_sku, n_draws)
    units : array_like, shape (n_sku,) or (n_sku, n_draws)
    margin_profit, over_cost, penalty_cost : array_like, shape (n_sku,)
        Of a unit sold, left over, and missed beyond its margin. [currency/unit]

    Returns
    -------
    ndarray, shape (n_sku,)
        NaN where a figure is unknown. [currency]

    Notes
    -----
    ``margin * sold - over * leftover - penalty * lost``.

    Examples
    --------
    >>> worlds = np.array([[10.0, 30.0]])
    >>> expected_profit(worlds, [20.0], margin_profit=[6.0], over_cost=[2.0]).item()
    80.0
    """
    return (
        np.asarray(margin_profit, dtype=float) * expected_sold(draws, units)
        - np.asarray(over_cost, dtype=float) * expected_leftover(draws, units)
        - np.asarray(penalty_cost, dtype=float) * expected_lost(draws, units)
    )


def profit_by_world(
    draws: np.ndarray,
    units: npt.ArrayLike,
    *,
    margin_profit: npt.ArrayLike,
    over_cost: npt.ArrayLike,
    penalty_cost: npt.ArrayLike = 0.0,
) -> np.ndarray:
    """Return the profit of a stock of `units` in every world; see `expected_profit`.

    Returns
    -------
    ndarray, shape (n_sku, n_draws)
        Its mean over worlds is `expected_profit`. [currency]

    Examples
    --------
    >>> worlds = np.array([[10.0, 30.0]])
    >>> profit_by_world(worlds, [20.0], margin_profit=[6.0], over_cost=[2.0]).tolist()
    [[40.0, 120.0]]
    """
    held = _by_world(units)
    margin, over, penalty = (
        np.asarray(money, dtype=float).reshape(-1, 1)
        for money in (margin_profit, over_cost, penalty_cost)
    )
    return (
        margin * np.minimum(draws, held)
        - over * np.maximum(held - draws, 0.0)
        - penalty * np.maximum(draws - held, 0.0)
    )


def _by_world(units: npt.ArrayLike) -> np.ndarray:
    held = np.asarray(units, dtype=float)
    return held[:, None] if held.ndim == 1 else held
