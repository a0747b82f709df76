"""A seller of any number of SKUs for the whole plan of notebook 03.

The goods of a demo seller and what is forecast for them are repeated; each copy sells more or
less than the first and on other days. One market, three modes in time, three warehouses, three
channels on one pool, every limit tight enough to be felt.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from benchmarks.forecast import CAMPAIGN, Case, case_of
from planner import tables
from planner.demand import (
    day_curve,
    days_ahead,
    decomposition,
    evidence,
    forecast,
    uplift,
)
from planner.demand.baseline import fit_baseline
from planner.desk.plan_inputs import REGISTERS, read_weak
from planner.desk.store import Desk, open_desk
from planner.intake import goods_facts, inventory, masters
from planner.intake.decisions import read_decisions
from planner.scope import Scope, scope_of
from planner.seller import Seller
from planner.supply.plan_tables import Known

DEMO_SELLER, MARKET, SEED = "demo-us-beauty", "US", 101
MODES = ("sea", "sea_fast", "air")
HOUSES = ("ont-chino", "ewr-newark", "fbt-platform")
CHANNELS = ("chenlu-us", "second", "third")
LOG_SIZE_SD = 0.6
"""How much the copies differ in demand."""
CONTAINER_SHARE = 0.05
"""What one container holds, of all that is wanted, so that any size has some to fill."""


class PlanCase(NamedTuple):
    """What `plan_campaign` is asked about."""

    known: Known
    scope: Scope


class Foretold(NamedTuple):
    """What notebook 02 leaves for the demo seller's own goods."""

    draws: pd.DataFrame
    forecast: pd.DataFrame
    by_day: pd.DataFrame
    doubts: pd.DataFrame


def plan_case(skus: int) -> PlanCase:
    """Return a seller of so many SKUs on the planning day, the same each time."""
    desk = open_desk(CAMPAIGN, DEMO_SELLER)
    case = case_of(DEMO_SELLER, SEED)
    scope, folder = desk.scope, desk.seller_folder
    told = _forecast(case, scope, desk)
    stock = inventory.read_stock(folder, scope.seller, scope.as_of(3))
    goods = masters.read_catalogue(folder, scope.seller)
    copies = -(-skus // len(goods))
    size = np.exp(np.random.default_rng(SEED).normal(0.0, LOG_SIZE_SD, copies))
    kept = [_name(sku, copy) for copy in range(copies) for sku in goods["sku"]][:skus]
    frames = {
        "draws": _sized_draws(told.draws, size),
        "forecast": _sized(told.forecast, size, "_units"),
        "by_day": _sized(told.by_day, size, "_units"),
        "doubts": _sized(told.doubts, size, "_units"),
        "daily": _repeated(case.daily, copies),
        "catalogue": _repeated(goods, copies),
        "facts": _repeated(goods_facts.read_goods_facts(folder, scope.seller), copies),
        "stock": _repeated(stock, copies),
    }
    frames = {
        name: frame[frame["sku"].isin(kept)].reset_index(drop=True)
        for name, frame in frames.items()
    }
    known = Known(
        **frames,
        evidence=goods_facts.read_evidence(folder),
        decisions=read_decisions(folder).iloc[:0],
        registers={kind: desk.rules(kind) for kind in REGISTERS},
        weak=read_weak(desk),
    )
    return PlanCase(known, scope_of(scope.campaign, _bigger(scope.seller, known)))


def _forecast(case: Case, scope: Scope, desk: Desk) -> Foretold:
    fit, base = fit_baseline(case.daily, until=scope.horizon_ends, catalogue=case.catalogue)
    ratios = uplift.estimate_uplift(
        case.daily,
        base,
        plans=scope.plans,
        events=case.events,
        priors=case.priors,
        memory=tables.empty(tables.UpliftMemory),
        catalogue=case.catalogue,
        fit=fit,
    )
    draws = forecast.draw_demand(
        fit,
        base,
        ratios,
        plans=scope.plans,
        demand=scope.campaign.demand,
        seed_text=scope.seed_text,
    )
    grades = evidence.grade_evidence(fit, ratios)
    told = forecast.summarise_draws(draws, model_draws=draws, grades=grades)
    shape = day_curve.learn_day_curve(
        case.daily, base, plans=scope.plans, shipped=desk.rules(tables.DayCurvePriors)
    )
    by_day = days_ahead.daily_forecast(draws, base, shape, fit=fit)
    return Foretold(draws, told, by_day, decomposition.share_doubt(told, fit=fit, uplift=ratios))


def _bigger(seller: Seller, known: Known) -> Seller:
    """Return the seller with three houses, three channels and limits that cut into the order."""
    goods, inside = known.catalogue.set_index("sku"), known.draws["phase"] != "before"
    wanted = known.draws[inside].set_index("sku")["draws"].map(np.mean).groupby("sku").sum()
    space = float((wanted * goods["volume_cbm"]).sum())
    told: Mapping[str, Any] = seller.model_dump(mode="json")
    first, second, third = HOUSES
    return Seller.model_validate(
        {
            **told,
            "policy": told["policy"] | {"lanes": MODES},
            "warehouses": [
                *(house | {"is_reserve": False} for house in told["warehouses"]),
                {"warehouse": third, "market": MARKET, "kind": "fbt", "receiving_days": 5},
            ],
            "transfers": [
                *told["transfers"],
                {"from_warehouse": first, "to_warehouse": third, "days": 4, "unit_cost": 0.3},
            ],
            "channels": [
                {"channel": CHANNELS[0], "warehouse": first, "pool": "one"},
                {"channel": CHANNELS[1], "warehouse": first, "pool": "one",
                 "net_price_ratio": 0.9, "demand_ratio": 0.4},
                {"channel": CHANNELS[2], "warehouse": first, "pool": "one",
                 "net_price_ratio": 0.8, "demand_ratio": 0.3},
            ],
            "limits": {
                "budget": 0.6 * float((wanted * goods["unit_cost"]).sum()),
                "mode_cbm": {"sea": 0.3 * space, f"{MARKET}.sea_fast": 0.3 * space},
                "container_cbm": CONTAINER_SHARE * space,
                "warehouse_cbm": {first: 0.3 * space, second: 0.3 * space},
                "quota_units": {third: int(0.2 * wanted.sum())},
            },
        }
    )  # fmt: skip


def _name(sku: str, copy: int) -> str:
    return f"{sku}-{copy:04d}"


def _repeated(frame: pd.DataFrame, copies: int) -> pd.DataFrame:
    parts = [frame.assign(sku=frame["sku"] + f"-{copy:04d}") for copy in range(copies)]
    return pd.concat(parts, ignore_index=True)


def _sized(frame: pd.DataFrame, size: np.ndarray, ending: str) -> pd.DataFrame:
    counts = [name for name in frame.columns if name.endswith(ending)]
    whole = _repeated(frame, len(size))
    ratio = np.repeat(size, len(frame))[:, None]
    return whole.assign(**dict(zip(counts, (whole[counts].to_numpy() * ratio).T, strict=True)))


def _sized_draws(draws: pd.DataFrame, size: np.ndarray) -> pd.DataFrame:
    """Return the draws of every copy: its own size, and its worlds in an order of its own."""
    worlds = np.stack(draws["draws"].to_list())
    stream = np.random.default_rng(SEED)
    many = [
        np.round(worlds[:, stream.permutation(worlds.shape[1])] * ratio).astype(worlds.dtype)
        for ratio in size
    ]
    whole = _repeated(draws.drop(columns="draws"), len(size))
    return whole.assign(draws=list(np.concatenate(many)))[list(draws.columns)]
