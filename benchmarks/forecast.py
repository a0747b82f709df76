"""Forecast of the coming campaign against simulated truth, beside the usual peers.

Worlds like the demo sellers, other seeds. Each forecaster sees daily sales up to
the planning day only; the score is against what buyers wanted, stock-outs or
not. Run: ``python run.py bench forecast [--short]``.
"""

import argparse
import logging
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.results import write_results
from benchmarks.world import SPECS, Truth, simulate
from benchmarks.world_demand import phase_days
from benchmarks.world_specs import Spec
from planner.campaign import Demand, MarketPlan
from planner.demand.accuracy import SCORED_LEVELS, bias, coverage, wape, weighted_quantile_loss
from planner.demand.backtest import rule_units
from planner.demand.baseline import fit_baseline
from planner.demand.clean import panel_of
from planner.demand.forecast import draw_demand
from planner.demand.seasons import quiet_prophet
from planner.demand.uplift import estimate_uplift
from planner.desk.home import find_home
from planner.intake.rules import read_register
from planner.tables import (
    PROMO_PHASES,
    Catalogue,
    DailySales,
    Events,
    UpliftMemory,
    UpliftPriors,
    checked,
    empty,
)

CAMPAIGN = "demo-2025-peak"
SEEDS = tuple(range(101, 109))
SHORT_SEEDS = (101,)
KEYS = ["shop", "market", "sku"]


class Case(NamedTuple):
    """One world as a forecaster may see it, and what it must not see."""

    spec: Spec
    daily: pd.DataFrame
    events: pd.DataFrame
    catalogue: pd.DataFrame
    priors: pd.DataFrame
    plans: dict[str, MarketPlan]
    wanted: pd.Series


Quantiles = dict[float, np.ndarray]
Forecaster = Callable[[Case], tuple[np.ndarray, Quantiles | None]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark, write its results and show them."""
    logging.disable(logging.INFO)  # cmdstanpy tells of the first fit before it can be held back
    parser = argparse.ArgumentParser(prog="bench forecast", description=__doc__)
    parser.add_argument("--short", action="store_true", help="one world per demo seller")
    is_short = parser.parse_args(arguments).short
    rows = [
        score_row(name, seller, cases)
        for seller in SPECS
        for cases in [[case_of(seller, seed) for seed in (SHORT_SEEDS if is_short else SEEDS)]]
        for name in FORECASTERS
    ]
    page = write_results(
        "forecast",
        pd.DataFrame(rows),
        title="Forecast of the coming campaign against simulated truth",
        notes=(
            "Window: warm-up, sale and tail of the campaign, one total per shop and SKU, planned"
            " 6 to 8 weeks ahead. Truth: units wanted, stock-outs undone.",
            "wape, bias: of the point forecast. wql: pinball loss at .5 .8 .9 .95, doubled, over"
            " demand. cover80: share of totals inside the 80 % range (nominal 0.80).",
            "The worlds are simulated by this project's own world, with its own noise; they say how"
            " well the engine finds a truth of that kind, not how it does on real sellers.",
        ),
        is_short=is_short,
    )
    print(page.read_text(encoding="utf-8"), page, sep="\n")


def case_of(seller: str, seed: int) -> Case:
    """Return one simulated seller as seen on the planning day."""
    truth = simulate(SPECS[seller], seed)
    home = find_home()
    campaign = home.campaign(CAMPAIGN)
    markets = [market for market in campaign.markets if market in truth.spec.seller.markets]
    plans = {market: campaign.markets[market] for market in markets}
    seen_until = pd.Timestamp(campaign.as_of_day(markets[0], 2))
    return Case(
        truth.spec,
        daily_sales(truth, seen_until),
        _events(truth.spec, seen_until),
        _catalogue(truth.spec),
        read_register(home.rules_folder("uplift_priors.csv"), UpliftPriors),
        plans,
        _wanted(truth, plans),
    )


def daily_sales(truth: Truth, until: pd.Timestamp) -> pd.DataFrame:
    """Return the truth's sales before a day in the form that notebook 01 hands on."""
    daily = truth.daily[truth.daily["day"] < until].copy()
    promo = pd.Series("", index=truth.days), pd.Series("", index=truth.days)
    for one in truth.spec.promos:
        for phase, chosen in phase_days(truth.days, one).items():
            promo[0][chosen], promo[1][chosen] = one.event, phase
    empties = truth.stock_outs[["sku", "day"]].assign(is_stock_out=True)
    daily = daily.merge(empties, on=["sku", "day"], how="left")
    daily["is_stock_out"] = daily["is_stock_out"].eq(True)
    daily["event"], daily["phase"] = daily["day"].map(promo[0]), daily["day"].map(promo[1])
    daily["units"] = daily["sales_units"].round().astype("int64")
    daily = daily.assign(revenue_minor=0, cancelled_units=0)
    return checked(DailySales, daily[list(empty(DailySales).columns)])


def planner_engine(case: Case) -> tuple[np.ndarray, Quantiles]:
    """Forecast with this project's engine."""
    draws = planner_draws(case)
    inside = draws[draws["phase"].isin(PROMO_PHASES)]
    totals = inside.groupby(KEYS)["draws"].agg(lambda part: np.sum(np.stack(list(part)), axis=0))
    worlds = np.stack(totals.reindex(case.wanted.index).to_list())
    return worlds.mean(axis=1), _quantiles(worlds)


def planner_draws(case: Case) -> pd.DataFrame:
    """Return this project's draws of demand by phase, table `DemandDraws`."""
    until = {market: plan.next_replenishment_on for market, plan in case.plans.items()}
    fit, baseline = fit_baseline(case.daily, until=until, catalogue=case.catalogue)
    ratios = estimate_uplift(
        case.daily,
        baseline,
        plans=case.plans,
        events=case.events,
        priors=case.priors,
        memory=empty(UpliftMemory),
        catalogue=case.catalogue,
        fit=fit,
    )
    return draw_demand(
        fit, baseline, ratios, plans=case.plans, demand=Demand(), seed_text="benchmark"
    )


def spreadsheet_rule(case: Case) -> tuple[np.ndarray, None]:
    """Forecast by the last promotion's multiplier times the clean mean of 28 days."""
    panel = panel_of(case.daily, catalogue=case.catalogue)
    return rule_units(panel, _window(case)).reindex(case.wanted.index).to_numpy(), None


def seasonal_naive(case: Case) -> tuple[np.ndarray, None]:
    """Forecast every day as the same weekday of the last known week."""
    last = case.daily["day"].max()
    week = case.daily[case.daily["day"] > last - timedelta(days=7)]
    per_weekday = week.set_index([*KEYS, week["day"].dt.day_of_week])["units"]
    return _by_day(case, lambda key, day: per_weekday.get((*key, day.day_of_week), 0.0)), None


def prophet_with_promos(case: Case) -> tuple[np.ndarray, Quantiles]:
    """Forecast each SKU with Prophet and one regressor per promo phase, stock-outs masked."""
    window = _window(case)
    worlds = np.stack([_prophet_worlds(case, key, window) for key in case.wanted.index])
    return worlds.mean(axis=1), _quantiles(worlds)


FORECASTERS: dict[str, Forecaster] = {
    "planner": planner_engine,
    "spreadsheet rule": spreadsheet_rule,
    "seasonal naive": seasonal_naive,
    "prophet per SKU + promo": prophet_with_promos,
}


def score_row(name: str, seller: str, cases: Sequence[Case]) -> dict[str, object]:
    """Return one line of the result: a forecaster on the worlds of one seller."""
    started = time.perf_counter()
    told = [FORECASTERS[name](case) for case in cases]
    seconds = time.perf_counter() - started
    wanted = np.concatenate([case.wanted.to_numpy() for case in cases])
    point = np.concatenate([mean for mean, _ in told])
    row: dict[str, object] = {
        "seller": seller,
        "forecaster": name,
        "worlds": len(cases),
        "series": len(wanted),
        "wape": round(wape(wanted, point), 3),
        "bias": round(bias(wanted, point), 3),
    }
    ranges = [quantiles for _, quantiles in told if quantiles is not None]
    if ranges:
        joined = {level: np.concatenate([part[level] for part in ranges]) for level in ranges[0]}
        row["wql"] = round(
            weighted_quantile_loss(wanted, {level: joined[level] for level in SCORED_LEVELS}), 3
        )
        row["cover80"] = round(coverage(wanted, joined[0.1], joined[0.9]), 3)
    row["ms_per_series"] = round(1000 * seconds / len(wanted), 2)
    return row


def _wanted(truth: Truth, plans: dict[str, MarketPlan]) -> pd.Series:
    daily = truth.daily
    inside = pd.Series(False, index=daily.index)
    for market, plan in plans.items():
        span = (pd.Timestamp(plan.phases.start), pd.Timestamp(plan.phases.end))
        inside |= daily["market"].eq(market) & daily["day"].between(*span)
    return daily[inside].groupby(KEYS)["demand_units"].sum()


def _events(spec: Spec, until: pd.Timestamp) -> pd.DataFrame:
    rows = [
        {
            "event": promo.event,
            "kind": promo.kind,
            "market": market,
            "phase": phase,
            "starts_on": pd.Timestamp(span.start),
            "ends_on": pd.Timestamp(span.end),
        }
        for promo in spec.promos
        for phase, span in promo.phases.named().items()
        for market in spec.seller.markets
        if pd.Timestamp(promo.phases.end) < until
    ]
    frame = pd.DataFrame(rows).astype({"starts_on": "datetime64[us]", "ends_on": "datetime64[us]"})
    return checked(Events, frame)


def _catalogue(spec: Spec) -> pd.DataFrame:
    goods = {listing.sku: listing.category for listing in spec.listings}
    frame = empty(Catalogue).reindex(range(len(spec.skus)))
    frame["sku"] = list(spec.skus)
    frame["category"] = [goods.get(sku, "") for sku in spec.skus]
    texts = ["name", "hs_code", "barcode", "certificates", "like_sku"]
    flags = ["has_battery", "has_liquid", "has_powder"]
    frame[texts], frame[flags] = "", False
    kinds = dict.fromkeys(flags, bool) | dict.fromkeys(texts, "str")
    return checked(Catalogue, frame.astype(kinds))


def _window(case: Case) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"market": market, "day": pd.date_range(span.start, span.end), "phase": phase})
        for market, plan in case.plans.items()
        for phase, span in plan.phases.named().items()
    ]
    days = pd.concat(parts, ignore_index=True)
    keys = case.wanted.index.to_frame(index=False)
    return keys.merge(days, on="market")


def _by_day(case: Case, told: Callable[[tuple[str, ...], pd.Timestamp], float]) -> np.ndarray:
    window = _window(case)
    values = [told(row[:3], row[3]) for row in window[[*KEYS, "day"]].itertuples(index=False)]
    return window.assign(told=values).groupby(KEYS)["told"].sum().to_numpy()


def _prophet_worlds(case: Case, key: tuple[str, ...], window: pd.DataFrame) -> np.ndarray:
    own = case.daily.set_index(KEYS).loc[key].sort_values("day")
    known = pd.DataFrame({"ds": own["day"].to_numpy(), "phase": own["phase"].to_numpy()})
    known["y"] = np.where(own["is_stock_out"], np.nan, own["units"].astype(float))
    ahead = window.set_index(KEYS).loc[key].rename(columns={"day": "ds"})[["ds", "phase"]]
    model = quiet_prophet(weekly_seasonality=True, daily_seasonality=False)
    for phase in PROMO_PHASES:
        if known["phase"].eq(phase).any():
            model.add_regressor(phase, standardize=False)
        for part in (known, ahead):
            part[phase] = part["phase"].eq(phase).astype(float)
    np.random.seed(1)
    model.fit(known, seed=1)
    return np.maximum(model.predictive_samples(ahead)["yhat"], 0).sum(axis=0)


def _quantiles(worlds: np.ndarray) -> Quantiles:
    levels = (0.1, *SCORED_LEVELS)
    return dict(zip(levels, np.quantile(worlds, levels, axis=1), strict=True))


if __name__ == "__main__":
    main()
