"""How the order of each SKU came about: model, people, cartons and limits, refusals, what was sent.

Reads the plan's own tables and what came. Knows nothing of demand as it turned out.
"""

from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.season.days import KEYS
from planner.season.replays.replay import Order
from planner.supply.charges.packing import round_order
from planner.supply.decisions.meeting import decided_units
from planner.supply.quantity.position import HORIZON_PHASES

LIMITED = ("reason.limit_binds", "reason.fixed_cut")
"""Reasons of the plan that say that a limit held units back."""

PROFIT = "profit"
"""The rule that weighs whether a lot pays; the others round up whatever it costs."""

OWN_UNITS = r"reason\.decided_[^;]*\|own=(\d+)"
"""Where the plan's reason says what it would have ordered had nobody decided."""


class Came(NamedTuple):
    """What came of the campaign's order, as the counts tell; row i belongs to row i of the keys."""

    before: np.ndarray
    """On the shelf before the first phase day, shape (n_sku,). [units]"""
    by_day: np.ndarray
    """shape (n_sku, n_days). [units]"""
    after: np.ndarray
    """Sent, and not on the shelf within the window, shape (n_sku,). [units]"""
    is_seen: np.ndarray
    """Whether shipments, or counts since the planning day, tell it, shape (n_sku,)."""
    opening: np.ndarray
    """All that lay there before the first phase day, shape (n_sku,). [units]"""


class Plans(Protocol):
    """The tables of a plan that its order is read from."""

    forecast: pd.DataFrame
    plan: pd.DataFrame
    mode_plan: pd.DataFrame
    economics: pd.DataFrame
    gates: pd.DataFrame
    decisions: pd.DataFrame
    catalogue: pd.DataFrame


class Steps(NamedTuple):
    """The order before anything was sent; each of shape (n_sku,), see `replay.Order`. [units]."""

    model: np.ndarray
    planned: np.ndarray
    own: np.ndarray
    """The plan's order had nobody decided; NaN where nobody did."""
    limited: np.ndarray
    cap: np.ndarray
    least: np.ndarray
    moq: np.ndarray
    carton: np.ndarray
    is_refused: np.ndarray

    @property
    def asked(self) -> np.ndarray:
        """What was to be sent."""
        return np.where(self.is_refused, 0.0, self.limited)


def steps_of(plans: Plans, keys: pd.DataFrame) -> Steps:
    """Return how the plan came to its order, row by row of `keys`.

    Parameters
    ----------
    plans : Plans
    keys : DataFrame
        market, sku.

    Notes
    -----
    What the model alone would have needed is the plan's target times what the model foresaw over
    what was planned, less the stock in time. A decision of the meeting on units, or to hold or
    drop, stands in the place of what was needed. An order of 0 though something was needed, which
    no limit and no gate explains, was not worth a carton; so was one that the plan had set to 0
    before the meeting decided otherwise. Where the rule of profit ordered nothing, a greater need
    is worth an order only from where the least lot pays: ``lot * over cost / (under cost + over
    cost)``.
    """
    places = pd.MultiIndex.from_frame(keys[KEYS])
    plan = plans.plan.set_index(KEYS).reindex(places)
    target, needed, order = (
        plan[name].to_numpy(dtype=float) for name in ("target_units", "needed_units", "order_units")
    )
    stock = plan["available_units"].to_numpy(dtype=float)
    ratio = model_ratio(plans.forecast, keys)
    model = np.where(ratio == 1.0, needed, np.maximum(target * ratio - stock, 0.0))
    decided = decided_units(plans.decisions).reindex(places).to_numpy(dtype=float, na_value=np.nan)
    is_refused = _refused(plans, plan, places)
    planned = np.where(np.isnan(decided) | is_refused, needed, decided)
    goods = keys["sku"].map(plans.catalogue.set_index("sku")["moq_units"])
    moq = goods.to_numpy(dtype=float, na_value=np.nan)
    goods = keys["sku"].map(plans.catalogue.set_index("sku")["carton_units"])
    carton = goods.to_numpy(dtype=float, na_value=np.nan)
    full = round_order(planned, moq_units=moq, carton_units=carton).astype(float)
    limited = np.where(is_refused, full, order)
    is_held = plan["reason"].str.contains("|".join(LIMITED)).fillna(False).to_numpy(dtype=bool)
    is_held = is_held | ((limited > 0) & (limited < planned - 0.5))
    not_worth = ~is_held & (limited == 0) & (planned > 0)
    own = plan["reason"].str.extract(OWN_UNITS, expand=False).astype(float).to_numpy()
    is_none = ~is_held & ~is_refused & ((own == 0) | (np.isnan(decided) & (limited == 0)))
    least = np.where(not_worth, planned, np.where(is_none, np.nan_to_num(needed), 0.0))
    pays = _paying_need(plans.economics, places, moq, carton)
    weighs = (plan["rule"] == PROFIT).fillna(False).to_numpy(dtype=bool)
    return Steps(
        model=model,
        planned=planned,
        own=own,
        limited=limited,
        cap=np.where(is_held, limited, np.inf),
        least=np.where(is_none & weighs, np.fmax(least, pays), least),
        moq=moq,
        carton=carton,
        is_refused=is_refused,
    )


def order_of(steps: Steps, came: Came, plans: Plans, keys: pd.DataFrame, *, scope: Scope) -> Order:
    """Return the order with what was sent, to where, and by when.

    Parameters
    ----------
    steps : Steps
    came : Came
    plans : Plans
    keys : DataFrame
    scope : Scope

    Notes
    -----
    Where a SKU sells in several markets, units that one got too many and another too few went to
    the wrong place; what is then still other than asked was done otherwise.
    """
    sent = came.before + came.by_day.sum(axis=1) + came.after
    planned = _planned_share(plans.mode_plan, keys, came.by_day.shape[1], scope)
    actual = came.by_day.copy()
    actual[:, 0] += came.before
    is_any = sent > 0
    actual = np.where(is_any[:, None], actual / np.where(is_any, sent, 1.0)[:, None], planned)
    return Order(
        model_units=steps.model,
        planned_units=steps.planned,
        limited_units=steps.limited,
        cap_units=steps.cap,
        least_units=steps.least,
        moq_units=steps.moq,
        carton_units=steps.carton,
        is_refused=steps.is_refused,
        sent_units=sent,
        misplaced_units=misplaced(keys, sent - steps.asked),
        planned_share=planned,
        actual_share=actual,
    )


def model_ratio(forecast: pd.DataFrame, keys: pd.DataFrame) -> np.ndarray:
    """Return what the model foresaw over what was planned for the horizon, 1 where nothing was."""
    rows = forecast[forecast["phase"].isin(HORIZON_PHASES)]
    sums = rows.groupby(KEYS)[["model_mean_units", "mean_units"]].sum()
    found = sums.reindex(pd.MultiIndex.from_frame(keys[KEYS])).to_numpy(dtype=float)
    is_known = found[:, 1] > 0
    ratio = np.divide(found[:, 0], found[:, 1], out=np.ones(len(keys)), where=is_known)
    return np.where(np.isclose(ratio, 1.0, rtol=1e-9), 1.0, ratio)


def misplaced(keys: pd.DataFrame, otherwise: np.ndarray) -> np.ndarray:
    """Return what of a deviation only moved units between the markets of a SKU.

    Examples
    --------
    30 too few in one market and 50 too many in the other: 30 went to the wrong place.

    >>> two = pd.DataFrame({"market": ["ID", "TH"], "sku": ["a", "a"]})
    >>> misplaced(two, np.array([-30.0, 50.0])).tolist()
    [-30.0, 30.0]
    """
    frame = keys[["sku"]].assign(more=np.maximum(otherwise, 0.0), less=np.maximum(-otherwise, 0.0))
    sums = frame.groupby("sku")[["more", "less"]].transform("sum")
    moved = sums.min(axis=1).to_numpy()
    more, less = (
        np.divide(frame[name].to_numpy(), sums[name].to_numpy(), out=np.zeros(len(frame)),
                  where=sums[name].to_numpy() > 0)
        for name in ("more", "less")
    )  # fmt: skip
    return moved * (more - less)


def _paying_need(
    economics: pd.DataFrame, places: pd.MultiIndex, moq: np.ndarray, carton: np.ndarray
) -> np.ndarray:
    """Return the need up to which the least lot loses money; NaN where a cost is unknown."""
    money = economics.set_index(KEYS).reindex(places)
    under, over = (money[name].to_numpy(dtype=float) for name in ("under_cost", "over_cost"))
    lot = round_order(np.ones(len(places)), moq_units=moq, carton_units=carton)
    both = np.where(under + over > 0, under + over, np.nan)
    return lot * over / both


def _refused(plans: Plans, plan: pd.DataFrame, places: pd.MultiIndex) -> np.ndarray:
    """Return what was refused an order; a gate that stops only the shipping refuses none."""
    shut = plans.gates[plans.gates["blocks"] == "order"]
    is_shut = places.isin(pd.MultiIndex.from_frame(shut[KEYS])) & (plan["order_units"] == 0)
    return plan["is_blocked"].fillna(False).to_numpy(dtype=bool) | is_shut.to_numpy(dtype=bool)


def _planned_share(
    mode_plan: pd.DataFrame, keys: pd.DataFrame, n_days: int, scope: Scope
) -> np.ndarray:
    """Return the planned share on the shelf by day; all on the first day where nothing is told."""
    starts = {market: pd.Timestamp(plan.phases.start) for market, plan in scope.plans.items()}
    rows = mode_plan[mode_plan["units"] > 0]
    place = pd.MultiIndex.from_frame(keys[KEYS]).get_indexer(pd.MultiIndex.from_frame(rows[KEYS]))
    rows, place = rows[place >= 0], place[place >= 0]
    late = (rows["shelf_by"] - pd.to_datetime(rows["market"].map(starts))).dt.days
    share = np.zeros((len(keys), n_days))
    columns = late.clip(0, n_days - 1).to_numpy(dtype=int)
    np.add.at(share, (place, columns), rows["units"].to_numpy(dtype=float))
    share[share.sum(axis=1) == 0, 0] = 1.0
    return share / share.sum(axis=1, keepdims=True)
