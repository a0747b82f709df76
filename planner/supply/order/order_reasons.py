"""Order reasons: why a SKU gets other units than it would have without the limits.

Tells terms of the glossary with facts. Decides nothing; that is `allocation`.
"""

import numpy as np
import pandas as pd

from planner.supply.order.limit_room import Key, short_lots
from planner.supply.order.limit_words import in_money
from planner.supply.order.order_goods import Goods
from planner.supply.quantity.newsvendor import KEYS


def why_less(
    goods: Goods,
    kept: np.ndarray,
    wanted: np.ndarray,
    totals: np.ndarray,
    cartons: np.ndarray,
    prices: pd.DataFrame,
    room: dict[Key, float],
    *,
    bought: np.ndarray,
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
    room : dict of Key to float
        What each limit leaves, by limit, market and place; see `limit_room.room_left`.
    bought : ndarray, shape (n_boxes,)
        Containers by market and mode.

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
    touching = _with_short(_binding(goods, prices), short_lots(goods, totals, room))
    n_ways = np.bincount(goods.ways["row"], weights=cartons > 0, minlength=len(totals))
    stranded = _stranded(goods, bought)
    told = []
    for row in range(len(totals)):
        parts = []
        if kept[row] < goods.fixed[row]:
            by = f"_by|limits={','.join(touching[row])}|" if touching[row] else "|"
            parts.append(f"reason.fixed_cut{by}wanted={goods.fixed[row]:.0f}")
        elif totals[row] < asked[row] and touching[row]:
            limits = ",".join(touching[row])
            parts.append(f"reason.limit_binds|wanted={asked[row]:.0f}|limits={limits}")
        elif totals[row] < asked[row] and stranded[row] and np.isnan(goods.fixed[row]):
            parts.append(f"reason.no_container_for|wanted={asked[row]:.0f}")
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


def why_no_fee(
    goods: Goods,
    free: np.ndarray,
    wanted: np.ndarray,
    totals: np.ndarray,
    reasons: pd.Series,
    *,
    paid: np.ndarray,
) -> pd.Series:
    """Return the reasons, with those of SKUs that would pay but for what is paid once.

    Parameters
    ----------
    goods : Goods
    free, wanted : ndarray, shape (n_sku,)
        Cartons that each SKU would order alone, without and with a fee of its own. [cartons]
    totals : ndarray, shape (n_sku,)
        Units ordered. [units]
    reasons : Series of str
        As `why_less` gave them.
    paid : ndarray, shape (n_fees,)
        Whether each fee of a shipment is paid in the plan.
    """
    rows, fee = goods.ways["row"].to_numpy(), goods.sku_fee.copy()
    unpaid = np.zeros(len(rows))
    for (amount, members), is_paid in zip(goods.fees, paid, strict=True):
        unpaid[members] += 0.0 if is_paid else amount
    least = pd.Series(unpaid).groupby(rows).min().reindex(range(len(fee)), fill_value=0.0)
    is_it = ((wanted == 0) & (fee > 0)) | (least > 0).to_numpy()
    is_it &= (reasons == "").to_numpy() & (totals == 0) & (free > 0) & np.isnan(goods.fixed)
    fee += least.to_numpy()
    told = reasons.to_numpy(dtype=object)
    for row in np.flatnonzero(is_it):
        facts = f"wanted={free[row] * goods.carton[row]:.0f}|fee={in_money(fee[row])}"
        told[row] = f"reason.once_not_worth|{facts}|currency={goods.currency}"
    return pd.Series(told.astype(str), index=reasons.index, dtype="str")


def why_unknown(
    goods: Goods,
    totals: np.ndarray,
    cartons: np.ndarray,
    reasons: pd.Series,
    *,
    is_slack: bool,
) -> pd.Series:
    """Return the reasons, with what became of goods of which nobody knows what they earn.

    Parameters
    ----------
    goods : Goods
    totals : ndarray, shape (n_sku,)
        Units ordered. [units]
    cartons : ndarray, shape (n_ways,)
        By way. [cartons]
    reasons : Series of str
        As `why_less` gave them.
    is_slack : bool
        Whether no limit binds: what goes then needs no word.
    """
    told = reasons.where(goods.waits == "", goods.waits).to_numpy(dtype=object)
    taken = goods.ways[(cartons > 0) & goods.unknown[goods.ways["row"]]]
    by_row = taken.assign(known=taken["freight"].notna()).groupby("row")
    ways = by_row["mode"].agg(lambda modes: ",".join("mode." + modes.drop_duplicates()))
    is_known = by_row["known"].all()
    for row in np.flatnonzero(goods.unknown & (totals > 0) & ~np.array(is_slack)):
        term = "reason.goes_unknown" if is_known[row] else "reason.goes_unpriced"
        parts = [told[row], f"{term}|ways={ways[row]}"]
        told[row] = ";".join(part for part in parts if part)
    return pd.Series(told.astype(str), index=reasons.index, dtype="str")


def _stranded(goods: Goods, bought: np.ndarray) -> np.ndarray:
    """Return which SKUs could pay by containers alone, of which none is bought."""
    ways, size = goods.ways, len(goods.keys)
    best = goods.pieces.groupby("row")["slope"].max()
    pays = ways["cost"].to_numpy() < ways["row"].map(best).to_numpy(dtype=float)
    box, rows = ways["box"].to_numpy(), ways["row"].to_numpy()
    is_shut = (box >= 0) & ~np.append(bought > 0, True)[box]
    shut = np.bincount(rows, weights=is_shut, minlength=size)
    is_open = np.bincount(rows, weights=pays & ~is_shut, minlength=size)
    return (shut > 0) & (is_open == 0)


def _binding(goods: Goods, prices: pd.DataFrame) -> list[list[str]]:
    """Return for each SKU the terms of the limits that are worth more and that it takes part in."""
    found: list[list[str]] = [[] for _ in range(len(goods.keys))]
    markets = goods.keys.get_level_values("market")
    binding = prices[(prices["shadow_price"] > 0) & (prices["limit"] != "moq")]
    for held in binding.itertuples():
        inside = goods.ways if held.limit in ("mode_cbm", "container_cbm") else None
        rows = range(len(goods.keys)) if inside is None else _going(inside, held.place)
        if held.limit == "budget":
            rows = goods.ways.loc[goods.ways["landed"].notna(), "row"].unique().tolist()
        for row in rows:
            if held.market in ("", markets[row]) and f"limit.{held.limit}" not in found[row]:
                found[row].append(f"limit.{held.limit}")
    return found


def _with_short(found: list[list[str]], short: pd.DataFrame) -> list[list[str]]:
    """Return the limits found, with those whose room the next lot of a SKU does not fit into."""
    holding = short[short["holds"].astype(bool)]
    for row, limit in zip(holding["row"], holding["limit"], strict=True):
        if f"limit.{limit}" not in found[row]:
            found[row].append(f"limit.{limit}")
    return found


def _going(ways: pd.DataFrame, mode: str) -> list[int]:
    return ways.loc[ways["mode"] == mode, "row"].unique().tolist()
