"""Limit room: what each limit leaves unused, and whose next lot does not fit into that.

Knows a solved order model. Tells no price and no sentence.
"""

import numpy as np
import pandas as pd

from planner.supply.order.order_goods import Goods
from planner.supply.order.order_model import Held, Model

Key = tuple[str, str, str]
"""Limit, market and place; market and place are blank where it holds for all."""
ROOM_TOLERANCE = 1e-9
"""A lot larger than the room by less than this fits. [unit of the limit]"""
OF_WAREHOUSES = ("warehouse_cbm", "quota_units")
COLUMNS = ["row", "limit", "market", "place", "short", "holds"]


def key_of(held: Held) -> Key:
    """Return what names a limit among the others."""
    return held.limit, held.market, held.place


def room_left(model: Model, choice: np.ndarray) -> dict[Key, float]:
    """Return what each limit leaves unused, by limit, market and place.

    Parameters
    ----------
    model : Model
    choice : ndarray
        Solution of the model.

    Notes
    -----
    Containers are not in it: one more can be bought.
    """
    used = model.matrix @ choice
    return {
        key_of(held): held.cap - float(used[held.row])
        for held in model.held
        if held.limit != "container_cbm"
    }


def short_lots(goods: Goods, totals: np.ndarray, room: dict[Key, float]) -> pd.DataFrame:
    """Return the limits into whose room the next lot of a SKU does not fit.

    Parameters
    ----------
    goods : Goods
    totals : ndarray, shape (n_sku,)
        Units ordered. [units]
    room : dict of Key to float
        As `room_left` gave it.

    Returns
    -------
    DataFrame
        row, limit, market, place, short: what the lot asks for beyond the room, in the unit of the
        limit; holds: False of a warehouse while another of the market has room for the lot.

    Notes
    -----
    The next lot is a full carton, or the minimum order where none is placed yet. Money that is
    paid once for a SKU belongs to its first lot.
    """
    lot, money = _next_lots(goods, totals)
    rows = goods.ways["row"].to_numpy()
    markets = goods.keys.get_level_values("market").to_numpy()
    volume = lot * np.nan_to_num(goods.volume)
    need = {"budget": money, "quota_units": lot}
    parts = []
    for (limit, market, place), left in room.items():
        taking = rows if limit != "mode_cbm" else rows[(goods.ways["mode"] == place).to_numpy()]
        inside = np.unique(taking)
        inside = inside[markets[inside] == market] if market else inside
        short = need.get(limit, volume)[inside] - left
        is_short = short > ROOM_TOLERANCE
        facts = {"limit": limit, "market": market, "place": place, "short": short[is_short]}
        parts.append(pd.DataFrame({"row": inside[is_short], **facts, "holds": True}))
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
    return _without_open_houses(goods, found, markets)


def _next_lots(goods: Goods, totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the units of each SKU's next lot and the money it takes."""
    ordered = pd.Series(totals).groupby(goods.keys.get_level_values("sku")).transform("sum")
    is_first = ordered.to_numpy() <= 0
    least = np.maximum(np.ceil(goods.moq / goods.carton - 1e-9), 1.0) * goods.carton
    lot = np.where(is_first, least, goods.carton)
    landed = pd.Series(goods.way_landed).groupby(goods.ways["row"].to_numpy()).min()
    unit = landed.reindex(range(len(lot))).to_numpy()
    return lot, lot * unit + np.where(is_first, goods.sku_fee, 0.0)


def _without_open_houses(goods: Goods, found: pd.DataFrame, markets: np.ndarray) -> pd.DataFrame:
    """Return the same, saying that a full warehouse holds nobody whom another one takes."""
    is_house = found["limit"].isin(OF_WAREHOUSES)
    there = goods.houses.groupby("market")["warehouse"].nunique()
    shut = found[is_house].groupby("row")["place"].nunique().reindex(found["row"]).to_numpy()
    all_there = there.reindex(markets[found["row"].astype("int64")]).to_numpy()
    return found.assign(holds=~is_house.to_numpy() | (shut >= all_there))
