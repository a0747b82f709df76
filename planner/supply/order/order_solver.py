"""Order solver: the best choice of an order model, near enough, in the same steps every time.

Stops at a gap or after a number of branches, never by the clock: the same question has the same
answer on every machine. What is of unknown worth is let in last, where room is left.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, OptimizeResult, milp

from planner.errors import PlanningError
from planner.supply.order.order_goods import Goods, minimum_orders
from planner.supply.order.order_model import Model, build, listed

MAX_GAP = 0.002
"""Share of the profit that the plan may lie below the best there is."""
MAX_WORK, LEAST_BRANCHES = 200_000, 1
"""Branches times variables of a search after which the best plan found counts and its gap is
told, and the least branches of any search: small orders are searched to the end."""
INFEASIBLE = 2
"""How the solver ends if nothing keeps all limits."""
BIG_STEPS = ("containers", "charged", "owed")
"""Decisions that move much money at once; the others are cartons, minimum orders and SKUs."""
ROUGH_SHARE, NEAR_SHARE = 0.15, 0.5
"""Of the gap allowed, what the rough solution and the one near it may use up."""
CAP_TOLERANCE = 1e-9
"""Share of a limit below which a cap overstepped is rounding."""


class Solved(NamedTuple):
    """What is chosen, and how near to the best it is."""

    goods: Goods
    """Fixed units are those that the limits let in."""
    model: Model
    choice: np.ndarray
    gap: float
    """Share of the profit that a better plan could add at most; 0 where nothing binds."""
    is_cut_short: bool
    """Whether the gap allowed was not reached."""
    is_slack: bool
    """Whether no limit binds."""


def solve_order(
    goods: Goods,
    wanted: np.ndarray,
    *,
    max_gap: float = MAX_GAP,
    max_branches: int | None = None,
) -> Solved:
    """Return the plan without limits if it keeps them, else what the solver finds.

    Parameters
    ----------
    goods : Goods
    wanted : ndarray, shape (n_sku,)
        Cartons without limits; see `allocation.best_alone`. [cartons]
    max_gap : float
        Share of the profit at which the solver may stop.
    max_branches : int, optional
        Of each step of the search; without it by `MAX_WORK`.

    Returns
    -------
    Solved

    Raises
    ------
    PlanningError
        If the solver finds no plan at all.

    Notes
    -----
    With cartons cut the solver soon knows containers and fees, and how much any plan can earn at
    most; with those held the cartons are all but whole of themselves. Only if that plan is not
    near enough to the bound everything is weighed together. Where fixed units contradict the
    limits as many of them as fit are ordered, those that earn most first. Units of unknown worth
    go into what room is then left; they change nothing of the rest and buy no container.
    """
    model = build(goods)
    choice = _as_choice(goods, model, wanted)
    if choice is not None and _keeps(model, choice):
        return Solved(goods, model, choice, 0.0, is_cut_short=False, is_slack=True)
    known = np.where(goods.unknown, 0.0, goods.fixed)
    model = _asking(model, known)
    answer = best_choice(model, max_gap=max_gap, max_branches=max_branches)
    if answer.status == INFEASIBLE:
        known = _let_in(goods._replace(fixed=known), max_gap, max_branches)
        model = _asking(model, known)
        answer = best_choice(model, max_gap=max_gap, max_branches=max_branches)
    if answer.x is None:
        raise PlanningError(
            f"the limits and {len(goods.keys)} SKUs gave no plan ({answer.message}); take a limit "
            "away or allow more branches"
        )
    gap = float(answer.mip_gap or 0.0)
    goods, choice = _with_unknown(goods._replace(fixed=known), goods.fixed, model, answer.x)
    model = _asking(model, goods.fixed)
    return Solved(goods, model, choice, gap, is_cut_short=gap > max_gap, is_slack=False)


def units_of(goods: Goods, cartons: np.ndarray) -> np.ndarray:
    """Return the units of each SKU.

    Parameters
    ----------
    goods : Goods
    cartons : ndarray, shape (n_ways,)
        By way. [cartons]
    """
    rows, units = goods.ways["row"].to_numpy(), np.zeros(len(goods.keys))
    np.add.at(units, rows, cartons * goods.carton[rows])
    return units


def best_choice(model: Model, *, max_gap: float, max_branches: int | None = None) -> OptimizeResult:
    """Return what the solver finds, its gap among it; without a plan its `x` is None.

    Parameters
    ----------
    model : Model
    max_gap : float
        Share of the profit at which the solver may stop.
    max_branches : int, optional
        Of each step of the search; without it by `MAX_WORK`.
    """
    steps = [model.parts[name] for name in BIG_STEPS]
    if not any(part.stop > part.start for part in steps):
        return _milp(model, model.whole, max_gap, max_branches)
    rough = _big_steps(model, max_gap, max_branches)
    if rough.x is None:
        return rough
    low, most = np.zeros_like(model.most), model.most.copy()
    for part in steps:
        low[part] = most[part] = np.round(rough.x[part])
    held = Bounds(low, most)
    near = _milp(model, model.whole, max_gap * NEAR_SHARE, max_branches, held)
    if near.x is not None and (gap := _gap(near, rough)) <= max_gap:
        near.mip_gap = gap
        return near
    whole_answer = _milp(model, model.whole, max_gap, max_branches)
    if whole_answer.x is None and near.x is None:
        return whole_answer
    found = [answer for answer in (whole_answer, near) if answer.x is not None]
    best = min(found, key=lambda answer: answer.fun)
    best.mip_gap = min(_gap(best, bound) for bound in (rough, whole_answer))
    return best


def _asking(model: Model, fixed: np.ndarray) -> Model:
    """Return the model with other fixed units; its first rows are those of the SKUs."""
    low, high = model.low.copy(), model.high.copy()
    low[: len(fixed)] = high[: len(fixed)] = np.nan_to_num(fixed)
    return model._replace(low=low, high=high)


def _big_steps(model: Model, max_gap: float, max_branches: int | None) -> OptimizeResult:
    """Return the best big steps with cartons cut and fees of SKUs paid by the carton.

    Spread over its cartons a fee is what it is if its decision may be cut; written without the
    decision the programme is many times quicker.
    """
    whole, low = np.zeros_like(model.whole), np.zeros_like(model.most)
    for name in BIG_STEPS:
        whole[model.parts[name]] = 1
    cost, listed = model.cost + model.spread, model.parts["listed"]
    cost[listed], low[listed] = 0.0, 1.0
    budget = [held.row for held in model.held if held.limit == "budget"]
    change = model.spread.copy()
    change[listed] = -model.cost[listed]
    at = np.flatnonzero(change)
    rows = np.repeat(budget, len(at))
    added = sparse.coo_array(
        (np.tile(change[at], len(budget)), (rows, np.tile(at, len(budget)))),
        shape=model.matrix.shape,
    )
    eased = model._replace(cost=cost, matrix=(model.matrix + added).tocsr())
    return _milp(eased, whole, max_gap * ROUGH_SHARE, max_branches, Bounds(low, model.most))


def _gap(found: OptimizeResult, bound: OptimizeResult) -> float:
    """Return the share of what was found that a bound leaves open; no bound leaves it all."""
    if bound.x is None or bound.mip_dual_bound is None:
        return float("inf")
    return max(found.fun - bound.mip_dual_bound, 0.0) / max(abs(found.fun), 1e-9)


def _milp(
    model: Model,
    whole: np.ndarray,
    max_gap: float,
    max_branches: int | None,
    bounds: Bounds | None = None,
) -> OptimizeResult:
    most = max(LEAST_BRANCHES, MAX_WORK // max(len(model.cost), 1))
    return milp(
        model.cost,
        integrality=whole,
        bounds=model.bounds if bounds is None else bounds,
        constraints=model.constraint,
        options={"mip_rel_gap": max_gap, "node_limit": max_branches or most},
    )


def _as_choice(goods: Goods, model: Model, cartons: np.ndarray) -> np.ndarray | None:
    """Return the plan without limits as a choice of the model; None where it must be weighed."""
    if len(goods.boxes) or len(goods.charges) or goods.fees:
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
    choice[model.parts["listed"]] = cartons[listed(goods)] > 0
    return choice


def _keeps(model: Model, choice: np.ndarray) -> bool:
    used = model.matrix @ choice
    size = CAP_TOLERANCE * (1.0 + np.abs(used))
    return bool((used >= model.low - size).all() and (used <= model.high + size).all())


def _let_in(goods: Goods, max_gap: float, max_branches: int | None) -> np.ndarray:
    """Return the fixed units that the limits let in, NaN where worth decides.

    Those that earn most go first; units that lose still go where there is room. What is cut is
    cut to the minimum order or to nothing, unless less than that was asked for.
    """
    asked = np.nan_to_num(goods.fixed)
    pieces = goods.asked[asked[goods.asked["row"]] > 0]
    free = np.where(asked > 0, np.nan, 0.0)
    least = np.minimum(goods.moq, np.where(asked > 0, asked, goods.moq))
    minimums = minimum_orders(goods.ways, goods.carton, least, free)
    only = goods._replace(fixed=free, pieces=pieces, minimums=minimums)
    model = build(only)
    cost = np.zeros_like(model.cost)
    cost[model.parts["pieces"]] = -pieces["slope"].to_numpy()
    asking = model._replace(cost=cost)
    answer = best_choice(asking, max_gap=max_gap, max_branches=max_branches)
    if answer.x is None:
        raise PlanningError(f"not even an empty order keeps the limits: {answer.message}")
    kept = units_of(goods, np.round(answer.x[model.parts["cartons"]]))
    return np.where(np.isnan(goods.fixed), np.nan, kept)


def _with_unknown(
    goods: Goods, asked: np.ndarray, model: Model, choice: np.ndarray
) -> tuple[Goods, np.ndarray]:
    """Return the plan with the units of unknown worth that fit into the room it leaves.

    Where less than a minimum order would fit, none goes and the others are fitted in anew.
    """
    late = goods.unknown & (asked > 0)
    if not late.any():
        return goods, choice
    ways, parts = goods.ways["row"].to_numpy(), model.parts
    low, most = choice.copy(), choice.copy()
    for name in ("pieces", "raised"):
        low[parts[name]], most[parts[name]] = 0.0, model.most[parts[name]]
    for name in ("charged", "owed", "listed"):
        most[parts[name]] = 1.0
    free = np.flatnonzero(late[ways]) + parts["cartons"].start
    stays = np.flatnonzero(late[goods.stays["row"].to_numpy()]) + parts["houses"].start
    for place in (free, stays):
        low[place], most[place] = 0.0, model.most[place]
    used, n = model.matrix @ choice, len(late)
    rows_low, rows_high = np.minimum(model.low, used), np.maximum(model.high, used)
    rows_high[:n] = np.where(late, asked, rows_high[:n])
    cost = model.cost.copy()
    dearest = np.abs(goods.ways["cost"].to_numpy()[late[ways]]).max(initial=0.0)
    cost[free] -= 2.0 * (1.0 + dearest) * goods.carton[ways[late[ways]]]
    asking = model._replace(cost=cost, low=rows_low, high=rows_high)
    answer = _milp(asking, model.whole, 0.0, None, Bounds(low, most))
    if answer.x is None:
        return goods, choice
    kept = units_of(goods, np.round(answer.x[model.parts["cartons"]]))
    both = pd.DataFrame({"kept": kept, "asked": np.nan_to_num(asked)})
    all_of = both.groupby(goods.keys.get_level_values("sku")).transform("sum")
    least = np.minimum(goods.moq, all_of["asked"].to_numpy())
    is_too_few = late & (kept > 0) & (all_of["kept"].to_numpy() < least)
    if is_too_few.any():
        return _with_unknown(goods, np.where(is_too_few, 0.0, asked), model, choice)
    return goods._replace(fixed=np.where(late, kept, goods.fixed)), answer.x
