"""How long the order under all limits takes to solve, and how that grows with the SKUs.

Each size is solved for three modes and three warehouses with every limit at once, each tight
enough to matter. The parts of the whole plan follow, see `plan_parts`.
Run: ``python run.py bench solve``.
"""

import argparse
import time
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from benchmarks import plan_parts
from benchmarks.results import write_results
from planner import tables
from planner.campaign import read_campaign
from planner.scope import Scope, scope_of
from planner.seller import read_seller
from planner.supply.order.allocation import Allocation, allocate
from planner.supply.quantity.newsvendor import KEYS
from planner.supply.quantity.value_curves import Curves, plain_curves
from planner.terms import Limits

SIZES, SHORT_SIZES = (100, 500, 1000, 2000, 5000), (100,)
N_DRAWS, SEED = 500, 20261111
TARGET_SKUS, TARGET_SECONDS = 500, 10.0
"""The brief: 500 SKUs, 3 modes and 3 warehouses with all limits in under 10 seconds."""
MARKET, HOUSES = "TH", ("north", "south", "platform")
MODES = (
    ("sea", 500.0, 30.0, 0.90, 6.0),
    ("sea_fast", 1100.0, 20.0, 0.92, 4.0),
    ("air", 6000.0, 8.0, 0.97, 2.0),
)
"""Mode, freight of a cubic metre, days, share in time, mean days late."""
CONTAINER_CBM = 68.0
"""A forty-foot high cube holds about this."""
TITLE = "Time to solve the order under all limits"
NOTES = (
    "3 modes, 3 warehouses, 500 worlds of demand; budget, booked space by mode, whole containers, "
    "space and quota of warehouses, minimum orders and full cartons bind together.",
    "`curve_seconds` is for the worth of supply, `seconds` for model, solver (HiGHS through "
    "scipy) and what a step more of each limit earns; wall time, `cpu_seconds` beside it.",
    "`order.allocation.allocate` of `plan_parts` weighs fees paid once for a SKU or a shipment and "
    "least charges of lanes beside these limits, so it takes longer at the same size.",
    "`gap` is what a better plan could earn at most, as a share; the solver stops at 0.2 % or "
    "after a number of branches, never by the clock: `is_cut_short` says that the branches ran out "
    "before the gap was reached. `seconds_alone` is the same without limits.",
)


class World(NamedTuple):
    """One made-up seller: what `allocate` is asked about."""

    curves: Curves
    ways: pd.DataFrame
    catalogue: pd.DataFrame
    scope: Scope
    curve_seconds: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark, write its results and show them."""
    parser = argparse.ArgumentParser(prog="bench solve", description=__doc__)
    parser.add_argument("--short", action="store_true", help="100 SKUs only")
    is_short = parser.parse_args(arguments).short
    rows: list[dict[str, Any]] = []
    for skus in SHORT_SIZES if is_short else SIZES:
        rows.append(measured(skus))
        told = pd.DataFrame(rows)  # a run that is broken off has said so far
        page = write_results("solve", told, title=TITLE, notes=NOTES, is_short=is_short)
    print(page.read_text(encoding="utf-8"), page, sep="\n")
    plan_parts.main(["--short"] if is_short else [])


def measured(skus: int) -> dict[str, Any]:
    """Return one line of the result: the time of one size, and what the plan is like."""
    world = made_world(skus)
    began = time.perf_counter()
    alone = allocate(world.curves, world.ways, world.catalogue, Limits(), scope=world.scope)
    limits = tight_limits(alone)
    started, started_cpu = time.perf_counter(), time.process_time()
    plan = allocate(
        world.curves,
        world.ways,
        world.catalogue,
        limits,
        scope=world.scope,
    )
    seconds, cpu = time.perf_counter() - started, time.process_time() - started_cpu
    binding = plan.limit_prices.query("is_binding")["limit"]
    return {
        "skus": skus,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "curve_seconds": round(world.curve_seconds, 2),
        "seconds_alone": round(started - began, 2),
        "gap": round(plan.gap, 6),
        "is_cut_short": plan.is_cut_short,
        "lines": len(plan.mode_plan),
        "limits_binding": ", ".join(dict.fromkeys(binding)),
        "target_seconds": TARGET_SECONDS if skus <= TARGET_SKUS else None,
    }


def tight_limits(alone: Allocation) -> Limits:
    """Return limits that cut into what the plan takes without them."""
    space = float(alone.mode_plan["volume_cbm"].sum())
    booked = {"sea": 0.45 * space, f"{MARKET}.sea_fast": 0.3 * space}
    return Limits(
        budget=0.75 * float(alone.mode_plan["landed_cost"].sum()),
        mode_cbm=booked,
        container_cbm=min(CONTAINER_CBM, *booked.values()),
        warehouse_cbm={"north": 0.3 * space, "south": 0.3 * space},
        quota_units={"platform": int(0.2 * alone.units.sum())},
    )


def made_world(skus: int) -> World:
    """Return a seller with `skus` SKUs, the same each time."""
    rng = np.random.default_rng(SEED)
    names = [f"SKU-{place:05d}" for place in range(skus)]
    mean = np.exp(rng.normal(5.5, 1.0, skus))
    worlds = np.round(rng.gamma(4.0, 0.25, (skus, N_DRAWS)) * mean[:, None])
    price = rng.uniform(80.0, 200.0, skus)
    cost, volume = price * rng.uniform(0.25, 0.5, skus), rng.uniform(0.0005, 0.01, skus)
    catalogue = pd.DataFrame(
        {
            "sku": names,
            "price": price,
            "promo_price": np.nan,
            "unit_cost": cost,
            "volume_cbm": volume,
            "carton_units": rng.choice([6, 10, 12, 24, 48], skus),
            "moq_units": rng.choice([0, 0, 100, 300], skus),
        }
    )
    scope = _scope()
    started = time.perf_counter()
    curves = plain_curves(
        _draws(names, worlds), _position(names), _economics(names, price, cost, volume), None,
        scope=scope,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    return World(curves, _ways(names, cost, volume), catalogue, scope, seconds)


def _scope() -> Scope:
    days = {"start": "2026-11-01", "end": "2026-11-20"}
    campaign = {
        "campaign": "solve",
        "name": {"zh": "求解", "en": "Solve"},
        "as_of": {"plan": "2026-09-20"},
        "markets": {
            MARKET: {
                "event": "11.11",
                "kind": "double_date",
                "phases": {"sale": days},
                "next_replenishment_on": "2026-12-01",
            }
        },
    }
    shop = {
        "shop": "solve-th", "platform": "tiktok", "market": MARKET, "currency": "THB",
        "time_zone": "Asia/Bangkok", "warehouse": HOUSES[0],
    }  # fmt: skip
    seller = {
        "seller": "solve",
        "name": {"zh": "求解", "en": "Solve"},
        "currency": "THB",
        "profile": {"category": "home"},
        "shops": [shop],
        "warehouses": [
            {"warehouse": house, "market": MARKET, "receiving_days": 4.0 + 2 * place}
            for place, house in enumerate(HOUSES)
        ],
    }
    where = "bench solve"
    return scope_of(read_campaign(campaign, where=where), read_seller(seller, where=where))


def _draws(names: list[str], worlds: np.ndarray) -> pd.DataFrame:
    sale = {"shop": "solve-th", "market": MARKET, "sku": names, "phase": "sale"}
    days = {"starts_on": pd.Timestamp(date(2026, 11, 1)), "ends_on": pd.Timestamp("2026-11-20")}
    return pd.DataFrame({**sale, **days, "draws": list(worlds)})


def _position(names: list[str]) -> pd.DataFrame:
    nothing = {name: 0 for name in tables.columns(tables.StockPosition) if name not in KEYS}
    return pd.DataFrame({"market": MARKET, "sku": names} | nothing)


def _economics(
    names: list[str], price: np.ndarray, cost: np.ndarray, volume: np.ndarray
) -> pd.DataFrame:
    landed, selling = cost + volume * MODES[0][1], 0.2 * price
    under, over = price - selling - landed, 0.4 * landed
    return pd.DataFrame(
        {
            "market": MARKET,
            "sku": names,
            "price": price,
            "selling_cost": selling,
            "leftover_revenue": landed - over,
            "critical_ratio": np.maximum(under, 0.0) / (np.maximum(under, 0.0) + over),
        }
    )


def _ways(names: list[str], cost: np.ndarray, volume: np.ndarray) -> pd.DataFrame:
    day = pd.Timestamp("2026-09-25")
    parts = [
        pd.DataFrame(
            {
                "market": MARKET,
                "sku": names,
                "mode": mode,
                "is_allowed": True,
                "produce_by": day,
                "ship_by": day,
                "shelf_by": pd.Timestamp("2026-11-01"),
                "lead_days": days,
                "on_time_rate": in_time,
                "late_days": late,
                "unit_freight_cost": volume * rate,
                "unit_surcharge_cost": 0.0,
                "landed_cost": cost + volume * rate,
                "missing": "",
                "reason": "",
                "currency": "THB",
            }
        )
        for mode, rate, days, in_time, late in MODES
    ]
    return tables.checked(tables.SkuWays, pd.concat(parts, ignore_index=True))


if __name__ == "__main__":
    main()
