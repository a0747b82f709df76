"""Small sellers for the tests of the demand room: known levels, known ratios, seeded noise."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from planner import tables
from planner.campaign import Demand, MarketPlan
from planner.demand.baseline import fit_baseline
from planner.demand.forecast import draw_demand
from planner.demand.uplift import estimate_uplift

AS_OF = "2025-09-16"
MARKET = "TH"
PAST = {"6.6": "2025-06-06", "7.7": "2025-07-07", "8.8": "2025-08-08"}
"""Past events: three sale days from the day given."""
SALE_DAYS = 3
PLAN = MarketPlan.model_validate(
    {
        "event": "11.11",
        "kind": "double_date",
        "phases": {
            "warm_up": {"start": "2025-11-01", "end": "2025-11-10"},
            "sale": {"start": "2025-11-11", "end": "2025-11-14"},
            "tail": {"start": "2025-11-15", "end": "2025-11-20"},
        },
        "next_replenishment_on": "2025-12-01",
    }
)
"""46 days before, then 10 of warm-up, 4 of sale, 6 of tail, 10 after."""
UNTIL = {MARKET: PLAN.next_replenishment_on}


def a_daily(
    levels: Mapping[str, float] | Sequence[float],
    *,
    days: int = 180,
    ratio: float = 3.0,
    past: Mapping[str, str] = PAST,
    shop: str = "th-one",
    market: str = MARKET,
    noise: bool = True,
    seed: int = 1,
    until: str = AS_OF,
) -> pd.DataFrame:
    """Return `DailySales` of SKUs with the given levels [units/day], sale days at `ratio` times."""
    named = (
        levels if isinstance(levels, Mapping) else {f"S{i:03d}": v for i, v in enumerate(levels)}
    )
    day = pd.date_range(end=pd.Timestamp(until) - pd.Timedelta(days=1), periods=days)
    event, phase = np.full(days, "", dtype=object), np.full(days, "", dtype=object)
    for name, start in past.items():
        inside = (day >= start) & (day < pd.Timestamp(start) + pd.Timedelta(days=SALE_DAYS))
        event[inside], phase[inside] = name, "sale"
    mean = np.array(list(named.values()))[:, None] * np.where(phase == "sale", ratio, 1.0)
    rng = np.random.default_rng(seed)
    units = rng.poisson(mean) if noise else np.round(mean).astype(int)
    frame = pd.DataFrame(
        {
            "shop": shop,
            "market": market,
            "sku": np.repeat(list(named), days),
            "day": np.tile(day, len(named)),
            "units": units.ravel(),
            "revenue_minor": 0,
            "cancelled_units": 0,
            "is_stock_out": False,
            "event": np.tile(event, len(named)).astype(str),
            "phase": np.tile(phase, len(named)).astype(str),
        }
    )
    return tables.checked(tables.DailySales, frame)


def the_events(past: Mapping[str, str] = PAST, *, market: str = MARKET) -> pd.DataFrame:
    """Return `Events` of the past sales."""
    starts = pd.to_datetime(list(past.values()))
    frame = pd.DataFrame({"event": list(past), "starts_on": starts}).assign(
        kind="double_date",
        market=market,
        phase="sale",
        ends_on=starts + pd.Timedelta(days=SALE_DAYS - 1),
    )
    return tables.checked(tables.Events, frame.astype({"event": "str"}))


def a_catalogue(skus: Sequence[str], category: str = "home") -> pd.DataFrame:
    """Return what the demand room reads of a `Catalogue`: SKU and category."""
    return pd.DataFrame({"sku": list(skus), "category": category})


def the_priors(**ratios: float) -> pd.DataFrame:
    """Return `UpliftPriors` for every category and kind, by phase; log_sd 0.5."""
    ratios = ratios or {"warm_up": 1.05, "sale": 2.0, "tail": 1.1}
    frame = pd.DataFrame({"phase": list(ratios), "uplift_ratio": list(ratios.values())})
    frame = frame.assign(
        category="any",
        kind="any",
        log_sd=0.5,
        valid_from=pd.Timestamp("2020-01-01"),
        valid_to=pd.NaT,
        confidence="low",
        source="test",
        as_of=pd.Timestamp("2025-01-01"),
    )
    return tables.checked(tables.UpliftPriors, frame.astype({"valid_to": "datetime64[us]"}))


def no_memory() -> pd.DataFrame:
    """Return an empty `UpliftMemory`."""
    return tables.empty(tables.UpliftMemory)


def a_memory(**fields: object) -> pd.DataFrame:
    """Return one row of `UpliftMemory`: S000 sold 90 instead of 30 in the sale of 5.5."""
    row = {
        "seller": "demo",
        "shop": "th-one",
        "market": MARKET,
        "category": "home",
        "sku": "S000",
        "campaign": "five",
        "event": "5.5",
        "kind": "double_date",
        "phase": "sale",
        "ended_on": pd.Timestamp("2025-05-07"),
        "uplift_ratio": 3.0,
        "expected_units": 30.0,
        "actual_units": 90.0,
    }
    return tables.checked(tables.UpliftMemory, pd.DataFrame([row | fields]))


def forecast_parts(daily: pd.DataFrame, **changed: object) -> dict[str, pd.DataFrame]:
    """Return fit, baseline, uplift and draws of a seller for the 11.11 ahead."""
    known = {"events": the_events(), "priors": the_priors(), "memory": no_memory(), "plans": None}
    known |= changed
    plans = known.pop("plans") or {MARKET: PLAN}
    catalogue = a_catalogue(daily["sku"].unique())
    until = {market: plan.next_replenishment_on for market, plan in plans.items()}
    fit, baseline = fit_baseline(daily, until=until, catalogue=catalogue)
    uplift = estimate_uplift(daily, baseline, plans=plans, catalogue=catalogue, **known)
    draws = draw_demand(fit, baseline, uplift, plans=plans, demand=Demand(), seed_text="demo|day")
    return {"fit": fit, "baseline": baseline, "uplift": uplift, "draws": draws}
