"""The course of a campaign, gathered from tables: demand, shelf, order and money of each SKU.

What it cannot know of a SKU it names, and leaves the SKU out of the replays. How the order came
about is `order_steps`; the shelf is `shelf_path`.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.season.days import KEYS, campaign_days, known_until, seen_until
from planner.season.replays.day_grid import announced, columns_of_days, day_grid, matrix
from planner.season.replays.day_prices import DayPrices, day_prices, money_by_day
from planner.season.replays.order_steps import Came, Steps, order_of, steps_of
from planner.season.replays.owned import again_units, unmoved_units
from planner.season.replays.replay import Course
from planner.season.replays.shelf_path import (
    Path,
    after_the_first,
    settled,
    shelf_path,
)
from planner.season.replays.shipped import Shipped, shipped_units
from planner.season.replays.unsold import no_loss
from planner.season.result.paid import paid_prices, planned_prices
from planner.season.stock.held import counts_by_market, held_stock

RETURNS = ["return_rate", "lag_days", "resale_rate"]


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
    exits: pd.DataFrame
    shipments: pd.DataFrame
    placement: pd.DataFrame | None = None
    """`Placement`: goods that the plan fetched from other warehouses."""


class Gathered(NamedTuple):
    """The SKUs that can be replayed, and those that cannot."""

    course: Course
    missing: pd.DataFrame
    """market, sku, missing."""


def campaign_course(
    happened: Happened,
    *,
    scope: Scope,
    returned: pd.DataFrame | None = None,
    unsold: pd.DataFrame | None = None,
    once: pd.DataFrame | None = None,
) -> Gathered:
    """Return what happened to each SKU of the plan, from the first phase day on.

    Parameters
    ----------
    happened : Happened
    scope : Scope
        Its looking days of step 5; the window ends with them or with the horizon.
    returned : DataFrame, optional
        market, sku, return_rate, lag_days, resale_rate as the plan had them; without it no unit
        on the shelf is taken for one returned.
    unsold, once : DataFrame, optional
        Samples and refused parcels, see `unsold.unsold_units`: no loss. What the plan pays once for
        an order, see `cost_rates.paid_once`.

    Notes
    -----
    Demand of a day is ``sold + lost``, see `lost.lost_by_day`. What the order was and when it came
    shipments tell, see `shipped.shipped_units`; of a SKU without one, the first units that came
    since the planning day are those that were already on their way, the rest is the order. Without
    a stock report day by day either, the order counts as sent as planned, as far as the opening
    count bears it out. A unit brings what buyers paid on the mean of the locked days, or of the
    others; costs are those of the plan, as a share of the price where they follow it: no invoices
    are read. Where the price lock advised against the price, the free price of the locked phase is
    the ordinary one, and its demand the ordinary line.
    """
    days = campaign_days(scope, until=known_until(happened.daily, seen_until(scope, step=5)))
    keys = happened.plan[KEYS].sort_values(KEYS).reset_index(drop=True)
    grid = day_grid(happened.daily, happened.forecast, keys, days)
    known, money, unknown = _known(happened, keys, grid, scope)
    keys = keys[known].reset_index(drop=True)
    columns = columns_of_days(days)
    sold, lost = (matrix(grid, keys, columns, name) for name in ("units", "lost_units"))
    steps = steps_of(happened, keys)
    shipped = shipped_units(happened.shipments, keys, sold.shape[1], scope=scope)
    path, came = _shelf(happened, keys, columns, (sold, lost), steps, shipped, scope)
    wanted, money = sold + lost, money[known].reset_index(drop=True)
    prices = _prices(happened, money, days, wanted, scope)
    others = path.receipts - came.by_day
    away = _away(path.gone, np.maximum(others, 0.0), keys, columns, unsold)
    course = Course(
        keys=keys,
        wanted=wanted,
        free_wanted=prices.free_wanted,
        opening=came.opening - came.before,
        bought=_bought(happened, keys, steps, shipped, came, scope),
        unmoved=unmoved_units(happened.placement, happened.stock, keys, scope=scope),
        again=_again(keys, sold, others - away, steps, returned),
        arriving=others - away,
        moved=shipped.due - settled(shipped.came_late, np.maximum(others, 0.0)),
        gone=path.gone - away,
        stranded=path.stranded,
        late=shipped.late,
        order=order_of(steps, came, happened, keys, scope=scope),
        money=money_by_day(prices, money, happened.exits, once),
    )
    return Gathered(course, unknown)


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


def _prices(
    happened: Happened, money: pd.DataFrame, days: pd.DataFrame, wanted: np.ndarray, scope: Scope
) -> DayPrices:
    planned = planned_prices(money, happened.catalogue)
    return day_prices(
        paid_prices(happened.daily, days, planned, scope=scope),
        planned["ordinary_price"].to_numpy(dtype=float),
        money,
        locks=happened.locks,
        baseline=happened.baseline,
        days=days,
        wanted=wanted,
    )


def _held(happened: Happened, keys: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    counts = counts_by_market(happened.stock_history, happened.daily, scope=scope)
    return held_stock(counts, happened.stock, keys, daily=happened.daily, scope=scope)


def _shelf(
    happened: Happened,
    keys: pd.DataFrame,
    columns: pd.DataFrame,
    sales: tuple[np.ndarray, np.ndarray],
    steps: Steps,
    shipped: Shipped,
    scope: Scope,
) -> tuple[Path, Came]:
    """Return the path of the shelf, and what of it was the campaign's order."""
    held = _held(happened, keys, scope)
    opening, left = (held[n].to_numpy(dtype=float) for n in ("opening_units", "leftover_units"))
    counts = counts_by_market(happened.stock_history, happened.daily, scope=scope)
    inside = matrix(counts, keys, columns, "units", fill=np.nan)
    starts = {market: plan.phases.start for market, plan in scope.plans.items()}
    due = matrix(announced(happened.stock, scope, since=starts), keys, columns, "units")
    path = shelf_path(opening, inside, due, *sales, leftover=left)
    early, is_counted = _receipts_before(happened, keys, counts, scope)
    by_count = _by_count(happened, keys, (early, path.receipts), is_counted, steps, opening)
    is_told = shipped.is_told
    before = np.where(is_told, shipped.before, by_count[:, 0])
    own = settled(shipped.by_day, path.receipts)
    by_day = np.where(is_told[:, None], own, by_count[:, 1:])
    return path, Came(before, by_day, shipped.after, is_told | is_counted, opening)


def _away(
    gone: np.ndarray,
    back: np.ndarray,
    keys: pd.DataFrame,
    columns: pd.DataFrame,
    unsold: pd.DataFrame | None,
) -> np.ndarray:
    """Return what of the units gone is no loss, by orders that name it and by what came back."""
    given, refused = (
        np.zeros(gone.shape) if unsold is None else matrix(unsold, keys, columns, name)
        for name in ("given_units", "refused_units")
    )
    return no_loss(gone, back, given=given, refused=refused)


def _bought(
    happened: Happened,
    keys: pd.DataFrame,
    steps: Steps,
    shipped: Shipped,
    came: Came,
    scope: Scope,
) -> np.ndarray:
    """Return what of the opening the seller bought after the planning day beside the order.

    Cartons that came before the first phase day and were neither on their way on the planning day
    nor part of the order; known only where shipments tell the order.
    """
    counts = counts_by_market(happened.stock_history, happened.daily, scope=scope)
    early, _ = _receipts_before(happened, keys, counts, scope)
    carton = np.nan_to_num(steps.carton, nan=1.0)[:, None]
    goods = np.where(early >= carton, early, 0.0).sum(axis=1)
    place = happened.position.set_index(KEYS).reindex(pd.MultiIndex.from_frame(keys))
    due = place["inbound_units"].fillna(0.0).to_numpy(dtype=float)
    more = np.where(shipped.is_told, goods - due - shipped.before, 0.0)
    return np.clip(more, 0.0, np.maximum(came.opening - came.before, 0.0))


def _again(
    keys: pd.DataFrame,
    sold: np.ndarray,
    came: np.ndarray,
    steps: Steps,
    returned: pd.DataFrame | None,
) -> np.ndarray:
    """Return what of the units that came were sold in the window and returned."""
    if returned is None:
        return np.zeros(len(keys))
    carton = np.nan_to_num(steps.carton, nan=1.0)
    return again_units(
        sold, came, carton, keys.merge(returned[[*KEYS, *RETURNS]], on=KEYS, how="left")
    )


def _by_count(
    happened: Happened,
    keys: pd.DataFrame,
    receipts: tuple[np.ndarray, np.ndarray],
    is_counted: np.ndarray,
    steps: Steps,
    opening: np.ndarray,
) -> np.ndarray:
    """Return what counts say came of the order: before the first day, then day by day."""
    early, _ = receipts
    came = np.concatenate(receipts, axis=1)
    carton = np.nan_to_num(steps.carton, nan=1.0)[:, None]
    goods = np.where(came >= carton, came, 0.0)
    place = happened.position.set_index(KEYS).reindex(pd.MultiIndex.from_frame(keys))
    under_way = (place["inbound_units"] + place["late_units"]).fillna(0.0).to_numpy(dtype=float)
    own = after_the_first(goods, under_way)
    n_early = early.shape[1]
    told = np.where(is_counted, own[:, :n_early].sum(axis=1), steps.asked)
    before = np.minimum(told, opening)
    rest = np.where(is_counted, np.inf, steps.asked - before)[:, None]
    inside = np.minimum(np.cumsum(own[:, n_early:], axis=1), rest)
    return np.column_stack([before, np.diff(inside, axis=1, prepend=0.0)])


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
    columns = columns_of_days(columns)
    sales = happened.daily.groupby([*KEYS, "day"], as_index=False)["units"].sum()
    path = counts.sort_values([*KEYS, "day"]).rename(columns={"units": "count"})
    path["change"] = path.groupby(KEYS)["count"].diff()
    path = path.merge(sales, on=[*KEYS, "day"], how="left")
    path["came"] = path["change"] + path["units"].fillna(0)
    came = matrix(path, keys, columns, "came", fill=np.nan)
    return np.nan_to_num(came).clip(min=0.0), (~np.isnan(came)).any(axis=1)
