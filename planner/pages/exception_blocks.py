"""Blocks of notebook 04: how old the data is, orders that wait, and the exception log.

Each section begins with one sentence that answers; the tables are the evidence.
"""

import pandas as pd

from planner.pages.big_numbers import money, spoken
from planner.pages.blocks import Block, show_table
from planner.pages.telling import tell_date
from planner.season.platform.exceptions import CLOSED
from planner.words import say

AGE_COLUMNS = [
    "shop", "orders_until_at", "behind_hours", "counted_at", "count_age_hours", "new_files_count",
]  # fmt: skip
AGEING_COLUMNS = [
    "shop", "order_id", "sku", "units", "dispatch_by", "hours_left", "cancel_at", "reason",
]  # fmt: skip
LOG_COLUMNS = [
    "case_kind", "about", "sku", "happened_on", "proof", "owner", "act_until_at", "case_state",
    "stake",
]  # fmt: skip
TICKET_COLUMNS = [
    "case", "send_to", "ticket_about", "sku", "proof", "screenshot", "appeal_by", "appeal_round",
    "owner",
]  # fmt: skip
OLD = "data_old"
"""Row of the register `Bounds`: orders known only until so many hours ago are called old. [h]"""
FIRST_ROWS = 6


def ages_answer(ages: pd.DataFrame, lang: str, *, bounds: pd.DataFrame | None = None) -> Block:
    """Return how old what the page knows is.

    Parameters
    ----------
    ages : DataFrame
        Table `DataAges`.
    lang : {"zh", "en"}
    bounds : DataFrame, optional
        Register `Bounds`: from how many hours on data are called old; without it none are.
    """
    if ages.empty:
        return spoken([say("answer.ages_none", lang)], lang)
    oldest = ages.iloc[0]
    new = int(ages["new_files_count"].sum())
    facts = {"shop": oldest["shop"], "files": new}
    if pd.isna(oldest["behind_hours"]):
        return spoken([say("answer.ages_unknown", lang, **facts)], lang)
    at = tell_date(oldest["orders_until_at"], "orders_until_at", lang)
    most = pd.Series(dtype=float) if bounds is None else bounds.loc[bounds["rule"] == OLD, "high"]
    is_old = len(most) and oldest["behind_hours"] >= most.iloc[-1]
    hours = f"{oldest['behind_hours']:.0f}"
    if is_old:
        return spoken([say("answer.ages_old", lang, at=at, hours=hours, **facts)], lang)
    told = [say("answer.ages_until", lang, at=at)]
    told += [say("answer.ages_behind", lang, hours=hours)] if hours != "0" else []
    told += [say("answer.ages_new", lang, files=new)] if new else []
    return spoken(told, lang)


def show_ages(ages: pd.DataFrame, lang: str) -> Block:
    """Return up to when orders and stock of each shop are known, the oldest first."""
    return show_table(ages, lang, columns=AGE_COLUMNS, empty_term="", fold_term="fold.ages")


def ageing_answer(ageing: pd.DataFrame, lang: str) -> Block:
    """Return how many orders are late and how many soon will be.

    Parameters
    ----------
    ageing : DataFrame
        Table `AgeingOrders`.
    lang : {"zh", "en"}
    """
    late = ageing[ageing["hours_left"] <= 0]
    soon = ageing[ageing["hours_left"] > 0]
    if ageing.empty:
        return spoken([say("answer.ageing_none", lang)], lang)
    told = [say("answer.ageing_late", lang, count=len(late))] if len(late) else []
    if len(soon):
        first = f"{soon['dispatch_by'].min():%Y-%m-%d} 24:00"
        told.append(say("answer.ageing_soon", lang, count=len(soon), by=first))
    unruled = int(ageing["hours_left"].isna().sum())
    if unruled:
        told.append(say("answer.ageing_unruled", lang, count=unruled))
    return spoken(told, lang)


def show_ageing(ageing: pd.DataFrame, lang: str) -> Block:
    """Return the orders that wait, the longest waiting first."""
    return show_table(ageing, lang, columns=AGEING_COLUMNS, empty_term="", first=FIRST_ROWS)


def log_answer(log: pd.DataFrame, lang: str) -> Block:
    """Return how many cases are open, who has none, and the nearest deadline.

    Parameters
    ----------
    log : DataFrame
        Table `Exceptions`.
    lang : {"zh", "en"}
    """
    seen = log[log["is_seen"]]
    is_open = ~seen["case_state"].isin(CLOSED)
    cases, closed = seen[is_open], seen[~is_open]
    told = [say("answer.cases_none", lang)]
    if len(cases):
        stake = cases["stake"]
        amount = say("word.unknown", lang)
        if stake.notna().any():
            amount = money(stake.sum(), cases["currency"].iloc[0], lang)
        told = [
            say(
                "answer.cases", lang, count=len(cases), money=amount,
                free=int((cases["owner"] == "").sum()),
            )
        ]  # fmt: skip
        first = cases["act_until_at"].min()
        if pd.notna(first):
            told.append(say("answer.cases_by", lang, by=tell_date(first, "act_until_at", lang)))
        unknown = int(stake.isna().sum())
        if 0 < unknown < len(cases):
            told.append(say("answer.cases_unpriced", lang, count=unknown))
        again = int(cases["is_reopened"].sum())
        if again:
            told.append(say("answer.cases_reopened", lang, count=again))
    if len(closed):
        told.append(say("answer.cases_again", lang, count=len(closed)))
    return spoken(told, lang)


def show_log(log: pd.DataFrame, lang: str) -> Block:
    """Return the exception log, the nearest deadline on top; its state where cases differ in it.

    The case's own mark stands in `exceptions.csv` and `track.xlsx`, where it is needed.
    """
    spare = ["case_state"] if log["case_state"].nunique() < 2 else []
    named = [name for name in LOG_COLUMNS if name not in spare]
    rows = log.rename(columns={"happened_at": "happened_on"})
    return show_table(rows, lang, columns=named, empty_term="", first=FIRST_ROWS)


def show_tickets(tickets: pd.DataFrame, lang: str) -> Block:
    """Return the tickets and appeals to send; folded, `track.xlsx` holds them too."""
    rows = tickets.rename(columns={"order_id": "ticket_about"})
    is_appeal = (rows["send_to"] == "platform").any()
    named = [name for name in TICKET_COLUMNS if is_appeal or not name.startswith("appeal_")]
    return show_table(rows, lang, columns=named, empty_term="", fold_term="fold.tickets")
