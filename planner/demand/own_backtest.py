"""Past events of people's own daily sales, each forecast from what was known before it.

Knows the two plain tables of `own_sales` and cuts them to the past; the forecast is
that of `windows`, the peers are those of whoever calls. Tells windows, not scores.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.demand.backtest import LEVELS
from planner.demand.clean import KEYS, Codes, Flags, Floats, Panel
from planner.demand.own_events import CLOSED, read_events
from planner.demand.own_markets import NOWHERE
from planner.demand.own_sales import OWN, panel_of_sales, read_sales
from planner.demand.own_windows import window_of, windows_of
from planner.demand.past_plans import MIN_HISTORY_DAYS, editions
from planner.demand.peers import Told, Windows
from planner.demand.record import TOLD_COLUMNS
from planner.demand.rules_of_thumb import naive_units, rule_units
from planner.demand.windows import forecast_event
from planner.errors import PlanningError
from planner.tables import Backtest, checked, empty

Peer = Callable[[Windows], Told]
END_OF_TIME = pd.Timestamp("2200-01-01")
TOO_EARLY, NOT_TOLD, NO_STOCK = "too_early", "not_told", "no_stock"
"""Why an event is not replayed: no history before it, sales end within it, no SKU in stock."""

FAILURES = (ValueError, IndexError, ArithmeticError, RuntimeError)
"""What the packages of peers raise where a history is too short or too plain for them."""


class OwnReplay(NamedTuple):
    """Table `Backtest`, the peers as `record.told_by` has them, and the events left out, why."""

    replay: pd.DataFrame
    peers: pd.DataFrame
    skipped: pd.DataFrame


def replay_own(
    sales: pd.DataFrame,
    events: pd.DataFrame,
    *,
    as_of: date | None = None,
    lead_days: int,
    priors: pd.DataFrame,
    peers: Mapping[str, Peer] | None = None,
    market: str = NOWHERE,
) -> OwnReplay:
    """Return forecast and truth of every event that was over by the as-of day.

    Parameters
    ----------
    sales, events : DataFrame
        As for `windows.forecast_event`.
    as_of : date, optional
        The day one looks from; without it the day after the last one of the sales.
    lead_days : int
        Days from the cut-off to each event's first day. [days]
    priors : DataFrame
        Register `UpliftPriors`.
    peers : Mapping of str to function, optional
        Other forecasters, by name.
    market : str
        As for `windows.forecast_event`.

    Raises
    ------
    PlanningError
        If a cell cannot be read, or no event was over by the as-of day.

    Notes
    -----
    A window is one SKU in one event, its open days summed. Windows with a day without stock, or
    of a SKU that had not yet sold at the cut-off, are left out: what would have been sold is not
    known. Both tables are cut at each cut-off; closed days ahead are known.
    """
    rows = read_events(events)
    today = END_OF_TIME if as_of is None else pd.Timestamp(as_of)
    known = read_sales(sales, today=today)
    today = known["date"].max() + pd.Timedelta(days=1) if as_of is None else today
    rows["edition"] = editions(rows["event"], rows["start"], rows["end"])
    promos = rows[rows["kind"] != CLOSED]
    spans = promos.groupby("edition").agg(start=("start", "min"), end=("end", "max"))
    over = spans[spans["end"] < today].sort_values("start", kind="stable")
    if over.empty:
        raise PlanningError(
            f"events: none was over by {today:%Y-%m-%d}; add rows of past promotions, with start "
            "and end, that your sales hold"
        )
    whole = panel_of_sales(known, rows[rows["start"] < today], rows.iloc[:0], today=today)[0]
    plain = sales.reset_index(drop=True), events.reset_index(drop=True)
    own = _Own(*plain, rows, known, whole, market)
    found = [_replayed(own, edition, lead_days, priors, peers or {}) for edition in over.index]
    return _joined(found)


class _Own(NamedTuple):
    """One's own tables, as brought and as read, and the whole history as a panel."""

    sales: pd.DataFrame
    events: pd.DataFrame
    rows: pd.DataFrame
    known: pd.DataFrame
    whole: Panel
    market: str


class _Case(NamedTuple):
    """One event to replay: its rows, those before it, what was known, and what came."""

    ahead: pd.DataFrame
    past: pd.DataFrame
    cut_off: pd.Timestamp
    then: Panel
    truth: pd.Series


def _replayed(
    own: _Own, edition: int, lead_days: int, priors: pd.DataFrame, peers: Mapping[str, Peer]
) -> OwnReplay:
    ahead = own.rows[own.rows["edition"] == edition]
    cut_off = ahead["start"].min() - pd.Timedelta(days=max(lead_days, 1))
    if (cut_off - own.whole.first_on).days < MIN_HISTORY_DAYS:
        return _skipped(ahead, TOO_EARLY)
    if ahead["end"].max() >= own.whole.end:
        return _skipped(ahead, NOT_TOLD)
    past = own.rows[(own.rows["start"] < cut_off) & (own.rows["edition"] != edition)]
    before = own.known[own.known["date"] < cut_off]
    then = panel_of_sales(before, past, own.rows.iloc[:0], today=cut_off)[0]
    truth = _truth(own.whole, window_of(own.whole, ahead, own.rows))
    truth = truth[truth.index.isin(then.keys.loc[then.is_known.any(axis=1), "sku"])]
    if truth.empty:
        return _skipped(ahead, NO_STOCK)
    case = _Case(ahead, past, cut_off, then, truth)
    table = _table(own, case, _said(own, case, priors))
    return OwnReplay(checked(Backtest, table), _told_by_peers(own, case, peers), pd.DataFrame())


def _said(own: _Own, case: _Case, priors: pd.DataFrame) -> pd.DataFrame:
    """Return the forecast of one event from both tables cut to what was known."""
    end = case.ahead["end"].max()
    closed = own.rows[(own.rows["kind"] == CLOSED) & (own.rows["start"] <= end)].index
    rows, before = own.events.loc[case.ahead.index], case.past.index.union(closed)
    name = f"{case.ahead['start'].min():%Y-%m-%d} {case.ahead['event'].iloc[0]}"
    told = forecast_event(
        own.sales[pd.to_datetime(own.sales["date"], format="mixed") < case.cut_off],
        pd.concat([own.events.loc[before], rows.assign(event=name)], ignore_index=True),
        event=name,
        as_of=case.cut_off.date(),
        priors=priors,
        market=own.market,
    )
    return told.set_index("sku").reindex(case.truth.index)


def _table(own: _Own, case: _Case, said: pd.DataFrame) -> pd.DataFrame:
    skus, start = case.truth.index, case.ahead["start"].min()
    days = _days_of(own.whole, window_of(own.whole, case.ahead, own.rows), skus)
    table = _facts(case).assign(
        cut_off_on=case.cut_off,
        lead_days=int((start - case.cut_off).days),
        actual_units=case.truth.to_numpy(),
        mean_units=said["mean"].to_numpy(),
        **_quantiles(said),
        rule_units=_of(rule_units(case.then, days), skus),
        naive_units=_of(naive_units(case.then, days), skus),
    )
    is_covered = table["actual_units"].between(table["q10_units"], table["q90_units"])
    return table.assign(is_covered=is_covered)


def _told_by_peers(own: _Own, case: _Case, peers: Mapping[str, Peer]) -> pd.DataFrame:
    """Return what the peers say; one that fails on a SKU is held to the last week repeated."""
    if not peers:
        return pd.DataFrame()
    seen = windows_of(case.then, case.ahead, own.rows)
    facts = _facts(case).assign(actual=case.truth.to_numpy())
    place = pd.Index(case.then.keys["sku"]).get_indexer(facts["sku"])
    days = _days_of(own.whole, window_of(own.whole, case.ahead, own.rows), case.truth.index)
    naive = _of(naive_units(case.then, days), case.truth.index)
    parts = []
    for name, forecaster in peers.items():
        mean, quantiles = _asked(forecaster, seen, place)
        failed = ~np.isfinite(mean)
        levels = dict(zip(LEVELS, np.where(failed, naive, quantiles.T), strict=True))
        parts.append(facts.assign(method=name, point=np.where(failed, naive, mean), **levels))
    return pd.concat(parts, ignore_index=True)[[*TOLD_COLUMNS, *LEVELS]]


def _asked(forecaster: Peer, seen: Windows, place: Codes) -> tuple[Floats, Floats]:
    try:
        told = forecaster(seen)
    except FAILURES:
        return np.full(len(place), np.nan), np.full((len(place), len(LEVELS)), np.nan)
    return told.mean[place], told.quantiles[place]


def _truth(whole: Panel, window: Flags) -> pd.Series:
    """Return units sold by SKU, of those known and in stock on all days of the event."""
    counts = whole.is_known & ~whole.is_stock_out
    told = window.any(axis=1) & (counts | ~window).all(axis=1)
    sums = (whole.units * window).sum(axis=1)
    return pd.Series(sums[told], index=pd.Index(whole.keys["sku"][told]))


def _days_of(whole: Panel, window: Flags, skus: pd.Index) -> pd.DataFrame:
    series, column = np.nonzero(window & whole.keys["sku"].isin(skus).to_numpy()[:, None])
    keys = whole.keys[KEYS].take(series).reset_index(drop=True)
    return keys.assign(day=whole.days.take(column), phase="sale")


def _facts(case: _Case) -> pd.DataFrame:
    """Return who and what each window is, and the SKU's past promotions at the cut-off."""
    then, skus = case.then, case.truth.index
    sale = then.is_promo & then.is_known
    event = np.where(sale, then.event, -1)
    before = np.pad(event, ((0, 0), (1, 0)), constant_values=-1)[:, :-1]
    runs = pd.Series((sale & (before != event)).sum(axis=1), index=then.keys["sku"])
    return pd.DataFrame({"sku": pd.array(skus, dtype="str")}).assign(
        shop=OWN,
        market=NOWHERE,
        event=str(case.ahead["event"].iloc[0]),
        kind=str(case.ahead["kind"].iloc[0]),
        starts_on=case.ahead["start"].min(),
        past_events=runs.reindex(skus).astype("int64").to_numpy(),
    )


def _quantiles(said: pd.DataFrame) -> dict[str, np.ndarray]:
    told = said.reindex(columns=[name.removesuffix("_units") for name in LEVELS])
    return dict(zip(LEVELS, told.to_numpy(dtype=float).T, strict=True))


def _of(units: pd.Series, skus: pd.Index) -> np.ndarray:
    return units.droplevel([0, 1]).reindex(skus).to_numpy()


def _skipped(ahead: pd.DataFrame, reason: str) -> OwnReplay:
    row = {"event": ahead["event"].iloc[0], "starts_on": ahead["start"].min(), "reason": reason}
    return OwnReplay(empty(Backtest), pd.DataFrame(), pd.DataFrame([row]))


def _joined(found: list[OwnReplay]) -> OwnReplay:
    def stacked(name: str, blank: pd.DataFrame) -> pd.DataFrame:
        parts = [getattr(one, name) for one in found if len(getattr(one, name))]
        return pd.concat(parts, ignore_index=True) if parts else blank

    none = pd.DataFrame({"event": [], "starts_on": [], "reason": []})
    return OwnReplay(
        stacked("replay", empty(Backtest)),
        stacked("peers", pd.DataFrame()),
        stacked("skipped", none),
    )
