"""Leftover goods: what exits are priced and measured by, and what keeping goods costs.

Knows net prices, landed costs, ordinary days, the seller's own fees and the storage tariff. Knows
no exit; those are `exit_kinds`.
"""

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.supply.charges.tariffs import DAYS_A_YEAR, storage_per_cbm
from planner.supply.quantity.newsvendor import KEYS, market_draws
from planner.supply.quantity.position import HORIZON_PHASES, horizon_days
from planner.supply.trips.lanes import ANY_MARKET, known_rate

CAMPAIGN_PHASES = ("warm_up", "sale", "tail")
ORDINARY_PHASES = ("after", "before")
"""Phases without a promotion, the one nearer to the leftovers first."""
HOLDING = "holding"
"""A row of the register that is no exit: what keeping goods costs beside the storage fee."""


def goods_left(
    catalogue: pd.DataFrame, economics: pd.DataFrame, draws: pd.DataFrame
) -> pd.DataFrame:
    """Return what the exits of each market and SKU are priced and measured by.

    Returns
    -------
    DataFrame
        market, sku, price, sale_price, ordinary_price, landed_cost, selling_cost, net_revenue (at
        the mean price of the horizon), sale_revenue and ordinary_revenue (net at the campaign and
        at the ordinary price), volume_cbm, weight_kg, horizon_units, campaign_units (mean demand),
        daily_units (an ordinary day).

    Notes
    -----
    ``net * price there / price`` where that is higher, else the net less all that the price is
    lower: fees by the unit do not grow with the price, and none is cut. Both are lower ends.
    """
    columns = ["price", "sale_price", "ordinary_price", "landed_cost", "selling_cost"]
    sizes = catalogue[["sku", "volume_cbm", "weight_kg"]]
    goods = economics[[*KEYS, *columns]].merge(sizes, on="sku", how="left")
    goods["net_revenue"] = goods["price"] - goods["selling_cost"]
    goods["sale_revenue"] = _net_at(goods, goods["sale_price"])
    goods["ordinary_revenue"] = _net_at(goods, goods["ordinary_price"])
    keys = pd.MultiIndex.from_frame(goods[KEYS])
    for name, phases in (("horizon_units", HORIZON_PHASES), ("campaign_units", CAMPAIGN_PHASES)):
        known, units = market_draws(draws, phases=phases)
        goods[name] = pd.Series(units.mean(axis=1), index=known).reindex(keys).to_numpy()
    goods["daily_units"] = daily_ordinary(draws).reindex(keys).to_numpy()
    return goods


def _net_at(goods: pd.DataFrame, price: pd.Series) -> pd.Series:
    price = price.fillna(goods["price"])
    net, ratio = goods["net_revenue"], price / goods["price"]
    return (net * ratio).where(ratio >= 1, net + price - goods["price"])


def daily_ordinary(draws: pd.DataFrame) -> pd.Series:
    """Return mean units of an ordinary day by market and SKU, from the days after the campaign.

    Where no ordinary day follows the campaign, the days before it take their place.
    """
    parts = draws.assign(
        mean=[float(np.mean(row)) for row in draws["draws"]],
        days=(draws["ends_on"] - draws["starts_on"]).dt.days + 1,
    )
    by_phase = []
    for phase in ORDINARY_PHASES:
        rows = parts[(parts["phase"] == phase) & (parts["days"] > 0)]
        by_phase.append((rows["mean"] / rows["days"]).groupby([rows[key] for key in KEYS]).sum())
    return by_phase[0].combine_first(by_phase[1])


def rules_of(exit_rules: pd.DataFrame, market: str, scope: Scope) -> pd.DataFrame:
    """Return the register's rows for a market: its own, else those of any market.

    The seller's own fee of an exit (`exit.destroy`, `TH.exit.destroy` under `fees`) comes first.
    """
    rows = exit_rules[exit_rules["market"].isin([market, ANY_MARKET])]
    rows = rows.assign(is_general=rows["market"] == ANY_MARKET).sort_values("is_general")
    rows = rows.drop_duplicates(["exit", "step"]).sort_values(["exit", "step"])
    own = scope.seller.fees
    fees = []
    for name, fee, currency in zip(rows["exit"], rows["fee"], rows["currency"], strict=True):
        rate = 1.0 if fee == 0 else known_rate(scope.seller, currency)
        fees.append(own.get(f"{market}.exit.{name}", own.get(f"exit.{name}", fee * rate)))
    return rows.assign(fee=fees).reset_index(drop=True)


def holding_rate(rules: pd.DataFrame) -> float:
    """Return the share of its landed cost that keeping a unit for a day costs, 0 if not told."""
    rows = rules[rules["exit"] == HOLDING]
    if rows.empty:
        return 0.0
    return float(rows["share_rate"].iloc[0]) / float(rows["days"].fillna(DAYS_A_YEAR).iloc[0])


def keeping_cost(
    rows: pd.DataFrame,
    rules: pd.DataFrame,
    tariffs: pd.DataFrame,
    *,
    market: str,
    scope: Scope,
) -> pd.DataFrame:
    """Return what waiting costs each row, storage beyond the horizon and holding apart.

    Storage of a SKU is what its volume pays from the end of the horizon on, at the step of the
    tariff that goods of that age have reached; NaN where tariff or volume is unknown.
    """
    stay = horizon_days(scope)[market]
    free = scope.seller.contract.free_storage_days or 0.0
    whole = np.ones(1)
    by_wait = {}
    for wait in rows["wait_days"].dropna().unique():
        ends = [
            storage_per_cbm(tariffs, market, days=days, free_days=free, left_share=whole)[0]
            for days in (stay, stay + wait)
        ]
        by_wait[wait] = ends[1] - ends[0]
    holding = rows["landed_cost"] * holding_rate(rules) * rows["wait_days"]
    storage = rows["wait_days"].map(by_wait).astype(float) * rows["volume_cbm"]
    return pd.DataFrame({"storage": storage.mask(rows["wait_days"] == 0, 0.0), "holding": holding})
