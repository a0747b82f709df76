"""Refusals: what makes a whole export unusable, told with the one thing to do about it."""

import numpy as np
import pandas as pd

from planner.intake.cells import fold, marked
from planner.intake.dialects import Dialect, dialects
from planner.intake.doubts import MIN_SWAPPED_ROWS, swapped_formats
from planner.intake.files import RawTable
from planner.intake.messages import OtherDialectError, refusal
from planner.intake.recognise import advice_for
from planner.intake.written_times import times
from planner.seller import Shop
from planner.words import say

MIN_ROUNDED_IDS = 5  # ids that all end in 000: by chance once in 10^15
ROUNDED_DIGITS = 16  # digits from which a spreadsheet rounds
SWAPPED_RATIO = 0.2  # of rows that are days only if month and day change places
HIDE_A_MARKET = ("E_STATUS", "E_DATE")
"""What every row bears that was exported in another market."""


def is_place(text: pd.Series, dialect: Dialect, *markets: str) -> np.ndarray:
    """Return which cells name a country of some markets, are masked or empty."""
    names = {fold(name) for market in markets for name in dialect.countries[market]}
    return marked(text, lambda name: not name or "*" in name or fold(name) in names)


def refuse_rounded_ids(raw: RawTable) -> None:
    """Raise if a spreadsheet program has rounded the order ids: no order can be told from it."""
    ids = pd.Series(raw.frame["order_id"].unique(), dtype="str")
    ids = ids[ids.str.fullmatch(f"[0-9]{{{ROUNDED_DIGITS},}}")]
    if len(ids) >= MIN_ROUNDED_IDS and ids.str.endswith("000").all():
        what = "every id ends in 000: a spreadsheet program has rounded them"
        raise refusal("E_ID_PRECISION", raw.name, what, column=raw.headers["order_id"])


def refuse_swapped_days(raw: RawTable, rows: pd.DataFrame, dialect: Dialect, shop: Shop) -> None:
    """Raise if the days read only with month and day in the other order."""
    unread = rows["ordered_at"].isna() & (raw.frame["ordered_at"] != "")
    if unread.sum() < MIN_SWAPPED_ROWS:
        return
    swapped = times(
        raw.frame["ordered_at"].where(unread, ""), swapped_formats(dialect.time_formats)
    )
    count = int(swapped.notna().sum())
    if count >= MIN_SWAPPED_ROWS and count >= SWAPPED_RATIO * len(rows):
        _refuse_other_country(raw, dialect, shop)
        first = rows.loc[swapped.notna(), "row"].iloc[0]
        what = f"{count} of {len(rows)} rows name the month before the day, or the other way round"
        raise refusal("E_DATE", raw.name, what, row=first, column=raw.headers["ordered_at"])


def _refuse_other_country(raw: RawTable, dialect: Dialect, shop: Shop) -> None:
    """Refuse a file of another market by its countries, before what follows from it is told."""
    cells = raw.frame["country"]
    is_here = is_place(cells, dialect, shop.market)
    if is_here.all() or (is_here & (cells != "")).any():
        return
    if not is_place(cells, dialect, *dialect.countries).all():
        return
    first = raw.frame[~is_here].iloc[0]
    what = f"the orders are of {first['country']}{_market_told(first['country'], dialect)}"
    column = raw.headers["country"]
    raise refusal("E_MARKET", raw.name, what, row=int(first["row"]), column=column)


def _market_told(country: str, dialect: Dialect) -> str:
    """Return how to declare the market of a country's name, empty if no dialect is known for it."""
    known = {f"{dialect.platform}-{market.lower()}": market for market in dialect.countries}
    for name, market in known.items():
        names = {fold(one) for one in dialect.countries[market]}
        if name in dialects() and fold(country) in names:
            return (
                f"; this looks like a {name} export; in seller.yml set market: {market}, currency: "
                f"{dialects()[name].currency}, the time_zone of that market and dialect: {name}"
            )
    return ""


def refuse_without_a_good_row(
    raw: RawTable, rows: pd.DataFrame, dialect: Dialect, shop: Shop
) -> None:
    """Raise if no row can be used, with the reason most rows share."""
    if (rows["code"] == "").any():
        return
    code = rows["code"].value_counts().index[0]
    if code in HIDE_A_MARKET:
        _refuse_other_country(raw, dialect, shop)
        advice = advice_for(raw.heads, dialect) if code == "E_STATUS" else ""
        if advice:
            raise OtherDialectError(raw.name, advice)
    first = rows[rows["code"] == code].iloc[0]
    said = f"; the first holds {first['value']!r}" if first["value"] else ""
    what = f"not one of {len(rows)} rows can be used: {say(f'reject.{code}', 'en')}{said}"
    if code == "E_MARKET":
        what += _market_told(raw.frame["country"].loc[first.name], dialect)
    place = {"row": int(first["row"]), "column": first["column"]}
    raise refusal(code, raw.name, what, **place, dialect=dialect)
