"""Own returns: the register's return rates drawn to what came back of the seller's own orders.

Knows order lines old enough that their returns are in. Knows no demand and no money; what a row
of the register says beside the rate stays as it is.
"""

import numpy as np
import pandas as pd

from planner.intake.known import as_known, telling_shops
from planner.intake.own_rules import MARK
from planner.scope import Scope
from planner.supply.trips.lanes import ANY_MARKET, STEP
from planner.tables import ReturnRates, checked

PRIOR_ORDERS = 200.0
"""Own orders that a rate told by others weighs, the register's or the memory's: house judgement."""
OWN_ORDERS = "own orders:"
"""Begins the source of a rate that own orders were weighed into; their number follows."""
OWN_DAYS = 365
"""Older orders tell of other goods and other buyers (house judgement)."""


def own_return_rates(
    return_rates: pd.DataFrame,
    lines: pd.DataFrame,
    catalogue: pd.DataFrame,
    *,
    scope: Scope,
    returns: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the register with the seller's own mature orders weighed in.

    Parameters
    ----------
    return_rates : DataFrame
        Register `ReturnRates`, rows in force; of a market and category the last one counts.
    lines, catalogue : DataFrame
        Tables `OrderLines` and `Catalogue`.
    scope : Scope
    returns : DataFrame, optional
        Table `ReturnLines`: dates the units that came back.

    Returns
    -------
    DataFrame
        Register `ReturnRates`: one more row for each category of the seller that the register
        knows by its row for any, and the rate of those with own orders changed. `source` names
        how many orders and units came back. Rows that seller.yml's owner wrote stay.

    Notes
    -----
    ``(own rate * orders + rate * 200) / (orders + 200)`` with the own rate in units, over orders
    of the last year that are older than `lag_days`. Shops that tell no returns are no zero: they
    count nowhere. The row for any is drawn to all orders of the market. Where memory has told a
    rate already, orders of the remembered campaigns weigh twice.
    """
    kept = return_rates.drop_duplicates(["market", "category"], keep="last")
    rows = pd.concat([kept, _by_category(kept, catalogue, scope)], ignore_index=True)
    seen = _mature(lines, returns, catalogue, rows, scope)
    orders = seen["orders"]
    is_own = rows["source"].str.startswith(MARK)
    weigh = (orders > 0) & ~is_own
    rate = seen["back"].to_numpy() / np.maximum(seen["units"].to_numpy(), 1.0)
    drawn = (rate * orders + rows["return_rate"] * PRIOR_ORDERS) / (orders + PRIOR_ORDERS)
    told = [
        f"{OWN_ORDERS} {int(n)} older than {lag:g} days, {int(back)} of {int(units)} units back; "
        f"weighed as {PRIOR_ORDERS:g} orders, {prior:.1%}: {source}"
        for n, lag, back, units, prior, source in zip(
            orders, rows["lag_days"], seen["back"], seen["units"], rows["return_rate"],
            rows["source"], strict=True,
        )
    ]  # fmt: skip
    rows["return_rate"] = drawn.where(weigh, rows["return_rate"]).clip(0.0, 1.0)
    rows["source"] = pd.Series(told, dtype="str").where(weigh, rows["source"])
    has_own = orders > 0
    return checked(ReturnRates, rows[has_own | (rows.index < len(kept))])


def _by_category(kept: pd.DataFrame, catalogue: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return rows for categories of the seller that the register knows by its row for any."""
    kinds = sorted(set(_category(catalogue["category"])) - {""})
    general = kept[(kept["category"] == ANY_MARKET) & kept["market"].isin(scope.markets)]
    rows = general.drop(columns="category").merge(pd.DataFrame({"category": kinds}), how="cross")
    named = pd.MultiIndex.from_frame(kept[["market", "category"]])
    return rows.loc[
        ~pd.MultiIndex.from_frame(rows[["market", "category"]]).isin(named), kept.columns
    ]


def _mature(
    lines: pd.DataFrame,
    returns: pd.DataFrame | None,
    catalogue: pd.DataFrame,
    rows: pd.DataFrame,
    scope: Scope,
) -> pd.DataFrame:
    """Return orders, units and units back behind each row of the register, in its order."""
    today = {market: pd.Timestamp(day) for market, day in scope.as_of(STEP).items()}
    known = as_known(lines, scope.as_of(STEP), returns=returns)
    known = known[known["is_demand"] & known["shop"].isin(telling_shops(known))]
    kinds = dict(zip(catalogue["sku"], _category(catalogue["category"]), strict=True))
    age = known["market"].map(today).astype("datetime64[us]") - known["ordered_at"]
    own = known[["market", "order_id", "units", "returned_units"]].assign(
        category=known["sku"].map(kinds).fillna(""), age_days=age / pd.Timedelta(days=1)
    )
    whole = own.assign(category=ANY_MARKET)
    cells = rows[["market", "category", "lag_days"]].assign(place=np.arange(len(rows)))
    found = pd.concat([own, whole]).merge(cells, on=["market", "category"])
    found = found[(found["age_days"] > found["lag_days"]) & (found["age_days"] <= OWN_DAYS)]
    sums = found.groupby("place").agg(
        orders=("order_id", "nunique"), units=("units", "sum"), back=("returned_units", "sum")
    )
    return sums.reindex(np.arange(len(rows)), fill_value=0).astype(float)


def _category(names: pd.Series) -> pd.Series:
    return names.fillna("").str.strip().str.lower()
