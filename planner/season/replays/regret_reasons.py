"""Why a cause cost what it did: the facts of each SKU's order, shelf and price, as sentences.

Reads a course; replays nothing and knows nothing of what a cause cost.
"""

import numpy as np

from planner.season.replays.replay import (
    OTHER_UNITS,
    Course,
    is_done_otherwise,
    limited,
    true_need,
)

WHOLE_MONEY = 1000.0
"""From here on a unit's price is told without decimals. [currency/unit]"""


def reasons_of(course: Course, cause: str, currency: str, *, is_frozen: bool) -> list[str]:
    """Return what each SKU's order, shelf or price was under a cause, and what was right.

    Parameters
    ----------
    course : Course
    cause : str
        One of `tables.REGRET_CAUSES`.
    currency : str
    is_frozen : bool
        Whether the plan is the one that people ordered by.

    Returns
    -------
    list of str
        One sentence for each row of the course.
    """
    order = course.order
    facts = {
        "demand": (order.model_units, true_need(course)),
        "override": (order.planned_units, order.model_units),
        "rounding": (order.limited_units, order.planned_units),
        "refusals": (np.where(order.is_refused, 0.0, order.limited_units), order.limited_units),
        "execution": (order.sent_units, np.where(order.is_refused, 0.0, order.limited_units)),
        "lateness": (late_units(course), order.sent_units),
        "placement": (_away_units(course), order.sent_units),
        "stock_loss": (course.gone.sum(axis=1), _on_shelf(course)),
        "price_lock": _on_bound_days(course),
    }  # fmt: skip
    was, right = facts[cause]
    terms = np.full(len(was), f"reason.regret_{cause}", dtype=object)
    if cause == "demand":
        is_late = (course.moved != 0).any(axis=1)
        terms = np.where(is_late, "reason.regret_demand_in_time", terms)
    if cause == "execution":
        terms = np.where(is_frozen, terms, "reason.regret_execution_again")
        terms = np.where(order.is_refused & (was > right), "reason.regret_execution_refused", terms)
    if cause == "rounding":
        need = true_need(course)
        is_same, packed = np.abs(was - right) < OTHER_UNITS, limited(order, need)
        is_fit = is_same & (np.abs(packed - need) < OTHER_UNITS)
        terms = np.where(is_same, "reason.regret_packs", terms)
        terms = np.where(is_fit, "reason.regret_packs_between", terms)
        was, right = np.where(is_same, packed, was), np.where(is_same, need, right)
    rows = zip(terms, was, right, strict=True)
    if cause == "price_lock":
        return [f"{t}|was={_money(a)}|right={_money(b)}|currency={currency}" for t, a, b in rows]
    told = [f"{term}|was={a:.0f}|right={b:.0f}" for term, a, b in rows]
    if cause == "execution":
        return _with_unmoved(course, told)
    return _with_shipments(course, told) if cause == "lateness" else told


def late_units(course: Course) -> np.ndarray:
    """Return what of the order came later than planned, shape (n_sku,). [units]."""
    order = course.order
    gap = np.cumsum(order.planned_share, axis=1) - np.cumsum(order.actual_share, axis=1)
    return order.sent_units * np.maximum(gap, 0.0).max(axis=1)


def _on_bound_days(course: Course) -> tuple[np.ndarray, np.ndarray]:
    """Return what a unit earned on the days bound by a lock, and what it would have without."""
    locked, free = course.money.net_price, course.money.free_net_price
    is_bound = locked != free
    days = np.maximum(is_bound.sum(axis=1), 1)
    return tuple((part * is_bound).sum(axis=1) / days for part in (locked, free))


def _with_unmoved(course: Course, told: list[str]) -> list[str]:
    """Return the sentences on what was done otherwise with the goods that nobody brought."""
    is_other = is_done_otherwise(course.order)
    return [
        ";".join(
            ([sentence] if other or not units else [])
            + ([f"reason.regret_unmoved|units={units:.0f}"] if units else [])
        )
        for sentence, other, units in zip(told, is_other, course.unmoved, strict=True)
    ]


def _with_shipments(course: Course, told: list[str]) -> list[str]:
    """Return the sentences on lateness with the shipments that were late."""
    own = np.where(late_units(course) > 0, np.array(told, dtype=object), "")
    return [";".join(filter(None, parts)) for parts in zip(own, course.late, strict=True)]


def _money(amount: float) -> str:
    return f"{amount:.0f}" if abs(amount) >= WHOLE_MONEY else f"{amount:.2f}"


def _on_shelf(course: Course) -> np.ndarray:
    """Return what lay on the shelf at one time or another of the window."""
    return course.opening + course.arriving.sum(axis=1) + course.order.sent_units


def _away_units(course: Course) -> np.ndarray:
    return np.abs(course.order.misplaced_units) + course.stranded.max(axis=1, initial=0.0)
