"""Orders against the platform's clock: until when each must ship and arrive, when it is cancelled.

One row per order, with what was known at the moment of tracking. Counts no metric.
"""

import numpy as np
import pandas as pd

from planner import tables
from planner.demand.lost_rows import worth_of_minor_unit
from planner.intake.bundles import explode
from planner.scope import Scope
from planner.season.days import KEYS
from planner.season.platform.working_days import days_later, is_unsure, is_working

DISPATCH_DAYS = "dispatch_days"
"""Row of the register `Metrics` that holds the working days within which an order must ship."""
CROSS_BORDER_DAYS = "dispatch_days_cross_border"
"""The same for shops that ship across the border. No platform page with a figure was found
(searched 2026-11-22): without a row, of the register or the seller's own, it is unknown."""
CUT_OFF_HOUR = "dispatch_cut_off_hour"
"""Paid before this hour of a working day, an order must ship one working day sooner."""
CANCEL_DAYS = "cancel_unready_days"
"""Working days after which the platform cancels an order that is not packed."""
COLLECT_DAYS = "cancel_uncollected_days"
"""The same for one that is packed and not collected."""
DELIVER_DAYS = "deliver_days"
"""Working days within which an order must be with the buyer."""
CAP_DAYS = ("campaign_cap_before_days", "campaign_cap_after_days")
"""From how many days before a campaign to how many after it a cap around it holds."""
PREORDER = "preorder"
"""Kind of line whose days to ship the seller sets himself; no export says which he set."""
SHIPPED = ("shipped", "delivered", "completed")
ORDER = ["shop", "market", "order_id"]
DAY = pd.Timedelta(days=1)


def order_clock(
    lines: pd.DataFrame,
    metrics: pd.DataFrame,
    *,
    scope: Scope,
    parcels: pd.DataFrame | None = None,
    step: int = 4,
) -> pd.DataFrame:
    """Return each order of the seller's shops with its deadlines and what became of it.

    Parameters
    ----------
    lines : DataFrame
        Table `OrderLines` as known at the looking moment.
    metrics : DataFrame
        Register `Metrics` in force: rows of days and hours, by market.
    scope : Scope
    parcels : DataFrame, optional
        Table `Parcels`; without it nothing is known of deliveries, cancellers and tracking.
    step : {4, 5}
        From whose moments one looks: those of tracking or of the review.

    Returns
    -------
    DataFrame
        shop, market, order_id, sku (all of them, parted by ";"), units [units], order_revenue
        (in the seller's currency, NaN if unknown), looking (the moment), waiting_since_at,
        shipped_at, ready_at, delivered_at, cancelled_by, tracking, dispatch_by (last day),
        dispatch_until_at, deliver_until_at, cancel_at (moments, exclusive), is_unsure (its last day
        may be one day earlier or later), is_waiting, is_cancelled, is_unpaid, is_refused
        (cancelled after it left), is_untimed (shipped nobody says when), is_preorder,
        is_same_day (paid before the hour until which an order ships the same day, or nobody
        says which).

    Notes
    -----
    The clock starts with the payment, or with the order if it is paid on delivery; its last day
    ends at midnight. A shipping time at the moment or later is not yet known. A pre-order ships
    within the days that the seller set after it closed: its moments are not known.
    """
    orders = _orders(lines, scope, step)
    named = tables.empty(tables.Parcels) if parcels is None else parcels
    orders = orders.merge(named, on=ORDER, how="left")
    for name in ("cancelled_by", "tracking"):
        orders[name] = orders[name].fillna("").astype("str")
    rule = {name: orders["market"].map(days_by_rule(metrics, name)).astype(float) for name in (
        CUT_OFF_HOUR, CANCEL_DAYS, COLLECT_DAYS, DELIVER_DAYS)}  # fmt: skip
    since, markets = orders["waiting_since_at"], orders["market"]
    days = orders["shop"].map(dispatch_rules(metrics, scope)).astype(float)
    is_early = (since.dt.hour < rule[CUT_OFF_HOUR]) & is_working(since, markets)
    orders["dispatch_by"] = days_later(since, days - is_early.astype(float), markets)
    orders["is_unsure"] = is_unsure(since, orders["dispatch_by"], markets)
    orders["dispatch_until_at"] = orders["dispatch_by"] + DAY
    orders["deliver_until_at"] = days_later(since, rule[DELIVER_DAYS], markets) + DAY
    is_ready = orders["ready_at"].notna()
    cancel = rule[CANCEL_DAYS].mask(is_ready, rule[COLLECT_DAYS])
    begins = since.mask(is_ready, orders["ready_at"])
    orders["cancel_at"] = days_later(begins, cancel, markets) + DAY
    orders["is_same_day"] = rule[CUT_OFF_HOUR].isna() | (since.dt.hour < rule[CUT_OFF_HOUR])
    moments = ["dispatch_by", "dispatch_until_at", "deliver_until_at", "cancel_at"]
    orders[moments] = orders[moments].mask(orders["is_preorder"])
    orders["is_unsure"] &= ~orders["is_preorder"]
    return orders


def in_season(orders: pd.DataFrame, scope: Scope, *, is_over: bool = False) -> pd.Series:
    """Return which orders began to wait in the campaign and before the looking moment.

    Parameters
    ----------
    orders : DataFrame
        As `order_clock` returns them.
    scope : Scope
        A running campaign's orders are those from its first day until the next replenishment.
    is_over : bool
        Whether the campaign is looked back at: then its orders end with its last phase day.
    """
    plans = scope.plans.items()
    starts = {market: pd.Timestamp(plan.phases.start) for market, plan in plans}
    ends = {
        market: pd.Timestamp(plan.phases.end) + DAY
        if is_over
        else pd.Timestamp(plan.next_replenishment_on)
        for market, plan in plans
    }
    since, looking = orders["waiting_since_at"], orders["looking"]
    is_begun = since >= pd.to_datetime(orders["market"].map(starts))
    return is_begun & (since < pd.to_datetime(orders["market"].map(ends))) & (since < looking)


def dispatch_rules(metrics: pd.DataFrame, scope: Scope) -> dict[str, float]:
    """Return the working days in which each shop must ship, NaN without a rule for its mode.

    Parameters
    ----------
    metrics : DataFrame
        Register `Metrics`, rows in force.
    scope : Scope
        Its shops say whether they are local or ship across the border. [working days]
    """
    found = {}
    for shop in scope.shops:
        name = DISPATCH_DAYS if shop.mode == "local" else CROSS_BORDER_DAYS
        found[shop.shop] = days_by_rule(metrics, name).get(shop.market, np.nan)
    return found


def days_by_rule(metrics: pd.DataFrame, name: str) -> dict[str, float]:
    """Return by market what one row of the register `Metrics` says."""
    rows = metrics[metrics["metric"] == name]
    return dict(zip(rows["market"], rows["threshold"].astype(float), strict=True))


def caps_around(metrics: pd.DataFrame) -> dict[str, str]:
    """Return by market how long a cap around a campaign holds, as one more part of a reason."""
    before, after = (days_by_rule(metrics, name) for name in CAP_DAYS)
    return {
        market: f";reason.track_campaign_cap|before={days:.0f}|after={after[market]:.0f}"
        for market, days in before.items()
        if market in after
    }


def order_profits(
    lines: pd.DataFrame,
    economics: pd.DataFrame,
    *,
    scope: Scope,
    bundles: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what each order earns that is not earned if it is cancelled.

    Parameters
    ----------
    lines : DataFrame
        Table `OrderLines`, of the orders that are asked for.
    economics : DataFrame
        Table `UnitEconomics`.
    scope : Scope
    bundles : DataFrame, optional
        Table `Bundles`; the money of a bundle is shared among its parts.

    Returns
    -------
    DataFrame
        shop, market, order_id, order_profit; NaN where an amount or a cost is unknown.

    Notes
    -----
    ``amount * (1 - selling_cost / price) - units * leftover_revenue``: the goods are paid for and
    go back to the shelf.
    """
    parts = explode(
        lines[[*ORDER, "sku", "units", "amount_minor"]],
        tables.empty(tables.Bundles) if bundles is None else bundles,
        amounts=("amount_minor",),
    )
    worth = {shop.shop: worth_of_minor_unit(shop, scope) for shop in scope.shops}
    rows = parts.merge(
        economics[[*KEYS, "price", "selling_cost", "leftover_revenue"]], on=KEYS, how="left"
    )
    amount = rows["amount_minor"].astype("Float64").astype(float)
    revenue = amount * rows["shop"].map(worth).astype(float)
    share = rows["selling_cost"] / rows["price"].where(rows["price"] > 0)
    rows["order_profit"] = revenue * (1 - share) - rows["units"] * rows["leftover_revenue"]
    rows["is_unpriced"] = rows["order_profit"].isna()
    sums = rows.groupby(ORDER, as_index=False).agg(
        order_profit=("order_profit", "sum"), is_unpriced=("is_unpriced", "any")
    )
    sums["order_profit"] = sums["order_profit"].mask(sums.pop("is_unpriced"))
    return sums


def _orders(lines: pd.DataFrame, scope: Scope, step: int) -> pd.DataFrame:
    """Return one row per order with what its lines say together."""
    kept = lines[lines["shop"].isin([shop.shop for shop in scope.shops])]
    looking = pd.to_datetime(kept["market"].map(scope.moments(step))).astype("datetime64[us]")
    shipped = kept["shipped_at"].where(kept["shipped_at"] < looking)
    is_cod = kept["paid_at"].isna() | (kept["paid_at"] > kept["shipped_at"])
    is_off = kept["status"] == "cancelled"
    worth = {shop.shop: worth_of_minor_unit(shop, scope) for shop in scope.shops}
    amount = kept["amount_minor"].astype("Float64").astype(float)
    marked = kept.assign(
        looking=looking,
        shipped_at=shipped,
        waiting_since_at=kept["paid_at"].mask(is_cod, kept["ordered_at"]),
        is_waiting=(kept["status"] == "to_ship") | (~is_off & (kept["shipped_at"] >= looking)),
        is_cancelled=is_off,
        is_unpaid=(kept["status"] == "unpaid") | (is_off & kept["paid_at"].isna()),
        is_untimed=kept["status"].isin(SHIPPED) & kept["shipped_at"].isna(),
        is_preorder=kept["kind"] == PREORDER,
        order_revenue=amount * kept["shop"].map(worth).astype(float),
    )
    marked["is_unpriced"] = marked["order_revenue"].isna()
    orders = marked.groupby(ORDER, as_index=False).agg(
        sku=("sku", "first"),
        units=("units", "sum"),
        order_revenue=("order_revenue", "sum"),
        is_unpriced=("is_unpriced", "any"),
        looking=("looking", "first"),
        waiting_since_at=("waiting_since_at", "min"),
        shipped_at=("shipped_at", "max"),
        is_waiting=("is_waiting", "any"),
        is_cancelled=("is_cancelled", "all"),
        is_unpaid=("is_unpaid", "all"),
        is_untimed=("is_untimed", "any"),
        is_preorder=("is_preorder", "any"),
    )
    orders["order_revenue"] = orders["order_revenue"].mask(orders.pop("is_unpriced"))
    orders["sku"] = _skus(marked, orders)
    orders["is_refused"] = orders["is_cancelled"] & orders["shipped_at"].notna()
    orders["is_unpaid"] &= orders["shipped_at"].isna()
    return orders


def _skus(lines: pd.DataFrame, orders: pd.DataFrame) -> pd.Series:
    """Return the SKUs of each order, parted by ";"; most have one."""
    parted = lines[lines.duplicated(ORDER, keep=False)].drop_duplicates([*ORDER, "sku"])
    parted = parted.sort_values("sku").astype({"sku": object})
    joined = parted.groupby(ORDER)["sku"].agg(";".join)
    found = joined.reindex(pd.MultiIndex.from_frame(orders[ORDER])).to_numpy(dtype=object)
    return orders["sku"].mask(pd.notna(found), pd.Series(found, index=orders.index))
