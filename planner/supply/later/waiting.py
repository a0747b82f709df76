"""Waiting: by which two ways a SKU can go, until when one can wait, and what is seen by then.

Reads days, money and worlds off the tables; weighs nothing.
"""

import hashlib
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.supply.charges.way_choice import comparable, in_order
from planner.supply.later.two_stage import Floats, Terms, Worlds
from planner.supply.quantity.newsvendor import KEYS, market_draws
from planner.supply.quantity.position import HORIZON_PHASES, available_by_world
from planner.supply.quantity.value_curves import exit_ladders
from planner.supply.trips.lanes import STEP

NEWS_PHASE = "warm_up"
REST_PHASES = tuple(phase for phase in HORIZON_PHASES if phase != NEWS_PHASE)
NO_WAY_COST = 1e12
"""Landed cost of a way that does not exist: nothing pays for it. [currency/unit]"""
NO_WAY_ON_TIME = 0.0
"""Such a way is never in time."""


class Waiting(NamedTuple):
    """Every SKU that could wait; row i of every part is the same market and SKU."""

    frame: pd.DataFrame
    """Indexed by market and SKU: ways, days, money."""
    worlds: Worlds
    terms: Terms


def waiting_case(
    draws: pd.DataFrame,
    position: pd.DataFrame,
    economics: pd.DataFrame,
    ways: pd.DataFrame,
    exits: pd.DataFrame | None,
    scope: Scope,
    *,
    with_before: bool,
) -> Waiting:
    """Return two ways, worlds and terms of every SKU; parameters as in `weigh_options`."""
    keys, warm = market_draws(draws, phases=(NEWS_PHASE,))
    rest = market_draws(draws, phases=REST_PHASES)[1]
    stock = available_by_world(position, draws)[1]
    frame = pd.DataFrame(index=keys).join(economics.set_index(KEYS))
    frame = frame.join(_two_ways(ways, draws, scope))
    frame["is_unknown"] = frame[["price", "selling_cost", "leftover_revenue"]].isna().any(axis=1)
    frame["is_unknown"] |= frame["slow_cost"].isna()
    news = _part_seen(warm, frame["seen_rate"], frame, scope)
    seen = news
    if with_before:
        before = market_draws(draws, phases=("before",))[1]
        news = news + _part_seen(before, frame["before_rate"], frame, scope)
    worlds = Worlds(stock, warm, rest, seen, news)
    return Waiting(frame, worlds, _terms(frame, exits, draws, scope))


def _two_ways(ways: pd.DataFrame, draws: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return by market and SKU the slow and the fast way, and the day one can wait until."""
    open_ways = comparable(ways)
    open_ways = open_ways[open_ways["landed_cost"].notna()].join(_days(draws, scope), on="market")
    open_ways["decide_on"] = open_ways["ship_by"] + open_ways["to_sale"]
    for name, phase in (("seen_rate", NEWS_PHASE), ("before_rate", "before")):
        past = (open_ways["decide_on"] - open_ways[f"{phase}_on"]).dt.days
        open_ways[name] = (past / open_ways[f"{phase}_days"]).clip(0, 1).fillna(0.0)
    columns = {
        "mode": "mode",
        "landed_cost": "cost",
        "on_time_rate": "on_time",
        "lead_days": "lead_days",
        "late_days": "late_days",
        "shelf_by": "shelf_by",
    }
    slow = in_order(open_ways).drop_duplicates(KEYS)
    slow = slow.set_index(KEYS)[[*columns, "phases_on"]]
    slow = slow.rename(columns={name: f"slow_{new}" for name, new in columns.items()})
    quick = open_ways.join(slow["slow_lead_days"], on=KEYS)
    quick = quick[quick["lead_days"] < quick["slow_lead_days"]].assign(
        is_blind=lambda part: part["seen_rate"] <= 0,
        order=lambda part: part["landed_cost"].where(~part["is_blind"], part["lead_days"]),
    )
    quick = quick.sort_values([*KEYS, "is_blind", "order", "lead_days"]).drop_duplicates(KEYS)
    quick = quick.set_index(KEYS)[[*columns, "decide_on", "seen_rate", "before_rate"]]
    return slow.join(quick.rename(columns={name: f"fast_{new}" for name, new in columns.items()}))


def _days(draws: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return by market when the news begins, how long it lasts, and how far off the sale is."""
    rows = {}
    spans = draws.groupby(["market", "phase"])[["starts_on", "ends_on"]].first()
    for market, plan in scope.plans.items():
        row = {
            "phases_on": pd.Timestamp(plan.phases.start),
            "to_sale": pd.Timedelta(plan.phases.sale.start - plan.phases.start),
        }
        for phase in (NEWS_PHASE, "before"):
            has = (market, phase) in spans.index
            start, end = spans.loc[(market, phase)] if has else (pd.NaT, pd.NaT)
            row |= {
                f"{phase}_on": start,
                f"{phase}_days": (end - start).days + 1 if has else np.nan,
            }
        rows[market] = row
    frame = pd.DataFrame.from_dict(rows, orient="index")
    dates = ["phases_on", f"{NEWS_PHASE}_on", "before_on"]
    return frame.astype(dict.fromkeys(dates, "datetime64[us]")).rename_axis("market")


def _part_seen(units: Floats, rate: pd.Series, frame: pd.DataFrame, scope: Scope) -> Floats:
    """Return of each world's total what falls on the days seen; every unit by its own chance."""
    day = scope.as_of(STEP)
    seen = np.zeros_like(units)
    for row, (key, share) in enumerate(zip(frame.index, rate.fillna(0.0), strict=True)):
        if share >= 1:
            seen[row] = units[row]
        elif share > 0:
            text = "|".join((scope.seller.seller, f"{day[key[0]]}", *key, f"{rate.name}"))
            seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
            seen[row] = np.random.default_rng(seed).binomial(units[row].astype(int), share)
    return seen


def _terms(
    frame: pd.DataFrame, exits: pd.DataFrame | None, draws: pd.DataFrame, scope: Scope
) -> Terms:
    otherwise = frame["leftover_revenue"].fillna(0.0).to_numpy(dtype=float)
    listed = tables.empty(tables.Exits) if exits is None else exits
    room, revenue = exit_ladders(listed, frame.index, otherwise)
    late_warm, late_rest = _missed_if_late(frame, draws)

    def money(column: str, unknown: float = 0.0) -> Floats:
        return frame[column].fillna(unknown).to_numpy(dtype=float)

    known = (frame["decide_on"] >= frame["slow_shelf_by"]).to_numpy(dtype=bool)
    return Terms(
        net_price=money("price") - money("selling_cost"),
        penalty_cost=money("price") * scope.policy.stock_out_penalty_rate,
        slow_cost=money("slow_cost", NO_WAY_COST),
        fast_cost=money("fast_cost", NO_WAY_COST),
        slow_on_time=money("slow_on_time", NO_WAY_ON_TIME),
        fast_on_time=money("fast_on_time", NO_WAY_ON_TIME),
        late_warm=late_warm,
        late_rest=late_rest,
        is_late_known=known,
        exit_revenue=revenue,
        exit_units=np.cumsum(room, axis=1),
    )


def _missed_if_late(frame: pd.DataFrame, draws: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return which shares of demand before the sale, and from it on, late goods come too late for.

    A phase's demand counts as spread evenly over its days.
    """
    arrive_on = frame["slow_shelf_by"] + pd.to_timedelta(frame["slow_late_days"], unit="D")
    markets = frame.index.get_level_values("market")
    warm, missed, whole = (np.zeros(len(frame)) for _ in range(3))
    for phase, spans in draws[draws["phase"].isin(HORIZON_PHASES)].groupby("phase"):
        span = spans.groupby("market")[["starts_on", "ends_on"]].first().reindex(markets)
        days = (span["ends_on"] - span["starts_on"]).dt.days.to_numpy() + 1
        over = (arrive_on.to_numpy() - span["starts_on"].to_numpy()) / np.timedelta64(1, "D")
        share = np.nan_to_num(np.clip(over / days, 0.0, 1.0))
        if phase == NEWS_PHASE:
            warm = share
        else:
            mean = market_draws(draws, phases=(phase,))[1].mean(axis=1)
            missed, whole = missed + mean * share, whole + mean
    rest = np.divide(missed, whole, out=np.zeros(len(frame)), where=whole > 0)
    return np.where(rest > 0, 1.0, warm), rest
