"""Limit prices: what a step more of each limit is worth, as a table with its sentences.

Knows a solved model and what `limit_steps` found of it. A price holds for the step that is told
with it, all other limits as they are.
"""

import numpy as np
import pandas as pd

from planner import tables
from planner.supply.order.limit_room import Key, key_of, room_left, short_lots
from planner.supply.order.limit_steps import Step, is_waiting, steps, stuck_goods
from planner.supply.order.limit_words import limit_reason, stuck_reason, told_gap
from planner.supply.order.order_goods import Goods
from planner.supply.order.order_model import Held, Model
from planner.supply.order.order_solver import units_of
from planner.supply.quantity.value_curves import Curves, slopes_of

WORTH_SHARE = 1e-5
"""Share of what the plan earns below which all of a limit is worth nothing: the solver stops
further off than that, and a price of a farthing is no reason to book more."""
MIDDLE = 0.5


def limit_prices(
    goods: Goods,
    curves: Curves,
    model: Model,
    choice: np.ndarray,
    *,
    wanted: np.ndarray,
    is_shut: np.ndarray | None = None,
    gap: float = 0.0,
    is_slack: bool = False,
    is_cut_short: bool = False,
) -> pd.DataFrame:
    """Return every limit with what the plan uses of it and what a step more of it would earn.

    Parameters
    ----------
    goods : Goods
    curves : Curves
        Worth of the same SKUs, for the price of a minimum order.
    model : Model
    choice : ndarray
        Solution of the model.
    wanted : ndarray, shape (n_sku,)
        Cartons without limits. [cartons]
    is_shut : ndarray of bool, shape (n_sku,), optional
        Whether a gate holds the goods back until a paper is there; without it none is held.
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
    A limit binds if a step more of it earns something, all others as they are, or if it has no room
    for the next lot of a SKU that gets less than it would alone. The price is what the step earns
    over its size, see `limit_steps`; of containers it is the dual. It is 0 where all of a limit
    would move the plan's profit by less than `WORTH_SHARE`. The last unit of a minimum order costs
    what its way costs and, where cartons may be cut, what it takes of the limits at their prices;
    what its worth falls short of that is the price. In whole cartons the room of one unit holds
    nothing else.
    """
    found, prices = ({}, np.zeros_like(model.low)) if is_slack else steps(
        goods, model, choice, wanted
    )  # fmt: skip
    prices[_unbought(model, choice)] = 0.0
    used = model.matrix @ choice
    least = WORTH_SHARE * abs(float(model.cost @ choice))
    for held in model.held:
        if held.row in found:
            prices[held.row] = found[held.row].worth / found[held.row].rise
        whole = prices[held.row] * max(held.cap, float(used[held.row]))
        prices[held.row] = 0.0 if whole < least else prices[held.row]
    holding = set() if is_slack else _holding(goods, model, choice, wanted)
    rows = [_told(goods, model, held, choice, prices, found, holding) for held in model.held]
    binding = [held for held, row in zip(model.held, rows, strict=True) if row["is_binding"]]
    if is_shut is not None and binding:
        stuck = stuck_goods(goods, model, choice, is_shut)
        if stuck.worth > least and len(stuck.instead):
            _add_told(rows, model, *stuck_reason(goods, model, choice, stuck, binding))
    is_whole = any(step.is_whole for step in found.values())
    of_room = np.zeros_like(prices) if is_whole else prices
    rows += _minimum_orders(goods, curves, model, choice, of_room)
    if not rows:
        return tables.empty(tables.LimitPrices)
    frame = pd.DataFrame(rows).assign(currency=goods.currency)
    if told := told_gap(model, choice, gap, is_cut_short, goods.currency):
        frame.loc[frame.index[0], "reason"] += f";{told}"
    return tables.checked(tables.LimitPrices, frame[tables.columns(tables.LimitPrices)])


def _holding(goods: Goods, model: Model, choice: np.ndarray, wanted: np.ndarray) -> set[Key]:
    """Return the limits without room for the next lot of a SKU that waits for it."""
    totals = units_of(goods, choice[model.parts["cartons"]])
    short = short_lots(goods, totals, room_left(model, choice))
    waits = is_waiting(goods, wanted, totals)[short["row"].astype("int64")]
    holding = short[short["holds"].astype(bool) & waits]
    return set(holding[["limit", "market", "place"]].itertuples(index=False, name=None))


def _told(
    goods: Goods, model: Model, held: Held, choice: np.ndarray, prices: np.ndarray,
    found: dict[int, Step], holding: set[Key],
) -> dict[str, object]:  # fmt: skip
    cap, price = held.cap, float(prices[held.row])
    used = float((model.matrix @ choice)[held.row])
    if held.limit == "container_cbm":
        bought = _bought(goods, model, held, choice)
        cap, used = held.cap * bought, used + held.cap * bought
    step = found.get(held.row, Step(1.0, price, None, is_whole=False))
    is_held = price > 0 or key_of(held) in holding
    return _row(goods, held, cap, used, price, step, is_held)


def _row(
    goods: Goods, held: Held, cap: float, used: float, price: float, step: Step, is_held: bool
) -> dict[str, object]:
    return {
        "limit": held.limit,
        "market": held.market,
        "place": held.place,
        "cap": cap,
        "used": max(used, 0.0),
        "unit": held.unit,
        "is_binding": is_held,
        "rise": step.rise,
        "shadow_price": price,
        "reason": limit_reason(
            goods, held, cap=cap, used=used, price=price, step=step, is_held=is_held
        ),
    }


def _add_told(rows: list[dict[str, object]], model: Model, row: int, told: str) -> None:
    for place, held in enumerate(model.held):
        if told and held.row == row:
            rows[place]["reason"] = f"{rows[place]['reason']};{told}"


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
            least = Held("moq", market, sku, moq, "units", -1)
            step = Step(1.0, price, None, is_whole=False)
            found.append(_row(goods, least, moq, units, price, step, True))
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
