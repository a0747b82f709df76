"""Tariffs: what each cost term costs in each market, the seller's own figures first.

Knows where a figure comes from and in which unit it stands. Knows nothing of
quantities; a tariff nobody gave stays unknown.
"""

import difflib
import math
import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from planner.errors import ConfigError
from planner.scope import Scope
from planner.supply.trips.lanes import known_rate

DAYS_A_MONTH, DAYS_A_YEAR = 30, 365
"""What goes by the month or the year is shared out over so many days. [days]"""
BRIEF_TERMS = ("head_haul", "clearance", "inbound", "storage", "outbound", "returns")
"""The six cost terms of the brief's FAQ."""
PLATFORM_TERMS = ("commission", "transaction", "duty")
OPTIONAL_TERMS = ("order_fee", "affiliate", "ads")
"""Terms that exist only where the register has a row for them, or the seller a figure."""
FREE_DAYS = "storage_free_days"
OTHER_TERMS = ("import_tax", FREE_DAYS)
"""Terms that not every register has and the seller may give a figure of his own for."""
KNOWN_TERMS = (*BRIEF_TERMS, *PLATFORM_TERMS, *OPTIONAL_TERMS, *OTHER_TERMS)
SHARE_UNITS = ("share_price", "share_cost")
NO_MONEY = (*SHARE_UNITS, "day")
UNITS = {
    "storage": "cbm_day",
    "commission": "share_price",
    "transaction": "share_price",
    "affiliate": "share_price",
    "ads": "share_price",
    "duty": "share_cost",
    "order_fee": "order",
}
"""Unit of a seller's own figure where the register has no row; of all others it is `unit`."""
OF_PLATFORM = "fbt."
"""Before a term: the platform's own warehouse charges it (`fbt.inbound`), nobody else does."""
STORAGE_TIER = re.compile(r"^storage_from_(\d+)$")


def tariffs_in_force(fees: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Return one row per market and cost term: figure, unit and source.

    Parameters
    ----------
    fees : DataFrame
        Register `Fees`, rows in force on the planning day.
    scope : Scope
        Its seller's `fees` beat the register: a key is a term (`outbound`) or a market and a
        term (`TH.outbound`), its figure in the seller's currency and in the register's unit.

    Returns
    -------
    DataFrame
        market, term, value, unit, source; money in the seller's currency; `value` is NaN where
        nobody gave a figure, or no exchange rate.

    Raises
    ------
    ConfigError
        If a key of the seller's `fees` names no cost term, or a market he does not sell in.

    Notes
    -----
    Units: `unit`, `order` (one unit an order), `shipment`, `kg`, `cbm`, `cbm_day` are money;
    `share_price` and `share_cost` are shares of the price and of the unit cost. A contract that
    includes clearance, or duty (DDP), makes that term a known zero. A row `fbt.<term>` is the
    term of markets whose shops are all served from the platform's own warehouses.
    """
    _refuse_strange_keys(fees, scope)
    known = _of_warehouses(fees[fees["market"].isin(scope.markets)], scope)
    by_key = {(row["market"], row["term"]): row for row in known.to_dict("records")}
    wanted = dict.fromkeys(
        (market, term) for market in scope.markets for term in (*BRIEF_TERMS, *PLATFORM_TERMS)
    )
    given = [
        (market, term)
        for market in scope.markets
        for term in OPTIONAL_TERMS
        if own_figure(scope, market, term) is not None
    ]
    keys = dict.fromkeys([*wanted, *by_key, *given])
    return pd.DataFrame([_tariff(key, by_key.get(key), scope) for key in keys])


def own_figure(scope: Scope, market: str, *names: str) -> float | None:
    """Return the seller's own figure, the nearest key first, or None where he gives none.

    Parameters
    ----------
    scope : Scope
    market : str
    *names : str
        Keys from the narrowest to the widest; of each the market's own (`TH.air.surcharge.liquid`)
        comes before the bare one.
    """
    fees = scope.seller.fees
    keys = [key for name in names for key in (f"{market}.{name}", name)]
    return next((fees[key] for key in keys if key in fees), None)


def told_source(row: Mapping[str, object]) -> str:
    """Return where a row of a register comes from, how sure it is and when it was read."""
    return f"{row['source']} ({row['confidence']}, {row['as_of']:%Y-%m-%d})"


def figures(tariffs: pd.DataFrame, term: str, markets: pd.Series) -> pd.Series:
    """Return a term's figure for each row's market, NaN where unknown."""
    rows = tariffs[tariffs["term"] == term].drop_duplicates("market", keep="last")
    return markets.map(rows.set_index("market")["value"]).astype(float)


def has_term(tariffs: pd.DataFrame, term: str, markets: pd.Series) -> pd.Series:
    """Return whether a term exists in each row's market."""
    return markets.isin(tariffs.loc[tariffs["term"] == term, "market"])


def sources(tariffs: pd.DataFrame, term: str, markets: pd.Series) -> pd.Series:
    """Return where a term's figure comes from, for each row's market."""
    rows = tariffs[tariffs["term"] == term].drop_duplicates("market", keep="last")
    told = markets.map(rows.set_index("market")["source"]).astype("str")
    return told.fillna("not in fees.csv")


def per_unit(tariffs: pd.DataFrame, term: str, goods: pd.DataFrame) -> pd.Series:
    """Return what a term costs for one unit of each row's goods.

    Parameters
    ----------
    tariffs : DataFrame
        As `tariffs_in_force` returns them.
    term : str
    goods : DataFrame
        market, price, unit_cost, weight_kg, volume_cbm.

    Returns
    -------
    Series
        NaN where the tariff or the measure it goes by is unknown. A tariff per shipment costs
        nothing for one unit more: it is 0 here and shared out in `costs`. A tariff of 0 costs 0
        of anything. [currency/unit]
    """
    rows = tariffs[tariffs["term"] == term].drop_duplicates("market", keep="last")
    unit = goods["market"].map(rows.set_index("market")["unit"])
    value = figures(tariffs, term, goods["market"])
    measures = {
        "kg": goods["weight_kg"],
        "cbm": goods["volume_cbm"],
        "share_price": goods["price"],
        "share_cost": goods["unit_cost"],
    }
    measure = pd.Series(1.0, index=goods.index)
    for name, column in measures.items():
        measure = measure.where(unit != name, column.astype(float))
    is_free = (value == 0) | ((unit == "shipment") & value.notna())
    return (value * measure).mask(is_free, 0.0)


def storage_per_cbm(
    tariffs: pd.DataFrame, market: str, *, days: float, free_days: float, left_share: np.ndarray
) -> np.ndarray:
    """Return the storage cost of one cubic metre put on the shelf on the first day.

    Parameters
    ----------
    tariffs : DataFrame
    market : str
    days : float
        Length of the stay. [days]
    free_days : float
        Days at the start that cost nothing. [days]
    left_share : ndarray, of any shape
        Share of the goods that is still there at the end; it falls evenly to that share. Below
        zero it is what is missing: at -1 twice the goods are wanted and half the stay sells out.

    Returns
    -------
    ndarray, of the shape of `left_share`
        NaN where the tariff is unknown. [currency/cbm]

    Notes
    -----
    ``sum over tiers of rate * integral of the share on the shelf``, with
    ``share(t) = 1 - (1 - left_share) * t / days``, not below zero. A tier `storage_from_31` holds
    from day 31 on. What came first leaves first, so that days on the shelf are days since arrival.
    """
    total = np.zeros_like(left_share)
    tiers = _tiers(tariffs, market)
    sold_out = days / np.maximum(1 - left_share, 1.0)
    for place, (first, rate) in enumerate(tiers):
        last = tiers[place + 1][0] if place + 1 < len(tiers) else math.inf
        start, end = max(first, free_days), np.minimum(min(last, days), sold_out)
        stay = np.maximum(end - start, 0.0)
        middle = (start + end) / 2 / days
        if start < min(last, days):
            total = total + rate * stay * (1 - (1 - left_share) * middle)
    return total


def free_days(tariffs: pd.DataFrame, market: str, *, scope: Scope) -> float:
    """Return the days at the start of a stay that cost nothing.

    Notes
    -----
    The contract comes first, then the market's `storage_free_days`; where neither says, none is
    taken to be free. [days]
    """
    said = scope.seller.contract.free_storage_days
    if said is not None:
        return said
    rows = tariffs[(tariffs["market"] == market) & (tariffs["term"] == FREE_DAYS)]
    known = rows["value"].dropna()
    return float(known.iloc[-1]) if len(known) else 0.0


def _refuse_strange_keys(fees: pd.DataFrame, scope: Scope) -> None:
    known = {*KNOWN_TERMS, *fees["term"]}
    for key in scope.seller.fees:
        first, _, rest = key.partition(".")
        is_market = re.fullmatch(r"[A-Z]{2}", first) is not None
        if is_market and first not in scope.seller.markets:
            sold = ", ".join(scope.seller.markets)
            raise ConfigError(f"seller.yml, fees: {key}: the seller sells in {sold}, not {first}")
        term = rest if is_market else key
        if "." not in term and term not in known and not STORAGE_TIER.match(term):
            near = difflib.get_close_matches(term, known, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(sorted(known))}"
            raise ConfigError(f"seller.yml, fees: {key} is no cost term{hint}")


def _of_warehouses(known: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return the rows of the warehouses in use: those of the platform's own or all others."""
    kinds = {house.warehouse: house.kind for house in scope.seller.warehouses}
    other = {shop.market for shop in scope.shops if kinds.get(shop.warehouse) != "fbt"}
    is_platform = known["term"].str.startswith(OF_PLATFORM)
    own = known[is_platform & ~known["market"].isin(other)]
    own = own.assign(term=own["term"].str.removeprefix(OF_PLATFORM))
    return pd.concat([known[~is_platform], own])


def _tiers(tariffs: pd.DataFrame, market: str) -> list[tuple[float, float]]:
    rows = tariffs[tariffs["market"] == market]
    tiers = []
    for term, value in zip(rows["term"], rows["value"], strict=True):
        tier = STORAGE_TIER.match(term)
        if term == "storage":
            tiers.append((0.0, value))
        elif tier:
            tiers.append((float(tier.group(1)) - 1, value))
    return sorted(tiers)


def _tariff(key: tuple[str, str], row: dict | None, scope: Scope) -> dict[str, object]:
    market, term = key
    unit = row["unit"] if row else UNITS.get(term, "unit")
    own = own_figure(scope, market, term)
    if own is not None:
        _refuse_over_one(term, unit, own)
        value, source = own, "seller.yml: fees"
    elif term == "clearance" and scope.seller.contract.has_clearance:
        value, source = 0.0, "seller.yml: contract.has_clearance"
    elif term == "duty" and scope.seller.contract.duty == "DDP":
        value, source = 0.0, "seller.yml: contract.duty is DDP"
    elif row is None:
        value, source = math.nan, "not in fees.csv"
    else:
        value, source = _from_register(row, scope)
    return {"market": market, "term": term, "value": float(value), "unit": unit, "source": source}


def _refuse_over_one(term: str, unit: str, own: float) -> None:
    if unit in SHARE_UNITS and own > 1:
        raise ConfigError(
            f"seller.yml, fees: {term}: {own:g} is a share of the price or cost and cannot be over "
            f"1; {own:g} % is written {own / 100:g}"
        )


def _from_register(row: dict, scope: Scope) -> tuple[float, str]:
    rate = 1.0 if row["unit"] in NO_MONEY else known_rate(scope.seller, row["currency"])
    if math.isnan(rate) and not pd.isna(row["value"]):
        return math.nan, f"no exchange rate for {row['currency']} in seller.yml"
    return row["value"] * rate, told_source(row)
