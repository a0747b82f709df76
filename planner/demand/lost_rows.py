"""Lost rows: which orders a shop's rejected rows stood for, and what they were worth."""

import json
from collections.abc import Collection

import numpy as np
import pandas as pd

from planner.demand.clean import KEYS
from planner.intake.cells import fold
from planner.intake.dialects import dialect_of
from planner.intake.orders import NOT_LOST
from planner.scope import Scope
from planner.seller import Shop

SHOP_SKU = ["shop", "sku"]
MONEY_DAYS = 90
"""Revenue is weighed over these last days: the least history the brief asks for. [days]"""


def revenue_of(
    daily: pd.DataFrame, scope: Scope, *, lines: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the revenue of each shop and SKU over the last days of its market.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales`.
    scope : Scope
        Gives shops and exchange rates.
    lines : DataFrame, optional
        Table `OrderLines` with bundles exploded: tells whose money is unknown.

    Returns
    -------
    DataFrame
        shop, market, sku, revenue [seller's currency]: unknown where there is no exchange rate,
        where the shop's exports hold no money at all, or where they do not tell the amount of a
        line of those days.
    """
    recent = daily[is_recent(daily)]
    minor = recent.groupby(KEYS, as_index=False)["revenue_minor"].sum()
    rates = {shop.shop: worth_of_minor_unit(shop, scope) for shop in scope.shops}
    has_money = minor.groupby("shop")["revenue_minor"].transform("sum") > 0
    if lines is not None:
        has_money &= ~pd.MultiIndex.from_frame(minor[KEYS]).isin(_without_money(lines, daily))
    worth = minor["shop"].map(rates).astype(float).where(has_money)
    return minor[KEYS].assign(revenue=minor["revenue_minor"] * worth)


def _without_money(lines: pd.DataFrame, daily: pd.DataFrame) -> pd.MultiIndex:
    """Return the shops and SKUs of which the amount of a recent line is unknown."""
    last = lines["market"].map(daily.groupby("market")["day"].max())
    is_late = lines["ordered_at"].dt.normalize() > last - pd.Timedelta(days=MONEY_DAYS)
    is_blank_line = lines["is_demand"] & lines["amount_minor"].isna() & is_late
    return pd.MultiIndex.from_frame(lines.loc[is_blank_line, KEYS].drop_duplicates())


def is_recent(daily: pd.DataFrame) -> pd.Series:
    """Return which rows lie in the last `MONEY_DAYS` days that their market knows."""
    last = daily.groupby("market")["day"].transform("max")
    return daily["day"] > last - pd.Timedelta(days=MONEY_DAYS)


def worth_of_minor_unit(shop: Shop, scope: Scope) -> float:
    """Return one minor unit of a shop in the seller's currency, NaN without an exchange rate."""
    seller = scope.seller
    if shop.currency != seller.currency and shop.currency not in seller.fx_rates:
        return float("nan")
    return seller.fx_rate(shop.currency) / 10 ** dialect_of(shop).minor_digits


def lost_rows(
    rejected: pd.DataFrame,
    files: pd.DataFrame,
    skus: Collection[str],
    *,
    scope: Scope,
    bundles: pd.DataFrame,
) -> pd.DataFrame:
    """Return the rejected rows that are a real loss, with their shop and the SKU that they name.

    Parameters
    ----------
    rejected, files, bundles : DataFrame
        Tables `RejectedRows`, `Reconciliation` and `Bundles`.
    skus : collection of str
        SKUs that are known; any other cell names none.
    scope : Scope
        Gives the shops, and the day by market: a file that begins on it or later is not known.

    Returns
    -------
    DataFrame
        `RejectedRows` with `shop` and `sku`, the latter empty where none is named.
    """
    shops = {shop.shop: shop for shop in scope.shops}
    ends = {name: scope.as_of(1)[shop.market] for name, shop in shops.items()}
    is_later = files["first_on"] >= pd.to_datetime(files["shop"].map(ends))
    owners = dict(zip(files["file"], files["shop"], strict=True))
    is_known = ~rejected["file"].isin(files.loc[is_later, "file"])
    lost = rejected[is_known & ~rejected["code"].isin(NOT_LOST)]
    lost = lost.assign(shop=lost["file"].map(owners))
    known = frozenset((*skus, *bundles["sku"]))
    pairs = zip(lost["cells"], lost["shop"], strict=True)
    named = [_sku_in(cells, shops.get(shop), known) for cells, shop in pairs]
    return lost.assign(sku=pd.Series(named, index=lost.index, dtype="str"))


def _sku_in(cells: str, shop: Shop | None, known: frozenset[str]) -> str:
    """Return the known SKU that stands under a header of the dialect's for SKUs, else nothing."""
    if shop is None or not cells:
        return ""
    dialect = dialect_of(shop)
    told = {}
    for header, text in json.loads(cells).items():
        field, _ = dialect.field_by_header.get(fold(header), ("", ""))
        told[field] = text
    return next((told[field] for field in dialect.sku_from if told.get(field) in known), "")


def lost_rate(rows: pd.DataFrame, lines: pd.DataFrame, lost: pd.DataFrame) -> pd.Series:
    """Return the share of each SKU's lines that was rejected, by rows of `rows`."""
    places = pd.MultiIndex.from_frame(rows[SHOP_SKU])
    out, held = (
        part.groupby(SHOP_SKU).size().reindex(places, fill_value=0).to_numpy(dtype=float)
        for part in (lost, lines)
    )
    return pd.Series(out / np.maximum(out + held, 1.0), index=rows.index)
