"""Limit words: what a table says of each limit, as terms of the glossary with facts.

Tells what a limit leaves, what a step more of it earns, and what goods that may not leave take of
it. Works nothing out; that is `limit_steps`.
"""

import numpy as np

from planner.supply.order.limit_steps import Step, Stuck
from planner.supply.order.order_goods import Goods
from planner.supply.order.order_model import Held, Model

NEAR_BEST, CUT_SHORT = "reason.plan_near_best", "reason.plan_cut_short"
CENTS_BELOW = 1000
"""Money of this size and more is told without decimals, as on every page."""
MIDDLE = 0.5
MOST_NAMED = 3
"""SKUs named in one sentence."""


def limit_reason(
    goods: Goods, held: Held, *, cap: float, used: float, price: float, step: Step, is_held: bool
) -> str:
    """Return what one limit says.

    Parameters
    ----------
    goods : Goods
    held : Held
    cap, used : float
        Of containers those that are bought. [unit of the limit]
    price : float
        Of one more, over the step. [currency/unit]
    step : Step
    is_held : bool
        Whether the limit binds.
    """
    if np.isnan(price):
        return "reason.limit_unpriced"
    parts = []
    if held.limit == "container_cbm":
        count = round(cap / held.cap)
        if not count:
            return f"reason.no_container_pays|size={held.cap:.6g}"
        parts.append(f"reason.containers|count={count}|fill={used / cap:.4f}")
    left = f"left={_amount(held, max(cap - used, 0.0))}|unit={_unit(held)}"
    if price > 0:
        worth = f"worth={in_money(price * step.rise)}|currency={goods.currency}"
        parts.append(f"reason.worth_of_{held.limit}|rise={_amount(held, step.rise)}|{worth}")
        if step.then is not None:
            names = ",".join(step.then)
            parts.append(f"reason.then_held|limits={names}" if names else "reason.then_free")
    elif is_held:
        parts.append(f"reason.limit_tight|{left}")
        parts += ["reason.alone_no_gain"] if step.is_whole else []
    elif held.limit != "container_cbm":
        parts.append(f"reason.limit_has_room|{left}")
    parts += _unknown(held, goods)
    return ";".join(parts)


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


def stuck_reason(
    goods: Goods, model: Model, choice: np.ndarray, stuck: Stuck, binding: list[Held]
) -> tuple[int, str]:
    """Return the row of the limit of whose room goods that may not leave take a part, and how much.

    Parameters
    ----------
    goods : Goods
    model : Model
    choice : ndarray
        Solution of the model.
    stuck : Stuck
    binding : list of Held
        Limits that bind.

    Returns
    -------
    tuple of int and str
        Booked space before the budget; -1 and blank where they take nothing of either.
    """
    way = np.isin(goods.ways["row"], stuck.rows) & (choice[model.parts["cartons"]] > MIDDLE)
    mine = np.zeros(len(choice))
    at = np.flatnonzero(way) + model.parts["cartons"].start
    mine[at] = choice[at]
    taken, names = model.matrix @ mine, goods.keys.get_level_values("sku")
    for limit in ("mode_cbm", "budget"):
        for held in binding:
            if held.limit == limit and taken[held.row] > 0:
                room = f"room={_amount(held, float(taken[held.row]))}|unit={_unit(held)}"
                who = f"skus={', '.join(names[stuck.rows])}"
                instead = f"instead={', '.join(names[stuck.instead[:MOST_NAMED]])}"
                by = f"ship_by={goods.ways.loc[way, 'ship_by'].min():%Y-%m-%d}"
                worth = f"worth={in_money(stuck.worth)}|currency={goods.currency}"
                told = "|".join([room, who, instead, by, worth])
                return held.row, f"reason.room_for_stuck|{told}"
    return -1, ""


def _amount(held: Held, amount: float) -> str:
    """Return so much of a limit for a sentence, as exact as anybody books it."""
    if held.unit == "cbm":
        return f"{amount:.2f}"
    return f"{amount:.0f}" if held.unit == "units" else in_money(amount)


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
