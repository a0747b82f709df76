"""Turns the text of one export into order lines: numbers, moments, SKU, status, demand or not.

What cannot be read stays missing; which rows are then refused is `faults`' business.
"""

import numpy as np
import pandas as pd

from planner.intake.cells import each, fold, marked, money, times, units
from planner.intake.dialects import FIELDS, Dialect
from planner.intake.files import RawTable
from planner.seller import Shop

MONEY_FIELDS = tuple(field for field, kind in FIELDS.items() if kind == "money")
TIME_FIELDS = tuple(field for field, kind in FIELDS.items() if kind == "time")
DISCOUNTS = ("platform_discount", "seller_discount")
UNSENT = ("on_hold", "to_ship")
FINER_BY_SUBSTATUS = ("on_hold", "to_ship", "shipped", "delivered", "completed")


def parsed(raw: RawTable, *, shop: Shop, dialect: Dialect) -> pd.DataFrame:
    """Return the records of one export as order lines, missing where a cell cannot be read.

    Parameters
    ----------
    raw : RawTable
        The file's wanted cells as text.
    shop : Shop
        Its clock decides what day a moment of universal time falls on.
    dialect : Dialect
        How the export writes.

    Returns
    -------
    DataFrame, shape (n_records, ...)
        Aligned with ``raw.frame``: `order_id`, `sku` (empty if none), `units`,
        `returned_units`, `status` (empty if unknown), `not_demand`, `channel`, each money
        field [minor units] and each time field [shop's wall clock], `gross_minor`,
        `amount_minor`, `last_at` (the newest moment of the record).

    Notes
    -----
    ``gross = unit_price * units`` where the export has no gross column. Not demand are
    cancelled orders, unpaid ones and samples (gross 0), in this order; an order paid on
    delivery is demand before it is paid.
    """
    text = raw.frame
    lines = pd.DataFrame({"row": text["row"], "order_id": text["order_id"]})
    lines["sku"] = _first_filled(text, dialect.sku_from)
    lines["units"] = units(text["units"])
    for field in MONEY_FIELDS:
        amounts = text[field].where(text[field] != "", "0") if field in DISCOUNTS else text[field]
        lines[field] = money(amounts, dialect.money)
    for field in TIME_FIELDS:
        lines[field] = _on_the_wall(times(text[field], dialect.time_formats), shop, dialect)
    lines["gross_minor"] = lines["gross"].fillna(lines["unit_price"] * lines["units"])
    lines["amount_minor"] = lines["amount"]
    lines["status"] = _status(text, dialect)
    lines["returned_units"] = _returned(text, lines, dialect)
    lines["not_demand"] = _not_demand(text, lines, raw.headers, dialect)
    channel = text["channel"].str.casefold()
    lines["channel"] = channel.where(channel != "", dialect.platform)
    lines["last_at"] = lines[list(TIME_FIELDS)].max(axis=1)
    return lines


def assumed_returns(raw: RawTable, dialect: Dialect) -> np.ndarray:
    """Return which records say that goods came back, and not how many."""
    words = {fold(word) for word in dialect.returned_words}
    came_back = marked(raw.frame["return_status"], lambda text: fold(text) in words)
    return came_back & (raw.frame["returned_units"] == "").to_numpy()


def _first_filled(text: pd.DataFrame, fields: tuple[str, ...]) -> pd.Series:
    found = text[fields[0]]
    for field in fields[1:]:
        found = found.where(found != "", text[field])
    return found


def _on_the_wall(moments: pd.Series, shop: Shop, dialect: Dialect) -> pd.Series:
    if dialect.clock == "local":
        return moments
    return moments.dt.tz_localize("UTC").dt.tz_convert(shop.zone).dt.tz_localize(None)


def _status(text: pd.DataFrame, dialect: Dialect) -> pd.Series:
    main = each(text["status"], dialect.status_of)
    finer = each(text["substatus"], dialect.status_of)
    is_finer = main.isin(FINER_BY_SUBSTATUS) & finer.isin(FINER_BY_SUBSTATUS)
    return main.mask(is_finer, finer)


def _returned(text: pd.DataFrame, lines: pd.DataFrame, dialect: Dialect) -> pd.Series:
    counted = units(text["returned_units"].where(text["returned_units"] != "", "0"))
    words = {fold(word) for word in dialect.returned_words}
    came_back = marked(text["return_status"], lambda word: fold(word) in words)
    return counted.mask(came_back & (text["returned_units"] == ""), lines["units"])


def _not_demand(
    text: pd.DataFrame, lines: pd.DataFrame, headers: dict[str, str], dialect: Dialect
) -> pd.Series:
    words = {fold(word) for word in dialect.cod_words}
    on_delivery = marked(text["payment_method"], lambda method: fold(method) in words)
    is_unpaid = lines["status"] == "unpaid"
    if {"paid_at", "payment_method"} <= set(headers):
        waits = lines["status"].isin(UNSENT) & (text["paid_at"] == "")
        is_unpaid |= waits & (text["payment_method"] != "")
    reasons = {
        "cancelled": lines["status"] == "cancelled",
        "unpaid": is_unpaid & ~on_delivery,
        "sample": lines["gross_minor"].eq(0).fillna(False).astype(bool),
    }
    chosen = np.select([mask.to_numpy() for mask in reasons.values()], list(reasons), "")
    return pd.Series(chosen, index=lines.index, dtype="str")
