"""What acting on the first recommended action earns, on true demand, against doing nothing.

Every SKU gets the same published money: price 20, goods and sea 5.8, selling 4, a unit left over
brings 3. A reserve two days away holds a third of what the plan expects; air takes nine days.
"""

import numpy as np
import pandas as pd

from benchmarks.track_worlds import Campaign, keys_of
from planner import tables
from planner.season.acting.choices import Planned, action_choices, first_choices
from planner.season.acting.clock import landing_day
from planner.season.days import KEYS
from planner.season.outlook.rest_by_hour import MarketRest
from planner.season.stock.cover import run_worlds
from planner.seller import Warehouse
from planner.terms import Transfer

PRICE, LANDED_COST, SELLING_COST, LEFT_OVER = 20.0, 5.8, 4.0, 3.0
MOVE_COST, MOVE_DAYS = 1.5, 2.0
AIR_COST, AIR_DAYS = 8.2, 5.0
"""Landed by air, and its days before receiving."""
RESERVE_RATE = 0.33
"""Units in reserve over what the plan expects of the event. [unitless]"""
AD_SHARE, AD_COST = 0.15, 1.2
"""Share of demand that ads bring, and what a unit so sold costs in ads; our own choice."""
AT_RISK_RATE = 0.10
"""Goods that run out in more than this share of the worlds are looked at."""
RESERVE = "reserve"


def acted(campaign: Campaign, rest: MarketRest) -> list[dict[str, object]]:
    """Return one row per policy: money above doing nothing, in one campaign from one moment on."""
    scope = _with_reserve(campaign, rest)
    day = int(campaign.days.get_loc(rest.sight.at.normalize()))
    stock = campaign.stock - campaign.sold[:, :day].sum(axis=1)
    held = keys_of(campaign).assign(stock_units=stock)
    nothing = pd.DataFrame(columns=[*KEYS, "day", "units"])
    planned = _planned(campaign, rest, scope)
    choices = action_choices(
        [rest], held, nothing, planned, scope=scope, hours=tables.empty(tables.HourProfile)
    )
    truth = campaign.wanted[:, day:]
    first = first_choices(choices)
    late = int((first["last_useful_at"] < first["looking_at"]).sum())
    rows = {"first action of every SKU": first, "first action of all": first.head(1)}
    place = pd.Index(campaign.skus)
    return [
        {
            "campaign": campaign.name,
            "policy": policy,
            "gain": sum(
                _gain(row, truth[place.get_loc(row.sku)], stock[place.get_loc(row.sku)], rest)
                for row in part.itertuples()
            ),
            "told": float(part["value_profit"].sum()),
            "skus": len(part),
            "late": late,
        }
        for policy, part in rows.items()
    ]


def _gain(row: object, wanted: np.ndarray, stock: float, rest: MarketRest) -> float:
    """Return what one action made more than doing nothing, on what was truly wanted."""
    days = rest.sight.days[rest.ahead]
    arriving, demand, cost = np.zeros(len(days)), wanted.astype(float), 0.0
    if row.action in ("transfer", "air_top_up"):
        is_air = row.action == "air_top_up"
        hours = 24.0 * ((AIR_DAYS + _receiving()) if is_air else MOVE_DAYS)
        day = landing_day(row.looking_at, hours, days)
        kept = 0.0 if is_air else LEFT_OVER
        cost = row.units * ((AIR_COST if is_air else MOVE_COST) + kept)
        if day >= len(days):
            return row.units * LEFT_OVER - cost
        arriving[day] = row.units
    elif row.action == "cap_ads":
        end = int(rest.is_event_day.sum())
        demand[:end] = demand[:end] * (1 - AD_SHARE)
        cost = -AD_COST * float(wanted[:end].sum() * AD_SHARE)
    made = _money(stock, arriving, demand) - cost
    return made - _money(stock, np.zeros(len(days)), wanted.astype(float))


def _money(stock: float, arriving: np.ndarray, demand: np.ndarray) -> float:
    run = run_worlds(np.array([stock]), arriving[None], demand[None, :, None])
    sold = demand.sum() - run.unmet.sum()
    return float(sold * (PRICE - SELLING_COST) + run.left.sum() * LEFT_OVER)


def _receiving() -> float:
    return 4.0


def _with_reserve(campaign: Campaign, rest: MarketRest) -> object:
    scope = campaign.scope.model_copy(update={"seen_from": rest.sight.at.date()})
    market = campaign.market
    serves = scope.shops[0].warehouse
    house = Warehouse(warehouse=RESERVE, market=market, kind="own", is_reserve=True)
    move = Transfer(
        from_warehouse=RESERVE, to_warehouse=serves, days=MOVE_DAYS, unit_cost=MOVE_COST
    )
    kept = tuple(one for one in scope.seller.warehouses if one.market == market)
    contract = scope.seller.contract.model_copy(update={"receiving_days": None})
    policy = scope.policy.model_copy(update={"receiving_days": _receiving(), "production_days": 0})
    seller = scope.seller.model_copy(
        update={
            "warehouses": (*kept, house), "transfers": (move,), "contract": contract,
            "policy": policy,
        }
    )  # fmt: skip
    return scope.model_copy(update={"seller": seller})


def _planned(campaign: Campaign, rest: MarketRest, scope: object) -> Planned:
    keys = keys_of(campaign)
    margin = PRICE - LANDED_COST - SELLING_COST
    economics = keys.assign(
        price=PRICE, landed_cost=LANDED_COST, selling_cost=SELLING_COST, margin_profit=margin,
        leftover_revenue=LEFT_OVER, under_cost=margin, over_cost=LANDED_COST - LEFT_OVER,
        critical_ratio=0.5, missing="", currency=scope.seller.currency,
    )  # fmt: skip
    ways = keys.assign(
        mode="air", is_allowed=True, lead_days=AIR_DAYS, landed_cost=AIR_COST, reason=""
    )
    goods = tables.empty(tables.Catalogue).reindex(range(len(keys)))
    goods["sku"], goods["unit_cost"], goods["weight_kg"] = keys["sku"], 5.0, 0.3
    expected = rest.sight.worlds[:, :3].mean(axis=2).sum(axis=1)
    stock = keys[["sku"]].assign(
        warehouse=RESERVE, stage="on_hand", units=np.rint(RESERVE_RATE * expected).astype(int),
        available_on=pd.NaT, as_of=rest.sight.at.normalize(),
    )  # fmt: skip
    return Planned(economics, ways, goods, stock, _rules(scope.seller.currency))


def _rules(currency: str) -> pd.DataFrame:
    row = {
        "market": "any", "action": "cap_ads", "lead_hours": 1.0, "share_rate": AD_SHARE,
        "unit_cost": -AD_COST, "wait_days": np.nan, "currency": currency,
    }  # fmt: skip
    nothing = {"lead_hours": np.nan, "unit_cost": np.nan}
    return pd.DataFrame([row, {**row, **nothing, "action": "at_risk", "share_rate": AT_RISK_RATE}])
