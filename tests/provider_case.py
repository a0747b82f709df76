"""Runs, alerts, deadlines and plans of a few invented sellers, worked by hand."""

from typing import Any

import pages_samples as samples
import pandas as pd

from planner import tables
from planner.campaign import Campaign
from planner.season.providers import provider
from planner.seller import Seller, read_seller

PLAN_DAY, LATER = "2025-09-16", "2025-10-05"
NONE = pd.NaT


def campaign() -> Campaign:
    """Return 11.11 in Thailand: sale until 12 November, tail until the 16th."""
    return samples.campaign()


def seller(
    name: str, currency: str = "THB", limits: dict[str, Any] | None = None, **fx: float
) -> Seller:
    """Return a seller in Thailand with its own currency, rates and limits."""
    shop = {
        "shop": "s", "platform": "tiktok", "market": "TH", "currency": "THB",
        "time_zone": "Asia/Bangkok", "warehouse": "bkk",
    }  # fmt: skip
    return read_seller(
        {
            "seller": name, "name": {"zh": f"店{name}", "en": f"Shop {name}"},
            "currency": currency, "profile": {"category": "home"}, "fx_rates": fx,
            "limits": limits or {}, "shops": [shop],
            "warehouses": [{"warehouse": "bkk", "market": "TH"}],
        },
        where="case",
    )  # fmt: skip


def runs(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return `SellerRuns`; a row that says no more ran step 3 on the planning day."""
    base = {
        "outcome": "done", "message": "", "step": 3, "market": "TH", "looked_on": PLAN_DAY,
        "is_stale": False,
    }  # fmt: skip
    frame = pd.DataFrame([{**base, **row} for row in rows])
    frame = frame.astype({"step": "Int64", "looked_on": "datetime64[us]"})
    return tables.checked(tables.SellerRuns, frame)


def alerts(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return alerts with `seller` and `step`; a row that says no more stops an order of SKU A."""
    base = {
        "code": "gate_hs_code", "severity": "stop", "market": "TH", "sku": "A", "act_by": NONE,
        "risk_cost": 100.0, "currency": "THB", "facts": "n=1|skus=A", "step": 3,
    }  # fmt: skip
    kinds = {"act_by": "datetime64[us]", "risk_cost": float}
    if not rows:
        return tables.empty(tables.Alerts).assign(seller="", step=0)
    return pd.DataFrame([{**base, **row} for row in rows]).astype(kinds)


def deadlines(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return `Deadlines` with `seller`; a row that says no more is the day to decide."""
    base = {
        "market": "TH", "deadline": "decide_by", "mode": "", "days_left": 0, "is_past": False,
        "reason": "reason.due_told",
    }  # fmt: skip
    if not rows:
        return tables.empty(tables.Deadlines).assign(seller="")
    return pd.DataFrame([{**base, **row} for row in rows]).astype({"due_on": "datetime64[us]"})


def lines(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return ship lines with `seller`: 100 units by sea that must leave on 1 October."""
    base = {
        "market": "TH", "sku": "A", "mode": "sea", "units": 100, "weight_kg": 50.0,
        "volume_cbm": 2.0, "ship_by": pd.Timestamp("2025-10-01"),
    }  # fmt: skip
    return pd.DataFrame([{**base, **row} for row in rows] or [{**base, "seller": "", "units": 0}])


def ways(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return a plan by mode with `seller`: 100 units by sea, in the warehouse on 28 October."""
    base = {
        "market": "TH", "sku": "A", "mode": "sea", "warehouse": "bkk", "units": 100,
        "volume_cbm": 2.0, "shelf_by": pd.Timestamp("2025-10-28"),
    }  # fmt: skip
    return pd.DataFrame([{**base, **row} for row in rows])


def judged(
    run: pd.DataFrame,
    told: pd.DataFrame | None = None,
    due: pd.DataFrame | None = None,
    sent: pd.DataFrame | None = None,
    *,
    as_of: str = "",
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return states, open alerts and due days."""
    day = pd.Timestamp(as_of).date() if as_of else None
    days = provider.looking_days(run, campaign=campaign(), as_of=day)
    still = provider.open_alerts(alerts() if told is None else told, days)
    falls = provider.due_days(
        deadlines() if due is None else due, lines() if sent is None else sent, days
    )
    return provider.seller_states(run, still, falls, days), still, falls
