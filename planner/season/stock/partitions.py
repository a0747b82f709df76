"""Channels of a shared warehouse against the units that the plan lets each of them sell.

Counts what sold and what was there; how units are parted stands in `supply.sharing.channels`.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.season.days import KEYS
from planner.supply.sharing.channels import breaches, protect

CHANNEL = ["warehouse", "sku", "channel"]
HOUSE = ["market", "warehouse", "sku"]


class Goods(NamedTuple):
    """What the units of a shared warehouse are parted by again once they are really there."""

    draws: pd.DataFrame
    """`DemandDraws`."""
    economics: pd.DataFrame
    """`UnitEconomics`."""
    by_day: pd.DataFrame
    """`ForecastDaily`."""
    held: pd.DataFrame
    """market, sku, stock_units: on the shelf at the moment. [units]"""
    days: pd.DataFrame
    """`TrackDaily`: what left the shelf since the campaign began."""


def partitions_there(channel_plan: pd.DataFrame, goods: Goods, *, scope: Scope) -> pd.DataFrame:
    """Return the parts of the channels, of the units that were really there.

    Parameters
    ----------
    channel_plan : DataFrame
        Table `ChannelPlan`: parts of what was at hand and ordered. Where an order was not sent,
        or more came than was ordered, they say nothing of the shelf.
    goods : Goods
    scope : Scope

    Returns
    -------
    DataFrame
        Table `ChannelPlan`. What was there is what sold plus what is left: opening stock and
        receipts. A SKU without a count keeps the parts of the plan.
    """
    if channel_plan.empty:
        return channel_plan
    sold = goods.days.groupby(KEYS)["units"].sum()
    left = goods.held[goods.held["stock_units"] >= 0].set_index(KEYS)["stock_units"]
    there = (left + sold.reindex(left.index, fill_value=0)).rename("available_units")
    told = there.reset_index().assign(order_units=0)
    parted, _ = protect(
        goods.draws, goods.economics, told, scope=scope, daily=goods.by_day
    )  # fmt: skip
    known = pd.MultiIndex.from_frame(parted[KEYS])
    kept = channel_plan[~pd.MultiIndex.from_frame(channel_plan[KEYS]).isin(known)]
    return tables.checked(tables.ChannelPlan, pd.concat([parted, kept], ignore_index=True))


def partition_use(
    channel_plan: pd.DataFrame,
    lines: pd.DataFrame,
    *,
    scope: Scope,
    cover: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what each channel sold since the campaign began against its limit, breaches first.

    Parameters
    ----------
    channel_plan : DataFrame
        Table `ChannelPlan`, as `partitions_there` returns it; empty where no warehouse is shared.
    lines : DataFrame
        Table `OrderLines` as known on the looking day, bundles exploded.
    scope : Scope
        Its shops are the channels whose sales are known; another channel's exports are not here.
    cover : DataFrame, optional
        Table `CoverHours`: the chance that the goods run out. Without it they are taken to.

    Returns
    -------
    DataFrame
        Table `PartitionUse`.

    Notes
    -----
    A unit beyond the limit was kept for a better channel: what it would have earned there more
    than here is lost if that channel runs out. ``over_profit`` is that times the chance that the
    goods run out before the event ends.
    """
    if channel_plan.empty:
        return tables.empty(tables.PartitionUse)
    sold = _sold(lines, scope)
    told = channel_plan[channel_plan["channel"].isin(sold["channel"].unique())]
    over = {(one.warehouse, one.sku, one.channel) for one in breaches(told, sold)}
    sums = sold.groupby(CHANNEL, as_index=False)["units"].sum()
    frame = told.merge(sums, on=CHANNEL, how="left")
    frame["sold_units"] = frame["units"].fillna(0.0).astype(float)
    names = frame[CHANNEL].itertuples(index=False, name=None)
    frame["is_breached"] = [name in over for name in names]
    extra = (frame["sold_units"] - frame["limit_units"]).clip(lower=0)
    frame["over_units"] = extra.where(frame["is_breached"], 0.0)
    best = channel_plan.groupby(HOUSE)["unit_profit"].max()
    best = best.reindex(pd.MultiIndex.from_frame(frame[HOUSE])).to_numpy()
    worth = (best - frame["unit_profit"]).clip(lower=0) * _chance(frame, cover)
    frame["over_profit"] = (frame["over_units"] * worth).where(worth.notna(), np.nan)
    frame["reason"] = np.where(
        frame["is_breached"], "reason.partition_breached", "reason.partition_kept"
    )
    frame["reason"] = frame["reason"].astype("str")
    frame = frame.assign(
        least=-frame["over_units"], share=-frame["sold_units"] / frame["limit_units"].clip(lower=1)
    )
    frame = frame.sort_values(["least", "share", "warehouse", "sku", "rank"])
    return tables.checked(tables.PartitionUse, frame[tables.columns(tables.PartitionUse)])


def _chance(frame: pd.DataFrame, cover: pd.DataFrame | None) -> np.ndarray:
    """Return for each row the chance that its SKU runs out in the event; 1 if it is not known."""
    if cover is None:
        return np.ones(len(frame))
    rates = cover.set_index(KEYS)["stock_out_rate"]
    return rates.reindex(pd.MultiIndex.from_frame(frame[KEYS])).fillna(1.0).to_numpy()


def _sold(lines: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return units of the campaign's orders to date by channel: one without any has none."""
    starts = {market: pd.Timestamp(plan.phases.start) for market, plan in scope.plans.items()}
    houses = {shop.shop: shop.warehouse for shop in scope.shops}
    inside = lines["is_demand"] & lines["shop"].isin(houses)
    inside &= lines["ordered_at"] >= pd.to_datetime(lines["market"].map(starts))
    part = lines[inside].assign(channel=lines["shop"], warehouse=lines["shop"].map(houses))
    return part[[*CHANNEL, "units"]].astype({name: "str" for name in CHANNEL})
