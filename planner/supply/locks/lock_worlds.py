"""Lock worlds: what selling one unit at a locked price costs, world by world.

Knows how wide freight, duty, exchange rate, returns and the creators' share are. Knows nothing
of demand and gives no advice; that is `price_lock`.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.supply.charges.duty import unit_duty
from planner.supply.charges.tariffs import (
    DAYS_A_YEAR,
    SHARE_UNITS,
    figures,
    has_term,
    per_unit,
    tariffs_in_force,
)
from planner.supply.charges.way_choice import in_order
from planner.supply.quantity.newsvendor import KEYS
from planner.supply.quantity.returning import returns_of
from planner.supply.trips.lanes import STEP, bound

GOODS_CURRENCY = "CNY"
"""What goods are bought in; the exchange rate moves their cost against the market's price."""
SKUS_AT_A_TIME = 128
"""Worlds of so many fit into a processor's cache. [SKUs]"""
LEAST_RATIO = 0.05
"""No draw makes a cost fall below this share of its mean. [unitless]"""


class LockWorlds(NamedTuple):
    """Costs of one unit sold, by SKU and world: a price `p` earns ``p * (1 - share) - cost``."""

    frame: pd.DataFrame
    """market, sku, price (locked), ordinary_price, landed_cost, margin_profit (at the locked price
    and the mean of the costs known), ordinary_profit (as it is at the ordinary price), unknown
    (terms without figure or range)."""
    share: np.ndarray
    """Of the price, shape (n_sku, n)."""
    cost: np.ndarray
    """Landed and selling cost that do not go by the price, shape (n_sku, n). [currency/unit]"""
    landed: np.ndarray
    """Mean landed cost with what the guard adds to it, shape (n_sku,). [currency/unit]"""


def lock_worlds(
    catalogue: pd.DataFrame,
    economics: pd.DataFrame,
    ways: pd.DataFrame | None,
    fees: pd.DataFrame,
    *,
    scope: Scope,
    lanes: pd.DataFrame,
    duty_rates: pd.DataFrame,
    return_rates: pd.DataFrame,
    bounds: pd.DataFrame,
    n: int,
    spread: float = 1.0,
) -> LockWorlds:
    """Return the worlds of what a unit costs; parameters as in `price_lock.guard_prices`.

    Notes
    -----
    Every driver is centred on the mean that the economics or the guard's bounds give, so that
    `spread` widens it and leaves the mean alone. Freight and exchange rate move all SKUs of a
    lane or market together.
    """
    frame = _facts(catalogue, economics, ways, fees, lanes, duty_rates, return_rates, scope)
    rng = np.random.default_rng(list(f"{scope.seed_text}|price lock".encode()))
    moves = _moves(sorted(set(frame["market"])), bounds, scope, rng, n)
    parts = [
        _block(frame.iloc[first : first + SKUS_AT_A_TIME], moves, bounds, spread)
        for first in range(0, len(frame), SKUS_AT_A_TIME)
    ]
    share, cost, landed = (np.concatenate(values) for values in zip(*parts, strict=True))
    return LockWorlds(_at_lock(frame), share, cost, landed)


def _at_lock(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the unit at the locked and at the ordinary price; the economics hold their mean."""
    kept = 1.0 - frame["price_share"]
    told = frame[[*KEYS, "ordinary_price", "landed_cost", "unknown"]].assign(
        price=frame["sale_price"]
    )
    for name, price in (("margin_profit", "sale_price"), ("ordinary_profit", "ordinary_price")):
        told[name] = frame["margin_profit"] + kept * (frame[price] - frame["price"])
    return told


def _block(
    frame: pd.DataFrame,
    moves: dict[str, dict[str, np.ndarray]],
    bounds: pd.DataFrame,
    spread: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return share, cost and mean landed cost of some SKUs, as `LockWorlds` has them."""
    width = frame["freight_width"].to_numpy(dtype=float)[:, None]
    move = {
        name: spread * np.array([by_market[market] for market in frame["market"]])
        for name, by_market in moves.items()
        if name != "freight"
    }
    lane = np.array([moves["freight"][market] for market in frame["market"]])
    move["freight"] = spread * (width * lane)
    column = {name: frame[name].to_numpy(dtype=float)[:, None] for name in _NUMBERS}
    affiliate = bound(bounds, "affiliate")
    is_told = frame["has_affiliate"].to_numpy(dtype=bool)[:, None]
    creators = np.where(is_told, 0.0, (affiliate.low + affiliate.high) / 2 + move["affiliate"])
    duty = column["open_duty"] / 2 * (1 + move["duty"])
    unknown = bound(bounds, "duty_unknown")
    guess = (unknown.low + unknown.high) / 2 * column["unit_cost"] * (1 + move["duty"])
    duty = np.where(frame["is_duty_unknown"].to_numpy(dtype=bool)[:, None], duty + guess, duty)
    back = column["return_rate"] * move["returns"]
    freight = np.maximum(move["freight"], LEAST_RATIO - 1) * column["freight"]
    goods = np.maximum(move["fx"], LEAST_RATIO - 1) * column["unit_cost"]
    landed = column["landed_cost"] + freight + goods + duty
    fixed = column["selling_cost"] - column["price_share"] * column["price"]
    handled = back * (column["handling"] - column["kept"])
    share = column["price_share"] + back + creators
    return share, landed + fixed + handled, landed.mean(axis=1)


_NUMBERS = (
    "price", "landed_cost", "selling_cost", "unit_cost", "freight", "open_duty", "return_rate",
    "handling", "kept", "price_share",
)  # fmt: skip


def _facts(
    catalogue: pd.DataFrame,
    economics: pd.DataFrame,
    ways: pd.DataFrame | None,
    fees: pd.DataFrame,
    lanes: pd.DataFrame,
    duty_rates: pd.DataFrame,
    return_rates: pd.DataFrame,
    scope: Scope,
) -> pd.DataFrame:
    goods = economics.drop(columns="currency").merge(
        catalogue[["sku", "category", "unit_cost", "weight_kg", "volume_cbm"]], on="sku", how="left"
    )
    goods = goods.merge(_way_taken(ways, lanes), on=KEYS, how="left")
    goods["freight"] = goods["unit_freight_cost"].fillna(0.0)
    goods["freight_width"] = goods["freight_width"].fillna(0.0)
    tariffs = tariffs_in_force(fees, scope=scope)
    rates = returns_of(return_rates, goods, catalogue)
    goods["return_rate"] = rates["return_rate"].fillna(0.0).to_numpy()
    goods["handling"] = per_unit(tariffs, "returns", goods).fillna(0.0)
    worth = np.minimum(goods["leftover_revenue"], goods["price"]).fillna(0.0)
    goods["kept"] = rates["resale_rate"].fillna(0.0).to_numpy() * worth
    goods["price_share"] = _price_share(tariffs, goods) + goods["return_rate"]
    goods["has_affiliate"] = figures(tariffs, "affiliate", goods["market"]).notna()
    duty = unit_duty(goods.assign(carriage_cost=goods["freight"]), duty_rates, scope=scope)
    goods["open_duty"] = duty["duty_risk"].fillna(0.0) + duty["import_tax_risk"].fillna(0.0)
    is_missing = goods["missing"].str.split(";").map(lambda names: "cost.duty" in names)
    goods["is_duty_unknown"] = ~duty["duty_known"] | is_missing
    goods["unknown"] = _unknown(goods)
    return goods


def _way_taken(ways: pd.DataFrame | None, lanes: pd.DataFrame) -> pd.DataFrame:
    """Return freight of the cheapest way a SKU may take, and half its range over its middle."""
    columns = [*KEYS, "unit_freight_cost", "freight_width"]
    if ways is None or ways.empty:
        return pd.DataFrame(
            {name: pd.Series(dtype="str" if name in KEYS else float) for name in columns}
        )
    taken = in_order(ways).drop_duplicates(KEYS)
    middle, half = lanes["high_rate"] + lanes["low_rate"], lanes["high_rate"] - lanes["low_rate"]
    rates = lanes.assign(freight_width=half / middle.where(middle > 0))
    rates = rates.drop_duplicates(["market", "mode"], keep="last")
    return taken.merge(
        rates[["market", "mode", "freight_width"]], on=["market", "mode"], how="left"
    )[columns]


def _price_share(tariffs: pd.DataFrame, goods: pd.DataFrame) -> pd.Series:
    """Return what platform and creators take of the price, as the economics count it."""
    share = pd.Series(0.0, index=goods.index)
    for term in tariffs.loc[tariffs["unit"] == SHARE_UNITS[0], "term"].unique():
        rows = tariffs[tariffs["term"] == term].drop_duplicates("market", keep="last")
        is_share = goods["market"].map(rows.set_index("market")["unit"]) == SHARE_UNITS[0]
        known = figures(tariffs, term, goods["market"]).where(is_share).fillna(0.0)
        share += known.where(has_term(tariffs, term, goods["market"]), 0.0)
    return share


def _unknown(goods: pd.DataFrame) -> pd.Series:
    """Return the terms nobody gave, those without a range, and a guessed creators' share."""
    told = [
        dict.fromkeys(
            [
                *[name for name in row["missing"].split(";") if name],
                *(["cost.head_haul"] if row["freight_width"] == 0 else []),
                *([] if row["has_affiliate"] else ["cost.affiliate"]),
            ]
        )
        for row in goods[["missing", "freight_width", "has_affiliate"]].to_dict("records")
    ]
    return pd.Series([",".join(names) for names in told], index=goods.index, dtype="str")


def _moves(
    markets: list[str], bounds: pd.DataFrame, scope: Scope, rng: np.random.Generator, n: int
) -> dict[str, dict[str, np.ndarray]]:
    """Return every driver's relative move by market, mean 0, shape (n,); freight of width 1."""
    lane = {key: _even(rng, n) for key in markets}
    by_market = {
        name: {m: _even(rng, n) for m in lane} for name in ("duty", "returns", "affiliate")
    }
    fx = {market: _centred(rng.standard_normal(n)) for market in lane}
    returns, creators = bound(bounds, "return_rate_spread"), bound(bounds, "affiliate")
    volatility = bound(bounds, "fx_volatility")
    yearly = (volatility.low + volatility.high) / 2
    today = scope.as_of(STEP)
    home = {shop.market for shop in scope.shops if shop.currency == GOODS_CURRENCY}
    years = {
        market: 0.0
        if market in home
        else max((plan.phases.end - today[market]).days, 0) / DAYS_A_YEAR
        for market, plan in scope.plans.items()
    }
    back = (returns.high - returns.low) / 2
    share = (creators.high - creators.low) / 2
    return {
        "freight": lane,
        "duty": by_market["duty"],
        "fx": {m: yearly * np.sqrt(years[m]) * moves for m, moves in fx.items()},
        "returns": {m: back * moves for m, moves in by_market["returns"].items()},
        "affiliate": {m: share * moves for m, moves in by_market["affiliate"].items()},
    }


def _even(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return draws spread evenly from -1 to 1, mean 0, none left out."""
    return (2 * rng.permutation(n) + 1) / n - 1


def _centred(draws: np.ndarray) -> np.ndarray:
    return (draws - draws.mean()) / draws.std()
