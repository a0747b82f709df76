"""The last past event, forecast from what was known before it and held against the truth.

Knows how to go back in time and look only at what stood there; the forecast is
that of the plan, the rule beside it is the one analysts keep in a spreadsheet.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

import numpy as np
import pandas as pd

from planner.campaign import Demand, MarketPlan, Phases
from planner.demand.baseline import fit_baseline
from planner.demand.clean import KEYS, PHASE_CODES, Floats, Panel, panel_of
from planner.demand.forecast import draw_demand
from planner.demand.level import NEIGHBOUR_DAYS
from planner.demand.uplift import estimate_uplift
from planner.frozen import Span
from planner.tables import PROMO_PHASES, Backtest, checked, empty

MINOR_KINDS = ("mid_month", "payday")
"""Sales too small to tell of a big promotion; replayed only where there was no other."""
MIN_HISTORY_DAYS = 28
"""Days a replay needs before its cut-off. [days]"""
MIN_RULE_DAYS = 5
"""Clean days before a promotion without which a spreadsheet gives no multiplier. [days]"""


def replay_last_event(
    daily: pd.DataFrame,
    events: pd.DataFrame,
    *,
    lead_days: Mapping[str, int] | int,
    priors: pd.DataFrame,
    memory: pd.DataFrame,
    catalogue: pd.DataFrame,
    seed_text: str,
) -> pd.DataFrame:
    """Return forecast and truth of each market's last past event.

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

    Returns
    -------
    DataFrame
        Table `Backtest`; without rows where no event has four weeks of sales before its
        cut-off. SKUs unknown at the cut-off are not in it.

    Notes
    -----
    All phases of the event are summed. Days without stock are left out of truth, forecast and
    rule alike. The rule: clean mean of the last 28 days, times the last promotion's multiplier
    on sale days; a SKU without one takes the median of the others.
    """
    tables = []
    for market, part in daily.groupby("market", sort=True):
        lead = lead_days if isinstance(lead_days, int) else lead_days.get(market)
        plan = last_plan(events, market, end=part["day"].max()) if lead is not None else None
        if plan is None:
            continue
        cut_off = pd.Timestamp(plan.phases.start - timedelta(days=max(lead, 1)))
        if (cut_off - part["day"].min()).days < MIN_HISTORY_DAYS:
            continue
        past = memory[memory["ended_on"] < cut_off] if len(memory) else memory
        estimate = partial(
            estimate_uplift, events=events, priors=priors, memory=past, catalogue=catalogue
        )
        baseline = partial(fit_baseline, catalogue=catalogue)
        tables.append(_replayed(part, plan, cut_off, baseline, estimate, seed_text))
    return checked(Backtest, pd.concat(tables, ignore_index=True)) if tables else empty(Backtest)


def last_plan(events: pd.DataFrame, market: str, *, end: pd.Timestamp) -> MarketPlan | None:
    """Return the last event of a market that was over by `end`, as a plan; None without one.

    Notes
    -----
    The past is taken as it was: phases need not follow each other without a gap.
    """
    rows = events[events["market"] == market]
    spans = rows.groupby("event").agg(ends_on=("ends_on", "max"), kind=("kind", "first"))
    with_sale = rows.loc[rows["phase"] == "sale", "event"]
    over = spans[(spans["ends_on"] <= end) & spans.index.isin(with_sale)]
    if over.empty:
        return None
    major = over[~over["kind"].isin(MINOR_KINDS)]
    chosen = (over if major.empty else major).sort_values("ends_on", kind="stable").iloc[-1]
    of_event = rows[rows["event"] == chosen.name].groupby("phase")
    days = of_event.agg(start=("starts_on", "min"), end=("ends_on", "max"))
    phases = {
        name: Span.model_construct(start=row["start"].date(), end=row["end"].date())
        for name, row in days.iterrows()
    }
    last_day = max(span.end for span in phases.values())
    return MarketPlan.model_construct(
        event=str(chosen.name),
        kind=chosen["kind"],
        phases=Phases.model_construct(**{**dict.fromkeys(PROMO_PHASES), **phases}),
        next_replenishment_on=last_day + timedelta(days=1),
    )


def _replayed(
    part: pd.DataFrame,
    plan: MarketPlan,
    cut_off: pd.Timestamp,
    fit_at: Callable,
    estimate: Callable,
    seed_text: str,
) -> pd.DataFrame:
    market = part["market"].iloc[0]
    known, plans = part[part["day"] < cut_off], {market: plan}
    fit, baseline = fit_at(known, until={market: plan.next_replenishment_on})
    ratios = estimate(known, baseline, plans=plans)
    truth = _truth(part, plan)
    ahead = baseline.merge(truth[[*KEYS, "day", "units"]], on=[*KEYS, "day"])
    seed = f"{seed_text}|{cut_off:%Y-%m-%d}"
    draws = draw_demand(fit, ahead, ratios, plans=plans, demand=Demand(), seed_text=seed)
    totals = draws[draws["phase"].isin(PROMO_PHASES)].groupby(KEYS, sort=True)["draws"].sum()
    actual = truth.groupby(KEYS)["units"].sum().reindex(totals.index, fill_value=0)
    worlds, sold = np.stack(totals.to_list()), actual.to_numpy(dtype=float)
    low, middle, high = np.quantile(worlds, (0.1, 0.5, 0.9), axis=1)
    return totals.index.to_frame(index=False).assign(
        event=plan.event,
        cut_off_on=cut_off,
        actual_units=sold,
        mean_units=worlds.mean(axis=1),
        q10_units=low,
        q50_units=middle,
        q90_units=high,
        rule_units=rule_units(panel_of(known), truth).reindex(totals.index).to_numpy(),
        is_covered=(low <= sold) & (sold <= high),
    )


def rule_units(panel: Panel, window: pd.DataFrame) -> pd.Series:
    """Return what the spreadsheet rule says of a window: last multiplier x clean 28-day mean.

    Parameters
    ----------
    panel : Panel
        Sales known at the cut-off.
    window : DataFrame
        shop, market, sku, day and phase of the days to come that count.

    Returns
    -------
    Series
        Indexed by shop, market and sku. [units]
    """
    n_days = panel.units.shape[1]
    base, _ = _clean_mean(panel, np.full(len(panel.keys), n_days))
    overall, _ = _clean_mean(panel, np.full(len(panel.keys), n_days), days=n_days)
    mean = np.where(np.isnan(base), np.nan_to_num(overall), base)
    multiplier = _last_multiplier(panel)
    known = multiplier[np.isfinite(multiplier)]
    multiplier = np.where(np.isnan(multiplier), np.median(known) if known.size else 1.0, multiplier)
    index = pd.MultiIndex.from_frame(panel.keys[KEYS])
    is_sale = window["phase"] == "sale"
    sale_days = window[is_sale].groupby(KEYS).size().reindex(index, fill_value=0).to_numpy()
    other_days = window[~is_sale].groupby(KEYS).size().reindex(index, fill_value=0).to_numpy()
    return pd.Series(mean * (multiplier * sale_days + other_days), index=index)


def _truth(part: pd.DataFrame, plan: MarketPlan) -> pd.DataFrame:
    """Return the event's days in stock with units sold and the phase they lie in."""
    phase = pd.Series("", index=part.index, dtype="str")
    for name, span in plan.phases.named().items():
        inside = part["day"].between(pd.Timestamp(span.start), pd.Timestamp(span.end))
        phase[inside] = name
    return part.assign(phase=phase)[(phase != "") & ~part["is_stock_out"]]


def _last_multiplier(panel: Panel) -> Floats:
    n_days = panel.units.shape[1]
    column = np.broadcast_to(np.arange(n_days), panel.units.shape)
    sale = (panel.phase == PHASE_CODES["sale"]) & panel.is_known & ~panel.is_stock_out
    last = np.where(sale, column, -1).max(axis=1)
    same = sale & (panel.event == panel.event[np.arange(len(last)), last][:, None])
    same &= column > (last - NEIGHBOUR_DAYS)[:, None]
    first = np.where(same, column, n_days).min(axis=1)
    rate = (panel.units * same).sum(axis=1) / np.maximum(same.sum(axis=1), 1)
    before, count = _clean_mean(panel, first)
    fits = (last >= 0) & (count >= MIN_RULE_DAYS) & (np.nan_to_num(before) > 0)
    return np.where(fits, rate / np.where(fits, before, 1.0), np.nan)


def _clean_mean(
    panel: Panel, end: np.ndarray, *, days: int = NEIGHBOUR_DAYS
) -> tuple[Floats, Floats]:
    """Return mean and number of clean days among the last `days` before column `end`."""
    column = np.arange(panel.units.shape[1])[None, :]
    chosen = panel.is_clean & (column < end[:, None]) & (column >= end[:, None] - days)
    count = chosen.sum(axis=1)
    mean = (panel.units * chosen).sum(axis=1) / np.maximum(count, 1)
    return np.where(count > 0, mean, np.nan), count
