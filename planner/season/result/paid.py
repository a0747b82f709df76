"""What buyers paid for a unit in a campaign, while its price was locked and on the other days.

Knows money and units by day. Knows nothing of stock, orders or why a price was locked.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.demand.lost_rows import worth_of_minor_unit
from planner.scope import Scope
from planner.season.days import KEYS

LOCKED_PHASE = "sale"
"""The lock binds the price of this phase; before and after it a seller prices as it likes."""


class Paid(NamedTuple):
    """Mean price of a unit, each of shape (n_sku,). [currency/unit]."""

    locked: np.ndarray
    """Of units sold while the lock bound; the plan's price of the sale where none was."""
    other: np.ndarray
    """Of the rest; the ordinary price where none was."""


def paid_prices(
    daily: pd.DataFrame, days: pd.DataFrame, planned: pd.DataFrame, *, scope: Scope
) -> Paid:
    """Return what buyers paid for a unit, in the seller's currency.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales`.
    days : DataFrame
        market, day, phase: the window.
    planned : DataFrame
        market, sku, sale_price, ordinary_price; the rows to return. [currency/unit]
    scope : Scope
        Its shops give currencies, its seller exchange rates.

    Notes
    -----
    ``money of the days whose money is known / units of those days``.
    """
    worth = {shop.shop: worth_of_minor_unit(shop, scope) for shop in scope.shops}
    told = daily[(daily["units"] > 0) & (daily["revenue_minor"] > 0)]
    told = told[["shop", *KEYS, "day", "units", "revenue_minor"]]
    told = told.merge(days[["market", "day", "phase"]], on=["market", "day"])
    money = told["revenue_minor"] * told["shop"].map(worth).astype(float)
    told = told.assign(money=money).dropna(subset=["money"])
    is_locked = told["phase"] == LOCKED_PHASE
    found = (_mean(part, planned) for part in (told[is_locked], told[~is_locked]))
    instead = (planned[n].to_numpy(dtype=float) for n in ("sale_price", "ordinary_price"))
    return Paid(*(np.where(np.isnan(a), b, a) for a, b in zip(found, instead, strict=True)))


def planned_prices(money: pd.DataFrame, catalogue: pd.DataFrame) -> pd.DataFrame:
    """Return market, sku, sale_price and ordinary_price as the plan had them.

    Parameters
    ----------
    money : DataFrame
        Table `UnitEconomics`, the rows to return; a plan of an older version has one price.
    catalogue : DataFrame
        Its price is the ordinary one where the plan names none.
    """
    listed = money["sku"].map(catalogue.set_index("sku")["price"])
    named = {"sale_price": money["price"], "ordinary_price": listed}
    found = {
        name: money[name].fillna(other) if name in money else other for name, other in named.items()
    }
    return money[KEYS].assign(**found)


def _mean(told: pd.DataFrame, planned: pd.DataFrame) -> np.ndarray:
    sums = told.groupby(KEYS)[["money", "units"]].sum()
    rows = sums.reindex(pd.MultiIndex.from_frame(planned[KEYS]))
    return (rows["money"] / rows["units"]).to_numpy(dtype=float)
