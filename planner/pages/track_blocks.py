"""Blocks of notebook 04: from each long table the rows and columns that a decision needs today.

The sentence that answers for each stands in `track_answers`; here is the evidence: first the rows
that ask for something, the others folded.
"""

import pandas as pd

from planner.pages.blocks import Block, show_table
from planner.pages.telling import tell_date, tell_number
from planner.season.stock.partitions import is_told
from planner.season.stock.receipts import shares_shelf
from planner.supply.trips.stage_parts import PREPARATION
from planner.words import say

KEYS = ["market", "sku"]
FIRST_COLUMNS = [
    "sku", "action", "where", "units", "event_last_at", "last_useful_at", "together_profit",
    "step_event_profit", "reason",
]  # fmt: skip
ACTION_COLUMNS = [
    "sku", "action", "where", "units", "last_useful_at", "worth_now_profit", "event_profit",
    "reason",
]  # fmt: skip
DAILY_COLUMNS = [
    "market", "sku", "day", "yesterday_units", "change_units", "known_units", "unexplained_units",
    "stock_units", "cover", "action", "action_units", "act_by",
]  # fmt: skip
REST_COLUMNS = [
    "sku", "sold_units", "planned_rest_units", "rest_q10_units", "rest_q50_units",
    "rest_q90_units", "width_ratio", "is_censored",
]  # fmt: skip
COVER_COLUMNS = [
    "sku", "stock_units", "due_units", "next_day_units", "cover_hours", "low_cover_hours",
    "runs_out_at", "low_runs_out_at", "lost_units", "lost_profit",
]  # fmt: skip
SESSION_COLUMNS = [
    "starts_at", "shop", "creator", "sku", "session_units", "session_need_units", "stock_units",
    "short_units", "reason",
]  # fmt: skip
STAGE_COLUMNS = [
    "warehouse", "sku", "in_transit_units", "arrived_units", "checked_units", "sellable_units",
    "next_batch", "overdue_units", "platform_units", "platform_gap_units", "reason",
]  # fmt: skip
RECEIPT_COLUMNS = [
    "shipment", "sku", "sent_units", "arrived_on", "came_units", "checked_on", "checked_units",
    "sellable_on", "sellable_units", "stuck_units", "reason",
]  # fmt: skip
CHECK_COLUMNS = [
    "sku", "from_on", "to_on", "opening_units", "sold_units", "shelved_units", "moved_units",
    "closing_units", "unexplained_units", "gone_cost", "reason",
]  # fmt: skip
PARTITION_COLUMNS = [
    "warehouse", "sku", "channel", "sold_units", "limit_units", "over_units", "over_profit",
    "reason",
]  # fmt: skip
DELAY_COLUMNS = [
    "shipment", "sku", "mode", "units", "passed_stage", "planned_shelf_on",
    "expected_shelf_on", "lost_profit", "faster",
]  # fmt: skip
MILESTONE_COLUMNS = ["shipment", "sku", "mode", "stage", "planned_on", "actual_on", "late_days"]
SHIPMENT = ["market", "shipment", "sku"]
HOURS = 24
NEXT = 6
"""Rows on screen before the rest."""
LEAST_SHARE = 0.05
"""Of the money of the best SKU's actions: what adds less is folded (house judgement). [share]"""
SENT = "sent"
"""What is told of goods that left and of which nothing was heard since."""


def worth_doing(choices: pd.DataFrame) -> pd.DataFrame:
    """Return what to do, each SKU's actions together in their order, the most money on top.

    Parameters
    ----------
    choices : DataFrame
        Table `ActionChoices`.

    Returns
    -------
    DataFrame
        Rows of `ActionChoices` of which each adds at least `LEAST_SHARE` of what the best SKU's
        add together; its `step_profit` may be added up.
    """
    steps = choices[choices["step_rank"].notna()]
    whole = steps.groupby(KEYS)["step_profit"].transform("sum")
    rows = steps.assign(least=-whole)
    rows = rows[rows["step_profit"] >= LEAST_SHARE * whole.max()] if len(rows) else rows
    return rows.sort_values(["least", *KEYS, "step_rank"]).drop(columns="least")


def show_first(choices: pd.DataFrame, lang: str) -> Block:
    """Return what to do for each SKU, what goes together in a row, each with its clock and money.

    Parameters
    ----------
    choices : DataFrame
        Table `ActionChoices`.
    lang : {"zh", "en"}
    """
    rows = worth_doing(choices).rename(columns={"step_profit": "together_profit"})
    return show_table(rows, lang, columns=FIRST_COLUMNS, empty_term="", cards_on_phone=True)


def show_others(choices: pd.DataFrame, lang: str) -> Block:
    """Return what else could be done, and what no longer can, folded.

    Parameters
    ----------
    choices : DataFrame
        Table `ActionChoices`.
    lang : {"zh", "en"}
    """
    rows = choices.drop(index=worth_doing(choices).index)
    rows = rows.rename(columns={"value_profit": "worth_now_profit"})
    return show_table(rows, lang, columns=ACTION_COLUMNS, empty_term="", fold_term="fold.choices")


def show_daily(daily: pd.DataFrame, lang: str) -> Block:
    """Return the daily check of every SKU; folded, `track.xlsx` begins with it.

    Parameters
    ----------
    daily : DataFrame
        Table `DailyCheck`.
    lang : {"zh", "en"}
    """
    return show_table(daily, lang, columns=DAILY_COLUMNS, empty_term="", fold_term="fold.daily")


def show_rest(rest: pd.DataFrame, lang: str) -> Block:
    """Return the rest of the event by SKU, those that stray most from the plan first; folded.

    Parameters
    ----------
    rest : DataFrame
        Table `RestOfEvent`.
    lang : {"zh", "en"}
    """
    off = (rest["rest_mean_units"] - rest["planned_rest_units"]).abs()
    rows = rest.loc[off.sort_values(ascending=False, kind="stable").index]
    return show_table(rows, lang, columns=REST_COLUMNS, empty_term="", fold_term="fold.rest")


def show_cover(cover: pd.DataFrame, lang: str) -> Block:
    """Return how long each shelf lasts, the first to run out on top.

    Parameters
    ----------
    cover : DataFrame
        Table `CoverHours`.
    lang : {"zh", "en"}
    """
    ends = int((cover["stock_out_rate"] > 0).sum())
    rows = cover.assign(next_day_units=cover["hour_units"] * HOURS, due_units=cover["coming_units"])
    return show_table(rows, lang, columns=COVER_COLUMNS, empty_term="", first=max(ends, 1))


def show_sessions(sessions: pd.DataFrame, lang: str) -> Block:
    """Return what each live session ahead needs on the shelf, those that are short first.

    Parameters
    ----------
    sessions : DataFrame
        Table `SessionStock`.
    lang : {"zh", "en"}
    """
    rows = sessions.assign(is_short=sessions["short_units"] > 0)
    rows = rows.sort_values("is_short", ascending=False, kind="stable")
    short = int(rows["is_short"].sum())
    return show_table(rows, lang, columns=SESSION_COLUMNS, empty_term="", first=max(short, 1))


def show_stages(stages: pd.DataFrame, lang: str) -> Block:
    """Return units by stage and what the platform shows, gaps first.

    Parameters
    ----------
    stages : DataFrame
        Table `StockStages`.
    lang : {"zh", "en"}
    """
    gaps = int((stages["platform_gap_units"].fillna(0).ne(0) & ~shares_shelf(stages)).sum())
    rows = stages.assign(next_batch=[_batch(row, lang) for row in stages.itertuples()])
    return show_table(rows, lang, columns=STAGE_COLUMNS, empty_term="", first=max(gaps, NEXT))


def _batch(row: object, lang: str) -> str:
    """Return how many become sellable next and when: rarely all that is under way."""
    if pd.isna(row.next_on):
        return ""
    units = tell_number(row.next_units, "next_units", lang)
    return say("word.batch", lang, units=units, day=tell_date(row.next_on, "next_on", lang))


def show_receipts(receipts: pd.DataFrame, lang: str) -> Block:
    """Return what came of each shipment, stuck and missing units first; folded.

    Parameters
    ----------
    receipts : DataFrame
        Table `Receipts`.
    lang : {"zh", "en"}
    """
    return show_table(
        receipts, lang, columns=RECEIPT_COLUMNS, empty_term="", fold_term="fold.receipts"
    )


def show_checks(checks: pd.DataFrame, lang: str) -> Block:
    """Return the spans between counts that nobody explains, the widest first; folded.

    Parameters
    ----------
    checks : DataFrame
        Table `StockCheck`.
    lang : {"zh", "en"}
    """
    rows = checks[checks["unexplained_units"] != 0]
    rows = rows.rename(columns={"inbound_units": "shelved_units"})
    spare = [] if (rows["gone_cost"] > 0).any() else ["gone_cost"]
    named = [name for name in CHECK_COLUMNS if name not in spare]
    return show_table(rows, lang, columns=named, empty_term="", fold_term="fold.checks")


def show_partitions(partitions: pd.DataFrame, lang: str) -> Block:
    """Return what each channel sold of what the plan lets it, breaches first.

    Parameters
    ----------
    partitions : DataFrame
        Table `PartitionUse`.
    lang : {"zh", "en"}
    """
    told = int(is_told(partitions).sum())
    return show_table(
        partitions, lang, columns=PARTITION_COLUMNS, empty_term="", first=max(told, 3)
    )


def late_shipments(delays: pd.DataFrame) -> pd.DataFrame:
    """Return one row per shipment and SKU that comes late, with the last stage it is known to pass.

    Parameters
    ----------
    delays : DataFrame
        Table `MilestoneDelays`.

    Returns
    -------
    DataFrame
        Rows of `MilestoneDelays` with `passed_stage` and `passed_on`, blank where no stage is
        known to be over; goods that left and were not heard of since are `sent`. The dearest
        first.
    """
    is_late = delays["expected_shelf_on"] > delays["planned_shelf_on"]
    passed = delays[delays["actual_on"].notna()].sort_values("place")
    passed = passed.drop_duplicates(SHIPMENT, keep="last")
    passed = passed.rename(columns={"stage": "passed_stage", "actual_on": "passed_on"})
    rows = delays[is_late].drop_duplicates(SHIPMENT)
    rows = rows.merge(passed[[*SHIPMENT, "passed_stage", "passed_on"]], on=SHIPMENT, how="left")
    rows["passed_stage"] = rows["passed_stage"].fillna("").replace(dict.fromkeys(PREPARATION, SENT))
    return rows.sort_values("lost_profit", ascending=False, na_position="last")


def show_delays(delays: pd.DataFrame, lang: str) -> Block:
    """Return the shipments that come late, what that costs, and the faster way.

    Parameters
    ----------
    delays : DataFrame
        Table `MilestoneDelays`.
    lang : {"zh", "en"}
    """
    late = late_shipments(delays)
    named = zip(late["reason"], late["faster_profit"], late["currency"], strict=True)
    rows = late.assign(faster=[_faster(*of) for of in named])
    return show_table(rows, lang, columns=DELAY_COLUMNS, empty_term="")


def _faster(reason: str, profit: float, currency: str) -> str:
    """Return what a shipment's reason says of faster ways, with the money of one that pays."""
    told = reason.partition(";")[2] or "reason.milestone_no_faster"
    return f"{told}|gain={currency} {profit:,.0f}" if profit > 0 else told


def show_milestones(delays: pd.DataFrame, lang: str) -> Block:
    """Return the stages of all shipments against their plan, the latest first; folded.

    Parameters
    ----------
    delays : DataFrame
        Table `MilestoneDelays`.
    lang : {"zh", "en"}
    """
    return show_table(
        delays, lang, columns=MILESTONE_COLUMNS, empty_term="", fold_term="fold.milestones"
    )
