"""Freight as an option: which cartons of the order wait for warm-up sales to go fast.

Knows the plan's own order and by which two ways each SKU can go, until when one can wait, and
what will have been seen by then. Days and money are read by `waiting`; the arithmetic is
`two_stage` and `news_worth`.
"""

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.supply.later.news_worth import Order, Weighed, weigh
from planner.supply.later.waiting import Waiting, waiting_case
from planner.supply.quantity.newsvendor import KEYS

LEAST_GAIN = 0.005
"""Share of the order's profit below which a second shipment, its booking and paperwork, none of
which is priced, is not advised. House judgement, no source. [unitless]"""


def weigh_options(
    draws: pd.DataFrame,
    position: pd.DataFrame,
    economics: pd.DataFrame,
    ways: pd.DataFrame,
    exits: pd.DataFrame | None,
    *,
    mode_plan: pd.DataFrame,
    catalogue: pd.DataFrame,
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
    mode_plan, catalogue : DataFrame
        Tables `ModePlan` and `Catalogue`: the order that is parted, its cartons and minimum.
    scope : Scope
    with_before : bool
        Whether sales from now to the warm-up count as news too.

    Returns
    -------
    DataFrame
        Table `FreightOptions`: `now_units` and `held_units` together are the plan's order, what
        is held is whole cartons, and what goes now is no less than the minimum order. Where
        waiting adds nothing all of it goes now. Where money is unknown profits are empty and
        nothing is advised.

    Notes
    -----
    ``decide_on = ship_by of the fast way + days from the first phase day to the sale``: shipped
    then, goods are on the shelf as the sale begins. Goods held back wait ready at their origin
    and are paid for when they leave. What is seen are units wanted on warm-up days before
    `decide_on`: of each world's warm-up total a binomial share, for days are not drawn.

    Slow goods are late with chance ``1 - on_time_rate``, by `late_days` after the first phase
    day. That they are late is known on `decide_on` if their day on the shelf is past by then:
    the fast way then is insurance as well; if not, both stages are laid out for either.
    Days of a phase count alike. Late fast goods are left over. No more follows than was held.

    Only an order that goes whole by the cheapest way is parted: another was parted, or sent
    another way, by a limit. Gains below `LEAST_GAIN` of the order's profit are not advised.

    `single_profit` has the basis of `StockPlan.expected_profit`: what is owned costs nothing more.
    """
    if draws.empty:
        return tables.empty(tables.FreightOptions)
    case = waiting_case(draws, position, economics, ways, exits, scope, with_before=with_before)
    is_open = case.frame.index.isin(pd.MultiIndex.from_frame(ways.loc[ways["is_allowed"], KEYS]))
    goods = _ordered(case.frame.assign(has_way=is_open), mode_plan, catalogue)
    units, carton, least = (goods[name].to_numpy() for name in ("units", "carton", "least"))
    found = weigh(case.worlds, case.terms, Order(units, carton, least))
    frame = _told(case, goods, found)
    frame["currency"] = scope.seller.currency
    frame["reason"] = [_reason(row) for row in frame.to_dict("records")]
    frame = frame.reset_index()
    return tables.checked(tables.FreightOptions, frame[tables.columns(tables.FreightOptions)])


def _ordered(goods: pd.DataFrame, mode_plan: pd.DataFrame, catalogue: pd.DataFrame) -> pd.DataFrame:
    """Return the goods with the order of each, its cartons, and whether it goes the slow way."""
    sent = mode_plan[mode_plan["units"] > 0]
    units = sent.groupby(KEYS)["units"].sum()
    modes = sent.groupby(KEYS)["mode"].agg(lambda names: ";".join(sorted(set(names))))
    packs = catalogue.set_index("sku")[["carton_units", "moq_units"]].astype(float)
    packs = packs.reindex(goods.index.get_level_values("sku")).set_axis(goods.index)
    modes = modes.reindex(goods.index).fillna("").astype("str")
    return goods.assign(
        units=units.reindex(goods.index).fillna(0.0).astype(float),
        modes=modes,
        carton=packs["carton_units"].fillna(1.0),
        least=packs["moq_units"].fillna(0.0),
        is_slow=modes == goods["slow_mode"].fillna("").astype("str"),
    )


def _told(case: Waiting, goods: pd.DataFrame, found: Weighed) -> pd.DataFrame:
    """Return the columns of the table, unknown where the case is; and what the reasons rest on."""
    is_unknown = goods["is_unknown"].to_numpy()
    is_dearer = found.gain >= LEAST_GAIN * np.abs(found.single_profit)
    gains = ~is_unknown & goods["is_slow"].to_numpy() & (found.gain > 0)
    waits = gains & case.worlds.news.any(axis=1) & is_dearer
    held = np.where(waits, found.later_units, 0.0)
    slow, fast = (goods[f"{which}_mode"].fillna("").astype("str") for which in ("slow", "fast"))
    return goods.drop(columns=["currency", "reason"], errors="ignore").assign(
        slow_mode=slow,
        fast_mode=fast,
        now_units=np.rint(goods["units"] - held).astype("int64"),
        held_units=np.rint(held).astype("int64"),
        trigger_units=np.where(waits, found.trigger_units, np.nan),
        single_profit=np.where(is_unknown, np.nan, found.single_profit),
        option_profit=np.where(is_unknown, np.nan, np.where(waits, found.gain, 0.0)),
        is_worth=waits,
        is_small=gains & ~is_dearer,
        gain=found.gain,
        has_news=case.worlds.news.any(axis=1),
        is_dear=case.terms.fast_cost >= case.terms.net_price + case.terms.penalty_cost,
        insures=case.terms.is_late_known & (case.terms.slow_on_time < 1),
    )


def _reason(row: dict) -> str:
    """Return why one waits or does not; what holds is looked for in this order."""
    if row["is_worth"]:
        told = f"reason.option_pays|profit={row['option_profit']:.0f}|currency={row['currency']}"
        late = f"|late={1 - row['slow_on_time']:.3f}|mode={row['slow_mode']}"
        return told + (f";reason.option_insures{late}" if row["insures"] else "")
    return _why_not(row)


def _why_not(row: dict) -> str:
    if not row["has_way"]:
        return "reason.option_no_way"
    if not row["units"]:
        return "reason.option_no_order"
    if row["is_unknown"]:
        return "reason.option_unknown"
    if not row["fast_mode"]:
        return "reason.option_one_way"
    if not row["is_slow"]:
        return "reason.option_by_limits"
    if row["units"] - row["carton"] < row["least"]:
        return "reason.option_one_lot"
    if row["is_dear"]:
        return "reason.option_fast_dear"
    if not row["has_news"]:
        return f"reason.option_no_news|day={row['decide_on']:%Y-%m-%d}"
    if row["is_small"]:
        return f"reason.option_small|profit={row['gain']:.0f}|currency={row['currency']}"
    return "reason.option_teaches_nothing"
