"""Orders replayed on what came, or on all that could have come; and the plan of two stages.

Money is the published table of `accuracy_profit`; the arithmetic is the product's own.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.accuracy_profit import LANDED_COST, LEFTOVER, PRICE
from benchmarks.decide_policies import (
    FORECAST_BUFFER,
    FORECAST_PLUS,
    NEWSVENDOR,
    OURS,
    ratio_of_goods,
    rules_of_thumb,
)
from planner.demand.clean import Floats
from planner.demand.peers import Windows
from planner.supply.later.news_worth import learn, weigh
from planner.supply.later.two_stage import Rule, Terms, Worlds, earned, ratio_of_fast
from planner.supply.quantity.newsvendor import optimal_units

ORACLE = "oracle"
FAST_COST = 8.2
"""Landed by air: goods of 5 and four times the sea freight of 0.8."""
SEA_LATE = 0.1
"""Share of sea trips that are late where two ways are open; section 4 of the design page."""


class Replay(NamedTuple):
    """One planning day of one seller: what was known, what policies need, what came."""

    set: str
    event: tuple[str, ...]
    """Of each series: what is drawn with replacement for the intervals."""
    windows: Windows
    mean: Floats
    """Of our forecast of the window, shape (n,). [units]"""
    quantile: Callable[[float], Floats]
    truth: Worlds
    """What came, shape (n, 1), or all that could have come."""
    is_distribution: bool
    """Whether `truth` is the whole distribution, so that an oracle can know it."""
    guessed: Worlds | None = None
    """Our draws by stage, where two ways are open."""
    seen_days: int = 0
    late_warm: float = 0.0
    late_rest: float = 0.0


class Plan(NamedTuple):
    """An order, and what would follow it."""

    now: Floats
    rule: Rule | None = None
    ratio: Floats | None = None


def replayed(case: Replay, goods: str) -> pd.DataFrame:
    """Return by policy and event what was earned, sold, ordered, wanted; sums over series.

    Parameters
    ----------
    case : Replay
    goods : str
        A key of `accuracy_profit.LEFTOVER`.
    """
    terms = terms_of(case, goods)
    plans = plans_of(case, terms, goods)
    if case.is_distribution:
        plans[ORACLE] = best_plan(case.truth, terms, two_ways=case.guessed is not None, goods=goods)
    wanted = (case.truth.warm + case.truth.rest).mean(axis=1)
    parts = []
    for policy, plan in plans.items():
        made, later = earned(case.truth, terms, plan.now, plan.rule, ratio=plan.ratio)
        sold, _ = earned(case.truth, _counting(terms), plan.now, plan.rule, ratio=plan.ratio)
        part = pd.DataFrame(
            {
                "event": case.event,
                "profit": made.mean(axis=1),
                "foresight": (PRICE - LANDED_COST) * wanted,
                "wanted": wanted,
                "sold": sold.mean(axis=1),
                "ordered": plan.now + later.mean(axis=1),
                "forecast": case.mean,
                "met": (case.truth.warm + case.truth.rest <= plan.now[:, None]).mean(axis=1),
                "series": 1,
            }
        )
        parts.append(part.groupby("event", as_index=False).sum().assign(policy=policy))
    return pd.concat(parts, ignore_index=True).assign(set=case.set, goods=goods)


def plans_of(case: Replay, terms: Terms, goods: str) -> dict[str, Plan]:
    """Return the plan of every policy, in whole units."""
    simple = rules_of_thumb(case.windows) | {FORECAST_PLUS: FORECAST_BUFFER * case.mean}
    simple[NEWSVENDOR] = case.quantile(ratio_of_goods(goods))
    plans = {name: Plan(np.rint(np.maximum(units, 0.0))) for name, units in simple.items()}
    plans[OURS] = plans[NEWSVENDOR]
    if case.guessed is not None:
        plans[OURS] = best_plan(case.guessed, terms, two_ways=True, goods=goods)
    return plans


def best_plan(worlds: Worlds, terms: Terms, *, two_ways: bool, goods: str) -> Plan:
    """Return the plan that earns most in some worlds, with a second stage where that pays."""
    if not two_ways:
        return Plan(optimal_units(worlds.warm + worlds.rest, ratio_of_goods(goods)))
    found = weigh(worlds, terms)
    ratio = np.where(found.gain > 0, ratio_of_fast(terms, worlds), 0.0)
    return Plan(found.now_units, learn(worlds, ratio), ratio)


def terms_of(case: Replay, goods: str) -> Terms:
    """Return the published money of every series."""
    ones = np.ones(len(case.mean))
    is_late = SEA_LATE if case.guessed is not None else 0.0
    return Terms(
        net_price=PRICE * ones,
        penalty_cost=0.0 * ones,
        slow_cost=LANDED_COST * ones,
        fast_cost=FAST_COST * ones,
        slow_on_time=(1 - is_late) * ones,
        fast_on_time=ones,
        late_warm=case.late_warm * ones,
        late_rest=case.late_rest * ones,
        is_late_known=np.full(len(ones), case.seen_days > 0),
        exit_revenue=LEFTOVER[goods] * LANDED_COST * ones[:, None],
        exit_units=np.inf * ones[:, None],
    )


def _counting(terms: Terms) -> Terms:
    """Return terms under which what is earned are the units sold."""
    nothing = np.zeros_like(terms.slow_cost)
    return terms._replace(
        net_price=nothing + 1.0,
        slow_cost=nothing,
        fast_cost=nothing,
        exit_revenue=np.zeros_like(terms.exit_revenue),
    )
