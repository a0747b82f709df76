"""Small worlds for the tests of the season room: one seller, one market, numbers by hand."""

from datetime import date
from functools import cache

import numpy as np
import pandas as pd

from planner import tables
from planner.campaign import read_campaign
from planner.scope import Scope, scope_of
from planner.seller import read_seller

PHASES = {
    "before": ("2025-10-22", "2025-10-31"),
    "warm_up": ("2025-11-01", "2025-11-10"),
    "sale": ("2025-11-11", "2025-11-14"),
    "tail": ("2025-11-15", "2025-11-20"),
    "after": ("2025-11-21", "2025-11-30"),
}
"""10 days of warm-up, 4 of sale, 6 of tail, 10 after; before runs from the planning day."""


@cache
def a_scope(*, seen_from: str = "2025-11-13", markets: tuple[str, ...] = ("TH",)) -> Scope:
    """One seller with one shop per market (two in TH), looking from one day."""
    plan = {
        "event": "11.11",
        "kind": "double_date",
        "phases": {
            name: {"start": PHASES[name][0], "end": PHASES[name][1]}
            for name in ("warm_up", "sale", "tail")
        },
        "next_replenishment_on": "2025-12-01",
    }
    campaign = read_campaign(
        {
            "campaign": "eleven",
            "name": {"zh": "双11", "en": "11.11"},
            "as_of": {"plan": "2025-10-22"},
            "markets": dict.fromkeys(markets, plan),
        },
        where="test",
    )
    currency = {"TH": "THB", "ID": "IDR", "US": "USD"}
    shops = [a_shop(f"{m.lower()}-{n}", m, currency[m]) for m in markets for n in ("one", "two")]
    seller = read_seller(
        {
            "seller": "demo",
            "name": {"zh": "演示", "en": "Demo"},
            "currency": "CNY",
            "fx_rates": {"THB": 0.2, "IDR": 0.0005},
            "profile": {"category": "home"},
            "shops": shops,
            "warehouses": [
                {"warehouse": f"{m.lower()}-house", "market": m, "kind": "third_party"}
                for m in markets
            ],
        },
        where="test",
    )
    return scope_of(campaign, seller, seen_from=date.fromisoformat(seen_from))


def a_shop(shop: str, market: str, currency: str) -> dict[str, str]:
    dialect = {"TH": "tiktok-th", "ID": "tiktok-id", "US": "tiktok-us"}[market]
    zone = {"TH": "Asia/Bangkok", "ID": "Asia/Jakarta", "US": "America/Los_Angeles"}[market]
    return {
        "shop": shop,
        "platform": "tiktok",
        "market": market,
        "currency": currency,
        "time_zone": zone,
        "dialect": dialect,
        "warehouse": f"{market.lower()}-house",
    }


def sales(
    sku: str,
    start: str,
    units: list[int],
    *,
    shop: str = "th-one",
    market: str = "TH",
    out: tuple[int, ...] = (),
    price_minor: int = 10000,
) -> pd.DataFrame:
    """DailySales of one SKU from `start` on, one figure per day; `out`: positions without stock."""
    days = pd.date_range(start, periods=len(units))
    frame = pd.DataFrame(
        {
            "shop": shop,
            "market": market,
            "sku": sku,
            "day": days,
            "units": units,
            "revenue_minor": [price_minor * n for n in units],
            "cancelled_units": 0,
            "is_stock_out": [place in out for place in range(len(units))],
            "event": "",
            "phase": "",
        }
    )
    return frame


def draws(sku: str, totals: dict[str, object], *, shop: str = "th-one", market: str = "TH"):
    """DemandDraws of one SKU: by phase a list of draws, or one number that every world holds."""
    rows = []
    for phase, values in totals.items():
        worlds = np.full(200, float(values)) if np.isscalar(values) else np.array(values, float)
        start, end = (pd.Timestamp(day) for day in PHASES[phase])
        rows.append((shop, market, sku, phase, start, end, worlds))
    names = ["shop", "market", "sku", "phase", "starts_on", "ends_on", "draws"]
    return pd.DataFrame(rows, columns=names)


def forecast_of(drawn: pd.DataFrame) -> pd.DataFrame:
    """The Forecast that goes with draws: means by phase; quantiles are not used by this room."""
    rows = []
    for row in drawn.itertuples():
        mean = float(np.mean(row.draws))
        figures = dict.fromkeys((c for c in tables.columns(tables.Forecast) if "_units" in c), mean)
        rows.append(
            {
                "shop": row.shop,
                "market": row.market,
                "sku": row.sku,
                "phase": row.phase,
                "starts_on": row.starts_on,
                "ends_on": row.ends_on,
                **figures,
                "grade": "B",
                "grade_reason": "",
            }
        )
    return pd.DataFrame(rows)


def stock(*rows: tuple) -> pd.DataFrame:
    """Stock rows: sku, stage, units, available_on or None, as_of; all in the Thai warehouse."""
    if not rows:
        return tables.empty(tables.Stock)
    frame = pd.DataFrame(rows, columns=["sku", "stage", "units", "available_on", "as_of"])
    frame["warehouse"] = "th-house"
    frame["available_on"] = pd.to_datetime(frame["available_on"])
    frame["as_of"] = pd.to_datetime(frame["as_of"])
    return frame


def lanes(*rows: tuple[str, float], market: str = "TH") -> pd.DataFrame:
    """LaneOptions by mode and lead days; other columns do not matter here."""
    day = pd.Timestamp("2025-11-01")
    frame = pd.DataFrame(rows, columns=["mode", "lead_days"])
    frame = frame.assign(
        market=market,
        produce_by=day,
        ship_by=day,
        arrive_by=day,
        shelf_by=day,
        min_lead_days=1.0,
        max_lead_days=60.0,
        added_days=0.0,
        slack_days=0,
        on_time_rate=0.9,
        late_days=1.0,
        is_feasible=False,
        reason="",
        freight_rate=1.0,
        rate_unit="kg",
        cbm_divisor_kg=167.0,
        min_charge=0.0,
        currency="CNY",
        source="test",
    )
    return frame


def value(sku: str, *, margin: float = 5.0, ratio: float | None = 0.5, market: str = "TH"):
    """UnitEconomics of one SKU."""
    frame = pd.DataFrame(
        {
            "market": [market],
            "sku": [sku],
            "price": [20.0],
            "sale_price": [20.0],
            "warm_up_price": [20.0],
            "tail_price": [20.0],
            "ordinary_price": [20.0],
            "price_source": [""],
            "landed_cost": [8.0],
            "selling_cost": [4.0],
            "margin_profit": [margin],
            "leftover_revenue": [4.0],
            "under_cost": [margin],
            "over_cost": [4.0],
            "critical_ratio": [np.nan if ratio is None else ratio],
            "missing": [""],
            "currency": ["CNY"],
        }
    )
    return frame
