"""Why money was lost: the campaign replayed with one cause repaired at a time.

Averages over the orders of repair, so that the parts add up to the whole. Knows nothing of how
the facts of a course were gathered.
"""

import numpy as np
import pandas as pd

from planner import tables
from planner.season.days import KEYS
from planner.season.replays.regret_reasons import late_units, reasons_of
from planner.season.replays.replay import Course, Repairs, is_done_otherwise, replay
from planner.season.replays.shapley import in_cents, shapley, subsets

ROWS_AT_ONCE = 1000
"""SKUs replayed together, to bound memory. [SKUs]"""
TINY_UNITS = 0.05
"""Units below this tell a reader nothing. [units]"""
FIGURES = ("_profit", "_units")


def regret_ledger(course: Course, *, currency: str, is_frozen: bool = True) -> pd.DataFrame:
    """Return what each cause cost each SKU.

    Parameters
    ----------
    course : Course
        As `course.campaign_course` returns it.
    currency : str
        Of all money: the seller's.
    is_frozen : bool
        Whether the plan is the one that people ordered by. One made again after the fact was
        followed by nobody, and the sentences say so.

    Returns
    -------
    DataFrame
        Table `RegretLedger`: a row for every cause that moved money or units, the dearest SKUs
        first. `regret_profit` is what repairing the cause would have earned, below zero where
        the deviation helped; `missed_units` and `left_units` are those missed and those left over
        because of it.

    Notes
    -----
    Shapley values over the subsets of the causes present anywhere: up to 512 replays, all SKUs at
    once. By SKU they add up, to the cent, to `gap_profit` of `season_profits`. What people changed
    lies over what the model said, so that in every order of repair it is taken off first: an
    override that put a wrong forecast right is then booked as a help, the forecast as the loss.
    A change that nobody followed, and a refusal after which goods were sent anyway, had no effect
    of their own: they are part of what was done otherwise.
    """
    parts, _, missed, left, causes = _parts(course)
    keys = course.keys
    frame = pd.concat(
        [
            keys[KEYS].assign(
                cause=cause, regret_profit=parts[place] / 100.0,
                missed_units=missed[place], left_units=left[place],
                reason=reasons_of(course, cause, currency, is_frozen=is_frozen),
            )
            for place, cause in enumerate(causes)
        ]
        or [_no_rows()],
        ignore_index=True,
    )  # fmt: skip
    is_seen = frame[["missed_units", "left_units"]].abs().ge(TINY_UNITS).any(axis=1)
    moved = frame[(frame["regret_profit"] != 0) | is_seen]
    size = moved.groupby(KEYS)["regret_profit"].transform("sum")
    moved = moved.assign(size=-size, own=-moved["regret_profit"].abs(), currency=currency)
    moved = moved.sort_values(["size", *KEYS, "own", "cause"])
    return tables.checked(tables.RegretLedger, moved[tables.columns(tables.RegretLedger)])


def season_profits(
    course: Course,
    missing: pd.DataFrame | None = None,
    *,
    currency: str,
    plan: pd.DataFrame | None = None,
    position: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what each SKU was to earn, earned and could have, and the gap the ledger explains.

    Parameters
    ----------
    course : Course
    missing : DataFrame, optional
        market, sku, missing: SKUs that cannot be replayed, and what is not known of them.
    currency : str
    plan : DataFrame, optional
        Table `StockPlan`: what it expected of the SKUs that can be replayed.
    position : DataFrame, optional
        Table `StockPosition`: which goods the plan counted on without paying for them.

    Returns
    -------
    DataFrame
        Table `SeasonProfits`; money is empty for SKUs that cannot be replayed. All on one basis:
        goods owned on the planning day cost nothing more, units left bring what exits pay.
    """
    parts, actual, *_ = _parts(course)
    start = np.rint(actual * 100.0).astype("int64")
    gap = parts.sum(axis=0)
    frame = course.keys[KEYS].assign(
        actual_profit=start / 100.0, best_profit=(start + gap) / 100.0, gap_profit=gap / 100.0,
        missing="",
    )  # fmt: skip
    frame = frame.merge(_counted_on(plan, position), on=KEYS, how="left")
    frame["owned_units"] = (
        course.opening - course.bought + course.unmoved + course.arriving.sum(axis=1)
    )
    if missing is not None and len(missing):
        frame = pd.concat([frame, missing[[*KEYS, "missing"]]], ignore_index=True)
    figures = [name for name in tables.columns(tables.SeasonProfits) if name.endswith(FIGURES)]
    frame = frame.astype(dict.fromkeys(figures, float)).assign(currency=currency).sort_values(KEYS)
    return tables.checked(tables.SeasonProfits, frame[tables.columns(tables.SeasonProfits)])


def regret_totals(ledger: pd.DataFrame, *, currency: str) -> pd.DataFrame:
    """Return what each cause cost by market, dearest first.

    Parameters
    ----------
    ledger : DataFrame
        Table `RegretLedger`.
    currency : str

    Returns
    -------
    DataFrame
        Table `RegretTotals`; rows of a blank market are the whole campaign. `share_rate` is the
        cause's part of the gap; empty where there is none to share.
    """
    whole = pd.concat([ledger.assign(market=""), ledger], ignore_index=True)
    cents = whole.assign(cents=(whole["regret_profit"] * 100).round().astype("int64"))
    sums = cents.groupby(["market", "cause"], as_index=False).agg(
        cents=("cents", "sum"), missed_units=("missed_units", "sum"),
        left_units=("left_units", "sum"), n_skus=("sku", "nunique"),
    )  # fmt: skip
    gap = sums.groupby("market")["cents"].transform("sum")
    sums["regret_profit"] = sums["cents"] / 100.0
    sums["share_rate"] = sums["cents"] / gap.where(gap > 0)
    sums = sums.sort_values(["market", "cents", "cause"], ascending=[True, False, True])
    sums["currency"] = currency
    frame = sums[tables.columns(tables.RegretTotals)].astype({"share_rate": float})
    return tables.checked(tables.RegretTotals, frame)


def causes_present(course: Course) -> tuple[str, ...]:
    """Return the causes of which there is a trace on at least one SKU; demand always counts."""
    order = course.order
    is_other = is_done_otherwise(order)
    traces = {
        "demand": np.ones(1, dtype=bool),
        "override": (order.planned_units != order.model_units) & ~is_other,
        "rounding": (order.limited_units != order.planned_units) | _has_packs(course),
        "refusals": order.is_refused & ~is_other,
        "execution": is_other | (course.unmoved > 0),
        "lateness": (late_units(course) > 0) | (course.moved != 0).any(axis=1),
        "placement": (order.misplaced_units != 0) | (course.stranded > 0).any(axis=1),
        "stock_loss": course.gone > 0,
        "price_lock": course.money.free_net_price != course.money.net_price,
    }
    return tuple(cause for cause in tables.REGRET_CAUSES if traces[cause].any())


def rows_of(course: Course, rows: slice | np.ndarray) -> Course:
    """Return some rows of a course, in the order asked for."""
    cut = {
        name: getattr(course, name)[rows]
        for name in (
            "wanted", "free_wanted", "opening", "bought", "unmoved", "again", "arriving", "moved",
            "gone", "stranded", "late",
        )
    }  # fmt: skip
    return Course(
        keys=course.keys.iloc[rows].reset_index(drop=True),
        **cut,
        order=type(course.order)(*(part[rows] for part in course.order)),
        money=type(course.money)(*(part[rows] for part in course.money)),
    )


def _counted_on(plan: pd.DataFrame | None, position: pd.DataFrame | None) -> pd.DataFrame:
    """Return by market and SKU the profit that the plan expected, and the goods it had for it."""
    parts = [pd.DataFrame(columns=[*KEYS, "planned_profit", "planned_owned_units"])]
    if plan is not None:
        parts.append(plan[KEYS].assign(planned_profit=plan["expected_profit"]))
    if plan is not None and position is not None:
        owned = position["available_units"] + position["later_left_units"]
        owned = position[KEYS].assign(planned_owned_units=owned)
        parts[-1] = parts[-1].merge(owned, on=KEYS, how="left")
    return parts[-1].reindex(columns=parts[0].columns)


def _has_packs(course: Course) -> np.ndarray:
    order = course.order
    return (np.nan_to_num(order.carton_units) > 1) | (np.nan_to_num(order.moq_units) > 1)


def _parts(
    course: Course,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return cents by cause, actual profit, units missed and left by cause, and the causes."""
    n_rows, none = len(course.keys), np.zeros((0, 0))
    if not n_rows:
        return np.zeros((0, 0), "int64"), np.zeros(0), none, none, ()
    causes = causes_present(course)
    repairs = Repairs(causes, subsets(len(causes)))
    nested = (
        {"first": causes.index("override"), "then": causes.index("demand")}
        if ("override" in causes)
        else {}
    )
    found = []
    for first in range(0, n_rows, ROWS_AT_ONCE):
        end = replay(rows_of(course, slice(first, first + ROWS_AT_ONCE)), repairs)
        units = (-shapley(part, **nested) for part in (end.missed_units, end.left_units))
        found.append((in_cents(shapley(end.profit, **nested)), end.profit[0], *units))
    parts = (np.concatenate(part, axis=-1) for part in zip(*found, strict=True))
    return *parts, causes


def _no_rows() -> pd.DataFrame:
    return tables.empty(tables.RegretLedger).drop(columns="currency")
