"""Limit prices: what one more of each limit is worth, from the dual of the order model.

Knows a solved model. The prices hold for small changes only: one more cubic metre,
not one more ship.
"""

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import linprog

from planner import tables
from planner.supply.order.order_goods import Goods
from planner.supply.order.order_model import Held, Model
from planner.supply.quantity.value_curves import Curves, slopes_of

NEAR_BEST, CUT_SHORT = "reason.plan_near_best", "reason.plan_cut_short"
DECISIONS = ("minimum", "containers", "charged", "owed", "listed")
"""Yes and no, and whole containers: these stay as the plan has them."""
WORTH_TOLERANCE = 1e-7
"""Share of the largest price below which a price is rounding."""
WORTH_SHARE = 1e-5
"""Share of what the plan earns below which all of a limit is worth nothing: the solver stops
further off than that, and a price of a farthing is no reason to book more."""
MIDDLE = 0.5
CENTS_BELOW = 1000
"""Money of this size and more is told without decimals, as on every page."""


def limit_prices(
    goods: Goods,
    curves: Curves,
    model: Model,
    choice: np.ndarray,
    *,
    gap: float = 0.0,
    is_slack: bool = False,
    is_cut_short: bool = False,
) -> pd.DataFrame:
    """Return every limit with what the plan uses of it and what one more of it would earn.

    Parameters
    ----------
    goods : Goods
    curves : Curves
        Worth of the same SKUs, for the price of a minimum order.
    model : Model
    choice : ndarray
        Solution of the model.
    gap : float
        Share of the profit that a better plan could add at most; told with the first limit.
    is_slack : bool
        Whether it is known that no limit binds, so that nothing need be solved.
    is_cut_short : bool
        Whether the solver stopped before it was near enough to the best; told with the gap.

    Returns
    -------
    DataFrame
        Table `LimitPrices`. A minimum order that is met with units which do not pay has a row too:
        `used` are the units ordered, the price is that of one unit less.

    Notes
    -----
    Yes-and-no decisions and the number of containers are held as the plan has them, cartons may
    be cut: the price is the dual of a limit's row in that linear programme. It is the slope of
    the best expected profit, and 0 where the limit leaves room or all of it would move the
    plan's profit by less than `WORTH_SHARE`. The last unit of a minimum order
    costs what its way costs and what it takes of the limits at their prices; what its worth falls
    short of that is the price.
    """
    prices = np.zeros_like(model.low) if is_slack else row_prices(model, choice)
    prices[_unbought(model, choice)] = 0.0
    used = model.matrix @ choice
    least = WORTH_SHARE * abs(float(model.cost @ choice))
    for held in model.held:
        whole = prices[held.row] * max(held.cap, float(used[held.row]))
        prices[held.row] = 0.0 if whole < least else prices[held.row]
    rows = [_told(goods, model, held, choice, used, prices) for held in model.held]
    rows += _minimum_orders(goods, curves, model, choice, prices)
    if not rows:
        return tables.empty(tables.LimitPrices)
    frame = pd.DataFrame(rows).assign(currency=goods.currency)
    if told := told_gap(model, choice, gap, is_cut_short, goods.currency):
        frame.loc[frame.index[0], "reason"] += f";{told}"
    return tables.checked(tables.LimitPrices, frame[tables.columns(tables.LimitPrices)])


def room_left(model: Model, choice: np.ndarray) -> dict[tuple[str, str, str], float]:
    """Return what each limit leaves unused, by limit, market and place.

    Parameters
    ----------
    model : Model
    choice : ndarray
        Solution of the model.

    Notes
    -----
    Containers are not in it: one more can be bought.
    """
    used = model.matrix @ choice
    return {
        (held.limit, held.market, held.place): held.cap - float(used[held.row])
        for held in model.held
        if held.limit != "container_cbm"
    }


def told_gap(
    model: Model, choice: np.ndarray, gap: float, is_cut_short: bool, currency: str
) -> str:
    """Return how near the plan is to the best there may be, blank where it is the best.

    Parameters
    ----------
    model : Model
    choice : ndarray
        Solution of the model.
    gap : float
        Share of the profit.
    is_cut_short : bool
        Whether the gap allowed was not reached.
    currency : str
    """
    if not gap > 0:
        return ""
    worth = gap * abs(float(model.cost @ choice))
    facts = f"gap={gap:.6f}|worth={in_money(worth)}|currency={currency}"
    return f"{CUT_SHORT if is_cut_short else NEAR_BEST}|{facts}"


def in_money(amount: float) -> str:
    """Return money for a sentence: as many decimals as its size asks for.

    Examples
    --------
    >>> in_money(19334.71), in_money(3.14159), in_money(0.0421)
    ('19335', '3.14', '0.0421')
    """
    size = abs(amount)
    if size >= CENTS_BELOW:
        return f"{amount:.0f}"
    return f"{amount:.2f}" if size >= 1 else f"{amount:.3g}"


def row_prices(model: Model, choice: np.ndarray) -> np.ndarray:
    """Return what one more of the bound of each row would earn, decisions held.

    Parameters
    ----------
    model : Model
    choice : ndarray
        Solution of the model; only its decisions count.

    Returns
    -------
    ndarray, shape (n_rows,)
        0 for rows that must be met exactly; at least 0. NaN where the programme has no solution.
        [currency/unit]
    """
    low, most = np.zeros_like(model.most), model.most.copy()
    for name in DECISIONS:
        part = model.parts[name]
        low[part] = most[part] = np.round(choice[part])
    exact = model.low == model.high
    above = ~exact & np.isfinite(model.high)
    below = ~exact & np.isfinite(model.low)
    bounds = np.column_stack([low, most])
    rows = {name: model.matrix[where] for name, where in (("eq", exact), ("up", above))}
    stacked = np.concatenate([model.high[above], -model.low[below]])
    answer = linprog(
        model.cost,
        A_ub=sparse.vstack([rows["up"], -model.matrix[below]]).tocsr(),
        b_ub=stacked,
        A_eq=rows["eq"],
        b_eq=model.high[exact],
        bounds=bounds,
        method="highs",
    )
    prices = np.zeros(len(model.low))
    if answer.status != 0:
        return np.full_like(prices, np.nan)
    worth = np.maximum(-answer.ineqlin.marginals, 0.0)
    worth[worth < WORTH_TOLERANCE * worth.max(initial=0.0)] = 0.0
    prices[above] = worth[: above.sum()]
    prices[below] += worth[above.sum() :]
    return prices


def _told(
    goods: Goods,
    model: Model,
    held: Held,
    choice: np.ndarray,
    used: np.ndarray,
    prices: np.ndarray,
) -> dict[str, object]:
    cap, amount, price = held.cap, float(used[held.row]), float(prices[held.row])
    if held.limit == "container_cbm":
        bought = _bought(goods, model, held, choice)
        cap, amount = held.cap * bought, amount + held.cap * bought
    return _row(goods, held, cap, amount, price)


def _row(goods: Goods, held: Held, cap: float, used: float, price: float) -> dict[str, object]:
    return {
        "limit": held.limit,
        "market": held.market,
        "place": held.place,
        "cap": cap,
        "used": max(used, 0.0),
        "unit": held.unit,
        "is_binding": price > 0,
        "shadow_price": price,
        "reason": _reason(held, cap, used, price, goods),
    }


def _minimum_orders(
    goods: Goods, curves: Curves, model: Model, choice: np.ndarray, prices: np.ndarray
) -> list[dict[str, object]]:
    """Return the minimum orders of one market that are met with units which do not pay."""
    held = [limit.row for limit in model.held]
    cost = model.cost + model.matrix[held].T @ np.nan_to_num(prices[held])
    cartons, rows = choice[model.parts["cartons"]], goods.ways["row"].to_numpy()
    unit_cost = cost[model.parts["cartons"]] / goods.carton[rows]
    slopes, found = slopes_of(curves), []
    for members, moq, _ in goods.minimums:
        inside = (rows == members[0]) & (cartons > MIDDLE)
        units = float((cartons[inside] * goods.carton[members[0]]).sum())
        if len(members) > 1 or not 0 < units < moq + goods.carton[members[0]]:
            continue
        piece = int((curves.units[members[0]] < units).sum()) - 1
        price = float(unit_cost[inside].max() - slopes[members[0], piece])
        if price > 0:
            market, sku = goods.keys[members[0]]
            found.append(_row(goods, Held("moq", market, sku, moq, "units", -1), moq, units, price))
    return found


def _place(goods: Goods, held: Held) -> int:
    boxes = goods.boxes
    is_it = (boxes["market"] == held.market) & (boxes["mode"] == held.place)
    return int(np.flatnonzero(is_it)[0])


def _bought(goods: Goods, model: Model, held: Held, choice: np.ndarray) -> float:
    """Return how many containers are bought; -0.0, as solvers have it, is 0."""
    return float(np.round(choice[model.parts["containers"]])[_place(goods, held)]) + 0.0


def _unbought(model: Model, choice: np.ndarray) -> list[int]:
    """Return the rows of containers of which none is bought: one more cubic metre is no choice."""
    boxes = [held.row for held in model.held if held.limit == "container_cbm"]
    bought = np.round(choice[model.parts["containers"]])
    return [row for row, count in zip(boxes, bought, strict=True) if not count]


def _reason(held: Held, cap: float, used: float, price: float, goods: Goods) -> str:
    if np.isnan(price):
        return "reason.limit_unpriced"
    parts = []
    if held.limit == "container_cbm":
        count = round(cap / held.cap)
        if not count:
            return f"reason.no_container_pays|size={held.cap:.6g}"
        parts.append(f"reason.containers|count={count}|fill={used / cap:.4f}")
    if price > 0:
        worth = f"worth={in_money(price)}|currency={goods.currency}"
        parts.append(f"reason.worth_of_{held.limit}|{worth}")
    elif held.limit != "container_cbm":
        parts.append(f"reason.limit_has_room|left={max(cap - used, 0):.6g}|unit={_unit(held)}")
    parts += _unknown(held, goods)
    return ";".join(parts)


def _unit(held: Held) -> str:
    return held.unit if held.limit == "budget" else f"unit.{held.unit}"


def _unknown(held: Held, goods: Goods) -> list[str]:
    """Return how many SKUs a limit cannot count because their cost or volume is not known."""
    row = goods.ways["row"].to_numpy()
    if held.limit == "budget":
        known = goods.ways["landed"].notna().to_numpy()
    elif held.unit == "cbm":
        known = ~np.isnan(goods.volume[row])
    else:
        return []
    count = len(np.unique(row[~known]))
    return [f"reason.limit_not_counted|count={count}"] if count else []
