"""Channels: how the units of one warehouse are kept apart for the shops that draw on it.

Knows who sells from a warehouse, what each earns and which may draw on each other's
units: none, unless seller.yml names a pool. Knows nothing of other warehouses.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.supply.charges.packing import ROUNDING_TOLERANCE
from planner.supply.quantity.position import HORIZON_PHASES
from planner.supply.sharing.pool_worth import compare_pooling
from planner.supply.sharing.seats import Case, Seat, cases_of, held_units, seats_of


class Breach(NamedTuple):
    """A channel that sold more than the plan lets it."""

    market: str
    warehouse: str
    sku: str
    channel: str
    sold_units: float
    limit_units: int


def protect(
    draws: pd.DataFrame,
    economics: pd.DataFrame,
    plan: pd.DataFrame,
    *,
    scope: Scope,
    placement: pd.DataFrame | None = None,
    daily: pd.DataFrame | None = None,
    sync_hours: float | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the units kept for each channel of a shared warehouse, and what sharing is worth.

    Parameters
    ----------
    draws, economics, plan : DataFrame
        Tables `DemandDraws`, `UnitEconomics` and `StockPlan`: what is at hand and ordered.
    scope : Scope
        Its shops, and the channels of seller.yml.
    placement : DataFrame, optional
        Table `Placement` with the order in it: parts a market's units among its warehouses.
        Without it they are parted by mean demand.
    daily : DataFrame, optional
        Table `ForecastDaily`: how fast units sell when the stock runs out.
    sync_hours : float, optional
        Hours until all channels know that the stock is gone; without it nobody knows what is
        oversold. [hours]

    Returns
    -------
    plan : DataFrame
        Table `ChannelPlan`, of warehouses that serve more than one channel.
    worth : DataFrame
        Table `PoolWorth`.

    Notes
    -----
    Units promised to a platform's campaign come first. The rest goes to the pools, one without a
    name being alone, where it is worth most; within a pool the better channels are protected by
    Littlewood's rule (two channels) or EMSR-b. Worth of a unit sold is ``net price * ratio +
    penalty - leftover``. Where nobody knows what a unit earns, or no channel earns anything with
    it, there is no better channel to protect: the units are parted by mean demand. Four ways are
    compared in money on the draws: `protected` by the pools told, `split` in proportion to mean
    demand, `pooled` first come first served without protection, `opened` as `protected` if all
    shared one pool.

    The order of theory is that the lesser channels sell first; there `opened` is the best of two
    independent channels and never below `pooled`. `mixed_profit` shows the same if all sell evenly
    mixed and what is protected is released day by day, as `release_clock` says. A unit oversold
    costs the penalty once more. A channel without exports has the draws of its warehouse's first
    shop times `demand_ratio`, dealt anew, so that the two are independent; one without a
    `demand_ratio` has no known demand and gets what it was promised.
    """
    seats = {house: rows for house, rows in seats_of(scope).items() if len(rows) > 1}
    if not seats or draws.empty or plan.empty:
        return tables.empty(tables.ChannelPlan), tables.empty(tables.PoolWorth)
    held = held_units(plan, draws, scope=scope, placement=placement)
    kept, worth = [], []
    for house, channels in seats.items():
        cases = cases_of(house, channels, held, draws, economics, daily, scope)
        groups = _groups(channels)
        for case in cases:
            kept += _kept(house, channels, groups, case)
        worth += compare_pooling(house, channels, groups, cases, sync_hours, scope)
    market = {shop.warehouse: shop.market for shop in scope.shops}
    both = [pd.DataFrame(kept), pd.DataFrame(worth)]
    for frame in both:
        frame["market"] = frame["warehouse"].map(market).astype("str")
        frame["currency"] = scope.seller.currency
    return (
        tables.checked(tables.ChannelPlan, both[0]),
        tables.checked(tables.PoolWorth, both[1]),
    )


def release_clock(channel_plan: pd.DataFrame, daily: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Return day by day the units still to be kept for each protected channel of a pool.

    Parameters
    ----------
    channel_plan : DataFrame
        Table `ChannelPlan`.
    daily : DataFrame
        Table `ForecastDaily`.
    scope : Scope

    Returns
    -------
    DataFrame
        Table `ReleaseClock`. A channel without exports follows the first shop of its warehouse.

    Notes
    -----
    ``protected * demand still to come / demand of the campaign``, rounded up: where demand keeps
    its shape, that is Littlewood's level of what is still to come. Held to the end instead,
    protection strands what the better channel did not ask for.
    """
    shops = {
        (house, seat.channel): seat.shop for house, rows in seats_of(scope).items() for seat in rows
    }
    kept = channel_plan[(channel_plan["protected_units"] > 0) & (channel_plan["draws_on"] != "")]
    names = zip(kept["warehouse"], kept["channel"], strict=True)
    kept = kept.assign(shop=[shops[name] for name in names])
    own = daily[daily["phase"].isin(HORIZON_PHASES)].sort_values("day")
    by_day = own.groupby(["shop", "sku"])["mean_units"]
    total = by_day.transform("sum")
    left = total - by_day.cumsum() + own["mean_units"]
    own = own.assign(demand_left_share=(left / total.where(total > 0)).fillna(0.0).clip(0, 1))
    frame = kept.merge(own[["shop", "sku", "day", "demand_left_share"]], on=["shop", "sku"])
    if frame.empty:
        return tables.empty(tables.ReleaseClock)
    exact = frame["protected_units"] * frame["demand_left_share"]
    frame["protected_units"] = np.ceil(exact - ROUNDING_TOLERANCE).astype("int64")
    return tables.checked(tables.ReleaseClock, frame[tables.columns(tables.ReleaseClock)])


def breaches(channel_plan: pd.DataFrame, sold_by_channel: pd.DataFrame) -> list[Breach]:
    """Return the channels that sold more than they may, the worst first.

    Parameters
    ----------
    channel_plan : DataFrame
        Table `ChannelPlan`.
    sold_by_channel : DataFrame
        warehouse, sku, channel, units: sold since the campaign began. [units]
    """
    keys = ["warehouse", "sku", "channel"]
    sold = sold_by_channel.groupby(keys, as_index=False)["units"].sum()
    both = channel_plan.merge(sold, on=keys)
    over = both[both["units"] > both["limit_units"]]
    order = (over["limit_units"] - over["units"]).sort_values(kind="stable").index
    return [
        Breach(row.market, row.warehouse, row.sku, row.channel, row.units, row.limit_units)
        for row in over.loc[order].itertuples()
    ]


def _groups(channels: list[Seat]) -> np.ndarray:
    """Return the number of the pool of each channel; one without a pool is alone."""
    names = [seat.pool or f"|{seat.channel}" for seat in channels]
    order = list(dict.fromkeys(names))
    return np.array([order.index(name) for name in names])


def _kept(
    house: str, channels: list[Seat], groups: np.ndarray, case: Case
) -> list[dict[str, object]]:
    given = case.parted(groups)
    rows: list[dict[str, object]] = []
    for group, units in enumerate(given):
        places = np.flatnonzero(groups == group)
        levels = np.minimum(case.levels(places), units)
        edges = np.concatenate([[0.0], levels, [units]]).astype("int64")
        for nth, place in enumerate(places):
            own = int(edges[nth + 1] - edges[nth])
            is_last = nth == len(places) - 1
            locked = int(case.locked[place])
            rows.append({
                "warehouse": house,
                "sku": case.sku,
                "channel": channels[place].channel,
                "rank": int(place) + 1,
                "demand_units": float(case.demand[place].mean()),
                "unit_profit": float(case.net_price[place] - case.landed_cost),
                "locked_units": locked,
                "protected_units": 0 if is_last and len(places) > 1 else own,
                "partition_units": locked + own,
                "limit_units": locked + int(units - edges[nth]),
                "draws_on": channels[place].pool,
                "reason": _why(channels[place], case, len(places), is_last),
            })  # fmt: skip
    return sorted(rows, key=lambda row: row["rank"])


def _why(seat: Seat, case: Case, n_together: int, is_last: bool) -> str:
    told = "reason.channel_last" if is_last else "reason.channel_protected"
    parts = [told if n_together > 1 else "reason.channel_alone"]
    if not case.is_priced:
        parts.append("reason.channel_unpriced")
    elif case.is_by_demand:
        parts.append("reason.channel_loses")
    if not seat.demand_ratio:
        parts.append("reason.channel_demand_unknown")
    promised = seat.locked_units.get(case.sku, 0)
    if promised > case.stock_units:
        parts.append(f"reason.locked_over_stock|promised={promised}|stock={case.stock_units}")
    return ";".join(parts)
