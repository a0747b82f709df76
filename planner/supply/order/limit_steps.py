"""Limit steps: what an order would earn more if one of its limits were a step wider.

Knows a solved order model, and solves it again with the bound moved. Where the order is small it
weighs whole cartons anew; where it is large cartons may be cut and decisions stay.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import OptimizeResult, linprog

from planner.supply.order.limit_room import Key, key_of, room_left, short_lots
from planner.supply.order.order_goods import Goods
from planner.supply.order.order_model import Held, Model, listed
from planner.supply.order.order_solver import best_choice, units_of

DECISIONS = ("minimum", "containers", "charged", "owed", "listed")
"""Yes and no, and whole containers: these stay as the plan has them where cartons may be cut."""
WHOLE_UP_TO = 100
"""Whole numbers of a model up to which every step is solved in whole cartons: above it a search
takes seconds, and a carton is so little of a limit that cutting it changes nothing."""
STEP_GAP, STEP_BRANCHES = 5e-4, 50
"""Share of the profit that each of two plans may lie below the best, and the branches of a search,
if their difference is to count."""
STEP_SHARE = 0.1
"""Of a limit in money or units, its step; in space that is a cubic metre, or a container."""
SLOPE_SHARE = 0.02
"""Of a limit, a step so small that the slope tells its worth."""
ROUNDING = 1e-9
"""Share of the profit below which a gain is rounding."""
WORTH_TOLERANCE = 1e-7
"""Share of the largest price below which a price is rounding."""
HALF = 0.5


class Step(NamedTuple):
    """One limit a step wider, all others as they are."""

    rise: float
    """[unit of the limit]"""
    worth: float
    """What the plan would earn more. [currency]"""
    then: tuple[str, ...] | None
    """Limits that hold after the step where a second step earns nothing; None where it still
    earns, or nobody asked."""
    is_whole: bool
    """Whether it was solved in whole cartons."""


class Stuck(NamedTuple):
    """Goods that may not leave as things stand, and what the room they take would else earn."""

    rows: np.ndarray
    """SKUs that are ordered all the same."""
    instead: np.ndarray
    """SKUs of which more would go without them."""
    worth: float
    """What these earn more than the room left empty. [currency]"""


def is_waiting(goods: Goods, wanted: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Return which SKUs get fewer units than they would order alone, or were asked for."""
    return totals < wanted * goods.carton - HALF


def steps(
    goods: Goods, model: Model, choice: np.ndarray, wanted: np.ndarray
) -> tuple[dict[int, Step], np.ndarray]:
    """Return what a step of each limit would earn, and the price of one more of each row.

    Parameters
    ----------
    goods : Goods
    model : Model
    choice : ndarray
        Solution of the model.
    wanted : ndarray, shape (n_sku,)
        Cartons without limits. [cartons]

    Returns
    -------
    steps : dict of int to Step
        By row of the model; containers and limits that no lot touches are not in it.
    prices : ndarray, shape (n_rows,)
        Duals with cartons cut and decisions held: slopes for the smallest change. NaN where that
        programme has no solution. [currency/unit]

    Notes
    -----
    A step is wide enough for the smallest lot that waits for it. The worth is that of the best
    plan with the step less that of the best plan without, both solved in the same way. Cartons are
    cut where the order is large, or where the searches leave more open than the difference; it is
    then at most the dual times the step, since a second limit may bind on the way.
    """
    prices, cut = row_prices(model, choice)
    short = short_lots(goods, _totals(goods, model, choice), room_left(model, choice))
    waits = is_waiting(goods, wanted, _totals(goods, model, choice))
    base = _whole_best(model)
    found = {}
    for held in model.held:
        if held.limit == "container_cbm":
            continue
        lots = short[_is_of(short, key_of(held))]
        rise = _rise(goods, held, lots[waits[lots["row"].astype("int64")]])
        if base is not None and not len(lots):
            found[held.row] = Step(rise, 0.0, None, is_whole=True)
            continue
        step = None if base is None else _whole_step(goods, model, held, rise, base, wanted)
        found[held.row] = step or _cut_step(model, choice, held, rise, prices[held.row], cut)
    return found, prices


def stuck_goods(goods: Goods, model: Model, choice: np.ndarray, is_shut: np.ndarray) -> Stuck:
    """Return what the plan would earn with other goods in the place of those that may not leave.

    Parameters
    ----------
    goods : Goods
    model : Model
    choice : ndarray
        Solution of the model.
    is_shut : ndarray of bool, shape (n_sku,)
        Whether a gate holds the goods back until a paper is there.
    """
    before = _totals(goods, model, choice)
    rows = np.flatnonzero(is_shut & (before > 0))
    if not len(rows):
        return Stuck(rows, rows, 0.0)
    dropped = _without(goods, model, choice, rows)
    low, high = model.low.copy(), model.high.copy()
    low[rows] = high[rows] = 0.0  # the first rows of a model are those of the SKUs
    emptied = model._replace(most=np.where(dropped, 0.0, model.most), low=low, high=high)
    kept = np.where(dropped, 0.0, choice)
    best = _whole_best(emptied)
    answer = _cut_best(emptied, kept) if best is None else best
    if answer.x is None:
        return Stuck(rows, rows[:0], 0.0)
    after = _totals(goods, model, answer.x)
    worth = float(model.cost @ kept) - float(answer.fun)
    return Stuck(rows, np.flatnonzero(after - before > HALF), max(worth, 0.0))


def row_prices(model: Model, choice: np.ndarray) -> tuple[np.ndarray, float]:
    """Return what one more of the bound of each row would earn, decisions held, and the cost.

    Parameters
    ----------
    model : Model
    choice : ndarray
        Solution of the model; only its decisions count.

    Returns
    -------
    prices : ndarray, shape (n_rows,)
        0 for rows that must be met exactly; at least 0. NaN where the programme has no solution.
        [currency/unit]
    cost : float
        Least cost with cartons cut; NaN where there is no solution. [currency]
    """
    answer = _cut_best(model, choice)
    prices = np.zeros(len(model.low))
    if answer.status != 0:
        return np.full_like(prices, np.nan), np.nan
    _, above, below = _sides(model)
    worth = np.maximum(-answer.ineqlin.marginals, 0.0)
    worth[worth < WORTH_TOLERANCE * worth.max(initial=0.0)] = 0.0
    prices[above] = worth[: above.sum()]
    prices[below] += worth[above.sum() :]
    return prices, float(answer.fun)


def _cut_best(model: Model, choice: np.ndarray) -> OptimizeResult:
    """Return the best choice with cartons cut and the decisions of another choice."""
    low, most = np.zeros_like(model.most), model.most.copy()
    for name in DECISIONS:
        part = model.parts[name]
        low[part] = most[part] = np.round(choice[part])
    exact, above, below = _sides(model)
    return linprog(
        model.cost,
        A_ub=sparse.vstack([model.matrix[above], -model.matrix[below]]).tocsr(),
        b_ub=np.concatenate([model.high[above], -model.low[below]]),
        A_eq=model.matrix[exact],
        b_eq=model.high[exact],
        bounds=np.column_stack([low, most]),
        method="highs",
    )


def _sides(model: Model) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which rows are met exactly, which bind from above and which from below."""
    exact = model.low == model.high
    return exact, ~exact & np.isfinite(model.high), ~exact & np.isfinite(model.low)


def _whole_best(model: Model) -> OptimizeResult | None:
    """Return the best choice in whole cartons; None where the order is too large to be asked."""
    if model.whole.sum() > WHOLE_UP_TO:
        return None
    answer = best_choice(model, max_gap=STEP_GAP, max_branches=STEP_BRANCHES)
    return answer if answer.x is not None and (answer.mip_gap or 0.0) <= STEP_GAP else None


def _cut_step(
    model: Model, choice: np.ndarray, held: Held, rise: float, price: float, cut: float
) -> Step:
    """Return what a step earns with cartons cut; `cut` is the cost without it."""
    worth = price * rise
    if worth > 0 and rise > SLOPE_SHARE * held.cap:
        worth = cut - row_prices(_widened(model, held, rise), choice)[1]
    return Step(rise, float(np.maximum(worth, 0.0)), None, is_whole=False)


def _whole_step(
    goods: Goods, model: Model, held: Held, rise: float, base: OptimizeResult, wanted: np.ndarray
) -> Step | None:
    """Return what a step earns in whole cartons; None where the searches leave more open."""
    wider = _widened(model, held, rise)
    answer = _whole_best(wider)
    if answer is None:
        return None
    worth = _gain(base, answer)
    if not worth:
        is_sure = max(base.mip_gap or 0.0, answer.mip_gap or 0.0) <= ROUNDING
        return Step(rise, 0.0, None, is_whole=True) if is_sure else None
    again = _whole_best(_widened(wider, held, rise))
    if again is None or _gain(answer, again):
        return Step(rise, worth, None, is_whole=True)
    totals = _totals(goods, model, answer.x)
    short = short_lots(goods, totals, room_left(wider, answer.x))
    waits = is_waiting(goods, wanted, totals)[short["row"].astype("int64")]
    holding = short[short["holds"].astype(bool) & waits & ~_is_of(short, key_of(held))]
    names = tuple(f"limit.{name}" for name in holding["limit"].drop_duplicates())
    return Step(rise, worth, names, is_whole=True)


def _gain(base: OptimizeResult, answer: OptimizeResult) -> float:
    """Return what one plan earns more than another; 0 where that is within what both leave open."""
    gain = float(base.fun - answer.fun)
    noise = sum((ROUNDING + (one.mip_gap or 0.0)) * abs(one.fun) for one in (base, answer))
    return gain if gain > noise else 0.0


def _widened(model: Model, held: Held, rise: float) -> Model:
    high = model.high.copy()
    high[held.row] += rise
    wider = tuple(
        one._replace(cap=one.cap + rise) if one.row == held.row else one for one in model.held
    )
    return model._replace(high=high, held=wider)


def _rise(goods: Goods, held: Held, lots: pd.DataFrame) -> float:
    """Return by how much a limit is widened: wide enough for the smallest lot that waits."""
    usual = 1.0 if held.unit == "cbm" else max(STEP_SHARE * held.cap, 1.0)
    boxed = goods.boxes.loc[goods.boxes["mode"] == held.place, "cbm"]
    if held.limit == "mode_cbm" and len(boxed):
        usual = float(boxed.iloc[0])
    if held.unit == "units":
        usual = float(np.ceil(usual))
    least = float(lots["short"].min()) if len(lots) else 0.0
    return usual * max(np.ceil(least / usual - 1e-9), 1.0)


def _is_of(short: pd.DataFrame, key: Key) -> pd.Series:
    limit, market, place = key
    is_it = (short["limit"] == limit) & (short["market"] == market)
    return is_it & (short["place"] == place)


def _totals(goods: Goods, model: Model, choice: np.ndarray) -> np.ndarray:
    return units_of(goods, choice[model.parts["cartons"]])


def _without(goods: Goods, model: Model, choice: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return which variables belong to some SKUs alone."""
    mine = np.zeros(len(choice), dtype=bool)
    of_rows = {
        "cartons": goods.ways["row"].to_numpy(),
        "pieces": goods.pieces["row"].to_numpy(),
        "houses": goods.stays["row"].to_numpy(),
        "listed": listed(goods),
        "minimum": np.array([members[0] for members, _, _ in goods.minimums], dtype="int64"),
    }
    for name, row in of_rows.items():
        mine[model.parts[name]] = np.isin(row, rows)
    for place, (members, _, _) in enumerate(goods.minimums):
        at = model.parts["minimum"].start + place
        mine[at] = np.isin(members, rows).all()
    return mine
