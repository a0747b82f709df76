"""Order lines and stock counts as they stood on a day: what came later is undone or gone.

Knows moments, kinds of lines and where warehouses stand; counts nothing.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.intake.came_back import LINE, goods_back
from planner.intake.kinds import free_lines, is_demand
from planner.seller import Seller
from planner.tables.contract import checked
from planner.tables.intake import OrderLines


def as_known(
    lines: pd.DataFrame, as_of: Mapping[str, date], *, returns: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the order lines as they stood on a day, later events undone.

    Parameters
    ----------
    lines : DataFrame
        Keeps the contract OrderLines; may run past the day.
    as_of : mapping of market to date
        The day each market is looked at from; that day and later are not known. Lines of a
        market that is not named are left out.
    returns : DataFrame, optional
        Keeps the contract ReturnLines: dates the returned units that come from there.

    Returns
    -------
    DataFrame
        Keeps the contract OrderLines: lines ordered before the day. A payment, shipment,
        cancellation or return dated on the day or after it has not happened; units of an order
        that had not left by then have not come back.

    Raises
    ------
    InputError
        If all orders are later than the day.

    Notes
    -----
    An order whose cancellation is undone counts as demand if it was paid or shipped by the day,
    or if the shop has live orders without a payment moment (cash on delivery) and the export does
    not say that this one was to be paid in advance; else it is unpaid; one without a price is a
    sample or a gift. A cancellation without a moment of its own
    stays, unless the goods left on the day or later: it came after that. An order that was paid
    on the day or later is judged by the same rule. That a cancelled line was a replacement or a
    pre-order is not known any more once its cancellation is undone: it counts by its price.
    """
    day = lines["market"].map({market: pd.Timestamp(on) for market, on in as_of.items()})
    day = day.astype("datetime64[us]")
    known = lines[lines["ordered_at"] < day].copy()
    _refuse_before_the_first_order(lines.loc[day.notna(), "ordered_at"], known, as_of)
    day = day[known.index]
    is_cancelled = known["status"] == "cancelled"
    left_later = known["cancelled_at"].isna() & (known["shipped_at"] >= day)
    is_undone = is_cancelled & ((known["cancelled_at"] >= day) | left_later)
    # An order that was paid later is judged like one whose cancellation is undone.
    is_undone |= (known["kind"] == "firm") & (known["paid_at"] >= day)
    for name in ("paid_at", "shipped_at", "cancelled_at"):
        known[name] = known[name].where(known[name] < day)
    is_out = known["shipped_at"].notna()
    known["status"] = known["status"].mask(_has_happened_since(lines, known), "to_ship")
    if is_undone.any():
        known = _uncancelled(known, lines, is_undone, is_out)
    had_left = is_out | lines.loc[known.index, "shipped_at"].isna()
    back = known["returned_units"].where(had_left, 0)
    if returns is not None:
        is_dated = known["returned_from"] == "returns"
        back = back.mask(is_dated, _units_back(known, returns, day))
    known["returned_units"] = back
    is_bare = (known["returned_from"] == "orders") & (back == 0)
    known["returned_from"] = known["returned_from"].mask(is_bare, "")
    return checked(OrderLines, known)


def telling_shops(lines: pd.DataFrame) -> pd.Series:
    """Return the shops that tell returns; of the others nobody knows whether anything came back.

    Parameters
    ----------
    lines : DataFrame
        Keeps the contract OrderLines.

    Returns
    -------
    Series
        Each shop once: a list of returns covers some of its orders, or an export says of one that
        units came back. An export that knows of none may simply not say it.
    """
    return lines.loc[lines["returned_from"] != "", "shop"].drop_duplicates()


def known_counts(
    stock: pd.DataFrame, looking: Mapping[str, date], *, seller: Seller
) -> pd.DataFrame:
    """Return the stock counts that are known on a day, every snapshot of them.

    Parameters
    ----------
    stock : DataFrame
        Keeps the contract Stock; several snapshots may stand in it.
    looking : mapping of market to date or datetime
        The day or moment from which each market is looked at; a snapshot of that very moment is
        known.
    seller : Seller
        Says in which market a warehouse stands; one of a market that nobody looks at is known up
        to the latest of the days.
    """
    markets = {house.warehouse: house.market for house in seller.warehouses}
    days = {market: pd.Timestamp(day) for market, day in looking.items()}
    latest = max(days.values())
    last = {house: days.get(markets.get(house, ""), latest) for house in set(stock["warehouse"])}
    moments = pd.to_datetime(stock["warehouse"].map(last)).astype(stock["as_of"].dtype)
    return stock[stock["as_of"] <= moments]


def newest_known(
    stock: pd.DataFrame, looking: Mapping[str, date], *, seller: Seller
) -> pd.DataFrame:
    """Return of each warehouse its newest known snapshot, whole.

    Parameters
    ----------
    stock, looking, seller
        As `known_counts` takes them.

    Notes
    -----
    A SKU that the newest snapshot of a warehouse does not name has no row there, whatever an
    older one said of it.
    """
    known = known_counts(stock, looking, seller=seller)
    return known[known["as_of"] == known.groupby("warehouse")["as_of"].transform("max")]


def sold_since(
    newest: pd.DataFrame, daily: pd.DataFrame, looking: Mapping[str, date], *, seller: Seller
) -> pd.DataFrame:
    """Return what left each warehouse by sales since it was counted.

    Parameters
    ----------
    newest : DataFrame
        As `newest_known` returns it; a snapshot of day D is taken as made before the sales of D.
    daily : DataFrame
        Keeps the contract DailySales.
    looking : mapping of market to date
        The first day of each market that is not known.
    seller : Seller
        Says from which warehouse a shop sells.

    Returns
    -------
    DataFrame
        warehouse, market, sku, units [units]. A warehouse that nobody counted has none: what its
        shops sold was in no count. A SKU that the count does not name has its sales all the same.
    """
    counted = newest.groupby("warehouse", as_index=False)["as_of"].max()
    columns = ["shop", "market", "sku", "day", "units"]
    recent = daily.loc[daily["day"] >= counted["as_of"].min(), columns]
    houses = {shop.shop: shop.warehouse for shop in seller.shops}
    sales = recent.assign(warehouse=recent["shop"].map(houses).astype("str"))
    sales = sales.merge(counted.astype({"warehouse": "str"}), on="warehouse")
    days = {market: pd.Timestamp(day) for market, day in looking.items()}
    is_since = sales["day"] >= sales["as_of"]
    is_since &= sales["day"] < pd.to_datetime(sales["market"].map(days))
    return sales[is_since].groupby(["warehouse", "market", "sku"], as_index=False)["units"].sum()


def _uncancelled(
    known: pd.DataFrame, lines: pd.DataFrame, is_undone: pd.Series, is_out: pd.Series
) -> pd.DataFrame:
    """Return the lines with undone cancellations at the status and kind they had before."""
    trusting = lines.loc[lines["is_demand"] & lines["paid_at"].isna(), "shop"].unique()
    is_paid = known["paid_at"].notna()
    # An order whose export says that it was to be paid in advance never had a trusting shop's word.
    is_on_trust = known["shop"].isin(trusting) & (known["kind"] != "cancelled_unpaid")
    is_firm = is_paid | is_out | is_on_trust
    is_sample, is_gift = free_lines(known)
    kinds = {"unpaid": ~is_firm, "sample": is_sample, "gift": is_gift, "cod": ~is_paid & ~is_out}
    kind = np.select([fits.to_numpy(dtype=bool) for fits in kinds.values()], list(kinds), "firm")
    status = np.select([~is_firm.to_numpy(), is_out.to_numpy()], ["unpaid", "shipped"], "to_ship")
    kind, status = (pd.Series(words, index=known.index, dtype="str") for words in (kind, status))
    known["status"] = known["status"].mask(is_undone, status)
    known["kind"] = known["kind"].mask(is_undone, kind)
    known["is_demand"] = is_demand(known["kind"])
    return known


def _units_back(known: pd.DataFrame, returns: pd.DataFrame, day: pd.Series) -> pd.Series:
    """Return units asked back before the day, spread over the lines of an order and SKU in turn."""
    is_first = ~known["market"].duplicated()
    last = returns["market"].map(dict(zip(known["market"][is_first], day[is_first], strict=True)))
    asked = goods_back(returns[returns["requested_at"] < last])
    units = asked.groupby(LINE, as_index=False)["units"].sum()
    total = known[LINE].merge(units, on=LINE, how="left")["units"].fillna(0).to_numpy()
    later = known["returned_units"]
    earlier_lines = later.groupby([known[name] for name in LINE]).cumsum() - later
    left = np.maximum(total - earlier_lines.to_numpy(), 0)
    units_back = np.minimum(left, later.to_numpy()).astype("int64")
    return pd.Series(units_back, index=known.index)


def _refuse_before_the_first_order(
    moments: pd.Series, known: pd.DataFrame, as_of: Mapping[str, date]
) -> None:
    if len(moments) and known.empty:
        first = moments.min().date()
        raise InputError(
            f"the day to look from, {max(as_of.values())}, lies before the seller's first order "
            f"({first}): nothing is known on it; give a later day, or add older exports"
        )


def _has_happened_since(lines: pd.DataFrame, known: pd.DataFrame) -> pd.Series:
    later = lines.loc[known.index, "shipped_at"].notna() & known["shipped_at"].isna()
    return later & known["status"].isin(("shipped", "delivered", "completed"))
