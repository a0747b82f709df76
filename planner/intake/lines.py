"""Turns the text of one export into order lines: numbers, moments, SKU, status, kind of line.

What cannot be read stays missing; which rows are then refused is `faults`' business.
"""

from collections.abc import Mapping, Sequence
from functools import reduce

import numpy as np
import pandas as pd

from planner.intake.cells import each, fold, marked, money, units
from planner.intake.dialects import FIELDS, Dialect
from planner.intake.files import RawTable
from planner.intake.kinds import is_demand, kind_of_lines
from planner.intake.marks import cancelled_by, tracking_of
from planner.intake.written_times import times
from planner.seller import Shop

MONEY_FIELDS = tuple(field for field, kind in FIELDS.items() if kind == "money")
TIME_FIELDS = tuple(field for field, kind in FIELDS.items() if kind == "time")
DISCOUNTS = ("platform_discount", "seller_discount")
UNPAID_IF_BLANK = ("on_hold", "to_ship", "cancelled")
"""Statuses in which an order without a moment of payment was not paid, if not on delivery."""
FINER_BY_SUBSTATUS = ("on_hold", "to_ship", "shipped", "delivered", "completed")
ORIGINS = ("channel", "source", "fulfilment")
"""Fields whose words say where an order came from and who ships it."""


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
        `returned_units`, `returned_from`, `status` (empty if unknown), `kind`, `is_demand`,
        `channel`, `source`, `fulfilment`, `cancelled_by`, `tracking`, each money field [minor
        units, missing where the file has no such column] and each time field [shop's wall
        clock], `gross_minor`,
        `amount_minor`, `last_at` (the newest moment of the record).

    Notes
    -----
    A total that the file lacks is the product that the dialect declares; failing that
    ``gross = unit_price * units``. `kinds` says what a
    line is. An order with a creator and no source is an affiliate's.
    """
    text = raw.frame
    lines = pd.DataFrame({"row": text["row"], "order_id": text["order_id"]})
    lines["sku"] = _first_filled(text, dialect.sku_from)
    lines["units"] = _counts(raw, dialect)
    for field in MONEY_FIELDS:
        lines[field] = _amounts(raw, field, dialect)
    for total, one, other in dialect.products:
        if total not in raw.headers:
            lines[total] = lines[one] * lines[other]
    for field in TIME_FIELDS:
        lines[field] = _moments(raw, field, shop, dialect)
    lines["gross_minor"] = lines["gross"].fillna(lines["unit_price"] * lines["units"])
    lines["amount_minor"] = lines["amount"]
    lines["status"] = _status(raw, dialect)
    lines["returned_units"] = _returned(text, lines, dialect)
    has_returns = lines["returned_units"].gt(0).fillna(False).to_numpy(dtype=bool)
    lines["returned_from"] = pd.Series(np.where(has_returns, "orders", ""), dtype="str")
    lines["kind"] = _kind(raw, lines, dialect)
    lines["is_demand"] = is_demand(lines["kind"])
    lines["channel"] = _named(text["channel"], _channels(dialect))
    lines["channel"] = lines["channel"].mask(text["channel"] == "", dialect.platform)
    source = _named(text["source"], dialect.source_words)
    by_creator = (text["creator"] != "") & (source == "")
    lines["source"] = source.mask(by_creator, "affiliate")
    lines["fulfilment"] = _named(text["fulfilment"], dialect.fulfilment_words)
    lines["cancelled_by"] = cancelled_by(raw, lines["status"], dialect)
    lines["tracking"] = tracking_of(raw)
    newest = [lines[field].to_numpy() for field in TIME_FIELDS if field in raw.headers]
    lines["last_at"] = reduce(np.fmax, newest) if newest else lines["ordered_at"]
    return lines


def assumed_returns(raw: RawTable, dialect: Dialect) -> np.ndarray:
    """Return which records say that goods came back, and not how many."""
    came_back = _says(raw.frame["return_status"], dialect.returned_words)
    return came_back & (raw.frame["returned_units"] == "").to_numpy()


def unknown_origins(raw: RawTable, dialect: Dialect) -> dict[str, pd.Series]:
    """Return by field of ORIGINS the words in it that the dialect does not know, row by row."""
    words = {
        "channel": _channels(dialect),
        "source": dialect.source_words,
        "fulfilment": dialect.fulfilment_words,
    }
    found = {}
    for field in ORIGINS:
        if field in raw.headers:
            text = raw.frame[field]
            found[field] = text[(text != "") & (_named(text, words[field]) == "")]
    return {field: text for field, text in found.items() if len(text)}


def _first_filled(text: pd.DataFrame, fields: tuple[str, ...]) -> pd.Series:
    found = text[fields[0]]
    for field in fields[1:]:
        is_blank = found == ""
        if is_blank.any():
            found = found.mask(is_blank, text[field])
    return found


def _counts(raw: RawTable, dialect: Dialect) -> pd.Series:
    if "units" not in raw.headers and dialect.units_per_row:
        return pd.Series(dialect.units_per_row, index=raw.frame.index, dtype="Int64")
    return units(raw.frame["units"])


def _amounts(raw: RawTable, field: str, dialect: Dialect) -> pd.Series:
    text = raw.frame[field]
    if field in DISCOUNTS:
        return money(text.where(text != "", "0"), dialect.money)
    if field not in raw.headers:
        return pd.Series(pd.NA, index=text.index, dtype="Int64")
    return money(text, dialect.money)


def _moments(raw: RawTable, field: str, shop: Shop, dialect: Dialect) -> pd.Series:
    text = raw.frame[field]
    if field not in raw.headers:
        return pd.Series(pd.NaT, index=text.index, dtype="datetime64[us]")
    moments = times(text, dialect.time_formats)
    if dialect.clock == "local":
        return moments
    return moments.dt.tz_localize("UTC").dt.tz_convert(shop.zone).dt.tz_localize(None)


def _status(raw: RawTable, dialect: Dialect) -> pd.Series:
    """Return the status; an export without its column has only the finer one, or none."""
    if not {"status", "substatus"} & set(raw.headers):
        return pd.Series(dialect.status_if_absent, index=raw.frame.index, dtype="str")
    finer = each(raw.frame["substatus"], dialect.status_of)
    if "status" not in raw.headers:
        return finer
    main = each(raw.frame["status"], dialect.status_of)
    is_finer = main.isin(FINER_BY_SUBSTATUS) & finer.isin(FINER_BY_SUBSTATUS)
    return main.mask(is_finer, finer)


def _returned(text: pd.DataFrame, lines: pd.DataFrame, dialect: Dialect) -> pd.Series:
    counted = units(text["returned_units"].where(text["returned_units"] != "", "0"))
    came_back = _says(text["return_status"], dialect.returned_words)
    return counted.mask(came_back & (text["returned_units"] == ""), lines["units"])


def _kind(raw: RawTable, lines: pd.DataFrame, dialect: Dialect) -> pd.Series:
    text = raw.frame
    is_on_delivery = _says(text["payment_method"], dialect.cod_words)
    is_unpaid = lines["status"] == "unpaid"
    if {"paid_at", "payment_method"} <= set(raw.headers):
        waits = lines["status"].isin(UNPAID_IF_BLANK) & (text["paid_at"] == "")
        is_unpaid |= waits & (text["payment_method"] != "")
    said = _named(text["order_type"], dialect.kind_words)
    said = said.mask(said == "", _named(text["cancel_type"], dialect.kind_words))
    is_on_delivery = pd.Series(is_on_delivery, index=lines.index)
    return kind_of_lines(lines, said=said, is_unpaid=is_unpaid, is_on_delivery=is_on_delivery)


def _says(text: pd.Series, words: Sequence[str]) -> np.ndarray:
    known = {fold(word) for word in words}
    return marked(text, lambda said: fold(said) in known)


def _channels(dialect: Dialect) -> dict[str, tuple[str, ...]]:
    own = (dialect.platform, f"{dialect.platform} shop", *dialect.channel_words.get("", ()))
    return {dialect.platform: own, **dialect.channel_words}


def _named(text: pd.Series, words: Mapping[str, Sequence[str]]) -> pd.Series:
    """Return what each word names, empty if it is empty or not known."""
    known = {fold(word): name for name, said in words.items() for word in said}
    return each(text, lambda word: known.get(fold(word), ""))
