"""The answer of each notebook: one sentence, three or four big numbers, the evidence.

A review meeting reads only this. A step before its time says so; a figure that
is not known is called unknown, and SKUs of grade D never enter a sum.
"""

from typing import Any

import pandas as pd

from planner.pages.big_numbers import (
    BETWEEN_SENTENCES,
    LARGE_MONEY,
    answer,
    big_number,
    early,
    large_money,
    large_number,
)
from planner.pages.blocks import Block
from planner.pages.headline_clean import clean_headline
from planner.pages.headline_forecast import forecast_headline
from planner.pages.headline_review import review_headline
from planner.pages.headline_track import track_headline
from planner.pages.kinds import tell_text
from planner.pages.summary import summary
from planner.pages.telling import tell_number, tell_range
from planner.words import say

__all__ = [
    "clean_headline",
    "forecast_headline",
    "plan_headline",
    "review_headline",
    "summary",
    "track_headline",
]


def plan_headline(
    plan: pd.DataFrame,
    ship: pd.DataFrame,
    costs: pd.DataFrame,
    alerts: pd.DataFrame,
    lang: str,
    currency: str | None = None,
) -> Block:
    """Return the decision: units to order, money, the first day by which goods must leave.

    Parameters
    ----------
    plan, ship, costs, alerts : DataFrame
        Tables `StockPlan`, `ShipLines`, `CostLines` and `Alerts`.
    lang : {"zh", "en"}
    currency : str, optional
        Without it that of the costs.
    """
    if plan.empty:
        return early("head.plan_empty", lang)
    told = summary(plan, None, alerts, costs, ship=ship)
    units = tell_number(told["order_units"], "order_units", lang)
    first = told["first_ship_by"] or say("word.unknown", lang)
    mode = say(f"mode.{told['first_mode']}", lang) if told["first_mode"] else ""
    stops = told["alerts"]["stop"]
    money_of = currency or told["currency"]
    numbers = [
        big_number(
            "order_units", units, lang, note=_unsure_note(plan, lang), unit_term="unit.units"
        ),
        _profit_number(plan, money_of, lang),
        _cost_number(told, money_of, lang),
        big_number("head.first_ship_by", first, lang, note=mode),
    ]
    sentences = [
        _order_told(plan, told, lang, units=units, day=first, mode=mode),
        _stake_told(plan, money_of, lang),
        say("head.plan_stops", lang, count=stops) if stops else "",
    ]
    sentence = BETWEEN_SENTENCES[lang].join(part for part in sentences if part)
    return answer(sentence, numbers, lang, grades=told["grades"], tone="stop" if stops else "")


def _order_told(plan: pd.DataFrame, told: dict[str, Any], lang: str, **facts: str) -> str:
    """Return what to order and by when, or why nothing is asked for."""
    skus = told["order_skus"]
    blind = plan[~plan["is_stock_known"] & (plan["order_units"] > 0)]
    unsure = int((~plan["is_stock_known"] | (plan["grade"] == "D")).sum())
    if not told["order_units"]:
        term = "head.plan_unsure" if unsure else "head.plan_nothing"
    elif len(blind) == skus:
        term = "head.plan_stock_blind"
    else:
        term = "head.plan" if told["first_ship_by"] else "head.plan_no_date"
    sentence = say(term, lang, skus=skus, count=unsure, **facts)
    if term == "head.plan_stock_blind" or blind.empty:
        return sentence
    most = tell_number(blind["order_units"].sum(), "order_units", lang)
    part = say("head.plan_stock_part", lang, skus=len(blind), units=most)
    return sentence + BETWEEN_SENTENCES[lang] + part


def _stake_told(plan: pd.DataFrame, currency: str, lang: str) -> str:
    """Return what the plan earns, misses and leaves; nothing where no SKU's profit is known.

    Units need no cost: they are of all SKUs that the order is of, profit of those that know it.
    """
    sure = plan[plan["grade"] != "D"]
    if sure["expected_profit"].isna().all():
        return ""
    return say(
        "head.plan_stake",
        lang,
        profit=large_money(sure["expected_profit"].sum(), currency, lang),
        lost=tell_number(sure["lost_units"].sum(), "_units", lang),
        left=tell_number(sure["leftover_units"].sum(), "_units", lang),
    )


def _profit_number(plan: pd.DataFrame, currency: str, lang: str) -> dict[str, str]:
    sure = plan[plan["grade"] != "D"]
    unknown = int(sure["expected_profit"].isna().sum())
    note = say("head.profit_unknown", lang, count=unknown) if unknown else ""
    if sure["expected_profit"].isna().all():
        return big_number("expected_profit", say("word.unknown", lang), lang, note=note)
    profit = float(sure["expected_profit"].sum())
    value, unit = tell_number(profit, "_profit", lang, decimals=0), tell_text(currency)
    if abs(profit) >= LARGE_MONEY:
        value, word = large_number(profit, lang)
        unit = f"{word} {unit}"
    tone = "warn" if unknown else ""
    return big_number("expected_profit", value, lang, note=note, tone=tone) | {"unit": unit}


def _cost_number(told: dict[str, Any], currency: str, lang: str) -> dict[str, str]:
    missing = len(told["cost_unknown_terms"])
    note = say("head.cost_unknown", lang, count=missing) if missing else ""
    if told["cost"] is None:
        return big_number("head.cost", say("word.unknown", lang), lang, note=note)
    value = tell_number(told["cost"], "_cost", lang, decimals=0)
    told_cost = big_number("head.cost", value, lang, note=note, tone="warn" if missing else "")
    return told_cost | {"unit": tell_text(currency)}


def _unsure_note(plan: pd.DataFrame, lang: str) -> str:
    unsure = plan[plan["grade"] == "D"]
    if unsure.empty:
        return ""
    told = tell_range(unsure["low_units"].sum(), unsure["high_units"].sum(), "_units", lang)
    return say("head.range_only", lang, count=len(unsure), range=told)
