"""Past events, forecast from what was known before each and held against the truth.

Knows how to go back in time and look only at what stood there; the forecast is
that of the plan, beside it stand the rule analysts keep in a spreadsheet and the
last week repeated. How good all that was is told by `record`.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

import numpy as np
import pandas as pd

from planner.campaign import Demand, MarketPlan
from planner.demand.baseline import fit_baseline
from planner.demand.clean import KEYS, panel_of
from planner.demand.forecast import draw_demand
from planner.demand.past_plans import MIN_HISTORY_DAYS, known_then, past_plans
from planner.demand.rules_of_thumb import naive_units, rule_units
from planner.demand.uplift import estimate_uplift
from planner.tables import PROMO_PHASES, Backtest, Drivers, checked, empty

MAX_EVENTS = 12
"""Events of a market replayed at most, the latest: a year of double dates. [events]"""
LEVELS = {
    "q025_units": 0.025,
    "q10_units": 0.10,
    "q50_units": 0.50,
    "q80_units": 0.80,
    "q90_units": 0.90,
    "q95_units": 0.95,
    "q975_units": 0.975,
}
"""Quantiles a replay keeps: those the ranges and the pinball loss are scored by."""


def replay_events(
    daily: pd.DataFrame,
    events: pd.DataFrame,
    *,
    lead_days: Mapping[str, int] | int,
    priors: pd.DataFrame,
    memory: pd.DataFrame,
    catalogue: pd.DataFrame,
    seed_text: str,
    stock_history: pd.DataFrame | None = None,
    drivers: pd.DataFrame | None = None,
    said: pd.DataFrame | None = None,
    launch: pd.DataFrame | None = None,
    most: int = MAX_EVENTS,
) -> pd.DataFrame:
    """Return forecast and truth of each market's past events, the latest `most` of them.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales`.
    events : DataFrame
        Table `Events`.
    lead_days : int or Mapping of str to int
        Days from the cut-off to the event's first day, by market. [days]
    priors, memory, catalogue : DataFrame
        As for `uplift.estimate_uplift`.
    seed_text : str
        What the draws follow from.
    stock_history : DataFrame, optional
        Table `StockHistory`; without it, lack of stock shortly before a cut-off is judged from
        sales alone.
    drivers : DataFrame, optional
        Table `Drivers`, of past promotions.
    said : DataFrame, optional
        The same without what only sales told afterwards, such as prices paid: all that may be
        known of the event replayed. Without it nothing is.
    launch : DataFrame, optional
        Register `LaunchCurve`.
    most : int
        Events of a market at most. [events]

    Returns
    -------
    DataFrame
        Table `Backtest`; without rows where no event has four weeks of sales before its
        cut-off. SKUs unknown at the cut-off, or without a day in stock during the event, or
        that took no part in it are not in it.

    Notes
    -----
    All phases of the event are summed. Days without stock are left out of truth, forecasts and
    rule alike. The rule: clean mean of the last 28 days, times the last promotion's multiplier
    on sale days; a SKU without one takes the median of the others. Naive: the same weekday of
    the last known week.

    What each replay may see: sales before its cut-off; memory that ended before it; stock-out
    marks after a SKU's last sale before it are judged again without what came later. Promotion
    days are taken from today's calendar, which names past days only. What cannot be cut from the
    daily table: orders cancelled after the cut-off are gone from it already, marks between two
    sales rest on rates learnt from the whole history, and categories and priors are today's.
    """
    tables = []
    for market, part in daily.groupby("market", sort=True):
        lead = lead_days if isinstance(lead_days, int) else lead_days.get(market)
        if lead is None:
            continue
        first = part["day"].min() + pd.Timedelta(days=MIN_HISTORY_DAYS + max(lead, 1))
        for plan in past_plans(events, market, end=part["day"].max(), start=first)[-most:]:
            cut_off = pd.Timestamp(plan.phases.start - timedelta(days=max(lead, 1)))
            past = memory[memory["ended_on"] < cut_off] if len(memory) else memory
            estimate = partial(
                estimate_uplift,
                events=events,
                priors=priors,
                memory=past,
                catalogue=catalogue,
                drivers=drivers,
                drivers_ahead=empty(Drivers) if said is None else said,
            )
            baseline = partial(fit_baseline, catalogue=catalogue, launch=launch)
            known = known_then(part, cut_off, stock_history=stock_history)
            truth = _truth(part, plan)
            tables.append(_replayed(known, truth, plan, cut_off, baseline, estimate, seed_text))
    tables = [table for table in tables if len(table)]
    return checked(Backtest, pd.concat(tables, ignore_index=True)) if tables else empty(Backtest)


def last_of(replay: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of each market's last replayed event.

    Parameters
    ----------
    replay : DataFrame
        Table `Backtest`.
    """
    last = replay.groupby("market")["starts_on"].transform("max")
    return replay[replay["starts_on"] == last].reset_index(drop=True)


def _replayed(
    known: pd.DataFrame,
    truth: pd.DataFrame,
    plan: MarketPlan,
    cut_off: pd.Timestamp,
    fit_at: Callable,
    estimate: Callable,
    seed_text: str,
) -> pd.DataFrame:
    actual = truth.groupby(KEYS)["units"].sum()
    if known.empty or truth.merge(known[KEYS].drop_duplicates(), on=KEYS).empty:
        return empty(Backtest)
    market = known["market"].iloc[0]
    starts_on, plans = pd.Timestamp(plan.phases.start), {market: plan}
    fit, baseline = fit_at(known, until={market: plan.next_replenishment_on})
    ratios = estimate(known, baseline, plans=plans, fit=fit)
    ahead = baseline.merge(truth[[*KEYS, "day", "units"]], on=[*KEYS, "day"])
    seed = f"{seed_text}|{cut_off:%Y-%m-%d}"
    draws = draw_demand(fit, ahead, ratios, plans=plans, demand=Demand(), seed_text=seed)
    totals = draws[draws["phase"].isin(PROMO_PHASES)].groupby(KEYS, sort=True)["draws"].sum()
    totals = totals[totals.index.isin(actual.index)]
    worlds, sold = np.stack(totals.to_list()), actual.reindex(totals.index).to_numpy(dtype=float)
    told = dict(zip(LEVELS, np.quantile(worlds, list(LEVELS.values()), axis=1), strict=True))
    of_sale = ratios[ratios["phase"] == "sale"].set_index(KEYS)["past_events"]
    panel = panel_of(known)
    return totals.index.to_frame(index=False).assign(
        event=plan.event,
        kind=str(plan.kind),
        starts_on=starts_on,
        cut_off_on=cut_off,
        lead_days=int((starts_on - cut_off).days),
        past_events=of_sale.reindex(totals.index).fillna(0).astype("int64").to_numpy(),
        actual_units=sold,
        mean_units=worlds.mean(axis=1),
        **told,
        rule_units=rule_units(panel, truth).reindex(totals.index).to_numpy(),
        naive_units=naive_units(panel, truth).reindex(totals.index).to_numpy(),
        is_covered=(told["q10_units"] <= sold) & (sold <= told["q90_units"]),
    )


def _truth(part: pd.DataFrame, plan: MarketPlan) -> pd.DataFrame:
    """Return the event's days in stock of SKUs that took part, and the phase they lie in."""
    phase = pd.Series("", index=part.index, dtype="str")
    for name, span in plan.phases.named().items():
        inside = part["day"].between(pd.Timestamp(span.start), pd.Timestamp(span.end))
        phase[inside] = name
    inside = part.assign(phase=phase, is_promo=part["phase"] != "")[phase != ""]
    took_part = inside.groupby(KEYS)["is_promo"].transform("any").astype(bool)
    return inside[took_part & ~inside["is_stock_out"]]
