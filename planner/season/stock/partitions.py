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
HINDSIGHT = "reason.partition_hindsight"
EATEN = "reason.partition_locked"
"""Why a channel is in breach that sold what another's lock held."""


class Goods(NamedTuple):
    """What the units of a shared warehouse are parted by again once they are really there."""

    draws: pd.DataFrame
    """`DemandDraws`."""
    economics: pd.DataFrame
    """`UnitEconomics`."""
    by_day: pd.DataFrame
    """`ForecastDaily`."""
    held: pd.DataFrame
    """market, sku, stock_units: on the shelf when the last of `days` was over. [units]"""
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
    there: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what each channel sold since the campaign began against its limit, breaches first.

    Parameters
    ----------
    channel_plan : DataFrame
        Table `ChannelPlan` as notebook 03 told it; empty where no warehouse is shared.
    lines : DataFrame
        Table `OrderLines` as known on the looking day, bundles exploded.
    scope : Scope
        Its shops with any order in `lines`, of whatever day, are the channels whose sales are
        known; another channel's exports are not here.
    cover : DataFrame, optional
        Table `CoverHours`: what is left on the shelf at the moment, and the chance that it runs
        out. Without it goods are taken to run out, and no lock is known to be eaten.
    there : DataFrame, optional
        The parts of the units that were really there, as `partitions_there` returns them.

    Returns
    -------
    DataFrame
        Table `PartitionUse`.

    Notes
    -----
    A channel keeps its part as long as it sells no more than the plan told it, or than the goods
    that came allow if they are more: a part that shrinks in hindsight was never told, and is told
    without a breach. Units promised to another channel are eaten, whatever the part, where they
    are still asked for and no longer there:
    ``min(sold - own lock, locked - sold of the others - left on the shelf)``.

    A unit beyond the limit was kept for a better channel: what it would have earned there more
    than here is lost if that channel runs out. ``over_profit`` is that times the chance that the
    goods run out before the event ends.
    """
    if channel_plan.empty:
        return tables.empty(tables.PartitionUse)
    sold = _sold(lines, scope)
    shops = set(lines["shop"]) & {shop.shop for shop in scope.shops}
    told = channel_plan[channel_plan["channel"].isin(shops)]
    fitting = _of(there, told, "limit_units").fillna(told["limit_units"])
    told = told.assign(
        there_units=fitting, limit_units=np.maximum(told["limit_units"], fitting).astype("int64")
    )
    over = {(one.warehouse, one.sku, one.channel) for one in breaches(told, sold)}
    sums = sold.groupby(CHANNEL, as_index=False)["units"].sum()
    frame = told.merge(sums, on=CHANNEL, how="left")
    frame["sold_units"] = frame["units"].fillna(0.0).astype(float)
    frame = frame.join(_eaten(frame, cover))
    names = frame[CHANNEL].itertuples(index=False, name=None)
    is_over = np.array([name in over for name in names]) | (frame["eaten_units"] > 0)
    beyond = np.maximum(frame["sold_units"] - frame["limit_units"], frame["eaten_units"])
    frame = frame.assign(is_breached=is_over, over_units=beyond.clip(lower=0).where(is_over, 0.0))
    worth = _worth(frame, channel_plan) * _chance(frame, cover)
    frame["over_profit"] = (frame["over_units"] * worth).where(worth.notna(), np.nan)
    frame["reason"] = pd.array(_reasons(frame, channel_plan, worth), dtype="str")
    frame = frame.assign(
        least=-frame["over_units"],
        silent=~is_told(frame),
        share=-frame["sold_units"] / frame["limit_units"].clip(lower=1),
    )
    frame = frame.sort_values(["least", "silent", "share", "warehouse", "sku", "rank"])
    return tables.checked(tables.PartitionUse, frame[tables.columns(tables.PartitionUse)])


def is_told(use: pd.DataFrame) -> pd.Series:
    """Return by row of `PartitionUse` whether it is a breach, or would be one in hindsight."""
    return use["is_breached"] | use["reason"].str.startswith(HINDSIGHT)


def _of(other: pd.DataFrame | None, told: pd.DataFrame, column: str) -> pd.Series:
    """Return a column of another plan of the same channels, NaN where it has none."""
    if other is None:
        return pd.Series(np.nan, index=told.index)
    known = other.set_index(CHANNEL)[column]
    found = known.reindex(pd.MultiIndex.from_frame(told[CHANNEL]))
    return pd.Series(found.to_numpy(dtype=float), index=told.index)


def _eaten(frame: pd.DataFrame, cover: pd.DataFrame | None) -> pd.DataFrame:
    """Return by row the units of others' locks it ate, whose lock most of all, and that lock.

    A channel whose sales nobody knows has no row, and its lock is not known to be eaten.
    """
    none = {"eaten_units": 0.0, "robbed": "", "robbed_lock": 0, "robbed_sold": 0.0}
    found = pd.DataFrame(none, index=frame.index).astype({"robbed": "str"})
    if cover is None:
        return found
    left = cover.set_index(KEYS)["stock_units"]
    for key, rows in frame.groupby(HOUSE):
        shelf = float(left.get((key[0], key[2]), np.nan))
        owed = (rows["locked_units"] - rows["sold_units"]).clip(lower=0)
        if np.isnan(shelf) or not owed.any():
            continue
        for place, row in rows.iterrows():
            others = owed.drop(place)
            taken = min(row["sold_units"] - row["locked_units"], others.sum() - shelf)
            if taken >= 1:
                robbed = rows.loc[others.idxmax()]
                told = [taken, robbed["channel"], robbed["locked_units"], robbed["sold_units"]]
                found.loc[place] = told
    return found


def _worth(frame: pd.DataFrame, channel_plan: pd.DataFrame) -> pd.Series:
    """Return what a unit earns more in the best channel of its warehouse than in the row's."""
    best = channel_plan.groupby(HOUSE)["unit_profit"].max()
    best = best.reindex(pd.MultiIndex.from_frame(frame[HOUSE])).to_numpy()
    return (best - frame["unit_profit"]).clip(lower=0)


def _reasons(frame: pd.DataFrame, channel_plan: pd.DataFrame, worth: pd.Series) -> list[str]:
    first = channel_plan[
        channel_plan["rank"] == channel_plan.groupby(HOUSE)["rank"].transform("min")
    ]
    best = first.set_index(HOUSE)["channel"].to_dict()
    found = []
    for row, unit in zip(frame.to_dict("records"), worth, strict=True):
        late = row["sold_units"] - row["there_units"]
        if row["eaten_units"] > 0:
            told = f"units={row['eaten_units']:.0f}|channel={row['robbed']}"
            told += f"|locked={row['robbed_lock']:.0f}|sold={row['robbed_sold']:.0f}"
            found.append(f"{EATEN}|{told}")
        elif row["is_breached"]:
            found.append("reason.partition_breached")
        elif late >= 1 and unit > 0:
            told = f"units={late:.0f}|channel={best[tuple(row[name] for name in HOUSE)]}"
            told += f"|lost={late * unit:.2f}|currency={row['currency']}"
            found.append(f"{HINDSIGHT}|{told}")
        else:
            found.append("reason.partition_kept")
    return found


def _chance(frame: pd.DataFrame, cover: pd.DataFrame | None) -> np.ndarray:
    """Return for each row the chance that its SKU runs out in the event; 1 if it is not known."""
    if cover is None:
        return np.ones(len(frame))
    rates = cover.set_index(KEYS)["stock_out_rate"]
    return rates.reindex(pd.MultiIndex.from_frame(frame[KEYS])).fillna(1.0).to_numpy()


def _sold(lines: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return units of the campaign's orders to date by channel."""
    starts = {market: pd.Timestamp(plan.phases.start) for market, plan in scope.plans.items()}
    houses = {shop.shop: shop.warehouse for shop in scope.shops}
    inside = lines["is_demand"] & lines["shop"].isin(houses)
    inside &= lines["ordered_at"] >= pd.to_datetime(lines["market"].map(starts))
    part = lines[inside].assign(channel=lines["shop"], warehouse=lines["shop"].map(houses))
    return part[[*CHANNEL, "units"]].astype({name: "str" for name in CHANNEL})
