"""Allocation: how many units of each SKU go which way to which warehouse, under all limits.

Weighs expected profit against what a campaign may take of money, space and
quota, with whole cartons and minimum orders, by the solver HiGHS. Knows what a
supply is worth only through its curve.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.supply.charges.once_costs import once_by_sku
from planner.supply.order.limit_prices import limit_prices
from planner.supply.order.limit_room import Key, room_left
from planner.supply.order.limit_words import told_gap
from planner.supply.order.mode_lines import mode_lines
from planner.supply.order.order_goods import SLOPE_TOLERANCE, Goods, gather_goods
from planner.supply.order.order_reasons import why_less, why_no_fee, why_nothing, why_unknown
from planner.supply.order.order_solver import MAX_GAP, Solved, solve_order, units_of
from planner.supply.quantity.newsvendor import KEYS
from planner.supply.quantity.value_curves import Curves, slopes_of, worth_at
from planner.terms import Limits


class Allocation(NamedTuple):
    """What goes where, what the limits are worth, and how near to the best it is."""

    mode_plan: pd.DataFrame
    """Table `ModePlan`."""
    limit_prices: pd.DataFrame
    """Table `LimitPrices`."""
    gap: float
    """Share of the profit that a better plan could add at most; 0 where nothing binds."""
    units: pd.Series
    """Units by market and SKU, zeros included."""
    reasons: pd.Series
    """Why, by market and SKU: terms with facts; blank where nothing but profit decided."""
    is_cut_short: bool
    """Whether the solver stopped before it was near enough to the best."""
    extra_costs: pd.Series
    """Money by market and SKU beyond the landed cost of its lines: being late, slow receiving,
    by freight its part of what a least charge adds, and what is paid once for the SKU and, by
    units, for the shipment. [currency]"""


def allocate(
    curves: Curves,
    ways: pd.DataFrame,
    catalogue: pd.DataFrame,
    limits: Limits | None = None,
    *,
    scope: Scope,
    fixed_units: pd.Series | None = None,
    gates: pd.DataFrame | None = None,
    lane_options: pd.DataFrame | None = None,
    terms: pd.DataFrame | None = None,
    firm: pd.MultiIndex | None = None,
    prices: pd.Series | None = None,
    max_gap: float = MAX_GAP,
    max_branches: int | None = None,
) -> Allocation:
    """Return the order by SKU, mode and warehouse that earns most within the limits.

    Parameters
    ----------
    curves : Curves
        Worth of supply by market and SKU; rows that are NaN get nothing unless fixed.
    ways, catalogue : DataFrame
        Tables `SkuWays` and `Catalogue`.
    limits : Limits, optional
        Without them those of the seller.
    scope : Scope
        Warehouses, their receiving days, phases.
    fixed_units : Series, optional
        By market and SKU, units that are not up to profit: the order of another rule, or 0 where
        nothing may be ordered; see `sizing.fixed_units`. Rounded up to cartons.
    gates : DataFrame, optional
        Table `Gates`: where one blocks the order the SKU gets nothing.
    lane_options : DataFrame, optional
        Table `LaneOptions`, for the least charge of a lane and the price of a container.
    terms : DataFrame, optional
        Table `WayTerms`, for what is paid once for a SKU or a shipment.
    firm : MultiIndex, optional
        Market and SKU of fixed units that people decided on: they come first even where nobody
        knows what they earn.
    prices : Series, optional
        By market and SKU, mean price of a unit over the horizon, as the worth counts it; without
        it the campaign price. [currency/unit]
    max_gap, max_branches : float, int
        Share of the profit, and branches of the search, at which the solver may stop; see
        `order_solver`.

    Returns
    -------
    Allocation

    Raises
    ------
    ConfigError
        If a limit names what does not exist, or contradicts another.
    PlanningError
        If the solver finds no plan at all.

    Notes
    -----
    Maximises ``worth of supply - landed cost - cost of being late - what is paid once``. Being
    late costs a unit
    ``(1 - on time) * min(late days / days of the campaign, 1) * (worth of the first unit - worth
    of a leftover)``: that share of the sale is over when a late unit comes, demand taken as even
    over the campaign. A warehouse that receives more slowly than the lanes reckon with adds its
    days in the same way.

    Bound are budget (landed cost), booked space by mode, whole containers for sea, space and
    quota of warehouses, minimum orders by SKU over its markets, and full cartons. What has no
    known volume or cost takes no room and is counted in the reason of the limit. First the plan
    without limits is worked out; if it keeps them all it is the answer. Where fixed units
    contradict the limits as many of them as fit are ordered, those that earn most first, and
    before anything that only earns.
    Fixed units of which nobody knows what they earn come last; see `order_unknown`.
    """
    goods = gather_goods(
        curves, ways, catalogue, scope.seller.limits if limits is None else limits,
        scope=scope, fixed_units=fixed_units, gates=gates, lane_options=lane_options, terms=terms,
        firm=firm, prices=prices,
    )  # fmt: skip
    wanted = best_alone(goods, curves)
    plan = solve_order(goods, wanted, max_gap=max_gap, max_branches=max_branches)
    cartons = np.round(plan.choice[plan.model.parts["cartons"]]).astype("int64")
    totals = units_of(goods, cartons).astype("int64")
    caps = _caps(plan, curves, wanted, gates)
    room = {} if plan.is_slack else room_left(plan.model, plan.choice)
    reasons = _reasons(plan, goods, curves, wanted, totals, cartons, caps, room)
    reasons = why_nothing(goods, ways, gates, totals, reasons)
    told = _told_lines(plan, goods, reasons, caps)
    return Allocation(
        mode_plan=mode_lines(plan.goods, plan.model, plan.choice, cartons, told),
        limit_prices=caps,
        gap=plan.gap,
        units=pd.Series(totals, index=curves.keys, name="order_units"),
        reasons=reasons,
        is_cut_short=plan.is_cut_short,
        extra_costs=_extra_costs(plan, cartons, terms).rename("extra_cost"),
    )


def best_alone(goods: Goods, curves: Curves) -> np.ndarray:
    """Return the cartons of each SKU if it had the limits for itself.

    Parameters
    ----------
    goods : Goods
    curves : Curves

    Returns
    -------
    ndarray, shape (n_sku,)
        On the cheapest way; 0 where a full carton or the minimum order would lose. A minimum
        order that several markets share is left out. [cartons]
    """
    cost = np.full(len(goods.keys), np.inf)
    np.minimum.at(cost, goods.ways["row"].to_numpy(), goods.way_cost)
    has_way = np.isfinite(cost)
    paid = np.where(has_way, cost, 0.0)
    pays = slopes_of(curves)[:, :-1] > (paid + SLOPE_TOLERANCE * (1.0 + np.abs(paid)))[:, None]
    best = np.where(pays, curves.units[:, 1:], 0.0).max(axis=1)
    start = worth_at(curves, np.zeros(len(best)))
    chosen, earned = np.zeros(len(best)), np.zeros(len(best))
    least = np.ceil(_own_minimum(goods) / goods.carton - 1e-9)
    for cartons in (np.floor(best / goods.carton + 1e-9), np.ceil(best / goods.carton - 1e-9)):
        count = np.where(best > 0, np.maximum(cartons, least), 0.0)
        units = count * goods.carton
        gain = worth_at(curves, units) - start - paid * units - goods.sku_fee * (count > 0)
        is_better = gain > earned
        chosen, earned = np.where(is_better, count, chosen), np.where(is_better, gain, earned)
    chosen = np.where(has_way, chosen, 0.0)
    return np.where(np.isnan(goods.fixed), chosen, goods.fixed / goods.carton)


def _caps(
    plan: Solved, curves: Curves, wanted: np.ndarray, gates: pd.DataFrame | None
) -> pd.DataFrame:
    shut = None
    if gates is not None:
        held = pd.MultiIndex.from_frame(gates.loc[gates["blocks"] == "ship", KEYS])
        shut = plan.goods.keys.isin(held)
    return limit_prices(
        plan.goods,
        curves,
        plan.model,
        plan.choice,
        wanted=wanted,
        is_shut=shut,
        gap=plan.gap,
        is_slack=plan.is_slack,
        is_cut_short=plan.is_cut_short,
    )


def _told_lines(plan: Solved, goods: Goods, reasons: pd.Series, prices: pd.DataFrame) -> pd.Series:
    """Return what the lines of a SKU say, and how near to the best where no limit says it."""
    as_asked = np.where(np.nan_to_num(goods.fixed) > 0, "reason.as_asked", "reason.by_worth")
    told = reasons.where(reasons != "", as_asked)
    if plan.is_cut_short and prices.empty:
        told += f";{told_gap(plan.model, plan.choice, plan.gap, True, goods.currency)}"
    return told


def _reasons(
    plan: Solved, goods: Goods, curves: Curves, wanted: np.ndarray, totals: np.ndarray,
    cartons: np.ndarray, prices: pd.DataFrame, room: dict[Key, float],
) -> pd.Series:  # fmt: skip
    bought = np.round(plan.choice[plan.model.parts["containers"]])
    told = why_less(goods, plan.goods.fixed, wanted, totals, cartons, prices, room, bought=bought)
    if goods.sku_fee.any() or goods.fees:
        free = best_alone(goods._replace(sku_fee=np.zeros_like(goods.sku_fee)), curves)
        paid = np.round(plan.choice[plan.model.parts["owed"]])
        told = why_no_fee(goods, free, wanted, totals, told, paid=paid)
    return why_unknown(goods, totals, cartons, told, is_slack=plan.is_slack)


def _extra_costs(plan: Solved, cartons: np.ndarray, terms: pd.DataFrame | None) -> pd.Series:
    """Return what the plan weighs beside worth and landed cost, by SKU."""
    goods, parts, choice = plan.goods, plan.model.parts, np.round(plan.choice)
    ways, stays = goods.ways, goods.stays
    rows, total = ways["row"].to_numpy(), np.zeros(len(goods.keys))
    units = choice[parts["cartons"]] * goods.carton[rows]
    np.add.at(total, rows, units * ways["late_cost"].fillna(0.0).to_numpy())
    if len(stays):
        row = stays["row"].to_numpy()
        placed = choice[parts["houses"]] * goods.carton[row]
        np.add.at(total, row, placed * stays["late_cost"].to_numpy())
    freight = units * ways["freight"].fillna(0.0).to_numpy()
    for place, raised in enumerate(plan.choice[parts["raised"]]):
        inside = (ways["charge"] == place).to_numpy() & (units > 0)
        paid = np.where(inside, freight, 0.0)
        share = paid / paid.sum() if paid.sum() > 0 else inside / max(inside.sum(), 1)
        np.add.at(total, rows, raised * share)
    if terms is not None and not terms.empty:
        moved = ways[["market", "sku", "mode"]].assign(units=cartons * goods.carton[rows])
        total += once_by_sku(terms, moved, goods.keys).to_numpy()
    return pd.Series(total, index=goods.keys)


def _own_minimum(goods: Goods) -> np.ndarray:
    least = goods.moq.copy()
    for members, _, _ in goods.minimums:
        if len(members) > 1:
            least[members] = 0.0
    return least
