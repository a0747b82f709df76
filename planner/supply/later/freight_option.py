"""Freight as an option: what goes now and slow, what waits for warm-up sales to go fast.

Knows by which two ways each SKU can go, until when one can wait, and what will have been seen by
then. Days and money are read by `waiting`; the arithmetic is `two_stage` and `news_worth`.
"""

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.supply.later.news_worth import Weighed, weigh
from planner.supply.later.waiting import Waiting, waiting_case


def weigh_options(
    draws: pd.DataFrame,
    position: pd.DataFrame,
    economics: pd.DataFrame,
    ways: pd.DataFrame,
    exits: pd.DataFrame | None,
    *,
    scope: Scope,
    with_before: bool = False,
) -> pd.DataFrame:
    """Return for each market and SKU what to send now, what to hold back, and what that is worth.

    Parameters
    ----------
    draws, position, economics : DataFrame
        Tables `DemandDraws`, `StockPosition` and `UnitEconomics`.
    ways : DataFrame
        Table `SkuWays`: the cheapest way allowed is the slow one; the fast one is the cheapest
        of the quicker ones that can still be waited for, else the quickest.
    exits : DataFrame or None
        Table `Exits`; without rows a unit left over brings `leftover_revenue`.
    scope : Scope
    with_before : bool
        Whether sales from now to the warm-up count as news too.

    Returns
    -------
    DataFrame
        Table `FreightOptions`, in whole units before cartons. Where waiting adds nothing,
        `now_units` is the best order of all at once and `held_units` 0; `slow_mode` then is the
        way that order goes, which is the fast one where that earns more. Where money is unknown
        profits are empty and nothing is advised.

    Notes
    -----
    ``decide_on = ship_by of the fast way + days from the first phase day to the sale``: shipped
    then, goods are on the shelf as the sale begins. Goods held back wait ready at their origin
    and are paid for when they leave. What is seen are units wanted on warm-up days before
    `decide_on`: of each world's warm-up total a binomial share, for days are not drawn.

    Slow goods are late with chance ``1 - on_time_rate``, by `late_days` after the first phase
    day. That they are late is known on `decide_on` if their day on the shelf is past by then:
    the fast way then is insurance as well; if not, both stages are laid out for either.
    Days of a phase count alike. Late fast goods are left over.

    `single_profit` has the basis of `StockPlan.expected_profit`: what is owned costs nothing more.
    """
    if draws.empty:
        return tables.empty(tables.FreightOptions)
    case = waiting_case(draws, position, economics, ways, exits, scope, with_before=with_before)
    found = weigh(case.worlds, case.terms)
    frame = _told(case, found, scope)
    frame["currency"] = scope.seller.currency
    frame = frame.reset_index()
    return tables.checked(tables.FreightOptions, frame[tables.columns(tables.FreightOptions)])


def _told(case: Waiting, found: Weighed, scope: Scope) -> pd.DataFrame:
    """Return the columns of the table, unknown where the case is."""
    frame, terms = case.frame, case.terms
    is_unknown = frame["is_unknown"].to_numpy()
    waits = ~is_unknown & (found.gain > 0) & case.worlds.news.any(axis=1)
    fast_wins = ~waits & (found.fast_profit > found.single_profit)
    single = np.maximum(found.single_profit, found.fast_profit)
    now = np.where(waits, found.now_units, np.where(fast_wins, found.fast_units, found.plain_units))
    slow, fast = (frame[f"{which}_mode"].fillna("").astype("str") for which in ("slow", "fast"))
    table = pd.DataFrame(index=frame.index).assign(
        slow_mode=slow.where(~fast_wins, fast),
        fast_mode=fast,
        now_units=np.where(is_unknown, 0, np.rint(now)).astype("int64"),
        held_units=np.where(waits, np.rint(found.later_units), 0).astype("int64"),
        trigger_units=np.where(waits, found.trigger_units, np.nan),
        decide_on=frame["decide_on"],
        single_profit=np.where(is_unknown, np.nan, single),
        option_profit=np.where(is_unknown, np.nan, np.where(waits, found.gain, 0.0)),
        is_worth=waits,
    )
    facts = table.assign(
        is_unknown=frame["price"].isna() | frame["selling_cost"].isna(),
        has_news=case.worlds.news.any(axis=1),
        is_dear=terms.fast_cost >= terms.net_price + terms.penalty_cost,
        insures=terms.is_late_known & (terms.slow_on_time < 1),
        late_rate=1 - terms.slow_on_time,
        fast_wins=fast_wins,
        currency=scope.seller.currency,
    )
    table["reason"] = [_reason(row) for row in facts.to_dict("records")]
    return table


def _reason(row: dict) -> str:
    """Return why one waits or does not; what holds is looked for in this order."""
    if not row["slow_mode"]:
        return "reason.option_no_way"
    if row["is_unknown"]:
        return "reason.economics_unknown"
    if row["is_worth"]:
        told = f"reason.option_pays|profit={row['option_profit']:.0f}|currency={row['currency']}"
        insured = f";reason.option_insures|late={row['late_rate']:.3f}"
        return told + (insured if row["insures"] else "")
    if not row["fast_mode"]:
        return "reason.option_one_way"
    if row["fast_wins"]:
        return f"reason.option_fast_at_once|mode={row['fast_mode']}"
    if row["is_dear"]:
        return "reason.option_fast_dear"
    if not row["has_news"]:
        return f"reason.option_no_news|day={row['decide_on']:%Y-%m-%d}"
    return "reason.option_teaches_nothing"
