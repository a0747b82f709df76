"""One seller's whole review, numbers by hand: 300 units ordered, three of four weeks sold out."""

from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd
from happened_case import FIRST, N_DAYS, PLANNED, SCOPE, arrived, happened
from season_case import draws, sales

from planner import tables
from planner.season.campaign_review import Reviewed, Seen, review_campaign

PLAN_ROW = {
    "market": "TH", "rule": "profit", "demand_units": 300.0, "safety_units": 0.0,
    "buffer_units": 0.0, "target_units": 300.0, "available_units": 0.0, "needed_units": 300.0,
    "order_units": 300, "low_units": 250, "high_units": 350, "service_level": 0.5,
    "lost_units": 20.0, "leftover_units": 20.0, "expected_profit": 2000.0, "grade": "B",
    "is_blocked": False, "is_stock_known": True, "reason": "reason.by_profit", "currency": "CNY",
}  # fmt: skip
BOUNDS = pd.DataFrame(
    {"rule": ["leftover_share", "dead_stock_days"], "low": [np.nan, np.nan], "high": [0.3, 90.0]}
)


def plan(sku: str = "a", **changed: object) -> pd.DataFrame:
    return pd.DataFrame([{**PLAN_ROW, "sku": sku, **changed}])


def costs(amounts: Mapping[str, float], sku: str = "a") -> pd.DataFrame:
    rows = [("TH", sku, term, amount, not np.isnan(amount)) for term, amount in amounts.items()]
    frame = pd.DataFrame(rows, columns=["market", "sku", "term", "amount_cost", "is_known"])
    return frame.assign(source="test", currency="CNY")


def bills(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Rows of sku, term, amount."""
    if not rows:
        return tables.empty(tables.ActualCosts)
    frame = pd.DataFrame(rows, columns=["sku", "term", "amount_cost"])
    return frame.assign(market="TH", source="bill 1")


def late_seen(**changed: object) -> Seen:
    """The order came ten days late: 100 of 300 were missed and lie there now."""
    daily = pd.concat(
        [
            sales("a", "2025-10-22", [0] * 10),
            sales("a", "2025-11-01", [0] * 10 + [10] * 20, out=tuple(range(10))),
        ],
        ignore_index=True,
    )
    gates = tables.empty(tables.Gates)
    had = happened(daily=daily, history=arrived("a", 300, 10), plan=plan(), gates=gates)
    parts = {
        "happened": had,
        "draws": draws("a", PLANNED),
        "costs": costs({"goods": 2400.0, "outbound": 560.0, "storage": 30.0}),
        "ways": _ways(),
        "exits": _exits(),
        "effects": tables.empty(tables.OverrideEffects),
        "lines": tables.empty(tables.OrderLines),
        "bundles": tables.empty(tables.Bundles),
        "bounds": BOUNDS,
        "return_rates": _rates(),
        "bills": bills(),
        "written": tables.empty(tables.NextDecisions),
        "parcels": tables.empty(tables.Parcels),
        "metrics": tables.empty(tables.Metrics),
    }
    return Seen(**(parts | changed))


@cache
def late_review() -> Reviewed:
    """What the review finds; read only."""
    return review_campaign(late_seen(), scope=SCOPE)


def last_day() -> pd.Timestamp:
    return FIRST + pd.Timedelta(days=N_DAYS - 1)


def _ways() -> pd.DataFrame:
    row = {"market": "TH", "sku": "a", "mode": "sea", "is_allowed": True, "lead_days": 10.0,
           "late_days": 0.0, "landed_cost": 8.0, "unit_freight_cost": 1.0,
           "unit_surcharge_cost": 0.5}  # fmt: skip
    return pd.DataFrame([row])


def _exits() -> pd.DataFrame:
    rows = [("markdown", 1, 60.0, 5.0, True), ("ordinary", 2, 25.5, 4.0, True),
            ("ship_home", 3, np.nan, 9.0, False)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["exit", "rank", "max_units", "unit_revenue", "is_open"])
    return frame.assign(market="TH", sku="a", exit_step=1, done_by=last_day(), reason="",
                        currency="CNY")  # fmt: skip


def _rates() -> pd.DataFrame:
    return pd.DataFrame({"market": ["TH"], "category": ["any"], "return_rate": [0.1],
                         "lag_days": [7.0], "resale_rate": [0.5], "source": ["test"]})  # fmt: skip
