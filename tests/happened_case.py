"""A whole campaign in tables, one market: what the review of money reads, numbers by hand."""

from datetime import date

import numpy as np
import pandas as pd
from season_case import a_scope, draws, forecast_of, sales, stock, value

from planner import tables
from planner.campaign import AsOf
from planner.season.replays.course import Happened

SCOPE = a_scope(seen_from="2025-12-05")
DAYS = AsOf(plan=date(2025, 10, 22), review=date(2025, 12, 5))
DATED = SCOPE.model_copy(
    update={"seen_from": None, "campaign": SCOPE.campaign.model_copy(update={"as_of": DAYS})}
)
"""The same, with a planning day of its own."""
FIRST = pd.Timestamp("2025-11-01")
N_DAYS = 30
DAILY = [10] * 30
"""300 units in November, on every day the same."""
PLANNED = {"warm_up": 100, "sale": 40, "tail": 60, "after": 100}


def counts(sku: str, ends: list[float], *, start: str = "2025-10-31") -> pd.DataFrame:
    days = pd.date_range(start, periods=len(ends))
    return pd.DataFrame({"sku": sku, "day": days, "units": np.array(ends, dtype=int)})


def plan_row(sku: str, **changed: object) -> pd.DataFrame:
    row = {
        "market": "TH", "sku": sku, "target_units": 300.0, "available_units": 0.0,
        "needed_units": 300.0, "order_units": 300, "is_blocked": False,
        "rule": "profit", "reason": "reason.by_profit",
    }  # fmt: skip
    return pd.DataFrame([row | changed])


def happened(sku: str = "a", *, history: pd.DataFrame | None = None, **changed: object) -> Happened:
    """One SKU: 300 ordered, there from the first day, 10 sold on every day of November."""
    model = draws(sku, PLANNED)
    before = sales(sku, "2025-10-22", [0] * 10)
    path = [300 - 10 * n for n in range(31)]
    parts = {
        "daily": pd.concat([before, sales(sku, "2025-11-01", DAILY)], ignore_index=True),
        "forecast": forecast_of(model),
        "baseline": _line(sku, 4.0),
        "plan": plan_row(sku),
        "mode_plan": _modes(sku),
        "position": pd.DataFrame({"market": ["TH"], "sku": [sku], "on_hand_units": [0],
            "inbound_units": [0], "late_units": [0], "available_units": [0.0],
            "again_units": [0.0], "later_left_units": [0.0], "is_known": [True]}),
        "economics": value(sku, margin=8.0),
        "locks": pd.DataFrame({"market": ["TH"], "sku": [sku], "advice": ["register"]}),
        "gates": pd.DataFrame({"market": [], "sku": [], "blocks": []}).astype("str"),
        "decisions": tables.empty(tables.Decisions),
        "catalogue": pd.DataFrame({"sku": [sku], "category": ["home"], "price": [25.0],
            "unit_cost": [5.0], "volume_cbm": [0.01],
            "moq_units": pd.array([0], "Int64"), "carton_units": pd.array([10], "Int64")}),
        "stock": stock(),
        "stock_history": history if history is not None else _early(sku, 300, path),
        "exits": tables.empty(tables.Exits),
        "shipments": tables.empty(tables.Shipments),
    }  # fmt: skip
    return Happened(**(parts | changed))


def _early(sku: str, units: int, path: list[float]) -> pd.DataFrame:
    """Empty until the order comes on 30 October; then the path from 31 October on."""
    quiet = counts(sku, [0] * 9 + [units], start="2025-10-21")
    return pd.concat([quiet, counts(sku, path)], ignore_index=True)


def arrived(sku: str, units: int, day: int) -> pd.DataFrame:
    """Counts of an order that came on a day of November, and sales of 10 a day as they could."""
    ends, held = [0.0], 0
    for n in range(N_DAYS):
        held += units if n == day else 0
        held -= min(held, 10)
        ends.append(held)
    return pd.concat([counts(sku, [0] * 10, start="2025-10-21"), counts(sku, ends)])


def _line(sku: str, units: float) -> pd.DataFrame:
    days = pd.date_range(FIRST, periods=N_DAYS)
    return pd.DataFrame(
        {"shop": "th-one", "market": "TH", "sku": sku, "day": days, "baseline_units": units}
    )


def _modes(sku: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"market": ["TH"], "sku": [sku], "mode": ["sea"], "units": [300], "landed_cost": [2400.0],
         "shelf_by": [pd.Timestamp("2025-10-30")]}
    )  # fmt: skip
