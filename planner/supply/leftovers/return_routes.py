"""Return routes: what to do with goods that buyers send back, by break-even.

Knows how many come back, what each route keeps of their worth, what it costs and when it ends.
Knows nothing of refunds, which are lost revenue and stand in the economics.
"""

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.supply.quantity.newsvendor import KEYS, market_draws
from planner.supply.quantity.position import HORIZON_PHASES
from planner.supply.quantity.returning import returns_of
from planner.supply.trips.lanes import ANY_MARKET, known_rate

ROUTES = ("resell", "refurbish", "bulk_return", "destroy")
BACK_ROUTES = ("resell", "refurbish")
"""Routes that end on the shelf of the market; the others leave it."""
FEES = ("unit_fee", "batch_fee")


def choose_routes(
    draws: pd.DataFrame,
    economics: pd.DataFrame,
    return_rates: pd.DataFrame,
    return_route_fees: pd.DataFrame,
    *,
    scope: Scope,
    catalogue: pd.DataFrame,
) -> pd.DataFrame:
    """Return every route of what comes back of each market and SKU, the best one marked.

    Parameters
    ----------
    draws, economics : DataFrame
        Tables `DemandDraws` and `UnitEconomics`.
    return_rates, return_route_fees : DataFrame
        Registers `ReturnRates` and `ReturnRouteFees`, rows in force on the planning day.
    scope : Scope
        Own fees beat the register: `return.refurbish` by unit, `return.refurbish.batch` by
        batch, each also with a market before it (`TH.return.refurbish`). `returns`, the handling
        of a return, is taken for `return.resell` where that is not given.
    catalogue : DataFrame
        Table `Catalogue`, for the category.

    Returns
    -------
    DataFrame
        Table `ReturnRoutes`. SKUs whose return rate is unknown have no row.

    Notes
    -----
    ``units = return rate * mean demand of the horizon``: what is lost to a stock-out cannot come
    back, so that the figure is an upper end. A unit is sound for a route with `usable_rate` (for
    `resell` the register's resaleable share of the category); the rest of it is destroyed.

    ``unit = usable * value rate * min(net price, landed cost) - fee - (1 - usable) * destroy fee``
    ``route profit = units * unit - batch fee``

    A sound unit saves buying a new one, hence the smaller of both. `break_even_units` is where
    the route becomes the best of those that are priced; 0 where it is so from the first unit on.
    `back_on` is when the last unit sold in the sale is back: lag of the return and days of the
    route. `back_units` come back to the shelf before the horizon ends: of `resell` they are the
    second supply that `position` counts; ``back + after + lost = units`` for every route.
    """
    goods = _goods(draws, economics, return_rates, catalogue)
    if goods.empty:
        return tables.empty(tables.ReturnRoutes)
    rows = pd.concat([_routes(goods, market, return_route_fees, scope) for market in scope.markets])
    rows = _worth(rows, draws, scope).reset_index(drop=True)
    rows["is_best"] = _best(rows)
    rows["break_even_units"] = _break_even(rows)
    rows["reason"] = [_reason(row) for row in rows.to_dict("records")]
    rows["currency"] = scope.seller.currency
    rows = rows.sort_values([*KEYS, "place"])
    return tables.checked(tables.ReturnRoutes, rows[tables.columns(tables.ReturnRoutes)])


def best_from(unit_profit: npt.ArrayLike, fixed_cost: npt.ArrayLike) -> np.ndarray:
    """Return from how many units each straight line is the highest of all.

    Parameters
    ----------
    unit_profit, fixed_cost : array_like, shape (n,)
        Slope and what is paid once; NaN where unknown, which takes no part.

    Returns
    -------
    ndarray, shape (n,)
        The beginning of the stretch of units on which the line is the highest; NaN where there
        is none. Of lines that are the same the first counts.

    Examples
    --------
    >>> best_from([2.0, 5.0, 3.0], [0.0, 300.0, 1000.0]).tolist()
    [0.0, 100.0, nan]
    """
    slope, fixed = np.asarray(unit_profit, dtype=float), np.asarray(fixed_cost, dtype=float)
    known = np.flatnonzero(~np.isnan(slope) & ~np.isnan(fixed))
    result = np.full(slope.shape, np.nan)
    for line in known:
        low, high = 0.0, math.inf
        for other in known[known != line]:
            lead, extra = slope[line] - slope[other], fixed[line] - fixed[other]
            if lead > 0:
                low = max(low, extra / lead)
            elif lead < 0:
                high = min(high, extra / lead)
            elif extra > 0 or (extra == 0 and other < line):
                high = -math.inf
        result[line] = low if low < high else np.nan
    return result


def _goods(
    draws: pd.DataFrame,
    economics: pd.DataFrame,
    return_rates: pd.DataFrame,
    catalogue: pd.DataFrame,
) -> pd.DataFrame:
    keys, units = market_draws(draws, phases=HORIZON_PHASES)
    goods = keys.to_frame(index=False).assign(sold_units=units.mean(axis=1))
    rates = returns_of(return_rates, goods, catalogue)
    goods[["return_rate", "lag_days", "resale_rate"]] = rates[
        ["return_rate", "lag_days", "resale_rate"]
    ].to_numpy(dtype=float)
    goods["units"] = goods["sold_units"] * goods["return_rate"]
    money = economics[[*KEYS, "price", "selling_cost", "landed_cost"]]
    goods = goods.merge(money, on=KEYS, how="left")
    net = goods["price"] - goods["selling_cost"]
    goods["sound_revenue"] = np.minimum(net, goods["landed_cost"]).where(
        net.notna() & goods["landed_cost"].notna()
    )
    return goods[goods["return_rate"].notna()]


def _routes(goods: pd.DataFrame, market: str, fees: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    rules = _rules(fees, market, scope)
    here = goods[goods["market"] == market].merge(rules, how="cross")
    is_resell = here["route"] == "resell"
    here["usable_rate"] = here["usable_rate"].where(~is_resell, here["resale_rate"])
    here["destroy_fee"] = rules.set_index("route")["unit_fee"].get("destroy", np.nan)
    return here


def _rules(fees: pd.DataFrame, market: str, scope: Scope) -> pd.DataFrame:
    rows = fees[fees["market"].isin([market, ANY_MARKET])]
    rows = rows.assign(is_general=rows["market"] == ANY_MARKET).sort_values("is_general")
    rows = rows.drop_duplicates("route").set_index("route").reindex(ROUTES).reset_index()
    own = scope.seller.fees
    for name in FEES:
        rates = [known_rate(scope.seller, currency) for currency in rows["currency"]]
        rows[name] = (rows[name] * rates).mask(rows[name] == 0, 0.0)
    for place, route in enumerate(ROUTES):
        keys = {"unit_fee": [f"return.{route}"], "batch_fee": [f"return.{route}.batch"]}
        if route == "resell":
            keys["unit_fee"].append("returns")
        for name, terms in keys.items():
            told = [own.get(f"{market}.{term}", own.get(term)) for term in terms]
            rows.loc[place, name] = next((v for v in told if v is not None), rows.loc[place, name])
    columns = ["route", *FEES, "value_rate", "usable_rate", "days"]
    return rows[columns].assign(place=range(len(ROUTES)))


def _worth(rows: pd.DataFrame, draws: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    kept = rows["usable_rate"] * rows["value_rate"] * rows["sound_revenue"]
    kept = kept.mask(rows["value_rate"] == 0, 0.0)
    unfit = (1 - rows["usable_rate"]) * rows["destroy_fee"]
    unfit = unfit.mask(rows["usable_rate"] == 1, 0.0)
    is_batch_free = rows["batch_fee"].isna() & rows["route"].isin([*BACK_ROUTES, "destroy"])
    fixed = rows["batch_fee"].mask(is_batch_free, 0.0)
    rows = rows.assign(unit_revenue=kept - rows["unit_fee"] - unfit, fixed_cost=fixed)
    rows["route_profit"] = rows["units"] * rows["unit_revenue"] - rows["fixed_cost"]
    trip = rows["lag_days"] + rows["days"]
    sale_ends = {m: pd.Timestamp(plan.phases.sale.end) for m, plan in scope.plans.items()}
    back = pd.to_datetime(rows["market"].map(sale_ends)) + pd.to_timedelta(np.ceil(trip), unit="D")
    rows["back_on"] = back.astype("datetime64[us]")
    rows["usable_units"] = rows["units"] * rows["usable_rate"]
    is_back = rows["route"].isin(BACK_ROUTES)
    share = _share_in_time(rows.assign(trip=trip), draws, scope)
    rows["back_units"] = (rows["usable_units"] * share).where(is_back, 0.0).fillna(0.0)
    sound = rows["usable_units"].mask(rows["route"] == "destroy", 0.0)
    rows["after_units"] = (sound - rows["back_units"]).fillna(0.0).clip(lower=0.0)
    rows["lost_units"] = rows["units"] - rows["back_units"] - rows["after_units"]
    rows["lost_units"] = rows["lost_units"].clip(lower=0.0)
    return rows


def _share_in_time(rows: pd.DataFrame, draws: pd.DataFrame, scope: Scope) -> np.ndarray:
    """Return the share of the horizon's sales that are back on the shelf before it ends.

    Sales are spread evenly over the days of their phase, as `position` does it.
    """
    parts = draws[draws["phase"].isin(HORIZON_PHASES)]
    parts = parts[[*KEYS, "starts_on", "ends_on"]].assign(
        mean=[float(np.mean(row)) for row in parts["draws"]]
    )
    rows = rows[[*KEYS, "trip"]].assign(row=np.arange(len(rows)))
    both = rows.merge(parts, on=KEYS, how="left")
    ends = {m: pd.Timestamp(plan.next_replenishment_on) for m, plan in scope.plans.items()}
    last = pd.to_datetime(both["market"].map(ends)) - pd.to_timedelta(
        np.ceil(both["trip"].fillna(0.0)) + 1, unit="D"
    )
    days = ((both["ends_on"] - both["starts_on"]).dt.days + 1).clip(lower=0)
    in_time = ((last - both["starts_on"]).dt.days + 1).clip(lower=0)
    both["sold"] = both["mean"].where(days > 0, 0.0)
    both["back"] = both["sold"] * np.minimum(in_time, days) / days.where(days > 0)
    sums = both.groupby("row")[["sold", "back"]].sum()
    share = sums["back"] / sums["sold"].where(sums["sold"] > 0)
    return share.fillna(0.0).mask(rows.set_index("row")["trip"].isna()).to_numpy()


def _best(rows: pd.DataFrame) -> pd.Series:
    ranked = rows.sort_values([*KEYS, "route_profit", "place"], ascending=[True, True, False, True])
    known = ranked[ranked["route_profit"].notna()]
    return pd.Series(rows.index.isin(known.drop_duplicates(KEYS).index), index=rows.index)


def _break_even(rows: pd.DataFrame) -> pd.Series:
    parts = [
        pd.Series(best_from(part["unit_revenue"], part["fixed_cost"]), index=part.index)
        for _, part in rows.groupby(KEYS, sort=False)
    ]
    return pd.concat(parts).reindex(rows.index)


def _reason(row: dict) -> str:
    unknown = [
        f"route.{name}"
        for name, value in (
            ("unit_fee", row["unit_fee"]),
            ("batch_fee", row["fixed_cost"]),
            ("destroy_fee", row["destroy_fee"] if row["usable_rate"] != 1 else 0.0),
            ("sound_revenue", row["sound_revenue"] if row["value_rate"] != 0 else 0.0),
        )
        if pd.isna(value)
    ]
    if unknown:
        return f"reason.route_unknown|what={','.join(unknown)}"
    if row["back_units"] > 0:
        return f"reason.route_back|units={row['back_units']:.1f}|late={row['after_units']:.1f}"
    if row["route"] in BACK_ROUTES:
        return f"reason.route_late|day={row['back_on']:%Y-%m-%d}"
    return "reason.route_leaves"
