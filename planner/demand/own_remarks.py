"""What is odd in people's own two tables and yet no mistake: each in one remark.

Knows sales and events as they were read and the day one looks from. Refuses nothing and
changes nothing: whoever calls tells the remarks beside the forecast.
"""

import difflib
from collections.abc import Collection, Iterable, Iterator

import pandas as pd

from planner.demand.driver_remarks import driver_remarks
from planner.demand.own_sales import CLOSED, read_events, rows_ahead
from planner.demand.windows import FAR_DAYS
from planner.words import LANGS, is_known, say

STALE_DAYS = 7
"""More days than these without a row before the as-of day are told: every weekday was missed,
so it is no habit of the shop. [days]"""
MAX_NAMES = 3
"""SKUs without a sale that are told one by one; of the others the number."""


def own_remarks(
    sales: pd.DataFrame,
    events: pd.DataFrame,
    *,
    event: str | None = None,
    today: pd.Timestamp | None = None,
    kinds: Collection[str],
) -> list[str]:
    """Return what is odd in daily sales and events, one remark each.

    Parameters
    ----------
    sales : DataFrame
        sku and date (as days); other columns are left alone.
    events : DataFrame
        As for `windows.forecast_event`.
    event : str, optional
        Name of the event ahead; without it nothing is said of what lies ahead.
    today : Timestamp, optional
        The day one looks from; without it all sales are past.
    kinds : collection of str
        Kinds of promotions of which the shipped register knows something.

    Returns
    -------
    list of str
        A term of the glossary and its facts each, `term|key=value`; empty if nothing is odd.

    Raises
    ------
    PlanningError
        As `own_sales.read_events` and, with an event, `own_sales.rows_ahead`.
    """
    rows = read_events(events)
    ahead = (
        rows.iloc[:0] if event is None or today is None else rows_ahead(rows, event, today=today)
    )
    found = [*_of_days(sales, ahead, today), *_of_kinds(rows, kinds), *_of_skus(sales, rows)]
    found += _of_repeats(rows)
    if len(ahead) and today is not None:
        past = rows[(rows["start"] < today) & (rows["kind"] != CLOSED)]
        found += driver_remarks(past.drop(ahead.index, errors="ignore"), ahead)
    return found


def _of_days(sales: pd.DataFrame, ahead: pd.DataFrame, today: pd.Timestamp | None) -> Iterator[str]:
    """Yield what the as-of day leaves out, and how long before it and the event sales end."""
    if today is None:
        return
    late = int((sales["date"] >= today).sum())
    if late:
        term = "remark.late_row" if late == 1 else "remark.late_rows"
        yield f"{term}|count={late}|as_of={today:%Y-%m-%d}"
    last = sales.loc[sales["date"] < today, "date"].max()
    silent = (today - last).days - 1
    if silent > STALE_DAYS:
        yield f"remark.sales_end|last_on={last:%Y-%m-%d}|days={silent}"
    days = (ahead["start"].min() - last).days - 1 if len(ahead) else 0
    if days > FAR_DAYS:
        yield f"remark.far_ahead|last_on={last:%Y-%m-%d}|days={days}"


def _of_kinds(rows: pd.DataFrame, kinds: Collection[str]) -> Iterator[str]:
    """Yield the kinds of promotions that nobody knows, with the nearest known one."""
    words = {word: kind for kind in sorted(kinds) for word in _words_of(kind)}
    for kind in rows.loc[rows["kind"] != CLOSED, "kind"].unique():
        if kind and kind not in kinds:
            near = _nearest(kind.casefold(), words)
            told = f"|value={_fact(kind)}"
            yield f"remark.near_kind{told}|near={words[near]}" if near else f"remark.new_kind{told}"


def _of_skus(sales: pd.DataFrame, rows: pd.DataFrame) -> Iterator[str]:
    """Yield the SKUs of the events of which there is no sale, with the nearest that there is."""
    sold = {str(sku).strip() for sku in sales["sku"].unique()}
    strange = [sku for sku in rows["sku"].unique() if sku and sku not in sold]
    for sku in strange[:MAX_NAMES]:
        near = _nearest(sku, sold)
        told = f"|sku={_fact(sku)}"
        yield f"remark.near_sku{told}|value={_fact(near)}" if near else f"remark.new_sku{told}"
    if len(strange) > MAX_NAMES:
        yield f"remark.more_skus|count={len(strange) - MAX_NAMES}"


def _of_repeats(rows: pd.DataFrame) -> Iterator[str]:
    """Yield the rows that stand for the same days and SKU of one event as an earlier one."""
    twice = rows[rows.duplicated(["event", "start", "sku"])]
    for name, start in twice[["event", "start"]].drop_duplicates().itertuples(index=False):
        yield f"remark.event_twice|event={_fact(name)}|day={start:%Y-%m-%d}"


def _words_of(kind: str) -> set[str]:
    term = f"kind.{kind}"
    own = {say(term, lang).casefold() for lang in LANGS} if is_known(term) else set()
    return {kind, *own}


def _nearest(name: str, known: Iterable[str]) -> str:
    return next(iter(difflib.get_close_matches(name, list(known), 1)), "")


def _fact(text: str) -> str:
    """Return a name of people's own without the signs that part the facts of a remark."""
    return text.replace("|", "/").replace("=", ":")
