"""The course of a campaign, gathered from tables: demand, shelf, order and money of each SKU.

What it cannot know of a SKU it names, and leaves the SKU out of the replays. How the order came
about is `order_steps`; the shelf is `shelf_path`.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.campaign import Scope
from planner.season.days import (
    KEYS,
    campaign_days,
    known_until,
    planned_rates,
    seen_until,
    sold_by_day,
)
from planner.season.held import counts_by_market, held_stock
from planner.season.lost import lost_by_day
from planner.season.order_steps import Came, Steps, order_of, steps_of
from planner.season.replay import Course, Money
from planner.season.shelf_path import Path, after_the_first, away_and_back, shelf_path

UNREGISTERED = ("refuse", "raise_price")
"""Advice under which a SKU should have been sold outside the campaign, or dearer."""


class Happened(NamedTuple):
    """What the review knows; each a table named as in `planner.tables`."""

    daily: pd.DataFrame
    """`DailySales` as known on the review day."""
    forecast: pd.DataFrame
    baseline: pd.DataFrame
    """`BaselineDaily`."""
    plan: pd.DataFrame
    """`StockPlan`."""
    mode_plan: pd.DataFrame
    position: pd.DataFrame
    economics: pd.DataFrame
    locks: pd.DataFrame
    """`PriceLocks`."""
    gates: pd.DataFrame
    decisions: pd.DataFrame
    """`Decisions`."""
    catalogue: pd.DataFrame
    stock: pd.DataFrame
    stock_history: pd.DataFrame


class Gathered(NamedTuple):
    """The SKUs that can be replayed, and those that cannot."""

    course: Course
    missing: pd.DataFrame
    """market, sku, missing."""


def campaign_course(happened: Happened, *, scope: Scope) -> Gathered:
    """Return what happened to each SKU of the plan, from the first phase day on.

    Parameters
    ----------
    happened : Happened
    scope : Scope
        Its looking days of step 5; the window ends with them or with the horizon.

    Notes
    -----
    Demand of a day is ``sold + lost``, see `lost.lost_by_day`. Of what came since the planning day
    the first units are those that were already on their way, the rest is the campaign's order.
    Without a stock report day by day the order counts as sent as planned, as far as the opening
    count bears it out. Costs are those of the plan: no invoices are read. Where the price lock
    advised against the price, the free price is the ordinary one, and demand the ordinary line.
    """
    days = campaign_days(scope, until=known_until(happened.daily, seen_until(scope, step=5)))
    keys = happened.plan[KEYS].sort_values(KEYS).reset_index(drop=True)
    grid = day_grid(happened.daily, happened.forecast, keys, days)
    known, money, unknown = _known(happened, keys, grid, scope)
    keys = keys[known].reset_index(drop=True)
    columns = _columns(days)
    sold, lost = (matrix(grid, keys, columns, name) for name in ("units", "lost_units"))
    steps = steps_of(happened, keys)
    path, came = _shelf(happened, keys, columns, (sold, lost), steps, scope)
    wanted = sold + lost
    free_wanted, free_price = _free(happened, keys, columns, wanted, money[known])
    others = np.maximum(path.receipts - came.by_day, 0.0)
    away = away_and_back(path.gone, others)
    course = Course(
        keys=keys,
        wanted=wanted,
        free_wanted=free_wanted,
        opening=np.maximum(came.opening - came.before, 0.0),
        arriving=others - away,
        gone=path.gone - away,
        stranded=path.stranded,
        order=order_of(steps, came, happened, keys, scope=scope),
        money=_money(money[known], free_price),
    )
    return Gathered(course, unknown)


def day_grid(
    daily: pd.DataFrame, forecast: pd.DataFrame, keys: pd.DataFrame, days: pd.DataFrame
) -> pd.DataFrame:
    """Return every SKU and campaign day: units, is_stock_out, planned_units and lost_units."""
    grid = keys[KEYS].merge(days, on="market")
    grid = grid.merge(sold_by_day(daily, days), on=[*KEYS, "day", "phase"], how="left")
    grid = grid.merge(planned_rates(forecast), on=[*KEYS, "phase"], how="left")
    grid["units"] = grid["units"].fillna(0).astype("int64")
    grid["is_stock_out"] = grid["is_stock_out"].eq(True)
    grid["lost_units"] = lost_by_day(grid)
    return grid


def matrix(
    frame: pd.DataFrame,
    keys: pd.DataFrame,
    columns: pd.DataFrame,
    name: str,
    *,
    fill: float = 0.0,
) -> np.ndarray:
    """Return a column of a frame by market, SKU and day as shape (n_sku, n_days).

    Parameters
    ----------
    frame : DataFrame
        market, sku, day and the column asked for.
    keys, columns : DataFrame
        The rows; market, day and column of each of its days.
    name : str
    fill : float
        Where the frame says nothing.
    """
    n_days = int(columns["column"].max()) + 1 if len(columns) else 0
    rows = frame[[*KEYS, "day", name]].merge(columns, on=["market", "day"])
    place = pd.MultiIndex.from_frame(keys[KEYS]).get_indexer(pd.MultiIndex.from_frame(rows[KEYS]))
    rows, place = rows[place >= 0], place[place >= 0]
    found = np.full((len(keys), n_days), fill)
    found[place, rows["column"].to_numpy(dtype=int)] = rows[name].to_numpy(dtype=float)
    return found


def _columns(days: pd.DataFrame) -> pd.DataFrame:
    first = days.groupby("market")["day"].transform("min")
    return days[["market", "day"]].assign(column=(days["day"] - first).dt.days)


def _known(
    happened: Happened, keys: pd.DataFrame, grid: pd.DataFrame, scope: Scope
) -> tuple[np.ndarray, pd.DataFrame, pd.DataFrame]:
    """Return which SKUs can be replayed, their economics, and what is missing of the others."""
    money = keys.merge(happened.economics, on=KEYS, how="left")
    lost = grid.groupby(KEYS)["lost_units"].sum(skipna=False)
    places = pd.MultiIndex.from_frame(keys)
    held = _held(happened, keys, scope)
    gaps = {
        "lost_units": lost.reindex(places).isna().to_numpy(),
        "opening_units": held["opening_units"].isna().to_numpy(),
        **{name: money[name].isna().to_numpy()
           for name in ("price", "selling_cost", "landed_cost", "leftover_revenue")},
    }  # fmt: skip
    flags = np.column_stack(list(gaps.values()))
    names = np.array(list(gaps))
    told = pd.Series([";".join(names[row]) for row in flags], dtype="str")
    is_known = ~flags.any(axis=1)
    unknown = keys.assign(missing=told)[~is_known].reset_index(drop=True)
    return is_known, money, unknown


def _held(happened: Happened, keys: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    counts = counts_by_market(happened.stock_history, happened.daily, scope=scope)
    return held_stock(counts, happened.stock, keys, scope=scope)


def _shelf(
    happened: Happened,
    keys: pd.DataFrame,
    columns: pd.DataFrame,
    sales: tuple[np.ndarray, np.ndarray],
    steps: Steps,
    scope: Scope,
) -> tuple[Path, Came]:
    """Return the path of the shelf, and what of it was the campaign's order."""
    held = _held(happened, keys, scope)
    opening, left = (held[n].to_numpy(dtype=float) for n in ("opening_units", "leftover_units"))
    counts = counts_by_market(happened.stock_history, happened.daily, scope=scope)
    inside = matrix(counts, keys, columns, "units", fill=np.nan)
    due = matrix(announced(happened.stock, scope), keys, columns, "units")
    path = shelf_path(opening, inside, due, *sales, leftover=left)
    early, is_seen = _receipts_before(happened, keys, counts, scope)
    receipts = np.concatenate([early, path.receipts], axis=1)
    carton = np.nan_to_num(steps.carton, nan=1.0)[:, None]
    goods = np.where(receipts >= carton, receipts, 0.0)
    place = happened.position.set_index(KEYS).reindex(pd.MultiIndex.from_frame(keys))
    under_way = (place["inbound_units"] + place["late_units"]).fillna(0.0).to_numpy(dtype=float)
    own = after_the_first(goods, under_way)
    n_early = early.shape[1]
    before = np.minimum(np.where(is_seen, own[:, :n_early].sum(axis=1), steps.asked), opening)
    inside_own = own[:, n_early:]
    rest = np.where(is_seen, np.inf, steps.asked - before)[:, None]
    by_day = np.diff(np.minimum(np.cumsum(inside_own, axis=1), rest), axis=1, prepend=0.0)
    return path, Came(before, by_day, is_seen, opening)


def _receipts_before(
    happened: Happened, keys: pd.DataFrame, counts: pd.DataFrame, scope: Scope
) -> tuple[np.ndarray, np.ndarray]:
    """Return what came by day from the planning day on, and whether counts tell it."""
    columns = pd.concat(
        [
            pd.DataFrame({"market": market, "day": pd.date_range(
                scope.as_of(3)[market], plan.phases.start, inclusive="left", unit="us")})
            for market, plan in scope.plans.items()
        ],
        ignore_index=True,
    )  # fmt: skip
    columns = _columns(columns)
    sales = happened.daily.groupby([*KEYS, "day"], as_index=False)["units"].sum()
    path = counts.sort_values([*KEYS, "day"]).rename(columns={"units": "count"})
    path["change"] = path.groupby(KEYS)["count"].diff()
    path = path.merge(sales, on=[*KEYS, "day"], how="left")
    path["came"] = path["change"] + path["units"].fillna(0)
    came = matrix(path, keys, columns, "came", fill=np.nan)
    return np.nan_to_num(came).clip(min=0.0), (~np.isnan(came)).any(axis=1)


def announced(stock: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return market, sku, day, units of what was announced, each announcement once.

    Parameters
    ----------
    stock : DataFrame
        Table `Stock`; several snapshots may stand in it.
    scope : Scope
    """
    places = {house.warehouse: house.market for house in scope.seller.warehouses}
    due = stock[(stock["stage"] != "on_hand") & stock["available_on"].notna()]
    due = due.assign(market=due["warehouse"].map(places)).dropna(subset=["market"])
    due = due.sort_values("as_of").drop_duplicates(
        [*KEYS, "warehouse", "available_on"], keep="last"
    )
    sums = due.groupby([*KEYS, "available_on"], as_index=False)["units"].sum()
    return sums.rename(columns={"available_on": "day"}).astype({"market": "str"})


def _free(
    happened: Happened,
    keys: pd.DataFrame,
    columns: pd.DataFrame,
    wanted: np.ndarray,
    money: pd.DataFrame,
) -> tuple[np.ndarray, np.ndarray]:
    """Return demand and price had the SKU stayed out of the campaign, where that was better."""
    advised = happened.locks[happened.locks["advice"].isin(UNREGISTERED)]
    is_advised = pd.MultiIndex.from_frame(keys).isin(pd.MultiIndex.from_frame(advised[KEYS]))
    price = money["price"].to_numpy(dtype=float)
    ordinary = keys["sku"].map(happened.catalogue.set_index("sku")["price"]).to_numpy(dtype=float)
    line = happened.baseline.groupby([*KEYS, "day"], as_index=False)["baseline_units"].sum()
    usual = np.minimum(matrix(line, keys, columns, "baseline_units"), wanted)
    landed, selling = (money[n].to_numpy(dtype=float) for n in ("landed_cost", "selling_cost"))
    rate = 1.0 - selling / price
    gain = (ordinary * rate - landed) * usual.sum(axis=1)
    loss = (price * rate - landed) * wanted.sum(axis=1)
    is_better = is_advised & (ordinary > price) & (gain > np.maximum(loss, 0.0))
    return np.where(is_better[:, None], usual, wanted), np.where(is_better, ordinary, price)


def _money(money: pd.DataFrame, free_price: np.ndarray) -> Money:
    price, selling, landed, leftover, under, margin = (
        money[name].to_numpy(dtype=float)
        for name in ("price", "selling_cost", "landed_cost", "leftover_revenue", "under_cost",
                     "margin_profit")
    )  # fmt: skip
    return Money(
        net_price=price - selling,
        free_net_price=free_price * (1.0 - selling / price),
        landed_cost=landed,
        leftover_revenue=leftover,
        penalty_cost=np.nan_to_num(under - margin),
    )
