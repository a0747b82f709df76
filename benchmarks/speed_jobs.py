"""What is timed: each job gets its input ready, then the clock runs from input to answer.

Each runs in a process of its own, started by `speed`. Files are read and answers written
inside the clock; what the input of a job in memory costs is not.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.forecast import CAMPAIGN
from benchmarks.speed_inputs import (
    AS_OF,
    DEMO_SELLER,
    EVENT,
    EVENT_END,
    EVENT_START,
    SellerCase,
    events_frame,
    made_sales,
    sales_table,
    seller_case,
    windows_of,
)
from planner.campaign import Demand
from planner.demand import (
    day_curve,
    days_ahead,
    draws,
    evidence,
    forecast,
    own_events,
    own_sales,
    uplift,
)
from planner.demand.baseline import fit_baseline, fit_panel
from planner.demand.peers_learned import PEERS
from planner.demand.pooling import pool
from planner.demand.promotions import past_runs, target_of
from planner.demand.spread import day_noise
from planner.demand.windows import forecast_event
from planner.desk.home import find_home
from planner.desk.own_event import forecast_own
from planner.desk.store import Desk, open_desk
from planner.errors import PlannerError
from planner.supply.charges import costs, economics, packing
from planner.supply.quantity import position, sizing
from planner.supply.trips import lanes
from planner.tables import (
    Bounds,
    DayCurvePriors,
    Fees,
    Lanes,
    ReturnRates,
    RiskWindows,
    UpliftMemory,
    UpliftPriors,
    empty,
)

Work = Callable[[], int]
"""What runs inside the clock; gives the number of SKUs it answered for."""
PEER_JOBS = ("excel", "prophet", "prophet_add", "autoets", "lgbm_recursive", "lgbm_direct")


def csv_file(folder: Path, n_skus: int, n_days: int) -> Work:
    """Time window totals from two CSV files to one."""
    priors = _desk().rules(UpliftPriors)

    def work() -> int:
        sales = pd.read_csv(folder / "sales.csv", dtype={"sku": "str"})
        events = pd.read_csv(folder / "events.csv", dtype={"event": "str"})
        told = forecast_event(sales, events, event=EVENT, as_of=AS_OF, priors=priors)
        told.to_csv(folder / "forecast.csv", index=False)
        return len(told)

    return work


def command(folder: Path, n_skus: int, n_days: int) -> Work:
    """Time what ``planner forecast`` does with them: each cell checked, then forecast."""
    home, paths = find_home(), (folder / "sales.csv", folder / "events.csv")

    def work() -> int:
        text = forecast_own(home, *paths, event=EVENT, as_of=f"{AS_OF:%Y-%m-%d}")
        (folder / "forecast.csv").write_text(text, encoding="utf-8")
        return text.count("\n") - 1

    return work


def frame(folder: Path, n_skus: int, n_days: int) -> Work:
    """Time window totals from a DataFrame to a DataFrame."""
    priors = _desk().rules(UpliftPriors)
    made = made_sales(n_skus, n_days)
    sales, events = sales_table(made).to_pandas(), events_frame(made)
    return lambda: len(forecast_event(sales, events, event=EVENT, as_of=AS_OF, priors=priors))


def arrays(folder: Path, n_skus: int, n_days: int) -> Work:
    """Time the arithmetic alone: level, ratio, draws and their quantiles."""
    priors = _desk().rules(UpliftPriors)
    made, today = made_sales(n_skus, n_days), pd.Timestamp(AS_OF)
    events = own_events.read_events(events_frame(made))
    past, ahead = events[events["start"] < today], events[events["start"] >= today]
    sales = own_sales.read_sales(sales_table(made).to_pandas(), today=today)
    panel, _ = own_sales.panel_of_sales(sales, past, ahead, today=today)
    del sales
    lead = (pd.Timestamp(EVENT_START) - panel.end).days
    horizon = (pd.Timestamp(EVENT_END) - panel.end).days + 1
    kinds = dict(zip(events["event"], events["kind"], strict=True))
    category = panel.keys["category"].to_numpy(dtype=object)

    def work() -> int:
        fitted = fit_panel(panel, horizon_days=horizon)
        expected = fitted.expected[:, : panel.units.shape[1]]
        noise = day_noise(panel.units, expected, fitted.is_clean)
        runs = past_runs(panel, expected, fitted.is_clean, phase="sale", kinds=kinds)
        kind = np.full(len(category), "double_date", dtype=object)
        target = target_of(kind, category, priors, phase="sale")
        told = pool(runs, target, dispersion=noise.dispersion, seller_dispersion=noise.pooled)
        doubt = draws.Doubt(
            dispersion=fitted.dispersion,
            drift_sd=fitted.drift_sd,
            common_drift_sd=fitted.common_drift_sd,
            ratio_sd=told.log_sd[:, None],
            common_ratio_sd=np.array([told.common_log_sd]),
        )
        mean = fitted.expected[:, panel.units.shape[1] + lead :].sum(axis=1)
        names = panel.keys["sku"].to_list()
        worlds = draws.draw_totals(
            (mean * np.exp(told.log_ratio))[:, None],
            doubt,
            names=names,
            event=EVENT,
            seed_text="speed",
        )
        return draws.quantiles_of(worlds[:, 0], list(forecast.QUANTILES.values())).shape[1]

    return work


def daily_paths(folder: Path, n_skus: int, n_days: int) -> Work:
    """Time the forecast of each day of the horizon, from daily sales to `ForecastDaily`."""
    desk = _desk()
    one, curves = seller_case(desk, n_skus, n_days), desk.rules(DayCurvePriors)

    def work() -> int:
        fit, base, _, told = _forecast(one)
        plans = one.scope.plans
        shape = day_curve.learn_day_curve(one.case.daily, base, plans=plans, shipped=curves)
        return days_ahead.daily_forecast(told, base, shape, fit=fit)["sku"].nunique()

    return work


def forecast_and_plan(folder: Path, n_skus: int, n_days: int) -> Work:
    """Time what notebooks 02 and 03 compute for one seller, in a process already warm."""
    desk = _desk()
    one = seller_case(desk, n_skus, n_days)
    registers = [desk.rules(kind) for kind in (Lanes, RiskWindows, Bounds, Fees, ReturnRates)]
    work = partial(_planned, one, *registers)
    work()
    return work


def peer(name: str, folder: Path, n_skus: int, n_days: int) -> Work:
    """Time one peer on the same sales; loading its package is not timed."""
    windows, ask = windows_of(made_sales(n_skus, n_days)), PEERS[name].forecast
    ask(windows_of(made_sales(2 if name.startswith("prophet") else 40, n_days)))
    return lambda: len(ask(windows).mean)


JOBS: dict[str, Callable[[Path, int, int], Work]] = {
    "window totals, CSV": csv_file,
    "window totals, checked CSV": command,
    "window totals, DataFrame": frame,
    "window totals, arrays": arrays,
    "daily paths": daily_paths,
    "forecast and plan": forecast_and_plan,
    **{f"peer: {PEERS[name].family}, {name}": partial(peer, name) for name in PEER_JOBS},
}


def main() -> None:
    """Do the job that the command line names; tell what the clocks said as JSON."""
    name, folder, n_skus, n_days = sys.argv[1:]
    try:
        work = JOBS[name](Path(folder), int(n_skus), int(n_days))
    except PlannerError as problem:
        if name.startswith("peer"):
            sys.stdout.write("\n" + json.dumps({"note": str(problem)}))
            return
        raise
    wall, processor = time.perf_counter(), _processor_seconds()
    answered = work()
    told = {
        "skus": answered,
        "work_seconds": time.perf_counter() - wall,
        "work_cpu": _processor_seconds() - processor,
        "process_cpu": _processor_seconds(),
    }
    sys.stdout.write(f"\n{json.dumps(told)}")


def _processor_seconds() -> float:
    """Return user and system time of this process and of its children: Prophet's Stan is one."""
    return sum(os.times()[:4])


def _desk() -> Desk:
    return open_desk(CAMPAIGN, DEMO_SELLER)


def _forecast(one: SellerCase) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    case, scope = one.case, one.scope
    fit, base = fit_baseline(case.daily, until=scope.horizon_ends, catalogue=case.catalogue)
    ratios = uplift.estimate_uplift(
        case.daily,
        base,
        plans=scope.plans,
        events=case.events,
        priors=case.priors,
        memory=empty(UpliftMemory),
        catalogue=case.catalogue,
        fit=fit,
    )
    told = forecast.draw_demand(
        fit, base, ratios, plans=scope.plans, demand=Demand(), seed_text=scope.seed_text
    )
    return fit, base, ratios, told


def _planned(
    one: SellerCase,
    lane_rows: pd.DataFrame,
    risks: pd.DataFrame,
    bounds: pd.DataFrame,
    fees: pd.DataFrame,
    returns: pd.DataFrame,
) -> int:
    scope, daily, goods = one.scope, one.case.daily, one.catalogue
    fit, _, ratios, told = _forecast(one)
    grades = evidence.grade_evidence(fit, ratios)
    summary = forecast.summarise_draws(told, model_draws=told, grades=grades)
    options = lanes.chain_dates(lane_rows, risks, bounds, scope=scope)
    held = position.stock_position(
        one.stock, told, scope=scope, return_rates=returns, daily=daily, catalogue=goods
    )
    value = economics.unit_economics(goods, options, fees, returns, scope=scope)
    sizing.compare_rules(
        told, daily, held, value, options, scope=scope, catalogue=goods, forecast=summary
    )
    plan = sizing.size_stock(told, daily, held, value, summary, options, goods, scope=scope)
    ship = packing.ship_lines(plan, goods, options, scope=scope)
    costs.cost_lines(
        plan,
        ship,
        value,
        told,
        fees,
        scope=scope,
        catalogue=goods,
        lane_options=options,
        return_rates=returns,
    )
    return plan["sku"].nunique()
