"""Small worlds for the tests of tracking by the hour: one market, few SKUs, numbers by hand."""

import numpy as np
import pandas as pd
from season_case import PHASES, a_scope, draws, sales

from planner import tables
from planner.season import track
from planner.season.outlook.posterior import Learnt
from planner.season.outlook.rest_by_hour import MarketRest, rest_by_hour
from planner.season.outlook.sightings import Sight

SALE_DAYS = pd.date_range(*PHASES["sale"])


def by_day(sku: str = "a", **phases: float) -> pd.DataFrame:
    """`ForecastDaily` of one SKU: each phase's total falls evenly on its days."""
    parts = []
    for phase, units in phases.items():
        days = pd.date_range(*PHASES[phase], unit="us")
        parts.append(pd.DataFrame({"phase": phase, "day": days, "mean_units": units / len(days)}))
    table = pd.concat(parts, ignore_index=True)
    zeros = dict.fromkeys(("q10_units", "q50_units", "q90_units"), 0.0)
    return table.assign(shop="th-one", market="TH", sku=sku, **zeros)


def sold(sku: str, units: list[int], *, out: tuple[int, ...] = ()) -> pd.DataFrame:
    return sales(sku, "2025-11-01", units, out=out)


def rest_of(daily, drawn, plan, *, seen_from="2025-11-12", hour=0, **more):
    """Return the rest of market TH from an hour of a day on."""
    scope = a_scope(seen_from=seen_from)
    days = track.track_daily(daily, _forecast(drawn), scope=scope, by_day=plan)
    at = {"TH": pd.Timestamp(seen_from) + pd.Timedelta(hours=hour)}
    return rest_by_hour(drawn, plan, days, scope=scope, at=at, **more)


def certain(sku: str = "a", **phases: float) -> pd.DataFrame:
    return draws(sku, phases)


def doubtful(sku: str, seed: int, **phases: float) -> pd.DataFrame:
    """Draws of a lognormal level, 10 % either way, and a shock of each phase, 30 % either way."""
    rng = np.random.default_rng(seed)
    level = rng.lognormal(0, 0.1, 400)
    totals = {
        name: rng.poisson(units * level * rng.lognormal(0, 0.3, 400))
        for name, units in phases.items()
    }
    return draws(sku, totals)


def economics(**changes: float) -> pd.DataFrame:
    """A unit sold brings 100 - 20, a unit landed costs 40, a unit left over brings 10."""
    row = {
        "market": "TH", "sku": "a", "price": 100.0, "sale_price": 100.0, "warm_up_price": 100.0,
        "tail_price": 100.0, "ordinary_price": 100.0, "price_source": "", "landed_cost": 40.0,
        "selling_cost": 20.0,
        "margin_profit": 40.0, "leftover_revenue": 10.0, "under_cost": 40.0, "over_cost": 30.0,
        "critical_ratio": 0.6, "missing": "", "currency": "CNY",
    } | changes  # fmt: skip
    return tables.checked(tables.UnitEconomics, pd.DataFrame([row]))


def shelf(units: float, sku: str = "a") -> pd.DataFrame:
    """As `counts.stock_today` gives it."""
    return pd.DataFrame({"market": ["TH"], "sku": [sku], "stock_units": [units]})


def coming(day: str | None = None, units: float = 0.0, sku: str = "a") -> pd.DataFrame:
    """As `counts.arrivals` gives it."""
    rows = [("TH", sku, pd.Timestamp(day), units)] if day else []
    frame = pd.DataFrame(rows, columns=["market", "sku", "day", "units"])
    return frame.astype({"day": "datetime64[us]"})


def _forecast(drawn: pd.DataFrame) -> pd.DataFrame:
    rows = drawn.drop(columns="draws")
    return rows.assign(mean_units=[float(np.mean(row)) for row in drawn["draws"]])


def fixed_rest(units: list[float], *, at: str = "2025-11-12", scale=(1.0,), sku: str = "a"):
    """Return a rest whose worlds ask for `units` a day from the looking day, times `scale`."""
    moment = pd.Timestamp(at)
    days = pd.date_range("2025-11-01", "2025-11-30", unit="us")
    phase = np.select([days < "2025-11-11", days < "2025-11-15", days < "2025-11-21"], [0, 1, 2], 3)
    ahead = np.flatnonzero(days >= moment.normalize())
    demand = np.zeros(len(days))
    demand[ahead[: len(units)]] = units
    totals = np.array([demand[phase == place].sum() for place in range(4)])
    whole = totals[phase]
    share = np.divide(demand, whole, out=np.zeros(len(days)), where=whole > 0)[None]
    worlds = totals[None, :, None] * np.array(scale)[None, None, :]
    nothing = np.zeros((1, len(days)))
    keys = pd.DataFrame({"market": ["TH"], "sku": [sku]}).astype("str")
    sight = Sight(
        keys, moment, days, phase, demand[None], nothing, nothing, nothing > 0,
        np.full(len(days), np.nan), worlds,
    )  # fmt: skip
    return MarketRest("TH", sight, Learnt(worlds, share))
