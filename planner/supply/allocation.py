"""Allocation: how many units of each SKU go which way to which warehouse, under all limits.

Weighs expected profit against what a campaign may take of money, space and
quota, with whole cartons and minimum orders, by the solver HiGHS. Knows what a
supply is worth only through its curve.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, OptimizeResult, milp

from planner.campaign import Scope
from planner.errors import PlanningError
from planner.supply.limit_prices import CUT_SHORT, limit_prices, room_left
from planner.supply.mode_lines import mode_lines
from planner.supply.order_goods import SLOPE_TOLERANCE, Goods, gather_goods
from planner.supply.order_model import Model, build, way_costs
from planner.supply.order_reasons import why_less, why_nothing
from planner.supply.value_curves import Curves, slopes_of, worth_at
from planner.terms import Limits

MAX_GAP = 0.001
"""Share of the profit that the plan may lie below the best there is."""
MAX_SECONDS = 60.0
"""The solver then stops with the best plan it has, and says so."""
INFEASIBLE, STOPPED = 2, 1
"""How the solver ends."""
BIG_STEPS = ("containers", "charged")
"""Decisions that move much money at once; the others are cartons and minimum orders."""
BOUND_SHARE = 0.3
"""Of the gap allowed, what each half of the solution may use up."""
CAP_TOLERANCE = 1e-9
"""Share of a limit below which a cap overstepped is rounding."""


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
    """Whether the time limit stopped the solver."""
    extra_costs: pd.Series
    """Money by market and SKU beyond the landed cost of its lines: being late, slow receiving,
    and by freight its part of what a least charge adds. [currency]"""


class _Plan(NamedTuple):
    goods: Goods
    model: Model
    choice: np.ndarray
    gap: float
    is_cut_short: bool
    is_slack: bool


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
    max_gap: float = MAX_GAP,
    max_seconds: float = MAX_SECONDS,
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
    max_gap : float
        Share of the profit at which the solver may stop.
    max_seconds : float
        Of wall time.

    Returns
    -------
    Allocation

    Raises
    ------
    ConfigError
        If a limit names a mode, market or warehouse that does not exist.
    PlanningError
        If the solver finds no plan at all.

    Notes
    -----
    Maximises ``worth of supply - landed cost - cost of being late``. Being late costs a unit
    ``(1 - on time) * min(late days / days of the campaign, 1) * (worth of the first unit - worth
    of a leftover)``: that share of the sale is over when a late unit comes, demand taken as even
    over the campaign. A warehouse that receives more slowly than the lanes reckon with adds its
    days in the same way.

    Bound are budget (landed cost), booked space by mode, whole containers for sea, space and
    quota of warehouses, minimum orders by SKU over its markets, and full cartons. What has no
    known volume or cost takes no room and is counted in the reason of the limit. First the plan
    without limits is worked out; if it keeps them all it is the answer. Where fixed units
    contradict the limits as many of them as fit are ordered, before anything that only earns.
    """
    limits = scope.seller.limits if limits is None else limits
    goods = gather_goods(
        curves,
        ways,
        catalogue,
        limits,
        scope=scope,
        fixed_units=fixed_units,
        gates=gates,
        lane_options=lane_options,
    )
    wanted = best_alone(goods, curves)
    plan = _plan(goods, curves, wanted, max_gap, max_seconds)
    cartons = np.round(plan.choice[plan.model.parts["cartons"]]).astype("int64")
    totals = np.zeros(len(curves.keys), dtype="int64")
    rows = goods.ways["row"].to_numpy()
    np.add.at(totals, rows, cartons * goods.carton[rows].astype("int64"))
    prices = _prices(plan, curves)
    room = {} if plan.is_slack else room_left(plan.model, plan.choice)
    reasons = why_less(goods, plan.goods.fixed, wanted, totals, cartons, prices, room)
    reasons = why_nothing(goods, ways, gates, totals, reasons)
    is_untold = plan.is_cut_short and prices.empty
    told = reasons.where(reasons != "", "reason.by_worth") + f";{CUT_SHORT}" * is_untold
    return Allocation(
        mode_plan=mode_lines(plan.goods, plan.model, plan.choice, cartons, told),
        limit_prices=prices,
        gap=plan.gap,
        units=pd.Series(totals, index=curves.keys, name="order_units"),
        reasons=reasons,
        is_cut_short=plan.is_cut_short,
        extra_costs=pd.Series(_extra_costs(plan), index=curves.keys, name="extra_cost"),
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
    np.minimum.at(cost, goods.ways["row"].to_numpy(), way_costs(goods))
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
        gain = worth_at(curves, units) - start - paid * units
        is_better = gain > earned
        chosen, earned = np.where(is_better, count, chosen), np.where(is_better, gain, earned)
    chosen = np.where(has_way, chosen, 0.0)
    return np.where(np.isnan(goods.fixed), chosen, goods.fixed / goods.carton)


def _prices(plan: _Plan, curves: Curves) -> pd.DataFrame:
    return limit_prices(
        plan.goods,
        curves,
        plan.model,
        plan.choice,
        is_slack=plan.is_slack,
        is_cut_short=plan.is_cut_short,
    )


def _extra_costs(plan: _Plan) -> np.ndarray:
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
    return total


def _own_minimum(goods: Goods) -> np.ndarray:
    least = goods.moq.copy()
    for members, _, _ in goods.minimums:
        if len(members) > 1:
            least[members] = 0.0
    return least


def _plan(
    goods: Goods, curves: Curves, wanted: np.ndarray, max_gap: float, max_seconds: float
) -> _Plan:
    """Return the plan without limits if it keeps them, else what the solver finds."""
    model = build(goods)
    choice = _as_choice(goods, model, wanted)
    if choice is not None and _keeps(model, choice):
        return _Plan(goods, model, choice, 0.0, is_cut_short=False, is_slack=True)
    answer = _solved(model, max_gap, max_seconds)
    if answer.status == INFEASIBLE:
        goods = _reduced(goods, max_seconds)
        model = build(goods)
        answer = _solved(model, max_gap, max_seconds)
    if answer.x is None:
        raise PlanningError(
            f"the limits and {len(goods.keys)} SKUs gave no plan within {max_seconds:.0f} s "
            f"({answer.message}); take a limit away or allow more seconds"
        )
    gap = float(answer.mip_gap or 0.0)
    return _Plan(goods, model, answer.x, gap, is_cut_short=answer.status == STOPPED, is_slack=False)


def _solved(model: Model, max_gap: float, max_seconds: float) -> OptimizeResult:
    """Return what the solver finds: big steps first, cartons with these held, else all at once.

    With cartons cut the solver soon knows the containers and least charges, and how much any plan
    can earn at most; with those held the cartons are all but whole of themselves. Only if that
    plan is not near enough to the bound everything is weighed together.
    """
    steps = [model.parts[name] for name in BIG_STEPS]
    if not any(part.stop > part.start for part in steps):
        return _milp(model, model.whole, max_gap, max_seconds)
    whole = np.zeros_like(model.whole)
    for part in steps:
        whole[part] = 1
    rough = _milp(model, whole, max_gap * BOUND_SHARE, max_seconds)
    if rough.x is None:
        return rough
    low, most = np.zeros_like(model.most), model.most.copy()
    for part in steps:
        low[part] = most[part] = np.round(rough.x[part])
    near = _milp(model, model.whole, max_gap * BOUND_SHARE, max_seconds, Bounds(low, most))
    if near.x is not None:
        near.mip_gap = max(near.fun - rough.mip_dual_bound, 0.0) / max(abs(near.fun), 1e-9)
        if near.mip_gap <= max_gap:
            return near
    whole_answer = _milp(model, model.whole, max_gap, max_seconds)
    is_better = whole_answer.x is not None and (near.x is None or whole_answer.fun < near.fun)
    return whole_answer if is_better or near.x is None else near


def _milp(
    model: Model,
    whole: np.ndarray,
    max_gap: float,
    max_seconds: float,
    bounds: Bounds | None = None,
) -> OptimizeResult:
    return milp(
        model.cost,
        integrality=whole,
        bounds=model.bounds if bounds is None else bounds,
        constraints=model.constraint,
        options={"mip_rel_gap": max_gap, "time_limit": max_seconds},
    )


def _as_choice(goods: Goods, model: Model, cartons: np.ndarray) -> np.ndarray | None:
    """Return the plan without limits as a choice of the model; None where it must be weighed."""
    if len(goods.boxes) or len(goods.charges):
        return None
    choice = np.zeros(len(model.cost))
    first = goods.ways.drop_duplicates("row")
    at = model.parts["cartons"].start + first.index.to_numpy()
    choice[at] = cartons[first["row"]]
    filled = (cartons * goods.carton)[goods.pieces["row"]]
    before = goods.pieces.groupby("row")["units"].cumsum() - goods.pieces["units"]
    size = np.clip(filled - before.to_numpy(), 0.0, goods.pieces["units"].to_numpy())
    choice[model.parts["pieces"]] = size
    stays = goods.stays.reset_index(drop=True)
    nearest = stays.drop_duplicates("row")
    choice[model.parts["houses"].start + nearest.index.to_numpy()] = cartons[nearest["row"]]
    for place, (members, _, _) in enumerate(goods.minimums):
        choice[model.parts["minimum"].start + place] = float((cartons[members] > 0).any())
    return choice


def _keeps(model: Model, choice: np.ndarray) -> bool:
    used = model.matrix @ choice
    size = CAP_TOLERANCE * (1.0 + np.abs(used))
    return bool((used >= model.low - size).all() and (used <= model.high + size).all())


def _reduced(goods: Goods, max_seconds: float) -> Goods:
    """Return the goods with as many of the fixed units as the limits let in."""
    asked = np.nan_to_num(goods.fixed)
    row = np.flatnonzero(asked > 0)
    pieces = pd.DataFrame({"row": row, "units": asked[row], "slope": 1.0})
    only = goods._replace(fixed=np.where(asked > 0, np.nan, 0.0), pieces=pieces, minimums=[])
    model = build(only)
    cost = np.zeros_like(model.cost)
    cost[model.parts["pieces"]] = -1.0
    answer = _solved(model._replace(cost=cost), MAX_GAP, max_seconds)
    if answer.x is None:
        raise PlanningError(f"not even an empty order keeps the limits: {answer.message}")
    cartons = np.round(answer.x[model.parts["cartons"]])
    kept = np.zeros(len(asked))
    rows = goods.ways["row"].to_numpy()
    np.add.at(kept, rows, cartons * goods.carton[rows])
    return goods._replace(fixed=np.where(np.isnan(goods.fixed), np.nan, kept))
