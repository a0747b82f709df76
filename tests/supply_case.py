"""A small seller in Thailand with figures that can be worked by hand."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from planner import tables
from planner.campaign import read_campaign
from planner.intake.rules import in_force, read_register
from planner.scope import Scope, scope_of
from planner.seller import read_seller
from planner.supply.leftovers.exits import exit_ladder, ladder_value
from planner.supply.sharing.protection import protection_levels
from planner.supply.trips.lanes import chain_dates

RULES = Path(__file__).resolve().parents[1] / "data" / "rules"
FAR = pd.Timestamp("2020-01-01")
DATED = {"valid_from": FAR, "valid_to": pd.NaT, "source": "by hand", "as_of": FAR}

OPTIONS: dict[str, pd.DataFrame] = {}
PLAN = {
    "event": "11.11",
    "kind": "double_date",
    "phases": {
        "warm_up": {"start": "2026-11-01", "end": "2026-11-07"},
        "sale": {"start": "2026-11-08", "end": "2026-11-12"},
        "tail": {"start": "2026-11-13", "end": "2026-11-20"},
    },
    "next_replenishment_on": "2026-12-01",
}


def scope(
    *,
    plan: dict | None = None,
    markets: tuple[str, ...] = ("TH",),
    shops: int = 1,
    as_of: str = "2026-09-20",
    **seller: Any,
) -> Scope:
    """Plan on 2026-09-20 for warm-up 1 Nov, sale 8 to 12 Nov, replenished on 1 Dec."""
    campaign = {
        "campaign": "double11-2026",
        "name": {"zh": "双11", "en": "Double 11"},
        "as_of": {"plan": as_of},
        "markets": {market: PLAN | (plan or {}) for market in markets},
    }
    described = {
        "seller": "hand",
        "name": {"zh": "手算", "en": "By hand"},
        "currency": "THB",
        "profile": {"category": "home"},
        "shops": [shop(market, number) for market in markets for number in range(1, shops + 1)],
        "warehouses": [{"warehouse": house(market), "market": market} for market in markets],
        **seller,
    }
    return scope_of(read_campaign(campaign, where="test"), read_seller(described, where="test"))


def shop(market: str, number: int) -> dict[str, str]:
    return {
        "shop": f"shop-{number}" if market == "TH" else f"shop-{market.lower()}-{number}",
        "platform": "tiktok" if number == 1 else "shopee",
        "market": market,
        "currency": "THB",
        "time_zone": "Asia/Bangkok",
        "dialect": "tiktok-th",
        "warehouse": house(market),
    }


def house(market: str) -> str:
    return "house" if market == "TH" else f"house-{market.lower()}"


@cache
def register(kind: type[tables.Register], on: str = "2026-09-20") -> pd.DataFrame:
    return in_force(read_register(RULES, kind), date.fromisoformat(on))


def dated(rows: list[dict], **more: Any) -> pd.DataFrame:
    frame = pd.DataFrame([{**DATED, "confidence": "low", **row, **more} for row in rows])
    return frame.astype({"valid_to": "datetime64[us]"})


def lanes(*rows: dict) -> pd.DataFrame:
    """Sea 15-20-30 days at 500 THB/CBM, truck 3-5-7 days at 40 THB/kg, unless told otherwise."""
    sea = {
        "mode": "sea",
        "min_days": 15.0,
        "typical_days": 20.0,
        "max_days": 30.0,
        "low_rate": 400.0,
        "high_rate": 600.0,
        "rate_unit": "cbm",
        "cbm_divisor_kg": 500.0,
        "min_charge": 1.0,
    }
    truck = {
        "mode": "truck",
        "min_days": 3.0,
        "typical_days": 5.0,
        "max_days": 7.0,
        "low_rate": 40.0,
        "high_rate": 40.0,
        "rate_unit": "kg",
        "cbm_divisor_kg": 200.0,
        "min_charge": 0.0,
    }
    both = [
        {"market": "TH", "origin": "CN", "currency": "THB", **row} for row in (rows or (sea, truck))
    ]
    return dated(both)


def windows(*rows: tuple[str, str, float]) -> pd.DataFrame:
    described = [
        {
            "market": "any",
            "event": f"window-{place}",
            "stage": "trip",
            "starts_on": pd.Timestamp(start),
            "ends_on": pd.Timestamp(end),
            "added_days": added,
        }
        for place, (start, end, added) in enumerate(rows)
    ]
    return dated(described) if rows else tables.empty(tables.RiskWindows)


def catalogue(*rows: dict) -> pd.DataFrame:
    whole = {
        "name": "",
        "category": "home",
        "price": 100.0,
        "promo_price": np.nan,
        "unit_cost": 40.0,
        "weight_kg": 0.5,
        "volume_cbm": 0.002,
        "carton_units": 10,
        "moq_units": 0,
        "hs_code": "3924.10",
        "barcode": "",
        "certificates": "",
        "has_battery": False,
        "has_liquid": False,
        "has_powder": False,
        "like_sku": "",
        "launch_on": pd.NaT,
    }
    frame = pd.DataFrame([{**whole, **row} for row in (rows or ({"sku": "A"},))])
    kinds = {"carton_units": "Int64", "moq_units": "Int64", "promo_price": float}
    return frame.astype({**kinds, "launch_on": "datetime64[us]"})


def options(scope: Scope) -> pd.DataFrame:
    """Return the two lanes by hand as options of a scope, each scope worked out once."""
    key = scope.model_dump_json()
    if key not in OPTIONS:
        OPTIONS[key] = chain_dates(lanes(), windows(), register(tables.Bounds), scope=scope)
    return OPTIONS[key]


def draws(**phases: list[float]) -> pd.DataFrame:
    """Draws of SKU A in shop-1 by phase, for instance sale=[10, 20]."""
    return draws_of({"A": phases})


def draws_of(skus: dict[str, dict[str, list[float]]], *, shop: str = "shop-1") -> pd.DataFrame:
    days = {
        "before": ("2026-09-20", "2026-10-31"),
        "warm_up": ("2026-11-01", "2026-11-07"),
        "sale": ("2026-11-08", "2026-11-12"),
        "tail": ("2026-11-13", "2026-11-20"),
        "after": ("2026-11-21", "2026-11-30"),
    }
    rows = [
        {
            "shop": shop,
            "market": "TH",
            "sku": sku,
            "phase": phase,
            "starts_on": pd.Timestamp(days[phase][0]),
            "ends_on": pd.Timestamp(days[phase][1]),
            "draws": np.array(units, dtype=float),
        }
        for sku, phases in skus.items()
        for phase, units in phases.items()
    ]
    return pd.DataFrame(rows)


def daily(
    units: list[int],
    *,
    sku: str = "A",
    shop: str = "shop-1",
    last: str = "2026-09-19",
    **columns: Any,
) -> pd.DataFrame:
    """Daily sales that end on `last`; other columns as given, row by row or one for all."""
    days = pd.date_range(end=last, periods=len(units), unit="us")
    frame = pd.DataFrame(
        {
            "shop": shop,
            "market": "TH",
            "sku": sku,
            "day": days,
            "units": units,
            "revenue_minor": 0,
            "cancelled_units": 0,
            "is_stock_out": False,
            "event": "",
            "phase": "",
        }
    )
    return frame.assign(**columns)


def stock(*rows: tuple) -> pd.DataFrame:
    """Rows of (sku, stage, units, available_on or None, as_of) in the one warehouse."""
    if not rows:
        return tables.empty(tables.Stock)
    frame = pd.DataFrame(rows, columns=["sku", "stage", "units", "available_on", "as_of"])
    frame["warehouse"] = "house"
    frame["available_on"] = pd.to_datetime(frame["available_on"])
    frame["as_of"] = pd.to_datetime(frame["as_of"])
    return frame


def position(**columns: Any) -> pd.DataFrame:
    row = {
        "market": "TH",
        "sku": "A",
        "on_hand_units": 0,
        "inbound_units": 0,
        "late_units": 0,
        "later_units": 0,
        "later_on": pd.NaT,
        "later_left_units": 0.0,
        "demand_before_units": 0.0,
        "early_units": 0.0,
        "returning_units": 0.0,
        "again_units": 0.0,
        "available_units": 0.0,
        "is_known": True,
    }
    return pd.DataFrame([{**row, **columns}])


def economics(**columns: Any) -> pd.DataFrame:
    """A unit earns 30 and a leftover loses 10: critical ratio 0.75."""
    row = {
        "market": "TH",
        "sku": "A",
        "price": 100.0,
        "landed_cost": 50.0,
        "selling_cost": 20.0,
        "margin_profit": 30.0,
        "leftover_revenue": 40.0,
        "under_cost": 30.0,
        "over_cost": 10.0,
        "critical_ratio": 0.75,
        "missing": "",
        "currency": "THB",
        "price_source": "price_source.catalogue",
    }
    row |= columns
    prices = ("sale_price", "warm_up_price", "tail_price", "ordinary_price")
    one_price = dict.fromkeys(prices, row["price"])
    return pd.DataFrame([one_price | row])


def forecast(sku: str = "A", grade: str = "B", **columns: Any) -> pd.DataFrame:
    row = {name: 0.0 for name in tables.columns(tables.Forecast) if name.endswith("_units")}
    row |= {
        "shop": "shop-1",
        "market": "TH",
        "sku": sku,
        "phase": "horizon",
        "grade": grade,
        "grade_reason": "",
        "starts_on": pd.Timestamp("2026-11-01"),
        "ends_on": pd.Timestamp("2026-11-30"),
    }
    return pd.DataFrame([{**row, **columns}])


def returns(
    rate: float = 0.1, *, lag_days: float = 14.0, resale_rate: float = 0.5, market: str = "TH"
) -> pd.DataFrame:
    row = {
        "market": market,
        "category": "any",
        "return_rate": rate,
        "lag_days": lag_days,
        "resale_rate": resale_rate,
    }
    return dated([row])


def fees(**terms: tuple[float, str]) -> pd.DataFrame:
    """Tariffs of Thailand in THB: term=(value, unit)."""
    rows = [
        {"market": "TH", "term": term, "value": value, "unit": unit, "currency": "THB"}
        for term, (value, unit) in terms.items()
    ]
    return dated(rows) if rows else tables.empty(tables.Fees)


def leftover_value(
    exits: pd.DataFrame, units: Any, *, keys: pd.MultiIndex | None = None
) -> np.ndarray:
    """What units left over bring, (n, k): best exits first, each up to its most."""
    return ladder_value(*exit_ladder(exits, keys=keys), units)


def littlewood(demand: np.ndarray, high_worth: float, low_worth: float) -> float:
    """Units to protect for the better of two classes, of whose demand there are some draws."""
    return float(protection_levels(demand[None, :], np.array([high_worth, low_worth]))[0])
