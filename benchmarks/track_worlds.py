"""Whole campaigns of the simulator: the plan made six weeks before, then what sold, day by day.

The plan is the product's own forecast from the history that the simulator wrote; the truth is what
buyers wanted. Knows nothing of what tracking makes of it.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.forecast import CAMPAIGN, daily_sales
from benchmarks.forecast import _catalogue as goods_of
from benchmarks.forecast import _events as events_of
from benchmarks.world import SPECS, Truth
from benchmarks.world_demand import draw_demand as true_demand
from benchmarks.world_orders import hour_shares
from benchmarks.world_stock import run_warehouse
from planner.campaign import Demand
from planner.demand.baseline import fit_baseline
from planner.demand.day_curve import learn_day_curve
from planner.demand.days_ahead import daily_forecast
from planner.demand.forecast import draw_demand
from planner.demand.uplift import estimate_uplift
from planner.desk.home import find_home
from planner.intake.rules import read_register
from planner.scope import Scope, scope_of
from planner.season.days import KEYS
from planner.tables import DayCurvePriors, HourProfile, UpliftMemory, UpliftPriors, checked, empty

SELLERS = ("demo-th-home", "demo-us-beauty", "demo-id-gadget")
SHOP_HOURS = 24
STOCK_LOG_SD = 0.35
"""How far stock strays from what the plan expects, so that about one SKU in five sells out."""
HOUR_LOG_SD = 0.25
"""How far the orders of one hour of one day stray from the profile; our own choice: the simulator
holds its hours to the profile. [log units]"""
HISTORY_UNITS = 4000
"""Units from which the profile of hours is known. [units]"""


class Campaign(NamedTuple):
    """One seller's campaign: what was planned, and what came."""

    name: str
    scope: Scope
    draws: pd.DataFrame
    by_day: pd.DataFrame
    fit: pd.DataFrame
    curve: pd.DataFrame
    hours: pd.DataFrame
    skus: pd.Index
    days: pd.DatetimeIndex
    wanted: np.ndarray
    """shape (n_sku, n_days): what buyers wanted. [units]"""
    wanted_hours: np.ndarray
    """shape (n_sku, 24): the same by hour of the first sale day. [units]"""
    stock: np.ndarray
    """shape (n_sku,): on the shelf as the campaign begins; never refilled. [units]"""

    @property
    def market(self) -> str:
        """The one market of the campaign."""
        return self.scope.markets[0]

    @property
    def sale_day(self) -> int:
        """Place of the first sale day among the days."""
        first = self.scope.plans[self.market].phases.sale.start
        return int(self.days.get_loc(pd.Timestamp(first)))

    @property
    def event_days(self) -> int:
        """Days from the first phase day to the last phase day."""
        last = self.scope.plans[self.market].phases.end
        return int(self.days.get_loc(pd.Timestamp(last))) + 1

    @property
    def sold(self) -> np.ndarray:
        """What could be sold from the shelf, shape (n_sku, n_days). [units]."""
        before = np.cumsum(self.wanted, axis=1) - self.wanted
        return np.clip(self.stock[:, None] - before, 0.0, self.wanted)

    def looking(self, day: int) -> Scope:
        """Return the scope seen from one day of the campaign."""
        return self.scope.model_copy(update={"seen_from": self.days[day].date()})

    def track(self, day: int) -> pd.DataFrame:
        """Return `TrackDaily` of the days before one day, and whether the shelf was empty."""
        index = pd.MultiIndex.from_product([self.skus, self.days[:day]], names=["sku", "day"])
        sold, wanted = self.sold[:, :day], self.wanted[:, :day]
        left = self.stock[:, None] - np.cumsum(sold, axis=1)
        values = {"units": sold.astype("int64"), "is_stock_out": (wanted > sold) | (left <= 0)}
        frame = pd.DataFrame({name: part.ravel() for name, part in values.items()}, index=index)
        return frame.reset_index().assign(market=self.market)


@cache
def _register(name: str, kind: type) -> pd.DataFrame:
    return read_register(find_home().rules_folder(name), kind)


def campaign_of(seller: str, seed: int) -> Campaign:
    """Return one simulated seller's campaign, planned by the product."""
    spec = SPECS[seller]
    demand = true_demand(spec, seed)
    stock = run_warehouse(spec, demand, np.random.default_rng([seed, 5]))
    truth = Truth(spec, seed, demand, stock, pd.DataFrame())
    scope = scope_of(find_home().campaign(CAMPAIGN), spec.seller)
    (market,) = scope.markets
    plan = scope.plans[market]
    history = daily_sales(truth, pd.Timestamp(scope.as_of(2)[market]))
    parts = _planned(history, truth, scope)
    days = pd.date_range(plan.phases.start, plan.next_replenishment_on, inclusive="left", unit="us")
    daily = truth.daily[truth.daily["day"].isin(days)]
    grid = daily.pivot_table(index="sku", columns="day", values="demand_units", aggfunc="sum")
    skus = pd.Index(sorted(set(parts[0]["sku"])), name="sku")
    wanted = grid.reindex(index=skus, columns=days).fillna(0.0).round().to_numpy()
    rng = np.random.default_rng([seed, 41])
    first = int(days.get_loc(pd.Timestamp(plan.phases.sale.start)))
    expected = _expected(parts[0], skus)
    shelf = np.rint(expected * rng.lognormal(0.1, STOCK_LOG_SD, len(skus)))
    by_hour = _by_hour(wanted[:, first], rng)
    return Campaign(
        f"{seller}-{seed}", scope, *parts, _profile(market, spec.shops[0].shop, rng), skus, days,
        wanted, by_hour, shelf,
    )  # fmt: skip


def _planned(history: pd.DataFrame, truth: Truth, scope: Scope) -> tuple[pd.DataFrame, ...]:
    """Return draws, `ForecastDaily`, `BaselineFit` and `DayCurve` of the product's forecast."""
    goods, plans = goods_of(truth.spec), scope.plans
    fit, base = fit_baseline(history, until=scope.horizon_ends, catalogue=goods)
    until = history["day"].max() + pd.Timedelta(days=1)
    ratios = estimate_uplift(
        history,
        base,
        plans=plans,
        events=events_of(truth.spec, until),
        priors=_register("uplift_priors.csv", UpliftPriors),
        memory=empty(UpliftMemory),
        catalogue=goods,
        fit=fit,
    )
    draws = draw_demand(
        fit, base, ratios, plans=plans, demand=Demand(), seed_text=f"track-{truth.seed}"
    )
    shipped = _register("day_curve_priors.csv", DayCurvePriors)
    curve = learn_day_curve(history, base, plans=plans, shipped=shipped)
    return draws, daily_forecast(draws, base, curve, fit=fit), fit, curve


def _expected(draws: pd.DataFrame, skus: pd.Index) -> np.ndarray:
    inside = draws[draws["phase"].isin(("warm_up", "sale", "tail"))]
    mean = pd.Series([float(np.mean(row)) for row in inside["draws"]], index=inside.index)
    return mean.groupby(inside["sku"]).sum().reindex(skus).to_numpy()


def _by_hour(units: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    weight = hour_shares() * rng.lognormal(0, HOUR_LOG_SD, SHOP_HOURS)
    return rng.multinomial(units.astype(int), weight / weight.sum()).astype(float)


def _profile(market: str, shop: str, rng: np.random.Generator) -> pd.DataFrame:
    units = rng.multinomial(HISTORY_UNITS, hour_shares())
    frame = pd.DataFrame({"hour": np.arange(SHOP_HOURS), "units": units})
    frame = frame.assign(shop=shop, market=market, sku="", share_rate=units / units.sum())
    return checked(HourProfile, frame.astype({"sku": "str", "shop": "str", "market": "str"}))


def keys_of(campaign: Campaign) -> pd.DataFrame:
    """Return market and SKU in the order of the campaign's arrays."""
    return pd.DataFrame({"market": campaign.market, "sku": campaign.skus})[KEYS]
