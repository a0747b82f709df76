"""A named event forecast from two files of one's own: daily sales and events.

For people who want the forecast without a workspace. Cells are read strictly,
each mistake named by file, row and column; the forecast is that of `windows`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from planner.demand.own_events import KNOWN_AHEAD
from planner.demand.own_markets import of_market
from planner.demand.own_remarks import own_remarks
from planner.demand.promotions import ANY
from planner.demand.windows import forecast_event
from planner.desk.asked_days import day_of
from planner.desk.home import Home
from planner.desk.plain_sales import read_plain_sales
from planner.desk.problems import both
from planner.desk.store import file_of
from planner.errors import ConfigError, InputError
from planner.intake import rules
from planner.pages.reasons import tell_reason, tell_sentence
from planner.tables import DayCurvePriors, Table, UpliftPriors, columns
from planner.words import LANGS, glossary, is_known

FIGURE_FORMAT = "%.4f"
STOCK_WORDS = ("", "1", "0", "yes", "no", "true", "false", "y", "n", "是", "否")


class OwnSales(Table):
    """One row per SKU and day: units sold; days without a row sold nothing."""

    sku: str = pa.Field(str_length={"min_value": 1})
    date: pd.Timestamp
    units: float = pa.Field(nullable=True, ge=0)
    in_stock: str
    price: float = pa.Field(nullable=True, ge=0)
    discount_rate: float = pa.Field(nullable=True, ge=0, le=1)
    category: str
    market: str


class OwnEvents(Table):
    """One row per event, edition and, if it does not hold for all, SKU; both days included."""

    event: str = pa.Field(str_length={"min_value": 1})
    kind: str
    start: pd.Timestamp
    end: pd.Timestamp
    discount_rate: float = pa.Field(nullable=True, ge=0, le=1)
    tier_rank: float = pa.Field(nullable=True, ge=0)
    is_joined: float = pa.Field(nullable=True, ge=0, le=1)
    live_hours: float = pa.Field(nullable=True, ge=0)
    live_sessions: float = pa.Field(nullable=True, ge=0)
    creators: float = pa.Field(nullable=True, ge=0)
    viewers: float = pa.Field(nullable=True, ge=0)
    ad_spend: float = pa.Field(nullable=True, ge=0)
    traffic_visits: float = pa.Field(nullable=True, ge=0)
    has_gift: float = pa.Field(nullable=True, ge=0, le=1)
    display_rate: float = pa.Field(nullable=True, ge=0, le=1)
    sku: str
    market: str


OPTIONAL_SALES = ("in_stock", "price", "discount_rate", "category", "market")
OPTIONAL_EVENTS = (*KNOWN_AHEAD, "sku", "market")


def forecast_own(
    home: Home,
    sales: Path,
    events: Path,
    *,
    event: str,
    as_of: str,
    market: str = "",
    tell: Callable[[str], object] | None = None,
) -> str:
    """Return the forecast of one event as CSV text.

    Parameters
    ----------
    home : Home
        Its priors are used.
    sales : Path
        CSV: sku, date, units; if known in_stock, price, discount_rate, category, market.
    events : Path
        CSV: event, kind, start, end; if known sku, market, and what is known beforehand
        (`own_events.KNOWN_AHEAD`); the kind `closed` names days on which nothing is sold.
    event : str
        Name of the event ahead.
    as_of : str
        ISO day to look from; that day and later are unknown.
    market : str
        Whose holidays and feasts to know; without it the one that the sales name, if any.
    tell : function, optional
        Is given a line for each remark on the two files; the forecast holds none.

    Raises
    ------
    PlannerError
        Names file, row, column and value of what is wrong.
    """
    day = day_of(as_of)
    if day is None:
        raise ConfigError("--as-of is empty; give the day to look from, such as 2026-11-12")
    priors = rules.read_register(home.rules_folder(file_of(UpliftPriors)), UpliftPriors)
    known, rows, where = read_own(sales, events, market=market)
    result = forecast_event(
        known,
        rows,
        event=event,
        as_of=day,
        priors=priors,
        market=where,
        day_curve=rules.read_register(home.rules_folder(file_of(DayCurvePriors)), DayCurvePriors),
    )
    if tell is not None:
        tell_remarks(known, rows, event=event, as_of=day, priors=priors, market=where, tell=tell)
    result["grade_reason"] = [tell_reason(reason, "en") for reason in result["grade_reason"]]
    return result.to_csv(index=False, lineterminator="\n", float_format=FIGURE_FORMAT)


def tell_remarks(
    sales: pd.DataFrame,
    events: pd.DataFrame,
    *,
    event: str | None = None,
    as_of: date | None,
    priors: pd.DataFrame,
    market: str = "",
    tell: Callable[[str], object],
) -> None:
    """Tell what is odd in two files of one's own and yet no mistake, a line each.

    Parameters
    ----------
    sales, events : DataFrame
        What `read_own_sales` and `read_own_events` gave.
    event : str, optional
        Name of the event ahead.
    as_of : date or None
        The day one looks from; None for the day after the last sale.
    priors : DataFrame
        Register `UpliftPriors`.
    market : str
        The one that the sales are of, if known.
    tell : function
        Is given each line, in both languages.
    """
    remarks = own_remarks(
        sales,
        events,
        event=event,
        today=None if as_of is None else pd.Timestamp(as_of),
        kinds=set(priors["kind"]) - set(ANY),
        market=market,
    )
    for remark in remarks:
        told = " / ".join(tell_sentence(remark, lang) for lang in LANGS)
        tell(f"{both('cli.note')}: {told}")


def read_own(
    sales: Path, events: Path, *, market: str = ""
) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """Return the rows of one market in two files of one's own, and which market that is.

    Parameters
    ----------
    sales, events : Path
    market : str
        As for `forecast_own`.

    Raises
    ------
    PlannerError
        Names the file's cell that is wrong, or the market that is unknown, missing or unclear.
    """
    wanted = market.strip().upper()
    known, rows, where = of_market(read_own_sales(sales), read_own_events(events), market=wanted)
    if where and not is_known(f"market.{where}"):
        markets = (term.removeprefix("market.") for term in glossary() if "market." in term)
        names = ", ".join(sorted(name for name in markets if name.isupper()))
        raise ConfigError(f"market {where!r} is not one of those that are known: {names}")
    return known, rows, where


def read_own_sales(path: Path) -> pd.DataFrame:
    """Return daily sales as `forecast_event` takes them; columns the file lacks are left out.

    Raises
    ------
    InputError
        Names file, row, column and value; also two rows that say different things of one day.
    """
    plain = read_plain_sales(path)
    return strictly_read_sales(path) if plain is None else plain


def strictly_read_sales(path: Path) -> pd.DataFrame:
    """Return daily sales read cell by cell, whatever the file looks like; see `read_own_sales`."""
    frame = rules.read_table(path, OwnSales, optional=OPTIONAL_SALES)
    words = frame["in_stock"].str.casefold()
    wrong = frame[~words.isin(STOCK_WORDS)]
    if len(wrong):
        row, value = wrong.iloc[0][[rules.ROW, "in_stock"]]
        raise InputError(
            f'{path.name}, row {row}, column "in_stock": {value!r} is not yes, no or empty'
        )
    different = frame.drop_duplicates(columns(OwnSales))
    told = different.assign(date=different["date"].dt.strftime("%Y-%m-%d"))
    key = ("sku", "date", "market") if told["market"].ne("").any() else ("sku", "date")
    rules.refuse_repeats(path, told, key)
    return _without_blank(different, ("in_stock", "price", "discount_rate", "market"))


def read_own_events(path: Path) -> pd.DataFrame:
    """Return events as `forecast_event` takes them.

    Raises
    ------
    InputError
        Names file, row, column and value.
    """
    frame = rules.read_table(path, OwnEvents, optional=OPTIONAL_EVENTS)
    backwards = frame[frame["end"] < frame["start"]]
    if len(backwards):
        row, end = backwards.iloc[0][[rules.ROW, "end"]]
        raise InputError(
            f'{path.name}, row {row}, column "end": {end:%Y-%m-%d} is before the start; '
            "give a day on or after it"
        )
    return _without_blank(frame, OPTIONAL_EVENTS)


def _without_blank(frame: pd.DataFrame, optional: tuple[str, ...]) -> pd.DataFrame:
    """Leave out optional columns that say nothing: a column absent is unknown, never a word."""
    blank = [name for name in optional if (frame[name].isna() | frame[name].eq("")).all()]
    return frame.drop(columns=[rules.ROW, *blank])
