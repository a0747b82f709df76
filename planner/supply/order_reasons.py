"""Order reasons: why a SKU gets other units than it would have without the limits.

Tells terms of the glossary with facts. Decides nothing; that is `allocation`.
"""

import numpy as np
import pandas as pd

from planner.supply.newsvendor import KEYS
from planner.supply.order_goods import Goods

ROOM_TOLERANCE = 1e-9
"""A lot larger than the room by less than this fits. [unit of the limit]"""
NOT_UP_FOR_CHOICE = ("reason.gate_blocks", "reason.no_way", "reason.no_way_pays")


def why_less(
    goods: Goods,
    kept: np.ndarray,
    wanted: np.ndarray,
    totals: np.ndarray,
    cartons: np.ndarray,
    prices: pd.DataFrame,
    room: dict[tuple[str, str, str], float],
) -> pd.Series:
    """Return for each SKU what kept it from the order it would have alone.

    Parameters
    ----------
    goods : Goods
    kept : ndarray, shape (n_sku,)
        Fixed units that the limits let in; NaN where worth decides. [units]
    wanted : ndarray, shape (n_sku,)
        Cartons without limits. [cartons]
    totals : ndarray, shape (n_sku,)
        Units ordered. [units]
    cartons : ndarray, shape (n_ways,)
        By way. [cartons]
    prices : DataFrame
        Table `LimitPrices`.
    room : dict of tuple of str to float
        What each limit leaves, by limit, market and place; see `limit_prices.room_left`.

    Returns
    -------
    Series of str
        Terms with facts; blank where nothing but worth decided.

    Notes
    -----
    A limit holds a SKU back if one more of it is worth something, or if what it leaves is less
    than the next lot of the SKU: a full carton, or the minimum order where none is placed yet.
    """
    asked = wanted * goods.carton
    touching = _too_small(goods, totals, room, _binding(goods, prices))
    n_ways = np.bincount(goods.ways["row"], weights=cartons > 0, minlength=len(totals))
    told = []
    for row in range(len(totals)):
        parts = []
        if kept[row] < goods.fixed[row]:
            parts.append(f"reason.fixed_cut|wanted={goods.fixed[row]:.0f}")
        if totals[row] < asked[row] and touching[row]:
            limits = ",".join(touching[row])
            parts.append(f"reason.limit_binds|wanted={asked[row]:.0f}|limits={limits}")
        if n_ways[row] > 1:
            parts.append("reason.several_ways")
        told.append(";".join(parts))
    return pd.Series(told, index=goods.keys, dtype="str")


def why_nothing(
    goods: Goods,
    ways: pd.DataFrame,
    gates: pd.DataFrame | None,
    totals: np.ndarray,
    reasons: pd.Series,
) -> pd.Series:
    """Return the reasons, with those of SKUs that were never up for choice.

    Parameters
    ----------
    goods : Goods
    ways, gates : DataFrame
        Tables `SkuWays` and `Gates`.
    totals : ndarray, shape (n_sku,)
        Units ordered. [units]
    reasons : Series of str
        As `why_less` gave them.
    """
    open_ways = pd.MultiIndex.from_frame(ways.loc[ways["is_allowed"], KEYS])
    stopped = open_ways[:0]
    if gates is not None:
        stopped = pd.MultiIndex.from_frame(gates.loc[gates["blocks"] == "order", KEYS])
    is_silent = (reasons == "").to_numpy() & (totals == 0)
    has_way = goods.keys.isin(open_ways)
    is_chosen = np.isin(np.arange(len(totals)), goods.ways["row"])
    told = np.select(
        [
            ~is_silent,
            goods.keys.isin(stopped),
            ~has_way,
            np.isnan(goods.fixed) & ~is_chosen,
        ],
        [
            reasons.to_numpy(dtype=object),
            "reason.gate_blocks",
            "reason.no_way",
            "reason.no_way_pays",
        ],
        default="",
    )
    return pd.Series(told.astype(str), index=reasons.index, dtype="str")


def _binding(goods: Goods, prices: pd.DataFrame) -> list[list[str]]:
    """Return for each SKU the terms of the limits that bind and that it takes part in."""
    found: list[list[str]] = [[] for _ in range(len(goods.keys))]
    markets = goods.keys.get_level_values("market")
    binding = prices[prices["is_binding"] & (prices["limit"] != "moq")]
    for held in binding.itertuples():
        inside = goods.ways if held.limit in ("mode_cbm", "container_cbm") else None
        rows = range(len(goods.keys)) if inside is None else _going(inside, held.place)
        for row in rows:
            if held.market in ("", markets[row]) and f"limit.{held.limit}" not in found[row]:
                found[row].append(f"limit.{held.limit}")
    return found


def _too_small(
    goods: Goods,
    totals: np.ndarray,
    room: dict[tuple[str, str, str], float],
    found: list[list[str]],
) -> list[list[str]]:
    """Return the limits found, with those whose room the next lot of a SKU does not fit into."""
    ordered = pd.Series(totals).groupby(goods.keys.get_level_values("sku")).transform("sum")
    least = np.maximum(np.ceil(goods.moq / goods.carton - 1e-9), 1.0) * goods.carton
    lot = np.where(ordered.to_numpy() > 0, goods.carton, least)
    row = goods.ways["row"].to_numpy()
    landed = pd.Series(goods.way_landed).groupby(row).min().reindex(range(len(lot))).to_numpy()
    size = {"budget": landed, "quota_units": np.ones(len(lot))}
    markets = goods.keys.get_level_values("market")
    houses = goods.houses.groupby("market")["warehouse"].nunique()
    full: dict[tuple[int, str], set[str]] = {}
    for (limit, market, place), left in room.items():
        need = lot * size.get(limit, np.nan_to_num(goods.volume))
        inside = _going(goods.ways, place) if limit == "mode_cbm" else np.unique(row)
        for one in inside:
            if market in ("", markets[one]) and need[one] > left + ROOM_TOLERANCE:
                full.setdefault((one, limit), set()).add(place)
    for (one, limit), places in full.items():
        shut = full.get((one, "warehouse_cbm"), set()) | full.get((one, "quota_units"), set())
        is_house = limit in ("warehouse_cbm", "quota_units")
        is_free = is_house and len(shut) < houses[markets[one]]
        if not is_free and places and f"limit.{limit}" not in found[one]:
            found[one].append(f"limit.{limit}")
    return found


def _going(ways: pd.DataFrame, mode: str) -> list[int]:
    return ways.loc[ways["mode"] == mode, "row"].unique().tolist()
