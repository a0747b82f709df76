"""What is odd in people's own two tables and yet no mistake: each in one remark.

Knows sales and events as they were read and the day one looks from. Refuses nothing and
changes nothing: whoever calls tells the remarks beside the forecast.
"""

import difflib
from collections.abc import Collection, Iterable, Iterator

import pandas as pd

from planner.demand.driver_remarks import driver_remarks
from planner.demand.feasts import FEASTS, feast_remarks, feasts_of
from planner.demand.own_events import CLOSED, read_events, rows_ahead
from planner.demand.own_markets import NOWHERE
from planner.demand.windows import FAR_DAYS
from planner.words import LANGS, is_known, say

STALE_DAYS = 7
"""More days than these without a row before the as-of day are told: every weekday was missed,
so it is no habit of the shop. [days]"""
MIN_ZERO_GAPS, MIN_GAPS = 0.05, 0.10
"""Share of a SKU's days without a row from which they are told: with zeros in the file, without."""
LOW_DAY, MANY_UNITS = 0.1, 3.0
"""A SKU whose days with a row sell so many units but for one in ten does not often sell none."""
MAX_NAMES = 3
"""SKUs without a sale that are told one by one; of the others the number."""


def own_remarks(
    sales: pd.DataFrame,
    events: pd.DataFrame,
    *,
    event: str | None = None,
    today: pd.Timestamp | None = None,
    kinds: Collection[str],
    market: str = NOWHERE,
) -> list[str]:
    """Return what is odd in daily sales and events, one remark each.

    Parameters
    ----------
    sales : DataFrame
        sku, date (as days) and units; other columns are left alone.
    events : DataFrame
        As for `windows.forecast_event`.
    event : str, optional
        Name of the event ahead; without it nothing is said of what lies ahead.
    today : Timestamp, optional
        The day one looks from; without it all sales are past.
    kinds : collection of str
        Kinds of promotions of which the shipped register knows something.
    market : str
        Whose feasts are told; without one only that a feast may matter.

    Returns
    -------
    list of str
        A term of the glossary and its facts each, `term|key=value`; empty if nothing is odd.

    Raises
    ------
    PlanningError
        As `own_events.read_events` and, with an event, `own_events.rows_ahead`.
    """
    rows = read_events(events)
    ahead = (
        rows.iloc[:0] if event is None or today is None else rows_ahead(rows, event, today=today)
    )
    found = [*_of_days(sales, ahead, today), *_of_kinds(rows, kinds), *_of_skus(sales, rows)]
    found += [*_of_repeats(rows), *_of_gaps(sales, today)]
    if len(ahead) and today is not None:
        past = rows[(rows["start"] < today) & (rows["kind"] != CLOSED)]
        found += driver_remarks(past.drop(ahead.index, errors="ignore"), ahead)
        found += _of_feasts(sales.loc[sales["date"] < today, "date"], ahead, market)
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


def _of_feasts(days: pd.Series, ahead: pd.DataFrame, market: str) -> list[str]:
    """Return what is known of the feasts that touch the event."""
    span = ahead["start"].min(), ahead["end"].max()
    if market:
        return feast_remarks(market, known=(days.min(), days.max()), ahead=span)
    markets = {market for feast in FEASTS.values() for market in feast.markets}
    touched = pd.concat([feasts_of(any_market, *span) for any_market in sorted(markets)])
    names = ",".join(f"feast.{name}" for name in FEASTS if name in set(touched["feast"]))
    return [f"remark.which_market|feasts={names}"] if names else []


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


def _of_gaps(sales: pd.DataFrame, today: pd.Timestamp | None) -> Iterator[str]:
    """Yield how many days without a row count as nothing sold though that is not likely.

    Notes
    -----
    A file that writes out days of nothing sold means something else by a day without a row; in
    one that does not, a SKU that hardly ever sells few units a day does not sell none so often.
    """
    known = sales if today is None else sales[sales["date"] < today]
    by_sku = known.groupby(known["sku"].astype("str"), sort=False)
    spans = (by_sku["date"].max() - by_sku["date"].min()).dt.days + 1
    gaps = spans - by_sku["date"].nunique()
    if (known["units"] == 0).any():
        told, term = (gaps > 0) & (gaps >= MIN_ZERO_GAPS * spans), "remark.gaps_beside_zeros"
    else:
        usual = by_sku["units"].quantile(LOW_DAY) >= MANY_UNITS
        told = usual & (gaps >= MIN_GAPS * spans)
        term = "remark.gaps_unlikely"
    if told.any():
        yield f"{term}|count={int(gaps[told].sum())}|skus={int(told.sum())}"


def _words_of(kind: str) -> set[str]:
    term = f"kind.{kind}"
    own = {say(term, lang).casefold() for lang in LANGS} if is_known(term) else set()
    return {kind, *own}


def _nearest(name: str, known: Iterable[str]) -> str:
    return next(iter(difflib.get_close_matches(name, list(known), 1)), "")


def _fact(text: str) -> str:
    """Return a name of people's own without the signs that part the facts of a remark."""
    return text.replace("|", "/").replace("=", ":")
