"""What a plan may know and what it leaves, every table empty unless a test gives it."""

import pandas as pd

from planner import tables
from planner.guards.entries import as_alerts
from planner.pages.cards import alert_card
from planner.supply.plan_tables import Known, Planned

KNOWN = {
    "draws": tables.DemandDraws, "forecast": tables.Forecast, "by_day": tables.ForecastDaily,
    "doubts": tables.DoubtShares, "daily": tables.DailySales, "catalogue": tables.Catalogue,
    "facts": tables.GoodsFacts, "evidence": tables.Evidence, "decisions": tables.Decisions,
    "stock": tables.Stock, "weak": tables.WeakRows,
}  # fmt: skip
PLANNED = {
    "options": tables.LaneOptions, "stages": tables.StageDays, "deadlines": tables.Deadlines,
    "ways": tables.SkuWays, "terms": tables.WayTerms, "position": tables.StockPosition,
    "economics": tables.UnitEconomics, "exits": tables.Exits, "locks": tables.PriceLocks,
    "rules": tables.RuleComparison, "plan": tables.StockPlan, "mode_plan": tables.ModePlan,
    "limits": tables.LimitPrices, "ship": tables.ShipLines, "costs": tables.CostLines,
    "option": tables.FreightOptions, "reserves": tables.Reserves,
    "decided": tables.DecisionWorth, "pools": tables.PoolWorth, "channels": tables.ChannelPlan,
}  # fmt: skip
LOOSE = pd.DataFrame(
    {name: pd.Series(dtype="str") for name in ("market", "mode", "warehouse", "sku")}
    | {"units": pd.Series(dtype="int64")}
)


def known(*, registers: dict | None = None, **parts: pd.DataFrame) -> Known:
    """Return what is known; a register that is not given holds no row."""
    held = {kind: tables.empty(kind) for kind in tables.REGISTERS} | (registers or {})
    frames = {name: tables.empty(kind) for name, kind in KNOWN.items()} | parts
    return Known(**frames, registers=held)


def planned(**parts: pd.DataFrame) -> Planned:
    """Return a plan; a table that is not given holds no row."""
    frames = {name: tables.empty(kind) for name, kind in PLANNED.items()} | {"loose": LOOSE}
    nothing = {name: pd.DataFrame() for name in Planned._fields}
    return Planned(**(nothing | frames | parts))


def way(sku: str = "A", mode: str = "truck", **columns: object) -> pd.DataFrame:
    """Return one way of a SKU: made by 10 Oct, sent by 15 Oct, on the shelf on 28 Oct."""
    row = {
        "market": "TH", "sku": sku, "mode": mode, "is_allowed": True,
        "produce_by": pd.Timestamp("2026-10-10"), "ship_by": pd.Timestamp("2026-10-15"),
        "shelf_by": pd.Timestamp("2026-10-28"), "lead_days": 5.0, "on_time_rate": 1.0,
        "late_days": 0.0, "unit_freight_cost": 10.0, "unit_surcharge_cost": 0.0,
        "landed_cost": 50.0, "missing": "", "reason": "", "currency": "THB",
    }  # fmt: skip
    return pd.DataFrame([{**row, **columns}])


def gate(sku: str = "A", **columns: object) -> pd.DataFrame:
    """Return one gate that a missing HS code shuts; the batch behind it is worth 8,500."""
    row = {
        "market": "TH", "sku": sku, "gate": "hs_code", "state": "missing", "blocks": "ship",
        "evidence": "", "expires_on": pd.NaT, "saved_cost": 8500.0, "reason": "gate.hs_missing",
        "source": "by hand", "currency": "THB",
    }  # fmt: skip
    return pd.DataFrame([{**row, **columns}]).astype({"expires_on": "datetime64[us]"})


def ordered(sku: str = "A", mode: str = "truck", **columns: object) -> pd.DataFrame:
    """Return 200 units of a SKU that go one way, for 10,000 in all."""
    row = {
        "market": "TH", "sku": sku, "mode": mode, "warehouse": "house", "units": 200,
        "landed_cost": 10_000.0, "volume_cbm": 0.4, "ship_by": pd.Timestamp("2026-10-15"),
        "shelf_by": pd.Timestamp("2026-10-28"), "reason": "", "currency": "THB",
    }  # fmt: skip
    return pd.DataFrame([{**row, **columns}])


def stock_plan(sku: str = "A", **columns: object) -> pd.DataFrame:
    """Return a plan of 200 units of a SKU, 300 if demand were high."""
    row = {
        "market": "TH", "sku": sku, "rule": "profit", "demand_units": 150.0, "safety_units": 50.0,
        "buffer_units": 0.0, "target_units": 200.0, "available_units": 0.0, "needed_units": 200.0,
        "order_units": 200, "low_units": 100, "high_units": 300, "service_level": 0.8,
        "lost_units": 10.0, "leftover_units": 20.0, "expected_profit": 1.0, "grade": "B",
        "is_blocked": False, "is_stock_known": True, "reason": "", "currency": "THB",
    }  # fmt: skip
    return pd.DataFrame([{**row, **columns}])


def lock(sku: str = "A", **columns: object) -> pd.DataFrame:
    """Return a price lock on 60 units of the sale that asks for a higher price by 10 October."""
    row = {
        "market": "TH", "sku": sku, "price": 100.0, "mean_unit_profit": 5.0,
        "low_unit_profit": -8.0, "high_unit_profit": 20.0, "mean_unit_loss": 2.0,
        "loss_chance": 0.3, "advice": "raise_price", "max_units": 120.0, "least_price": 110.0,
        "settle_by": pd.Timestamp("2026-10-10"), "currency": "THB",
        "reason": "reason.lock_days|first=2026-11-08|last=2026-11-12|units=60",
    }  # fmt: skip
    return pd.DataFrame([{**row, **columns}])


def told(entries: list) -> pd.DataFrame:
    """Return alerts as a table; each can be told as a card in both languages."""
    frame = as_alerts(entries)
    for row in frame.to_dict("records"):
        for lang in ("zh", "en"):
            card = alert_card(row, lang)
            assert card["text"], row
            assert card["do"], row
    return frame


def facts(frame: pd.DataFrame) -> dict[str, str]:
    """Return the facts of the one alert of a table."""
    assert len(frame) == 1, frame
    return dict(pair.split("=", 1) for pair in frame["facts"].iloc[0].split("|"))
