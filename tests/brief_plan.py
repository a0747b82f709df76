"""A whole plan of notebook 03 for five goods in Thailand: what the brief's demands are shown on."""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import supply_case as case

from planner import tables
from planner.demand.forecast import summarise_draws
from planner.desk.plan_inputs import REGISTERS
from planner.guards.gates import goods_gates, priced
from planner.scope import Scope
from planner.supply.campaign_plan import plan_campaign
from planner.supply.plan_tables import Known, Planned

WORLDS = 200
MEANS = {"before": 20.0, "warm_up": 30.0, "sale": 150.0, "tail": 30.0, "after": 10.0}
FLAGS = ("has_battery", "has_liquid", "has_powder")
GOODS = (
    {"sku": "MUG", "name": "Mug", "price": 180.0, "barcode": "4006381333931"},
    {"sku": "TOY", "name": "Toy", "price": 180.0, "category": "toys"},
    {"sku": "FAN", "name": "Fan", "price": 180.0, "category": "small_appliance",
     "has_battery": True},
    {"sku": "THIN", "name": "Thin margin", "price": 62.0, "unit_cost": 55.0},
    {"sku": "NOHS", "name": "No code", "price": 180.0, "hs_code": ""},
)  # fmt: skip
SELLER = {
    "fx_rates": {"USD": 33.0, "CNY": 4.6, "GBP": 44.0},
    "fees": {"commission": 0.06, "transaction": 0.03, "outbound": 12.0, "inbound": 2.0,
             "affiliate": 0.05, "returns": 4.0, "storage": 1.0, "handling.label": 0.5,
             "handling.assembly": 0.0, "handling.photo": 0.0, "handling.quality_check": 0.0,
             "handling.integration": 0.0, "air.freight_kg": 92.0,
             "air.surcharge.battery": 0.2},
    "contract": {"is_signed": True, "has_clearance": True, "duty": "DDP",
                 "confirmed_lead_time_on": "2026-09-01"},
    "insurance": {"cover": "none", "loss_rate": 0.0},
    "policy": {"production_days": 5, "leftover_value_rate": 0.6},
    "warehouses": [
        {"warehouse": "house", "market": "TH", "address": "1 Bangna, Bangkok"},
        {"warehouse": "szx", "market": "CN", "kind": "own", "is_reserve": True},
    ],
    "transfers": [{"from_warehouse": "szx", "to_warehouse": "house", "days": 6, "unit_cost": 30}],
    "channels": [
        {"channel": "lazada", "warehouse": "house", "demand_ratio": 0.2, "net_price_ratio": 0.8}
    ],
    "limits": {"budget": 40_000},
}  # fmt: skip


class Whole(NamedTuple):
    """What is known, what holds goods up, and the plan that follows."""

    known: Known
    gates: pd.DataFrame
    plan: Planned
    scope: Scope


def known_goods(*, decisions: pd.DataFrame | None = None, **changed: Any) -> Known:
    """Return all that a plan asks for; frames are replaced by name."""
    catalogue = case.catalogue(*GOODS)
    draws = _draws([row["sku"] for row in GOODS])
    grades = draws[["shop", "market", "sku"]].drop_duplicates()
    grades = grades.assign(grade="B", grade_reason="")
    told = summarise_draws(draws, model_draws=draws, grades=grades)
    made = {
        "draws": draws,
        "forecast": told,
        "by_day": _by_day(draws),
        "doubts": tables.empty(tables.DoubtShares),
        "daily": pd.concat([case.daily([3] * 120, sku=row["sku"]) for row in GOODS]),
        "catalogue": catalogue,
        "facts": facts_of(catalogue),
        "evidence": tables.empty(tables.Evidence),
        "decisions": tables.empty(tables.Decisions) if decisions is None else decisions,
        "stock": case.stock(("MUG", "on_hand", 40, None, "2026-09-19")),
        "registers": {kind: case.register(kind) for kind in REGISTERS},
        "weak": tables.empty(tables.WeakRows),
    }
    return Known(**(made | changed))


def facts_of(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Return what customs and the platform want to know of goods, all of it told."""
    same = ["sku", "category", "hs_code", "barcode", "certificates", "unit_cost", "price",
            "weight_kg"]  # fmt: skip
    return catalogue[same].assign(
        material="PP", purpose="home", declared_cost=catalogue["unit_cost"], longest_cm=30.0,
        carton_cm=np.nan, carton_kg=np.nan,
        is_hero=catalogue["sku"] == "MUG", has_unknown_flags=False,
    )  # fmt: skip


def whole_plan(known: Known | None = None, **seller: Any) -> Whole:
    """Return the plan of the five goods on 20 September for a sale from 8 November."""
    given = known_goods() if known is None else known
    scope = case.scope(**(SELLER | seller))
    gates = goods_gates(given, scope=scope)
    plan = plan_campaign(given, gates, scope=scope)
    return Whole(given, priced(gates, plan, scope=scope), plan, scope)


@cache
def plain() -> Whole:
    """Return the plan of the five goods as they stand, made once."""
    return whole_plan()


def _draws(skus: list[str]) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    worlds = {
        sku: {phase: rng.gamma(4, mean / 4, WORLDS).round() for phase, mean in MEANS.items()}
        for sku in skus
    }
    return case.draws_of(worlds)


def _by_day(draws: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for row in draws.itertuples():
        days = pd.date_range(row.starts_on, row.ends_on, unit="us")
        each = float(row.draws.mean()) / len(days)
        rows.append(
            pd.DataFrame({"shop": row.shop, "market": row.market, "sku": row.sku, "day": days,
                          "phase": row.phase, "mean_units": each, "q10_units": each / 2,
                          "q50_units": each, "q90_units": each * 2})
        )  # fmt: skip
    return pd.concat(rows, ignore_index=True)
