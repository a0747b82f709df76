"""The stock a campaign began with, lived on and was left with.

Reads stock counts, and what sold and was announced since. Knows nothing of forecasts or money.
"""

import pandas as pd

from planner.scope import Scope
from planner.season.days import KEYS, seen_until
from planner.season.stock.counts import told_last

DEAD_STOCK_RULE = "dead_stock_days"
COUNT_DAYS = 7
"""A snapshot up to so many days old tells what the season began with or was left with. [days]"""
EMPTY = {"market": "str", "sku": "str", "day": "datetime64[us]", "units": "int64"}


def counts_by_market(
    stock_history: pd.DataFrame, sold: pd.DataFrame, *, scope: Scope
) -> pd.DataFrame:
    """Return the stock report placed in markets: market, sku, day, units. [units].

    Parameters
    ----------
    stock_history : DataFrame
        Table `StockHistory`, which does not say where stock lies.
    sold : DataFrame
        market, sku: where each SKU sells.
    scope : Scope
        A seller of one market holds all stock there.

    Returns
    -------
    DataFrame
        A SKU sold in several markets is left out: its stock cannot be told apart.
    """
    history = stock_history[["sku", "day", "units"]]
    if len(scope.seller.markets) == 1:
        return history.assign(market=scope.seller.markets[0]).astype(EMPTY)
    homes = sold[KEYS].drop_duplicates()
    single = homes[~homes["sku"].duplicated(keep=False)]
    return history.merge(single, on="sku", how="inner")[list(EMPTY)].astype(EMPTY)


def held_stock(
    counts: pd.DataFrame,
    stock: pd.DataFrame,
    keys: pd.DataFrame,
    *,
    daily: pd.DataFrame,
    scope: Scope,
) -> pd.DataFrame:
    """Return by market and SKU the stock at the start, on average and at the end.

    Parameters
    ----------
    counts : DataFrame
        As `counts_by_market` returns it: units at each day's end.
    stock : DataFrame
        Table `Stock`; several snapshots may stand in it.
    keys : DataFrame
        market, sku: the rows to return.
    daily : DataFrame
        Table `DailySales`: what sold between a snapshot and the season's end.
    scope : Scope
        From the first phase day to the review day or the horizon's end.

    Returns
    -------
    DataFrame
        `keys` with opening_units, mean_stock_units, leftover_units [units]; NaN where no count
        tells.

    Notes
    -----
    Opening is the report of the day before the first phase, else the last snapshots of the week
    before it or of that day. Leftover is the report of the last day, so that it is counted where
    sales end; a report that ends before gives way to the last snapshots of the season's last week,
    else to the first of the week after it, else to an older one of the season. Such a snapshot is
    carried to the season's end: ``units - sold + announced`` between a day before and that end,
    ``units + sold - announced`` where it was made later. Of each warehouse one counts, whenever
    the others were counted. The mean is over the days of the report, else of opening and leftover.
    """
    starts = {market: pd.Timestamp(plan.phases.start) for market, plan in scope.plans.items()}
    spans = pd.DataFrame({"market": list(starts), "first": starts.values()})
    last = {market: pd.Timestamp(day) for market, day in seen_until(scope, step=5).items()}
    spans["stop"] = spans["market"].map(last)
    placed = counts.merge(spans, on="market")
    shots = _snapshots(stock, scope).merge(spans, on="market")
    before = placed[placed["day"] == placed["first"] - pd.Timedelta(days=1)]
    inside = placed[(placed["day"] >= placed["first"]) & (placed["day"] < placed["stop"])]
    early = _newest(shots[_is_opening(shots)])
    late = _carried(_closing(shots), stock, daily, scope)
    final = inside.sort_values("day").drop_duplicates(KEYS, keep="last")
    opening = _by_key(before, keys).fillna(_by_key(early, keys))
    at_end = final[final["day"] == final["stop"] - pd.Timedelta(days=1)]
    leftover = _by_key(at_end, keys).fillna(_by_key(late, keys)).fillna(_by_key(final, keys))
    mean = inside.groupby(KEYS)["units"].mean().reindex(pd.MultiIndex.from_frame(keys[KEYS]))
    mean = pd.Series(mean.to_numpy(dtype=float), index=keys.index)
    return keys[KEYS].assign(
        opening_units=opening,
        mean_stock_units=mean.fillna((opening + leftover) / 2),
        leftover_units=leftover,
    )


def dead_stock_days(bounds: pd.DataFrame | None) -> float:
    """Return the days of ordinary sales beyond which stock is dead, NaN if no rule is in force.

    Parameters
    ----------
    bounds : DataFrame, optional
        Register `Bounds`.
    """
    rows = pd.Series(dtype=float) if bounds is None else _rule(bounds, DEAD_STOCK_RULE)
    return float(rows.iloc[-1]) if len(rows) else float("nan")


def _rule(bounds: pd.DataFrame, rule: str) -> pd.Series:
    return bounds.loc[bounds["rule"] == rule, "high"]


def _snapshots(stock: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return sellable units by market, SKU, warehouse and snapshot day."""
    places = {house.warehouse: house.market for house in scope.seller.warehouses}
    shelf = stock[stock["stage"] == "on_hand"]
    shelf = shelf.assign(market=shelf["warehouse"].map(places)).dropna(subset=["market"])
    summed = shelf.groupby([*KEYS, "warehouse", "as_of"], as_index=False)["units"].sum()
    return summed.astype({"market": "str", "sku": "str"})


def _newest(shots: pd.DataFrame) -> pd.DataFrame:
    """Return units by market and SKU, of each warehouse as it was counted last."""
    rows = shots[shots["as_of"] == shots.groupby("warehouse")["as_of"].transform("max")]
    return rows.groupby(KEYS, as_index=False)["units"].sum()


def _is_opening(shots: pd.DataFrame) -> pd.Series:
    """Whether a snapshot is of the first phase day or the week before it."""
    return (shots["as_of"] <= shots["first"]) & (
        shots["as_of"] >= shots["first"] - pd.Timedelta(days=COUNT_DAYS)
    )


def _closing(shots: pd.DataFrame) -> pd.DataFrame:
    """Return of each warehouse the snapshot that tells best what the season was left with."""
    week = pd.Timedelta(days=COUNT_DAYS)
    part = shots[(shots["as_of"] > shots["first"]) & (shots["as_of"] <= shots["stop"] + week)]
    age = part["stop"] - part["as_of"]
    # one made later holds what came since, and not all of it was announced
    rank = age.abs() + week * ((age < pd.Timedelta(0)) + 2 * (age > week))
    return part[rank == rank.groupby(part["warehouse"]).transform("min")]


def _carried(
    shots: pd.DataFrame, stock: pd.DataFrame, daily: pd.DataFrame, scope: Scope
) -> pd.DataFrame:
    """Return units by market and SKU at the season's end; below zero nothing is known."""
    names = ["warehouse", "sku", "day", "flow"]
    houses = {shop.shop: shop.warehouse for shop in scope.seller.shops}
    late = daily[daily["day"] >= shots[["as_of", "stop"]].min().min()]
    out = late.assign(warehouse=late["shop"].map(houses).astype("str"), flow=-late["units"])
    due = told_last(stock)
    # what the count of its own day has on the shelf came before it
    before = pd.to_timedelta(due["is_counted"].astype(int), unit="s")
    due = due.assign(day=due["available_on"] - before, flow=due["units"])
    flows = pd.concat([out[names], due[names]], ignore_index=True)
    place = shots.reset_index(names="place")
    pairs = place.merge(flows, on=["warehouse", "sku"])
    since = (pairs["day"] >= pairs["as_of"]) & (pairs["day"] < pairs["stop"])
    until = (pairs["day"] >= pairs["stop"]) & (pairs["day"] < pairs["as_of"])
    pairs["flow"] = pairs["flow"] * (since.astype(int) - until.astype(int))
    moved = pairs.groupby("place")["flow"].sum().reindex(shots.index, fill_value=0)
    sums = shots.assign(units=shots["units"] + moved).groupby(KEYS, as_index=False)["units"].sum()
    return sums[sums["units"] >= 0]


def _by_key(frame: pd.DataFrame, keys: pd.DataFrame) -> pd.Series:
    """Return the units of each row of `keys`, NaN where the frame has none."""
    units = frame.set_index(KEYS)["units"].reindex(pd.MultiIndex.from_frame(keys[KEYS]))
    return pd.Series(units.to_numpy(dtype=float), index=keys.index)
