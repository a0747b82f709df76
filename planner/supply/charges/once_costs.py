"""Once costs: what is paid once for a SKU or for a shipment, however many units there are.

Knows the terms of the ways. Tells who owes what once goods move, so that the order, its profit
and the cost lines all count the same money. Decides nothing.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from planner.supply.charges.way_choice import KEYS

MARKET_TERMS = ("integration",)
"""Terms paid once for all goods of a market; the others once for what goes by one mode."""
ANY_MODE = ""
COLUMNS = [*KEYS, "term", "amount"]


def sku_fees(terms: pd.DataFrame) -> pd.Series:
    """Return by market and SKU what is paid once if any unit of it is ordered.

    Parameters
    ----------
    terms : DataFrame
        Table `WayTerms`.

    Returns
    -------
    Series
        Of modes that differ the dearest; what is unknown is left out. [currency/SKU]
    """
    dearest = terms.groupby([*KEYS, "term"])["sku_cost"].max()
    return dearest.groupby(KEYS).sum().astype(float)


def lane_fees(terms: pd.DataFrame) -> list[tuple[float, pd.MultiIndex]]:
    """Return what is paid once if anything goes, and the ways of the SKUs that make it due.

    Parameters
    ----------
    terms : DataFrame
        Table `WayTerms`.

    Returns
    -------
    list of tuple of float and MultiIndex
        Money, and market, SKU and mode of every way that owes it.

    Notes
    -----
    Goods that go together pay the dearest of their fees once, not each its own: the second of
    two amounts is told as its difference to the first, owed by those who pay the larger one.
    A shipment is all that goes by one mode to one market; its split over warehouses comes later.
    """
    found: dict[tuple[tuple[str, str, str], ...], float] = {}
    for _, amount, rows in _steps(terms):
        ways = tuple(rows[[*KEYS, "mode"]].itertuples(index=False, name=None))
        found[ways] = found.get(ways, 0.0) + amount
    names = [*KEYS, "mode"]
    return [
        (amount, pd.MultiIndex.from_tuples(ways, names=names)) for ways, amount in found.items()
    ]


def once_lines(terms: pd.DataFrame, moved: pd.DataFrame) -> pd.DataFrame:
    """Return what each SKU pays of the fees that arise once, for goods that move.

    Parameters
    ----------
    terms : DataFrame
        Table `WayTerms`.
    moved : DataFrame
        market, sku, mode, units: what goes which way; rows without units owe nothing.

    Returns
    -------
    DataFrame
        market, sku, term, amount, one row where something is owed; the fee of a shipment is
        shared by units. [currency]
    """
    way = [*KEYS, "mode"]
    units = moved[moved["units"] > 0].groupby(way, as_index=False)["units"].sum()
    used = terms.merge(units, on=way, how="inner")
    parts = [_own_fees(used)]
    for _, amount, rows in _steps(used):
        share = rows["units"] / rows["units"].sum()
        parts.append(rows.assign(amount=amount * share)[COLUMNS])
    lines = pd.concat([part for part in parts if len(part)] or parts[:1])
    return lines.groupby([*KEYS, "term"], as_index=False)["amount"].sum()


def once_by_sku(terms: pd.DataFrame, moved: pd.DataFrame, keys: pd.MultiIndex) -> pd.Series:
    """Return by market and SKU all that arises once, in money, 0 where nothing does.

    Parameters
    ----------
    terms, moved : DataFrame
        As in `once_lines`.
    keys : MultiIndex
        market and sku of every row to be told.
    """
    lines = once_lines(terms, moved)
    return lines.groupby(KEYS)["amount"].sum().reindex(keys).fillna(0.0).astype(float)


def _own_fees(used: pd.DataFrame) -> pd.DataFrame:
    dearest = used.groupby([*KEYS, "term"], as_index=False)["sku_cost"].max()
    owed = dearest[dearest["sku_cost"] > 0]
    return owed.rename(columns={"sku_cost": "amount"})[COLUMNS]


def _steps(terms: pd.DataFrame) -> Iterator[tuple[str, float, pd.DataFrame]]:
    """Give term, money and the ways that owe it, one step for each amount that is told."""
    owed = terms[terms["shipment_cost"] > 0]
    is_whole = owed["term"].isin(MARKET_TERMS)
    owed = owed.assign(together=np.where(is_whole, ANY_MODE, owed["mode"]))
    for (_, _, term), rows in owed.groupby(["market", "together", "term"], sort=True):
        below = 0.0
        for amount in np.unique(rows["shipment_cost"]):
            yield str(term), float(amount) - below, rows[rows["shipment_cost"] >= amount]
            below = float(amount)
