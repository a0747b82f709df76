"""Past plans: the editions of an event that a history holds, each as the plan it then was."""

from datetime import timedelta

import pandas as pd

from planner.campaign import MarketPlan, Phases
from planner.demand.clean import KEYS
from planner.demand.dips import SMALL_KINDS
from planner.frozen import Span
from planner.intake.stock_outs import stock_outs
from planner.tables import PROMO_PHASES, StockHistory, empty

MIN_HISTORY_DAYS = 28
"""Days a replay needs before its cut-off. [days]"""
EDITION_GAP_DAYS = 14
"""Days of one name with a longer gap between them are two editions of an event. [days]"""
JUDGED_DAYS = 112
"""Days before a cut-off from which lack of stock is judged again. [days]"""


def past_plans(
    events: pd.DataFrame, market: str, *, end: pd.Timestamp, start: pd.Timestamp | None = None
) -> list[MarketPlan]:
    """Return the events of a market that began from `start` on and were over by `end`, in order.

    Parameters
    ----------
    events : DataFrame
        Table `Events`.
    market : str
    end : Timestamp
        Last day known.
    start : Timestamp, optional
        Earlier beginnings are left out.

    Notes
    -----
    Days of one name more than two weeks apart are two editions. The past is taken as it was:
    phases need not follow each other without a gap. An event without a sale phase is none;
    small ones count only where there is no other.
    """
    rows = events[events["market"] == market].reset_index(drop=True)
    rows = rows.assign(edition=editions(rows["event"], rows["starts_on"], rows["ends_on"]))
    spans = rows.groupby("edition").agg(
        starts_on=("starts_on", "min"), ends_on=("ends_on", "max"), kind=("kind", "first")
    )
    with_sale = spans.index.isin(rows.loc[rows["phase"] == "sale", "edition"])
    over = spans[(spans["ends_on"] <= end) & with_sale]
    major = over[~over["kind"].isin(SMALL_KINDS)]
    chosen = over if major.empty else major
    if start is not None:
        chosen = chosen[chosen["starts_on"] >= start]
    in_order = chosen.sort_values("ends_on", kind="stable").index
    return [_plan_of(rows[rows["edition"] == edition]) for edition in in_order]


def editions(event: pd.Series, starts_on: pd.Series, ends_on: pd.Series) -> pd.Series:
    """Return the edition each row of days belongs to, numbered from 0 by name and first day.

    Parameters
    ----------
    event, starts_on, ends_on : Series
        Aligned; both days included.

    Examples
    --------
    >>> days = pd.to_datetime(pd.Series(["2024-11-11", "2025-11-11", "2025-11-12"]))
    >>> editions(pd.Series(["11.11"] * 3), days, days).tolist()
    [0, 1, 1]
    """
    rows = pd.DataFrame({"event": event, "start": starts_on, "end": ends_on})
    rows = rows.sort_values(["event", "start"], kind="stable")
    until = rows.groupby("event")["end"].cummax().groupby(rows["event"]).shift()
    is_new = ~(rows["start"] - until <= pd.Timedelta(days=EDITION_GAP_DAYS))
    return (is_new.cumsum() - 1).reindex(event.index)


def known_then(
    part: pd.DataFrame, cut_off: pd.Timestamp, *, stock_history: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the daily sales before a cut-off, without marks that later days alone explain.

    Parameters
    ----------
    part : DataFrame
        Table `DailySales`.
    cut_off : Timestamp
        First day not known.
    stock_history : DataFrame, optional
        Table `StockHistory`.

    Notes
    -----
    That a SKU stood empty between its last sale and the cut-off is often told only by sales
    after it. Series with such marks are judged again from the weeks before the cut-off alone.
    """
    known = part[part["day"] < cut_off].sort_values([*KEYS, "day"]).reset_index(drop=True)
    keys = [known[key] for key in KEYS]
    sold_on = known["day"].where(known["units"] > 0)
    is_silent = known["day"] > sold_on.groupby(keys).transform("max").fillna(pd.Timestamp.min)
    is_doubtful = is_silent & known["is_stock_out"]
    if not is_doubtful.any():
        return known
    recent = known["day"] >= cut_off - pd.Timedelta(days=JUDGED_DAYS)
    again = known[is_doubtful.groupby(keys).transform("any") & recent]
    reports = empty(StockHistory) if stock_history is None else stock_history
    told = stock_outs(again, reports[reports["day"] < cut_off])["is_stock_out"].astype(bool)
    marks = known["is_stock_out"].mask(is_silent, told.reindex(known.index, fill_value=False))
    return known.assign(is_stock_out=marks.astype(bool))


def _plan_of(rows: pd.DataFrame) -> MarketPlan:
    days = rows.groupby("phase").agg(start=("starts_on", "min"), end=("ends_on", "max"))
    phases = {
        name: Span.model_construct(start=row["start"].date(), end=row["end"].date())
        for name, row in days.iterrows()
    }
    return MarketPlan.model_construct(
        event=str(rows["event"].iloc[0]),
        kind=rows["kind"].iloc[0],
        phases=Phases.model_construct(**{**dict.fromkeys(PROMO_PHASES), **phases}),
        next_replenishment_on=max(span.end for span in phases.values()) + timedelta(days=1),
    )
